"""Does the national base map lie on the paper where it lies on the ground, and is it said what of it is missing?"""

import asyncio
import io
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from command_ui.mapprint import backdrop
from command_ui.mapprint.make import as_png
from command_ui.mapprint.page_frame import PageFrame
from gis.crs import LonLat
from gis.errors import InputError
from tianditu import grids
from tianditu.configuration import Configuration
from tianditu.proxy import TileProxy

CENTRE = LonLat(118.71, 31.41)
KEY = "0123456789abcdef" * 2


def colour_of(index: grids.TileIndex) -> tuple[int, int, int]:
    return (index.column * 37) % 256, (index.row * 59) % 256, (index.column * 11 + index.row * 23) % 256


def painted(colour: tuple[int, ...], mode: str = "RGB") -> bytes:
    sink = io.BytesIO()
    Image.new(mode, (256, 256), colour).save(sink, "PNG")
    return sink.getvalue()


def fetched(folder: Path, frame: PageFrame, *, holes: int = 0, names: bool = False) -> backdrop.Backdrop:
    """The backdrop of a proxy that has nothing but what was looked at before."""
    level = backdrop.level_for("w", frame, 18)

    async def run() -> backdrop.Backdrop:
        proxy = TileProxy(Configuration(folder))
        wanted = grids.covering("w", level, frame.bounds)
        for index in wanted[holes:]:
            proxy.cache.keep("vec", index, painted(colour_of(index)))
            if names:
                proxy.cache.keep("cva", index, painted((255, 255, 255, 0), "RGBA"))
        return await backdrop.fetched_once(proxy, "vec", frame)

    return asyncio.run(run())


@pytest.mark.parametrize("scale", [10_000, 100_000])
def test_every_place_shows_the_tile_that_holds_it(tmp_path: Path, scale: int) -> None:
    frame = PageFrame("A4", CENTRE, scale)
    back = fetched(tmp_path, frame, names=True)
    assert (back.missing, back.tiles) == (0, len(grids.covering("w", back.level, frame.bounds)))
    high, wide = back.picture.shape[:2]
    left, bottom, right, top = frame.map_box
    west, south, east, north = frame.bounds
    dice, seen = random.Random(8), 0
    while seen < 200:
        place = LonLat(dice.uniform(west, east), dice.uniform(south, north))
        index = grids.locate("w", back.level, place)
        x0, y0, x1, y1 = grids.bounds(index)
        near = (
            min(place.longitude - x0, x1 - place.longitude) / (x1 - x0),
            min(place.latitude - y0, y1 - place.latitude),
        )
        x, y = frame.spot(place)
        if near[0] < 0.02 or near[1] / (y1 - y0) < 0.02 or not frame.holds(x, y):
            continue  # within two hundredths of a tile of its edge colours are blended
        row, column = int((top - y) / (top - bottom) * high), int((x - left) / (right - left) * wide)
        assert tuple(back.picture[min(row, high - 1), min(column, wide - 1)]) == (*colour_of(index), 255)
        seen += 1


def test_pixels_are_as_fine_as_the_print_and_tiles_not_too_many() -> None:
    frame = PageFrame("A4", CENTRE, 25_000)
    level = backdrop.level_for("w", frame, 18)
    # 1:25 000 at 150 dots an inch: 4.23 m a dot; a pixel of level 15 is 4.08 m at 31.41° N, of level 14 8.15 m
    assert level == 15
    # in degrees: level 15 is 4.78 m to the north, a little too coarse; level 16 is 2.39 m
    assert backdrop.level_for("c", frame, 18) == 16
    assert backdrop.level_for("w", frame, 12) == 12
    wide = PageFrame("A2", CENTRE, 25_000)
    assert len(grids.covering("w", backdrop.level_for("w", wide, 18), wide.bounds)) <= backdrop.MOST_TILES


def test_what_nobody_has_stays_clear_and_is_counted(tmp_path: Path) -> None:
    frame = PageFrame("A4", CENTRE, 25_000)
    back = fetched(tmp_path, frame, holes=3)
    assert back.missing == 3
    assert back.picture[2, 2, 3] == 0, "the first tiles are those of the upper left"
    assert back.picture[-2, -2, 3] == 255
    with pytest.raises(InputError, match="no base map 'http'"):
        asyncio.run(backdrop.fetched_once(TileProxy(Configuration(tmp_path)), "http", frame))


@pytest.fixture(scope="module")
def upstream(tianditu_fakes: ModuleType) -> Iterator[Any]:
    server = tianditu_fakes.FakeTianditu()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def mapped(serve: Callable[..., Any], upstream: Any) -> tuple[Any, str]:
    """A server with a publisher to ask, and the address of an incident."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONEMAP_TIANDITU_TILES_URL", upstream.base)
        patch.setenv("ONEMAP_TIANDITU_KEYS", KEY)
        served = serve(console=lambda **_: None)
    # Every tile comes too late for a page: a sheet waits for it, however slow the machine is.
    maps = served.house.base_maps
    maps.configuration = maps._upstream._configuration = replace(maps.configuration, patience_s=0.0, answer_s=60.0)
    report = {"title": "演练：打印底图", "longitude": 118.71, "latitude": 31.41,
              "occurred_at": "2026-11-22T08:00:00+08:00", "division_code": "990102"}  # fmt: skip
    with served.sign_in() as client:
        made = client.post("/api/v1/incidents", json=report, headers={"idempotency-key": str(uuid.uuid4())})
        assert made.status_code == 201, made.text
    return served, f"/api/v1/incidents/{made.json()['incident_id']}/map"


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = document[0].get_textpage().get_text_bounded()
    document.close()
    return str(text)


def test_a_national_map_is_printed_with_source_and_approval_number(mapped: tuple[Any, str], upstream: Any) -> None:
    served, address = mapped
    with served.sign_in() as client:
        answer = client.get(address, params={"base": "vec", "scale": 25000}, timeout=180)
        assert answer.status_code == 200, answer.text
        said = words(answer.content)
        for wanted in ("底图：矢量", "天地图", "第 15 级", "审图号：GS（2024）0568号", "演练"):
            assert wanted in said, wanted
        assert "缺" not in said and KEY.encode() not in answer.content
        picture = np.asarray(Image.open(io.BytesIO(as_png(answer.content, 72))))
        own = client.get(address, params={"scale": 25000}, timeout=180).content
        other = np.asarray(Image.open(io.BytesIO(as_png(own, 72))))
        changed = (picture[100:400, 100:500] != other[100:400, 100:500]).any(axis=-1)
        assert changed.mean() > 0.5, "the national map lies over our own"
        assert client.get(address, params={"base": "nothing"}).status_code == 422
        upstream.kill()
        away = client.get(address, params={"base": "img", "scale": 25000}, timeout=180)
        assert away.status_code == 200 and "影像未取到，以本系统底图代" in words(away.content)
