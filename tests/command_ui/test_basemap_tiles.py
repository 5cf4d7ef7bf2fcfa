"""Do national tiles reach a signed-in browser over HTTP, with everything but the key?"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from command_ui.basemaps import configuration, for_page
from command_ui.settings import Settings, load_settings
from gis.errors import InputError

KEY = "0123456789abcdef" * 2
ADDRESS = "/tiles/tianditu/vec/w/12/3413/1665"
HOSTILE = [
    "/tiles/tianditu/http:%2F%2F169.254.169.254/w/1/0/0",
    "/tiles/tianditu/..%2F..%2Fetc/w/1/0/0",
    "/tiles/tianditu/vec/x/1/0/0",
    "/tiles/tianditu/vec/w/12/4096/0",
    "/tiles/tianditu/vec/c/12/0/2048",
    "/tiles/tianditu/vec/w/19/0/0",
    "/tiles/tianditu/vec/w/-1/0/0",
    "/tiles/tianditu/vec/w/1e3/0/0",
    "/tiles/tianditu/ter/w/15/0/0",
    "/tiles/tianditu/vec/w/12/3413",
    "/tiles/tianditu/vec_w/w/12/3413/1665",
    "/tiles/tianditu/%3Cscript%3E/w/1/0/0",
]


# Ways to write an address of another machine, a path or a command, put in the place of each part of a tile's address.
FOREIGN_PARTS = [
    "2130706433", "0x7f000001", "017700000001", "127.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254",
    "localhost", "localhost:5432", "127.0.0.1:22", "0.0.0.0", "metadata.google.internal", "http:127.0.0.1", "https:",
    "file:", "gopher:", "ftp:", "data:image", "..", "%2e%2e", "%252e%252e", "..%5c", "%00", "%0d%0aHost:x", "%0a",
    "%ef%bc%8e%ef%bc%8e", "vec%23", "vec%3f", "vec%40evil.example", "vec%2f..", "vec;x", "vec%20", "VEC", "vec.",
    "%e2%80%ae",
    "'or'1'='1", "$(id)", "`id`", "{{7*7}}", "%s%s", "-1", "1e9", "99999999999999999999",
]  # fmt: skip


@pytest.fixture(scope="module")
def upstream(tianditu_fakes: ModuleType) -> Iterator[Any]:
    server = tianditu_fakes.FakeTianditu()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def mapped(serve: Callable[..., Any], upstream: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONEMAP_TIANDITU_TILES_URL", upstream.base)
        patch.setenv("ONEMAP_TIANDITU_KEYS", KEY)
        served = serve(console=lambda **_: None)
    maps = served.house.base_maps  # what misses the page's patience has a test of its own in tests/tianditu
    maps.configuration = replace(maps.configuration, patience_s=60.0)
    return served


def test_a_tile_carries_an_etag_and_is_not_sent_twice(mapped: Any, upstream: Any) -> None:
    with mapped.sign_in() as client:
        first = client.get(ADDRESS)
        assert (first.status_code, first.headers["content-type"]) == (200, "image/png")
        assert first.headers["cache-control"].startswith("private, max-age=")
        assert first.headers["x-tile-origin"] == "live"
        again = client.get(ADDRESS, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(ADDRESS).headers["x-tile-origin"] == "cache"
        head = client.head(ADDRESS)
        assert head.status_code == 200 and head.headers["etag"] == first.headers["etag"]
    assert len(upstream.tiles_asked) == 1


def test_nobody_gets_a_tile_without_signing_in(mapped: Any) -> None:
    with mapped.client() as client:
        assert client.get(ADDRESS).status_code == 401
        assert client.get("/tiles/tianditu/state").status_code == 401


@pytest.mark.parametrize("address", HOSTILE)
def test_what_is_no_tile_asks_nobody(mapped: Any, upstream: Any, address: str) -> None:
    before = len(upstream.asked)
    with mapped.sign_in() as client:
        answer = client.get(address)
        assert answer.status_code in (404, 422)
        assert "169.254" not in answer.text and "script>" not in answer.text
    assert len(upstream.asked) == before


def test_no_part_of_an_address_leads_anywhere_else(mapped: Any, upstream: Any) -> None:
    before = len(upstream.asked)
    with mapped.sign_in() as client:
        for part in FOREIGN_PARTS:
            for address in (f"/tiles/tianditu/{part}/w/1/0/0", f"/tiles/tianditu/vec/w/1/0/{part}"):
                answer = client.get(address)
                assert answer.status_code in (400, 404, 422), (address, answer.status_code)
                assert answer.headers["content-type"].startswith("application/json")
    assert len(upstream.asked) == before, "86 ways to name another machine, not one request"


def test_the_state_names_every_host_and_no_key(mapped: Any, upstream: Any) -> None:
    with mapped.sign_in() as client:
        client.get(ADDRESS)
        answer = client.get("/tiles/tianditu/state")
        (national,) = answer.json()
        assert (national["node"], national["state"]) == ("national", "ok")
        assert national["hosts"][0]["host"] == upstream.base.removeprefix("http://")
        assert national["keys"][0]["number"] == 1
        assert KEY not in answer.text


def test_when_the_publisher_dies_the_answer_is_not_now(mapped: Any, upstream: Any) -> None:
    upstream.kill()
    with mapped.sign_in() as client:
        for step in range(4):
            answer = client.get(f"/tiles/tianditu/img/w/14/{13650 + step}/6660")
            assert answer.status_code == 503
            assert answer.headers["cache-control"] == "no-store"
            assert int(answer.headers["retry-after"]) >= 2
        assert client.get(ADDRESS).status_code == 200, "what was looked at before stays"
        assert client.get("/tiles/tianditu/state").json()[0]["state"] == "offline"
    upstream.start()


def test_settings_become_the_room_s_configuration(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, tianditu_keys=f"{KEY}, {'f' * 32}", tianditu_tiles_url="http://10.1.2.3/gis/tdtd",
        tianditu_provinces="jiangsu",
    )  # fmt: skip
    told = configuration(settings)
    assert len(told.keys) == 2 and KEY not in repr(told)
    assert told.hosts_of("national") == ("http://10.1.2.3/gis/tdtd",)
    assert not told.needs_key("national"), "a mirrored copy may do without"
    assert told.provincial == {"jiangsu"}
    wrong = load_settings({"ONEMAP_TIANDITU_PROVINCES": "zhejiang", "ONEMAP_TIANDITU_TILES_URL": "t0.tianditu.gov.cn"})
    with pytest.raises(InputError) as refused:
        configuration(wrong)
    assert len(refused.value.faults) == 2


def test_the_page_is_given_choices_states_and_the_two_strings(mapped: Any) -> None:
    page = for_page(mapped.house.base_maps.states(), mapped.house.settings)
    assert [choice["id"] for choice in page["choices"]] == ["vec", "img", "ter"]
    assert [layer["id"] for layer in page["choices"][1]["layers"]] == ["img", "cia"]
    assert page["credits"]["vec"][0]["approval"].startswith("GS（2024）0568号")
    assert "天地图" in page["credits"]["vec"][0]["source"]
    assert KEY not in str(page)
