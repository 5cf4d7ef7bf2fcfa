"""Does the warming run go through every part of an assessment? What it misses is compiled before the commander."""

from datetime import UTC, datetime

from scenarios import warming
from scenarios.assessment import assess

CASE = {
    "incident": {"longitude": 0.0, "latitude": 0.0, "occurred_at": datetime(2000, 1, 1, tzinfo=UTC)},
    "release": {"kind": "continuous", "substance": "chlorine", "rate_kg_s": 0.2, "duration_s": 600.0},
    "weather": {"wind_speed_m_s": 3.0, "wind_from_deg": 225.0, "stability": "D"},
}


def test_the_made_up_town_needs_every_part() -> None:
    found = assess({"name": "warm", **CASE}, warming.town()).as_json()
    assert len(found["zones"]["features"]) == 3
    assert found["exposure"]["status"] == "ok"
    assert found["routes"]["status"] == "ok"
    assert found["evacuation"]["people"] > 0
    assert any(way["geometry"] for way in found["evacuation"]["assignment"]["features"])
