"""Who is in the way: hand-counted cases first, then conservation for any zones."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gis.columns import FACILITIES
from gis.crs import GEOGRAPHIC, LonLat
from gis.errors import InputError
from layers.apportion import largest_remainder
from layers.exposure import count, share_inside
from layers.sample.city import SampleCity

CELL = 0.001
WEST, SOUTH = 118.70, 31.40


def cells(columns: int, rows: int, day: np.ndarray, night: np.ndarray) -> gpd.GeoDataFrame:
    """A block of square cells with its south-west corner at the origin of these tests."""
    row, column = (grid.ravel() for grid in np.indices((rows, columns)))
    boxes = shapely.box(WEST + column * CELL, SOUTH + row * CELL, WEST + (column + 1) * CELL, SOUTH + (row + 1) * CELL)
    return gpd.GeoDataFrame({"day": day.ravel(), "night": night.ravel()}, geometry=boxes, crs=GEOGRAPHIC)


def zones(shapes: dict[int, shapely.Geometry]) -> gpd.GeoDataFrame:
    """Cumulative toxic zones by level."""
    rows = [
        {
            "kind": "toxic", "level": level, "level_name": f"AEGL-{level}", "threshold": 1.0, "unit": "ppm",
            "averaging_s": 3600.0, "trust": "two_sources", "arrival_s": 60.0 * (4 - level), "reach_m": 1000.0,
        }
        for level in shapes
    ]  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry=list(shapes.values()), crs=GEOGRAPHIC)


def block(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle counted in cells."""
    return shapely.box(WEST + west * CELL, SOUTH + south * CELL, WEST + east * CELL, SOUTH + north * CELL)


def place(column: float, row: float, name: str, kind: str = "school", people: int = 10) -> dict[str, object]:
    """A facility, placed in cells."""
    return {
        "id": name, "name": name, "kind": kind, "people": people,
        "geometry": shapely.Point(WEST + column * CELL, SOUTH + row * CELL),
    }  # fmt: skip


def test_counted_by_hand() -> None:
    """Ten by ten cells of 10 by day and 4 by night; zones of 4, 12 and 30 whole cells."""
    people = cells(10, 10, np.full((10, 10), 10.0), np.full((10, 10), 4.0))
    shapes = {3: block(0, 0, 2, 2), 2: block(0, 0, 4, 3), 1: block(0, 0, 6, 5)}
    found = count(zones(shapes), people, FACILITIES.empty(GEOGRAPHIC), day=True)
    assert found.bands["level"].tolist() == [3, 2, 1]
    assert found.bands["people_day"].tolist() == [40, 80, 180]
    assert found.bands["people_night"].tolist() == [16, 32, 72]
    assert found.bands["cumulative_day"].tolist() == [40, 120, 300]
    assert (found.outside_day, found.outside_night) == (700, 280)
    assert (found.total_day, found.total_night, found.people) == (1000, 400, 300)


def test_a_cut_cell_counts_by_its_share() -> None:
    """A quarter of each of four cells of 100."""
    people = cells(2, 2, np.full((2, 2), 100.0), np.zeros((2, 2)))
    found = count(zones({1: block(0.5, 0.5, 1.5, 1.5)}), people, FACILITIES.empty(GEOGRAPHIC), day=True)
    assert found.bands["people_day"].tolist() == [100]
    assert found.outside_day == 300


def test_halves_are_neither_lost_nor_doubled() -> None:
    """Three zones splitting one person's cell into thirds and the rest: somewhere there is exactly one person."""
    people = cells(1, 1, np.array([[1.0]]), np.array([[2.0]]))
    shapes = {3: block(0, 0, 0.3, 1), 2: block(0, 0, 0.6, 1), 1: block(0, 0, 0.9, 1)}
    found = count(zones(shapes), people, FACILITIES.empty(GEOGRAPHIC), day=False)
    assert found.bands["people_day"].sum() + found.outside_day == 1
    assert found.bands["people_night"].sum() + found.outside_night == 2


def test_a_worse_zone_that_reaches_further_still_counts_once() -> None:
    """Drawing may leave a sliver of the worse zone outside the milder one; its people are in the worse band."""
    people = cells(4, 1, np.full((1, 4), 10.0), np.zeros((1, 4)))
    found = count(zones({3: block(0, 0, 3, 1), 1: block(1, 0, 4, 1)}), people, FACILITIES.empty(GEOGRAPHIC), day=True)
    assert found.bands["people_day"].tolist() == [30, 10]


def test_facilities_by_arrival() -> None:
    """The worst zone counts, the cloud arrives in order of distance, and those outside are not listed."""
    facilities = gpd.GeoDataFrame(
        [place(9.5, 0.5, "far"), place(2.5, 0.5, "near"), place(5.5, 0.5, "middle"), place(5, 8, "outside")],
        crs=GEOGRAPHIC,
    )
    people = cells(10, 10, np.ones((10, 10)), np.ones((10, 10)))
    shapes = {3: block(0, 0, 1, 1), 2: block(0, 0, 3, 1), 1: block(0, 0, 10, 1)}
    source = LonLat(WEST, SOUTH + CELL / 2)
    found = count(zones(shapes), people, facilities, day=True, source=source, cloud_speed_m_s=2.0)
    listed = found.facilities
    assert listed["name"].tolist() == ["near", "middle", "far"]
    assert listed["level"].tolist() == [2, 1, 1]
    # 2.5 cells of 0.001 degrees at 31.4 N on the GRS80 ellipsoid: one degree of longitude is 95 100 m there (formula
    # of the meridian arc), hence 237.8 m; the zone itself begins after 120 s.
    assert listed["distance_m"].iloc[0] == pytest.approx(237.8, abs=0.5)
    assert listed["arrival_s"].iloc[0] == pytest.approx(120.0)
    assert listed["arrival_s"].is_monotonic_increasing
    without = count(zones(shapes), people, facilities, day=True).facilities
    assert without["arrival_s"].tolist() == [120.0, 180.0, 180.0]
    assert without["distance_m"].isna().all()


def test_nobody_in_no_zone() -> None:
    """No zones: everybody is outside."""
    people = cells(3, 3, np.full((3, 3), 2.0), np.full((3, 3), 1.0))
    empty = zones({1: block(0, 0, 1, 1)}).iloc[:0]
    found = count(empty, people, FACILITIES.empty(GEOGRAPHIC), day=True)
    assert (found.people, found.outside_day, found.total_day) == (0, 18, 18)


def test_points_count_whole() -> None:
    """Population given as places instead of cells."""
    people = gpd.GeoDataFrame(
        {"day": [5.0, 7.0], "night": [1.0, 1.0]},
        geometry=[shapely.Point(WEST, SOUTH), shapely.Point(WEST + 9 * CELL, SOUTH)],
        crs=GEOGRAPHIC,
    )
    found = count(zones({1: block(-1, -1, 1, 1)}), people, FACILITIES.empty(GEOGRAPHIC), day=True)
    assert (found.people, found.outside_day) == (5, 7)


def test_missing_columns_are_named() -> None:
    """A frame without its columns is refused by name, all at once."""
    with pytest.raises(InputError, match="people: column 'day' is missing"):
        count(zones({1: block(0, 0, 1, 1)}), zones({1: block(0, 0, 1, 1)}), FACILITIES.empty(GEOGRAPHIC), day=True)


rectangles = st.tuples(st.floats(-2, 8), st.floats(-2, 8), st.floats(0.1, 9), st.floats(0.1, 9))


@settings(deadline=None, max_examples=60)
@given(st.lists(rectangles, min_size=1, max_size=3), st.integers(0, 2**32 - 1))
def test_bands_and_outside_are_the_total_whatever_the_zones(
    drawn: list[tuple[float, float, float, float]], seed: int
) -> None:
    """T-13: disjoint bands, sum of bands equals the union, totals conserve, whole people."""
    rng = np.random.default_rng(seed)
    people = cells(8, 8, rng.gamma(0.7, 9.0, (8, 8)), rng.gamma(0.5, 5.0, (8, 8)))
    shapes = {
        level: block(west, south, west + wide, south + high)
        for level, (west, south, wide, high) in zip((3, 2, 1), drawn, strict=False)
    }
    found = count(zones(shapes), people, FACILITIES.empty(GEOGRAPHIC), day=True)
    for when, outside in (("day", found.outside_day), ("night", found.outside_night)):
        assert found.bands[f"people_{when}"].sum() + outside == round(people[when].sum())
        assert (found.bands[f"people_{when}"] >= 0).all()
    union = share_inside(people.geometry.to_numpy(), shapely.union_all(list(shapes.values())))
    assert abs(int(found.bands["people_day"].sum()) - float(union @ people["day"])) <= len(shapes) + 1


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.integers(0, 10**7))
@example([2.2250738585072014e-308], 4)
@example([5e-324, 0.0, 5e-324], 10**7)
def test_largest_remainder_keeps_the_total(shares: list[float], total: int) -> None:
    """Each share is rounded up or down, never further, and the sum is exact."""
    if sum(shares) == 0:
        return
    whole = largest_remainder(shares, total)
    exact = np.array(shares) * total / sum(shares)
    assert whole.sum() == total
    assert (np.abs(whole - exact) < 1 + 1e-6 * total).all()


def test_the_whole_city_is_conserved(city: SampleCity) -> None:
    """Splitting the city by its divisions and adding up gives the stated totals."""
    people = gpd.GeoDataFrame(city.population, crs=GEOGRAPHIC)
    counties = city.tables["division"].query("level == 'county'")
    day = [
        share_inside(people.geometry.to_numpy(), shape) @ people["day"].to_numpy(float) for shape in counties.geometry
    ]
    # Cells on the outer edge may stick out of the land; they hold nobody to speak of.
    assert sum(day) == pytest.approx(float(people["day"].sum()), rel=2e-3)
    assert isinstance(counties, pd.DataFrame)
