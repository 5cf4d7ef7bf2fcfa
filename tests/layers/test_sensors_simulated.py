"""Do the drill's sensors speak alike for the same seed, move, exceed near the leak, and come back?"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from layers.sensors import silence
from layers.sensors.intake import take
from layers.sensors.points import Points
from layers.sensors.simulate import Source, adopt, messages, value_of
from layers.sensors.thresholds import Rule

BEGUN = datetime(2026, 11, 24, 6, 0, 12, tzinfo=UTC)
CHLORINE = Source("CD-0001", "AT-1203", "WG-DRILL-01", "cl2", 30, 0.06, Rule.of(1.0, 3.0, None))


def test_the_same_seed_and_moment_give_the_same_value() -> None:
    at = BEGUN + timedelta(minutes=5)
    assert value_of(CHLORINE, at, BEGUN) == value_of(CHLORINE, at, BEGUN)
    assert value_of(CHLORINE, at, BEGUN, seed=1) != value_of(CHLORINE, at, BEGUN, seed=2)


def test_the_detector_beside_the_leak_exceeds_and_comes_back() -> None:
    before = [value_of(CHLORINE, BEGUN - timedelta(minutes=minutes), BEGUN) for minutes in range(1, 10)]
    during = [value_of(CHLORINE, BEGUN + timedelta(minutes=minutes), BEGUN) for minutes in range(2, 15)]
    after = [value_of(CHLORINE, BEGUN + timedelta(minutes=minutes), BEGUN) for minutes in range(19, 39)]
    assert max(before + after) < CHLORINE.rule.alarm
    assert min(during) > CHLORINE.rule.high
    assert len(set(during)) > 8, "values move"


def test_the_city_speaks_its_values_reach_the_register_and_the_leak_alarms(ground: Connection) -> None:
    sources = adopt(ground)
    assert len(sources) == 218 + 3 + 26 - 6, "six detectors are silent and stay so"
    assert len(adopt(ground)) == len(sources)
    points = Points()
    begun = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=3)
    spoken = 0
    for tick in range(0, 65, 5):
        at = begun + timedelta(minutes=2, seconds=tick)
        batches = messages(sources, at, begun)
        spoken += sum(len(batch.readings) for batch in batches)
        take(ground, points, batches)
    assert spoken > 215, "every detector with an interval of a minute has spoken"
    found = ground.execute(
        text("SELECT id, title, state, occurred_at FROM layers.alarm WHERE superseded_at IS NULL AND mode = 'drill'"
             " AND subject IS NOT NULL AND state = 'open' AND kind = 'gas'")
    ).all()  # fmt: skip
    assert {"GJ-0001", "GJ-0002"} <= {row.id for row in found}, "the drill's own alarms go on under their names"
    silence.look(ground, datetime.now(UTC))
    values = ground.execute(text("SELECT count(*) FROM layers.tag WHERE last_at >= :at AND superseded_at IS NULL"),
                            {"at": begun}).scalar_one()  # fmt: skip
    assert values > 200
