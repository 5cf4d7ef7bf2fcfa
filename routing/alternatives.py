"""Which other ways are there that are really different?"""

import dataclasses

import numpy as np

from routing.network import Network
from routing.on_foot import walkable
from routing.paths import Route
from routing.profiles import Profile
from routing.rescue import finish, search
from routing.view import View

MAX_SHARED = 0.6
"""Largest share of an alternative's length that may run on a way already offered."""
MAX_LONGER = 1.6
"""An alternative may take at most this many times the fastest time."""
_PENALTY = 1.6
_ROUNDS = 8


def alternatives(view: View, best: Route, vehicle: Profile, count: int = 2) -> list[Route]:
    """
    Further routes with at most 60 % of their length shared with any route already found.

    Arcs of the routes found so far are made dearer step by step (penalty method, de la Barra et al. 1993); the times
    reported are the true ones.
    """
    if best.status != "ok" or best.origin is None or best.destination is None:
        return []
    view = walkable(view, vehicle)
    network = view.network
    weights = view.weights(vehicle)
    found = [best]
    factor: dict[int, float] = dict(view.slowed)
    last = best
    for _ in range(_ROUNDS * count):
        if len(found) > count:
            break
        _penalise(factor, view, last)
        dearer = dataclasses.replace(view, slowed=tuple(factor.items()))
        answer = search(dearer, best.origin, best.destination, vehicle)
        if answer is None:
            break
        true_ms = _true_time(weights, view, answer[1], best)
        last = finish(view, true_ms, answer[1], best.origin, best.destination)
        if last.travel_time_s > MAX_LONGER * best.travel_time_s:
            continue
        if all(shared(last, other, network) <= MAX_SHARED for other in found):
            found.append(last)
    return sorted(found[1:], key=lambda r: r.travel_time_s)


def shared(route: Route, other: Route, network: Network) -> float:
    """Share of the route's length that runs on roads of another route in the same direction."""
    mine, theirs = (network.arc_lane[np.asarray(one.arcs, np.int64)] for one in (route, other))
    length_m = network.arc_length_m[mine]
    total = float(length_m.sum())
    return float(length_m[np.isin(mine, theirs)].sum()) / total if total > 0 else 1.0


def _penalise(factor: dict[int, float], view: View, route: Route) -> None:
    """Make a route's segments dearer in both directions, or the next one would run beside it."""
    segments = np.unique(np.asarray(view.network.arc_segment)[list(route.arcs)])
    for arc in view.network.arcs_of(segments):
        factor[int(arc)] = factor.get(int(arc), 1.0) * _PENALTY


def _true_time(weights: np.ndarray, view: View, arcs: list[int], best: Route) -> int:
    """Time in ms of an arc list between the ends of `best` on the true weights."""
    assert best.origin is not None and best.destination is not None
    forward = view.network.arc_forward
    if len(arcs) == 1:
        return round(abs(best.destination.fraction - best.origin.fraction) * int(weights[arcs[0]]))
    first = 1.0 - best.origin.fraction if forward[arcs[0]] else best.origin.fraction
    last = best.destination.fraction if forward[arcs[-1]] else 1.0 - best.destination.fraction
    middle = int(weights[arcs[1:-1]].astype(np.int64).sum()) if len(arcs) > 2 else 0
    return round(first * int(weights[arcs[0]])) + middle + round(last * int(weights[arcs[-1]]))
