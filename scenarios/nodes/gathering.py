"""What of the record must go to whom? The feed is read on from a cursor, and what it asks for stands in the outbox."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, text

from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
from gis.errors import MissingError, RefusedError
from gis.provenance import Mode
from scenarios import log
from scenarios.exchange.alert import Alert
from scenarios.log import Head
from scenarios.nodes import messages, outbox
from scenarios.nodes.messages import Copy, Json, Kind
from scenarios.nodes.neighbours import Neighbour, Own
from scenarios.nodes.sharing import ORDERS, goes_down, goes_up, is_addressed, may_go

if TYPE_CHECKING:
    from scenarios.desk import Desk
    from scenarios.situation import Situation

BATCH = 200
WORLDS: tuple[Mode, ...] = ("live", "drill")


class Gatherer:
    """
    Turns what was recorded into messages.

    One at a time over all processes: the cursor and the rows it asked for are committed together, so nothing is passed
    over and nothing stands twice, whenever a process dies.
    """

    def __init__(self, desk: "Desk", own: Own) -> None:
        self._desk = desk
        self._own = own

    def gather(self, neighbours: Sequence[Neighbour]) -> int:
        """Look through the next entries of the record; how many were looked at (0 = at the end)."""
        with self._desk.database.transaction(_everybody("live")) as connection:
            connection.execute(_LOCK)
            at = connection.execute(text("SELECT xid, pos FROM nodes.cursor")).one()
            rows = connection.execute(_FEED, {"xid": str(at.xid), "pos": at.pos, "limit": BATCH}).all()
            if not rows:
                return 0
            for row in rows:
                if row.mode in WORLDS:
                    self._route(connection, row, neighbours)
            last = {"xid": int(str(rows[-1].xid)), "pos": rows[-1].pos}
            connection.execute(text("UPDATE nodes.cursor SET xid = :xid, pos = :pos"), last)
            return len(rows)

    def share(self, incident_id: UUID, to: Neighbour, caller: Caller) -> bool:
        """
        Let an incident go to a neighbour because a person says so; False when it went there already.

        Raises
        ------
        MissingError
            No such incident in the caller's range and world.
        RefusedError
            The neighbour answers for another part of the country.
        """
        with self._desk.database.transaction(caller) as connection:
            connection.execute(_LOCK)
            head = self._head(connection, incident_id, to, caller)
            return self._share(connection, head, to, "person")

    def warn(
        self, incident_id: UUID, to: Neighbour, alert: Alert, caller: Caller, *, key: UUID, now: datetime | None = None
    ) -> bool:
        """
        Put out a warning about an incident; the same key again is the same warning.

        Raises
        ------
        MissingError, RefusedError
            As `share`.
        """
        with self._desk.database.transaction(caller) as connection:
            head = self._head(connection, incident_id, to, caller)
            title = alert.info[0].headline if alert.info else self._desk.fold(connection, incident_id).title
            made = messages.write(
                self._own, to, "warning", key, head, title, now or datetime.now(UTC),
                about=messages.about(head, self._desk.fold(connection, incident_id)), alert=alert,
            )  # fmt: skip
            return outbox.put(connection, to.name, made, head.division_code)

    def _head(self, connection: Connection, incident_id: UUID, to: Neighbour, caller: Caller) -> Head:
        """Head of an incident the caller may see and the neighbour may hear of."""
        head = log.head(connection, incident_id)
        if head.mode != caller.mode:
            raise MissingError(f"there is no incident {incident_id}")
        if to.relation == "above" and not to.covers(head.division_code):
            raise RefusedError(f"'{to.name}' does not answer for division {head.division_code}")
        if to.relation == "below" and not self._own.covers(to.division_from):
            raise RefusedError(f"'{to.name}' lies outside our division: reach it through the level above it")
        return head

    # -- one entry -------------------------------------------------------------------------------------------------

    def _route(self, connection: Connection, row: Any, neighbours: Iterable[Neighbour]) -> None:
        for to in neighbours:
            if row.recorded_at < to.added_at and not _is_shared(connection, row.incident_id, to):
                continue
            division, kind, payload = row.division_code, row.kind, row.payload
            head = log.head(connection, row.incident_id)
            if goes_up(to, kind, payload, division):
                self._share(connection, head, to, "reported")
            elif goes_down(to, kind, payload, division):
                self._share(connection, head, to, "division")
            elif kind == "order_moved" and payload.get("to") == "issued" and self._addressed(connection, row, to):
                self._share(connection, head, to, "order", whole=False)
            shared = _is_shared(connection, row.incident_id, to)
            if shared is not None:
                self._put(connection, head, row, to, whole=shared)

    def _share(self, connection: Connection, head: Head, to: Neighbour, why: str, *, whole: bool = True) -> bool:
        """Note that an incident goes to a neighbour, and put out what it may have of what was recorded so far."""
        values = {"incident": head.incident_id, "neighbour": to.name, "whole": whole, "why": why}
        if connection.execute(_SHARE, values).first() is None:
            return False
        rows = connection.execute(_ENTRIES, {"incident": head.incident_id})
        for row in rows:
            self._put(connection, head, row, to, whole=whole)
        return True

    def _put(self, connection: Connection, head: Head, row: Any, to: Neighbour, *, whole: bool) -> None:
        known = self._desk.fold(connection, head.incident_id)
        addressed = row.kind in ORDERS and self._addressed(connection, row, to)
        corrected = ""
        if row.kind == "correction":
            corrected = next((one.kind for one in known.entries if one.seq == row.payload.get("refers_to")), "")
        if not addressed and not (whole and may_go(to, row.kind, corrected=corrected)):
            return
        kind, title, content = self._as(row, known, to, addressed=addressed)
        copy: Copy = messages.copy_of(row)
        made = messages.write(
            self._own, to, kind, row.idem_key, head, title or known.title, row.recorded_at,
            about=messages.about(head, known) if whole else {"code": head.code, "title": known.title},
            entry=copy, content=content,
        )  # fmt: skip
        outbox.put(connection, to.name, made, head.division_code, by=row.actor, document_wanted=kind == "report")

    @staticmethod
    def _as(row: Any, known: "Situation", to: Neighbour, *, addressed: bool) -> tuple[Kind, str, Json]:
        """What an entry is to its receiver: a report to read, an order to carry out, or a copy to know of."""
        payload = row.payload
        if row.kind == "report_sent" and to.relation == "above":
            said = {name: payload.get(name) for name in ("stage", "channel", "number", "form", "sent_to", "text")}
            return "report", f"{known.title} · {payload.get('title', '')}".strip(" ·"), said
        if addressed and row.kind == "order_moved" and payload.get("to") == "issued":
            order = known.orders.named(payload["order_id"])
            if order is not None:
                draft = order.draft
                said = {
                    "order_id": order.order_id, "name": order.name, "text": draft.text, "place": draft.place,
                    "longitude": draft.longitude, "latitude": draft.latitude, "unit_name": draft.unit_name,
                    "within_s": draft.within_s, "due_at": draft.due_at.isoformat() if draft.due_at else None,
                }  # fmt: skip
                return "order", f"{order.name} {draft.text}"[:300], said
        return "entry", "", {}

    def _addressed(self, connection: Connection, row: Any, to: Neighbour) -> bool:
        """Whether an entry is about an order given to this neighbour."""
        order = self._desk.fold(connection, row.incident_id).orders.named(str(row.payload.get("order_id", "")))
        draft = {"unit_id": order.draft.unit_id, "unit_name": order.draft.unit_name} if order else row.payload
        return is_addressed(to, draft)


def _everybody(mode: Mode) -> Caller:
    return Caller("system", LOWEST_DIVISION, HIGHEST_DIVISION, mode)


def _is_shared(connection: Connection, incident_id: UUID, to: Neighbour) -> bool | None:
    """Whether an incident goes to a neighbour: True whole, False only orders to it, None not at all."""
    row = connection.execute(_SHARED, {"incident": incident_id, "neighbour": to.name}).one_or_none()
    return None if row is None else bool(row.whole)


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('onemap nodes gather', 0))")
_FEED = text("SELECT * FROM record.feed_after(CAST(CAST(:xid AS text) AS xid8), :pos, :limit)")
_ENTRIES = text("SELECT * FROM record.entry WHERE incident_id = :incident ORDER BY seq")
_SHARED = text("SELECT whole FROM nodes.shared WHERE incident_id = :incident AND neighbour = :neighbour")
_SHARE = text(
    "INSERT INTO nodes.shared (incident_id, neighbour, whole, why) VALUES (:incident, :neighbour, :whole, :why) "
    "ON CONFLICT (incident_id, neighbour) DO UPDATE SET whole = true, why = excluded.why "
    "WHERE excluded.whole AND NOT nodes.shared.whole RETURNING why"
)
