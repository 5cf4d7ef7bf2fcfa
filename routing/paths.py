"""What is a route made of, and does it keep out of the closed ground?"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import FloatArray, LonLat
from routing.cutting import cut_line
from routing.network import Network
from routing.snapping import Snap

Arcs = list[int] | NDArray[np.int64]
"""Arc ids in order."""
Status = Literal["ok", "origin_closed", "destination_closed", "cut_off", "no_route"]


@dataclass(frozen=True, slots=True)
class Route:
    """
    A way from one place to another, or the reason why there is none.

    Attributes
    ----------
    status, reason
        ``ok`` or what stands in the way; `reason` is a code, with the name of what cuts off after a colon.
    travel_time_s, length_m
        NaN where there is no way.
    arcs
        Arc ids in order.
    geometry
        LineString lon/lat between the snapped ends; None where there is no way.
    ways
        OpenStreetMap way ids in order, where known.
    origin, destination
        Where the ends met the road.
    unknown_limits
        How many segments of it carry no height, weight or width limit in the data.
    proof
        ``outside``: shapely checked the whole geometry against the closed ground; ``no_area``: there is none.
    """

    status: Status
    reason: str = ""
    travel_time_s: float = float("nan")
    length_m: float = float("nan")
    arcs: tuple[int, ...] = ()
    geometry: Any = None
    ways: tuple[int, ...] = ()
    origin: Snap | None = None
    destination: Snap | None = None
    unknown_limits: dict[str, Any] = field(default_factory=dict)
    proof: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON form: the contract of the command line."""
        ok = self.status == "ok"
        return {
            "status": self.status,
            "reason": self.reason,
            "length_m": round(self.length_m, 1) if ok else None,
            "travel_time_s": round(self.travel_time_s, 1) if ok else None,
            "geometry": shapely.geometry.mapping(self.geometry) if ok else None,
            "ways": list(self.ways),
            "snapping": {
                "from_m": round(self.origin.distance_m, 1) if self.origin else None,
                "from_side": self.origin.side if self.origin else None,
                "to_m": round(self.destination.distance_m, 1) if self.destination else None,
                "to_side": self.destination.side if self.destination else None,
            },
            "unknown_limits": dict(self.unknown_limits),
            "proof": self.proof,
        }


def leaving(network: Network, weights: NDArray[np.uint32], at: Snap, closed: int) -> list[tuple[int, int, int]]:
    """
    Ways off a snapped place: arc, node reached, milliseconds spent.

    Arcs weighing `closed` are left out.
    """
    found = []
    for arc in arcs_on(network, at.segment):
        weight = int(weights[arc])
        if weight != closed:
            part = 1.0 - at.fraction if network.arc_forward[arc] else at.fraction
            found.append((int(arc), int(network.head[arc]), round(part * weight)))
    return found


def entering(network: Network, weights: NDArray[np.uint32], at: Snap, closed: int) -> list[tuple[int, int, int]]:
    """Ways onto a snapped place: arc, node left, milliseconds still to drive."""
    found = []
    for arc in arcs_on(network, at.segment):
        weight = int(weights[arc])
        if weight != closed:
            part = at.fraction if network.arc_forward[arc] else 1.0 - at.fraction
            found.append((int(arc), int(network.tail[arc]), round(part * weight)))
    return found


def direct(
    network: Network, weights: NDArray[np.uint32], origin: Snap, destination: Snap, closed: int
) -> tuple[int, int] | None:
    """Milliseconds and arc when both ends lie on one segment and it may be driven from the one to the other."""
    if origin.segment != destination.segment:
        return None
    best: tuple[int, int] | None = None
    for arc in arcs_on(network, origin.segment):
        ahead = destination.fraction - origin.fraction
        part = ahead if network.arc_forward[arc] else -ahead
        if int(weights[arc]) != closed and part >= 0:
            time_ms = round(part * int(weights[arc]))
            if best is None or time_ms < best[0]:
                best = (time_ms, int(arc))
    return best


def arcs_on(network: Network, segment: int) -> NDArray[np.int64]:
    """Arcs on a segment."""
    offset, arcs = network.segment_arcs
    return arcs[offset[segment] : offset[segment + 1]]


def geometry_of(network: Network, arcs: Arcs, origin: Snap, destination: Snap) -> FloatArray:
    """Vertices (lon, lat) of a route between two snapped places, consecutive doubles removed."""

    def end_piece(arc: Any, start: float | None, end: float | None) -> FloatArray:
        first, last = (0.0, 1.0) if network.arc_forward[arc] else (1.0, 0.0)
        segment = int(network.arc_segment[arc])
        return cut_line(network, segment, first if start is None else start, last if end is None else end)

    if len(arcs) == 1:
        pieces = [end_piece(arcs[0], origin.fraction, destination.fraction)]
    else:
        pieces = [
            end_piece(arcs[0], origin.fraction, None),
            _whole(network, np.asarray(arcs[1:-1], np.int64)),
            end_piece(arcs[-1], None, destination.fraction),
        ]
    coords = np.vstack(pieces)
    keep = np.ones(len(coords), bool)
    keep[1:] = (np.diff(coords, axis=0) != 0).any(axis=1)
    coords = coords[keep]
    return coords if len(coords) > 1 else np.vstack([coords, coords])


def _whole(network: Network, arcs: NDArray[np.int64]) -> FloatArray:
    """Vertices of whole arcs one after the other, each in its driving direction."""
    segment, forward = np.asarray(network.arc_segment)[arcs], np.asarray(network.arc_forward)[arcs]
    offset = np.asarray(network.shape_offset)
    start, end = offset[segment], offset[segment + 1]
    counts = end - start
    step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    position = np.where(np.repeat(forward, counts), np.repeat(start, counts) + step, np.repeat(end, counts) - 1 - step)
    return np.column_stack([np.asarray(network.shape_lon)[position], np.asarray(network.shape_lat)[position]])


def length_of(network: Network, arcs: Arcs, origin: Snap, destination: Snap) -> float:
    """Length in metres of a route between two snapped places."""
    lengths = np.asarray(network.length_m)[np.asarray(network.arc_segment)[arcs]].copy()
    if len(arcs) == 1:
        return float(lengths[0] * abs(destination.fraction - origin.fraction))
    first, last = bool(network.arc_forward[arcs[0]]), bool(network.arc_forward[arcs[-1]])
    lengths[0] *= 1.0 - origin.fraction if first else origin.fraction
    lengths[-1] *= destination.fraction if last else 1.0 - destination.fraction
    return float(lengths.sum())


def ways_of(network: Network, arcs: Arcs) -> tuple[int, ...]:
    """OpenStreetMap way ids along a route, each run once; empty where the file had none."""
    ids = np.asarray(network.way_id)[np.asarray(network.arc_segment)[arcs]]
    ids = ids[ids != 0]
    if not len(ids):
        return ()
    keep = np.concatenate([[True], ids[1:] != ids[:-1]])
    return tuple(int(i) for i in ids[keep])


def proof_of(geometry: Any, area: Any) -> str:
    """
    Check the whole geometry against the closed ground with shapely, independently of the engine.

    Raises
    ------
    RuntimeError
        The geometry meets the area: a fault of this program, never to be shown as a route.
    """
    if area is None:
        return "no_area"
    if shapely.intersects(area, geometry):
        raise RuntimeError("a route that meets the closed area was about to be returned")
    return "outside"


def as_place(value: LonLat | tuple[float, float]) -> LonLat:
    """A checked place from a pair."""
    return LonLat(float(value[0]), float(value[1])).checked()
