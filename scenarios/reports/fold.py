"""Which reports went up, what changed since, and which deadlines passed? A fold of its own, entry by entry."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scenarios.event import Event
from scenarios.reports.events import DeadlineMissed, Form, ReportAnswered, ReportSent

TOLL = ("dead", "seriously_injured", "slightly_injured", "missing", "trapped", "loss_yuan")


@dataclass(frozen=True, slots=True)
class Sent:
    """A report that went up, its place in the record, and the numbers of the answers to it."""

    seq: int
    hash: str
    actor: str
    recorded_at: datetime
    report: ReportSent
    answers: tuple[tuple[int, ReportAnswered], ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """An entry after which the casualties, or the loss, were others than before."""

    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Reporting:
    """
    What the record says about reports.

    ``toll_changes`` are the entries after which figures were others than before, the first report of casualties among
    them; ``missed`` pairs the code of a clock with the moment it was due.
    """

    sent: tuple[Sent, ...] = ()
    event_code: str = ""
    toll: tuple[int, ...] = (0,) * len(TOLL)
    toll_changes: tuple[Change, ...] = ()
    missed: tuple[tuple[str, datetime], ...] = ()

    def of_form(self, form: Form) -> tuple[Sent, ...]:
        """Reports of one form, oldest first."""
        return tuple(one for one in self.sent if one.report.form == form)


NOTHING_YET = Reporting()


def fold(event: Event, entry: Any, before: Reporting) -> Reporting:
    """What is known about reports after one more entry."""
    match event:
        case ReportSent():
            sent = Sent(entry.seq, entry.hash, entry.actor, entry.recorded_at, event)
            return replace(before, sent=(*before.sent, sent))
        case ReportAnswered():
            return replace(
                before,
                sent=tuple(
                    replace(one, answers=(*one.answers, (entry.seq, event))) if one.seq == event.report_seq else one
                    for one in before.sent
                ),
            )
        case DeadlineMissed():
            return replace(before, missed=(*before.missed, (event.clock, event.due_at)))
        case _ if event.code == "incident_reported":
            return replace(before, event_code=str(getattr(event, "event_code", "")))
        case _ if event.code == "casualties_reported":
            toll = tuple(int(getattr(event, name)) for name in TOLL)
            if toll == before.toll:
                return before
            change = Change(entry.seq, entry.recorded_at)
            return replace(before, toll=toll, toll_changes=(*before.toll_changes, change))
        case _:
            return before
