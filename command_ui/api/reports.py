"""How does a program read, write, send and print reports of an incident?"""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from command_ui.access import unmasking
from command_ui.access.roles import signed_in
from command_ui.api import answers, shapes
from command_ui.api.personal import Reason, trace_of
from command_ui.api.reading import IdempotencyKey, StrictRoute
from command_ui.reports.desk import Papers, Wanted
from command_ui.reports.paper import Paper
from command_ui.reports.press import Format, Press, Printed
from scenarios.clocks import Clock
from scenarios.reports.events import ReportChannel, ReportSent, Stage
from scenarios.reports.fold import Sent

Json = dict[str, Any]
OneForm = Literal["incident", "ics209", "minutes"]
Language = Literal["zh", "en"]
EntryNumber = Annotated[int, Field(ge=1, le=2**53)]


class Typed(shapes.Shape):
    """
    What a person typed: `edits` by field code, each `{"text": …}` or plain text; who sends it to whom.

    Fields that are not edited say what the record says when the report goes up.
    """

    edits: dict[Annotated[str, Field(max_length=40)], Json | str] = Field(default_factory=dict, max_length=40)
    sent_to: shapes.Line = ""
    issuer: shapes.Line = ""
    signer: shapes.Line = ""
    contact: shapes.Line = ""


class Draft(Typed):
    """A draft to keep; `revision` is that of the draft it goes on from, 0 for a new one."""

    form: OneForm = "incident"
    revision: Annotated[int, Field(ge=0, le=2**31)] = 0


class Send(Typed):
    """A report to send; `stage` null = the one that is due: first, then follow-ups."""

    form: OneForm = "incident"
    stage: Stage | None = None
    channel: ReportChannel = "written"
    language: Language = "zh"
    sent_at: AwareDatetime | None = None


class Answered(shapes.Shape):
    """A receipt 回执 of whoever received a report."""

    answered_by: Annotated[str, Field(min_length=1, max_length=200)]
    answered_at: AwareDatetime | None = None
    text: shapes.Prose = ""


class Deadline(BaseModel):
    """A deadline; `left_s` is negative when it has passed."""

    code: str
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    state: str
    left_s: int
    basis: str
    source: str
    cause: int | None


class ReportLine(BaseModel):
    """One sentence, the entries it says again, and whether it changed against the last report."""

    text: str
    sources: list[int]
    changed: bool
    was: str


class ReportField(BaseModel):
    """One field; `filled` is what the record says, `edited` whether a person wrote it otherwise."""

    code: str
    title: str
    block: str
    by_hand: bool
    needed: bool
    edited: bool
    filled: str
    lines: list[ReportLine]


class Report(BaseModel):
    """A report: the one that would go up now, or one that did (then `entry` and `hash` are its own)."""

    form: str
    stage: str
    channel: str
    number: int
    title: str
    stage_text: str
    paper_number: str
    sent_to: str
    issuer: str
    signer: str
    contact: str
    sent_at: datetime | None
    filled_from: int
    entry: int | None
    hash: str
    missing: list[str]
    fields: list[ReportField]


class SentReport(BaseModel):
    """One report that went up."""

    entry: int
    hash: str
    form: str
    stage: str
    number: int
    channel: str
    title: str
    sent_to: str
    sent_by: str
    sent_at: datetime
    recorded_at: datetime
    answers: list[Json]


class Reports(BaseModel):
    """Reports of an incident, oldest first, and its deadlines."""

    reports: list[SentReport]
    deadlines: list[Deadline]


class Kept(BaseModel):
    """A draft as it is kept."""

    revision: int
    saved_at: datetime


class Policy(BaseModel):
    """One row of the policy of reporting; the row with the longest division prefix holds, our own before built-in."""

    division: str
    channel: str
    kind: str
    grade: str
    event: str
    minutes: int
    valid_from: date | None
    valid_until: date | None
    basis: str
    source: str
    trust: str
    own: bool


PRINTED: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/pdf": {},
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document": {},
        }
    }
}
"""What a paper comes as, for the document of the interface."""


def router(papers: Papers, press: Press) -> APIRouter:
    """Build the routes of reports."""
    routes = APIRouter(route_class=StrictRoute, tags=["reports"])
    desk = papers.desk.reports

    @routes.get("/reporting-policies")
    def policies() -> list[Policy]:
        """Give the rows that say by when a report is due, our own first."""
        return [Policy(**{name: getattr(row, name) for name in Policy.model_fields}) for row in desk.policies()]

    @routes.get("/incidents/{incident_id}/reports")
    def reports(incident_id: UUID) -> Reports:
        """List the reports of an incident and its deadlines."""
        caller = signed_in().caller()
        with papers.desk.database.transaction(caller) as connection:
            answers.seen(connection, incident_id, caller)
        known = papers.desk.situation(incident_id, caller=caller)
        return Reports(
            reports=[_sent(one) for one in known.reporting.sent],
            deadlines=[_deadline(clock) for clock in desk.clocks(known) if clock.code != "first_team"],
        )

    @routes.post("/incidents/{incident_id}/reports", status_code=201, responses={409: {"model": shapes.Problem}})
    def send(incident_id: UUID, body: Send, key: IdempotencyKey) -> shapes.Receipt:
        """Send a report: it is filled from the record, numbered and recorded word for word."""
        person = signed_in()
        person.require("report")
        wanted = Wanted(body.form, body.stage, body.channel, body.language)
        receipt = papers.send(incident_id, wanted, _typed(body), person.caller(), key=key, sent_at=body.sent_at)
        return answers.receipt(receipt)

    @routes.get("/incidents/{incident_id}/reports/draft")
    def draft(
        incident_id: UUID, form: OneForm = "incident", stage: Stage | None = None, channel: ReportChannel = "written",
        language: Language = "zh",
    ) -> Report:  # fmt: skip
        """Give the report as it would go up now, your own draft in it."""
        return _report(_draft(papers, incident_id, Wanted(form, stage, channel, language)))

    @routes.put("/incidents/{incident_id}/reports/draft", responses={409: {"model": shapes.Problem}})
    def keep(incident_id: UUID, body: Draft) -> Kept:
        """Keep your draft of a form; 409 when another window kept a later one."""
        person = signed_in()
        person.require("report")
        kept = desk.keep_draft(incident_id, body.form, _typed(body), body.revision, person.caller())
        return Kept(revision=kept.revision, saved_at=kept.saved_at)

    @routes.delete("/incidents/{incident_id}/reports/draft", status_code=204)
    def drop(incident_id: UUID, form: OneForm = "incident") -> Response:
        """Throw your draft of a form away."""
        person = signed_in()
        person.require("report")
        desk.drop_draft(incident_id, form, person.caller())
        return Response(status_code=204)

    @routes.get("/incidents/{incident_id}/reports/draft/file", response_class=Response, responses=PRINTED)
    def draft_file(
        incident_id: UUID, form: OneForm = "incident", stage: Stage | None = None, channel: ReportChannel = "written",
        language: Language = "zh", file_format: Annotated[Literal["pdf", "docx"], Query(alias="format")] = "pdf",
    ) -> Response:  # fmt: skip
        """Print the draft; what was not sent is not sealed."""
        person = signed_in()
        paper = _draft(papers, incident_id, Wanted(form, stage, channel, language))
        situation = papers.desk.situation(incident_id, caller=person.caller())
        return file(press.print(paper, situation, file_format, person.caller(), who=person.display_name))

    @routes.get("/incidents/{incident_id}/reports/{entry}")
    def one(incident_id: UUID, entry: EntryNumber) -> Report:
        """Give a report as it went up, word for word."""
        return _report(papers.sent(incident_id, entry, signed_in().caller())[0])

    @routes.get("/incidents/{incident_id}/reports/{entry}/file", response_class=Response, responses=PRINTED)
    def one_file(
        request: Request,
        incident_id: UUID,
        entry: EntryNumber,
        file_format: Annotated[Format, Query(alias="format")] = "pdf",
        reason: Reason = "",
    ) -> Response:
        """
        Print a report that went up: `pdf`, `sealed` (signed, PAdES) or `docx`.

        The person to be called is masked; with a `reason`, and the right, it is not, and the audit says so.
        """
        person = signed_in()
        caller = unmasking.allowed(person, reason) if reason else person.caller()
        paper, situation, _ = papers.sent(incident_id, entry, caller)
        if reason:
            with papers.desk.database.transaction(caller) as connection:
                unmasking.note(connection, person, f"report {incident_id}#{entry}", reason, trace_of(request))
        return file(press.print(paper, situation, file_format, person.caller(), who=person.display_name))

    @routes.post("/incidents/{incident_id}/reports/{entry}/answers", status_code=201)
    def answered(incident_id: UUID, entry: EntryNumber, body: Answered, key: IdempotencyKey) -> shapes.Receipt:
        """Record that a report was received 回执, with what was instructed."""
        person = signed_in()
        person.require("report")
        receipt = desk.answer(
            incident_id, entry, body.answered_by, body.text, person.caller(), answered_at=body.answered_at, key=key
        )
        return answers.receipt(receipt)

    return routes


def _draft(papers: Papers, incident_id: UUID, wanted: Wanted) -> Paper:
    caller = signed_in().caller()
    held = papers.desk.reports.draft(incident_id, wanted.form, caller)
    return papers.draft(incident_id, wanted, held.content if held else {}, caller)


def file(made: Printed) -> Response:
    """Answer with a printed paper, to be saved."""
    return Response(
        made.content,
        media_type=made.media_type,
        headers={"content-disposition": f'attachment; filename="{made.name}"', "cache-control": "private, no-store"},
    )


def _typed(body: Typed) -> Json:
    return {name: getattr(body, name) for name in Typed.model_fields}


def _report(paper: Paper) -> Report:
    return Report(
        form=paper.form, stage=paper.stage, channel=paper.channel, number=paper.number, title=paper.title,
        stage_text=paper.stage_text, paper_number=paper.paper_number, sent_to=paper.sent_to, issuer=paper.issuer,
        signer=paper.signer, contact=paper.contact, sent_at=paper.sent_at, filled_from=paper.seq,
        entry=paper.own[0] if paper.own else None, hash=paper.own[1] if paper.own else paper.hash,
        missing=list(paper.missing),
        fields=[
            ReportField(
                code=one.code, title=one.title, block=one.block, by_hand=one.by_hand, needed=one.needed,
                edited=one.edited, filled=one.filled,
                lines=[
                    ReportLine(text=line.text, sources=list(line.sources), changed=line.changed, was=line.was)
                    for line in one.lines
                ],
            )
            for one in paper.fields
        ],
    )  # fmt: skip


def _sent(one: Sent) -> SentReport:
    said: ReportSent = one.report
    return SentReport(
        entry=one.seq, hash=one.hash, form=said.form, stage=said.stage, number=said.number, channel=said.channel,
        title=said.title, sent_to=said.sent_to, sent_by=one.actor, sent_at=said.sent_at, recorded_at=one.recorded_at,
        answers=[
            {"entry": seq, "answered_by": answer.answered_by, "answered_at": answer.answered_at, "text": answer.text}
            for seq, answer in one.answers
        ],
    )  # fmt: skip


def _deadline(clock: Clock) -> Deadline:
    now = datetime.now(clock.due_at.tzinfo)
    return Deadline(
        code=clock.code, started_at=clock.started_at, due_at=clock.due_at, met_at=clock.met_at, state=clock.state(now),
        left_s=clock.left_s(now), basis=clock.basis, source=clock.source, cause=clock.cause,
    )  # fmt: skip
