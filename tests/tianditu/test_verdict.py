"""Every row of the error table (tianditu.md 3.2) is told apart, with the recorded reply shapes."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gis.crs import LonLat
from gis.errors import MissingError
from tianditu import catalogue, grids
from tianditu.verdict import judge

CASES = [
    ("http418.html", 418, "no_key"),
    ("http400_bad_tk_length.json", 400, "bad_key"),
    ("http403_301001.json", 403, "bad_key"),
    ("http403_legacy_1.json", 403, "bad_key"),
    ("http403_301012_browser_key.json", 403, "wrong_key_kind"),
    ("http403_301013_server_key.json", 403, "wrong_key_kind"),
    ("http403_legacy_12.json", 403, "wrong_key_kind"),
    ("http403_legacy_18.json", 403, "wrong_key_kind"),
    ("http403_legacy_7.json", 403, "not_listed"),
]


@pytest.mark.parametrize(("sample", "status", "state"), CASES)
def test_recorded_refusals_are_named_and_never_cached(shared_data: Path, sample: str, status: int, state: str) -> None:
    verdict = judge(status, (shared_data / "tianditu" / "samples" / sample).read_bytes())
    assert verdict.state == state
    assert not verdict.cacheable


def test_two_hundred_without_a_picture_is_not_a_tile() -> None:
    verdict = judge(200, b'{"msg":"this tk is limited"}')
    assert (verdict.state, verdict.cacheable, verdict.detail) == ("not_a_tile", False, "this tk is limited")


@pytest.mark.parametrize("magic", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_a_picture_is_kept(magic: bytes) -> None:
    assert judge(200, magic + b"rest").cacheable


STATUSES = [(429, "too_fast"), (404, "not_found"), (502, "broken"), (401, "refused")]


@pytest.mark.parametrize(("status", "state"), STATUSES)
def test_plain_statuses(status: int, state: str) -> None:
    assert judge(status, b"<html>").state == state


def test_address_carries_layer_and_matrix_once_each() -> None:
    tile = grids.locate("c", 12, LonLat(119.974, 31.811))
    address = urlsplit(catalogue.tile_address("vec", tile, "0" * 32))
    query = parse_qs(address.query)
    assert address.path == "/vec_c/wmts"
    assert (query["LAYER"], query["TILEMATRIXSET"]) == (["vec"], ["c"])
    assert (query["TILECOL"], query["TILEROW"], query["TILEMATRIX"]) == (["3413"], ["662"], ["12"])


def test_an_address_is_never_taken_for_a_layer() -> None:
    with pytest.raises(MissingError, match="no base map"):
        catalogue.find("http://127.0.0.1/")
