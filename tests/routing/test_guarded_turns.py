"""Do turn restrictions that bind only some vehicles, or only at some hours, bind those, then, and nobody else?"""

import dataclasses
import heapq
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import LonLat
from gis.errors import InputError
from gis.provenance import Provenance
from routing import cache, engine_cch
from routing.assemble import Segments, assemble
from routing.classes import CODE
from routing.closures import open_view
from routing.engine_scipy import ScipyEngine
from routing.guards import ALWAYS, DAY, HOURS, VEHICLES, cells, hours_by_vehicle
from routing.hazard import Hazard
from routing.importing import read
from routing.importing.bindings import read_bindings
from routing.network import Network
from routing.on_foot import both_ways
from routing.profiles import CLOSED, Conditions, profile, weights_ms
from routing.reach import reach
from routing.rescue import route
from routing.timed import timed_route
from routing.trees import NEVER, times_from
from routing.turns import Turn

# Who drives as which kind of vehicle.
DRIVES = {"car": "car", "lorry": "hazmat_tanker", "bus": "bus", "emergency": "fire_engine"}
EVERYBODY = {name: range(24) for name in VEHICLES}
RUSH = (7, 8, 15, 16, 17)  # 07:00-09:00 and 15:30-17:30, rounded outwards to whole hours


def _bound(guard: int) -> dict[str, tuple[int, ...]]:
    """Hours by vehicle, without those never bound."""
    rows = hours_by_vehicle([guard])[0].tolist()
    found = {name: tuple(h for h in range(HOURS) if row >> h & 1) for name, row in zip(VEHICLES, rows, strict=True)}
    for row in rows:
        assert bool(row >> HOURS & 1) == bool(row & DAY)  # an unknown hour binds where any hour does
    return {name: hours for name, hours in found.items() if hours}


# Tags as the OpenStreetMap wiki gives them (pages "Relation:restriction", "Key:restriction", "Key:except" and
# "Conditional restrictions", read 2026-11), and whom they forbid the turn at which hours.
PUBLISHED: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({"restriction": "no_left_turn"}, EVERYBODY),
    ({"restriction": "no_left_turn", "except": "bicycle"}, EVERYBODY),
    ({"restriction": "no_left_turn", "except": "bicycle;psv"}, {k: range(24) for k in ("car", "lorry", "emergency")}),
    ({"restriction": "no_left_turn", "except": "hgv"}, {k: range(24) for k in ("car", "bus", "emergency")}),
    ({"restriction": "no_left_turn", "except": "emergency"}, {k: range(24) for k in ("car", "lorry", "bus")}),
    ({"restriction": "no_left_turn", "except": "motorcar"}, {k: range(24) for k in ("lorry", "bus")}),
    ({"restriction": "no_left_turn", "except": "motor_vehicle"}, {}),
    ({"restriction:hgv": "no_left_turn"}, {"lorry": range(24)}),
    ({"restriction:hazmat": "no_left_turn"}, {"lorry": range(24)}),
    ({"restriction:motorcar": "no_left_turn"}, {k: range(24) for k in ("car", "emergency")}),
    ({"restriction:bus": "no_left_turn"}, {"bus": range(24)}),
    ({"restriction:bicycle": "no_left_turn"}, {}),
    ({"type": "restriction:hgv", "restriction": "no_left_turn"}, {"lorry": range(24)}),
    ({"type": "restriction:bicycle", "restriction": "no_left_turn"}, {}),
    ({"restriction:conditional": "no_left_turn @ (07:00-09:00,15:30-17:30)"}, dict.fromkeys(VEHICLES, RUSH)),
    ({"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00,15:30-17:30; PH off)"},
     dict.fromkeys(VEHICLES, RUSH)),
    ({"restriction:conditional": "no_left_turn @ 22:00-05:00"}, dict.fromkeys(VEHICLES, (0, 1, 2, 3, 4, 22, 23))),
    ({"restriction:conditional": "no_left_turn @ (24/7)"}, EVERYBODY),
    ({"restriction:conditional": "no_left_turn @ (sunset-sunrise)"}, EVERYBODY),
    ({"restriction:conditional": "no_left_turn @ (wet)"}, EVERYBODY),
    ({"restriction:hgv:conditional": "no_left_turn @ (Mo-Sa 05:00-11:00)"}, {"lorry": range(5, 11)}),
    ({"restriction:hgv:conditional": "no_left_turn @ (weight > 3.5)"}, {"lorry": range(24)}),
    ({"restriction:conditional": "no_left_turn @ (weight>7.5)"}, {k: range(24) for k in ("lorry", "bus", "emergency")}),
    ({"restriction:conditional": "no_left_turn @ (weight>2)"}, EVERYBODY),
    ({"restriction:conditional": "no_left_turn @ (weight>7.5 AND 07:00-09:00)"},
     dict.fromkeys(("lorry", "bus", "emergency"), (7, 8))),
    ({"restriction:conditional": "no_left_turn @ (07:00-09:00 AND trailer)"}, {}),
    ({"restriction:conditional": "no_left_turn @ (07:00-09:00); no_left_turn @ (hgv)"},
     {**dict.fromkeys(VEHICLES, (7, 8)), "lorry": range(24)}),
    ({"restriction": "no_left_turn", "restriction:conditional": "none @ (20:30-06:00)"},
     {name: range(6, 21) for name in VEHICLES}),
    # Free on Sundays only: on some day it binds at every hour.
    ({"restriction": "no_left_turn", "restriction:conditional": "none @ (Su 08:00-20:00)"}, EVERYBODY),
    ({"restriction:hgv": "no_left_turn", "restriction:hgv:conditional": "none @ delivery"}, {"lorry": range(24)}),
    ({"restriction": "no_left_turn", "restriction:hgv": "none"}, {k: range(24) for k in ("car", "bus", "emergency")}),
    ({"restriction": "no_left_turn", "hour_on": "07:00", "hour_off": "09:30"}, dict.fromkeys(VEHICLES, (7, 8, 9))),
    ({"restriction": "no_left_turn", "day_on": "Monday", "day_off": "Friday"}, EVERYBODY),
]  # fmt: skip


@pytest.mark.parametrize(("tags", "bound"), PUBLISHED)
def test_published_tags_bind_whom_and_when_they_say(tags: dict[str, str], bound: dict[str, Any]) -> None:
    found, unreadable = read_bindings(tags)
    assert unreadable == 0
    assert {name: tuple(hours) for name, hours in bound.items()} == (_bound(found[0].guard) if found else {})
    assert [one.only for one in found] == [False] * bool(bound)


def test_two_restrictions_of_one_relation_are_kept_apart() -> None:
    """A command by day and a ban by night; who surely has the narrower rule has lost the wider one."""
    both, _ = read_bindings(
        {"restriction": "no_left_turn", "restriction:conditional": "only_left_turn @ (06:00-20:00)"}
    )
    assert [(one.only, _bound(one.guard)["car"]) for one in both] == [
        (False, (0, 1, 2, 3, 4, 5, 20, 21, 22, 23)),
        (True, tuple(range(6, 20))),
    ]
    apart, _ = read_bindings({"restriction": "no_left_turn", "restriction:hgv": "only_straight_on"})
    assert [sorted(_bound(one.guard)) for one in apart] == [["bus", "car", "emergency"], ["lorry"]]


@pytest.mark.parametrize(
    "tags",
    [
        {"restriction:conditional": "no_left_turn"},
        {"restriction:conditional": "@ (07:00-09:00)"},
        {"restriction": "give_way"},
        {"restriction:hgv:conditional": "yes @ (07:00-09:00)"},
    ],
)
def test_what_is_no_restriction_is_counted_as_unreadable(tags: dict[str, str]) -> None:
    assert read_bindings(tags) == ((), 1)
    assert read_bindings({**tags, "restriction:motor_vehicle": "no_u_turn"}).unreadable == 1


# The dual carriageway of test_turns: from way 10 back by way 20, over the link 30 or over the far link 31.
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
<relation id="1"><member type="way" ref="10" role="from"/><member type="{via}" ref="{at}" role="via"/>
<member type="way" ref="{to}" role="to"/><tag k="type" v="restriction"/>{tags}</relation>
</osm>"""
START, END = (118.7015, 31.4), (118.7015, 31.401)
SHORT, LONG = (10, 30, 20), (10, 11, 31, 21, 20)
VIAS = {"node": {"via": "node", "at": 5, "to": 30}, "way": {"via": "way", "at": 30, "to": 20}}


def _dual(folder: Path, via: str, tags: dict[str, str]) -> Network:
    said = "".join(f'<tag k="{k}" v="{v.replace(">", "&gt;")}"/>' for k, v in tags.items())
    path = folder / f"{via}.osm"
    path.write_text(_DUAL.format(tags=said, **VIAS[via]), encoding="utf-8")
    return read(path)


@pytest.mark.parametrize("via", VIAS)
@pytest.mark.parametrize(
    ("tags", "bound", "counts"),
    [
        ({"restriction:hgv": "no_left_turn"}, {"lorry": range(24)}, (1, 0)),
        ({"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"}, dict.fromkeys(VEHICLES, (7, 8)), (0, 1)),
        ({"restriction": "no_left_turn", "except": "psv"},
         dict.fromkeys(("car", "lorry", "emergency"), range(24)), (1, 0)),
        ({"restriction:conditional": "no_left_turn @ (weight>7.5 AND 07:00-09:00)"},
         dict.fromkeys(("lorry", "bus", "emergency"), (7, 8)), (1, 1)),
        ({"restriction:hgv:conditional": "only_straight_on @ (22:00-06:00)"}, {}, (1, 1)),
    ],
)  # fmt: skip
def test_routes_keep_to_what_binds_them(
    tmp_path: Path, via: str, tags: dict[str, str], bound: dict[str, Any], counts: tuple[int, int]
) -> None:
    network = _dual(tmp_path, via, tags)
    report = network.report["turn_restrictions"]
    assert (report["found"], report["some_vehicles"], report["some_hours"], report["not_usable"]) == (1, *counts, {})
    assert network.report["turn_restrictions_applied"] == network.report["turn_restrictions_guarded"] == 1
    for kind, vehicle in DRIVES.items():
        for hour in (None, 3, 7, 8, 9, 23):
            view = open_view(network, Conditions(hour=hour))
            held = bool(bound.get(kind)) if hour is None else hour in bound.get(kind, ())
            assert route(view, START, END, vehicle).ways == (LONG if held else SHORT), (kind, hour)
            timed = timed_route(view, Hazard(()), START, END, vehicle)
            assert timed.route.ways == (LONG if held else SHORT), (kind, hour)
    on_foot = route(open_view(network), (118.7029, 31.4), (118.7029, 31.401), "foot")
    assert on_foot.ways == SHORT
    assert not len(both_ways(network).guard_arc)


def test_a_command_for_lorries_is_obeyed_by_lorries_alone(tmp_path: Path) -> None:
    network = _dual(tmp_path, "node", {"restriction:hgv": "only_left_turn"})
    view = open_view(network)
    ahead = (118.7045, 31.4)
    assert route(view, START, ahead, "car").ways == (10, 11)
    assert route(view, START, ahead, "hazmat_tanker").ways == (10, 30, 11)  # turns round at the end of the link
    assert route(view, START, END, "hazmat_tanker").ways == SHORT


def test_reach_takes_the_open_one_of_several_arcs_on_a_road(tmp_path: Path) -> None:
    """The road is reached although one of the two arcs on it is shut to lorries."""
    network = _dual(tmp_path, "node", {"restriction:hgv": "no_left_turn"})
    place = [LonLat(118.7015, 31.4)]
    car, lorry = (reach(open_view(network), place, [10], kind).iloc[0] for kind in ("car", "hazmat_tanker"))
    assert car.status == lorry.status == "ok"
    assert lorry.road_km == pytest.approx(car.road_km, rel=0.01)


def test_a_guard_that_leaves_no_way_on_is_dropped_alone(tmp_path: Path) -> None:
    """At the end of way 10 only the link is left; the ban for lorries would strand them, the sign for all stays."""
    text = _DUAL.format(tags='<tag k="restriction" v="no_straight_on"/>', via="node", at=5, to=11).replace(
        "</osm>",
        '<relation id="2"><member type="way" ref="10" role="from"/><member type="node" ref="5" role="via"/>'
        '<member type="way" ref="30" role="to"/><tag k="type" v="restriction"/><tag k="restriction:hgv"'
        ' v="no_left_turn"/></relation></osm>',
    )
    path = tmp_path / "stranded.osm"
    path.write_text(text, encoding="utf-8")
    network = read(path)
    assert network.report["turn_restrictions_applied"] == 1
    assert network.report["turn_restrictions_guarded"] == 0
    view = open_view(network)
    assert route(view, START, END, "hazmat_tanker").ways == SHORT
    assert route(view, START, (118.7045, 31.4), "hazmat_tanker").ways != (10, 11)


def test_guards_survive_the_cache_and_older_networks_load_without(tmp_path: Path) -> None:
    network = _dual(tmp_path, "way", {"restriction:hgv": "no_u_turn"})
    folder = cache.save(network, tmp_path / "net")
    again = cache.load(folder)
    np.testing.assert_array_equal(again.guard_arc, network.guard_arc)
    np.testing.assert_array_equal(again.guard_hours, network.guard_hours)
    assert route(open_view(again), START, END, "hazmat_tanker").ways == LONG
    manifest = json.loads((folder / cache.MANIFEST).read_text(encoding="utf-8"))
    for name in ("guard_arc", "guard_hours"):
        del manifest["parts"][f"{name}.npy"]
        (folder / f"{name}.npy").unlink()
    (folder / cache.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    older = cache.load(folder)
    assert not len(older.guard_arc) and older.guard_hours.shape == (0, len(VEHICLES))
    assert route(open_view(older), START, END, "hazmat_tanker").ways == SHORT


def test_guards_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    network = _dual(tmp_path, "way", {"restriction:hgv": "no_u_turn"})
    for wrong in (
        {"guard_arc": np.asarray([network.arc_count], np.int32)},
        {"guard_hours": np.zeros((1, 2), np.uint32)},
    ):
        with pytest.raises(InputError, match="guard does not fit"):
            dataclasses.replace(network, **wrong).checked()


Rule = tuple[int, int, tuple[int, ...], tuple[int, ...], bool, int]
"""From segment, via node, via segments, to segments, only, guard."""


def _allowed(
    network: dict[str, Any], arc: int, under_way: list[tuple[int, int]], rules: list[Rule]
) -> tuple[list[int], list[tuple[int, int]]]:
    """Exits behind an arc and the rules still held there, for rules that all bind; written from the sentences alone."""
    out = [a for a in range(len(network["tail"])) if network["tail"][a] == network["head"][arc]]

    def choose(held: list[tuple[int, int]]) -> list[int]:
        found = out
        for number, done in held:
            _, _, vias, goes, only, _ = rules[number]
            wanted = {vias[done - 1]} if done <= len(vias) else set(goes)
            if only:
                found = [a for a in found if network["segment"][a] in wanted]
            elif done > len(vias):
                found = [a for a in found if network["segment"][a] not in wanted]
        onward = [a for a in found if not held or network["segment"][a] != network["segment"][arc]]
        return onward if onward or any(done > 1 for _, done in held) else found

    for held in (under_way, [one for one in under_way if rules[one[0]][5] == ALWAYS], []):
        if choose(held) or any(done > 1 for _, done in held):
            return choose(held), held
    return out, []


def _least(network: dict[str, Any], source: int, n: int, rules: list[Rule], cell: int) -> Any:
    """Least cost from a node to all, by a search over arcs with the restrictions under way."""
    binding = [i for i, rule in enumerate(rules) if rule[5] & cell]
    best = np.full(n, np.inf)
    best[source] = 0
    first = [a for a in range(len(network["tail"])) if network["tail"][a] == source]
    queue: list[tuple[int, int, tuple[tuple[int, int], ...]]] = sorted((network["cost"][a], a, ()) for a in first)
    seen = set()
    while queue:
        spent, arc, before = heapq.heappop(queue)
        if (arc, before) in seen:
            continue
        seen.add((arc, before))
        at, segment = network["head"][arc], network["segment"][arc]
        best[at] = min(best[at], spent)
        begun = [(i, 1) for i in binding if rules[i][0] == segment and rules[i][1] == at]
        # A rule through ways goes on when this arc is its next way, driven away from where it was.
        going = [(i, d + 1) for i, d in before if d <= len(rules[i][2]) and rules[i][2][d - 1] == segment]
        exits, held = _allowed(network, arc, begun + going, rules)
        for after in exits:
            heapq.heappush(queue, (spent + network["cost"][after], after, tuple(sorted(held))))
    return best


def _random(seed: int) -> tuple[Network, dict[str, Any], list[Rule], int]:
    rng = np.random.default_rng(seed)
    n = 6
    ends = [(a, a + 1) for a in range(n - 1)] + [
        (a, b) for a in range(n) for b in range(a + 2, n) if rng.random() < 0.4
    ]
    a, b = np.asarray(ends).T
    s = len(a)
    lon, lat = 118.7 + rng.random(n) * 0.02, 31.4 + rng.random(n) * 0.02
    tail, head, segment = np.concatenate([a, b]), np.concatenate([b, a]), np.tile(np.arange(s), 2)
    kinds = [
        ALWAYS, cells(["lorry"]), cells(["car", "bus"]), cells(VEHICLES, 1 << 8), cells(["lorry", "car"], 0b11 << 16),
        cells(["car", "lorry", "emergency"]),
    ]  # fmt: skip
    turns: list[Turn] = []
    for _ in range(int(rng.integers(2, 7))):
        walk = [int(rng.integers(2 * s))]
        while len(walk) < rng.integers(2, 4):
            exits = np.flatnonzero((tail == head[walk[-1]]) & ~np.isin(segment, segment[walk]))
            if not len(exits):
                break
            walk.append(int(rng.choice(exits)))
        if len(walk) >= 2:
            road = [int(segment[x]) for x in walk]
            guard = kinds[int(rng.integers(len(kinds)))]
            turns.append(
                Turn(road[0], int(head[walk[0]]), (road[-1],), bool(rng.random() < 0.3), tuple(road[1:-1]), guard)
            )
    unknown = np.full(s, np.nan, np.float32)
    network = assemble(
        Segments(
            node_lon=lon, node_lat=lat, start=a, end=b, shape_offset=np.arange(0, 2 * s + 1, 2),
            shape_lon=np.column_stack([lon[a], lon[b]]).ravel(), shape_lat=np.column_stack([lat[a], lat[b]]).ravel(),
            oneway=np.zeros(s, np.int8), road_class=np.full(s, CODE["residential"], np.uint8), speed_kmh=unknown,
            lanes=np.zeros(s, np.uint8), max_height_m=unknown, max_weight_t=unknown, max_width_m=unknown,
            way_id=np.arange(1, s + 1), name_id=np.zeros(s, np.int32), flags=np.zeros(s, np.uint32), names=[""],
            turns=turns,
        ),
        "random", {}, Provenance(source="drawn", model="test", version="1"),
    )  # fmt: skip
    cost = np.zeros(s, np.int64)
    # Arcs out of the crossings themselves are never guarded.
    cost[network.arc_segment[network.tail < n]] = weights_ms(network, profile("car"))[network.tail < n]
    plain = {"tail": tail.tolist(), "head": head.tolist(), "segment": segment.tolist(), "cost": cost[segment].tolist()}
    rules = [(t.from_segment, t.via_node, t.via_segments, t.to_segments, t.only, t.guard) for t in turns]
    return network, plain, rules, n


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_every_engine_gives_the_times_of_a_search_over_restrictions(seed: int) -> None:
    """For each vehicle and hour: the network with guards against a search over arcs and restrictions under way."""
    network, plain, rules, n = _random(seed)
    place = np.argmin(
        np.abs(np.asarray(network.node_lon)[:, None] - np.asarray(network.node_lon)[None, :n])
        + np.abs(np.asarray(network.node_lat)[:, None] - np.asarray(network.node_lat)[None, :n]),
        axis=1,
    )
    everywhere = np.arange(network.node_count)
    for kind, vehicle in DRIVES.items():
        for hour in (None, 3, 8, 17):
            weights = weights_ms(network, profile(vehicle), Conditions(hour=hour))
            cell = 1 << (25 * VEHICLES.index(kind) + (24 if hour is None else hour))
            by_scipy = ScipyEngine(network, weights).matrix(np.arange(n), everywhere)
            if engine_cch.available():
                by_cch = engine_cch.CchEngine(network, weights, profile(vehicle)).matrix(np.arange(n), everywhere)
                np.testing.assert_array_equal(by_cch, by_scipy)
            for source in range(n):
                tree, _ = times_from(network, weights, np.asarray([source]), np.asarray([0]))
                np.testing.assert_array_equal(np.where(tree >= NEVER, np.inf, tree), by_scipy[source])
                by_place = np.full(n, np.inf)
                np.minimum.at(by_place, place, by_scipy[source])
                np.testing.assert_array_equal(by_place, _least(plain, source, n, rules, cell), str((kind, hour)))
    assert (weights_ms(network, profile("foot")) != CLOSED).all()
