"""Does a box drawn on the map say who and what lies in it, and does the same question by keyboard close again?"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.long

ANSWERED_MS = 60_000


def test_a_box_drawn_by_mouse_is_answered_with_people_and_rows(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None]
) -> None:
    desk.keyboard.press("s")
    desk.wait_for_selector(".within:not([hidden])")
    box = desk.locator(".ol-target").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    desk.mouse.move(middle[0] - 60, middle[1] - 60)
    desk.mouse.down()
    desk.mouse.move(middle[0] + 120, middle[1] + 60, steps=6)
    desk.mouse.up()
    desk.wait_for_selector(".within .within-layer", timeout=ANSWERED_MS)
    facts = desk.locator(".within .facts-list").inner_text()
    assert "km²" in facts
    day, night = (int(one.replace(",", "").replace(" ", "")) for one in facts.split()[-1].split("／"))
    assert day > 0 and night > 0
    first = desk.locator(".within .within-layer").first
    count = int(first.locator("b").inner_text().replace(",", ""))
    first.click()
    rows = desk.locator(".within .within-row")
    assert first.get_attribute("aria-expanded") == "true" and 0 < rows.count() <= count + 1
    keep("within")
    with desk.expect_download() as saved:
        desk.locator(".within .within-foot .btn").nth(1).click()
    text = saved.value.path().read_text(encoding="utf-8-sig")
    total = sum(int(one.replace(",", "")) for one in desk.locator(".within .within-layer b").all_inner_texts())
    assert 0 < len(text.strip().splitlines()) - 1 <= total
    desk.keyboard.press("Escape")
    desk.wait_for_selector(".within", state="hidden")
    assert said_wrong == []
