"""What happens when a road is reported closed? It is recorded, and what depends on roads is computed anew."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import Connection

from gis.crs import LonLat
from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from routing import store
from scenarios import log, running
from scenarios.event import Event
from scenarios.log import Receipt
from scenarios.roads.closures import Closure, ReportClosure, RoadFound, checked_geometry, closed_area, directed, road_at
from scenarios.roads.events import ClosureLifted, ClosureMoved, ClosureReported
from scenarios.roads.following import Roadwork, evacuate_again, ground_of, route_again
from scenarios.situation import Run, Situation

if TYPE_CHECKING:
    from routing.network import Network
    from scenarios.desk import Desk

Progress = Callable[[str, float], None]
SPLIT_ABOVE_S = 0.4
"""An evacuation that took longer than this last time follows its routes as an entry of its own."""
WORKS_KEPT = 6
ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Followed:
    """A run made because roads changed: its id, the receipts of its entries, and the seconds each step took."""

    incident_id: UUID
    run_id: str
    receipts: tuple[Receipt, ...]
    timings: dict[str, float]


class RoadDesk:
    """
    Closures of incidents and what follows from them. Shared by all pages; safe between threads.

    What a run stands on (people, teams, shelters, roads) is kept in memory, so that a closure costs only what roads do.
    """

    def __init__(self, desk: "Desk") -> None:
        self.desk = desk
        self._works: OrderedDict[tuple[Any, ...], Roadwork] = OrderedDict()
        self._lock = Lock()
        self._turns: dict[UUID, Lock] = {}

    # -- closures --------------------------------------------------------------------------------------------------

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
        known = self.desk.situation(incident_id, caller=caller)
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
        with self.desk.database.transaction(caller) as connection:
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
            _report_of(_closure(self.desk.situation(incident_id, caller=caller), closure_id)),
            closure_id=f"C-{key.hex[:12]}",
        )
        with self.desk.database.transaction(caller) as connection:
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
                with self.desk.database.transaction(caller) as connection:
                    now = self.desk.fold(connection, incident_id)
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

    # -- what follows ----------------------------------------------------------------------------------------------

    def prepare(self, incident_id: UUID, caller: Caller) -> None:
        """Load what the roads of the last run stand on, and search once: the first closure need not wait for either."""
        known = self.desk.situation(incident_id, caller=caller)
        run = known.run
        if run is not None and run.hazard is not None and run.routes is not None and run.routes.network:
            work = self.work(incident_id, run, caller)
            with self.desk.database.transaction(caller) as connection:
                held = store.closures_at(connection, work.network.name)
            _, view, _ = route_again(work, held)
            if run.exposure is not None:
                evacuate_again(work, view, run, datetime.now(UTC))

    def follow(
        self, incident_id: UUID, caller: Caller, progress: Progress | None = None, *, anyway: bool = False
    ) -> Followed | None:
        """
        Compute routes, crossings to guard and evacuation anew where a closure put the last run in doubt.

        Zones and people of that run are kept. None when there is nothing to do: no run, no roads, or nothing changed
        (unless it is to be done `anyway`).
        Runs of one incident wait for each other, so several closures at once are followed once.
        """
        tell = progress or running.quiet
        with self._lock:
            turn = self._turns.setdefault(incident_id, Lock())
        with turn:
            for _ in range(ATTEMPTS):
                known = self.desk.situation(incident_id, caller=caller)
                run = known.run
                if run is None or run.hazard is None or run.routes is None or not run.routes.network:
                    return None
                if run.stale_why != "roads" and not run.awaiting and not anyway:
                    return None
                try:
                    return self._follow(incident_id, known, run, caller, tell)
                except ConflictError:
                    continue  # another closure, or another run, while we computed: begin from what is known now
        raise ConflictError("closures change faster than routes can be computed: try again in a moment")

    def catch_up(self, incident_id: UUID, caller: Caller) -> Followed | None:
        """
        Compute anew when closures began or ended by the clock, or were reported elsewhere, since the last run.

        None when the last run honours exactly what is closed now.
        """
        known = self.desk.situation(incident_id, caller=caller)
        if known.status != "open" or known.run is None or known.run.routes is None or not known.run.routes.network:
            return None
        with self.desk.database.transaction(caller) as connection:
            held = store.closures_at(connection, known.run.routes.network)
        if set(held.known_as) == set(known.run.routes.honoured):
            return None
        return self.follow(incident_id, caller, anyway=True)

    def _follow(self, incident_id: UUID, known: Situation, run: Run, caller: Caller, tell: Progress) -> Followed:
        tell("routes", 0.1)
        work = self.work(incident_id, run, caller)
        with self.desk.database.transaction(caller) as connection:
            held = store.closures_at(connection, work.network.name)
        routes, view, timings = route_again(work, held)
        evacuation = None
        if run.evacuation is None or run.evacuation.seconds <= SPLIT_ABOVE_S:
            tell("evacuation", 0.5)
            evacuation = evacuate_again(work, view, run, datetime.now(UTC))
        run_id, receipts = self._record(
            incident_id, known, caller, replace(routes, based_on=run.run_id), _causes(known, run), evacuation
        )
        if evacuation is None:
            tell("routes_recorded", 0.5)
            evacuation = evacuate_again(work, view, run, datetime.now(UTC))
            receipts += self._record_more(incident_id, run_id, evacuation, receipts[-1].seq, caller)
        tell("done", 1.0)
        return Followed(incident_id, run_id, receipts, {**timings, "evacuation": evacuation.seconds})

    def _record(
        self, incident_id: UUID, known: Situation, caller: Caller, routes: Any, causes: tuple[int, ...], evacuation: Any
    ) -> tuple[str, tuple[Receipt, ...]]:
        with self.desk.database.transaction(caller) as connection:
            seen = self._unchanged(connection, incident_id, known)
            run_id = f"R-{datetime.now(UTC):%Y%m%d}-{seen + 1:04d}"
            first = log.append(
                connection, incident_id, replace(routes, run_id=run_id), caused_by=causes, expected_seq=seen
            )
            if evacuation is None:
                return run_id, (first,)
            event = replace(evacuation, run_id=run_id)
            return run_id, (first, log.append(connection, incident_id, event, caused_by=(first.seq,)))

    def _record_more(
        self, incident_id: UUID, run_id: str, evacuation: Any, cause: int, caller: Caller
    ) -> tuple[Receipt, ...]:
        with self.desk.database.transaction(caller) as connection:
            now = self.desk.fold(connection, incident_id)
            if now.run is None or now.run.run_id != run_id or now.run.stale_why == "roads":
                raise ConflictError("roads changed again")
            event = replace(evacuation, run_id=run_id)
            return (log.append(connection, incident_id, event, caused_by=(cause,), expected_seq=now.seq),)

    def _unchanged(self, connection: Connection, incident_id: UUID, known: Situation) -> int:
        """Number of the last entry, when closures and runs are still those that were computed with."""
        now = self.desk.fold(connection, incident_id)
        if now.closures != known.closures or now.runs != known.runs:
            raise ConflictError("closures or runs changed meanwhile")
        return now.seq

    # -- what it stands on -----------------------------------------------------------------------------------------

    def network(self, known: Situation) -> "Network | None":
        """Roads of the last run, or those that cover the place."""
        if known.run is not None and known.run.routes is not None and known.run.routes.network:
            return self.desk.roads.named(known.run.routes.network)
        return self.desk.roads.covering(known.place) if known.place is not None else None

    def road_at(self, incident_id: UUID, place: LonLat, caller: Caller, *, whole: bool) -> RoadFound:
        """
        Road under a click on the map.

        Raises
        ------
        InputError
            No road is near, or no network covers the incident.
        """
        network = self.network(self.desk.situation(incident_id, caller=caller))
        if network is None:
            raise InputError("no road network covers this place: build one with `onemap roads`")
        return road_at(network, place, whole=whole)

    def work(self, incident_id: UUID, run: Run, caller: Caller) -> Roadwork:
        """What the last run stands on, loaded once and kept."""
        assert run.hazard is not None and run.routes is not None
        network = self.desk.roads.named(run.routes.network)
        sha = run.hazard.provenance.get("inputs_sha256", "")
        key = (incident_id, sha, run.hazard.case.get("name"), id(network), caller.mode, caller.division_from)
        with self._lock:
            if key in self._works:
                self._works.move_to_end(key)
                return self._works[key]
        with self.desk.database.transaction(caller) as connection:
            work = ground_of(run, network, self.desk.roads.folder / network.name, connection, caller.mode)
        with self._lock:
            self._works[key] = work
            while len(self._works) > WORKS_KEPT:
                self._works.popitem(last=False)
        return work


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


def _causes(known: Situation, run: Run) -> tuple[int, ...]:
    """The closures that changed since the run, and the run itself."""
    changed = {seq for one in known.closures for seq in (one.first_seq, one.seq) if seq > run.first_seq}
    return (run.first_seq, *sorted(changed))
