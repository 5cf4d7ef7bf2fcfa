"""What of a run depends on roads, and how is only that computed anew?"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from gis.crs import GEOGRAPHIC, LonLat
from gis.provenance import Mode
from plume.case import Case
from plume.case import read as read_case
from scenarios.assessment import stamped
from scenarios.events import EvacuationProposed, RoutesProposed
from scenarios.ground import Ground
from scenarios.hazards.indoors import with_doses
from scenarios.roads.arrival import cloud_on_roads
from scenarios.roads.blocks import blocks
from scenarios.roads.closures import closed_view
from scenarios.roads.leaving import Departure, departure, evacuation
from scenarios.roads.rescue import rescue, with_roads
from scenarios.situation import Run
from scenarios.sources import gather

if TYPE_CHECKING:
    from routing.hazard import Hazard
    from routing.network import Network
    from routing.store import Closures
    from routing.view import View


@dataclass(frozen=True)
class Roadwork:
    """What routes and evacuation of a run stand on, besides the closures: zones as recorded, ground, roads."""

    zones: gpd.GeoDataFrame
    scene: LonLat
    wind_from_deg: float | None
    ground: Ground
    network: "Network"
    case: Case

    @cached_property
    def area(self) -> BaseGeometry:
        """Union of all zones; empty when no level is reached."""
        return shapely.union_all(self.zones.geometry.to_numpy()) if len(self.zones) else shapely.Polygon()

    @cached_property
    def cloud(self) -> "Hazard | None":
        """The moving cloud since the release; worked out once, because roads change nothing about it."""
        return cloud_on_roads(self.case, self.zones)

    def leaves(self, moment: datetime) -> Departure:
        """Everybody sets out at `moment`."""
        return departure(self.case, self.cloud, moment)

    @cached_property
    def _blocks(self) -> dict[tuple[int, bool], gpd.GeoDataFrame]:
        return {}

    def blocks(self, total: int | None, *, day: bool) -> gpd.GeoDataFrame | None:
        """
        Where the `total` people of the run leave from, with what staying there means; None when nobody counted.

        Roads change nothing about either, so both are worked out once.
        """
        if total is None or self.ground.people is None:
            return None
        key = (total, day)
        if key not in self._blocks:
            self._blocks[key] = with_doses(blocks(self.ground.people, self.area, total, day=day), self.case)
        return self._blocks[key]


def ground_of(run: Run, network: "Network", folder: Path, connection: Connection, mode: Mode) -> Roadwork:
    """Zones, place and wind as the run recorded them, with the people, teams and shelters around."""
    assert run.hazard is not None
    hazard = run.hazard
    features = hazard.zones.get("features", [])
    zones = (
        gpd.GeoDataFrame.from_features(features, crs=GEOGRAPHIC)
        if features
        else gpd.GeoDataFrame(geometry=[], crs=GEOGRAPHIC)
    )
    incident, weather = hazard.case["incident"], hazard.case.get("weather", {})
    scene = LonLat(float(incident["longitude"]), float(incident["latitude"]))
    envelope = (hazard.envelope or {}).get("features", [])
    shapes = [shapely.geometry.shape(one["geometry"]) for one in [*features, *envelope] if one.get("geometry")]
    west, south, east, north = (float(edge) for edge in shapely.total_bounds([*shapes, shapely.Point(scene)]))
    calm = any(note.startswith("calm") for note in [*hazard.notes, *hazard.provenance.get("notes", [])])
    wind = hazard.summary.get("wind_from_deg", weather.get("wind_from_deg"))
    ground = gather(
        (west, south, east, north), scene, network=network, network_folder=folder, connection=connection, mode=mode
    )
    from_deg = None if calm or wind is None else float(wind)
    return Roadwork(zones, scene, from_deg, ground, network, read_case(hazard.case))


def route_again(work: Roadwork, held: "Closures") -> tuple[RoutesProposed, "View", Mapping[str, float]]:
    """Rescue routes around the zones and what is reported closed, with the crossings to guard; and what each took."""
    began = time.perf_counter()
    view = closed_view(work.network, work.zones, held)
    closed_s = time.perf_counter() - began
    routes = with_roads(rescue(view, work.ground.teams, work.scene, work.wind_from_deg), view, held)
    seconds = time.perf_counter() - began
    return (
        stamped(routes, work.ground.mode, seconds),
        view,
        {"closures": round(closed_s, 4), "routes": round(seconds - closed_s, 4)},
    )


def evacuate_again(work: Roadwork, view: "View", run: Run, moment: datetime) -> EvacuationProposed:
    """Evacuation on the same view, of the people the run counted, who set out at `moment`."""
    assert run.exposure is not None
    began = time.perf_counter()
    total = run.evacuation.people if run.evacuation is not None else None
    leaving = evacuation(
        view,
        work.ground,
        work.area,
        run.exposure,
        work.wind_from_deg,
        counted_blocks=work.blocks(total, day=run.exposure.day),
        leaves=work.leaves(moment),
    )
    return stamped(leaving, work.ground.mode, time.perf_counter() - began)
