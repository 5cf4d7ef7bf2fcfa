"""What follows when roads change? Routes, crossings to guard and evacuation, computed anew and recorded."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from gis.database import Caller
from gis.errors import ConflictError
from routing import store
from scenarios import log, running
from scenarios.exercise.played import Played
from scenarios.journal import Journal
from scenarios.log import Receipt
from scenarios.roads.closing import ATTEMPTS, ClosureDesk
from scenarios.roads.following import Roadwork, evacuate_again, ground_of, route_again
from scenarios.situation import Run, Situation

Progress = Callable[[str, float], None]
SPLIT_ABOVE_S = 0.4
"""An evacuation that took longer than this last time follows its routes as an entry of its own."""
WORKS_KEPT = 6


@dataclass(frozen=True, slots=True)
class Followed:
    """A run made because roads changed: its id, the receipts of its entries, and the seconds each step took."""

    incident_id: UUID
    run_id: str
    receipts: tuple[Receipt, ...]
    timings: dict[str, float]


class RoadDesk(ClosureDesk):
    """
    Closures of incidents and what follows from them. Shared by all pages; safe between threads.

    What a run stands on (people, teams, shelters, roads) is kept in memory, so that a closure costs only what roads do.
    """

    def __init__(self, journal: Journal, played: Played) -> None:
        super().__init__(journal)
        self.played = played
        self._works: OrderedDict[tuple[Any, ...], Roadwork] = OrderedDict()
        self._lock = Lock()
        self._turns: dict[UUID, Lock] = {}

    def prepare(self, incident_id: UUID, caller: Caller) -> None:
        """Load what the roads of the last run stand on, and search once: the first closure need not wait for either."""
        known = self.journal.situation(incident_id, caller=caller)
        run = known.run
        if run is not None and run.hazard is not None and run.routes is not None and run.routes.network:
            work = self.work(incident_id, run, caller)
            with self.journal.database.transaction(caller) as connection:
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
                known = self.journal.situation(incident_id, caller=caller)
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
        known = self.journal.situation(incident_id, caller=caller)
        if known.status != "open" or known.run is None or known.run.routes is None or not known.run.routes.network:
            return None
        with self.journal.database.transaction(caller) as connection:
            held = store.closures_at(connection, known.run.routes.network)
        if set(held.known_as) == set(known.run.routes.honoured):
            return None
        return self.follow(incident_id, caller, anyway=True)

    def _follow(self, incident_id: UUID, known: Situation, run: Run, caller: Caller, tell: Progress) -> Followed:
        tell("routes", 0.1)
        work = self.work(incident_id, run, caller)
        with self.journal.database.transaction(caller) as connection:
            held = store.closures_at(connection, work.network.name)
        routes, view, timings = route_again(work, held)
        evacuation = None
        if run.evacuation is None or run.evacuation.seconds <= SPLIT_ABOVE_S:
            tell("evacuation", 0.5)
            evacuation = evacuate_again(work, view, run, self.played.moment_in(incident_id, caller))
        run_id, receipts = self._record(
            incident_id, known, caller, replace(routes, based_on=run.run_id), _causes(known, run), evacuation
        )
        if evacuation is None:
            tell("routes_recorded", 0.5)
            evacuation = evacuate_again(work, view, run, self.played.moment_in(incident_id, caller))
            receipts += self._record_more(incident_id, run_id, evacuation, receipts[-1].seq, caller)
        tell("done", 1.0)
        return Followed(incident_id, run_id, receipts, {**timings, "evacuation": evacuation.seconds})

    def _record(
        self, incident_id: UUID, known: Situation, caller: Caller, routes: Any, causes: tuple[int, ...], evacuation: Any
    ) -> tuple[str, tuple[Receipt, ...]]:
        with self.journal.database.transaction(caller) as connection:
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
        with self.journal.database.transaction(caller) as connection:
            now = self.journal.fold(connection, incident_id)
            if now.run is None or now.run.run_id != run_id or now.run.stale_why == "roads":
                raise ConflictError("roads changed again")
            event = replace(evacuation, run_id=run_id)
            return (log.append(connection, incident_id, event, caused_by=(cause,), expected_seq=now.seq),)

    def _unchanged(self, connection: Connection, incident_id: UUID, known: Situation) -> int:
        """Number of the last entry, when closures and runs are still those that were computed with."""
        now = self.journal.fold(connection, incident_id)
        if now.closures != known.closures or now.runs != known.runs:
            raise ConflictError("closures or runs changed meanwhile")
        return now.seq

    def work(self, incident_id: UUID, run: Run, caller: Caller) -> Roadwork:
        """What the last run stands on, loaded once and kept."""
        assert run.hazard is not None and run.routes is not None
        network = self.journal.roads.named(run.routes.network)
        sha = run.hazard.provenance.get("inputs_sha256", "")
        key = (incident_id, sha, run.hazard.case.get("name"), id(network), caller.mode, caller.division_from)
        with self._lock:
            if key in self._works:
                self._works.move_to_end(key)
                return self._works[key]
        with self.journal.database.transaction(caller) as connection:
            work = ground_of(run, network, self.journal.roads.folder / network.name, connection, caller.mode)
        with self._lock:
            self._works[key] = work
            while len(self._works) > WORKS_KEPT:
                self._works.popitem(last=False)
        return work


def _causes(known: Situation, run: Run) -> tuple[int, ...]:
    """The closures that changed since the run, and the run itself."""
    changed = {seq for one in known.closures for seq in (one.first_seq, one.seq) if seq > run.first_seq}
    return (run.first_seq, *sorted(changed))
