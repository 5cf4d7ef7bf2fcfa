"""Does a printed sheet say of its layers, their strength and its base maps what the screen says?"""

import contextlib
import re
import uuid
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from typer.testing import CliRunner

from command_ui.basemaps import approval_line, credits_of
from command_ui.console.theme import colours
from command_ui.mapprint import ground, surround
from command_ui.mapprint.asked import shares
from command_ui.mapprint.backdrop import Backdrop
from command_ui.mapprint.make import _basis, _beneath
from command_ui.mapprint.page_frame import PageFrame
from command_ui.mapprint.pen import Pen
from command_ui.mapprint.subjects import Sheet
from command_ui.settings import load_settings
from gis.crs import LonLat
from gis.database import Caller
from gis.errors import InputError


def _empty_sheet(language: Any = "zh") -> Sheet:
    frame = PageFrame("A4", LonLat(118.71, 31.41), 25_000)
    return Sheet(Pen(frame.size_pt, None, frozenset(), "t"), frame, colours("light"), language)


def test_a_layer_without_a_row_on_the_sheet_has_no_sign_in_the_legend_and_is_named_below() -> None:
    sheet, none = _empty_sheet(), gpd.GeoDataFrame({"name": []}, geometry=[], crs=4490)
    ground.draw_layer(sheet, "shelter", none, "避难所")
    ground.draw_layer(sheet, "risk_grid", none, "网格风险", met=3)
    assert sheet.legend == {} and sheet.bare == ["避难所", "网格风险（已筛选 3）"]
    assert {"layer-shelter", "layer-risk_grid"} <= sheet.signed, "looked for, and nothing lacks"
    assert " ".join(surround._bare(sheet)) == "本图幅内无：避难所、网格风险（已筛选 3）"
    assert surround._bare(_empty_sheet()) == []


def test_units_are_printed_in_the_colour_and_figure_of_their_level() -> None:
    spots = gpd.points_from_xy([118.70, 118.71, 118.72], [31.41] * 3)
    rows = gpd.GeoDataFrame({"name": ["a", "b", "c"], "risk_level": [1, 4, 4]}, geometry=spots, crs=4490)
    sheet = _empty_sheet()
    ground.draw_layer(sheet, "risk_unit", rows, "单元风险四色图")
    assert list(sheet.legend) == ["单元风险四色图 3", "单元 重大 ≥100 · 1", "单元 低 ＞0 · 2"]
    assert sheet.legend["单元 重大 ≥100 · 1"] == ("level", (1, False, sheet.paint["fillR"]))
    assert {"I", "V"} <= sheet.pen.characters, "told by figures too"


def test_a_sheet_says_substance_wind_and_people() -> None:
    inputs = [
        {"code": "basis.substance", "values": {"name": {"zh": "氯", "en": "chlorine"}}},
        {"code": "basis.wind", "values": {"from": "225", "speed": "2.8"}},
        {"code": "nobody.knows", "values": {}},
    ]
    scene = {"basis": {"inputs": inputs}, "exposure": {"total_day": 10324, "total_night": 13979}}
    assert _basis(scene, "zh") == ["氯", "风 225° 2.8 m/s", "分区内 昼 10,324 人、夜 13,979 人"]
    assert _basis(scene, "en")[:2] == ["chlorine", "wind from 225° 2.8 m/s"]
    assert _basis({}, "zh") == [] and _basis({"exposure": {"total_day": None}}, "zh") == []


def test_opacity_is_written_alike_for_program_and_command_line() -> None:
    assert shares(["shelter~0.4", "risk_grid~1"]) == {"shelter": 0.4, "risk_grid": 1.0}
    with pytest.raises(InputError) as refused:
        shares(["shelter", "shelter~2", "~0.4", "risk_grid~nan"])
    assert len(refused.value.faults) == 4


def test_each_base_map_has_its_own_approval_number() -> None:
    """The number of the national maps never stands on a sheet that shows ours, and the other way round."""
    settings = load_settings(
        {"ONEMAP_OWN_MAP_APPROVAL": "演S（2026）1号", "ONEMAP_TIANDITU_JIANGSU_APPROVAL": "苏S（2026）9号"}
    )
    table = credits_of(settings)
    assert approval_line(["own"], table, "zh") == "审图号：演S（2026）1号"
    assert approval_line(["js-img"], table, "zh") == "审图号：苏S（2026）9号；GS（2024）0568号-甲测资字1100471"
    assert approval_line(["jl-img"], table, "zh").startswith("审图号：（待配置）；GS（2024）0568号")
    assert approval_line(["own"], credits_of(load_settings({})), "en") == "Approval no. (to be set)"
    seen = {missing: _beneath(Backdrop("vec", np.zeros((1, 1, 4), np.uint8), 12, 4, missing)) for missing in (0, 1, 4)}
    assert seen == {0: ["vec"], 1: ["vec", "own"], 4: ["own"]} and _beneath(None) == ["own"]


def test_the_command_line_prints_a_layer_as_faint_as_asked(
    served: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from command_ui.cli.main import app
    from layers.sample.city import generate
    from layers.sample.load import load

    with served.house.database.transaction(Caller("loader", "990100", "990200", "drill")) as connection:
        load(connection, generate())
    report = {"title": "演练：打印图层", "longitude": 118.71, "latitude": 31.41,
              "occurred_at": "2026-11-22T08:00:00+08:00", "division_code": "990102"}  # fmt: skip
    with served.sign_in() as client:
        made = client.post("/api/v1/incidents", json=report, headers={"idempotency-key": str(uuid.uuid4())}).json()
        asked = {"layers": "risk_township,rescue_team", "opacity": "risk_township~0.4", "scale": 25000}
        over_http = client.get(f"/api/v1/incidents/{made['incident_id']}/map", params=asked, timeout=120)
        assert over_http.status_code == 200, over_http.text
    monkeypatch.setattr("command_ui.bootstrap.open_house", lambda _settings: contextlib.nullcontext(served.house))
    wish = ["print", made["incident_id"], "--layers", "risk_township,rescue_team", "--scale", "25000"]
    strengths = {}
    for name, more in (("plain", []), ("faint", ["--opacity", "risk_township~0.4"])):
        out = tmp_path / f"{name}.pdf"
        told = CliRunner().invoke(app, [*wish, *more, "--out", str(out)])
        assert told.exit_code == 0, told.output
        strengths[name] = _alphas(out.read_bytes())
    assert strengths["faint"] == _alphas(over_http.content) != strengths["plain"]
    assert {0.28, 0.112} & strengths["plain"] == {0.28} and 0.112 in strengths["faint"]
    refused = CliRunner().invoke(app, [*wish, "--opacity", "shelter~0.4"])
    assert refused.exit_code == 2 and "not printed" in refused.output
    refused = CliRunner().invoke(app, [*wish, "--opacity", "risk_township~40"])
    assert refused.exit_code == 2 and "LAYER~SHARE" in refused.output


def _alphas(pdf: bytes) -> set[float]:
    """Strengths of ink that a PDF names."""
    return {round(float(one), 4) for one in re.findall(rb"/ca ([0-9.]+)", pdf)}
