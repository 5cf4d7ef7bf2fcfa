"""Can an officer draw signs by mouse, take steps back, and does another screen see it without a refresh?"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.long

SAVED_MS = 20_000
FRAMED = """([code]) => {
  const layer = window.onemapMap.getAllLayers().find((one) => one.getZIndex() === 54)
  return layer.getSource().getFeatures().filter((one) => one.get("mark").symbol === code)
    .map((one) => one.getGeometry().getCoordinates())
}"""


def at(page: "Page", x: float, y: float) -> tuple[float, float]:
    box = page.locator(".ol-target").bounding_box()
    assert box is not None
    return box["x"] + x, box["y"] + y


def count(page: "Page", marks: int) -> None:
    page.wait_for_selector(f'.plot[data-count="{marks}"]', state="attached", timeout=SAVED_MS)


def choose(page: "Page", code: str, typed: str) -> None:
    page.fill(".plot-search", typed)
    page.locator(f'.plot-cell[data-code="{code}"]').last.click()


def test_signs_are_drawn_undone_and_redone_and_another_screen_follows(
    desk: "Page",
    said_wrong: list[str],
    keep: Callable[[str], None],
    city: tuple[str, dict[str, str]],
    browser: "Browser",
) -> None:
    desk.keyboard.press("p")
    desk.wait_for_selector(".plot:not([hidden])")
    choose(desk, "D10100", "xczhb")
    desk.mouse.click(*at(desk, 470, 330))
    desk.wait_for_selector(".plot-form:not([hidden])")
    desk.fill(".plot-form input >> nth=0", "演练现场指挥部")
    count(desk, 1)
    desk.click(".plot-save")
    expect(desk.locator(".plot-said")).to_have_text("已保存", timeout=SAVED_MS)
    desk.keyboard.press("Escape")
    choose(desk, "E30200", "撤离")
    for x, y in ((420, 420), (480, 400)):
        desk.mouse.click(*at(desk, x, y))
        desk.wait_for_timeout(350)
    desk.mouse.dblclick(*at(desk, 560, 440))
    count(desk, 2)
    (line,) = desk.evaluate(FRAMED, ["E30200"])
    assert len(line) == 3
    keep("plotting")

    other = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    page = other.new_page()
    origin, accounts = city
    name, password = next(iter(accounts.items()))
    page.goto(f"{origin}/")
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("button[type=submit]")
    count(page, 2)

    desk.keyboard.press("Escape")
    desk.locator(".h").first.click()
    desk.keyboard.press("Control+z")
    count(desk, 1)
    count(page, 1)  # seen there without a refresh
    assert page.evaluate(FRAMED, ["E30200"]) == []
    desk.keyboard.press("Control+y")
    count(desk, 2)
    count(page, 2)
    assert page.evaluate(FRAMED, ["E30200"]) == [line]

    desk.click('[data-tab="list"]')
    desk.locator(".plot-row", has_text="演练现场指挥部").get_by_role("button", name="撤下演练现场指挥部").click()
    count(desk, 1)
    desk.click('[data-tab="removed"]')
    desk.locator(".plot-restore").first.click()
    count(desk, 2)
    count(page, 2)
    other.close()
    assert said_wrong == []
