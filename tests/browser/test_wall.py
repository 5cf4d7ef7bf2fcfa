"""Does the wall show the same incident as the desk, at every size, and offer nothing that changes it?"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from command_ui.access import audit
from command_ui.access.suspicions import Suspicions
from gis.database import Caller, Database

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.long

SIZES = [(1440, 900), (1920, 1080), (3840, 2160), (5760, 2160)]
SMALLEST_PX = 12
SMALLEST = """() => {
  let smallest = 99
  const walk = (root, zoom) => {
    for (const node of root.querySelectorAll('*')) {
      if (node.shadowRoot) walk(node.shadowRoot)
      const box = node.getBoundingClientRect()
      const text = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())
      if (!text || !box.width || !box.height || ['STYLE', 'SCRIPT'].includes(node.tagName)) continue
      smallest = Math.min(smallest, parseFloat(getComputedStyle(node).fontSize) * (node.currentCSSZoom ?? 1))
    }
  }
  walk(document)
  return smallest
}"""
CUT = """() => {
  const cut = []
  const walk = (root) => {
    for (const node of root.querySelectorAll('*')) {
      if (node.shadowRoot) walk(node.shadowRoot)
      const isCard = node.classList?.contains('wall-card')
      if (isCard && node.scrollHeight > node.clientHeight + 4) cut.push(node.textContent.slice(0, 20))
    }
  }
  walk(document)
  return cut
}"""


@pytest.fixture(scope="module")
def wall(city: tuple[str, dict[str, str]], browser: "Browser", said: list[str]) -> "Page":
    """The wall, opened by the account of the wall at the front address."""
    origin, accounts = city
    page = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN").new_page()
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{origin}/")
    page.fill("#name", "wall")
    page.fill("#password", accounts["wall"])
    page.click("button[type=submit]")
    page.wait_for_selector(".wall-number", timeout=60_000)
    return page


def test_the_account_of_the_wall_opens_the_wall_and_nothing_to_press(wall: "Page", said: list[str]) -> None:
    assert urlsplit(wall.url).path == "/"
    assert wall.locator(".wall-event").first.inner_text()
    assert wall.locator(".btn.d, .tools, .field").count() == 0
    assert wall.locator(".watermark span").count() > 0
    assert not said


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_size_is_read_from_afar(wall: "Page", repository: Path, size: tuple[int, int]) -> None:
    wall.set_viewport_size({"width": size[0], "height": size[1]})
    wall.reload()
    wall.wait_for_selector(".wall-number", timeout=60_000)
    wall.wait_for_selector(".callouts rect", state="attached", timeout=60_000)
    wall.wait_for_timeout(1500)
    assert wall.evaluate(SMALLEST) >= SMALLEST_PX
    assert wall.evaluate(CUT) == []
    box = wall.locator(".wall-map").bounding_box()
    assert box is not None
    assert box["width"] > 0.45 * size[0]
    folder = repository / "artefacts"
    folder.mkdir(exist_ok=True)
    wall.screenshot(path=folder / f"wall-{size[0]}.png")


def test_the_wall_says_the_figures_of_the_desk(
    wall: "Page", opened: "Page", figures: Callable[["Page"], tuple[str, str]]
) -> None:
    assert figures(wall) == figures(opened)


def test_an_attack_is_told_to_the_room_without_whose_it_is(wall: "Page", city_database: Database) -> None:
    assert wall.locator(".wall-watch").is_hidden()
    with city_database.transaction(Caller.system()) as connection:
        for _ in range(5):
            audit.write(connection, "sign_in", "refused", actor="演练甲", trace=audit.Trace("198.51.100.24"))
    Suspicions(city_database).look()
    wall.wait_for_selector(".wall-watch [data-watch=guessing]", timeout=60_000)
    assert "演练甲" not in wall.locator(".wall-watch").inner_text()
    assert wall.evaluate(CUT) == []


@pytest.fixture
def figures() -> Callable[["Page"], tuple[str, str]]:
    """People in the zones and the title, as a page writes them."""

    def read(page: "Page") -> tuple[str, str]:
        if page.locator(".wall-number").count():
            people = page.locator(".wall-number").inner_text().split()[0].rstrip("人")
            return people, page.locator(".wall-event").first.inner_text()
        rows = page.locator("table.people tr").last.locator("b")
        return rows.last.inner_text(), page.locator(".inspector .s18, .inspector b").first.inner_text()

    return read
