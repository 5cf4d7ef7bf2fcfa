"""What stands on the paper? A report put together from the record, what a person typed, and the report before it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from command_ui.reports.wording import date_time, sentence, stage_text
from command_ui.words import Language, say
from gis.provenance import Mode
from scenarios.event import Json
from scenarios.reports.events import Form, ReportChannel, ReportSent, Stage
from scenarios.reports.filling import Filled
from scenarios.reports.fold import Sent

ONGOING = frozenset({"course", "events", "period"})
"""Fields that tell only what came after the last report: all of it is new, so none of it is marked."""
TOLL = ("dead", "seriously", "slightly", "missing", "trapped")


@dataclass(frozen=True, slots=True)
class PaperLine:
    """
    One line as it is read.

    ``sources`` are entries of the record; none means that a person wrote it, or that nothing is known. ``was`` is what
    the last report said in its place.
    """

    text: str
    sources: tuple[int, ...] = ()
    say: str = ""
    values: Json = field(default_factory=dict)
    changed: bool = False
    was: str = ""


@dataclass(frozen=True, slots=True)
class PaperField:
    """
    One field with its lines.

    ``filled`` is what the record says now. ``edited``: a person wrote it otherwise; ``moved``: the record says
    something else than when he did.
    """

    code: str
    title: str
    block: str
    by_hand: bool
    needed: bool
    lines: tuple[PaperLine, ...]
    filled: str = ""
    edited: bool = False
    moved: bool = False

    @property
    def text(self) -> str:
        """All lines, one below the other."""
        return "\n".join(line.text for line in self.lines)

    @property
    def is_missing(self) -> bool:
        """Whether it should say something and does not."""
        return self.needed and not self.text.strip()


@dataclass(frozen=True, slots=True)
class Paper:
    """
    A whole report, ready to be drawn.

    Attributes
    ----------
    number
        Number of the stage (续报 2) or of the issue; ``paper_number`` is the number on the paper.
    since
        What the last report is called, when changes against it are marked.
    history
        Rows of the table of casualties: name of the report, when, five counts.
    seq, hash
        Entry of the record it was filled from.
    own
        Number and hash of its own entry, once it went up.
    """

    form: Form
    stage: Stage
    channel: ReportChannel
    number: int
    paper_number: str
    incident: str
    code: str
    mode: Mode
    language: Language
    sent_to: str
    issuer: str
    signer: str
    contact: str
    fields: tuple[PaperField, ...]
    seq: int
    hash: str
    made_at: datetime
    since: str = ""
    history: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    sent_at: datetime | None = None
    own: tuple[int, str] | None = None

    @property
    def title(self) -> str:
        """Return the heading: 演练化工一厂氯气泄漏事故快报."""
        form = say(f"report.form.{self.form}", self.language)
        return say("paper.title", self.language, incident=self.incident, form=form) if self.incident else form

    @property
    def stage_text(self) -> str:
        """首报, 续报一, …."""
        return stage_text(self.form, self.stage, self.number, self.language)

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields that should say something and do not, and a receiver where none is named."""
        return tuple(one.code for one in self.fields if one.is_missing)


def compose_fields(
    filled: tuple[Filled, ...], edits: Mapping[str, Any], language: Language, since: Sent | None
) -> tuple[PaperField, ...]:
    """
    Fields of a report that is being written.

    Parameters
    ----------
    edits
        Field code -> what a person typed and what the record said when he did: ``{"text": …, "filled": …}``.
    since
        Last report of this form, to mark changes against; None marks nothing.
    """
    before = _said_before(since)
    return tuple(_field(one, edits.get(one.kind.code), language, before.get(one.kind.code, [])) for one in filled)


def _field(one: Filled, edit: Any, language: Language, before: list[Json]) -> PaperField:
    kind = one.kind
    own = tuple(PaperLine(sentence(line, language), line.sources, line.say, line.values) for line in one.lines)
    filled = "\n".join(line.text for line in own)
    edited = isinstance(edit, Mapping) and str(edit.get("text", "")) != filled
    lines = _retold(str(edit["text"]), own) if edited else own
    if before and kind.code not in ONGOING:
        lines = tuple(_marked(line, before) for line in lines)
    return PaperField(
        kind.code, say(f"report.field.{kind.code}", language), kind.block, kind.by_hand, kind.needed, lines, filled,
        edited and not kind.by_hand, bool(edited and not kind.by_hand and str(edit.get("filled", filled)) != filled),
    )  # fmt: skip


def _retold(text: str, own: tuple[PaperLine, ...]) -> tuple[PaperLine, ...]:
    """What a person wrote; a line he left alone keeps its sources."""
    known = {line.text: line for line in own}
    return tuple(known.get(part.strip(), PaperLine(part.strip())) for part in text.splitlines() if part.strip())


def _said_before(since: Sent | None) -> dict[str, list[Json]]:
    if since is None:
        return {}
    return {str(one["code"]): list(one.get("lines", [])) or [{"text": ""}] for one in since.report.fields}


def _marked(line: PaperLine, before: list[Json]) -> PaperLine:
    """Mark a line that the last report did not have; where it had the same sentence with other values, say which."""
    same = [old for old in before if old.get("text") == line.text or _same(old, line)]
    if same:
        return line
    alike = [old for old in before if line.say and old.get("say") == line.say]
    was = str(alike[0].get("text", "")) if len(alike) == 1 else ""
    return PaperLine(line.text, line.sources, line.say, line.values, changed=True, was=was)


def _same(old: Json, line: PaperLine) -> bool:
    return bool(line.say) and old.get("say") == line.say and old.get("values") == line.values


def history_of(sent: tuple[Sent, ...], language: Language) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
    """Casualties as each report gave them, the oldest first."""
    rows = []
    for one in sent:
        lines = [line for part in one.report.fields if part.get("code") == "toll" for line in part.get("lines", [])]
        toll = next((line["values"] for line in lines if line.get("say") == "toll"), None)
        if toll is not None:
            name = stage_text(one.report.form, one.report.stage, one.report.number, language)
            counts = tuple(int(toll[column]) for column in TOLL)
            rows.append((name, date_time(one.report.sent_at, language), counts))
    return tuple(rows)


def as_fields(paper: Paper) -> tuple[Json, ...]:
    """Fields as they go into the record."""
    return tuple(
        {
            "code": one.code,
            "edited": one.edited,
            "lines": [
                {
                    "text": line.text, "sources": list(line.sources), "say": line.say, "values": line.values,
                    "changed": line.changed, "was": line.was,
                }
                for line in one.lines
            ],
        }
        for one in paper.fields
    )  # fmt: skip


def fields_sent(report: ReportSent, language: Language) -> tuple[PaperField, ...]:
    """Fields of a report that went up, word for word."""
    return tuple(
        PaperField(
            str(one["code"]),
            say(f"report.field.{one['code']}", language),
            "",
            by_hand=False,
            needed=False,
            lines=tuple(
                PaperLine(
                    str(line["text"]), tuple(line.get("sources", ())), str(line.get("say", "")),
                    dict(line.get("values", {})), bool(line.get("changed")), str(line.get("was", "")),
                )
                for line in one.get("lines", [])
            ),
            edited=bool(one.get("edited")),
        )
        for one in report.fields
    )  # fmt: skip
