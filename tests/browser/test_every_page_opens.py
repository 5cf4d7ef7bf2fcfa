"""Does every page draw itself for who may open it, with no error said by the browser? In the short run, on purpose."""

from typing import TYPE_CHECKING

import pytest

from command_ui.console.pages import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
OPENED_MS = 60_000
# One account that may open the page; "/" is opened by every other test of this folder.
WHO = {"accounts": "secadmin", "audit": "auditor", "drill": "controller", "wall": "wall"}
FEWEST_WORDS = 60
"""Characters below which a page counts as blank: its app bar alone has about forty, a wall has none."""
WORDS = """() => {
  let text = ''
  const walk = (root) => {
    for (const node of root.querySelectorAll('*')) {
      if (node.shadowRoot) walk(node.shadowRoot)
      if (['STYLE', 'SCRIPT'].includes(node.tagName) || node.closest('.bar, .watermark')) continue
      if (!node.checkVisibility()) continue
      for (const one of node.childNodes) if (one.nodeType === 3) text += one.textContent.trim()
    }
  }
  walk(document)
  return text.length
}"""


def entered(browser: "Browser", origin: str, name: str, password: str, errors: list[str]) -> "Page":
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.goto(f"{origin}/sign-in")
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_function("() => !document.querySelector('#password')", timeout=OPENED_MS)
    return page


@pytest.mark.parametrize("who", sorted({*WHO.values(), "duty"}))
def test_the_pages_of_an_account(browser: "Browser", city: tuple[str, dict[str, str]], who: str) -> None:
    origin, accounts = city
    errors: list[str] = []
    page = entered(browser, origin, who, accounts[who], errors)
    for one in [one for one in PAGES if WHO.get(one.code, "duty") == who]:
        page.goto(f"{origin}{one.path}")
        page.wait_for_function(f"() => ({WORDS})() >= {FEWEST_WORDS}", timeout=OPENED_MS)
        assert not errors, (one.code, errors)
    page.context.close()


def test_the_controller_sees_the_map_of_an_exercise(browser: "Browser", city: tuple[str, dict[str, str]]) -> None:
    origin, accounts = city
    errors: list[str] = []
    page = entered(browser, origin, "controller", accounts["controller"], errors)
    page.goto(f"{origin}/drill")
    page.locator(".drill-start").first.click(timeout=OPENED_MS)
    page.wait_for_selector(".drill-map canvas", timeout=OPENED_MS)
    page.wait_for_selector(".drill-map .map-foot .strip-box", timeout=OPENED_MS)
    assert "审图号" in page.locator(".drill-map .map-foot").inner_text()
    assert not errors, errors
    page.context.close()
