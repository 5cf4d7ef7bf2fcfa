"""Do marks come back from a file as they went in, and is what may harm refused?"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from command_ui.plotting import geojson, kml, svg
from command_ui.plotting.reading import read_marks
from gis.errors import InputError
from layers.signs.catalogue import signs
from scenarios.marks.drawn import DrawMark, faults_of

WRITERS: dict[str, Any] = {
    "geojson": geojson.write,
    "kml": lambda marks: kml.write(marks, title="演练 <一> & 二"),
    "svg": lambda marks: svg.write(marks, title="演练 <一> & 二"),
}
degrees = st.floats(118.0, 119.0).map(lambda value: round(value, 6))
place = st.tuples(degrees, st.floats(31.0, 32.0).map(lambda value: round(value, 6))).map(list)
words = st.text(max_size=20).map(str.strip).filter(lambda text: not faults_of(DrawMark("D10100", SPOT, label=text)))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001 - the zone follows
    lambda when: when.replace(microsecond=0, tzinfo=timezone(timedelta(hours=8)))
)
SPOT: dict[str, Any] = {"type": "Point", "coordinates": [118.71, 31.41]}


@st.composite
def drawn(draw: st.DrawFn) -> DrawMark:
    code = draw(st.sampled_from(sorted(signs())))
    kind = signs()[code].kind
    if kind == "point":
        geometry: dict[str, Any] = {"type": "Point", "coordinates": draw(place)}
    elif kind == "line":
        geometry = {"type": "LineString", "coordinates": draw(st.lists(place, min_size=2, max_size=6))}
    else:
        (x, y), size = draw(place), draw(st.floats(0.001, 0.01).map(lambda value: round(value, 6)))
        ring = [[x, y], [round(x + size, 6), y], [round(x + size, 6), round(y + size, 6)], [x, y]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
    return DrawMark(
        code, geometry, label=draw(words), subtype=draw(st.sampled_from(("", *signs()[code].subtypes))),
        text=draw(words), rotation_deg=float(draw(st.integers(0, 359))), opacity=draw(st.sampled_from((1.0, 0.5))),
        valid_until=draw(st.none() | moments), order_id=draw(st.sampled_from(("", "T-0003"))),
        standing=draw(st.sampled_from(("kept", "shown"))),
    )  # fmt: skip


drawable = drawn().filter(lambda mark: not faults_of(mark))


@pytest.mark.parametrize("kind", sorted(WRITERS))
@settings(max_examples=60, deadline=None)
@given(st.lists(drawable, max_size=4))
def test_marks_come_back_as_they_went_in(kind: str, marks: list[DrawMark]) -> None:
    found = read_marks(f"marks.{kind}", WRITERS[kind](marks).encode())
    assert found.faults == ()
    assert list(found.marks) == marks


def test_every_one_of_the_signs_can_be_written_and_read_in_every_kind_of_file() -> None:
    shapes: dict[str, Any] = {
        "point": SPOT,
        "line": {"type": "LineString", "coordinates": [[118.7, 31.4], [118.72, 31.41], [118.73, 31.4]]},
        "area": {"type": "Polygon", "coordinates": [[[118.7, 31.4], [118.72, 31.4], [118.71, 31.42], [118.7, 31.4]]]},
    }
    marks = [DrawMark(one.code, shapes[one.kind]) for one in signs().values()]
    assert len(marks) == 72
    for kind, write in WRITERS.items():
        assert list(read_marks(f"x.{kind}", write(marks).encode()).marks) == marks


def test_a_svg_of_a_sign_has_the_frame_of_its_class_at_32_px() -> None:
    picture = svg.sign_svg("A20400", label="危化品")
    assert 'width="32"' in picture and 'rx="5"' in picture and "危化品" in picture
    assert 'rx="0"' in svg.sign_svg("D10100")


def test_a_name_changed_in_another_program_becomes_the_label() -> None:
    text = kml.write([DrawMark("D10100", SPOT)], title="演练").replace(
        "<name>现场指挥部</name>", "<name>前进指挥所</name>"
    )
    assert kml.read(text.encode()).marks[0].label == "前进指挥所"


def test_every_fault_is_told_with_the_number_of_its_mark_and_the_good_ones_stay() -> None:
    whole = geojson.collection([DrawMark("D10100", SPOT), DrawMark("A20400", SPOT)])
    whole["features"][0]["properties"]["symbol"] = "Z1"
    whole["features"].append({"type": "Feature", "geometry": SPOT, "properties": {"symbol": "E30100", "opacity": "x"}})
    found = geojson.of_collection(whole)
    assert [one.symbol for one in found.marks] == ["A20400"]
    assert [fault.split(":")[0] for fault in found.faults] == ["mark 1", "mark 3", "mark 3"]


HOSTILE = (
    b'<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><kml><Placemark><name>&b;</name></Placemark></kml>',
    b'<!DOCTYPE kml SYSTEM "http://127.0.0.1/x.dtd"><kml/>',
    b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg/>',
)


@pytest.mark.parametrize("content", HOSTILE)
@pytest.mark.parametrize("kind", ["kml", "svg"])
def test_a_document_type_is_refused(content: bytes, kind: str) -> None:
    with pytest.raises(InputError, match="DOCTYPE"):
        read_marks(f"x.{kind}", content)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.kml", b"<kml><unclosed>", "KML file: not well-formed XML, line 1"),
        ("x.kml", b"<a>" * 300 + b"</a>" * 300, "not well-formed"),
        ("x.svg", b"<svg/>", "carries no marks"),
        ("x.geojson", b"[1]", "FeatureCollection"),
        ("x.geojson", b"\xff\xfe", "not JSON"),
        ("x.shp", b"", "cannot be read"),
        ("x.kml", b" " * 1_000_001, "at most"),
    ],
)
def test_what_is_no_file_of_marks_is_refused_in_one_sentence(name: str, content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_marks(name, content)


def test_a_time_or_place_that_is_none_is_a_fault_and_no_crash() -> None:
    bad = kml.write([DrawMark("D10100", SPOT)], title="演练").replace("118.71,31.41", "118.71;31.41")
    assert "coordinates" in kml.read(bad.encode()).faults[0]
    late = DrawMark("D10100", SPOT, valid_until=datetime(2026, 11, 24, tzinfo=UTC))
    text = geojson.write([late]).replace("2026-11-24T00:00:00+00:00", "tomorrow")
    assert "no ISO 8601 time" in geojson.read(text.encode()).faults[0]
