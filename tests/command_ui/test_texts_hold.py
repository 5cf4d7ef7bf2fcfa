"""S5: does every reader of what a person or a program types either understand it, or refuse it in a sentence?"""

import base64
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql

from command_ui.api import incidents, ogc
from command_ui.api import reading as bodies
from gis.errors import InputError, OneMapError
from layers import catalogue, coordinates, filters, tiles, uscc
from layers.importing import fields, reading, values
from routing.reading import parse_place
from scenarios.nodes import neighbours

MANY = int(os.environ.get("ONEMAP_PARSED", "150"))
"""Examples for each; `make fuzz` asks for 5 000."""
EXAMPLES = settings(
    max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
LONGEST_S = 1.0
PIECES = st.sampled_from(
    ["118", "31.4", "°", "′", "″", "度", "分", "东经", "N", "E", "-", ",", "，", " ", "/", "..", "=", ">=", "~", "|",
     "*", "\0", "²", "٣", "e999", "NaN", "inf", "9" * 30, "9901", "990102", "2026-11-22", "T08:00", "+08:00", "%2e%2e",
     "\ud800", "\u202e", "people", "name", "risk_level", "id", "'", '"', ";", "--", "\\", "%", "_", "[", "{", "\n",
     "\r", "\t", "=cmd", "@", "化工"]
)  # fmt: skip
typed = st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=40)
DRAWN = [spec for spec in catalogue.LAYERS if spec.connected]
KINDS = {one.kind: one for layer in fields.importable() for one in fields.fields_of(layer)}


def condition(text: str) -> None:
    for kept in filters.read_conditions([text]):
        for spec in DRAWN:
            try:
                filters.meets(spec, filters.Filter((kept,))).compile(dialect=postgresql.dialect())
            except OneMapError as refusal:
                assert str(refusal).strip()


def division(text: str) -> None:
    low, high = neighbours.reach_of(text)
    assert low == text and (high == text or (low < high and high.isascii())), (low, high)


def tile(text: str) -> None:
    found = [int(one) for one in re.findall(r"-?[0-9]{1,18}", text)]
    tiles.Address(*[*found, 0, 0, 0][:3]).checked().bounds()


def cell(text: str) -> None:
    """A cell of every kind of column at once."""
    for one in KINDS.values():
        read, blank, wrong = values.read_column(pd.Series([text, "118.7"], dtype=object), one)
        assert len(read) == len(blank) == len(wrong) == 2


def table(text: str, folder: Path) -> None:
    path = folder / "a.csv"
    path.write_bytes(f"名称,经度,纬度\n{text}".encode("utf-8", "surrogatepass"))
    reading.read(path)


READERS: dict[str, Callable[[str], Any]] = {
    "coordinates typed into the search": coordinates.place_in,
    "a place of the command line": lambda text: parse_place(text, "--at"),
    "a condition of a filter": condition,
    "a filter kept with a layer": lambda text: filters.read_filter([text, f"*{text}"]),
    "a bounding box": ogc._box,
    "an interval of time": ogc._interval,
    "a whole number": lambda text: ogc._whole(text, 1, "limit"),
    "a cursor": incidents._read_cursor,
    "a body of JSON": lambda text: bodies.check(text.encode("utf-8", "surrogatepass")),
    "a tile": tile,
    "a social credit code": lambda text: uscc.is_valid(text) or uscc.check_character(text),
    "a division": division,
    "a cell of a table": cell,
}


def held(read: Callable[[str], Any], text: str) -> None:
    """Slow is what is slow every time: a pass of the collector may fall into one of three, not into each."""
    spent_s = []
    for _ in range(3):
        began = time.thread_time()
        try:
            read(text)
        except OneMapError as refusal:
            assert str(refusal).strip()
        spent_s.append(time.thread_time() - began)
        if spent_s[-1] < LONGEST_S:
            return
    raise AssertionError(f"{text!r} took {spent_s} s")


@pytest.mark.protection("20")
@pytest.mark.parametrize("name", READERS)
def test_any_text(name: str) -> None:
    @EXAMPLES
    @given(typed)
    @example("²")
    @example("1" * 5000)
    @example("1°" * 200 + "x")
    @example("[" * 3000)
    def fed(text: str) -> None:
        held(READERS[name], text)

    fed()


@EXAMPLES
@given(text=typed | st.lists(typed, max_size=6).map(",".join))
def test_any_table_of_text(text: str, tmp_path: Path) -> None:
    held(lambda line: table(line, tmp_path), text)


def test_rows_longer_than_their_headers_are_not_cut_in_silence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more cells than there are headers"):
        table("甲,118.7,31.4,13800000000\n", tmp_path)
    table("甲,118.7,31.4,\n", tmp_path)


@pytest.mark.parametrize(("name", "naive"), [
    ("a whole number", lambda text: int(text) if text.isdigit() else None),
    ("a bounding box", lambda text: tuple(float(part) for part in text.split(","))),
    ("a cursor", lambda text: base64.urlsafe_b64decode(text + "==")),
])  # fmt: skip
def test_planted_a_reader_that_believes_its_text_is_found(
    name: str, naive: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(READERS, name, naive)
    with pytest.raises((ValueError, ExceptionGroup)):
        test_any_text(name)


ASKED = {
    "/tiles/{}/3/2/1.mvt": "enterprise", "/tiles/enterprise/{}/2/1.mvt": "3", "/api/v1/changes?cursor={}": "0-0",
    "/api/v1/incidents?cursor={}": "AAAAAAAAAAAAAAAAAAAAAA", "/api/v1/search?q={}": "1",
    "/ogc/collections/enterprise/items?bbox={}": "118,31,119,32", "/ogc/collections/enterprise/items?limit={}": "1",
    "/ogc/collections/enterprise/items?datetime={}": "2026-11-22",
}  # fmt: skip
"""Address -> what is understood there."""


def test_planted_a_slow_reader_is_found_and_a_pause_is_not_one() -> None:
    def busy(text: str) -> None:
        began = time.thread_time()
        while time.thread_time() - began < LONGEST_S:
            pass

    with pytest.raises(AssertionError, match="took"):
        held(busy, "x")
    pauses = iter([busy])
    held(lambda text: next(pauses, len)(text), "x")


def test_any_text_in_an_address(served: Any) -> None:
    """What reads these stands in the framework or asks the database: sent as a stranger would."""
    with served.sign_in() as client:
        assert {path: client.get(path.format(sound)).status_code for path, sound in ASKED.items()} == dict.fromkeys(
            ASKED, 200
        )

        @settings(EXAMPLES, max_examples=max(MANY // 5, 1))
        @given(typed, st.sampled_from(list(ASKED)))
        def asked(text: str, path: str) -> None:
            answer = client.get(path.format(quote(text.encode("utf-8", "surrogatepass"), safe="")))
            assert answer.status_code < 500, (path, text, answer.text)
            assert "Traceback" not in answer.text

        asked()


def test_s5_every_reader_was_fed(told: Callable[..., None]) -> None:
    told("S5", f"{len(READERS) + 1} readers of typed text and {len(ASKED)} addresses, {MANY} inventions each",
         "each understood, or refused in a sentence, within a second of processor")  # fmt: skip
