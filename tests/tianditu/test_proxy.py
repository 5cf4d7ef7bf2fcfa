"""Does a page get its tiles whatever the server does, and does no fault, no placeholder and no key ever get through?"""

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr

from gis.crs import LonLat
from gis.errors import MissingError, OutOfRangeError
from tianditu import grids, hosts, keys, upstream
from tianditu.configuration import Configuration
from tianditu.proxy import NoTileError, TileProxy, as_json, keep_placeholders
from tianditu.verdict import digest, is_whole

PLACE = LonLat(119.974, 31.811)
INDEX = grids.locate("w", 12, PLACE)
KEY = SecretStr("0123456789abcdef" * 2)
SECOND = SecretStr("fedcba9876543210" * 2)
PNG = bytes.fromhex(  # one transparent pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
USABLE_S = 2.0
"""The page must have something to draw within this after the server died: the program waits no longer."""


def near(count: int, level: int = 14) -> list[grids.TileIndex]:
    first = grids.locate("w", level, PLACE)
    return [grids.TileIndex("w", level, first.column + step, first.row) for step in range(count)]


@pytest.fixture
def told(fake_tianditu: Any, tmp_path: Path) -> Configuration:
    return Configuration(
        tmp_path, keys=(KEY,), hosts={"national": (fake_tianditu.base,)}, api_base=fake_tianditu.base,
        patience_s=60.0, answer_s=60.0, connect_s=60.0,  # no machine is so slow
    )  # fmt: skip


def run(
    configuration: Configuration, steps: Callable[[TileProxy], Awaitable[Any]], clock: Callable[[], float] | None = None
) -> Any:
    async def whole() -> Any:
        proxy = TileProxy(configuration, clock or time.monotonic)
        try:
            return await steps(proxy)
        finally:
            await proxy.close()

    return asyncio.run(whole())


@pytest.fixture(autouse=True)
def quick_back_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "BACK_OFF_S", 0.02)


def test_a_tile_comes_live_once_and_then_from_the_cache(fake_tianditu: Any, told: Configuration) -> None:
    async def steps(proxy: TileProxy) -> None:
        first, second = await proxy.tile("vec", INDEX), await proxy.tile("vec", INDEX)
        assert (first.origin, second.origin) == ("live", "cache")
        assert first.picture == second.picture and first.etag == second.etag
        assert first.media_type == "image/png"
        assert (await proxy.tile("img", INDEX)).media_type == "image/jpeg"
        assert proxy.states()[0].state == "ok"

    run(told, steps)
    assert len(fake_tianditu.tiles_asked) == 2
    path, query, headers = fake_tianditu.asked[0]
    assert path == "/vec_w/wmts" and query["TILECOL"] == str(INDEX.column)
    # A server key, our own agent and neither Referer nor Origin (tianditu.md 3.1).
    assert "Mozilla" not in headers["user-agent"]
    assert not {"referer", "origin"} & set(headers)


def test_many_pages_asking_for_one_tile_ask_the_server_once(fake_tianditu: Any, told: Configuration) -> None:
    fake_tianditu.switches.delay_s = 0.2

    async def steps(proxy: TileProxy) -> None:
        tiles = await asyncio.gather(*(proxy.tile("vec", INDEX) for _ in range(40)))
        assert len({tile.etag for tile in tiles}) == 1

    run(told, steps)
    assert len(fake_tianditu.tiles_asked) == 1


def test_an_answer_that_came_between_look_and_question_is_not_asked_for_again(
    fake_tianditu: Any, told: Configuration
) -> None:
    looked, go_on = threading.Event(), threading.Event()

    async def steps(proxy: TileProxy) -> None:
        look = proxy._kept

        def slow_look(*asked: Any) -> Any:
            found = look(*asked)
            if not looked.is_set():
                looked.set()
                assert go_on.wait(60)
            return found

        proxy._kept = slow_look  # type: ignore[method-assign]
        late = asyncio.create_task(proxy.tile("vec", INDEX))
        assert await asyncio.to_thread(looked.wait, 60)
        first = await proxy.tile("vec", INDEX)
        go_on.set()
        assert (await late).etag == first.etag

    run(told, steps)
    assert len(fake_tianditu.tiles_asked) == 1


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("418", "no_key"), ("429", "too_fast"), ("not_listed", "not_listed"), ("5xx", "broken"), ("reset", "cut_off"),
        ("truncated", "cut_off"), ("cut", "cut_off"), ("json200", "not_a_tile"), ("redirect", "refused"),
    ],
)  # fmt: skip
def test_every_fault_is_told_and_nothing_of_it_is_kept(
    fake_tianditu: Any, told: Configuration, fault: str, state: str
) -> None:
    fake_tianditu.switches.fault = fault

    async def steps(proxy: TileProxy) -> None:
        for index in near(3):
            with pytest.raises(NoTileError) as refused:
                await proxy.tile("vec", index)
            assert refused.value.retry_s is not None and refused.value.retry_s >= 2
        assert proxy.states()[0].state == state
        assert proxy.cache.size() == (0, 0)

    run(told, steps)


def test_a_passing_fault_is_asked_again_and_a_wrong_content_type_is_no_fault(
    fake_tianditu: Any, told: Configuration
) -> None:
    fake_tianditu.switches.fault, fake_tianditu.switches.faults_left = "reset", 2

    async def steps(proxy: TileProxy) -> None:
        assert (await proxy.tile("vec", INDEX)).origin == "live"
        fake_tianditu.switches.fault, fake_tianditu.switches.faults_left = "wrong_type", None
        assert (await proxy.tile("cva", INDEX)).media_type == "image/png"

    run(told, steps)
    assert len(fake_tianditu.tiles_asked) == 4


@pytest.mark.parametrize(
    ("key", "state"),
    [("b0" * 16, "wrong_key_kind"), ("f" * 32, "bad_key"), ("short", "bad_key"), ("", "no_key")],
)
def test_wrong_keys_are_told_apart(fake_tianditu: Any, told: Configuration, key: str, state: str) -> None:
    given = replace(told, keys=(SecretStr(key),) if key else ())

    async def steps(proxy: TileProxy) -> None:
        with pytest.raises(NoTileError):
            await proxy.tile("vec", INDEX)
        asked = len(fake_tianditu.asked)
        with pytest.raises(NoTileError):
            await proxy.tile("vec", near(1)[0])
        if key:
            assert len(fake_tianditu.asked) == asked, "a refused key rests"
        assert proxy.states()[0].state == state

    run(given, steps)


def test_without_a_key_the_publisher_is_not_asked(tmp_path: Path) -> None:
    async def steps(proxy: TileProxy) -> None:
        with pytest.raises(NoTileError) as refused:
            await proxy.tile("vec", INDEX)
        assert refused.value.state == "no_key"
        (national,) = proxy.states()
        assert national.state == "no_key" and all(host.state is None for host in national.hosts)

    run(Configuration(tmp_path), steps)


def test_a_second_key_stands_in_for_a_refused_one(fake_tianditu: Any, told: Configuration) -> None:
    wrong = SecretStr("f" * 32)

    async def steps(proxy: TileProxy) -> None:
        for index in near(6):
            assert (await proxy.tile("vec", index)).origin == "live"
        first, second = proxy.keys.health()
        assert (first.state, second.state) == ("bad_key", "ok") and first.rests_s > 0
        assert proxy.states()[0].state == "ok"

    run(replace(told, keys=(wrong, SecretStr(f"  {KEY.get_secret_value()}\n"))), steps)
    used = [query["tk"] for _, query, _ in fake_tianditu.asked]
    assert used.count("f" * 32) == 1
    assert set(used) == {"f" * 32, KEY.get_secret_value()}, "a copied line end is cut off"


def test_keys_are_sent_in_turn(fake_tianditu: Any, told: Configuration) -> None:
    async def steps(proxy: TileProxy) -> None:
        for index in near(6):
            await proxy.tile("vec", index)

    run(replace(told, keys=(KEY, SECOND)), steps)
    used = [query["tk"] for _, query, _ in fake_tianditu.asked]
    assert {used.count(key.get_secret_value()) for key in (KEY, SECOND)} == {3}


def test_no_key_is_ever_told(fake_tianditu: Any, told: Configuration, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "f" * 32
    heard: list[str] = []

    async def steps(proxy: TileProxy) -> None:
        for fault in ("echo", "redirect", "reset", "truncated"):
            fake_tianditu.switches.fault = fault
            with pytest.raises(NoTileError) as refused:
                await proxy.tile("vec", INDEX)
            trace: BaseException | None = refused.value
            while trace is not None:
                heard.append(repr(trace))
                trace = trace.__cause__ or trace.__context__
            heard.append(str(as_json(proxy.states())))
            proxy.keys = proxy._upstream._keys = keys.KeyRing([SecretStr(secret)])
        fake_tianditu.kill()
        with pytest.raises(NoTileError):
            await proxy.tile("vec", near(1)[0])
        heard.append(repr(proxy.configuration) + str(as_json(proxy.states())) + repr(proxy.keys.take()))

    run(replace(told, keys=(SecretStr(secret),)), steps)
    assert any(query.get("tk") == secret for _, query, _ in fake_tianditu.asked)
    told_text = caplog.text + "".join(heard)
    assert secret not in told_text
    assert "***" in told_text, "the echoed refusal is shown, without the key"


def test_placeholders_learned_by_the_check_are_neither_shown_nor_kept(
    fake_tianditu: Any, tianditu_fakes: ModuleType, told: Configuration
) -> None:
    keep_placeholders(told.folder, frozenset({digest(tianditu_fakes.CONSTANT)}))
    fake_tianditu.switches.fault = "placeholder"

    async def steps(proxy: TileProxy) -> None:
        for _ in range(3):
            with pytest.raises(NoTileError) as refused:
                await proxy.tile("vec", INDEX)
            assert refused.value.retry_s is None
        assert proxy.cache.size() == (0, 0)

    run(told, steps)
    assert len(fake_tianditu.tiles_asked) == 1, "what is not there is not asked for again at once"


def test_nothing_outside_the_catalogue_or_the_matrix_is_asked_for(fake_tianditu: Any, told: Configuration) -> None:
    async def steps(proxy: TileProxy) -> None:
        for layer in ("http://169.254.169.254/", "../../etc/passwd", "vec_w", "js-blue"):
            with pytest.raises((MissingError, NoTileError)):
                await proxy.tile(layer, INDEX)
        for index in (
            grids.TileIndex("w", 12, 4096, 0),
            grids.TileIndex("c", 12, 0, 2048),
            grids.TileIndex("w", 0, 0, 0),
        ):
            with pytest.raises(OutOfRangeError):
                await proxy.tile("vec", index)
        with pytest.raises(OutOfRangeError):
            await proxy.tile("ter", grids.locate("w", 15, PLACE))

    run(told, steps)
    assert fake_tianditu.asked == []


def test_the_map_stays_usable_within_two_seconds_of_the_server_dying(fake_tianditu: Any, told: Configuration) -> None:
    seen, unseen = near(8), near(16)[8:]

    async def steps(proxy: TileProxy) -> None:
        changes: list[str] = []
        for index in seen:
            await proxy.tile("vec", index)
        proxy.cache._fresh_s = 0.0  # everything looked at is past its expiry from now on
        fake_tianditu.kill()
        proxy.listen(lambda: changes.append("heard"))
        answers = await asyncio.gather(
            *(proxy.tile("vec", index) for index in [*seen, *unseen]), return_exceptions=True
        )
        assert [answer.origin for answer in answers[:8]] == ["old"] * 8
        assert all(isinstance(answer, NoTileError) for answer in answers[8:])
        assert changes, "the badge hears of it"
        assert proxy.states()[0].state == "offline"
        fake_tianditu.asked.clear()
        fake_tianditu.start()
        with pytest.raises(NoTileError):
            await proxy.tile("vec", near(20)[19])
        assert fake_tianditu.asked == [], "the circuit is open: nobody waits"

    run(told, steps)
    assert Configuration(told.folder).patience_s < USABLE_S


def test_the_map_stays_usable_while_the_server_hangs(fake_tianditu: Any, told: Configuration) -> None:
    fake_tianditu.switches.hang = True

    async def steps(proxy: TileProxy) -> None:
        # It hangs for a minute; who waited for it would come too late.
        async with asyncio.timeout(30):
            answers = await asyncio.gather(*(proxy.tile("vec", index) for index in near(24)), return_exceptions=True)
        assert all(isinstance(answer, NoTileError) for answer in answers)
        assert proxy.states()[0].state == "timeout"

    run(replace(told, patience_s=1.5), steps)


def test_a_tile_that_comes_late_is_kept_for_the_next_time(fake_tianditu: Any, told: Configuration) -> None:
    fake_tianditu.switches.delay_s = 0.6

    async def steps(proxy: TileProxy) -> None:
        with pytest.raises(NoTileError):
            await proxy.tile("vec", INDEX)
        async with asyncio.timeout(60):
            while not proxy.cache.size()[0]:
                await asyncio.sleep(0.05)
        assert (await proxy.tile("vec", INDEX)).origin == "cache"
        assert proxy.states()[0].state == "ok"

    run(replace(told, patience_s=0.2), steps)
    assert len(fake_tianditu.tiles_asked) == 1


def test_the_circuit_closes_again_when_the_server_is_back(fake_tianditu: Any, told: Configuration) -> None:
    now = [1000.0]

    async def steps(proxy: TileProxy) -> None:
        fake_tianditu.kill()
        for index in near(3):
            with pytest.raises(NoTileError):
                await proxy.tile("vec", index)
        fake_tianditu.start()
        with pytest.raises(NoTileError):
            await proxy.tile("vec", INDEX)
        assert fake_tianditu.asked == [], "resting"
        now[0] += hosts.FIRST_PAUSE_S + 1
        assert (await proxy.tile("vec", INDEX)).origin == "live"
        assert proxy.states()[0].state == "ok"

    run(told, steps, clock=lambda: now[0])


def test_a_hurried_key_rests_longer_each_time() -> None:
    now = [0.0]
    ring = keys.KeyRing([KEY], clock=lambda: now[0])
    rests = []
    for _ in range(8):
        key = ring.take()
        assert key is not None
        ring.tell(key, "too_fast")
        trouble = ring.trouble()
        assert trouble is not None and trouble[0] == "too_fast" and ring.take() is None
        rests.append(trouble[1])
        now[0] += trouble[1]
    assert rests[:3] == [20.0, 40.0, 80.0]
    assert rests[-1] == keys.HURRIED_REST_LONGEST_S
    assert "0123456789abcdef" not in repr(ring.health()) + ring.redact(f"tk={KEY.get_secret_value()}")


def test_the_burst_limit_of_the_server_is_survived_with_two_keys(fake_tianditu: Any, told: Configuration) -> None:
    fake_tianditu.switches.burst = 6

    async def steps(proxy: TileProxy) -> None:
        answers = await asyncio.gather(*(proxy.tile("vec", index) for index in near(20)), return_exceptions=True)
        shown = [answer for answer in answers if not isinstance(answer, BaseException)]
        assert len(shown) >= 4
        assert all(is_whole(tile.picture) for tile in shown)
        assert proxy.states()[0].state in ("too_fast", "ok")

    run(replace(told, keys=(KEY, SECOND)), steps)


def test_provincial_publishers_are_asked_only_when_they_are_set(fake_tianditu: Any, told: Configuration) -> None:
    index = grids.locate("c", 12, PLACE)

    async def refused(proxy: TileProxy) -> None:
        with pytest.raises(NoTileError):
            await proxy.tile("js-blue", index)
        assert fake_tianditu.asked == []
        assert [state.node for state in proxy.states()] == ["national"]

    async def asked(proxy: TileProxy) -> None:
        assert (await proxy.tile("js-blue", index)).origin == "live"
        assert [state.node for state in proxy.states()] == ["national", "jiangsu"]

    run(told, refused)
    both = {"national": (fake_tianditu.base,), "jiangsu": (fake_tianditu.base,)}
    run(replace(told, hosts=both, provincial=frozenset({"jiangsu"})), asked)
    assert "tk" not in fake_tianditu.asked[0][1], "the national key is nobody else's business"


def test_the_order_is_live_then_cache_then_package(fake_tianditu: Any, told: Configuration, tmp_path: Path) -> None:
    cached, fresh = near(2)

    async def steps(proxy: TileProxy) -> None:
        for index in (cached, fresh):
            packed = tmp_path / f"{index.column}.mbtiles"
            with closing(sqlite3.connect(packed)) as made, made:
                made.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
                made.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
                south = (1 << index.level) - 1 - index.row
                made.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", (index.level, index.column, south, PNG))
            proxy.library.add(packed, layer="vec")
        assert (await proxy.tile("vec", cached)).origin == "live"
        proxy.cache._fresh_s = 0.0
        fake_tianditu.kill()
        assert (await proxy.tile("vec", cached)).origin == "old"
        packed_tile = await proxy.tile("vec", fresh)
        assert (packed_tile.origin, packed_tile.picture) == ("package", PNG)
        assert len(proxy.states()[0].packages) == 2

    run(told, steps)
