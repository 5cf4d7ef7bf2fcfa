"""How does an incident become a paper, and a paper an entry? The room's desk and the words, brought together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from command_ui.reports.paper import Paper, as_fields, compose_fields, fields_sent, history_of
from command_ui.words import Language, say
from command_ui.words.titles import title_in
from gis.database import Caller
from gis.errors import InputError, MissingError
from layers import store
from scenarios import log
from scenarios.desk import Desk
from scenarios.log import Head, Receipt
from scenarios.reports.daily import Known, fill_daily
from scenarios.reports.desk import next_number, previous, stage_due
from scenarios.reports.events import Form, ReportChannel, ReportSent, Stage
from scenarios.reports.filling import fill
from scenarios.reports.fold import Sent
from scenarios.reports.rows import Issue
from scenarios.situation import Situation

Json = dict[str, Any]
CHOICES = ("sent_to", "issuer", "signer", "contact")
LONGEST = 20_000
"""Characters of one field; a report that is longer than a few pages is read by nobody."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report is being written: its form, stage (None = the one that is due), channel and language."""

    form: Form = "incident"
    stage: Stage | None = None
    channel: ReportChannel = "written"
    language: Language = "zh"


class Papers:
    """Papers of incidents as one caller may see them. Safe to share between threads."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def draft(self, incident_id: UUID, wanted: Wanted, content: Mapping[str, Any], caller: Caller) -> Paper:
        """
        Put a report together as it would go up now.

        Parameters
        ----------
        content
            What was typed: ``edits`` by field, and who sends it to whom; see `checked`.

        Raises
        ------
        MissingError
            No such incident in the caller's range and world.
        InputError
            What was typed is not what a draft holds.
        """
        head, known = self._known(incident_id, caller)
        return self._compose(head, known, wanted, checked(content), caller, number=None)

    def send(
        self, incident_id: UUID, wanted: Wanted, content: Mapping[str, Any], caller: Caller, *, key: UUID | None = None,
        sent_at: datetime | None = None,
    ) -> Receipt:  # fmt: skip
        """
        Record that the report went up, word for word as it is composed on what is known then.

        Raises
        ------
        ConflictError
            The first report went up already, or no first one yet.
        InputError
            It is sent to nobody, or what was typed is not what a draft holds.
        """
        typed, moment = checked(content), sent_at or datetime.now(UTC)
        head, before = self._known(incident_id, caller)
        stage = wanted.stage or stage_due(before.reporting, wanted.form, wanted.channel)
        wanted = replace(wanted, stage=stage)

        def write(known: Situation, number: int) -> ReportSent:
            paper = self._compose(head, known, wanted, typed, caller, number=number)
            return _as_event(paper, moment)

        return self.desk.reports.send(
            incident_id, write, caller, form=wanted.form, stage=stage, channel=wanted.channel, key=key
        )

    def sent(self, incident_id: UUID, report_seq: int, caller: Caller) -> tuple[Paper, Situation, Head]:
        """
        A report that went up, as it went up, with the situation it was filled from.

        Raises
        ------
        MissingError
            No such report.
        """
        head, now = self._known(incident_id, caller)
        one, then = self.desk.reports.sent(incident_id, report_seq, caller)
        before = tuple(other for other in now.reporting.of_form(one.report.form) if other.seq < one.seq)
        return _paper_of(one, head, title_in(now.title, one.report.language), before), then, head

    def daily(self, content: Mapping[str, Any], language: Language, caller: Caller) -> Paper:
        """Put the daily issue of the caller's duty room together."""
        typed, now = checked(content), datetime.now(UTC)
        known = self._all(caller)
        division = _division_of(caller)
        number = self.desk.reports.next_issue(division, caller)
        fields = compose_fields(fill_daily(known, now), typed["edits"], language, None)
        last = max((one.situation for one in known), key=lambda one: one.updated_at or _LONG_AGO, default=Situation())
        return Paper(
            form="daily", stage="issue", channel="written", number=number,
            paper_number=f"{division}-{now.year}-{number:03d}", incident="",
            code=", ".join(one.number for one in known[:4]),
            mode=caller.mode, language=language, fields=fields, seq=last.seq, hash=last.head_hash, made_at=now,
            **self._choices(typed, division, language, caller),  # type: ignore[arg-type]
        )  # fmt: skip

    def send_daily(
        self, content: Mapping[str, Any], language: Language, caller: Caller, *, key: UUID | None = None
    ) -> Issue:
        """
        Number the daily issue, keep it, and name it in the record of every incident in it.

        Raises
        ------
        InputError
            It is sent to nobody.
        """
        named = tuple(one.situation.incident_id for one in self._all(caller) if one.situation.status == "open")
        incidents = tuple(one for one in named if one is not None)

        def write(number: int) -> ReportSent:
            paper = replace(self.daily(content, language, caller), number=number)
            if not paper.sent_to.strip():
                raise InputError("sent_to: say to whom the report goes")
            return _as_event(paper, datetime.now(UTC))

        return self.desk.reports.send_issue(write, incidents, _division_of(caller), caller, key=key)

    def issue(self, issue_id: UUID, caller: Caller) -> Paper:
        """
        A daily issue that went out.

        Raises
        ------
        MissingError
            No such issue in the caller's divisions.
        """
        from scenarios.events import event_of

        held = next((one for one in self.desk.reports.issues(caller) if one.issue_id == issue_id), None)
        report = event_of(ReportSent.code, held.content) if held is not None else None
        if held is None or not isinstance(report, ReportSent):
            raise MissingError(f"there is no issue {issue_id}")
        division = _division_of(caller)
        return Paper(
            form="daily", stage="issue", channel="written", number=held.number,
            paper_number=f"{division}-{held.year}-{held.number:03d}", incident="", code="", mode=caller.mode,
            language=report.language, sent_to=report.sent_to, issuer=report.issuer, signer=report.signer,
            contact=report.contact, fields=fields_sent(report, report.language), seq=report.known_seq,
            hash=report.known_hash, made_at=held.sent_at, sent_at=report.sent_at,
        )  # fmt: skip

    def division_name(self, code: str, caller: Caller) -> str:
        """Name of a division, or its code where it has none here."""
        with self.desk.database.transaction(caller) as connection:
            try:
                return store.dossier(connection, "division", code).title if code else ""
            except MissingError:
                return code

    def _known(self, incident_id: UUID, caller: Caller) -> tuple[Head, Situation]:
        with self.desk.database.transaction(caller) as connection:
            head = log.head(connection, incident_id)
            if head.mode != caller.mode:
                raise MissingError(f"there is no incident {incident_id}")
            return head, self.desk.fold(connection, incident_id)

    def _all(self, caller: Caller) -> list[Known]:
        found = []
        for summary in self.desk.incidents(caller):
            situation = self.desk.situation(summary.incident_id, caller=caller)
            found.append(Known(summary.code, situation, summary.clocks))
        return found

    def _compose(
        self, head: Head, known: Situation, wanted: Wanted, typed: Json, caller: Caller, *, number: int | None
    ) -> Paper:
        if wanted.form == "daily":
            raise InputError("form: a daily issue belongs to no single incident")
        stage = wanted.stage or stage_due(known.reporting, wanted.form, wanted.channel)
        before = known.reporting.of_form(wanted.form)
        since = previous(known.reporting, wanted.form) if stage != "first" else None
        fields = compose_fields(
            fill(known, wanted.form, stage, since), typed["edits"], wanted.language,
            since if stage in ("follow_up", "final") else None,
        )  # fmt: skip
        if number is None:
            number = next_number(known.reporting, wanted.form, stage, wanted.channel)
        last = _name(since, wanted.language) if since is not None and stage in ("follow_up", "final") else ""
        title = title_in(known.title, wanted.language)
        return Paper(
            form=wanted.form, stage=stage, channel=wanted.channel, number=number,
            paper_number=f"{head.code}-R{len(known.reporting.sent) + 1:02d}", incident=title, code=head.code,
            mode=head.mode, language=wanted.language, fields=fields, seq=known.seq, hash=known.head_hash,
            made_at=datetime.now(UTC), since=last, history=history_of(before, wanted.language),
            **self._choices(typed, known.division_code, wanted.language, caller),  # type: ignore[arg-type]
        )  # fmt: skip

    def _choices(self, typed: Json, division: str, language: Language, caller: Caller) -> dict[str, str]:
        chosen = {name: typed[name] for name in CHOICES}
        if not chosen["issuer"]:
            city = self.division_name(_division_of(caller), caller) or division
            chosen["issuer"] = say("app.centre", language, city=city)
        return chosen


def checked(content: Mapping[str, Any]) -> Json:
    """
    What a draft holds: edits by field, and who sends it to whom.

    Raises
    ------
    InputError
        Something else is in it, or a field is too long; all faults at once.
    """
    faults = [f"{name}: not part of a draft" for name in content if name not in ("edits", *CHOICES)]
    edits = content.get("edits") or {}
    if not isinstance(edits, Mapping):
        raise InputError([*faults, "edits: give what was typed by field"])
    kept: Json = {}
    for code, edit in edits.items():
        text = edit.get("text") if isinstance(edit, Mapping) else edit
        if not isinstance(text, str):
            faults.append(f"edits.{code}: give its text")
        elif len(text) > LONGEST:
            faults.append(f"edits.{code}: {len(text)} characters; a field holds at most {LONGEST}")
        else:
            filled = edit.get("filled") if isinstance(edit, Mapping) else None
            kept[str(code)] = {"text": text, "filled": str(filled or "")}
    if faults:
        raise InputError(faults)
    return {"edits": kept} | {name: str(content.get(name) or "")[:200].strip() for name in CHOICES}


def _as_event(paper: Paper, moment: datetime) -> ReportSent:
    return ReportSent(
        stage=paper.stage, channel=paper.channel, number=paper.number, sent_to=paper.sent_to, sent_at=moment,
        form=paper.form, title=f"{paper.title}（{paper.stage_text}）", language=paper.language, issuer=paper.issuer,
        signer=paper.signer, contact=paper.contact, fields=as_fields(paper), known_seq=paper.seq, known_hash=paper.hash,
    )  # fmt: skip


def _paper_of(one: Sent, head: Head, title: str, before: tuple[Sent, ...]) -> Paper:
    report = one.report
    since = [other for other in before if other.report.fields and other.report.channel == report.channel]
    marked = report.stage in ("follow_up", "final") and since
    return Paper(
        form=report.form, stage=report.stage, channel=report.channel, number=report.number,
        paper_number=f"{head.code}-R{len(before) + 1:02d}", incident=title, code=head.code, mode=head.mode,
        language=report.language, sent_to=report.sent_to, issuer=report.issuer, signer=report.signer,
        contact=report.contact, fields=fields_sent(report, report.language), seq=report.known_seq,
        hash=report.known_hash, made_at=one.recorded_at, since=_name(since[-1], report.language) if marked else "",
        history=history_of(before, report.language), sent_at=report.sent_at, own=(one.seq, one.hash),
    )  # fmt: skip


def _name(one: Sent, language: Language) -> str:
    from command_ui.reports.wording import stage_text

    return stage_text(one.report.form, one.report.stage, one.report.number, language)


def _division_of(caller: Caller) -> str:
    return caller.division_from[:6].ljust(6, "0")


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
