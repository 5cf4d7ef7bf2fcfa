"""Where do crews drive up to when the scene itself lies in the hot zone? Upwind, outside it, on an open road."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis.crs import FloatArray, LonLat
from routing.measure import metres_per_degree_at
from routing.paths import entering, leaving
from routing.profiles import CLOSED, Profile
from routing.rescue import open_segments, place
from routing.snapping import Snap, snap_many
from routing.trees import widely_joined
from routing.view import View

STAND_OFF_M = 100.0
"""Distance kept from the edge of the closed ground when none is asked for."""
_REACH_M = 600.0
_STEP_DEG = 10
_JOINED_NODES = 2000
"""A place from and to which so many junctions are driven is no pocket."""


@dataclass(frozen=True, slots=True)
class Approach:
    """
    The point crews drive to.

    Attributes
    ----------
    snap
        Place on the road; None when no open road is near the scene in any direction.
    distance_to_scene_m, bearing_deg
        From the scene to the point, clockwise from north.
    off_wind_deg
        Angle between the point's bearing and the direction the wind comes from; NaN without wind.
    """

    snap: Snap | None
    distance_to_scene_m: float = float("nan")
    bearing_deg: float = float("nan")
    off_wind_deg: float = float("nan")

    def as_json(self) -> dict[str, Any] | None:
        """Plain JSON form; None where there is no point."""
        if self.snap is None:
            return None
        return {
            "longitude": self.snap.longitude,
            "latitude": self.snap.latitude,
            "distance_to_scene_m": round(self.distance_to_scene_m, 1),
            "bearing_deg": round(self.bearing_deg, 1),
            "off_wind_deg": None if np.isnan(self.off_wind_deg) else round(self.off_wind_deg, 1),
        }


def approach_point(
    view: View,
    scene: LonLat,
    vehicle: Profile,
    *,
    wind_from_deg: float | None = None,
    stand_off_m: float | None = None,
) -> Approach:
    """
    The scene itself where it is open and nothing is asked for, else the best point outside the closed ground.

    Directions are tried every 10 degrees: the point lies `stand_off_m` beyond the last edge of the area on that
    bearing. A point across the wind counts as if 50 % farther; one more than 90 degrees off it is taken only when
    there is no other. Roads in a pocket that the closures cut off come last of all: nobody could reach them.
    """
    at_scene: list[Approach] = []
    if not view.contains(*scene) and not stand_off_m:
        placed = place(view, scene, vehicle, "destination")
        if placed.snap is not None:
            at_scene = [_described(placed.snap, scene, wind_from_deg)]
            if _joined(view, vehicle, placed.snap):
                return at_scene[0]
    around = _around(view, scene, vehicle, wind_from_deg, STAND_OFF_M if stand_off_m is None else stand_off_m)
    joined = (one for one in around if one.snap is not None and _joined(view, vehicle, one.snap))
    return next(joined, (at_scene or around or [Approach(None)])[0])


def _around(
    view: View, scene: LonLat, vehicle: Profile, wind_from_deg: float | None, stand_off_m: float
) -> list[Approach]:
    """Points on open roads beyond the closed ground in every direction, the best first."""
    scale = metres_per_degree_at(scene.latitude)
    bearings = np.radians(np.arange(0, 360, _STEP_DEG))
    toward = np.column_stack([np.sin(bearings), np.cos(bearings)])
    out_m = _exit_distances(view, scene, scale, toward) + stand_off_m
    at = np.asarray(scene) + toward * out_m[:, None] / scale
    free = np.ones(len(at), bool)
    if view.area is not None:
        free = ~shapely.intersects_xy(view.area, at[:, 0], at[:, 1])
    spots = [LonLat(x, y) for x, y in at[free].tolist()]
    limits = np.maximum(_REACH_M, out_m[free] / 2).tolist()
    snaps = snap_many(
        view.network, spots, open_segments=open_segments(view, vehicle), forbidden=view.area,
        max_distance_m=max(limits, default=_REACH_M),
    )  # fmt: skip
    found: list[tuple[float, Approach]] = []
    for one, limit in zip(snaps, limits, strict=True):
        if one is None or one.distance_m > limit:
            continue
        candidate = _described(one, scene, wind_from_deg)
        score = candidate.distance_to_scene_m
        if wind_from_deg is not None:
            off = candidate.off_wind_deg
            score *= 1.0 + 0.5 * min(off, 90.0) / 90.0 + (2.0 + score / 100.0) * max(0.0, off - 90.0) / 90.0
        found.append((score, candidate))
    return [approach for _, approach in sorted(found, key=lambda pair: pair[0])]


def _joined(view: View, vehicle: Profile, at: Snap) -> bool:
    """Whether a place is joined to the network at large, in and out, with the closures held."""
    network, weights = view.network, view.weights(vehicle)
    ways_in, ways_out = entering(network, weights, at, int(CLOSED)), leaving(network, weights, at, int(CLOSED))
    return any(
        widely_joined(network, weights, tail, head, _JOINED_NODES) for _, tail, _ in ways_in for _, head, _ in ways_out
    )


def _exit_distances(view: View, scene: LonLat, scale: tuple[float, float], toward: FloatArray) -> FloatArray:
    """Metres from the scene to the last edge of the closed ground on each bearing; 0 where it lies free."""
    result = np.zeros(len(toward))
    if view.area is None:
        return result
    west, south, east, north = shapely.bounds(view.area)
    far = max(abs(v - scene.longitude) * scale[0] for v in (west, east)) + max(
        abs(v - scene.latitude) * scale[1] for v in (south, north)
    )
    start = np.broadcast_to(np.asarray(scene), toward.shape)
    rays = shapely.linestrings(np.stack([start, start + toward * far / scale], axis=1))
    coords, ray = shapely.get_coordinates(shapely.intersection(view.area, rays), return_index=True)
    away = np.hypot(*((coords - np.asarray(scene)) * scale).T)
    np.maximum.at(result, ray, away)
    return result


def _described(found: Snap, scene: LonLat, wind_from_deg: float | None) -> Approach:
    per_lon, per_lat = metres_per_degree_at((scene.latitude + found.latitude) / 2)
    x, y = (found.longitude - scene.longitude) * per_lon, (found.latitude - scene.latitude) * per_lat
    bearing = math.degrees(math.atan2(x, y)) % 360
    off = float("nan")
    if wind_from_deg is not None:
        off = abs((bearing - wind_from_deg + 180) % 360 - 180)
    return Approach(found, math.hypot(x, y), bearing, off)
