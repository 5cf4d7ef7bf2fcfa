"""Can everybody read every page? axe-core finds nothing serious, by day or by night, and no letter is too small."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import axe_playwright_python
import pytest

from command_ui.console.pages import PAGES
from command_ui.console.pages import Page as OurPage

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.long

GRAVE = {"serious", "critical"}
SMALLEST_PX = 12
AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js"))
# The drill watermark is decoration made to be looked through: WCAG 1.4.3 asks no contrast of it, and its word stands
# in full contrast in the bar as well.
FOUND = """async () => {
  const answer = await axe.run(document, {resultTypes: ['violations']})
  return answer.violations.map(({id, impact, nodes}) => ({
    id, impact, nodes: nodes.map((node) => node.html.slice(0, 160)).filter((html) => !html.includes('watermark-word')),
  })).filter((one) => one.nodes.length)
}"""
SMALLEST = """(smallest) => {
  const small = []
  const walk = (root) => {
    for (const node of root.querySelectorAll('*')) {
      if (node.shadowRoot) walk(node.shadowRoot)
      const box = node.getBoundingClientRect()
      const text = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())
      if (!text || !box.width || !box.height || ['STYLE', 'SCRIPT'].includes(node.tagName)) continue
      const size = parseFloat(getComputedStyle(node).fontSize) * (node.currentCSSZoom ?? 1)
      if (size < smallest) small.push([size, node.textContent.trim().slice(0, 30)])
    }
  }
  walk(document)
  return small
}"""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_everybody_can_read_it(
    opened: "Page", city: tuple[str, dict[str, str]], page: OurPage, keep: Callable[[str], None]
) -> None:
    origin, _accounts = city
    opened.goto(f"{origin}{page.path}")
    opened.wait_for_selector("main > *", timeout=60_000)
    opened.wait_for_timeout(2500)
    opened.evaluate(AXE.read_text(encoding="utf-8"))
    for theme in ("dark", "light"):
        # The tokens hang on this attribute alone; the choice in the menu of a person has a test of its own.
        opened.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)
        opened.wait_for_timeout(400)
        found: list[dict[str, Any]] = opened.evaluate(FOUND)
        assert [one for one in found if one["impact"] in GRAVE] == [], f"{page.path} in the {theme} theme"
        keep(f"page-{page.code}-{theme}")
    assert opened.evaluate(SMALLEST, SMALLEST_PX) == []
