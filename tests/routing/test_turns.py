"""Are forbidden turns kept, also those through several ways, and only by those they bind?"""

import heapq
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from routing.alternatives import alternatives
from routing.closures import open_view
from routing.hazard import Hazard
from routing.importing import read
from routing.profiles import profile
from routing.rescue import route
from routing.timed import timed_route
from routing.turns import Turn, expand

# Two carriageways one above the other, joined by a link in the middle and one at the far end:
#   1 <-- 2 <-- 3     (way 20, westbound)
#         |     |     (way 30, the link; way 31, the far link)
#   4 --> 5 --> 6     (way 10, way 11, eastbound)
# Side roads 1-4 close the ring.
_DUAL = """<osm version="0.6">
<node id="1" lon="118.700" lat="31.401"/><node id="2" lon="118.703" lat="31.401"/>
<node id="3" lon="118.706" lat="31.401"/><node id="4" lon="118.700" lat="31.400"/>
<node id="5" lon="118.703" lat="31.400"/><node id="6" lon="118.706" lat="31.400"/>
<way id="20"><nd ref="2"/><nd ref="1"/><tag k="highway" v="primary"/><tag k="oneway" v="yes"/></way>
<way id="21"><nd ref="3"/><nd ref="2"/><tag k="highway" v="primary"/><tag k="oneway" v="yes"/></way>
<way id="10"><nd ref="4"/><nd ref="5"/><tag k="highway" v="primary"/><tag k="oneway" v="yes"/></way>
<way id="11"><nd ref="5"/><nd ref="6"/><tag k="highway" v="primary"/><tag k="oneway" v="yes"/></way>
<way id="30"><nd ref="5"/><nd ref="2"/><tag k="highway" v="primary_link"/></way>
<way id="31"><nd ref="6"/><nd ref="3"/><tag k="highway" v="residential"/></way>
<way id="40"><nd ref="1"/><nd ref="4"/><tag k="highway" v="residential"/></way>
{relation}
</osm>"""


def _relation(value: str, *, extra: str = "", via: tuple[int, ...] = (30,), key: str = "restriction") -> str:
    ways = "".join(f'<member type="way" ref="{way}" role="via"/>' for way in via)
    return (
        f'<relation id="1"><member type="way" ref="10" role="from"/>{ways}<member type="way" ref="20" role="to"/>'
        f'<tag k="type" v="restriction"/><tag k="{key}" v="{value}"/>{extra}</relation>'
    )


def _network(folder: Path, relation: str) -> Any:
    path = folder / "dual.osm"
    path.write_text(_DUAL.format(relation=relation), encoding="utf-8")
    return read(path)


START, END = (118.7015, 31.4), (118.7015, 31.401)


def test_no_u_turn_through_a_link_is_kept(tmp_path: Path) -> None:
    before = route(open_view(_network(tmp_path, "")), START, END)
    network = _network(tmp_path, _relation("no_u_turn"))
    assert before.ways == (10, 30, 20)
    assert network.report["turn_restrictions"] == {
        "found": 1, "through_ways": 1, "some_vehicles": 0, "some_hours": 0, "clauses_unreadable": 0, "not_usable": {},
    }  # fmt: skip
    assert network.report["turn_restrictions_applied"] == 1
    view = open_view(network)
    assert route(view, START, END).ways == (10, 11, 31, 21, 20)
    # Entering the link from elsewhere, and leaving it for elsewhere, stay free.
    assert route(view, (118.7031, 31.4004), END).ways[-1] == 20
    assert 30 in route(view, (118.7045, 31.401), (118.7045, 31.4)).ways
    # People on foot are not bound: the nearest way is the link.
    assert route(view, (118.7029, 31.4), (118.7029, 31.401), "foot").ways == (10, 30, 20)


def test_walkers_go_against_one_way_streets_whatever_is_asked(tmp_path: Path) -> None:
    view = open_view(_network(tmp_path, _relation("no_u_turn")))
    up, down = (118.7029, 31.401), (118.7029, 31.4)
    assert route(view, up, down).ways == (20, 40, 10)
    assert route(view, up, down, "foot").ways == (20, 30, 10)
    assert timed_route(view, Hazard(()), up, down, "foot").route.ways == (20, 30, 10)
    best = route(view, (118.70145, 31.401), (118.70145, 31.4), "foot")
    assert best.ways == (20, 40, 10)
    assert [one.ways for one in alternatives(view, best, profile("foot"), 1)] == [(20, 30, 10)]


def test_only_through_a_link_must_be_followed(tmp_path: Path) -> None:
    network = _network(tmp_path, _relation("only_u_turn"))
    view = open_view(network)
    assert route(view, START, END).ways == (10, 30, 20)
    assert route(view, START, (118.7045, 31.4)).status == "no_route"  # every way on leads through the command again
    assert route(view, (118.7031, 31.4004), (118.7045, 31.4)).ways == (30, 11)


@pytest.mark.parametrize(
    ("relation", "reason"),
    [
        (_relation("no_u_turn", extra='<tag k="except" v="psv;motor_vehicle"/>'), "other_vehicles"),
        (_relation("no_u_turn", key="restriction:bicycle"), "other_vehicles"),
        (_relation("no_u_turn", key="restriction:conditional"), "unreadable"),
        (_relation("give_way"), "unreadable"),
        (_relation("no_u_turn", via=(31,)), "via_not_joined"),
        (_relation("no_u_turn", via=(99,)), "via_not_joined"),
        (_relation("no_u_turn").replace('ref="20"', 'ref="77"'), "roads_not_there"),
        (_relation("no_u_turn", via=()), "incomplete"),
    ],
)
def test_what_binds_nobody_here_is_counted_with_its_reason(tmp_path: Path, relation: str, reason: str) -> None:
    network = _network(tmp_path, relation)
    assert network.report["turn_restrictions"]["not_usable"] == {reason: 1}
    assert route(open_view(network), START, END).ways == (10, 30, 20)


def _brute_force(
    tail: Any, head: Any, segment: Any, cost: Any, n: int, rules: list[tuple[tuple[int, ...], set[int], bool]]
) -> Any:
    """Least cost between all nodes where histories of arcs are searched, each rule checked on the history itself."""
    longest = max((len(chain) for chain, _, _ in rules), default=1)
    out = [np.flatnonzero(tail == v).tolist() for v in range(n)]

    def exits(history: tuple[int, ...], at: int) -> list[int]:
        allowed, deepest = out[at], 0
        for chain, ends, only in rules:
            for done in range(1, len(chain) + 1):
                if history[-done:] == chain[:done]:
                    deepest = max(deepest, done)
                    commanded = ends if done == len(chain) else {chain[done]}
                    if only or done == len(chain):
                        allowed = [arc for arc in allowed if (arc in commanded) == only]
        onward = [arc for arc in allowed if not deepest or segment[arc] != segment[history[-1]]]
        return onward if onward or deepest > 1 else allowed

    best = np.full((n, n), np.inf)
    for source in range(n):
        queue: list[tuple[int, tuple[int, ...]]] = [(0, ())]
        seen = set()
        while queue:
            spent, history = heapq.heappop(queue)
            at = int(head[history[-1]]) if history else source
            if history in seen:
                continue
            seen.add(history)
            best[source, at] = min(best[source, at], spent)
            for arc in exits(history, at):
                heapq.heappush(queue, (spent + int(cost[arc]), (*history, arc)[-longest:]))
    return best


@pytest.mark.parametrize("seed", range(60))
def test_expanded_graphs_are_exact(seed: int) -> None:
    """Random small graphs with random restrictions, through up to two ways, against a search over histories."""
    rng = np.random.default_rng(seed)
    n = 7
    ends = [(a, b) for a in range(n) for b in range(a + 1, n) if rng.random() < 0.5]
    if len(ends) < 4:
        return
    a, b = np.asarray(ends).T
    s = len(a)
    tail, head = np.concatenate([a, b]), np.concatenate([b, a])
    segment, forward = np.tile(np.arange(s), 2), np.repeat([True, False], s)
    cost = rng.integers(1, 20, s)
    turns, rules = [], []
    for _ in range(rng.integers(1, 5)):
        walk = [int(rng.integers(2 * s))]
        while len(walk) < rng.integers(2, 5):
            exits = np.flatnonzero((tail == head[walk[-1]]) & ~np.isin(segment, segment[walk]))
            if not len(exits):
                break
            walk.append(int(rng.choice(exits)))
        if len(walk) < 2:
            continue
        only = bool(rng.random() < 0.3)
        one = Turn(int(segment[walk[0]]), int(head[walk[0]]), (int(segment[walk[-1]]),), only,
                   tuple(int(segment[x]) for x in walk[1:-1]))  # fmt: skip
        trial = expand(tail, head, segment, forward, n, [*turns, one])
        if trial.applied != len(turns) + 1:
            continue
        turns.append(one)
        rules.append((tuple(walk[:-1]), {walk[-1]}, only))
    found = expand(tail, head, segment, forward, n, turns)
    wanted = _brute_force(tail, head, segment, cost[segment], n, rules)
    size = len(found.node_origin)
    out = [np.flatnonzero(found.tail == v).tolist() for v in range(size)]
    for source in range(n):
        times = np.full(size, np.inf)
        times[source] = 0
        queue = [(0, source)]
        while queue:
            spent, at = heapq.heappop(queue)
            for arc in out[at] if spent == times[at] else []:
                after = spent + int(cost[found.arc_segment[arc]])
                if after < times[found.head[arc]]:
                    times[found.head[arc]] = after
                    heapq.heappush(queue, (after, int(found.head[arc])))
        by_place = np.full(n, np.inf)
        np.minimum.at(by_place, found.node_origin, times)
        assert np.array_equal(by_place, wanted[source])
