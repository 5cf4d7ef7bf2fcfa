"""What does a release lead to? 研判: zones, people, closed roads, rescue routes, evacuation; values in, one out."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.columns import FACILITIES, PEOPLE
from gis.crs import GEOGRAPHIC, LonLat
from gis.provenance import Provenance
from plume import forecast as plume_forecast
from plume.case import Case
from plume.case import read as read_case
from plume.forecast import Forecast
from scenarios import drawing
from scenarios.closed_roads import closed_roads
from scenarios.events import (
    EvacuationProposed,
    Event,
    ExposureAssessed,
    HazardForecast,
    Json,
    RoutesProposed,
)
from scenarios.ground import Ground
from scenarios.intake import plain_case
from scenarios.leaving import evacuation
from scenarios.rescue import rescue

Progress = Callable[[str, float], None]
DAY_FROM_HOUR, DAY_TO_HOUR = 7, 19
"""Solar hours between which people are counted where they are by day."""
DEGREES_AN_HOUR = 15.0
STEPS = ("zones", "exposure", "closures", "routes", "evacuation")
CLOUDS = frozenset({"toxic", "flammable"})
CLEAR_DEG = 1e-5
"""Roads this close (about 1 m) to a zone are closed too: then no rounding of a route can make it touch the zone."""


@dataclass(frozen=True)
class Hazard:
    """A forecast, its zones as they are recorded, and the seconds it took."""

    case: Case
    forecast: Forecast
    zones: gpd.GeoDataFrame
    seconds: float

    @property
    def scene(self) -> LonLat:
        """Place of the release."""
        return self.case.incident.place

    @property
    def wind_from_deg(self) -> float | None:
        """Where the wind comes from; None in a calm, when nobody knows."""
        calm = any(note.startswith("calm") for note in self.forecast.provenance.notes)
        return None if calm else self.case.weather.wind_from_deg

    @property
    def area(self) -> BaseGeometry:
        """Union of all zones, lon/lat; empty when no level is reached."""
        return shapely.union_all(self.zones.geometry.to_numpy()) if len(self.zones) else shapely.Polygon()

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of zones, envelope and scene."""
        shapes = [*self.zones.geometry, *self.forecast.envelope.geometry, shapely.Point(self.scene)]
        west, south, east, north = shapely.total_bounds(shapes)
        return float(west), float(south), float(east), float(north)


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
        """Plain JSON with the keys ``zones exposure routes evacuation timings provenance``."""
        exposure, routes, leaving = self.exposure, self.routes, self.evacuation
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
                "shelters": list(leaving.shelters),
                "clearance": list(leaving.clearance),
                "notes": list(leaving.notes),
            },
            "timings": {name: round(seconds, 4) for name, seconds in self.timings.items()},
            "provenance": {
                "zones": self.hazard.provenance,
                "exposure": exposure.provenance,
                "routes": routes.provenance,
                "evacuation": leaving.provenance,
                **self.sources,
            },
        }


def foresee(case: Mapping[str, Any]) -> Hazard:
    """
    First step alone: from the case to its zones, so that the ground they cover can be loaded.

    Raises
    ------
    InputError
        Every fault of the case.
    """
    started = time.perf_counter()
    read = read_case(case)
    forecast = plume_forecast.forecast(read)
    return Hazard(read, forecast, drawing.rounded(forecast.zones), time.perf_counter() - started)


def assess(
    case: Mapping[str, Any],
    ground: Ground,
    *,
    hazard: Hazard | None = None,
    day: bool | None = None,
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

    Raises
    ------
    InputError
        Every fault of the case or of the frames.
    """
    tell = progress or (lambda _step, _part: None)
    tell("zones", 0.0)
    hazard = hazard or foresee(case)
    timings = {"zones": hazard.seconds}
    by_day = _is_day(hazard) if day is None else day

    tell("exposure", 0.3)
    with _timed(timings, "exposure"):
        exposure = _exposure(hazard, ground, day=by_day)

    tell("closures", 0.45)
    view = None
    with _timed(timings, "closures"):
        if ground.network is not None:
            from routing.closures import close

            kept_clear = _kept_clear(hazard.zones)
            view = close(ground.network, kept_clear)
            closed = closed_roads(view)

    tell("routes", 0.6)
    with _timed(timings, "routes"):
        routes = rescue(view, ground.teams, hazard.scene, hazard.wind_from_deg)
        if view is not None:
            routes = replace(routes, closed_roads=closed, closed_count=view.report.segments)

    tell("evacuation", 0.8)
    with _timed(timings, "evacuation"):
        leaving = evacuation(view, ground, hazard.area, exposure, hazard.wind_from_deg)

    timings["total"] = sum(timings.values())
    tell("done", 1.0)
    return Assessment(
        hazard=_hazard_event(case, hazard),
        exposure=replace(exposure, seconds=timings["exposure"]),
        routes=replace(routes, seconds=timings["closures"] + timings["routes"]),
        evacuation=replace(leaving, seconds=timings["evacuation"]),
        timings=timings,
        sources={name: _origin(origin) for name, origin in ground.provenance.items()},
    )


class _timed:  # noqa: N801 - reads as a statement
    def __init__(self, timings: dict[str, float], step: str) -> None:
        self.timings, self.step = timings, step

    def __enter__(self) -> None:
        self.started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.timings[self.step] = time.perf_counter() - self.started


def _kept_clear(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Ground no route may touch: the zones and a hair around them; None when there are none."""
    if not len(zones):
        return None
    wider = shapely.buffer(zones.geometry.to_numpy(), CLEAR_DEG)
    return zones.set_geometry(gpd.GeoSeries(wider, index=zones.index, crs=zones.crs))


def _is_day(hazard: Hazard) -> bool:
    """By the sun over the place, whatever zone the time was written in."""
    moment = hazard.case.incident.occurred_at.astimezone(UTC)
    hour = (moment.hour + moment.minute / 60 + hazard.scene.longitude / DEGREES_AN_HOUR) % 24
    return DAY_FROM_HOUR <= hour < DAY_TO_HOUR


def _hazard_event(case: Mapping[str, Any], hazard: Hazard) -> HazardForecast:
    forecast = hazard.forecast
    return HazardForecast(
        run_id="",
        status="ok",
        seconds=hazard.seconds,
        provenance=_origin(forecast.provenance),
        case=plain_case(case),
        zones=drawing.feature_collection(hazard.zones),
        envelope=drawing.feature_collection(forecast.envelope) if len(forecast.envelope) else None,
        summary=drawing.plain(forecast.summary),
        notes=forecast.provenance.notes,
    )


def _exposure(hazard: Hazard, ground: Ground, *, day: bool) -> ExposureAssessed:
    """Who is in the zones; a part nobody has data for is None."""
    if ground.people is None and ground.facilities is None:
        return ExposureAssessed(
            run_id="", status="no_data", seconds=0.0, provenance={}, day=day, bands=None, total_day=None,
            total_night=None, outside_day=None, outside_night=None, facilities=None,
            notes=("no_people_data", "no_facility_data"),
        )  # fmt: skip
    from layers.exposure import count

    people = ground.people if ground.people is not None else PEOPLE.empty(GEOGRAPHIC)
    facilities = ground.facilities if ground.facilities is not None else FACILITIES.empty(GEOGRAPHIC)
    found = count(hazard.zones, people, facilities, day=day, source=hazard.scene)
    known = ground.people is not None
    notes = list(found.provenance.notes)
    if not known:
        notes.append("no_people_data")
    elif not _covers(ground.people, hazard.area):
        notes.append("people_data_cover_part_of_zones")
    if ground.facilities is None:
        notes.append("no_facility_data")
    return ExposureAssessed(
        run_id="",
        status="ok" if known else "no_data",
        seconds=0.0,
        provenance=_origin(found.provenance),
        day=day,
        bands=drawing.rows(found.bands) if known else None,
        total_day=int(found.total_day) if known else None,
        total_night=int(found.total_night) if known else None,
        outside_day=int(found.outside_day) if known else None,
        outside_night=int(found.outside_night) if known else None,
        facilities=_targets(hazard, found.facilities) if ground.facilities is not None else None,
        notes=tuple(dict.fromkeys(notes)),
    )


def _targets(hazard: Hazard, targets: gpd.GeoDataFrame) -> tuple[Json, ...]:
    """
    Protection targets in the zones, soonest first; with a cloud, its arrival and largest concentration at the place.

    Heat and blast need no time to arrive and have no concentration.
    """
    if len(targets) and set(hazard.zones["kind"]) & CLOUDS:
        points = targets.geometry
        there = plume_forecast.concentration_at(
            hazard.case, longitude=points.x.to_numpy(), latitude=points.y.to_numpy()
        )
        arrival_s = np.where(np.isfinite(there["arrival_s"]), there["arrival_s"], targets["arrival_s"].to_numpy(float))
        targets = targets.assign(arrival_s=arrival_s, concentration_ppm=there["concentration_ppm"])
    return drawing.rows(targets.sort_values(["arrival_s", "distance_m", "id"], kind="stable"))


def _covers(people: gpd.GeoDataFrame | None, area: BaseGeometry) -> bool:
    """Whether the zones lie inside the hull of the population data."""
    if people is None or area.is_empty:
        return True
    hull = shapely.convex_hull(shapely.geometrycollections(people.geometry.to_numpy()))
    return bool(shapely.covers(hull, area))


def _origin(provenance: Provenance) -> Json:
    origin: Json = drawing.plain(provenance.as_json())
    return origin


def _list(rows: tuple[Json, ...] | None) -> list[Json] | None:
    return None if rows is None else list(rows)
