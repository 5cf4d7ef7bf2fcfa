"""Is the threat at a place the same cloud the zones were drawn from, and the advice sound?"""

import json
from typing import Any

import numpy as np
import pytest

from gis.crs import LocalFrame, LonLat
from plume import case as cases
from plume import indoor, threat
from plume.forecast import concentration_at, forecast

SOURCE = LonLat(118.71, 31.41)  # 演练
CHLORINE = {"kind": "continuous", "substance": "氯", "rate_kg_s": 1.0, "duration_s": 900.0}


def written(release: dict[str, Any]) -> cases.Case:
    return cases.read(
        {
            "name": "演练",
            "incident": {
                "longitude": SOURCE.longitude,
                "latitude": SOURCE.latitude,
                "occurred_at": "2026-05-01T10:00:00+08:00",
            },
            "release": release,
            "weather": {"wind_speed_m_s": 4.0, "wind_from_deg": 270.0, "stability": "D", "temperature_c": 20.0},
        }
    )


def east(metres: float, north: float = 0.0) -> LonLat:
    longitude, latitude = LocalFrame(SOURCE).to_degrees(metres, north)
    return LonLat(float(longitude), float(latitude))


def test_peak_is_the_concentration_of_the_receptors() -> None:
    case, place = written(CHLORINE), east(800.0)
    found = threat.at(case, place)  # a heavy gas: what there is at the ground
    there = concentration_at(case, longitude=place.longitude, latitude=place.latitude, height_m=0.0)
    assert found.numbers["peak_outdoor_ppm"] == pytest.approx(float(there["concentration_ppm"]), rel=0.02)
    assert found.arrival_s == pytest.approx(float(there["arrival_s"]))
    assert found.distance_m == pytest.approx(800.0, rel=1e-6)


def test_load_is_that_of_the_receptors() -> None:
    case, place = written(CHLORINE), east(800.0)
    there = concentration_at(case, longitude=place.longitude, latitude=place.latitude, height_m=0.0, with_load=True)
    assert threat.at(case, place).numbers["load_outdoor"] == pytest.approx(float(there["toxic_load"]), rel=0.02)


def test_indoors_is_lower_later_and_longer() -> None:
    found = threat.at(written(CHLORINE), east(800.0))
    assert found.numbers["peak_indoor_ppm"] < 0.4 * found.numbers["peak_outdoor_ppm"]
    assert found.time_s[found.indoor_ppm.argmax()] > found.time_s[found.outdoor_ppm.argmax()]
    assert found.indoor_ppm[-1] > found.outdoor_ppm[-1]
    assert found.advice is not None and found.advice.choice == "shelter"
    assert found.advice.ventilate_at_s is not None and found.advice.ventilate_at_s > 900.0


def test_unverified_probit_is_marked() -> None:
    found = threat.at(written(CHLORINE), east(500.0))
    assert "unverified_probit" in found.notes and "average_house" in found.notes
    assert 0 <= found.numbers["fatality_indoor"] <= found.numbers["fatality_outdoor"] <= 1


def test_leaky_building_takes_in_more() -> None:
    tight, leaky = (
        threat.at(written(CHLORINE), east(800.0), building=indoor.Building(air_changes_per_h=rate)) for rate in (0.2, 6)
    )
    assert tight.numbers["peak_indoor_ppm"] < 0.2 * leaky.numbers["peak_indoor_ppm"]


def test_upwind_nothing_comes() -> None:
    found = threat.at(written(CHLORINE), east(-3000.0))
    assert found.arrival_s is None and found.advice is None
    assert found.numbers == {"peak_outdoor_ppm": 0.0}


def test_fireball_burns_as_long_as_it_lasts() -> None:
    case = written({"kind": "bleve", "substance": "propane", "mass_kg": 20000})
    zone = forecast(case).zones.set_index("level")
    found = threat.at(case, east(float(zone["reach_m"][3])), height_m=0.0)
    assert found.numbers["heat_flux_kw_m2"] == pytest.approx(10.0, rel=0.02)
    assert found.numbers["exposed_s"] < 15
    assert 0 < found.numbers["fatality"] < 0.5


def test_blast_at_a_place_is_that_of_its_zone() -> None:
    case = written({"kind": "solid_explosion", "mass_kg": 2000, "tnt_equivalence": 1})
    zone = forecast(case).zones.set_index("level")
    found = threat.at(case, east(0.0, float(zone["reach_m"][1])))
    assert found.numbers["overpressure_kpa"] == pytest.approx(float(zone["threshold"][1]), rel=0.02)


@pytest.mark.parametrize("release", [CHLORINE, {"kind": "pool_fire", "substance": "苯", "area_m2": 100}])
def test_json_form_is_plain(release: dict[str, Any]) -> None:
    text = json.dumps(threat.at(written(release), east(300.0)).as_json(), allow_nan=False)
    assert np.isfinite(json.loads(text)["distance_m"])
