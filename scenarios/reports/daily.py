"""What does a daily issue 值班快报 say of all incidents of a duty room?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scenarios.clocks import Clock
from scenarios.reports.book import Book, moment, term
from scenarios.reports.filling import Filled
from scenarios.reports.forms import Line, fields_of
from scenarios.situation import Situation

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Known:
    """One incident of the duty room: its number, what is known of it and its deadlines."""

    number: str
    situation: Situation
    clocks: tuple[Clock, ...]


def fill_daily(known: Sequence[Known], now: datetime) -> tuple[Filled, ...]:
    """Fill the daily issue: incidents of the last day, alarms behind them, everything in hand, what is due next."""
    day = [one for one in known if one.situation.known_at is not None and one.situation.known_at > now - DAY]
    open_ones = [one for one in known if one.situation.status == "open"]
    lines = {
        "major": [line for one in day for line in _major(one)] or [Line("none_today", {}, ())],
        "warnings": [line for one in day for line in _alarms(one)],
        "in_hand": [_in_hand(one) for one in open_ones] or [Line("none_in_hand", {}, ())],
        "deadlines": [line for one in open_ones for line in _due(one, now)],
    }
    return tuple(Filled(kind, tuple(lines.get(kind.code, ()))) for kind in fields_of("daily", "issue"))


def _major(one: Known) -> list[Line]:
    known = one.situation
    if known.occurred_at is None or known.known_at is None:
        return []
    values = {
        "number": one.number, "title": known.title, "place": known.place_text or known.title,
        "occurred": moment(known.occurred_at), "at": moment(known.known_at),
    }  # fmt: skip
    lines = [Line("daily_incident", values, (1,))]
    if known.casualties is not None:
        toll = known.casualties
        figures = {"dead": toll.dead, "seriously": toll.seriously_injured, "slightly": toll.slightly_injured,
                   "missing": toll.missing, "trapped": toll.trapped}  # fmt: skip
        lines.append(Line("toll", figures, Book(known).last("casualties_reported")))
    return lines


def _alarms(one: Known) -> list[Line]:
    return [
        Line("alarm", {"place": alarm.place, "quantity": alarm.quantity, "at": moment(alarm.raised_at)}, (1,))
        for alarm in one.situation.alarms[:6]
    ]


def _in_hand(one: Known) -> Line:
    known = one.situation
    grade = known.accident_grade
    values = {
        "number": one.number, "title": known.title, "entries": known.seq,
        "grade": term(f"grade.{grade}") if grade else term("report.grade_open"),
        "response": term(f"response.{known.response_level}") if known.response_level else term("response.none"),
    }  # fmt: skip
    return Line("in_hand", values, (known.seq,))


def _due(one: Known, now: datetime) -> list[Line]:
    return [
        Line(
            "due" if clock.state(now) == "running" else "overdue",
            {"number": one.number, "clock": term(f"deadline.{clock.code}"), "at": moment(clock.due_at)},
            (clock.cause or 1,),
        )
        for clock in one.clocks
        if clock.met_at is None and not clock.is_window and clock.code != "first_team"
    ]
