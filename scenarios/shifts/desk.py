"""How does the duty change hands? One officer signs what is open, the next signs the same; nothing is changed."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import rfc8785
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from gis.database import LOWEST_DIVISION, Caller
from gis.errors import ConflictError, InputError, MissingError, RefusedError
from scenarios.event import Json
from scenarios.journal import Journal
from scenarios.orders.desk import OrderDesk
from scenarios.shifts.open_items import gather

LONGEST = 8_000


@dataclass(frozen=True, slots=True)
class Handover:
    """A hand-over with both signatures; ``taken_by`` is empty until the other officer has signed."""

    handover_id: UUID
    division_code: str
    items: Json
    notes: str
    hash: str
    given_by: str
    given_at: datetime
    taken_by: str = ""
    taken_at: datetime | None = None
    remark: str = ""


class ShiftDesk:
    """Changes of shift 交接班. Append-only in the database too; shared by all pages."""

    def __init__(self, journal: Journal, orders: OrderDesk) -> None:
        self.journal = journal
        self.orders = orders

    def open_items(self, caller: Caller, now: datetime | None = None) -> Json:
        """What is open now."""
        return gather(self.journal, self.orders.policies, caller, now or datetime.now(UTC))

    def give(self, notes: str, caller: Caller, *, key: UUID | None = None) -> Handover:
        """
        Sign what is open now, with free notes; the same key again gives the first one back.

        Raises
        ------
        InputError
            The notes are too long.
        ConflictError
            A hand-over of this duty room is waiting for its other signature.
        """
        if len(notes) > LONGEST:
            raise InputError(f"notes: at most {LONGEST} characters")
        handover_id = key or uuid4()
        division = caller.division_from[:12].ljust(len(LOWEST_DIVISION), "0")
        items = self.open_items(caller)
        with self.journal.database.transaction(caller) as connection:
            connection.execute(_LOCK)
            if connection.execute(_ONE, {"id": handover_id}).first() is None:
                waiting = connection.execute(_WAITING, {"division": division}).first()
                if waiting is not None:
                    raise ConflictError(
                        f"the hand-over {waiting.given_by} signed waits for the officer who takes over: that one first"
                    )
                content: Json = {"division": division, "items": items, "notes": notes.strip()}
                connection.execute(
                    _GIVE,
                    {
                        "id": handover_id, "division": division, "items": json.dumps(items, ensure_ascii=False),
                        "notes": notes.strip(), "hash": hashlib.sha256(rfc8785.dumps(content)).hexdigest(),
                    },
                )  # fmt: skip
        return self.one(handover_id, caller)

    def take(self, handover_id: UUID, seen_hash: str, caller: Caller, *, remark: str = "") -> Handover:
        """
        Sign a hand-over as the officer who takes over; a second time by the same officer changes nothing.

        Raises
        ------
        MissingError
            There is no such hand-over.
        RefusedError
            By the one who handed over.
        ConflictError
            It says something else than what was seen, or somebody else took over already.
        """
        given = self.one(handover_id, caller)
        if given.taken_by:
            if given.taken_by == caller.actor and given.hash == seen_hash:
                return given
            raise ConflictError(f"{given.taken_by} has taken over already")
        try:
            with self.journal.database.transaction(caller) as connection:
                connection.execute(_TAKE, {"id": handover_id, "hash": seen_hash, "remark": remark.strip()[:4000]})
        except IntegrityError as error:
            raise ConflictError("somebody else has taken over in the same moment: open it again") from error
        except DBAPIError as error:
            kind = {"EG403": RefusedError, "EG409": ConflictError}.get(getattr(error.orig, "sqlstate", "") or "")
            if kind is None:
                raise
            said = getattr(getattr(error.orig, "diag", None), "message_primary", None)
            raise kind(str(said or "this cannot be signed")) from error
        return self.one(handover_id, caller)

    def one(self, handover_id: UUID, caller: Caller) -> Handover:
        """
        Give a hand-over.

        Raises
        ------
        MissingError
            There is none with this id in the caller's divisions.
        """
        with self.journal.database.transaction(caller) as connection:
            row = connection.execute(_ONE, {"id": handover_id}).first()
        if row is None:
            raise MissingError(f"there is no hand-over {handover_id}")
        return _handover(row)

    def latest(self, caller: Caller, limit: int = 20) -> list[Handover]:
        """Hand-overs of the caller's divisions, the latest first."""
        with self.journal.database.transaction(caller) as connection:
            return [_handover(row) for row in connection.execute(_LATEST, {"limit": limit})]


def _handover(row: Any) -> Handover:
    return Handover(
        row.handover_id, row.division_code, row.items, row.notes, row.hash, row.given_by, row.given_at,
        row.taken_by or "", row.taken_at, row.remark or "",
    )  # fmt: skip


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('planning.handover', 0))")
_GIVE = text(
    "INSERT INTO planning.handover (handover_id, division_code, items, notes, hash) "
    "VALUES (:id, :division, CAST(:items AS jsonb), :notes, :hash)"
)
_TAKE = text("INSERT INTO planning.takeover (handover_id, hash, remark) VALUES (:id, :hash, :remark)")
_ONE = text(
    "SELECT given.*, taken.taken_by, taken.taken_at, taken.remark FROM planning.handover AS given "
    "LEFT JOIN planning.takeover AS taken USING (handover_id) WHERE handover_id = :id"
)
_LATEST = text(
    "SELECT given.*, taken.taken_by, taken.taken_at, taken.remark FROM planning.handover AS given "
    "LEFT JOIN planning.takeover AS taken USING (handover_id) ORDER BY given_at DESC LIMIT :limit"
)
_WAITING = text(
    "SELECT given.given_by FROM planning.handover AS given LEFT JOIN planning.takeover AS taken USING (handover_id) "
    "WHERE given.division_code = :division AND taken.handover_id IS NULL ORDER BY given_at LIMIT 1"
)
