"""What may be done with marks? Draw, change, keep, remove and put back; several at once when they are imported."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any
from uuid import UUID, uuid4, uuid5

from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from scenarios import log
from scenarios.consultation.desk import ConsultationDesk
from scenarios.journal import Journal
from scenarios.log import Receipt
from scenarios.marks.drawn import DrawMark, checked, faults_of
from scenarios.marks.events import MarkChanged, MarkEvent, MarkPlaced, MarkRemoved, MarkRestored
from scenarios.marks.fold import Mark
from scenarios.situation import Situation

ATTEMPTS = 20
MOST_AT_ONCE = 500
"""Marks taken in one import; more belong into a layer."""


class MarkDesk:
    """Marks of incidents. Shared by all pages; safe between threads."""

    def __init__(self, journal: Journal, consultations: ConsultationDesk) -> None:
        self.journal = journal
        self.consultations = consultations

    def draw(
        self, incident_id: UUID, said: DrawMark, caller: Caller, *, key: UUID | None = None
    ) -> tuple[str, Receipt]:
        """
        Put a mark on the map; gives its id, which follows from the key, and the receipt.

        Raises
        ------
        InputError
            Every fault of what was said.
        MissingError
            No such incident.
        """
        key = key or uuid4()
        mark_id = mark_drawn_by(key)
        event = checked(said, mark_id)
        with self.journal.database.transaction(caller) as connection:
            self.consultations.require_editing(connection, incident_id, caller)
            return mark_id, log.append(connection, incident_id, event, key=key)

    def draw_all(
        self, incident_id: UUID, said: Sequence[DrawMark], caller: Caller, *, key: UUID | None = None
    ) -> list[str]:
        """
        Put many marks on the map, all or none; gives their ids.

        Raises
        ------
        InputError
            Every fault of every mark, each with its number from 1; or too many at once.
        """
        if len(said) > MOST_AT_ONCE:
            raise InputError(f"{len(said)} marks; at most {MOST_AT_ONCE} at once")
        faults = [f"mark {number}: {fault}" for number, one in enumerate(said, 1) for fault in faults_of(one)]
        if faults:
            raise InputError(faults)
        key = key or uuid4()
        keys = [uuid5(key, str(number)) for number in range(len(said))]
        with self.journal.database.transaction(caller) as connection:
            self.consultations.require_editing(connection, incident_id, caller)
            for one, own in zip(said, keys, strict=True):
                log.append(connection, incident_id, checked(one, mark_drawn_by(own)), key=own)
        return [mark_drawn_by(own) for own in keys]

    def change(
        self, incident_id: UUID, mark_id: str, said: DrawMark, caller: Caller, *, seen_seq: int, key: UUID | None = None
    ) -> Receipt:
        """
        Give a mark another place, other words, other times.

        Raises
        ------
        ConflictError
            Somebody changed this mark after entry `seen_seq`, or took it off the map.
        InputError
            Every fault of what was said.
        """
        placed = checked(said, mark_id)
        event = MarkChanged(**{one.name: getattr(placed, one.name) for one in fields(MarkPlaced)})
        return self._touch(incident_id, mark_id, caller, seen_seq, key, lambda _one: event, removed=False)

    def keep(
        self, incident_id: UUID, mark_id: str, caller: Caller, *, seen_seq: int, key: UUID | None = None
    ) -> Receipt:
        """Make what was shown for the moment part of the map."""

        def kept(one: Mark) -> MarkEvent:
            return replace(_as_changed(one), standing="kept")

        return self._touch(incident_id, mark_id, caller, seen_seq, key, kept, removed=False)

    def remove(
        self, incident_id: UUID, mark_id: str, caller: Caller, *, seen_seq: int, text: str = "", key: UUID | None = None
    ) -> Receipt:
        """Take a mark off the map; it can be put back at any time."""
        event = MarkRemoved(mark_id, text.strip())
        return self._touch(incident_id, mark_id, caller, seen_seq, key, lambda _one: event, removed=False)

    def restore(
        self, incident_id: UUID, mark_id: str, caller: Caller, *, seen_seq: int, text: str = "", key: UUID | None = None
    ) -> Receipt:
        """Put a removed mark back as it last was."""
        event = MarkRestored(mark_id, text.strip())
        return self._touch(incident_id, mark_id, caller, seen_seq, key, lambda _one: event, removed=True)

    def _touch(
        self, incident_id: UUID, mark_id: str, caller: Caller, seen_seq: int, key: UUID | None,
        change: Callable[[Mark], MarkEvent], *, removed: bool,
    ) -> Receipt:  # fmt: skip
        """Append what is said of one mark; only what touched this mark since `seen_seq` stands in its way."""
        key = key or uuid4()
        for _ in range(ATTEMPTS):
            try:
                with self.journal.database.transaction(caller) as connection:
                    now = self.journal.fold(connection, incident_id)
                    self.consultations.require_editing(connection, incident_id, caller)
                    one = mark_of(now, mark_id)
                    receipt = log.append(
                        connection, incident_id, change(one), key=key, caused_by=(one.first_seq,), expected_seq=now.seq
                    )
                    if receipt.replayed:
                        return receipt
                    if (one.removed_seq is not None) != removed:
                        state = "is on the map" if removed else f"was taken off the map by entry {one.removed_seq}"
                        raise _RefusedError(f"mark {one.number} {state}")
                    if one.seq > seen_seq:
                        raise _RefusedError(
                            f"mark {one.number} was changed by entry {one.seq} after you looked: look again"
                        )
                    return receipt
            except _RefusedError:
                raise
            except ConflictError:
                continue  # somebody wrote between our look and the lock; the next look shows what
        raise ConflictError("the incident moves faster than this change can be written: try again")


class _RefusedError(ConflictError):
    """The mark itself stands in the way: trying again would not help."""


def mark_drawn_by(key: UUID) -> str:
    """Id of the mark a command with this idempotency key draws."""
    return f"M-{key.hex[:12]}"


def mark_of(situation: Situation, mark_id: str) -> Mark:
    """
    One mark of an incident, on the map or taken off.

    Raises
    ------
    MissingError
        There is none of this id.
    """
    found = next((one for one in situation.marks if one.mark_id == mark_id), None)
    if found is None:
        raise MissingError(f"this incident has no mark {mark_id}")
    return found


def _as_changed(one: Mark) -> MarkChanged:
    """The mark as it stands, in the form in which a change is recorded."""
    values: dict[str, Any] = {part.name: getattr(one, part.name) for part in fields(MarkChanged)}
    return MarkChanged(**values)
