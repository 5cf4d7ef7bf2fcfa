"""Does a house change its air as ALOHA's do, and is staying or leaving judged soundly?"""

import csv
from pathlib import Path

import numpy as np
import pytest

from gis.errors import InputError
from plume import indoor
from plume.gaussian import GaussianPlume, Spread
from plume.source import series
from plume.weather import Weather

MILD = Weather(5.0, 10.0, 225.0, "D", 288.15)
COLD = Weather(1.5, 10.0, 225.0, "F", 283.15)
HOUSES = {
    "IN-B1": (indoor.Building(storeys=1, shelter="unsheltered"), MILD),
    "IN-B2": (indoor.Building(storeys=2, shelter="sheltered"), MILD),
    "IN-W1": (indoor.Building(storeys=2, shelter="sheltered"), COLD),
}


def aloha(folder: Path, quantity: str) -> dict[str, float]:
    with (folder / "plume" / "aloha_reference_outputs.csv").open(encoding="utf-8") as handle:
        return {
            row["case"]: float(row["aloha_value"])
            for row in csv.DictReader(handle)
            if row["aloha_model"] == "indoor" and row["quantity"] == quantity
        }


def test_air_changes_within_5_percent_of_aloha(shared_data: Path) -> None:
    for case, value in aloha(shared_data, "air changes per hour").items():
        assert indoor.air_changes_per_h(*HOUSES[case]) == pytest.approx(value, rel=0.05), case


def test_indoor_peak_within_5_percent_of_aloha(shared_data: Path) -> None:
    # ammonia 1 kg/s for an hour, building 500 m downwind
    peaks = aloha(shared_data, "indoor peak")
    assert len(peaks) == 2
    for case, value in peaks.items():
        house, weather = HOUSES[case]
        spread = Spread(weather.stability)
        plume = GaussianPlume(series.continuous(1.0, 3600.0), weather.transport_speed_m_s(0.0), 0.0, spread)
        outdoor = float(plume.concentration(500.0, 0.0, 0.0)) * weather.ppm_per_kg_m3(0.0170305)
        lasting = indoor.exposure_s(3600.0, spread.x(500.0), plume.speed_m_s)
        ours = indoor.indoor_peak(outdoor, lasting, indoor.time_constant_s(house, weather))
        assert float(ours) == pytest.approx(value, rel=0.05), case


def test_short_puff_far_away_is_counted_by_its_length_there() -> None:
    # 10 s released, 8 km away in class D: the cloud there is 2 * 0.04 x^1.14 long, many times the release
    lasting = float(indoor.exposure_s(10.0, 0.04 * 8000**1.14, 5.0))
    constant = indoor.time_constant_s(*HOUSES["IN-B1"])
    assert indoor.indoor_peak(1.0, lasting, constant) > 20 * indoor.indoor_peak(1.0, 10.0, constant)


def test_series_of_a_step_follows_the_exact_solution() -> None:
    time = np.linspace(0.0, 7200.0, 73)
    inside = indoor.indoor_series(time, np.full(73, 8.0), 3000.0)
    assert inside == pytest.approx(8.0 * (1 - np.exp(-time / 3000.0)), rel=1e-9)


def test_series_of_a_ramp_does_not_depend_on_the_steps() -> None:
    coarse, fine = np.linspace(0, 3600, 5), np.linspace(0, 3600, 721)
    ends = [indoor.indoor_series(t, t / 100.0, 1500.0)[-1] for t in (coarse, fine)]
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)


def test_many_places_at_once_agree_with_one_by_one() -> None:
    time = np.linspace(0.0, 3600.0, 61)
    outdoor = np.stack([np.exp(-(((time - middle) / 400.0) ** 2)) for middle in (600.0, 1800.0, 3000.0)], axis=1)
    together = indoor.indoor_series(time, outdoor, 2500.0)
    for column in range(3):
        assert together[:, column] == pytest.approx(indoor.indoor_series(time, outdoor[:, column], 2500.0))


def test_dose_indoors_tends_to_the_dose_outdoors() -> None:
    # a linear filter keeps the integral once everything has passed
    time = np.linspace(0.0, 80_000.0, 4001)
    outdoor = np.exp(-(((time - 2000.0) / 500.0) ** 2))
    inside = indoor.indoor_series(time, outdoor, 4000.0)
    assert indoor.toxic_load(time, inside) == pytest.approx(indoor.toxic_load(time, outdoor), rel=1e-3)


def test_short_cloud_says_stay_and_open_the_windows_after() -> None:
    time = np.linspace(0.0, 7200.0, 241)
    outdoor = np.where((time > 600) & (time < 1500), 50.0, 0.0)
    advice = indoor.stay_or_leave(time, outdoor, 4000.0, warned_at_s=600.0, leaving_s=900.0)
    assert advice.choice == "shelter"
    assert advice.ventilate_at_s == pytest.approx(1500.0, abs=60)


def test_long_cloud_in_a_leaky_house_says_leave() -> None:
    time = np.linspace(0.0, 14_400.0, 481)
    outdoor = np.where(time > 900, 50.0, 0.0)
    advice = indoor.stay_or_leave(time, outdoor, 900.0, warned_at_s=300.0, leaving_s=700.0)
    assert advice.choice == "leave"
    assert advice.ventilate_at_s is None


def test_clean_air_asks_for_nothing() -> None:
    time = np.linspace(0.0, 3600.0, 61)
    assert indoor.stay_or_leave(time, np.zeros(61), 3000.0).choice == "alike"


def test_measured_air_changes_are_taken_as_given() -> None:
    assert indoor.air_changes_per_h(indoor.Building(air_changes_per_h=12.0), MILD) == 12.0


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: indoor.Building(storeys=0), "storeys 0"),
        (lambda: indoor.Building(air_changes_per_h=-1.0), "air_changes_per_h -1"),
        (lambda: indoor.indoor_series([0, 10, 5], [1, 1, 1], 100.0), "times must rise"),
    ],
)
def test_bad_input_is_one_sentence(call, word: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=word):
        call()
