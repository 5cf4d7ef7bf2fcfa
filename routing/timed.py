"""Which way gets through while the cloud moves, and with how many seconds to spare?"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import FloatArray, LonLat
from routing.hazard import FOREVER_MS, Hazard, Intervals, covered_nodes, covered_segments
from routing.on_foot import walkable
from routing.paths import Route, as_place, entering, geometry_of, leaving, length_of, proof_of, ways_of
from routing.profiles import CLOSED, Profile, profile, unknown_limits
from routing.rescue import place, search
from routing.snapping import Snap
from routing.timed_search import States, earliest, safe_states
from routing.view import View

_CLOSED = int(CLOSED)


@dataclass(frozen=True, slots=True)
class TimedRoute:
    """
    A way under a moving cloud.

    Attributes
    ----------
    route
        The way; `travel_time_s` includes waiting.
    margin_s
        Least time between leaving a road and the cloud's arrival on it, or between its leaving and our entering; inf
        when the way never meets ground that is covered at any time.
    waits
        Longitude, latitude, seconds of each stop in safe air.
    timeline
        Arc, entry and exit in seconds after departure.
    dose
        Sum of concentration x seconds on the way, for people with protection who must cross; 0 for a free way.
    """

    route: Route
    margin_s: float = float("nan")
    waits: tuple[tuple[float, float, float], ...] = ()
    timeline: tuple[tuple[int, float, float], ...] = ()
    dose: float = 0.0

    @property
    def status(self) -> str:
        """Status of the route."""
        return self.route.status

    @property
    def reason(self) -> str:
        """Reason of the route."""
        return self.route.reason

    @property
    def arcs(self) -> tuple[int, ...]:
        """Arcs of the route."""
        return self.route.arcs

    @property
    def geometry(self) -> Any:
        """Line of the route."""
        return self.route.geometry

    @property
    def travel_time_s(self) -> float:
        """Seconds from departure to arrival, waiting included."""
        return self.route.travel_time_s

    @property
    def length_m(self) -> float:
        """Length of the route."""
        return self.route.length_m

    def as_json(self) -> dict[str, Any]:
        """Plain JSON form: the route's, with margin, waiting and dose."""
        return {
            **self.route.as_json(),
            "margin_s": round(self.margin_s, 1) if np.isfinite(self.margin_s) else None,
            "waits": [{"longitude": x, "latitude": y, "seconds": round(s, 1)} for x, y, s in self.waits],
            "dose": self.dose,
        }


class Forecast:
    """A hazard laid over a network: made once, asked for many ways."""

    def __init__(self, view: View, hazard: Hazard) -> None:
        self.view = view
        self.hazard = hazard
        self.covered: Intervals = covered_segments(view.network, hazard)
        self.states: States = safe_states(view.network.node_count, covered_nodes(view.network, hazard))


def timed_route(
    view: View | Forecast,
    hazard: Hazard | None,
    origin: LonLat | tuple[float, float],
    destination: LonLat | tuple[float, float],
    vehicle: str | Profile | None = None,
    *,
    depart_s: float = 0.0,
    protected: bool = False,
) -> TimedRoute:
    """
    Earliest arrival such that no road is driven while any part of it is covered; exact, also where roads reopen.

    Waiting is allowed at the start and at nodes, only while they are outside the cloud.

    Parameters
    ----------
    depart_s
        Departure on the clock of the hazard's frames.
    protected
        Where no way is free, give the fastest way through with its dose, for people with breathing protection.

    Raises
    ------
    InputError
        Impossible coordinates, unknown vehicle profile.
    """
    kind = profile(vehicle)
    forecast = view if isinstance(view, Forecast) else Forecast(walkable(view, kind), hazard or Hazard(()))
    base = forecast.view
    start_at, end_at = as_place(origin), as_place(destination)
    if forecast.hazard.covered_at(*start_at, depart_s):
        return TimedRoute(Route("origin_closed", "inside_hazard"))
    start, end = place(base, start_at, kind, "origin"), place(base, end_at, kind, "destination")
    for placed in (start, end):
        if placed.snap is None:
            return TimedRoute(Route(placed.status, placed.reason, origin=start.snap, destination=end.snap))  # type: ignore[arg-type]
    assert start.snap is not None and end.snap is not None
    free = timed_between(forecast, start.snap, end.snap, kind, depart_s)
    if free is not None:
        return free
    straight = search(base, start.snap, end.snap, kind)
    if straight is not None and protected:
        return _through(forecast, straight, start.snap, end.snap, kind, depart_s)
    if straight is None:
        from routing.rescue import why_not

        status, reason = why_not(base, start.snap, end.snap, kind)
        return TimedRoute(Route(status, reason, origin=start.snap, destination=end.snap))  # type: ignore[arg-type]
    a, b = (int(forecast.covered.first[end.snap.segment + k]) for k in (0, 1))
    if b > a and int(forecast.covered.end[b - 1]) >= FOREVER_MS:
        return TimedRoute(Route("destination_closed", "inside_hazard", origin=start.snap, destination=end.snap))
    return TimedRoute(Route("cut_off", "hazard_arrives_first", origin=start.snap, destination=end.snap))


def timed_between(
    forecast: Forecast, origin: Snap, destination: Snap, kind: Profile, depart_s: float = 0.0
) -> TimedRoute | None:
    """Earliest free way between two places on the network, or None."""
    found = _search(forecast, origin, destination, kind, round(depart_s * 1000))
    return None if found is None else _dress(forecast, found, origin, destination, depart_s)


def timed_arrivals(
    forecast: Forecast, origins: list[Snap | None], destinations: list[Snap | None], kind: Profile
) -> FloatArray:
    """Seconds to each destination, one search from each origin; inf where no way is free. Shape ``(n, m)``."""
    network, weights = forecast.view.network, forecast.view.weights(kind)
    result = np.full((len(origins), len(destinations)), np.inf)
    onto = [entering(network, weights, d, _CLOSED) if d is not None else [] for d in destinations]
    for i, origin in enumerate(origins):
        if origin is None or forecast.hazard.covered_at(*origin.place, 0.0):
            continue
        seeds, times, _ = _seeds(forecast, weights, origin, 0)
        label = _labels(forecast, weights, seeds, times)
        for j, ends in enumerate(onto):
            destination = destinations[j]
            assert destination is not None or not ends
            best = np.inf
            for _, node, cost in ends:
                best = min(best, _arrival(forecast, label, node, destination.segment, cost))  # type: ignore[union-attr]
            if destination is not None and destination.segment == origin.segment:
                until = _place_safe_until(forecast.hazard, origin, 0)
                straight = _direct(forecast, weights, origin, destination, 0, until)
                best = min(best, straight[0] if straight is not None else np.inf)
            result[i, j] = best / 1000
    return result


def _labels(forecast: Forecast, weights: NDArray[np.uint32], seeds: list[int], times: list[int]) -> NDArray[np.int64]:
    """Earliest safe time of every node and interval."""
    network, none = forecast.view.network, np.empty(0, np.int64)
    return earliest(  # type: ignore[no-any-return]
        np.asarray(network.head), np.asarray(network.first_arc), np.asarray(network.arc_segment), weights,
        np.int64(CLOSED), covered_tuple(forecast.covered), forecast.states, np.asarray(seeds, np.int64),
        np.asarray(times, np.int64), none, none, none, np.int64(FOREVER_MS),
    )[1]  # fmt: skip


def _arrival(forecast: Forecast, label: NDArray[np.int64], node: int, segment: int, cost: int) -> float:
    """Earliest arrival over the last part of a road from any safe interval of its node."""
    best = np.inf
    for state in range(int(forecast.states.first[node]), int(forecast.states.first[node + 1])):
        if int(label[state]) < FOREVER_MS:
            leave_by = int(forecast.states.end[state])
            departures = _departures(forecast.covered, segment, int(label[state]), cost, leave_by)
            best = min(best, departures[0] + cost if departures else np.inf)
    return best


Found = tuple[int, list[tuple[int, int, int]]]
"""Arrival in ms, and arc, entry, exit in ms of each stretch."""


def _search(forecast: Forecast, origin: Snap, destination: Snap, kind: Profile, depart_ms: int) -> Found | None:
    network, weights = forecast.view.network, forecast.view.weights(kind)
    covered, states = forecast.covered, forecast.states
    onto = entering(network, weights, destination, _CLOSED)
    safe_until = _place_safe_until(forecast.hazard, origin, depart_ms)
    best = _direct(forecast, weights, origin, destination, depart_ms, safe_until)
    seeds, times, starts = _seeds(forecast, weights, origin, depart_ms)
    if not seeds or not onto:
        return best
    when, _, into, before, left, state, goal, goal_depart = earliest(
        np.asarray(network.head), np.asarray(network.first_arc), np.asarray(network.arc_segment),
        weights, np.int64(CLOSED), covered_tuple(covered), states,
        np.asarray(seeds, np.int64), np.asarray(times, np.int64),
        np.asarray([n for _, n, _ in onto], np.int64),
        np.asarray([destination.segment] * len(onto), np.int64),
        np.asarray([c for _, _, c in onto], np.int64), np.int64(FOREVER_MS if best is None else best[0]),
    )  # fmt: skip
    if state < 0:
        return best
    steps = [(onto[goal][0], int(goal_depart), int(when))]
    while int(into[state]) >= 0:
        arc = int(into[state])
        steps.append((arc, int(left[state]), int(left[state]) + int(weights[arc])))
        state = int(before[state])
    steps.append(starts[-1 - int(left[state])])
    return int(when), steps[::-1]


def _seeds(
    forecast: Forecast, weights: NDArray[np.uint32], origin: Snap, depart_ms: int
) -> tuple[list[int], list[int], list[tuple[int, int, int]]]:
    """States reached over the first part of the road, their times, and arc, departure, arrival of each."""
    network, states = forecast.view.network, forecast.states
    safe_until = _place_safe_until(forecast.hazard, origin, depart_ms)
    seeds: list[int] = []
    times: list[int] = []
    starts: list[tuple[int, int, int]] = []
    for arc, node, cost in leaving(network, weights, origin, _CLOSED):
        for depart in _departures(forecast.covered, int(network.arc_segment[arc]), depart_ms, cost, safe_until):
            arrive = depart + cost
            a, b = int(states.first[node]), int(states.first[node + 1])
            fits = a + np.flatnonzero((states.start[a:b] <= arrive) & (arrive <= states.end[a:b]))
            if len(fits):
                seeds.append(int(fits[0]))
                times.append(arrive)
                starts.append((arc, depart, arrive))
    return seeds, times, starts


def covered_tuple(covered: Intervals) -> Any:
    """The intervals as a named tuple, which compiled code can read."""
    return States(covered.first, covered.start, covered.end, covered.first)


def _departures(covered: Intervals, segment: int, ready: int, cost: int, leave_by: int) -> list[int]:
    """First departure through each gap between the covered intervals of a segment."""
    a, b = int(covered.first[segment]), int(covered.first[segment + 1])
    found = []
    for nth in range(b - a + 1):
        since = 0 if nth == 0 else int(covered.end[a + nth - 1])
        until = FOREVER_MS if nth == b - a else int(covered.start[a + nth])
        depart = max(ready, since)
        if depart <= leave_by and depart + cost <= until:
            found.append(depart)
    return found


def _direct(
    forecast: Forecast, weights: NDArray[np.uint32], origin: Snap, destination: Snap, depart_ms: int, safe_until: int
) -> Found | None:
    from routing.paths import direct

    straight = direct(forecast.view.network, weights, origin, destination, _CLOSED)
    if straight is None:
        return None
    cost, arc = straight
    departures = _departures(forecast.covered, origin.segment, depart_ms, cost, safe_until)
    return (departures[0] + cost, [(arc, departures[0], departures[0] + cost)]) if departures else None


def _place_safe_until(hazard: Hazard, at: Snap, depart_ms: int) -> int:
    """Until when one may wait at the start."""
    until = FOREVER_MS
    for frame in hazard.frames:
        hit = shapely.intersects_xy(frame.area, at.longitude, at.latitude) or shapely.intersects_xy(
            frame.area, *at.place
        )
        if hit and frame.until_s * 1000 > depart_ms:
            until = min(until, max(depart_ms, round(frame.from_s * 1000)))
    return until


def _dress(forecast: Forecast, found: Found, origin: Snap, destination: Snap, depart_s: float) -> TimedRoute:
    network = forecast.view.network
    arcs = [arc for arc, _, _ in found[1]]
    _prove(forecast.covered, network.arc_segment, found[1])
    geometry = shapely.LineString(geometry_of(network, arcs, origin, destination))
    margin = min((_margin(forecast.covered, int(network.arc_segment[a]), s, e) for a, s, e in found[1]), default=np.inf)
    waits = []
    clock = round(depart_s * 1000)
    for arc, entry, leave in found[1]:
        if entry > clock:
            tail = int(network.tail[arc])
            at = (float(network.node_lon[tail]), float(network.node_lat[tail]))
            waits.append((*(at if arc != arcs[0] else (origin.longitude, origin.latitude)), (entry - clock) / 1000))
        clock = leave
    route = Route(
        status="ok",
        reason="waits" if waits else "",
        travel_time_s=found[0] / 1000 - depart_s,
        length_m=length_of(network, arcs, origin, destination),
        arcs=tuple(arcs),
        geometry=geometry,
        ways=ways_of(network, arcs),
        origin=origin,
        destination=destination,
        unknown_limits=unknown_limits(network, np.unique(np.asarray(network.arc_segment)[arcs])),
        proof=proof_of(geometry, forecast.view.area),
    )
    timeline = tuple((a, s / 1000 - depart_s, e / 1000 - depart_s) for a, s, e in found[1])
    return TimedRoute(route, margin, tuple(waits), timeline)


def _prove(covered: Intervals, arc_segment: NDArray[np.integer], steps: list[tuple[int, int, int]]) -> None:
    """No road may be driven inside a covered interval: checked on the answer, whatever the search did."""
    for arc, entry, leave in steps:
        s = int(arc_segment[arc])
        for k in range(int(covered.first[s]), int(covered.first[s + 1])):
            if entry < int(covered.end[k]) and leave > int(covered.start[k]):
                raise RuntimeError("a way through the cloud was about to be returned")


def _margin(covered: Intervals, segment: int, entry: int, leave: int) -> float:
    best = np.inf
    for k in range(int(covered.first[segment]), int(covered.first[segment + 1])):
        start, end = int(covered.start[k]), int(covered.end[k])
        best = min(best, (start - leave) / 1000 if start >= leave else (entry - end) / 1000)
    return float(best)


def _through(
    forecast: Forecast, straight: tuple[int, list[int]], origin: Snap, destination: Snap, kind: Profile, depart_s: float
) -> TimedRoute:
    """The fastest way regardless of the cloud, with the dose taken on it."""
    from routing.rescue import finish

    network, weights = forecast.view.network, forecast.view.weights(kind)
    route = finish(forecast.view, straight[0], straight[1], origin, destination)
    clock, dose, timeline = depart_s, 0.0, []
    for i, arc in enumerate(straight[1]):
        line = geometry_of(network, [arc], *_part(network, arc, i, len(straight[1]), origin, destination))
        whole = max(float(network.arc_length_m[arc]), 1e-9)
        share = (
            min(1.0, shapely.length(shapely.LineString(line)) / max(_degrees(network, arc), 1e-12)) if whole else 1.0
        )
        seconds = int(weights[arc]) / 1000 * share
        dose += _dose(forecast.hazard, shapely.LineString(line), clock, clock + seconds)
        timeline.append((arc, clock - depart_s, clock + seconds - depart_s))
        clock += seconds
    crossing = Route(
        "ok", "crosses_hazard", route.travel_time_s, route.length_m, route.arcs, route.geometry, route.ways,
        origin, destination, route.unknown_limits, "crosses_hazard",
    )  # fmt: skip
    return TimedRoute(crossing, float("-inf"), (), tuple(timeline), dose)


def _part(network: Any, arc: int, i: int, count: int, origin: Snap, destination: Snap) -> tuple[Any, Any]:
    """Ends of one arc of a route as places on its segment."""
    from dataclasses import replace

    forward = bool(network.arc_forward[arc])
    a = origin.fraction if i == 0 else (0.0 if forward else 1.0)
    b = destination.fraction if i == count - 1 else (1.0 if forward else 0.0)
    return replace(origin, fraction=a), replace(destination, fraction=b)


def _degrees(network: Any, arc: int) -> float:
    return float(shapely.length(network.segment_lines(np.asarray([network.arc_segment[arc]]))[0]))


def _dose(hazard: Hazard, line: Any, entry_s: float, leave_s: float) -> float:
    """Concentration x seconds on a stretch: the worst frame at each moment, by the share of the stretch inside it."""
    edges = sorted(
        {entry_s, leave_s, *(t for f in hazard.frames for t in (f.from_s, f.until_s) if entry_s < t < leave_s)}
    )
    total = 0.0
    length = shapely.length(line)
    for a, b in pairwise(edges):
        worst = 0.0
        for f in hazard.frames:
            if f.from_s <= a < f.until_s and np.isfinite(f.concentration):
                inside = shapely.length(shapely.intersection(f.area, line)) / length if length > 0 else 0.0
                worst = max(worst, f.concentration * inside)
        total += worst * (b - a)
    return total
