"""What do the minutes say of the last consultation? Who came from which level, who presented, what was said."""

from scenarios.consultation.events import LEVELS
from scenarios.consultation.fold import Room, Seated
from scenarios.reports.book import Book, moment, term
from scenarios.reports.forms import Line

STATEMENTS = 40
"""Statements of one paper; what is more stands in the record, and the paper says how much that is."""


def meeting(book: Book) -> list[Line]:
    """When it was, what it was about, its agenda, and what it came to."""
    room = _last(book)
    if room is None:
        return []
    said = {"name": room.name, "topic": room.topic, "at": moment(room.opened_at)}
    lines = [
        Line("meeting_open", said, (room.opened_seq,))
        if room.closed_at is None or room.closed_seq is None
        else Line("meeting", {**said, "until": moment(room.closed_at)}, (room.opened_seq, room.closed_seq))
    ]
    lines += [Line("agenda", {"number": at, "text": one}, (room.opened_seq,)) for at, one in enumerate(room.agenda, 1)]
    if room.conclusion and room.closed_seq is not None:
        lines.append(Line("concluded", {"text": room.conclusion.rstrip("。")}, (room.closed_seq,)))
    return lines


def participants(book: Book) -> list[Line]:
    """Who came, level by level, and who did not."""
    room = _last(book)
    if room is None:
        return []
    lines = []
    for level in LEVELS:
        own = [one for one in room.seats if one.seat.level == level]
        came = [one for one in own if one.came_at is not None]
        away = [one for one in own if one.came_at is None]
        values = {"level": term(f"consult.level.{level}")}
        if came:
            names = "、".join(_named(one) for one in came)
            lines.append(Line("came", {**values, "names": names}, _entries(book, room, came)))
        if away:
            names = "、".join(one.seat.name for one in away)
            lines.append(Line("away", {**values, "names": names}, (room.opened_seq,)))
    return lines


def presenters(book: Book) -> list[Line]:
    """Who presented, in their order."""
    room = _last(book)
    if room is None:
        return []
    handed = [entry.seq for entry in book.every("consultation_presented") if _of(room, entry.payload)]
    sources = [room.opened_seq, *handed]
    return [
        Line("presented", {"name": name, "at": moment(at)}, (seq,))
        for (_account, name, at), seq in zip(room.presented, sources, strict=False)
    ]


def statements(book: Book) -> list[Line]:
    """What was said at the table, each with its time and who said it."""
    room = _last(book)
    if room is None:
        return []
    said = [one for one in room.said if not one.raised and one.text and one.seq not in book.struck]
    names = {one.seat.seat_id: one.seat.name for one in room.seats}
    lines = [
        Line(
            "statement",
            {"at": moment(one.at), "who": names.get(one.seat_id, one.actor), "text": one.text.rstrip("。")},
            (one.seq,),
        )
        for one in said
    ]
    left_out = len(lines) - STATEMENTS
    return lines if left_out <= 0 else [*lines[:STATEMENTS], Line("statements_more", {"count": left_out}, ())]


def next_meeting(book: Book) -> list[Line]:
    """When the next one is."""
    room = _last(book)
    if room is None or room.closed_seq is None or not room.next_meeting:
        return []
    return [Line("plain", {"text": room.next_meeting}, (room.closed_seq,))]


def _last(book: Book) -> Room | None:
    rooms = book.situation.consultations
    return rooms[-1] if rooms else None


def _named(one: Seated) -> str:
    """Unit with the person who spoke for it, where that says more."""
    return f"{one.seat.name}（{one.person}）" if one.person and one.person != one.seat.name else one.seat.name


def _of(room: Room, payload: dict[str, object]) -> bool:
    return payload.get("consultation_id") == room.consultation_id


def _entries(book: Book, room: Room, came: list[Seated]) -> tuple[int, ...]:
    """Entries in which these seats came; the first of each."""
    wanted = {one.seat.seat_id for one in came}
    first: dict[str, int] = {}
    for entry in book.every("consultation_answered"):
        seat = str(entry.payload.get("seat_id"))
        if _of(room, entry.payload) and seat in wanted and entry.payload.get("answer") == "present":
            first.setdefault(seat, entry.seq)
    return tuple(sorted(first.values())) or (room.opened_seq,)
