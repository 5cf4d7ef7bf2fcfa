"""What does the record itself say, field by field? Sentences as codes and values, each with the entries behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scenarios.events import CasualtiesReported, Entry
from scenarios.reports import computed, doings, meeting
from scenarios.reports.book import Book, happened, moment, term
from scenarios.reports.events import Form, Stage
from scenarios.reports.fold import Sent
from scenarios.reports.forms import FieldKind, Line, fields_of
from scenarios.situation import Situation

COURSE_LINES = 14
"""Lines of the course of events; an hour of a large incident has more entries than a page has room."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One field with what the record says in it."""

    kind: FieldKind
    lines: tuple[Line, ...]


def fill(situation: Situation, form: Form, stage: Stage, since: Sent | None = None) -> tuple[Filled, ...]:
    """
    Fill a form from the record. Pure: the same entries give the same sentences.

    Parameters
    ----------
    since
        The last report of this form: a follow-up tells the course of events from there on.
    """
    after = (since.report.known_seq or since.seq) if since is not None and stage in ("follow_up", "issue") else 0
    book = Book(situation, after)
    return tuple(
        Filled(kind, () if kind.by_hand else tuple(_FILLS[kind.code](book))) for kind in fields_of(form, stage)
    )


def heading(situation: Situation) -> tuple[int, ...]:
    """Entry the title of a report comes from."""
    return tuple(entry.seq for entry in situation.entries if entry.kind == "incident_reported")[:1]


# -- what was reported ---------------------------------------------------------------------------------------------


def _reported(book: Book) -> Entry | None:
    found = book.every("incident_reported")
    return found[0] if found else None


def _unit(book: Book) -> list[Line]:
    first = _reported(book)
    if first is None:
        return []
    place = str(first.payload.get("place") or "")
    return [Line("unit", {"title": first.payload["title"], "place": place}, (first.seq,))] if place else []


def _when_where(book: Book) -> list[Line]:
    first, known = _reported(book), book.situation
    if first is None or known.place is None:
        return []
    said = first.payload
    lines = [
        Line("occurred", {"at": moment(said["occurred_at"])}, (first.seq,)),
        Line(
            "place",
            {
                "place": said.get("place") or said["title"], "longitude": round(known.place.longitude, 4),
                "latitude": round(known.place.latitude, 4), "division": str(said.get("division_code") or ""),
            },
            (first.seq,),
        ),
        Line(
            "known" if said.get("reported_by") else "known_by_channel",
            {
                "at": moment(said["known_at"]), "by": said.get("reported_by") or "",
                "channel": term(f"channel.{said['channel']}"),
            },
            (first.seq,),
        ),
    ]  # fmt: skip
    if said.get("text"):
        lines.append(Line("scene", {"text": said["text"]}, (first.seq,)))
    return [*lines, *computed.weather(book)]


def _course(book: Book) -> list[Line]:
    lines = [line for entry in book.every(*_COURSE, new=True) for line in _COURSE[entry.kind](entry)]
    left_out = len(lines) - COURSE_LINES
    if left_out <= 0:
        return lines
    # The first and the latest matter most; what lies between is in the record, and the report says how much that is.
    middle = Line("course_left_out", {"count": left_out + 1}, ())
    return [*lines[:3], middle, *lines[-(COURSE_LINES - 4) :]]


def _told(code: str, *names: str) -> Callable[[Entry], list[Line]]:
    def line(entry: Entry) -> list[Line]:
        values = {name: entry.payload.get(name) for name in names}
        return [Line(code, {"at": moment(happened(entry)), **values}, (entry.seq,))]

    return line


def _toll_line(entry: Entry) -> list[Line]:
    return [Line("course_toll", {"at": moment(happened(entry)), **_figures(entry)}, (entry.seq,))]


def _graded(entry: Entry) -> list[Line]:
    values = {"at": moment(happened(entry)), "grade": term(f"grade.{entry.payload['grade']}")}
    return [Line("course_grade", values, (entry.seq,))]


def _levelled(entry: Entry) -> list[Line]:
    level = entry.payload.get("level")
    code = "course_response" if level else "course_response_ended"
    return [Line(code, {"at": moment(happened(entry)), "level": term(f"response.{level}")}, (entry.seq,))]


def _closed_road(entry: Entry) -> list[Line]:
    values = {"at": moment(happened(entry)), "reason": term(f"closure.reason.{entry.payload['reason']}")}
    name = str(entry.payload.get("name") or entry.payload.get("text") or "")
    return [Line("course_closure" if name else "course_closure_unnamed", {**values, "name": name}, (entry.seq,))]


def _computed_zones(entry: Entry) -> list[Line]:
    reach = computed.furthest_m(entry.payload)
    if reach is None:
        return []
    return [Line("course_run", {"at": moment(happened(entry)), "reach_m": reach}, (entry.seq,))]


def _first(entry: Entry) -> list[Line]:
    values = {"at": moment(entry.payload["known_at"]), "title": entry.payload["title"]}
    return [Line("course_reported", values, (entry.seq,))]


_COURSE: Mapping[str, Callable[[Entry], list[Line]]] = {
    "incident_reported": _first,
    "case_changed": _told("course_case", "reason"),
    "casualties_reported": _toll_line,
    "hazard_forecast": _computed_zones,
    "grade_confirmed": _graded,
    "response_level_set": _levelled,
    "decision_recorded": _told("course_decision", "text"),
    "closure_reported": _closed_road,
    "team_taken": _told("course_taken", "name"),
    "team_arrived": _told("course_arrived", "name"),
    "note": _told("course_note", "text"),
    "incident_closed": _told("course_closed", "reason"),
}


# -- casualties, grade ---------------------------------------------------------------------------------------------


def _figures(entry: Entry) -> dict[str, int]:
    said = CasualtiesReported(**entry.payload)
    return {
        "dead": said.dead, "seriously": said.seriously_injured, "slightly": said.slightly_injured,
        "missing": said.missing, "trapped": said.trapped,
    }  # fmt: skip


def _toll(book: Book) -> list[Line]:
    found = book.every("casualties_reported")
    if not found:
        return [Line("toll_none", {}, ())]
    last = found[-1]
    lines = [
        Line("toll", _figures(last), (last.seq,)),
        Line("loss" if last.payload["loss_yuan"] else "loss_none", {"yuan": last.payload["loss_yuan"]}, (last.seq,)),
    ]
    if len(found) > 1:
        # The cumulative table: every count of casualties, with its time.
        lines += [Line("toll_at", {"at": moment(happened(one)), **_figures(one)}, (one.seq,)) for one in found[-6:]]
    return lines


def _grade(book: Book) -> list[Line]:
    known, lines = book.situation, list[Line]()
    if known.accident_grade is not None:
        lines.append(Line("grade", {"grade": term(f"grade.{known.accident_grade}")}, book.last("grade_confirmed")))
    suggested = known.accident_grade_suggested
    if suggested is not None:
        at = book.last("grade_suggested")
        code = "grade_suggested" if known.accident_grade is None else "grade_rule"
        lines.append(Line(code, {"grade": term(f"grade.{suggested.grade}")}, at))
        lines += [
            Line(
                "grade_reason",
                {
                    "column": term(f"toll.{one['column']}"), "value": one["value"], "bound": one["bound"],
                    "grade": term(f"grade.{one['grade']}"),
                },
                at,
            )
            for one in suggested.reasons
        ]  # fmt: skip
        if suggested.grade_with_missing != suggested.grade:
            lines.append(Line("grade_missing", {"grade": term(f"grade.{suggested.grade_with_missing}")}, at))
    if known.response_level is not None:
        lines.append(
            Line("response", {"level": term(f"response.{known.response_level}")}, book.last("response_level_set"))
        )
    return lines or [Line("grade_none", {}, ())]


def _incident_name(book: Book) -> list[Line]:
    return [Line("title", {"title": book.situation.title}, heading(book.situation))]


def _start(book: Book) -> list[Line]:
    return [line for line in _when_where(book) if line.say in ("occurred", "known", "known_by_channel")]


def _location(book: Book) -> list[Line]:
    return [line for line in _when_where(book) if line.say == "place"]


def _definition(book: Book) -> list[Line]:
    first = _reported(book)
    lines = [Line("plain", {"text": first.payload["text"]}, (first.seq,))] if first and first.payload["text"] else []
    return [*lines, *_grade(book)]


def _period(book: Book) -> list[Line]:
    entries = [entry for entry in book.situation.entries if entry.seq > book.after]
    if not entries:
        return []
    first, last = entries[0], entries[-1]
    values = {"from": moment(first.recorded_at), "to": moment(last.recorded_at), "first": first.seq, "last": last.seq}
    return [Line("period", values, (first.seq, last.seq))]


def _situation_now(book: Book) -> list[Line]:
    return [*_when_where(book)[:2], *_toll(book)[:1], *_grade(book)[:2], *computed.impact(book)]


_FILLS: Mapping[str, Callable[[Book], list[Line]]] = {
    "unit": _unit,
    "when_where": _when_where,
    "course": _course,
    "events": _course,
    "toll": _toll,
    "grade": _grade,
    "impact": computed.impact,
    "measures": doings.measures,
    "situation_now": _situation_now,
    "meeting": meeting.meeting,
    "participants": meeting.participants,
    "presenter": meeting.presenters,
    "statements": meeting.statements,
    "next_meeting": meeting.next_meeting,
    "options": doings.options,
    "decisions": doings.decisions,
    "orders": doings.orders,
    "open_items": doings.open_items,
    "incident_name": _incident_name,
    "start": _start,
    "size": computed.size,
    "definition": _definition,
    "period": _period,
    "location": _location,
    "materials": computed.materials,
    "life_safety": computed.life_safety,
    "weather": computed.weather,
    "projection": computed.projection,
    "needs": computed.needs,
    "remarks": computed.remarks,
    "resources": doings.resources,
}
