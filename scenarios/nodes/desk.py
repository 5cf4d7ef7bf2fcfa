"""What does a person see and do about other nodes? Lines, outbox, inbox; share, warn, sign for, try again."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from sqlalchemy import text

from gis.database import Caller, Database
from gis.errors import InputError, MissingError, RefusedError
from gis.provenance import Mode
from scenarios.exchange.alert import Alert
from scenarios.nodes import heads, outbox, receiving
from scenarios.nodes.gathering import WORLDS, Gatherer
from scenarios.nodes.heads import Asked, Fault, Push
from scenarios.nodes.neighbours import Neighbour, Neighbours, Own
from scenarios.nodes.outbox import Sent
from scenarios.nodes.receiving import Taken
from scenarios.verify import EntryRow

if TYPE_CHECKING:
    from scenarios.desk import Desk

State = Literal["new", "up", "cut", "halted"]
"""Never reached, sound, cut (tried again by itself), halted: the key or the clock is wrong and a person must look."""
HALTED = frozenset({"key", "clock", "stranger"})
CUT_AFTER = 2
"""Failures in a row before a line counts as cut: one lost answer is none."""
BADGE_S = 2.0


@dataclass(frozen=True, slots=True)
class LineState:
    """How the line to a neighbour stands, as people see it."""

    name: str
    title: str
    level: str
    relation: str
    address: str
    divisions: tuple[str, str]
    label: str
    state: State
    trouble: str
    failures: int
    next_try_at: datetime | None
    reached_at: datetime | None
    heard_at: datetime | None
    clock_off_s: float | None
    waiting: int
    dead: int
    oldest: datetime | None
    faults: int


@dataclass(frozen=True, slots=True)
class Came:
    """A message that came in and that a person signs for; ``sent_at`` is by the clock there."""

    origin: str
    origin_title: str
    relation: str
    incident_id: UUID
    message_id: UUID
    kind: str
    mode: Mode
    title: str
    sent_at: datetime
    received_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    acknowledged_text: str
    has_document: bool


@dataclass(frozen=True, slots=True)
class Foreign:
    """An incident of another node: its latest summary and how many of its entries we hold."""

    origin: str
    origin_title: str
    incident_id: UUID
    mode: Mode
    about: dict[str, Any]
    updated_at: datetime
    entries: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """
    What the badge of every page says of the lines.

    ``above`` is what people call the upper level that is out of reach, empty when it can be reached; ``waiting`` counts
    by world what waits to go up there.
    """

    troubled: bool = False
    above: str = ""
    waiting: Mapping[Mode, int] = field(default_factory=dict)


class NodeDesk:
    """Other nodes as the people of this one deal with them. Safe to share between threads."""

    def __init__(self, desk: "Desk", own: Own, neighbours: Neighbours) -> None:
        self.desk = desk
        self.own = own
        self.neighbours = neighbours
        self._gatherer = Gatherer(desk, own)
        self._looked_at, self._trouble = -BADGE_S, Trouble()

    # -- looking ---------------------------------------------------------------------------------------------------

    def lines(self, caller: Caller) -> list[LineState]:
        """How every line stands, those above first."""
        with self.desk.database.transaction(caller) as connection:
            everybody = self.neighbours.all(connection)
            rows = {row.name: row for row in connection.execute(text("SELECT * FROM nodes.line"))}
            queued = outbox.waiting(connection, caller.mode)
            faults = {row.origin: int(row.found) for row in connection.execute(_FAULTS)}
        return [_line(one, rows[one.name], queued.get(one.name, (0, 0, None)), faults.get(one.name, 0))
                for one in everybody]  # fmt: skip

    def troubled(self) -> bool:
        """Tell whether any line is cut or halted, or a neighbour's record does not hold: the badge of every page."""
        return self.trouble().troubled

    def trouble(self) -> Trouble:
        """What is wrong with the lines, and how much waits for an upper level that is out of reach."""
        if not self.own.name:
            return Trouble()
        now = time.monotonic()
        if now - self._looked_at > BADGE_S:
            # Every page asks every half minute; one look serves them all.
            self._looked_at, self._trouble = now, look_for_trouble(self.desk.database)
        return self._trouble

    def outbox(self, caller: Caller, *, neighbour: str = "", state: str = "", entries: bool = False) -> list[Sent]:
        """What goes out for the caller's divisions and world."""
        with self.desk.database.transaction(caller) as connection:
            return outbox.listing(connection, caller.mode, neighbour=neighbour, state=state, entries=entries)

    def inbox(self, caller: Caller, limit: int = 100) -> list[Came]:
        """What came in to be signed for, the latest first."""
        with self.desk.database.transaction(caller) as connection:
            return [Came(*row) for row in connection.execute(_INBOX, {"mode": caller.mode, "limit": limit})]

    def message(self, origin: str, incident: UUID, message_id: UUID, caller: Caller) -> tuple[str, bytes | None]:
        """
        A message as it came, word for word, and its sealed document.

        Raises
        ------
        MissingError
            It is not there, or not the caller's.
        """
        values = {"origin": origin, "incident": incident, "message": message_id, "mode": caller.mode}
        with self.desk.database.transaction(caller) as connection:
            row = connection.execute(_MESSAGE, values).one_or_none()
        if row is None:
            raise MissingError(f"there is no message {message_id} from '{origin[:63]}'")
        return str(row.said), bytes(row.document) if row.document is not None else None

    def incidents(self, caller: Caller) -> list[Foreign]:
        """Incidents of other nodes; none of them is one of ours."""
        with self.desk.database.transaction(caller) as connection:
            return [Foreign(*row) for row in connection.execute(_INCIDENTS, {"mode": caller.mode})]

    def entries(self, origin: str, incident: UUID, caller: Caller) -> list[EntryRow]:
        """
        Copies of the entries of another node's incident, in their order there; numbers in between may be missing.

        Raises
        ------
        MissingError
            We hold nothing of it, or it is not the caller's.
        """
        values = {"origin": origin, "incident": incident, "mode": caller.mode}
        with self.desk.database.transaction(caller) as connection:
            rows = connection.execute(_ENTRIES, values).all()
        if not rows:
            raise MissingError(f"there is no incident {incident} from '{origin[:63]}'")
        return [
            EntryRow(
                row.incident_id, row.seq, row.division_code, row.mode, row.actor, row.kind, tuple(row.caused_by),
                row.idem_key, row.occurred_at, row.recorded_at, row.payload_canon, row.hash_ver,
                bytes(row.prev_hash), bytes(row.hash),
            )
            for row in rows
        ]  # fmt: skip

    def faults(self, caller: Caller) -> list[Fault]:
        """What we found wrong with the records of others."""
        with self.desk.database.transaction(caller) as connection:
            return heads.faults(connection)

    # -- doing -----------------------------------------------------------------------------------------------------

    def share(self, incident_id: UUID, names: Sequence[str], caller: Caller) -> list[str]:
        """
        Let an incident go to neighbours because a person says so; names it went to anew.

        Raises
        ------
        MissingError, RefusedError
            No such incident or neighbour, or it answers for another part of the country.
        """
        return [one.name for one in self._named(names, caller) if self._gatherer.share(incident_id, one, caller)]

    def warn(self, incident_id: UUID, names: Sequence[str], alert: Alert, caller: Caller, *, key: UUID) -> list[str]:
        """
        Send a warning about an incident to neighbours; names it goes to anew.

        Raises
        ------
        MissingError, RefusedError
            As `share`.
        """
        return [
            one.name for one in self._named(names, caller)
            if self._gatherer.warn(incident_id, one, alert, caller, key=key)
        ]  # fmt: skip

    def retry(self, row_id: int, caller: Caller) -> Sent:
        """
        Send a row again, at once.

        Raises
        ------
        MissingError, ConflictError
            No such row, or it has been delivered.
        """
        with self.desk.database.transaction(caller) as connection:
            return outbox.retry(connection, row_id, caller.mode)

    def acknowledge(
        self, origin: str, incident: UUID, message_id: UUID, caller: Caller, *, who: str, said: str = ""
    ) -> bool:
        """
        Sign for what came in; the sender hears of it, with both times. False when it was signed for before.

        Raises
        ------
        MissingError, InputError
            No such neighbour, or no such message.
        """
        with self.desk.database.transaction(caller) as connection:
            one = self.neighbours.one(connection, origin)
        return receiving.acknowledge(
            self.desk, self.own, one, incident, message_id, caller, who=who.strip()[:120] or caller.actor, said=said
        )

    # -- what neighbours do ----------------------------------------------------------------------------------------

    def receive(self, name: str, said: str, document: bytes | None, sent_at: datetime) -> Taken:
        """
        Take a message in from the neighbour that signed the request.

        Raises
        ------
        InputError, RefusedError, ConflictError
            See `receiving.receive`.
        """
        origin = self._heard(name)
        return receiving.receive(self.desk, self.own, origin, said, document, sent_at)

    def take_heads(self, name: str, push: Push) -> list[Asked]:
        """
        Take heads in from the neighbour that signed the request, and say which entries we want to see.

        Raises
        ------
        InputError
            Its public key is none.
        """
        origin = self._heard(name)
        with self.desk.database.transaction(Caller.system()) as connection:
            return heads.take(connection, origin, push)

    def _heard(self, name: str) -> Neighbour:
        with self.desk.database.transaction(Caller.system()) as connection:
            origin = self.neighbours.one(connection, name)
            connection.execute(
                text(
                    "UPDATE nodes.line SET heard_at = clock_timestamp(), open_until = NULL WHERE name = :name "
                    "AND (heard_at IS NULL OR heard_at < clock_timestamp() - interval '1 second')"
                ),
                {"name": name},
            )
        return origin

    def _named(self, names: Sequence[str], caller: Caller) -> list[Neighbour]:
        if not names:
            raise InputError("to: name at least one neighbour")
        if not self.own.name:
            raise RefusedError("this node has no name yet: set ONEMAP_NODE_NAME, then add neighbours")
        with self.desk.database.transaction(caller) as connection:
            return [self.neighbours.one(connection, name) for name in dict.fromkeys(names)]


def look_for_trouble(database: Database) -> Trouble:
    """Look whether a line is cut or halted, a message was refused, or a neighbour's record does not hold."""
    with database.transaction(Caller.system()) as connection:
        troubled = bool(connection.execute(_TROUBLED, {"after": CUT_AFTER}).scalar_one())
        away = connection.execute(_ABOVE, {"after": CUT_AFTER}).all() if troubled else []
        queued = [outbox.waiting(connection, mode) for mode in WORLDS] if away else []
    waiting = {
        mode: sum(by_name.get(one.name, (0, 0, None))[0] for one in away)
        for mode, by_name in zip(WORLDS, queued, strict=False)
    }
    return Trouble(troubled, "、".join(one.title for one in away), waiting)


def _line(one: Neighbour, row: Any, queued: tuple[int, int, datetime | None], faults: int) -> LineState:
    state: State = "up"
    if row.trouble in HALTED:
        state = "halted"
    elif row.failures >= CUT_AFTER:
        state = "cut"
    elif row.reached_at is None:
        state = "new"
    waits = row.open_until is not None and row.open_until > datetime.now(UTC) - timedelta(seconds=1)
    return LineState(
        one.name, one.title, one.level, one.relation, one.address, (one.division_from, one.division_to), one.label,
        state, row.trouble, row.failures, row.open_until if waits else None, row.reached_at, row.heard_at,
        row.clock_off_s, *queued, faults,
    )  # fmt: skip


_FAULTS = text("SELECT origin, count(*) AS found FROM nodes.fault GROUP BY origin")
_TROUBLED = text(
    "SELECT EXISTS (SELECT 1 FROM nodes.line JOIN nodes.neighbour USING (name) WHERE removed_at IS NULL "
    "AND (failures >= :after OR trouble IN ('key', 'clock', 'stranger'))) "
    "OR EXISTS (SELECT 1 FROM nodes.fault) OR EXISTS (SELECT 1 FROM nodes.outbox WHERE state = 'dead')"
)
_ABOVE = text(
    "SELECT name, title FROM nodes.line JOIN nodes.neighbour USING (name) WHERE removed_at IS NULL "
    "AND relation = 'above' AND (failures >= :after OR trouble IN ('key', 'clock', 'stranger')) ORDER BY name"
)
_INBOX = text(
    "SELECT origin, coalesce(own.title, origin), coalesce(own.relation, 'beside'), incident_id, message_id, kind, "
    "mode, came.title, sent_at, received_at, acknowledged_at, acknowledged_by, acknowledged_text, document IS NOT NULL "
    "FROM nodes.inbox AS came LEFT JOIN nodes.neighbour AS own ON own.name = came.origin "
    "WHERE mode = :mode AND kind IN ('report', 'order', 'warning') ORDER BY received_at DESC LIMIT :limit"
)
_MESSAGE = text(
    "SELECT said, document FROM nodes.inbox WHERE origin = :origin AND incident_id = :incident "
    "AND message_id = :message AND mode = :mode"
)
_INCIDENTS = text(
    "SELECT one.origin, coalesce(own.title, one.origin), one.incident_id, one.mode, one.about, one.updated_at, "
    "(SELECT count(*) FROM nodes.foreign_entry AS entry WHERE entry.origin = one.origin "
    "AND entry.incident_id = one.incident_id) FROM nodes.foreign_incident AS one "
    "LEFT JOIN nodes.neighbour AS own ON own.name = one.origin WHERE one.mode = :mode "
    "ORDER BY one.updated_at DESC LIMIT 200"
)
_ENTRIES = text(
    "SELECT * FROM nodes.foreign_entry WHERE origin = :origin AND incident_id = :incident AND mode = :mode ORDER BY seq"
)
