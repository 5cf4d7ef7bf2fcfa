"""A chlorine case on the real roads of Shanghai, where nobody has told us about people, teams or shelters."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry
from typer.testing import CliRunner

from command_ui.cli.main import app
from gis.crs import GEOGRAPHIC
from gis.database import Caller, Database
from scenarios.desk import Desk, Wishes
from scenarios.intake import ReportIncident
from scenarios.running import Assessed
from scenarios.sources import Files
from scenarios.verify import Verification

EVERYWHERE = Caller("何静", "000000", "999999", "live")
CASE = """
name = "液氯储罐泄漏"
[incident]
longitude = 121.47
latitude = 31.23
occurred_at = 2026-11-22T09:30:00+08:00
[release]
substance = "chlorine"
kind = "continuous"
rate_kg_s = 0.2
duration_s = 600
[weather]
wind_speed_m_s = 3.0
wind_from_deg = 225.0
stability = "D"
"""


@pytest.fixture(scope="module")
def case() -> dict[str, Any]:
    import tomllib

    return tomllib.loads(CASE)


@pytest.fixture(scope="module")
def assessed(database: Database, networks: Path, shanghai: str, case: dict[str, Any]) -> Assessed:
    desk = Desk(database, networks)
    return desk.report_and_assess(ReportIncident.from_case(case), EVERYWHERE, wishes=Wishes(roads=shanghai))


@pytest.fixture(scope="module")
def answer(assessed: Assessed) -> Any:
    return assessed.assessment.as_json()


def test_the_answer_has_the_promised_keys(answer: Any) -> None:
    assert set(answer) == {"zones", "exposure", "routes", "evacuation", "timings", "provenance"}
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert {"zones", "exposure", "closures", "routes", "evacuation", "total"} <= set(answer["timings"])


def test_people_nobody_counted_are_null_and_never_nought(answer: Any) -> None:
    exposure = answer["exposure"]
    assert exposure["status"] == "no_data"
    for name in ("bands", "total_day", "total_night", "outside_day", "outside_night", "facilities"):
        assert exposure[name] is None
    assert answer["evacuation"]["people"] is None
    assert all(feature["properties"]["people"] is None for feature in answer["evacuation"]["assignment"]["features"])


def test_zones_lie_one_within_the_other_downwind_of_the_scene(answer: Any) -> None:
    zones = {feature["properties"]["level"]: shape(feature["geometry"]) for feature in answer["zones"]["features"]}
    assert set(zones) == {1, 2, 3}
    slack = 2e-6  # rounding of what is recorded
    assert zones[1].buffer(slack).contains(zones[2])
    assert zones[2].buffer(slack).contains(zones[3])
    east, north = zones[1].centroid.x - 121.47, zones[1].centroid.y - 31.23
    assert east > 0 and north > 0, "wind from the south-west drives the cloud to the north-east"


def test_routes_from_assumed_entries_keep_out_of_every_zone(
    answer: Any, area_of: Callable[[Any], BaseGeometry]
) -> None:
    routes = answer["routes"]
    assert routes["teams_are"] == "assumed_entry"
    assert {feature["properties"]["kind"] for feature in routes["features"]} == {"assumed_entry"}
    usable = [feature for feature in routes["features"] if feature["properties"]["status"] == "ok"]
    assert len(usable) >= 3
    area = area_of(answer["zones"])
    for feature in usable:
        assert not shape(feature["geometry"]).intersects(area)
        assert feature["properties"]["length_m"] > 0
    times = [feature["properties"]["travel_time_s"] for feature in usable]
    assert times == sorted(times)


def test_ways_out_are_shown_from_street_corners_in_the_zone(
    answer: Any, area_of: Callable[[Any], BaseGeometry]
) -> None:
    leaving = answer["evacuation"]
    assert leaving["status"] == "no_data"
    assert leaving["assignment"]["leads_to"] == "exit"
    assert "egress_only_no_shelters_known" in leaving["notes"]
    area = area_of(answer["zones"])
    assert leaving["assignment"]["features"]
    for feature in leaving["assignment"]["features"]:
        assert not area.intersects(Point(shape(feature["geometry"]).coords[-1]))


def test_the_source_of_the_roads_is_named(answer: Any) -> None:
    assert "OpenStreetMap" in answer["provenance"]["network"]["source"]
    assert "ODbL" in answer["provenance"]["network"]["source"]


def test_the_record_is_whole(assessed: Assessed, verified: Callable[..., Verification]) -> None:
    found = verified(*assessed.receipts)
    assert found.ok, found.faults
    assert [receipt.seq for receipt in assessed.receipts] == [1, 2, 3, 4, 5]


def test_files_given_by_hand_go_first(
    database: Database, networks: Path, shanghai: str, case: dict[str, Any], tmp_path: Path
) -> None:
    # 10 x 10 cells of 200 people over the scene, a school downwind, two teams, one shelter upwind.
    cells = [shapely.box(121.45 + 0.005 * i, 31.21 + 0.005 * j, 121.455 + 0.005 * i, 31.215 + 0.005 * j)
             for i in range(10) for j in range(10)]  # fmt: skip
    people = gpd.GeoDataFrame({"day": [200.0] * 100, "night": [100.0] * 100}, geometry=cells, crs=GEOGRAPHIC)
    people.to_parquet(tmp_path / "people.parquet")
    (tmp_path / "schools.csv").write_text("name,kind,people,longitude,latitude\n演练小学,school,500,121.4706,31.2306\n")
    (tmp_path / "teams.csv").write_text(
        "id,name,kind,longitude,latitude\nT1,演练一站,fire,121.455,31.225\nT2,演练二站,medical,121.46,31.20\n"
    )
    (tmp_path / "shelters.csv").write_text("id,name,capacity,longitude,latitude\nS1,演练体育馆,100000,121.44,31.22\n")
    files = Files(
        tmp_path / "people.parquet", tmp_path / "schools.csv", tmp_path / "teams.csv", tmp_path / "shelters.csv"
    )
    desk = Desk(database, networks)
    wishes = Wishes(roads=shanghai, files=files)
    answer = desk.report_and_assess(ReportIncident.from_case(case), EVERYWHERE, wishes=wishes).assessment.as_json()
    exposure, leaving = answer["exposure"], answer["evacuation"]
    assert (exposure["status"], exposure["total_day"], exposure["total_night"]) == ("ok", 20_000, 10_000)
    inside = sum(band["people_day"] for band in exposure["bands"])
    assert inside + exposure["outside_day"] == 20_000
    assert [place["name"] for place in exposure["facilities"]] == ["演练小学"]
    assert leaving["people"] == inside == leaving["assigned"] + sum(row["people"] for row in leaving["left_over"])
    assert answer["routes"]["teams_are"] == "given"
    assert {feature["properties"]["id"] for feature in answer["routes"]["features"]} == {"T1", "T2"}
    assert answer["provenance"]["people"]["source"] == "file:people.parquet"
    night = desk.report_and_assess(
        ReportIncident.from_case(case), EVERYWHERE, wishes=Wishes(roads=shanghai, files=files, day=False)
    ).assessment.as_json()
    assert night["evacuation"]["people"] == sum(band["people_night"] for band in night["exposure"]["bands"])


# -- the same from the command line --------------------------------------------------------------------------------


@pytest.fixture
def house(database_url: str, networks: Path, tmp_path: Path) -> dict[str, str]:
    """Environment of a house on this module's database and networks."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "networks").symlink_to(networks, target_is_directory=True)
    return {"ONEMAP_DATA_DIR": str(data), "ONEMAP_DATABASE_URL": database_url}


def test_the_command_assesses_records_and_its_record_verifies(
    house: dict[str, str], shanghai: str, tmp_path: Path
) -> None:
    runner = CliRunner()
    case, out = tmp_path / "case.toml", tmp_path / "out.json"
    case.write_text(CASE, encoding="utf-8")
    done = runner.invoke(app, ["assess", str(case), "--roads", shanghai, "--json", str(out)], env=house)
    assert done.exit_code == 0, done.output
    assert "无人口数据" in done.output
    answer = json.loads(out.read_text(encoding="utf-8"))
    assert {"zones", "exposure", "routes", "evacuation", "timings", "provenance"} <= set(answer)
    code = answer["incident"]["code"]
    listed = json.loads(runner.invoke(app, ["log", "list", "--json"], env=house).stdout)
    assert code in {head["code"] for head in listed}
    shown = json.loads(runner.invoke(app, ["log", "show", code, "--json"], env=house).stdout)
    assert [entry["kind"] for entry in shown] == [
        "incident_reported", "hazard_forecast", "exposure_assessed", "routes_proposed", "evacuation_proposed",
        "confidence_forecast",
    ]  # fmt: skip
    assert [entry["hash"] for entry in shown] == [receipt["hash"] for receipt in answer["receipts"]]
    witness = tmp_path / "witness.jsonl"
    witness.write_text("".join(json.dumps(receipt) + "\n" for receipt in answer["receipts"]), encoding="utf-8")
    assert runner.invoke(app, ["log", "verify", "--receipts", str(witness)], env=house).exit_code == 0
    export = tmp_path / "export.jsonl"
    assert runner.invoke(app, ["log", "export", code, "--out", str(export)], env=house).exit_code == 0
    assert runner.invoke(app, ["log", "verify", "--file", str(export)], env=house).exit_code == 0
    export.write_text(export.read_text(encoding="utf-8").replace("chlorine", "chlorime"), encoding="utf-8")
    altered = runner.invoke(app, ["log", "verify", "--file", str(export)], env=house)
    assert altered.exit_code == 1
    assert "altered" in altered.output


def test_bad_input_is_one_sentence_naming_all_faults_and_nothing_is_recorded(
    house: dict[str, str], shanghai: str, tmp_path: Path
) -> None:
    runner = CliRunner()
    before = runner.invoke(app, ["log", "list", "--json"], env=house).stdout
    case = tmp_path / "bad.toml"
    broken = CASE.replace("rate_kg_s = 0.2", "rate_kg_s = -2\ncolour = 'green'").replace('"chlorine"', '"clorine"')
    case.write_text(broken.replace('stability = "D"', 'stability = "G"'), encoding="utf-8")
    done = runner.invoke(app, ["assess", str(case), "--roads", "nowhere", "--people", "gone.csv"], env=house)
    assert done.exit_code == 2
    for word in ("rate_kg_s", "colour", "clorine", "stability", "nowhere", "gone.csv"):
        assert word in done.output, (word, done.output)
    assert "Traceback" not in done.output
    case.write_text(CASE.replace("121.47", "9.52").replace("31.23", "47.14"), encoding="utf-8")
    elsewhere = runner.invoke(app, ["assess", str(case), "--roads", shanghai], env=house)
    assert (elsewhere.exit_code, "lies outside" in elsewhere.output) == (2, True)
    missing = runner.invoke(app, ["assess", str(tmp_path / "none.toml"), "--roads", shanghai], env=house)
    assert missing.exit_code == 2
    faulty = tmp_path / "people.csv"
    faulty.write_text("longitude,latitude,heads\n121.47,31.23,5\n", encoding="utf-8")
    case.write_text(CASE, encoding="utf-8")
    late = runner.invoke(app, ["assess", str(case), "--roads", shanghai, "--people", str(faulty)], env=house)
    assert late.exit_code == 2
    assert "day and night" in late.output
    assert runner.invoke(app, ["log", "list", "--json"], env=house).stdout == before
