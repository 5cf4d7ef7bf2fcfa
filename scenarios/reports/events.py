"""What is said about reports? Sent, answered by whoever received them, and deadlines that passed without one."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from scenarios.event import Event, Json, Lane

Stage = Literal["first", "follow_up", "final", "issue"]
"""首报, 续报, 终报; an issue is one of a form that is only numbered, such as minutes."""
ReportChannel = Literal["phone", "written"]
Form = Literal["incident", "ics209", "minutes", "daily"]
"""事故快报, situation report after ICS-209, 会商纪要, 值班快报."""


@dataclass(frozen=True, slots=True)
class ReportSent(Event):
    """
    A report went up: 首报, 续报N or 终报, by telephone or in writing; it stops the clock of its channel.

    ``fields`` are what it said, word for word: each has its code, its lines with the entries they came from, and
    whether a person wrote it. ``known_seq`` and ``known_hash`` name the last entry it was filled from.
    """

    code: ClassVar[str] = "report_sent"
    lane: ClassVar[Lane] = "act"

    stage: Stage
    channel: ReportChannel
    number: int
    sent_to: str
    sent_at: AwareDatetime
    text: str = ""
    form: Form = "incident"
    title: str = ""
    language: Literal["zh", "en"] = "zh"
    issuer: str = ""
    signer: str = ""
    contact: str = ""
    fields: tuple[Json, ...] = ()
    known_seq: int = 0
    known_hash: str = ""
    issue_id: str = ""


@dataclass(frozen=True, slots=True)
class ReportAnswered(Event):
    """Whoever received a report said so 回执: who, when, and what was instructed 批示."""

    code: ClassVar[str] = "report_answered"
    lane: ClassVar[Lane] = "act"

    report_seq: int
    answered_by: str
    answered_at: AwareDatetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class DeadlineMissed(Event):
    """A deadline passed and nothing had gone up; recorded once, and whoever commands is told."""

    code: ClassVar[str] = "deadline_missed"
    lane: ClassVar[Lane] = "act"

    clock: str
    started_at: AwareDatetime
    due_at: AwareDatetime
    basis: str


KINDS: tuple[type[Event], ...] = (ReportSent, ReportAnswered, DeadlineMissed)
