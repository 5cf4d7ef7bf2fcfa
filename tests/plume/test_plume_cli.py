"""Does the command line keep its contract: columns, exit codes, one sentence?"""

import json
from pathlib import Path

import pandas as pd
import pytest
from scipy.io import netcdf_file
from typer.testing import CliRunner

from command_ui.cli.main import app

CASE = """
name = "液氯储罐泄漏(演练)"
[incident]
longitude = 121.47
latitude = 31.23
occurred_at = 2026-11-22T09:30:00+08:00
[release]
substance = "chlorine"
kind = "continuous"
rate_kg_s = 2.0
duration_s = 600
height_m = 0.0
[weather]
wind_speed_m_s = 3.0
wind_height_m = 10.0
wind_from_deg = 225.0
stability = "D"
temperature_c = 15.0
relative_humidity = 0.5
roughness_m = 0.03
[output]
averaging_s = 3600
levels = "AEGL"
"""


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    path = tmp_path / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return path


def call(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["plume", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_zones_are_geojson_with_longitude_first(case_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "z.geojson"
    code, text, _ = call("run", case_file, "--zones", out)
    assert code == 0
    assert "AEGL-3" in text
    features = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert [feature["properties"]["level"] for feature in features] == [3, 2, 1]
    for feature in features:
        longitude, latitude = feature["geometry"]["coordinates"][0][0]
        assert 121 < longitude < 122
        assert 31 < latitude < 32


@pytest.mark.parametrize("model", ["auto", "gaussian", "dense"])
def test_receptors_get_the_columns_of_the_contract(case_file: Path, tmp_path: Path, model: str) -> None:
    receptors, out = tmp_path / "r.csv", tmp_path / "o.csv"
    receptors.write_text("downwind_m,crosswind_m,height_m\n100,0,1.5\n1000,0,1.5\n-500,0,0\n", encoding="utf-8")
    code, _, errors = call("run", case_file, "--receptors", receptors, "--out", out, "--model", model)
    assert code == 0, errors
    table = pd.read_csv(out)
    assert list(table.columns) == [
        "downwind_m",
        "crosswind_m",
        "height_m",
        "concentration_mg_m3",
        "concentration_ppm",
        "arrival_s",
        "toxic_load",
    ]
    assert table["concentration_ppm"][0] > table["concentration_ppm"][1] > table["concentration_ppm"][2] == 0
    assert pd.isna(table["arrival_s"][2])


def test_receptors_by_degrees(case_file: Path, tmp_path: Path) -> None:
    receptors, out = tmp_path / "r.csv", tmp_path / "o.csv"
    receptors.write_text("longitude,latitude,height_m\n121.475,31.2343,1.5\n121.46,31.22,1.5\n", encoding="utf-8")
    assert call("run", case_file, "--receptors", receptors, "--out", out)[0] == 0
    table = pd.read_csv(out)
    assert table["concentration_ppm"][0] > 0
    assert table["concentration_ppm"][1] == 0


def test_frames_are_netcdf(case_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "f.nc"
    code, _, errors = call("run", case_file, "--frames", out)
    assert code == 0, errors
    with netcdf_file(out, mmap=False) as file:
        assert file.variables["concentration"].shape == (60, 500, 500)
        assert file.variables["concentration"].units == b"mg m-3"
        assert file.variables["concentration"][:].max() > 0


def test_ensemble_is_geojson(case_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "e.geojson"
    code, _, errors = call("run", case_file, "--ensemble", out, "--members", 20)
    assert code == 0, errors
    features = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert {feature["properties"]["percentile"] for feature in features} >= {10, 50}


def test_json_for_programs(case_file: Path) -> None:
    code, text, _ = call("run", case_file, "--json")
    assert code == 0
    summary = json.loads(text)
    assert summary["model"] == "dense"
    assert summary["provenance"]["inputs"]["release"]["substance"] == "chlorine"
    assert set(summary["reach_by_model_m"]) == {"dense", "gaussian"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("rate_kg_s = 2.0", "rate_kg_s = -2.0", "release.rate_kg_s"),
        ("wind_speed_m_s = 3.0", "wind_speed_m_s = 0", "weather.wind_speed_m_s"),
        ("temperature_c = 15.0", "temperature_c = 95", "weather.temperature_c"),
        ('"chlorine"', '"chlorin"', "nearest: chlorine"),
        ('"chlorine"', '"methane"', "no AEGL value for methane"),
        ("[output]", "[output", "not valid TOML"),
        ("height_m = 0.0", "hight_m = 0.0", "release.hight_m: unknown key"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(case_file: Path, old: str, new: str, says: str) -> None:
    case_file.write_text(CASE.replace(old, new), encoding="utf-8")
    code, _, errors = call("run", case_file)
    assert code == 2
    assert says in errors
    assert "Traceback" not in errors
    assert len(errors.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a,b\n1,2\n", "columns must be downwind_m"),
        ("downwind_m,crosswind_m,height_m\n1,x,0\n", "row 2: not a number"),
        ("", "not a CSV table"),
    ],
)
def test_bad_receptors_are_one_sentence(case_file: Path, tmp_path: Path, content: str, says: str) -> None:
    receptors = tmp_path / "r.csv"
    receptors.write_text(content, encoding="utf-8")
    code, _, errors = call("run", case_file, "--receptors", receptors, "--out", tmp_path / "o.csv")
    assert code == 2
    assert says in errors


def test_missing_files_are_one_sentence(case_file: Path, tmp_path: Path) -> None:
    assert "cannot be read" in call("run", tmp_path / "none.toml")[2]
    assert "does not exist" in call("run", case_file, "--zones", tmp_path / "no" / "z.geojson")[2]
    assert "belong together" in call("run", case_file, "--receptors", case_file)[2]


def test_substances_are_listed_with_sources_and_marks() -> None:
    code, text, _ = call("substances", "氯化氢")
    assert code == 0
    assert "AEGL-3 60 min" in text
    assert "未核实" in text
    code, text, _ = call("substances", "--json")
    assert len(json.loads(text)) >= 31
    assert call("substances", "unobtainium")[0] == 2


def test_an_unknown_model_is_told_in_one_sentence(case_file: Path, tmp_path: Path) -> None:
    zones = tmp_path / "z.geojson"
    code, out, err = call("run", case_file, "--zones", zones, "--model", "cfd", "--members", 0)
    assert (code, out) == (2, "")
    assert err == (
        "onemap: --model: no 'cfd'; choose from auto, gaussian, dense; --members: 0 is not within 1 and 10000\n"
    )
    assert not zones.exists()
