"""What does a release lead to? 研判: zones, people, closed roads, rescue routes, evacuation; values in, one out."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gis.provenance import Mode
from plume.release_kinds import FireInput
from scenarios import drawing
from scenarios.events import (
    Computed,
    EvacuationProposed,
    Event,
    ExposureAssessed,
    HazardForecast,
    Json,
    RoutesProposed,
)
from scenarios.ground import Ground
from scenarios.hazards.domino import reach
from scenarios.hazards.exposed import exposed
from scenarios.hazards.zones import Hazard, as_event, foresee
from scenarios.roads.arrival import cloud_on_roads
from scenarios.roads.closures import closed_view
from scenarios.roads.leaving import departure, evacuation
from scenarios.roads.rescue import rescue, with_roads

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Assessment:
    """
    The four parts of one run, as they are recorded, and the seconds of each step.

    ``sources`` tell where people, facilities, teams, shelters and roads came from.
    """

    hazard: HazardForecast
    exposure: ExposureAssessed
    routes: RoutesProposed
    evacuation: EvacuationProposed
    timings: Mapping[str, float]
    sources: Mapping[str, Json]

    def events(self, run_id: str) -> tuple[Event, ...]:
        """The parts as events of one run, in the order in which they follow from each other."""
        return tuple(
            replace(part, run_id=run_id) for part in (self.hazard, self.exposure, self.routes, self.evacuation)
        )

    def as_json(self) -> Json:
        """Plain JSON with the keys ``zones exposure routes evacuation timings provenance``; ``domino`` for a fire."""
        exposure, routes, leaving, domino = self.exposure, self.routes, self.evacuation, self.hazard.domino
        return {
            "zones": {**self.hazard.zones, "envelope": self.hazard.envelope, "summary": self.hazard.summary},
            "exposure": {
                "status": exposure.status,
                "day": exposure.day,
                "bands": _list(exposure.bands),
                "total_day": exposure.total_day,
                "total_night": exposure.total_night,
                "outside_day": exposure.outside_day,
                "outside_night": exposure.outside_night,
                "facilities": _list(exposure.facilities),
                "notes": list(exposure.notes),
            },
            "routes": {
                **routes.routes,
                "status": routes.status,
                "network": routes.network,
                "teams_are": routes.teams_are,
                "closed_count": routes.closed_count,
                "closed_roads": routes.closed_roads,
                "notes": list(routes.notes),
            },
            "evacuation": {
                "status": leaving.status,
                "people": leaving.people,
                "assigned": leaving.assigned,
                "assignment": leaving.assignment,
                "left_over": list(leaving.left_over),
                "totals": leaving.totals,
                "shelters": list(leaving.shelters),
                "clearance": list(leaving.clearance),
                "notes": list(leaving.notes),
            },
            **({} if domino is None else {"domino": domino}),
            "timings": {name: round(seconds, 4) for name, seconds in self.timings.items()},
            "provenance": {
                "zones": self.hazard.provenance,
                "exposure": exposure.provenance,
                "routes": routes.provenance,
                "evacuation": leaving.provenance,
                **({} if domino is None else {"domino": domino["provenance"]}),
                **self.sources,
            },
        }


def assess(
    case: Mapping[str, Any],
    ground: Ground,
    *,
    hazard: Hazard | None = None,
    day: bool | None = None,
    departs_at: datetime | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """
    Run the whole chain. No database, no clock but for the timings, no network.

    Parameters
    ----------
    case
        For ``plume.case.read``.
    ground
        What is known about the place; what is None is answered with ``no_data``, never with 0.
    hazard
        Zones of `case` when `foresee` has made them already.
    day
        Count people where they are by day; None decides by the sun at the place.
    departs_at
        When people set out, which decides whom the cloud overtakes; None is the release itself.

    Raises
    ------
    InputError
        Every fault of the case or of the frames.
    """
    tell = progress or (lambda _step, _part: None)
    tell("zones", 0.0)
    hazard = hazard or foresee(case)
    timings = {"zones": hazard.seconds}

    domino = None
    if isinstance(hazard.case.release, FireInput):
        with _timed(timings, "domino"):
            domino = reach(hazard, ground)

    tell("exposure", 0.3)
    with _timed(timings, "exposure"):
        exposure = exposed(hazard, ground, day=hazard.is_day if day is None else day)

    tell("closures", 0.45)
    view = None
    with _timed(timings, "closures"):
        if ground.network is not None:
            view = closed_view(ground.network, hazard.zones, ground.closed)

    tell("routes", 0.6)
    with _timed(timings, "routes"):
        routes = rescue(view, ground.teams, hazard.scene, hazard.wind_from_deg)
        if view is not None:
            routes = with_roads(routes, view, ground.closed)

    tell("evacuation", 0.8)
    with _timed(timings, "evacuation"):
        cloud = cloud_on_roads(hazard.case, hazard.zones) if view is not None else None
        leaves = departure(hazard.case, cloud, departs_at)
        leaving = evacuation(view, ground, hazard.area, exposure, hazard.wind_from_deg, case=hazard.case, leaves=leaves)

    timings["total"] = sum(timings.values())
    tell("done", 1.0)
    return Assessment(
        hazard=stamped(as_event(case, hazard, domino), ground.mode, hazard.seconds),
        exposure=stamped(exposure, ground.mode, timings["exposure"]),
        routes=stamped(routes, ground.mode, timings["closures"] + timings["routes"]),
        evacuation=stamped(leaving, ground.mode, timings["evacuation"]),
        timings=timings,
        sources={name: drawing.origin(origin) for name, origin in ground.provenance.items()},
    )


def stamped[Part: Computed](part: Part, mode: Mode, seconds: float) -> Part:
    """Part with its seconds and the world it belongs to: a model does not know whether it runs in a drill."""
    origin = {**part.provenance, "mode": mode} if part.provenance else {}
    return replace(part, seconds=seconds, provenance=origin)


class _timed:  # noqa: N801 - reads as a statement
    def __init__(self, timings: dict[str, float], step: str) -> None:
        self.timings, self.step = timings, step

    def __enter__(self) -> None:
        self.started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.timings[self.step] = time.perf_counter() - self.started


def _list(rows: tuple[Json, ...] | None) -> list[Json] | None:
    return None if rows is None else list(rows)
