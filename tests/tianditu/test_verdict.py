"""Every row of the error table (tianditu.md 3.2) is told apart, with the recorded reply shapes."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gis.crs import LonLat
from gis.errors import MissingError, OutOfRangeError
from tianditu import catalogue, grids
from tianditu.verdict import digest, judge

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
# The smallest PNG there is (67 bytes: one transparent pixel), from the PNG specification's own chunks.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.mark.parametrize(("sample", "status", "state"), CASES)
def test_recorded_refusals(shared_data: Path, sample: str, status: int, state: str) -> None:
    verdict = judge(status, (shared_data / "tianditu" / "samples" / sample).read_bytes())
    assert verdict.state == state
    assert not verdict.cacheable


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (429, b"", "too_fast"),
        (404, b"<html>404</html>", "not_found"),
        (502, b"<html>502</html>", "broken"),
        (200, b'{"msg":"this tk is limited"}', "not_a_tile"),
        (200, b"<html>", "not_a_tile"),
        (200, b"", "not_a_tile"),
        (200, PNG[:40], "cut_off"),
        (200, b"\xff\xd8\xff\xe0" + b"\0" * 500, "cut_off"),
        (302, b"", "refused"),
        (403, b"[1]", "refused"),
        (403, b"\xff\xfe", "refused"),
    ],
)
def test_what_is_no_picture_is_never_kept(status: int, body: bytes, state: str) -> None:
    verdict = judge(status, body)
    assert (verdict.state, verdict.cacheable) == (state, False)


def test_a_whole_picture_is_kept_whatever_its_content_type() -> None:
    assert judge(200, PNG).cacheable
    assert judge(200, PNG).picture == "png"
    assert judge(200, b"\xff\xd8\xff\xe0" + b"\0" * 500 + b"\xff\xd9").picture == "jpeg"


def test_constant_pictures_in_place_of_a_tile_are_told() -> None:
    # tianditu.md 3.2: vec 103 bytes white, img 4769 bytes (one source each)
    white = PNG[:-12] + b"\0" * (103 - len(PNG)) + PNG[-12:]
    assert judge(200, white, layer="vec").state == "placeholder"
    assert judge(200, white, layer="cva").state == "ok"
    assert judge(200, PNG, layer="img", placeholders=frozenset({digest(PNG)})).state == "placeholder"


def test_a_key_the_server_repeats_is_struck_out() -> None:
    said = judge(
        403, '{"code":301001,"msg":"非法key 0123456789abcdef0123456789abcdef"}'.encode(), key="0123456789abcdef" * 2
    )
    assert said.detail == "非法key ***"


def test_address_of_a_tile_is_the_documented_one() -> None:
    index = grids.locate("c", 12, LonLat(119.974, 31.811))
    address = catalogue.tile_address("vec", index, "https://t3.tianditu.gov.cn/", "k" * 32)
    parts = urlsplit(address)
    assert parts.path == "/vec_c/wmts"
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert query == {
        "SERVICE": "WMTS", "REQUEST": "GetTile", "VERSION": "1.0.0", "LAYER": "vec", "STYLE": "default",
        "TILEMATRIXSET": "c", "FORMAT": "tiles", "TILEMATRIX": "12", "TILEROW": "662", "TILECOL": "3413",
        "tk": "k" * 32,
    }  # fmt: skip
    mirrored = catalogue.tile_address("img", index, "http://10.1.2.3/gis/tdtd", None)
    assert mirrored.startswith("http://10.1.2.3/gis/tdtd/img_c/wmts?")
    assert "tk=" not in mirrored


def test_provincial_tiles_are_named_as_recorded() -> None:
    # tianditu.md section 6: the tile 12/658/3397 begins at 118.56 E 32.17 N; the path is level/row/column.
    index = grids.TileIndex("c", 12, 3397, 658)
    west, _, _, north = grids.bounds(index)
    assert (west, north) == pytest.approx((118.56, 32.17), abs=0.005)
    host = "https://jiangsu.tianditu.gov.cn"
    assert catalogue.tile_address("js-blue", index, host, None).endswith("/MapServer/tile/12/658/3397")
    jilin = grids.locate("c", 12, LonLat(126.55, 43.84))
    query = parse_qs(urlsplit(catalogue.tile_address("jl-img", jilin, "https://jilin.tianditu.gov.cn", None)).query)
    assert query["TILEMATRIXSET"] == ["default028mm"] and query["LAYER"] == ["JLS_DOM202406"]
    with pytest.raises(OutOfRangeError, match="does not cover"):
        catalogue.tile_address("jl-img", index, "https://jilin.tianditu.gov.cn", None)
    with pytest.raises(MissingError, match="matrix set 'w'"):
        catalogue.offered("js-blue", grids.TileIndex("w", 5, 1, 1))


@pytest.mark.parametrize("layer", ["../vec", "http://127.0.0.1/", "vec_w", "", "VEC"])
def test_only_ids_of_the_catalogue_are_known(layer: str) -> None:
    with pytest.raises(MissingError, match="no base map"):
        catalogue.find(layer)


def test_terrain_ends_at_level_14() -> None:
    with pytest.raises(OutOfRangeError, match="ends at level 14"):
        catalogue.offered("ter", grids.locate("w", 15, LonLat(119.974, 31.811)))
