"""Do thresholds with hysteresis raise and end alarms where they should, in whatever order messages come?"""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from layers.sensors.thresholds import (
    ALARM,
    HIGH,
    NORMAL,
    Acknowledgement,
    Rule,
    Sample,
    Standing,
    acknowledged_by,
    fold,
    state_of,
    step,
)

BEGIN = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
CHLORINE = Rule(1.0, 3.0, 0.2)


def samples(*values: float) -> list[Sample]:
    return [Sample(BEGIN + timedelta(seconds=30 * at), at, value) for at, value in enumerate(values)]


def test_a_level_is_reached_at_its_threshold_and_left_behind_the_hysteresis() -> None:
    # ISA-18.2 calls the band a deadband: the alarm ends below 1.0 - 0.2, not at 1.0.
    levels = []
    level = NORMAL
    for value in (0.9, 1.0, 0.9, 0.8, 1.0, 3.0, 2.9, 2.8, 0.81, 0.8):
        level = CHLORINE.level(value, level)
        levels.append(level)
    assert levels == [NORMAL, ALARM, ALARM, NORMAL, ALARM, HIGH, HIGH, ALARM, ALARM, NORMAL]


def test_a_value_that_trembles_on_the_threshold_alarms_once() -> None:
    _, episodes = fold(samples(0.5, 1.0, 0.95, 1.02, 0.97, 1.01, 0.9, 1.0), CHLORINE)
    assert len(episodes) == 1
    bare = Rule(1.0, 3.0, 0.0)
    _, episodes = fold(samples(0.5, 1.0, 0.95, 1.02, 0.97, 1.01, 0.9, 1.0), bare)
    assert len(episodes) == 4, "without hysteresis each tremble is an alarm: that is what the band is for"


def test_falling_thresholds_are_the_mirror_image() -> None:
    pressure = Rule(0.3, 0.1, 0.05, rising=False)
    _, (only,) = fold(samples(0.6, 0.3, 0.34, 0.09, 0.36), pressure)
    assert (only.raised_value, only.worst, only.peak) == (0.3, HIGH, 0.09)
    assert only.cleared_at == BEGIN + timedelta(seconds=120)


def test_the_default_hysteresis_is_a_twentieth_of_the_threshold() -> None:
    assert Rule.of(20.0, 40.0, None).hysteresis == 1.0
    assert Rule.of(20.0, 40.0, 0.0).hysteresis == 0.0
    assert Rule.of(None, None, None).level(1e9) == NORMAL


def test_an_alarm_that_gets_worse_must_be_acknowledged_anew() -> None:
    _, (one,) = fold(samples(0.0, 1.5, 1.6), CHLORINE)
    seen = Acknowledgement(one.raised_at, one.raised_at + timedelta(seconds=30), ALARM, "duty", BEGIN)
    assert state_of(one, acknowledged_by(one, [seen])) == "acknowledged"
    _, (worse,) = fold(samples(0.0, 1.5, 1.6, 4.0), CHLORINE)
    assert state_of(worse, acknowledged_by(worse, [seen])) == "open"
    again = Acknowledgement(one.raised_at, BEGIN + timedelta(seconds=90), HIGH, "duty", BEGIN + timedelta(minutes=3))
    assert acknowledged_by(worse, [seen, again]) == again
    _, (over,) = fold(samples(0.0, 1.5, 1.6, 4.0, 0.1), CHLORINE)
    assert state_of(over, None) == "cleared"
    assert state_of(over, again) == "closed"


VALUES = st.lists(st.sampled_from([0.0, 0.7, 0.8, 0.85, 0.99, 1.0, 1.5, 2.75, 2.8, 2.9, 3.0, 9.0]), max_size=40)


@given(st.sampled_from([1.0, 0.3]), st.sampled_from([0.0, 0.05, 0.2]), st.booleans(), st.floats(-2, 5))
def test_what_the_database_asks_for_is_what_ends_an_alarm(first: float, width: float, rising: bool, off: float) -> None:
    rule = Rule(first, None, width, rising)
    sign, mark, strict = rule.quiet
    for value in (off, first, sign * mark):
        asked = sign * value < mark if strict else sign * value <= mark
        assert asked == (rule.level(value, HIGH) == NORMAL)


@settings(max_examples=300, deadline=None)
@given(VALUES, st.integers(0, 2**31))
def test_any_permutation_with_repeats_ends_in_the_same_state(values: list[float], seed: int) -> None:
    told = samples(*values)
    expected = fold(told, CHLORINE)
    shuffled = told * 3
    random.Random(seed).shuffle(shuffled)
    assert fold(shuffled, CHLORINE) == expected


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_the_fold_may_begin_anew_at_every_value_that_settles(values: list[float]) -> None:
    # What makes late messages cheap: only the history since such a value has to be read again.
    told = samples(*values)
    whole, _ = fold(told, CHLORINE)
    for at, sample in enumerate(told):
        if CHLORINE.settles(sample.value):
            rest, _ = fold(told[at:], CHLORINE)
            assert rest.level == whole.level


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_stepping_in_order_is_folding(values: list[float]) -> None:
    standing = Standing()
    for sample in samples(*values):
        standing, _ = step(standing, sample, CHLORINE)
    assert standing == fold(samples(*values), CHLORINE)[0]


def test_ten_thousand_messages_three_times_shuffled_end_alike() -> None:
    source = random.Random(5)
    told = [
        Sample(BEGIN + timedelta(seconds=source.randrange(86_400)), at, source.choice([0.1, 0.85, 1.2, 2.9, 5.0]))
        for at in range(10_000)
    ]
    expected = fold(told, CHLORINE)
    for seed in range(5):
        again = told * 3
        random.Random(seed).shuffle(again)
        assert fold(again, CHLORINE) == expected
