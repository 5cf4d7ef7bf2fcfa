"""Which turns does a route take? Codes and numbers; the sentences are the page's business."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from routing.flags import ROUNDABOUT
from routing.network import Network
from routing.paths import Route

Turn = Literal[
    "depart", "straight", "slight_left", "left", "sharp_left", "slight_right", "right", "sharp_right", "u_turn",
    "roundabout", "arrive",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: the turn, the road it leads onto, how far to follow it, and where it stands."""

    turn: Turn
    name: str
    road_class: str
    distance_m: float
    bearing_deg: float
    longitude: float
    latitude: float


def steps(network: Network, route: Route) -> list[Step]:
    """Instructions of a route; stretches of one road without a turn are one step."""
    if route.status != "ok" or route.origin is None or route.destination is None:
        return []
    arcs = list(route.arcs)
    pieces = []
    for i, arc in enumerate(arcs):
        start = route.origin if i == 0 else None
        end = route.destination if i == len(arcs) - 1 else None
        line = _piece(network, arc, start.fraction if start else None, end.fraction if end else None)
        if len(line) > 1 and shapely.length(shapely.LineString(line)) > 0:
            pieces.append((arc, line))
    result: list[Step] = []
    classes = network.road_class
    previous = None
    for arc, line in pieces:
        segment = int(network.arc_segment[arc])
        name = network.names[network.name_id[segment]]
        into = _bearing(line[0], line[1])
        length = _length(line)
        circle = bool(network.flags[segment] & ROUNDABOUT)
        if previous is None:
            turn: Turn = "depart"
        else:
            turn = "roundabout" if circle and not previous[2] else _turn(previous[1], into)
        same = previous is not None and (name == previous[0] or (circle and previous[2]))
        if result and same and turn in {"straight", "slight_left", "slight_right"} | ({turn} if circle else set()):
            result[-1] = _longer(result[-1], length)
        else:
            from routing.classes import CLASSES

            kind = CLASSES[int(classes[segment])]
            result.append(Step(turn, name, kind, length, into, float(line[0, 0]), float(line[0, 1])))
        previous = (name, _bearing(line[-2], line[-1]), circle)
    if pieces:
        last = pieces[-1][1][-1]
        result.append(Step("arrive", "", "", 0.0, result[-1].bearing_deg, float(last[0]), float(last[1])))
    return result


def _piece(network: Network, arc: int, start: float | None, end: float | None) -> np.ndarray:
    from routing.cutting import cut_line

    forward = bool(network.arc_forward[arc])
    a = start if start is not None else (0.0 if forward else 1.0)
    b = end if end is not None else (1.0 if forward else 0.0)
    return cut_line(network, int(network.arc_segment[arc]), a, b)


def _bearing(a: np.ndarray, b: np.ndarray) -> float:
    x = (b[0] - a[0]) * np.cos(np.radians((a[1] + b[1]) / 2))
    return float(np.degrees(np.arctan2(x, b[1] - a[1])) % 360)


def _length(line: np.ndarray) -> float:
    from routing.measure import leg_lengths_m

    return float(leg_lengths_m(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1]).sum())


def _turn(came: float, goes: float) -> Turn:
    angle = (goes - came + 180) % 360 - 180
    size = abs(angle)
    if size < 20:
        return "straight"
    if size > 165:
        return "u_turn"
    side = "right" if angle > 0 else "left"
    prefix = "slight_" if size < 50 else ("sharp_" if size > 120 else "")
    return f"{prefix}{side}"  # type: ignore[return-value]


def _longer(step: Step, metres: float) -> Step:
    from dataclasses import replace

    return replace(step, distance_m=step.distance_m + metres)
