"""Do people shared out over vehicles fit the places they drive to, with nobody lost and nobody put in twice?"""

import math

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from routing.clearance import Paths
from routing.moves import people_by_path

BLOCKS = st.lists(st.tuples(st.integers(1, 40), st.lists(st.integers(0, 3), min_size=40, max_size=40)), max_size=6)


def paths_of(goals: list[tuple[int, int, int]]) -> Paths:
    block, shelter, count = (np.asarray(part, np.int64) for part in zip(*goals, strict=True))
    nothing = np.zeros(len(goals) + 1, np.int64)
    return Paths(np.empty(0, np.int64), nothing, count, block, shelter)


@given(BLOCKS.filter(len), st.sampled_from([1.0, 1.7, 2.5, 3.0]))
@example([(5, [1, 0] + [1] * 38), (5, [1, 0] + [1] * 38)], 2.5)  # two cars of 2.5 to five places: 3 + 3 was six
def test_no_shelter_gets_more_than_its_places_and_nobody_is_lost(
    blocks: list[tuple[int, list[int]]], each: float
) -> None:
    people = np.asarray([count for count, _ in blocks], np.int64)
    vehicles = np.ceil(people / each).astype(np.int64)
    goals: list[tuple[int, int, int]] = []
    for number, (_, wanted) in enumerate(blocks):
        for vehicle in range(int(vehicles[number])):
            if goals and goals[-1][:2] == (number, wanted[vehicle]):
                goals[-1] = (number, wanted[vehicle], goals[-1][2] + 1)
            else:
                goals.append((number, wanted[vehicle], 1))
    paths = paths_of(goals)
    driven = np.bincount(paths.shelter, weights=paths.count, minlength=4).astype(np.int64)
    # The fewest places for which the flow would send so many vehicles.
    rooms = np.asarray([math.ceil(int(n) * each) for n in driven], np.int64)
    assert (np.floor(rooms / each) >= driven).all()
    load = people_by_path(people, vehicles, rooms, paths, paths.count)
    assert (load >= 0).all()
    assert (np.bincount(paths.shelter, weights=load, minlength=4) <= rooms).all()
    carried = np.bincount(paths.block, weights=load, minlength=len(people))
    assert (carried <= people).all()
    assert (people - carried).sum() <= len(goals), "at most one a way stays for the rounding"
    mean = paths.count * people[paths.block] / vehicles[paths.block]
    assert (load <= np.ceil(mean)).all(), "no car takes more than its share, rounded up"


def test_where_there_is_room_everybody_rides() -> None:
    people, vehicles = np.asarray([11, 7]), np.asarray([5, 3])
    paths = paths_of([(0, 0, 3), (0, 1, 2), (1, 1, 3)])
    load = people_by_path(people, vehicles, np.asarray([100, 100]), paths, paths.count)
    assert np.bincount(paths.block, weights=load).tolist() == [11, 7]
