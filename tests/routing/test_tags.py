"""Are tags read as the OpenStreetMap wiki means them?"""

import math

import pytest

from routing import flags, tags


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50), ("30 mph", 48.28032), ("60 km/h", 60), ("CN:urban", 50), ("DE:zone30", 30), ("50;60", 50),
        ("walk", 5), ("10 knots", 18.52), ("none", math.nan), ("signals", math.nan), ("", math.nan), (None, math.nan),
        ("-5", math.nan),
    ],
)  # fmt: skip
def test_speed(text: str | None, kmh: float) -> None:
    assert tags.speed_kmh(text) == pytest.approx(kmh, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("3", 3),
        ("3.5 m", 3.5),
        ("3,5", 3.5),
        ("3.5 metres", 3.5),
        ("350 cm", 3.5),
        ("12'6\"", 3.81),
        ("10 ft", 3.048),
        ("default", math.nan),
        ("none", math.nan),
    ],
)
def test_height(text: str, metres: float) -> None:
    assert tags.metres(text) == pytest.approx(metres, nan_ok=True)


@pytest.mark.parametrize(("text", "tonnes"), [("7.5", 7.5), ("3.5 t", 3.5), ("2000 kg", 2), ("unsigned", math.nan)])
def test_weight(text: str, tonnes: float) -> None:
    assert tags.tonnes(text) == pytest.approx(tonnes, nan_ok=True)


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"highway": "residential", "oneway": "yes"}, (1, False)),
        ({"highway": "residential", "oneway": "-1"}, (-1, False)),
        ({"highway": "motorway"}, (1, True)),
        ({"highway": "motorway", "oneway": "no"}, (0, False)),
        ({"highway": "primary", "junction": "roundabout"}, (1, True)),
        ({"highway": "trunk"}, (0, False)),
    ],
)
def test_oneway(given: dict[str, str], answer: tuple[int, bool]) -> None:
    assert tags.oneway(given) == answer


def test_access_by_the_most_special_key() -> None:
    assert tags.way_flags({"access": "no", "motor_vehicle": "yes"}) & flags.ACCESS_NO == 0
    assert tags.way_flags({"access": "yes", "motor_vehicle": "no"}) & flags.ACCESS_NO
    assert tags.way_flags({"access": "private"}) & flags.ACCESS_PRIVATE


@pytest.mark.parametrize(
    ("given", "bit"),
    [
        ({"barrier": "bollard"}, flags.BARRIER_HARD),
        ({"barrier": "gate"}, 0),
        ({"barrier": "gate", "access": "private"}, flags.BARRIER_GATE),
        ({"barrier": "toll_booth"}, 0),
        ({"barrier": "checkpoint"}, 0),
        ({"barrier": "block", "motor_vehicle": "yes"}, 0),
    ],
)
def test_barrier(given: dict[str, str], bit: int) -> None:
    assert tags.barrier_flag(given) == bit


@pytest.mark.parametrize(
    ("given", "always", "hours"),
    [
        ({"hgv": "no"}, True, set()),
        ({"hgv": "destination"}, True, set()),
        ({"goods": "no", "hgv": "designated"}, False, set()),
        ({"hgv:conditional": "no @ (07:00-09:00,17:00-19:00)"}, False, {6, 7, 8, 9, 16, 17, 18, 19}),
        ({"hgv:conditional": "no @ (Mo-Fr 22:00-06:00)"}, False, {22, 23, 0, 1, 2, 3, 4, 5}),
        ({"hgv:conditional": "delivery @ (06:00-10:00); no @ (20:30-21:00)"}, False, {6, 7, 8, 9, 20, 21}),
        ({"hgv:conditional": "yes @ (10:00-12:00)"}, False, set()),
        ({"hgv:conditional": "no @ (weight>7.5)"}, True, set()),
        ({}, False, set()),
    ],
)
def test_where_and_when_lorries_may_not_pass(given: dict[str, str], always: bool, hours: set[int]) -> None:
    bits = tags.way_flags(given)
    assert bool(bits & flags.LORRY_NO) is always
    assert {hour for hour in range(24) if bits & flags.lorry_hour(hour)} == hours


def test_dangerous_goods_have_a_tag_of_their_own() -> None:
    assert tags.way_flags({"hazmat": "no"}) & flags.HAZMAT_NO
    assert not tags.way_flags({"hazmat": "designated"}) & flags.HAZMAT_NO
