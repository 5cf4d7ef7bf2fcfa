"""S5: does every parser of what comes from outside either read, or refuse in a sentence, whatever the bytes?"""

import io
import json
import os
import time
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from command_ui.plotting.reading import KINDS, read_marks
from gis import safe_xml
from gis.errors import InputError, UnavailableError
from scenarios import log

MANY = int(os.environ.get("ONEMAP_PARSED", "150"))
"""Examples for each parser; `make fuzz` asks for 5 000."""
EXAMPLES = settings(max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TAGS = st.sampled_from(
    ["kml", "Document", "Placemark", "name", "Point", "coordinates", "svg", "path", "g", "alert", "info"]
)
markup = st.recursive(
    st.text(max_size=20).map(lambda text: text.replace("<", "&lt;").replace("&", "&amp;")),
    lambda inner: st.tuples(TAGS, st.lists(inner, max_size=3)).map(
        lambda part: f"<{part[0]}>{''.join(part[1])}</{part[0]}>"
    ),
    max_leaves=12,
)
GEOMETRIES = st.sampled_from(["Point", "LineString", "Polygon", "MultiPoint", "GeometryCollection", "Sphere", None, 7])
numbers = st.floats() | st.integers() | st.none() | st.text(max_size=5)
coordinates = st.recursive(numbers, lambda inner: st.lists(inner, max_size=4), max_leaves=10)
feature = st.fixed_dictionaries(
    {"type": st.sampled_from(["Feature", "feature", None]),
     "geometry": st.none() | st.fixed_dictionaries({"type": GEOMETRIES, "coordinates": coordinates}),
     "properties": st.none() | st.dictionaries(st.text(max_size=8), numbers, max_size=4)}
)  # fmt: skip
collection = st.fixed_dictionaries(
    {"type": st.sampled_from(["FeatureCollection", "Feature", "x", None]), "features": st.lists(feature, max_size=4)}
)


def held(kind: str, content: bytes) -> None:
    def read_them() -> None:
        try:
            read_marks(f"a.{kind}", content)
        except InputError as refusal:
            assert str(refusal).strip()

    assert not slow(read_them, 2)


def slow(call: Callable[[], None], limit_s: float) -> bool:
    """Does it need more than this of its own thread each time? One time of three may hold a pass of the collector."""
    for _ in range(3):
        began = time.thread_time()
        call()
        if time.thread_time() - began < limit_s:
            return False
    return True


@EXAMPLES
@given(st.binary(max_size=600), st.sampled_from(KINDS))
@example(b"\xff\xfe<\x00k\x00", "kml")
@example(b"[" * 3000, "geojson")
@example(b"1" * 5000, "geojson")
@example(b"<svg>" * 3000, "svg")
def test_any_bytes_as_a_file_of_marks(content: bytes, kind: str) -> None:
    held(kind, content)


def test_planted_a_reader_without_a_limit_of_depth_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def naive(_name: str, content: bytes) -> object:
        try:
            return json.loads(content)
        except ValueError as error:
            raise InputError("no JSON") from error

    monkeypatch.setitem(held.__globals__, "read_marks", naive)
    with pytest.raises(RecursionError):
        test_any_bytes_as_a_file_of_marks()


@EXAMPLES
@given(collection)
def test_any_features_as_marks(value: object) -> None:
    held("geojson", json.dumps(value, allow_nan=True).encode())


@EXAMPLES
@given(markup, st.sampled_from(["kml", "svg"]))
def test_any_markup_as_marks(text: str, kind: str) -> None:
    held(kind, f'<{kind} xmlns="http://www.opengis.net/kml/2.2">{text}</{kind}>'.encode("utf-8", "replace"))


@EXAMPLES
@given(st.binary(max_size=400) | markup.map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_as_a_message(content: bytes) -> None:
    try:
        safe_xml.read(content, "CAP message")
    except InputError:
        return


@pytest.mark.parametrize("declaration", [
    '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x">', '<!doctype a [<!ENTITY b "c">]>', '<!DOCTYPE\ta>',
    '<!ENTITY % p SYSTEM "file:///etc/passwd">',
])  # fmt: skip
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_no_declaration_gets_through_in_any_coding(declaration: str, coding: str) -> None:
    with pytest.raises(InputError):
        safe_xml.read(f"{declaration}<a/>".encode(coding), "CAP message")


# Beyond 2**53 a whole number that was printed is another one when it is read.
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2**53) + 2, 2**53 - 2)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@EXAMPLES
@given(st.dictionaries(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5), values))
def test_canonical_text_is_its_own_canonical_text(payload: dict[str, object]) -> None:
    once = log.canonical(payload)
    assert log.canonical(json.loads(once)) == once


@EXAMPLES
@given(st.recursive(st.floats() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3), max_leaves=5))
def test_what_cannot_be_canonical_is_refused(value: object) -> None:
    try:
        log.canonical({"a": value})
    except InputError:
        return


def workbook(sheet: bytes) -> bytes:
    """A workbook whose one sheet holds these bytes."""
    book = openpyxl.Workbook()
    book.active.append(["a"])
    whole = io.BytesIO()
    book.save(whole)
    spoilt = io.BytesIO()
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(spoilt, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else source.read(name))
    return spoilt.getvalue()


YAML_LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)


@pytest.mark.parametrize("content", [
    b"", b"\0", b"PK", b"PK\x03\x04", workbook(b"<worksheet>"), workbook(b"<a>" * 5000), workbook(bytes(80_000_000)),
    YAML_LAUGHS.encode(), b"a: !!python/object/apply:os.system ['true']", b"- " * 20_000, b"{" * 20_000, b"? " * 20_000,
    b"plan: *nobody", b"plan: &a [*a]", "form: \ud7ff".encode(), b"tasks: [[[[]]]]", b"tasks: {a: {b: {c: d}}}",
])  # fmt: skip
def test_no_file_of_plans_is_believed(content: bytes) -> None:
    from scenarios.plans.faults import PlanFaultsError
    from scenarios.plans.reading import read

    def read_it() -> None:
        try:
            read(content, "a.xlsx")
        except PlanFaultsError as refusal:
            assert refusal.args

    assert not slow(read_it, 5)


@EXAMPLES
@given(st.binary(max_size=300) | markup.map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_as_an_alert(content: bytes) -> None:
    from scenarios.exchange import cap

    try:
        cap.read(content)
    except InputError:
        return


@EXAMPLES
@given(st.binary(max_size=300) | collection.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b'{"count":' + b"1" * 5000 + b"}")
def test_any_bytes_as_an_answer_of_a_place_service(content: bytes) -> None:
    from tianditu.services import dialects, replies

    for service, read in (("search", replies.read_search), ("administrative", replies.read_divisions)):
        try:
            read(dialects.plain(service, 200, content, "k" * 32))
        except (InputError, UnavailableError) as refusal:
            assert str(refusal).strip()
    try:
        replies.read_drive(content)
    except UnavailableError as refusal:
        assert str(refusal).strip()


def test_s5_every_parser_was_fed(told: Callable[..., None]) -> None:
    fed = [name for name, one in globals().items() if name.startswith("test_") and hasattr(one, "hypothesis")]
    assert len(fed) >= 8
    told("S5", f"{len(fed)} parsers of marks, messages, alerts, answers, plans, canonical text, {MANY} inventions each",
         "each read, or refused in a sentence, in time")  # fmt: skip
