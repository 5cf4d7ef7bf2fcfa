"""Is the printed map true to scale, does it hold everything visible, and do its fonts travel with it?"""

import io
import math
import uuid
from typing import Any

import geopandas as gpd
import pypdfium2
import pytest
from PIL import Image
from shapely.geometry import box
from sqlalchemy import text

from command_ui.console.theme import colours
from command_ui.mapprint import ground
from command_ui.mapprint.make import Wish, as_png, lacking, make
from command_ui.mapprint.page_frame import MM, PageFrame, fitting_scale
from command_ui.mapprint.pen import Pen
from command_ui.mapprint.strokes import polylines
from command_ui.mapprint.subjects import Sheet, expected_of
from command_ui.reports.fonts import faces
from gis.crs import LonLat
from gis.database import Caller
from gis.errors import InputError, MissingError, UnavailableError
from layers import styles
from layers.catalogue import layer

CENTRE = LonLat(118.71, 31.41)


def test_one_kilometre_is_forty_millimetres_at_25_000() -> None:
    frame = PageFrame("A4", CENTRE, 25_000)
    # 1 km north along the meridian; one degree of latitude at 31.4° N is 110.87 km (WGS 84 series)
    south, north = frame.spot(CENTRE), frame.spot((CENTRE.longitude, CENTRE.latitude + 1 / 110.87))
    assert math.dist(south, north) / MM == pytest.approx(40.0, rel=2e-3)
    left, bottom, right, top = frame.map_box
    assert south == pytest.approx(((left + right) / 2, (bottom + top) / 2))


def test_the_scale_that_fits_shows_the_whole_box_and_the_next_would_not() -> None:
    box = (118.68, 31.38, 118.74, 31.44)
    scale = fitting_scale("A4", box)
    shown = PageFrame("A4", CENTRE, scale).bounds
    assert shown[0] <= box[0] and shown[1] <= box[1] and shown[2] >= box[2] and shown[3] >= box[3]
    closer = PageFrame("A4", CENTRE, round(scale * 0.6)).bounds
    assert closer[1] > box[1] or closer[0] > box[0]


def test_what_is_no_paper_or_scale_is_refused_with_every_fault() -> None:
    with pytest.raises(InputError) as refused:
        PageFrame("A9", CENTRE, 10)
    assert "paper" in str(refused.value) and "scale" in str(refused.value)


def test_arcs_of_glyphs_lie_on_their_circle() -> None:
    (ring,) = polylines("M2 12a10 10 0 1 0 20 0a10 10 0 1 0 -20 0z")
    assert len(ring) > 20
    assert all(math.dist(point, (12, 12)) == pytest.approx(10, abs=1e-6) for point in ring)
    (curve,) = polylines("M0 0C0 10 10 10 10 0")
    assert curve[-1] == (10, 0) and curve[len(curve) // 2] == pytest.approx((5, 7.5))


class _Signed:
    def __init__(self, *codes: str) -> None:
        self.signed = set(codes)


def test_a_sheet_that_lacks_something_visible_is_refused_by_name() -> None:
    scene: dict[str, Any] = {
        "incident": {"longitude": 118.7, "latitude": 31.4},
        "zones": [{"level": 3}, {"level": 1}],
        "marks": [{"id": "M-1", "state": "on"}, {"id": "M-2", "state": "later"}],
    }
    assert expected_of(scene) == {"incident", "zone-3", "zone-1", "mark-M-1"}
    whole: Any = _Signed("ground", "incident", "zone-3", "zone-1", "mark-M-1", "layer-shelter")
    lacking(whole, scene, ["shelter"])
    whole.signed.discard("mark-M-1")
    with pytest.raises(UnavailableError, match="mark-M-1"):
        lacking(whole, scene, ["shelter"])


def test_a_risk_area_is_printed_in_the_colours_and_strength_of_the_screen() -> None:
    """Colour, word and opacity are those of `layers.styles`, which the screen reads too."""
    frame = PageFrame("A4", LonLat(118.71, 31.41), 25_000)
    rows = gpd.GeoDataFrame({"risk_level": [1, 4, None]}, geometry=[box(118.70, 31.40, 118.71, 31.41)] * 3, crs=4490)
    sheet = Sheet(Pen(frame.size_pt, None, frozenset(), "t"), frame, colours("light"), "zh")
    ground.draw_layer(sheet, "risk_township", rows, "乡镇风险", 0.4)
    told = {text: how[1][0] for text, how in sheet.legend.items() if how[0] == "zone"}
    blank = {"没有可计入的对象 1": sheet.paint["text3"]}
    assert told == {"重大 ≥100": sheet.paint["fillR"], "低 ＞0": sheet.paint["fillB"]} | blank
    assert sheet.pen.strength == 1.0 and "layer-risk_township" in sheet.signed
    drawn = " ".join(str(state) for state in sheet.pen.canvas._extgstate._c)
    assert f"{styles.RISK_AREA_OPACITY * 0.4:g}"[:5] in drawn


def test_where_the_maker_may_not_look_is_hatched_and_not_blank() -> None:
    frame = PageFrame("A4", LonLat(118.71, 31.41), 25_000)
    place = [box(118.70, 31.40, 118.71, 31.41)]
    rows = gpd.GeoDataFrame({"risk_level": [None]}, geometry=place, crs=4490)
    closed = gpd.GeoDataFrame({"id": ["990105001"]}, geometry=place, crs=4490)
    drawn = {}
    for what, given in (("plain", None), ("hatched", closed)):
        sheet = Sheet(Pen(frame.size_pt, None, frozenset(), "t"), frame, colours("light"), "zh")
        ground.draw_layer(sheet, "risk_township", rows, "乡镇风险", closed=given)
        drawn[what] = (sheet.legend, len(sheet.pen.canvas._code))
    assert list(drawn["plain"][0]) == ["乡镇风险 1", "没有可计入的对象 1"]
    legend, strokes = drawn["hatched"]
    assert list(legend)[2] == "不在制图人辖区，情况不可见 1"
    assert legend[list(legend)[2]][1][2] == "back" and legend["没有可计入的对象 1"][1][2] == "none"
    assert strokes > drawn["plain"][1] + 40, "the hatch is on the sheet too"
    empty = Sheet(Pen(frame.size_pt, None, frozenset(), "t"), frame, colours("light"), "zh")
    ground.draw_layer(empty, "risk_grid", rows.iloc[:0], "网格风险", closed=closed)
    assert list(empty.legend) == ["不在制图人辖区，情况不可见 1"], "also where not one square has a colour"


@pytest.fixture(scope="module")
def printed(served: Any) -> tuple[Any, str, Caller]:
    """A desk with an incident and two marks, and who may see it."""
    try:
        faces()
    except UnavailableError as none:
        pytest.skip(str(none))
    report = {"title": "演练：打印", "longitude": 118.71, "latitude": 31.41, "place": "演练园区",
              "occurred_at": "2026-11-22T08:00:00+08:00", "division_code": "990102"}  # fmt: skip
    with served.sign_in() as client:
        made = client.post("/api/v1/incidents", json=report, headers={"idempotency-key": str(uuid.uuid4())})
        incident = made.json()["incident_id"]
        for symbol, geometry, label in (
            ("D10100", {"type": "Point", "coordinates": [118.712, 31.412]}, "前指一号"),
            ("E30200", {"type": "LineString", "coordinates": [[118.70, 31.40], [118.72, 31.405]]}, "撤离甲线"),
        ):
            body = {"symbol": symbol, "geometry": geometry, "label": label}
            drawn = client.post(
                f"/api/v1/incidents/{incident}/marks", json=body, headers={"idempotency-key": str(uuid.uuid4())}
            )
            assert drawn.status_code == 201, drawn.text
    return served, incident, Caller("duty", "990100", "990200", "drill")


def _words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = document[0].get_textpage().get_text_bounded()
    document.close()
    return str(text)


def test_the_pdf_says_all_it_must_and_brings_its_fonts(printed: Any) -> None:
    served, incident, _ = printed
    with served.sign_in() as client:
        answer = client.get(f"/api/v1/incidents/{incident}/map", params={"scale": 25000, "paper": "A3"}, timeout=120)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/pdf"
        pdf = answer.content
        assert client.get(f"/api/v1/incidents/{incident}/map", params={"layers": "nothing"}).status_code == 422
    words = _words(pdf)
    for wanted in (
        "演练：打印",
        "1:25,000",
        "图例",
        "前指一号",
        "撤离甲线",
        "演练",
        "制图人",
        "审图号",
        "北",
        "依据记录第 3 条",
    ):
        assert wanted in words, wanted
    assert pdf.count(b"/FontFile2") >= 2 and b"/BaseFont /Helvetica" not in pdf
    document = pypdfium2.PdfDocument(pdf)
    assert document[0].get_size() == pytest.approx((420 * MM, 297 * MM), abs=0.5)
    document.close()
    picture = Image.open(io.BytesIO(as_png(pdf, 72)))
    assert picture.size == pytest.approx((1191, 842), abs=2)


def test_a_filter_prints_what_it_means_and_says_so(printed: Any) -> None:
    """Names, number and legend are those of the rows that meet it; what is filtered but not printed is refused."""
    served, incident, caller = printed
    title = layer("shelter").title_zh
    with served.house.database.transaction(caller) as connection:
        for name, east in (("演练甲馆", 118.705), ("演练乙馆", 118.715)):
            connection.execute(
                text(
                    "INSERT INTO layers.shelter (id, valid_from, source_system, as_of, division_code, mode, name,"
                    " pinyin, initials, level, kind, capacity, effective_area_m2, indoor_gas_tight, manager, phone,"
                    " geometry) VALUES (:name, now(), 'test', now(), '990102', 'drill', :name, '', '', 'city',"
                    " 'school', 100, 100, true, '', '', ST_SetSRID(ST_MakePoint(:east, 31.408), 4490))"
                ),
                {"name": name, "east": east},
            )
    with served.sign_in() as client:
        address, wish = f"/api/v1/incidents/{incident}/map", {"scale": 25000, "layers": "shelter"}
        whole = _words(client.get(address, params=wish, timeout=120).content)
        part = _words(client.get(address, params=wish | {"only": "shelter~name~甲"}, timeout=120).content)
        refused = client.get(address, params={"only": "shelter~name~甲"})
    assert "演练甲馆" in whole and "演练乙馆" in whole and f"{title} 2" in whole and "已筛选" not in whole
    assert "演练甲馆" in part and "演练乙馆" not in part and f"{title}（已筛选 1），图上 1" in part
    assert refused.status_code == 422 and "filtered but not printed" in refused.text


def test_another_division_sees_nothing_to_print(printed: Any) -> None:
    served, incident, caller = printed
    from scenarios.desk import Desk

    desk = Desk(served.house.database, served.house.settings.networks_dir)
    stranger = Caller(caller.actor, "880000", "880100", "drill")
    with pytest.raises(MissingError):
        make(desk, uuid.UUID(incident), stranger, Wish(), author="x")
