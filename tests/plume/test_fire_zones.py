"""Are the zones of fires and blasts valid, nested, turned with the wind, and read by the domino reach?"""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pydantic import ValidationError

from gis.columns import ZONES
from gis.crs import GEOGRAPHIC, LocalFrame, LonLat
from gis.errors import InputError
from plume import properties
from plume.fire import domino, kinds, pool, scenario, zones
from plume.source.weather import SourceWeather

PLACE = LonLat(118.71, 31.41)  # 演练
WEATHER = SourceWeather(288.15, 5.0, "D", 0.6, 5)
EVERY_KIND = [
    kinds.PoolFireInput(area_m2=200),
    kinds.JetFireInput(rate_kg_s=5, hole_diameter_m=0.05),
    kinds.JetFireInput(rate_kg_s=5, hole_diameter_m=0.05, direction="downwind", height_m=2),
    kinds.BleveInput(mass_kg=20_000),
    kinds.CloudExplosionInput(flammable_mass_kg=500, centre_m=60, congestion="high", detonation=True),
    kinds.SolidExplosionInput(mass_kg=1000, tnt_equivalence=0.4),
]


def run(kind: kinds.AnyFire, wind_from_deg: float = 225.0) -> scenario.FireForecast:
    return scenario.to_forecast(kind, properties.of("propane"), WEATHER, PLACE, wind_from_deg)


@pytest.mark.parametrize("kind", EVERY_KIND, ids=lambda kind: kind.kind)
def test_zones_are_valid_nested_and_declared(kind: kinds.AnyFire) -> None:
    frame = run(kind).zones
    ZONES.check(frame)
    assert frame["level"].tolist() == [3, 2, 1]
    assert frame.geometry.is_valid.all()
    assert frame["reach_m"].is_monotonic_increasing
    worst, middle, mild = frame.geometry
    assert middle.buffer(1e-9).covers(worst) and mild.buffer(1e-9).covers(middle)


@pytest.mark.parametrize("kind", EVERY_KIND, ids=lambda kind: kind.kind)
def test_turning_the_wind_turns_the_zones(kind: kinds.AnyFire) -> None:
    def in_metres(wind_from_deg: float) -> shapely.Polygon:
        shape = run(kind, wind_from_deg).zones.geometry.iloc[-1]
        return shapely.transform(shape, lambda xy: np.column_stack(LocalFrame(PLACE).to_metres(*xy.T)))

    north, west = in_metres(0.0), in_metres(270.0)  # blowing to the south, to the east
    turned = shapely.transform(north, lambda xy: np.column_stack([-xy[:, 1], xy[:, 0]]))
    assert turned.symmetric_difference(west).area < 1e-5 * west.area


def test_flame_leans_away_from_where_the_wind_comes_from() -> None:
    shape = run(kinds.PoolFireInput(area_m2=200), 270.0).zones.geometry.iloc[-1]
    assert shape.centroid.x > PLACE.longitude
    assert shape.centroid.y == pytest.approx(PLACE.latitude, abs=1e-7)


def test_reach_of_a_zone_is_where_the_flux_is_the_level() -> None:
    fire = pool.pool_fire(properties.of("toluene"), 8.0, WEATHER)
    reach = zones.heat_reach_m(fire, 5000.0)
    assert fire.flux_w_m2([(reach, 0, 0)])[0] == pytest.approx(5000.0, rel=1e-3)
    frame = zones.heat_zones(fire, PLACE, 270.0)
    assert frame.set_index("level")["reach_m"][2] == pytest.approx(reach, rel=0.01)


def test_level_reached_nowhere_has_no_row() -> None:
    weak = kinds.CloudExplosionInput(flammable_mass_kg=5, congestion="low")
    assert run(weak).zones.empty


def test_own_levels_are_used_and_marked() -> None:
    frame = run(kinds.PoolFireInput(area_m2=200, heat_levels_kw_m2=(4.7, 1.6))).zones
    assert frame["threshold"].tolist() == [4.7, 1.6]
    assert set(frame["trust"]) == {"unverified"}


def test_solid_explosive_needs_no_substance() -> None:
    done = scenario.to_forecast(kinds.SolidExplosionInput(mass_kg=500, energy_j_kg=4.52e6), None, WEATHER, PLACE, 0.0)
    assert done.summary["tnt_kg"] == pytest.approx(500.0)


def hazard_sources() -> gpd.GeoDataFrame:
    east, north = np.array([30.0, -30.0, 0.0, 900.0]), np.array([30.0, -30.0, 60.0, 0.0])
    longitude, latitude = LocalFrame(PLACE).to_degrees(east, north)
    return gpd.GeoDataFrame(
        {"id": list("abcd"), "name": ["演练储罐甲", "演练储罐乙", "演练储罐丙", "演练储罐丁"]},
        geometry=gpd.points_from_xy(longitude, latitude),
        crs=GEOGRAPHIC,
        index=[7, 3, 5, 1],
    )


def test_domino_reach_of_a_pool_fire() -> None:
    fire = run(kinds.PoolFireInput(area_m2=600)).heat
    assert fire is not None
    found = domino.reached_by_heat(hazard_sources(), fire, PLACE, 225.0)
    assert found["id"].tolist()[0] == "a"  # downwind of a south-west wind
    assert found.loc[7, "value"] > found.loc[3, "value"]
    assert found.loc[1, "distance_m"] == pytest.approx(900.0, rel=1e-6)
    assert found.loc[7, "escalates"] and not found.loc[1, "escalates"]
    assert set(found["trust"]) == {"unverified"}


def test_domino_reach_of_a_blast_agrees_with_its_zone() -> None:
    done = run(kinds.SolidExplosionInput(mass_kg=2000, tnt_equivalence=1))
    assert done.blast is not None
    found = domino.reached_by_blast(hazard_sources(), done.blast, PLACE, 0.0)
    within = done.zones.geometry.iloc[0].contains(found.geometry)
    assert (found["escalates"] == within).all()


def test_lines_are_no_hazard_sources() -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.LineString([(118.7, 31.4), (118.8, 31.4)])], crs=GEOGRAPHIC)
    fire = pool.pool_fire(properties.of("toluene"), 8.0, WEATHER)
    with pytest.raises(InputError, match="must be a point"):
        domino.reached_by_heat(frame, fire, PLACE, 0.0)


@pytest.mark.parametrize(
    ("build", "word"),
    [
        (lambda: kinds.PoolFireInput(), "either area_m2 or diameter_m"),
        (lambda: kinds.BleveInput(mass_kg=10, content_kg=5), "more than the tank"),
        (lambda: kinds.SolidExplosionInput(mass_kg=10), "either tnt_equivalence"),
        (lambda: kinds.PoolFireInput(area_m2=10, heat_levels_kw_m2=(1, 2, 3, 4)), "up to three"),
        (lambda: kinds.BleveInput(mass_kg=10, colour="red"), "Extra inputs"),
    ],
)
def test_case_file_faults(build, word: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValidationError, match=word):
        build()
