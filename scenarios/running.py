"""How is an assessment run made ready, computed and put into the record?"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gis.database import Caller, Database
from gis.errors import ConflictError, InputError
from scenarios import log
from scenarios.log import Receipt
from scenarios.roads.networks import Roads
from scenarios.sources import Files, gather

if TYPE_CHECKING:
    from scenarios.assessment import Assessment
    from scenarios.events import ConfidenceForecast
    from scenarios.situation import Run

Progress = Callable[[str, float], None]
"""Called with the code of a step (zones, ground, exposure, closures, routes, evacuation, record, done) and 0..1."""
ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Wishes:
    """
    What may be asked for besides the case.

    Attributes
    ----------
    roads
        Name of a network; None takes the smallest that covers the place.
    files
        People, facilities, teams and shelters given by hand.
    day
        Count people where they are by day; None decides by the hour of the incident.
    departs_at
        When whoever leaves sets out, by the clock of the case; None is now. A drill plays on a date of its own.
    """

    roads: str | None = None
    files: Files | None = None
    day: bool | None = None
    departs_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assessed:
    """What an assessment gave and the receipts of its entries."""

    incident_id: UUID
    run_id: str
    assessment: "Assessment"
    receipts: tuple[Receipt, ...]


def compute(
    database: Database, roads: Roads, case: Mapping[str, Any], caller: Caller, wishes: Wishes, progress: Progress | None
) -> "Assessment":
    """
    Forecast, load what is known about the ground under the zones, and run the rest of the chain. Records nothing.

    Raises
    ------
    InputError
        Every fault of the case or of a file; no network of that name, or one that lies elsewhere.
    """
    from routing.store import closures_at
    from scenarios.assessment import assess
    from scenarios.hazards.zones import foresee

    tell = progress or quiet
    tell("zones", 0.0)
    hazard = foresee(case)
    if wishes.roads and (fault := roads.fault(wishes.roads, hazard.scene)):
        raise InputError(fault)
    tell("ground", 0.2)
    started = time.perf_counter()
    network = roads.named(wishes.roads) if wishes.roads else roads.covering(hazard.scene)
    # A cloud does not stop at a border, and people beyond it must be counted: an assessment stands on the ground of the
    # whole country in the caller's world, whatever rows the caller may look at one by one.
    with database.transaction(caller.of_the_whole_country()) as connection:
        ground = gather(
            hazard.bounds,
            hazard.scene,
            network=network,
            network_folder=roads.folder / network.name if network is not None else None,
            connection=connection,
            files=wishes.files,
            mode=caller.mode,
        )
        if network is not None:
            ground = replace(ground, closed=closures_at(connection, network.name))
    loading_s = time.perf_counter() - started
    found = assess(
        case,
        ground,
        hazard=hazard,
        day=wishes.day,
        departs_at=wishes.departs_at or datetime.now(UTC),
        progress=lambda step, part: tell(step, 0.3 + 0.6 * part),
    )
    return replace(found, timings=_summed({**found.timings, "ground": loading_s}))


def record(
    database: Database,
    incident_id: UUID,
    found: "Assessment",
    case_seq: int | None,
    caller: Caller,
    progress: Progress | None = None,
) -> Assessed:
    """
    Append the four parts in one transaction, each caused by the one before and the first by the case.

    The run is named after the day and the number of its first entry: R-20261124-0007.
    """
    tell = progress or quiet
    tell("record", 0.95)
    started = time.perf_counter()
    for attempt in range(ATTEMPTS):
        try:
            with database.transaction(caller) as connection:
                seen = log.head(connection, incident_id).seq
                run_id = f"R-{datetime.now(UTC):%Y%m%d}-{seen + 1:04d}"
                causes: tuple[int, ...] = (case_seq,) if case_seq else ()
                receipts: list[Receipt] = []
                for event in found.events(run_id):
                    expected = None if receipts else seen
                    receipt = log.append(connection, incident_id, event, caused_by=causes, expected_seq=expected)
                    receipts.append(receipt)
                    causes = (receipt.seq,)
            break
        except ConflictError:
            # Somebody wrote between our look at the head and the lock. Only the name of the run hangs on it, so this
            # one conflict may be tried again without asking a person.
            if attempt == ATTEMPTS - 1:
                raise
    tell("done", 1.0)
    timings = _summed({**found.timings, "record": time.perf_counter() - started})
    return Assessed(incident_id, run_id, replace(found, timings=timings), tuple(receipts))


def record_confidence(
    database: Database, incident_id: UUID, run: "Run", caller: Caller, members: int
) -> tuple["ConfidenceForecast", Receipt] | None:
    """
    Compute how sure the zones of `run` are and append it, caused by the run; None for a fire, or when it was done.

    Raises
    ------
    InputError
        `members` is below 1.
    """
    from scenarios.hazards.confidence import confidence

    if run.hazard is None or run.confidence is not None:
        return None
    found = confidence(run.hazard.case, run.hazard.run_id, members=members, mode=caller.mode)
    if found is None:
        return None
    with database.transaction(caller) as connection:
        return found, log.append(connection, incident_id, found, caused_by=(run.first_seq,))


def quiet(_step: str, _part: float) -> None:
    """Tell nobody."""


def _summed(timings: Mapping[str, float]) -> dict[str, float]:
    """Timings with ``total`` last and true."""
    steps = {step: seconds for step, seconds in timings.items() if step != "total"}
    return {**steps, "total": sum(steps.values())}
