"""Do many pages share one answer, and does a large value arrive as it was written?"""

import asyncio
import gc
import json
import threading
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any, cast
from weakref import ref

import numpy as np
import pytest

from command_ui.console.once import Once
from command_ui.console.written import scene_texts, written

PAGES = 300


def test_three_hundred_pages_compute_once_and_again_after_a_move() -> None:
    live = SimpleNamespace(state=1)
    calls: list[int] = []
    gate = threading.Lock()

    def work() -> int:
        with gate:
            calls.append(live.state)
        return live.state

    async def look() -> tuple[list[int], list[int]]:
        once = Once(cast(Any, live))
        first = await asyncio.gather(*(once.ask("one", work) for _ in range(PAGES)))
        live.state = 2
        return list(first), list(await asyncio.gather(*(once.ask("one", work) for _ in range(PAGES))))

    first, second = asyncio.run(look())
    assert (set(first), set(second), calls) == ({1}, {2}, [1, 2])


def test_pages_that_got_an_answer_together_draw_one_after_the_other() -> None:
    live = SimpleNamespace(state=1, alarm_state=1)
    order: list[str] = []

    async def look() -> None:
        once = Once(cast(Any, live), lambda: live.alarm_state)

        async def page() -> None:
            await once.ask("alarms", lambda: 1)
            async with once.in_turn():
                order.append("page")

        async def tile() -> None:
            while "page" not in order:
                await asyncio.sleep(0)
            order.append("tile")

        await asyncio.gather(tile(), *(page() for _ in range(PAGES)))

    asyncio.run(look())
    assert len(order) == PAGES + 1
    assert order.index("tile") < 10, "a tile waited for all pages"


class Page:
    """What a page leaves in the context of whatever it begins."""


_SHOWN: ContextVar[Page] = ContextVar("shown")


def test_an_answer_does_not_hold_the_page_that_asked_first() -> None:
    async def look() -> tuple[bool, bool]:
        once = Once(cast(Any, SimpleNamespace(state=1)))

        async def ask(page: Page) -> None:
            _SHOWN.set(page)
            await once.ask("one", lambda: 1)

        first = Page()
        seen = ref(first)
        asking = asyncio.create_task(ask(first))
        del first
        while_asked = seen() is not None
        await asking
        del asking
        await asyncio.sleep(0)
        gc.collect()
        return while_asked, seen() is None

    assert asyncio.run(look()) == (True, True)


def test_another_sight_is_another_answer_and_a_failure_is_not_kept() -> None:
    async def look() -> None:
        once = Once(cast(Any, SimpleNamespace(state=1)))
        assert await once.ask(("cards", "a"), lambda: "a") == "a"
        assert await once.ask(("cards", "b"), lambda: "b") == "b"
        with pytest.raises(ZeroDivisionError):
            await once.ask("bad", lambda: 1 / 0)
        assert await once.ask("bad", lambda: 1.0) == 1.0

    asyncio.run(look())


def test_a_value_comes_back_as_it_was() -> None:
    value = {"zones": [{"name": "毒害", "at": [118.7, np.float64(31.4)], "people": np.int64(7)}], "none": float("nan")}
    assert json.loads(written(value)) == {"zones": [{"name": "毒害", "at": [118.7, 31.4], "people": 7}], "none": None}
    assert written(None) == ""


def test_what_a_run_drew_is_told_apart_from_what_an_entry_changes() -> None:
    scene = {"incident": {"id": "one"}, "seq": 7, "zones": [1, 2], "routes": []}
    before, after, redrawn = scene_texts(scene), scene_texts({**scene, "seq": 8}), scene_texts({**scene, "zones": []})
    assert list(before) == ["drawn", "scene"]
    assert before["drawn"] == after["drawn"]
    assert before["scene"] != after["scene"]
    assert before["scene"] != redrawn["scene"]
    assert scene_texts(None) == {"drawn": "", "scene": ""}
