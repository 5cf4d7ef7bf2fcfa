"""Are files given by hand read for what they are, and is the right network taken for a place?"""

import itertools
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis import raster
from gis.crs import GEOGRAPHIC, LonLat
from gis.errors import InputError, MissingError
from gis.raster import Grid
from routing import cache
from routing.importing import from_lines
from scenarios.roads.networks import Roads
from scenarios.sources import Files, gather

SCENE = LonLat(118.71, 31.41)
BOUNDS = (118.70, 31.40, 118.73, 31.43)


def test_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    people, teams, shelters = tmp_path / "people.csv", tmp_path / "teams.csv", tmp_path / "shelters.csv"
    people.write_text("longitude,latitude,heads\n118.71,31.41,5\n", encoding="utf-8")
    teams.write_text("name\n一站\n", encoding="utf-8")
    shelters.write_text("name,capacity,longitude,latitude\n体育馆,-4,118.7,31.4\n", encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        gather(BOUNDS, SCENE, files=Files(people=people, teams=teams, shelters=shelters))
    for word in ("people.csv", "teams.csv", "shelters.csv", "negative"):
        assert word in str(refusal.value)


def test_a_count_raster_becomes_people_without_losing_any(tmp_path: Path) -> None:
    values = np.arange(36.0).reshape(6, 6)
    raster.write(Grid(values, 118.70, 31.43, 0.005, 0.005), tmp_path / "people.tif")
    ground = gather(BOUNDS, SCENE, files=Files(people=tmp_path / "people.tif"))
    assert ground.people is not None
    assert ground.people["night"].sum() == ground.people["day"].sum() == values.sum()
    assert ground.provenance["people"].source == "file:people.tif"


def test_names_and_ids_are_given_where_a_file_has_none(tmp_path: Path) -> None:
    path = tmp_path / "teams.csv"
    path.write_text("longitude,latitude\n118.70,31.40\n118.72,31.41\n", encoding="utf-8")
    ground = gather(BOUNDS, SCENE, files=Files(teams=path, datum="cgcs2000"))
    assert ground.teams is not None
    assert list(ground.teams["id"]) == ["1", "2"]
    assert set(ground.teams["kind"]) == {"team"}
    assert ground.people is None, "what no source covers is None, never an empty frame"


def test_places_in_chinese_web_coordinates_are_brought_home(tmp_path: Path) -> None:
    path = tmp_path / "shelters.csv"
    path.write_text("id,name,capacity,longitude,latitude\nS1,体育馆,800,118.7150,31.4120\n", encoding="utf-8")
    as_given = gather(BOUNDS, SCENE, files=Files(shelters=path, datum="cgcs2000")).shelters
    moved = gather(BOUNDS, SCENE, files=Files(shelters=path, datum="gcj02")).shelters
    assert as_given is not None and moved is not None
    gap_m = as_given.geometry.iloc[0].distance(moved.geometry.iloc[0]) * 100_000
    assert 100 < gap_m < 900, "GCJ-02 lies some hundred metres beside the true place"


def save(folder: Path, name: str, size: float) -> None:
    west, south = SCENE.longitude - size / 2, SCENE.latitude - size / 2
    corners = [(west, south), (west + size, south), (west + size, south + size), (west, south + size), (west, south)]
    lines = [shapely.LineString(pair) for pair in itertools.pairwise(corners)]
    frame = gpd.GeoDataFrame(
        {"highway": "residential", "name": ""}, index=range(len(lines)), geometry=lines, crs=GEOGRAPHIC
    )
    cache.save(from_lines(frame), folder / name)


def test_the_smallest_network_that_covers_the_place_is_taken(tmp_path: Path) -> None:
    save(tmp_path, "province", 1.0)
    save(tmp_path, "city", 0.1)
    roads = Roads(tmp_path)
    found = roads.covering(SCENE)
    assert found is not None and found.name == "city"
    wider = roads.covering(LonLat(SCENE.longitude + 0.3, SCENE.latitude))
    assert wider is not None and wider.name == "province"
    assert roads.covering(LonLat(9.5, 47.1)) is None


def test_a_network_is_loaded_once_and_again_when_it_was_built_anew(tmp_path: Path) -> None:
    save(tmp_path, "city", 0.1)
    roads = Roads(tmp_path)
    first = roads.named("city")
    assert roads.named("city") is first
    save(tmp_path, "city", 0.2)
    assert roads.named("city") is not first
    with pytest.raises(MissingError, match="nowhere"):
        roads.named("nowhere")


def test_a_network_elsewhere_is_told_in_one_sentence(tmp_path: Path) -> None:
    save(tmp_path, "city", 0.1)
    roads = Roads(tmp_path)
    assert roads.fault("city", SCENE) is None
    assert "lies outside" in (roads.fault("city", LonLat(9.5, 47.1)) or "")
    assert "nowhere" in (roads.fault("nowhere", SCENE) or "")
