"""Which schools, hospitals, stations, shelters, buildings and areas does an OpenStreetMap file hold?"""

from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import shapely

from gis.crs import GEOGRAPHIC
from routing.network import Network

KINDS = {
    ("amenity", "school"): "school",
    ("amenity", "kindergarten"): "kindergarten",
    ("amenity", "college"): "college",
    ("amenity", "university"): "college",
    ("amenity", "hospital"): "hospital",
    ("amenity", "clinic"): "clinic",
    ("amenity", "fire_station"): "fire_station",
    ("amenity", "police"): "police",
    ("amenity", "shelter"): "shelter",
    ("amenity", "nursing_home"): "nursing_home",
    ("amenity", "marketplace"): "market",
    ("social_facility", "assembly_point"): "shelter",
    ("social_facility", "nursing_home"): "nursing_home",
    ("emergency", "assembly_point"): "shelter",
}
AREAS = {("landuse", "industrial"): "industrial", ("natural", "water"): "water", ("landuse", "forest"): "green"}


class PlaceCollector:
    """Takes tagged nodes and closed ways as they stream by; multipolygon relations are not assembled."""

    def __init__(self) -> None:
        self.facilities: list[dict[str, Any]] = []
        self.buildings: list[tuple[int, str, str, Any]] = []
        self.areas: list[tuple[int, str, str, Any]] = []

    def take_node(self, node: Any) -> None:
        """A node with an amenity tag is a facility."""
        kind = _kind(node.tags, KINDS)
        if kind is not None and node.location.valid():
            self._facility(f"n{node.id}", kind, node.tags, shapely.Point(node.lon, node.lat), 0.0)

    def take_way(self, way: Any) -> None:
        """A closed way may be a building, an area, a facility, or several of these."""
        kind = _kind(way.tags, KINDS)
        building = way.tags.get("building")
        area = _kind(way.tags, AREAS)
        if kind is None and area is None and building in (None, "no"):
            return
        try:
            points = [(node.lon, node.lat) for node in way.nodes]
        except osmium.InvalidLocationError:
            return
        if len(points) < 4 or points[0] != points[-1]:
            return
        name = way.tags.get("name", "")
        if kind is not None:
            ring = np.asarray(points[:-1])
            self._facility(f"w{way.id}", kind, way.tags, shapely.Point(*ring.mean(axis=0)), 1.0)
        if building not in (None, "no"):
            self.buildings.append((way.id, building, name, points))
        if area is not None:
            self.areas.append((way.id, area, name, points))

    def _facility(self, key: str, kind: str, tags: Any, point: Any, is_area: float) -> None:
        capacity = tags.get("capacity", "")
        self.facilities.append(
            {
                "id": key,
                "name": tags.get("name", ""),
                "kind": kind,
                # OpenStreetMap does not count people; a tagged capacity is the only figure it may hold.
                "people": float(capacity) if capacity.isdigit() else np.nan,
                "from_area": bool(is_area),
                "geometry": point,
            }
        )

    def counts(self) -> dict[str, int]:
        """Number of facilities by kind, of buildings and of areas by kind."""
        found: dict[str, int] = {}
        for row in self.facilities:
            found[row["kind"]] = found.get(row["kind"], 0) + 1
        for _, kind, _, _ in self.areas:
            found[kind] = found.get(kind, 0) + 1
        found["building"] = len(self.buildings)
        return dict(sorted(found.items()))

    def attach(self, network: Network) -> None:
        """Hand the frames to the cache, which writes them beside the network."""
        network.report["frames"] = {
            name: frame
            for name, frame in (
                ("facilities", self._facility_frame()),
                ("buildings", _polygons(self.buildings)),
                ("areas", _polygons(self.areas)),
            )
            if len(frame)
        }

    def _facility_frame(self) -> gpd.GeoDataFrame:
        columns = ["id", "name", "kind", "people", "from_area", "geometry"]
        return gpd.GeoDataFrame(self.facilities, columns=columns, geometry="geometry", crs=GEOGRAPHIC)


def _kind(tags: Any, table: dict[tuple[str, str], str]) -> str | None:
    for key in ("amenity", "social_facility", "emergency", "landuse", "natural"):
        value = tags.get(key)
        if value is not None and (key, value) in table:
            return table[key, value]
    return None


def _polygons(rows: list[tuple[int, str, str, Any]]) -> gpd.GeoDataFrame:
    rings = [points for _, _, _, points in rows]
    coords = np.concatenate([np.asarray(ring) for ring in rings]) if rings else np.empty((0, 2))
    owner = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    shapes: Any = shapely.polygons(shapely.linearrings(coords, indices=owner)) if rings else []
    return gpd.GeoDataFrame(
        {"id": [f"w{r[0]}" for r in rows], "kind": [r[1] for r in rows], "name": [r[2] for r in rows]},
        geometry=list(shapes),
        crs=GEOGRAPHIC,
    )
