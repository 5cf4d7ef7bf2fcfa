"""Is a case read as written, and is a bad one refused with every fault at once?"""

import copy
from datetime import datetime
from typing import Any

import pytest

from gis.errors import InputError
from plume import case

GOOD: dict[str, Any] = {
    "name": "液氯储罐泄漏(演练)",
    "incident": {
        "longitude": 121.47,
        "latitude": 31.23,
        "occurred_at": datetime.fromisoformat("2026-11-22T09:30+08:00"),
    },
    "release": {
        "substance": "chlorine",
        "kind": "continuous",
        "rate_kg_s": 2.0,
        "duration_s": 600,
        "height_m": 0.0,
    },
    "weather": {
        "wind_speed_m_s": 3.0,
        "wind_height_m": 10.0,
        "wind_from_deg": 225.0,
        "stability": "D",
        "temperature_c": 15.0,
        "relative_humidity": 0.5,
        "roughness_m": 0.03,
    },
    "output": {"averaging_s": 3600, "levels": "AEGL"},
}


def changed(**parts: dict[str, Any]) -> dict[str, Any]:
    mapping = copy.deepcopy(GOOD)
    for part, values in parts.items():
        mapping[part].update(values)
    return mapping


def faults_of(mapping: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        case.read(mapping)
    return caught.value.faults


def test_the_contract_reads() -> None:
    read = case.read(GOOD)
    assert read.incident.longitude == 121.47
    assert read.weather.wind_from_deg == 225.0
    assert read.output.levels == "AEGL"


def test_every_fault_is_named_at_once() -> None:
    mapping = changed(
        release={"rate_kg_s": -1, "substance": "chlorin"}, weather={"wind_speed_m_s": 0, "temperature_c": 95}
    )
    mapping["extra"] = 1
    del mapping["incident"]["longitude"]
    faults = faults_of(mapping)
    for start in (
        "incident.longitude",
        "release.substance",
        "release.rate_kg_s",
        "weather.wind_speed_m_s",
        "weather.temperature_c",
        "extra",
    ):
        assert sum(fault.startswith(start) for fault in faults) == 1, faults
    assert len(faults) == 6


@pytest.mark.parametrize(
    ("part", "values", "says"),
    [
        ("release", {"substance": "chlorin"}, "nearest: chlorine"),
        ("release", {"colour": "green"}, "release.colour: unknown key"),
        ("release", {"kind": "bang"}, "release.kind: 'bang' is not a kind"),
        ("release", {"content_kg": 100.0}, "1200 kg is more than the 100 kg"),
        ("weather", {"stability": "G"}, "'G' is not allowed"),
        ("weather", {"relative_humidity": 50}, "at most 1"),
        ("weather", {"wind_height_m": 1.0, "roughness_m": 2.0}, "no wind inside the roughness"),
        ("incident", {"occurred_at": datetime(2026, 11, 22, 9, 30)}, "has no time zone"),  # noqa: DTZ001
        ("output", {"levels": "AEGLS"}, "use 'AEGL'"),
        ("output", {"levels": []}, "at least 1"),
        ("output", {"levels": [{"name": "x", "value": -1, "unit": "ppmm"}]}, "'ppmm' is not allowed"),
        ("weather", {"wind_speed_m_s": float("nan")}, "wind_speed_m_s"),
    ],
)
def test_one_fault_gives_one_clear_sentence(part: str, values: dict[str, Any], says: str) -> None:
    faults = faults_of(changed(**{part: values}))
    assert any(says in fault for fault in faults), faults
    assert all("\n" not in fault for fault in faults)


def test_stability_may_be_left_out_when_the_sky_is_given() -> None:
    mapping = changed(weather={"cloud_oktas": 0})
    del mapping["weather"]["stability"]
    weather = case.read(mapping).resolved_weather()
    assert weather.stability in "ABC"  # a clear November morning at 31 N with 3 m/s
    assert "stability_from_sky" in weather.notes
    del mapping["weather"]["cloud_oktas"]
    assert any("stability is missing" in fault for fault in faults_of(mapping))


def test_a_release_table_must_end_with_rate_zero() -> None:
    release = {"substance": "ammonia", "kind": "table", "time_s": [0, 60], "rate_kg_s": [1, 1]}
    mapping = copy.deepcopy(GOOD) | {"release": release}
    assert any("last rate" in fault for fault in faults_of(mapping))
