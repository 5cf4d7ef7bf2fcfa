"""What happens when a road is reported closed, open again, or closed otherwise? It is recorded, for everybody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import Connection

from gis.crs import LonLat
from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from routing import store
from scenarios import log
from scenarios.event import Event
from scenarios.journal import Journal
from scenarios.log import Receipt
from scenarios.roads.closures import Closure, ReportClosure, RoadFound, checked_geometry, closed_area, directed, road_at
from scenarios.roads.events import ClosureLifted, ClosureMoved, ClosureReported
from scenarios.situation import Situation

if TYPE_CHECKING:
    from routing.network import Network

ATTEMPTS = 20


class ClosureDesk:
    """Closures of incidents, as people report and change them. Shared by all pages; safe between threads."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def report_closure(
        self, incident_id: UUID, said: ReportClosure, caller: Caller, *, key: UUID | None = None
    ) -> tuple[str, Receipt]:
        """
        Record a closure; gives its id, which follows from the key, and the receipt.

        Raises
        ------
        InputError
            Every fault of what was said, or no road near the place.
        """
        key = key or uuid4()
        closure_id = f"C-{key.hex[:12]}"
        known = self.journal.situation(incident_id, caller=caller)
        before = next((one for one in known.closures if one.closure_id == closure_id), None)
        network = self.network(known)
        found = _found(said, network)
        valid_from = said.valid_from or (before.valid_from if before else datetime.now(UTC))
        if said.valid_until is not None and said.valid_until <= valid_from:
            raise InputError("valid_until: a closure must end after it begins")
        event = ClosureReported(
            closure_id=closure_id,
            shape=said.shape,
            geometry=found.geometry if found else checked_geometry(said.shape, said.geometry or {}),
            reason=said.reason,
            valid_from=valid_from,
            valid_until=said.valid_until,
            name=said.name.strip() or (found.name if found else ""),
            text=said.text.strip(),
            reported_by=said.reported_by.strip(),
            network=network.name if network is not None else "",
            stretches=directed(found, said.direction) if found else (),
        )
        with self.journal.database.transaction(caller) as connection:
            receipt = log.append(connection, incident_id, event, key=key)
            if not receipt.replayed:
                _keep(connection, event)
        return closure_id, receipt

    def move_closure(
        self, incident_id: UUID, closure_id: str, geometry: dict[str, Any], caller: Caller, *, seen_seq: int,
        text: str = "", key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """
        Give an area or barrier another outline.

        Raises
        ------
        ConflictError
            Somebody changed this closure after entry `seen_seq`, or it is lifted.
        InputError
            A road cannot be moved; or a fault of the outline.
        """

        def change(one: Closure) -> tuple[Event, ClosureReported]:
            if one.shape == "road":
                raise InputError("a closed road cannot be moved: lift it and close the other road")
            moved = checked_geometry(one.shape, geometry)
            return ClosureMoved(closure_id, moved, text.strip()), replace(_report_of(one), geometry=moved)

        return self._change(incident_id, closure_id, caller, seen_seq, key, change)

    def lift_closure(
        self, incident_id: UUID, closure_id: str, caller: Caller, *, seen_seq: int, text: str = "",
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """
        Open the roads again. The rules of `move_closure`.

        Raises
        ------
        ConflictError
            Somebody changed this closure after entry `seen_seq`, or it is lifted.
        """
        return self._change(
            incident_id, closure_id, caller, seen_seq, key, lambda _one: (ClosureLifted(closure_id, text.strip()), None)
        )

    def report_again(self, incident_id: UUID, closure_id: str, caller: Caller, *, key: UUID | None = None) -> Receipt:
        """Report a lifted closure once more, as it was: the undo of a lift. It gets an id of its own."""
        key = key or uuid4()
        event = replace(
            _report_of(_closure(self.journal.situation(incident_id, caller=caller), closure_id)),
            closure_id=f"C-{key.hex[:12]}",
        )
        with self.journal.database.transaction(caller) as connection:
            receipt = log.append(connection, incident_id, event, key=key)
            if not receipt.replayed:
                _keep(connection, event)
        return receipt

    def _change(
        self,
        incident_id: UUID,
        closure_id: str,
        caller: Caller,
        seen_seq: int,
        key: UUID | None,
        change: Callable[[Closure], tuple[Event, ClosureReported | None]],
    ) -> Receipt:
        """Append a change of one closure; only what touched this closure since `seen_seq` stands in its way."""
        key = key or uuid4()
        for _ in range(ATTEMPTS):
            try:
                with self.journal.database.transaction(caller) as connection:
                    now = self.journal.fold(connection, incident_id)
                    one = _closure(now, closure_id)
                    event, kept = change(one)
                    receipt = log.append(
                        connection, incident_id, event, key=key, caused_by=(one.first_seq,), expected_seq=now.seq
                    )
                    if receipt.replayed:
                        return receipt
                    if one.lifted_seq is not None:
                        raise _RefusedError(f"closure {one.number} was lifted already by entry {one.lifted_seq}")
                    if one.seq > seen_seq:
                        raise _RefusedError(
                            f"closure {one.number} was changed by entry {one.seq} after you looked: "
                            "look, then decide again"
                        )
                    store.withdraw_known(connection, closure_id)
                    if kept is not None:
                        _keep(connection, replace(kept, valid_from=max(kept.valid_from, datetime.now(UTC))))
                    return receipt
            except _RefusedError:
                raise
            except ConflictError:
                continue  # somebody wrote between our look and the lock; the next look shows what
        raise ConflictError("the incident moves faster than this change can be written: try again")

    def network(self, known: Situation) -> "Network | None":
        """Roads of the last run, or those that cover the place."""
        if known.run is not None and known.run.routes is not None and known.run.routes.network:
            return self.journal.roads.named(known.run.routes.network)
        return self.journal.roads.covering(known.place) if known.place is not None else None

    def road_at(self, incident_id: UUID, place: LonLat, caller: Caller, *, whole: bool) -> RoadFound:
        """
        Road under a click on the map.

        Raises
        ------
        InputError
            No road is near, or no network covers the incident.
        """
        network = self.network(self.journal.situation(incident_id, caller=caller))
        if network is None:
            raise InputError("no road network covers this place: build one with `onemap roads`")
        return road_at(network, place, whole=whole)


class _RefusedError(ConflictError):
    """A conflict about the closure itself: trying again would not mend it."""


def _closure(known: Situation, closure_id: str) -> Closure:
    found = next((one for one in known.closures if one.closure_id == closure_id), None)
    if found is None:
        raise MissingError(f"there is no closure {closure_id} in this incident")
    return found


def _found(said: ReportClosure, network: "Network | None") -> RoadFound | None:
    if said.shape != "road":
        if said.geometry is None:
            raise InputError("geometry: draw the area or the barrier")
        return None
    if said.place is None:
        raise InputError("longitude, latitude: say where on the road")
    if network is None:
        raise InputError("no road network covers this place: close an area, or build a network with `onemap roads`")
    return road_at(network, said.place.checked(), whole=said.whole)


def _report_of(one: Closure) -> ClosureReported:
    return ClosureReported(
        closure_id=one.closure_id, shape=one.shape, geometry=one.geometry, reason=one.reason, valid_from=one.valid_from,
        valid_until=one.valid_until, name=one.name, text=one.text, reported_by=one.reported_by, network=one.network,
        stretches=one.stretches,
    )  # fmt: skip


def _keep(connection: Connection, event: ClosureReported) -> None:
    """Write the closure where every incident and every command sees it."""
    from routing.closures import RoadReport

    if not event.network:
        return
    reason = event.name or event.reason
    said: dict[str, Any] = {"valid_until": event.valid_until, "known_as": event.closure_id}
    area = closed_area(event.shape, event.geometry)
    if area is not None:
        store.add_closure(connection, event.network, reason, event.valid_from, area=area, **said)
    for one in event.stretches:
        report = RoadReport(longitude=one.longitude, latitude=one.latitude, direction=one.direction, reason=reason)
        store.add_closure(connection, event.network, reason, event.valid_from, report=report, **said)
