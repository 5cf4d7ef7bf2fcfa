"""When is which road under the cloud?"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import LonLat, as_geographic
from gis.errors import InputError
from routing.closures import segments_meeting
from routing.network import Network
from routing.reading import read_areas

FOREVER_MS = 2**40
"""End of an interval that never ends."""


@dataclass(frozen=True, slots=True)
class Frame:
    """An area covered from one time to another, seconds after departure; `until_s` inf means for good."""

    area: Any
    from_s: float
    until_s: float
    concentration: float = float("nan")


@dataclass(frozen=True, slots=True)
class Hazard:
    """A moving cloud as frames; they may overlap in space and time."""

    frames: tuple[Frame, ...]

    @property
    def area(self) -> Any:
        """All ground ever covered."""
        return shapely.union_all([frame.area for frame in self.frames])

    def covered_at(self, longitude: float, latitude: float, time_s: float) -> bool:
        """Whether a place is covered at a time."""
        return any(
            f.from_s <= time_s < f.until_s and bool(shapely.intersects_xy(f.area, longitude, latitude))
            for f in self.frames
        )


@dataclass(frozen=True, slots=True)
class Intervals:
    """
    Times in ms in which things are covered: of thing i, ``start[first[i]:first[i + 1]]`` and `end`, disjoint, sorted.

    An interval is half-open: at `end` the thing is free again.
    """

    first: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def hazard_from(frame: gpd.GeoDataFrame) -> Hazard:
    """
    Hazard of a frame of polygons.

    Each row says from when it is covered: ``arrival_s`` (or ``from_s``) and maybe ``until_s``; without an end it stays
    covered. Snapshots with ``time_s`` alone hold until the next one; the last holds for good. ``concentration`` is kept
    for the dose.

    Raises
    ------
    InputError
        No time column, times that are no numbers, ends before beginnings, no polygons.
    """
    frame = as_geographic(frame)
    columns = set(frame.columns)
    begin = next((c for c in ("arrival_s", "from_s", "time_s") if c in columns), None)
    if begin is None:
        raise InputError("hazard frames need a column arrival_s (seconds after departure), maybe with until_s")
    starts = np.asarray(frame[begin], float)
    if begin == "time_s" and "until_s" not in columns:
        times = np.unique(starts)
        following = dict(zip(times, [*times[1:], np.inf], strict=True))
        ends = np.asarray([following.get(t, np.inf) for t in starts])
    elif "until_s" in columns:
        ends = np.asarray(frame["until_s"].astype(float).fillna(np.inf), float)
    else:
        ends = np.full(len(frame), np.inf)
    faults: list[str] = []
    rows: list[Frame] = []
    amount = np.asarray(frame["concentration"], float) if "concentration" in columns else np.full(len(frame), np.nan)
    for i, shape in enumerate(frame.geometry):
        if not np.isfinite(starts[i]):
            faults.append(f"hazard frame {i + 1}: {begin} is no number")
        elif not ends[i] > starts[i]:
            faults.append(f"hazard frame {i + 1}: until_s {ends[i]:g} is not after {begin} {starts[i]:g}")
        elif shape is None or shape.is_empty or shape.geom_type not in {"Polygon", "MultiPolygon"}:
            faults.append(f"hazard frame {i + 1} is no polygon")
        else:
            area = shape if shape.is_valid else shapely.make_valid(shape)
            shapely.prepare(area)
            rows.append(Frame(area, float(starts[i]), float(ends[i]), float(amount[i])))
    if faults:
        raise InputError(faults)
    return Hazard(tuple(rows))


def read_hazard(path: Path | str) -> Hazard:
    """Hazard from a GeoJSON file; see `hazard_from`."""
    return hazard_from(read_areas(path))


def covered_segments(network: Network, hazard: Hazard) -> Intervals:
    """When each segment is covered anywhere along its line."""
    things, starts, ends = [], [], []
    for frame in hazard.frames:
        met = segments_meeting(network, frame.area)
        things.append(met)
        starts.append(np.full(len(met), _ms(frame.from_s)))
        ends.append(np.full(len(met), _ms(frame.until_s)))
    return _merged(network.segment_count, things, starts, ends)


def covered_nodes(network: Network, hazard: Hazard) -> Intervals:
    """When each node is covered."""
    lon, lat = np.asarray(network.node_lon), np.asarray(network.node_lat)
    things, starts, ends = [], [], []
    for frame in hazard.frames:
        west, south, east, north = shapely.bounds(frame.area)
        near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        met = near[shapely.intersects_xy(frame.area, lon[near], lat[near])]
        things.append(met)
        starts.append(np.full(len(met), _ms(frame.from_s)))
        ends.append(np.full(len(met), _ms(frame.until_s)))
    return _merged(network.node_count, things, starts, ends)


def first_covered_ms(network: Network, hazard: Hazard) -> NDArray[np.int64]:
    """When each arc is covered for the first time; `FOREVER_MS` where never. Shape ``(m,)``."""
    intervals = covered_segments(network, hazard)
    first = np.full(network.segment_count, FOREVER_MS, np.int64)
    has = intervals.first[1:] > intervals.first[:-1]
    first[has] = intervals.start[intervals.first[:-1][has]]
    return np.asarray(first[network.arc_segment])


def places_covered_ms(hazard: Hazard, places: Sequence[LonLat]) -> NDArray[np.int64]:
    """When each place is covered for the first time; `FOREVER_MS` where never."""
    first = np.full(len(places), FOREVER_MS, np.int64)
    at = np.asarray(places, float).reshape(-1, 2)
    for frame in hazard.frames:
        met = shapely.intersects_xy(frame.area, at[:, 0], at[:, 1])
        first[met] = np.minimum(first[met], _ms(frame.from_s))
    return first


def _ms(seconds: float) -> int:
    return FOREVER_MS if not np.isfinite(seconds) else min(FOREVER_MS, round(seconds * 1000))


def _merged(count: int, things: list[Any], starts: list[Any], ends: list[Any]) -> Intervals:
    """Sort by thing and time and join what touches or overlaps."""
    if not things or not sum(len(t) for t in things):
        none = np.empty(0, np.int64)
        return Intervals(np.zeros(count + 1, np.int64), none, none)
    thing = np.concatenate(things).astype(np.int64)
    start, end = np.concatenate(starts).astype(np.int64), np.concatenate(ends).astype(np.int64)
    order = np.lexsort((start, thing))
    thing, start, end = thing[order], start[order], end[order]
    # Running latest end within each thing: shift things apart so that one cumulative maximum serves all.
    apart = thing * (4 * FOREVER_MS)
    reach = np.maximum.accumulate(end + apart)
    fresh = np.ones(len(thing), bool)
    fresh[1:] = (start + apart)[1:] > reach[:-1]
    at = np.flatnonzero(fresh)
    last = np.concatenate([at[1:] - 1, [len(thing) - 1]])
    first = np.concatenate([[0], np.cumsum(np.bincount(thing[at], minlength=count))]).astype(np.int64)
    return Intervals(first, start[at], (reach - apart)[last])
