"""What is a road network here? One directed graph in plain arrays that every engine reads."""

import dataclasses
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import GEOGRAPHIC, FloatArray, LonLat
from gis.errors import InputError
from gis.provenance import Provenance
from routing.classes import CLASSES
from routing.guards import VEHICLES, hours_by_vehicle

IntArray = NDArray[np.int32]
ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"


@dataclass(frozen=True, eq=False)
class Network:
    """
    Directed road graph; arcs sorted by tail, then head (CSR). All arrays are read only.

    Attributes
    ----------
    node_lon, node_lat
        Degrees, shape ``(n,)``.
    first_arc
        CSR offsets, shape ``(n + 1,)``.
    tail, head
        Node of start and end, shape ``(m,)``.
    time_ms
        Car travel time in whole milliseconds, at least 1: the one rounded weight every engine shares. Shape ``(m,)``.
    arc_segment, arc_forward
        Undirected segment of the arc, and whether it runs along the segment's line. Shape ``(m,)``.
    length_m, speed_kmh, road_class, lanes, max_height_m, max_weight_t, max_width_m, capacity_veh_h, way_id, name_id,
    flags
        By segment, shape ``(s,)``; NaN means unknown. `flags` holds the bits of `routing.flags`.
    shape_offset, shape_lon, shape_lat
        Ragged geometry of the segments.
    orphan_offset, orphan_lon, orphan_lat
        Ragged geometry of segments outside the largest strongly connected part.
    names
        Street names by `name_id`; index 0 is the empty name.
    guard_arc, guard_hours
        Arcs behind a turn restriction that binds only some vehicles or at some hours, in rising order, shape ``(g,)``,
        and the hours in which each is shut to each vehicle, shape ``(g, n_vehicles)`` (`routing.guards`).
    report
        What the importer counted, inferred and dropped.
    provenance
        Source file, attribution and licence.
    """

    name: str
    node_lon: FloatArray
    node_lat: FloatArray
    first_arc: NDArray[np.int64]
    tail: IntArray
    head: IntArray
    time_ms: NDArray[np.uint32]
    arc_segment: IntArray
    arc_forward: NDArray[np.bool_]
    length_m: FloatArray
    speed_kmh: NDArray[np.float32]
    road_class: NDArray[np.uint8]
    lanes: NDArray[np.uint8]
    max_height_m: NDArray[np.float32]
    max_weight_t: NDArray[np.float32]
    max_width_m: NDArray[np.float32]
    capacity_veh_h: NDArray[np.float32]
    way_id: NDArray[np.int64]
    name_id: IntArray
    flags: NDArray[np.uint32]
    shape_offset: NDArray[np.int64]
    shape_lon: FloatArray
    shape_lat: FloatArray
    orphan_offset: NDArray[np.int64]
    orphan_lon: FloatArray
    orphan_lat: FloatArray
    names: tuple[str, ...]
    guard_arc: IntArray = field(default_factory=lambda: np.empty(0, np.int32))
    guard_hours: NDArray[np.uint32] = field(default_factory=lambda: hours_by_vehicle([]))
    report: dict[str, Any] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=lambda: Provenance(source=ATTRIBUTION))

    def __post_init__(self) -> None:
        """
        Hold every array contiguous and read only, as a stored network is.

        Compiled code is made for a kind of array: one kind means that what was compiled once serves every network.
        """
        for name in ARRAY_FIELDS:
            held = np.ascontiguousarray(getattr(self, name)).view()
            held.flags.writeable = False
            object.__setattr__(self, name, held)

    @property
    def node_count(self) -> int:
        """Nodes of the graph."""
        return len(self.node_lon)

    @property
    def arc_count(self) -> int:
        """Directed arcs of the graph."""
        return len(self.head)

    @property
    def segment_count(self) -> int:
        """Undirected segments of the graph."""
        return len(self.length_m)

    @cached_property
    def arc_length_m(self) -> FloatArray:
        """Length of each arc in metres, shape ``(m,)``."""
        return np.asarray(self.length_m)[self.arc_segment]

    @cached_property
    def centre(self) -> LonLat:
        """Middle of the network's bounding box."""
        west, south, east, north = self.bounds
        return LonLat((west + east) / 2, (south + north) / 2)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        lon, lat = self.shape_lon, self.shape_lat
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())

    @cached_property
    def segment_boxes(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """West, south, east, north of each segment, each of shape ``(s,)``."""
        starts = np.asarray(self.shape_offset[:-1])
        lon, lat = np.asarray(self.shape_lon), np.asarray(self.shape_lat)
        return (
            np.minimum.reduceat(lon, starts),
            np.minimum.reduceat(lat, starts),
            np.maximum.reduceat(lon, starts),
            np.maximum.reduceat(lat, starts),
        )

    @cached_property
    def segment_arcs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """CSR from segment to its arcs: offsets ``(s + 1,)`` and arc ids ``(m,)``."""
        order = np.argsort(self.arc_segment, kind="stable")
        counts = np.bincount(self.arc_segment, minlength=self.segment_count)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), order.astype(np.int64)

    @cached_property
    def arc_lane(self) -> NDArray[np.int64]:
        """
        The first arc on the same segment in the same direction, shape ``(m,)``.

        Arcs that differ only by what their driver came from (`routing.turns`) are one road and share its room.
        """
        key = 2 * np.asarray(self.arc_segment, np.int64) + self.arc_forward
        first = np.full(2 * self.segment_count, self.arc_count, np.int64)
        np.minimum.at(first, key, np.arange(self.arc_count))
        return np.asarray(first[key])

    def arcs_of(self, segments: NDArray[np.integer]) -> NDArray[np.int64]:
        """All arcs on the given segments, sorted."""
        if len(segments) < self.segment_count // 20:
            offset, arcs = self.segment_arcs
            counts = offset[segments + 1] - offset[segments]
            position = np.arange(counts.sum()) + np.repeat(offset[segments] - np.cumsum(counts) + counts, counts)
            return np.sort(arcs[position])
        mask = np.zeros(self.segment_count, bool)
        mask[segments] = True
        return np.flatnonzero(mask[self.arc_segment])

    def segment_lines(self, segments: NDArray[np.integer] | None = None) -> NDArray[np.object_]:
        """Shapely lines (lon/lat) of the given segments, or of all."""
        which = np.arange(self.segment_count) if segments is None else np.asarray(segments)
        starts, ends = self.shape_offset[which], self.shape_offset[which + 1]
        counts = ends - starts
        owner = np.repeat(np.arange(len(which)), counts)
        position = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts, counts)
        coords = np.column_stack([self.shape_lon[position], self.shape_lat[position]])
        return np.asarray(shapely.linestrings(coords, indices=owner), dtype=object)

    def class_names(self) -> list[str]:
        """Class name of each segment."""
        return [CLASSES[code] for code in self.road_class]

    def lines_frame(self) -> gpd.GeoDataFrame:
        """Segments as lines with class, name, bridge, tunnel: what a base map draws."""
        from routing.flags import BRIDGE, TUNNEL

        return gpd.GeoDataFrame(
            {
                "class": self.class_names(),
                "name": [self.names[i] for i in self.name_id],
                "bridge": (self.flags & BRIDGE) > 0,
                "tunnel": (self.flags & TUNNEL) > 0,
            },
            geometry=self.segment_lines(),
            crs=GEOGRAPHIC,
        )

    def checked(self) -> "Network":
        """
        Return self, or raise naming every broken invariant.

        Raises
        ------
        InputError
            Ids out of range, arcs unsorted, weights below 1, NaN coordinates, ragged arrays of the wrong length.
        """
        n, m, s = self.node_count, self.arc_count, self.segment_count
        faults: list[str] = []
        if n == 0 or m == 0:
            faults.append("the file holds no road a car may drive")
        else:
            key = self.tail.astype(np.int64) * n + self.head
            checks = {
                "a head or tail is out of range": self.head.min() >= 0
                and self.head.max() < n
                and self.tail.min() >= 0
                and self.tail.max() < n,
                "arcs are not sorted": bool((np.diff(key) >= 0).all()),
                "offsets do not fit": len(self.first_arc) == n + 1 and int(self.first_arc[-1]) == m,
                "a weight is below 1 ms": int(self.time_ms.min()) >= 1,
                "a coordinate is not finite": bool(
                    np.isfinite(self.node_lon).all() and np.isfinite(self.node_lat).all()
                ),
                "an arc names a segment that is not there": int(self.arc_segment.max()) < s,
                "a turn's guard does not fit": self.guard_hours.shape == (len(self.guard_arc), len(VEHICLES))
                and (not len(self.guard_arc) or (int(self.guard_arc[0]) >= 0 and int(self.guard_arc[-1]) < m))
                and bool((np.diff(self.guard_arc) > 0).all()),
                "the geometry does not fit": len(self.shape_offset) == s + 1
                and int(self.shape_offset[-1]) == len(self.shape_lon),
            }
            faults.extend(f"network '{self.name}': {fault}" for fault, ok in checks.items() if not ok)
        if faults:
            raise InputError(faults)
        return self

    def renamed(self, name: str) -> "Network":
        """The same network under another name."""
        return dataclasses.replace(self, name=name)


ARRAY_FIELDS = tuple(
    f.name for f in dataclasses.fields(Network) if f.name not in {"name", "names", "report", "provenance"}
)
"""Fields stored as arrays in the cache."""
