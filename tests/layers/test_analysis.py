"""Is every total of the analysis the filter's, and is a cluster what Getis and Ord say it is?"""

from collections import Counter

import h3
import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Connection, text

from gis.errors import InputError
from layers.analysis import Cut, analyse, hexagons, significance
from layers.sample.city import SampleCity


@pytest.mark.parametrize(
    ("sector", "count"),
    [("hazmat", 193), ("dust", 750), ("ammonia", 18), ("smelting", 574), ("confined", 1175), ("", 60_000)],
)
def test_hexagons_add_up_to_the_filters_total(reader: Connection, sector: str, count: int) -> None:
    """Counts of product.md section 3; few rows are said to be few."""
    found = analyse(reader, Cut(sector=sector))
    assert found.total == count
    assert sum(number for _, number, _, _ in found.cells) + found.unplaced == count
    assert found.few is (count < 30)


def test_a_hexagon_holds_the_enterprises_that_lie_in_it(reader: Connection, city: SampleCity) -> None:
    found = analyse(reader, Cut(sector="smelting"), 6)
    firms = city.enterprises[[("smelting" in owned) for owned in city.enterprises["sectors"]]]
    expected: dict[str, int] = {}
    for place in firms.geometry:
        cell = h3.latlng_to_cell(place.y, place.x, 6)
        expected[cell] = expected.get(cell, 0) + 1
    assert {cell: number for cell, number, _, _ in found.cells} == expected


def test_gi_star_is_the_published_formula() -> None:
    """Ord and Getis 1995, eq. 14 with binary weights that include the cell itself, worked out by hand in numpy."""
    middle = h3.latlng_to_cell(31.4, 118.7, 8)
    disk = h3.grid_disk(middle, 5)
    random = np.random.default_rng(4)
    counted = {cell: int(random.poisson(4)) + 1 for cell in disk}
    counted |= dict.fromkeys(h3.grid_disk(middle, 1), 40)
    scores, classes = significance(counted)
    area = sorted({near for cell in counted for near in h3.grid_disk(cell, 1)})
    values = np.array([counted.get(cell, 0) for cell in area], float)
    n, mean, spread = len(area), values.mean(), values.std()
    at = {cell: index for index, cell in enumerate(area)}
    for cell in list(counted)[:20]:
        inside = [at[near] for near in h3.grid_disk(cell, 1) if near in at]
        k = len(inside)
        by_hand = (values[inside].sum() - mean * k) / (spread * np.sqrt((n * k - k * k) / (n - 1)))
        assert scores[cell] == pytest.approx(by_hand, rel=1e-9)
    assert classes[middle] == 2


def test_no_cluster_in_noise_and_none_in_too_few_cells() -> None:
    """Shuffled counts: with 5 % false discoveries allowed, a city of noise names next to nothing."""
    middle = h3.latlng_to_cell(31.4, 118.7, 8)
    random = np.random.default_rng(7)
    noise = {cell: int(value) for cell, value in zip(h3.grid_disk(middle, 12), random.poisson(50, 469), strict=True)}
    inner = set(h3.grid_disk(middle, 10))
    _, classes = significance(noise)
    assert sum(classes[cell] == 2 for cell in inner) <= 3
    _, few = significance(dict.fromkeys(h3.grid_disk(middle, 2), 9))
    assert set(few.values()) == {0}


def test_hours_are_those_of_the_alarms(reader: Connection, city: SampleCity) -> None:
    """Weekday and hour by the clock of China, from the generated frame."""
    found = analyse(reader, Cut("event", kind="alarm"))
    alarms = city.tables["alarm"]
    expected = np.zeros((7, 24), int)
    for moment in alarms["occurred_at"]:
        local = moment.astimezone(city.moment.tzinfo)
        expected[local.weekday(), local.hour] += 1
    assert found.total == len(alarms)
    assert np.array_equal(np.array(found.matrix), expected)
    assert found.untimed == 0
    assert sum(sum(kinds.values()) for kinds in found.months.values()) == len(alarms)


def test_the_trend_by_sector_is_that_of_the_enterprises_it_happened_at(reader: Connection, city: SampleCity) -> None:
    """From the generated frames: alarm -> detector -> enterprise; months without any stand in between."""
    found = analyse(reader, Cut("event", kind="alarm"))
    owner = city.tables["tag"].set_index("id")["enterprise_id"]
    sectors = city.enterprises.set_index("id")["sectors"]
    expected: Counter[str] = Counter()
    for tag in city.tables["alarm"]["tag_id"]:
        firm = owner.get(tag) if tag is not None else None
        expected.update(tuple(sectors.get(firm) or ()) or ("none",))
    counted: Counter[str] = Counter()
    for kinds in found.sector_months.values():
        counted.update(kinds)
    assert counted == expected
    every = analyse(reader, Cut("event")).sector_months
    assert len(every) == len(pd.period_range(min(every), max(every), freq="M"))


def test_hexagons_keep_every_point() -> None:
    x = np.random.default_rng(1).uniform(118, 119, 500)
    assert sum(hexagons(x, x - 87, 7).values()) == 500


def test_unknown_codes_are_named_at_once(reader: Connection) -> None:
    with pytest.raises(InputError) as refused:
        analyse(reader, Cut(sector="magic", size_class="huge"))
    assert len(refused.value.faults) == 2
    with pytest.raises(InputError, match="resolution"):
        analyse(reader, Cut(), 3)


def test_an_alarm_that_came_back_has_happened(ground: Connection) -> None:
    before = analyse(ground, Cut("event", kind="alarm")).total
    with ground.begin_nested() as inside:
        ground.execute(
            text("UPDATE layers.alarm SET valid_to = valid_from + interval '5 minutes' WHERE id = 'GJ-0001'"
                 " AND superseded_at IS NULL")
        )  # fmt: skip
        assert analyse(ground, Cut("event", kind="alarm")).total == before
        inside.rollback()
