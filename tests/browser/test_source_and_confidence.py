"""Can an officer report a source without a mouse, is told in Chinese what is wrong, and sees what it is worth?"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Page

pytestmark = pytest.mark.long

ANSWER_MS = 60_000
FIELD = """(label) => {
  const walk = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.tagName === "LABEL" && node.textContent.trim().startsWith(label) && node.offsetParent !== null) {
        const field = node.parentElement.querySelector("input, [role=combobox]")
        if (field) return field
      }
      const inside = node.shadowRoot ? walk(node.shadowRoot) : null
      if (inside) return inside
    }
    return null
  }
  return walk(document)
}"""
DEEPEST = """() => {
  let active = document.activeElement
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
  return active
}"""
CONFIDENCE_LAYER = 14
DOMINO_LAYER = 16
DRAWN = """([layer]) => window.onemapMap.getAllLayers()
  .filter((one) => one.getZIndex() === layer && one.getSource().getFeatures)
  .reduce((sum, one) => sum + one.getSource().getFeatures().length, 0)"""


def _field(page: "Page", label: str) -> "ElementHandle":
    page.wait_for_function(f"label => Boolean(({FIELD})(label))", arg=label, timeout=ANSWER_MS)
    found = page.evaluate_handle(FIELD, label).as_element()
    assert found is not None, f"no field {label}"
    return found


def _type(page: "Page", label: str, text: str) -> None:
    _field(page, label).fill(text)
    page.keyboard.press("Tab")
    page.wait_for_timeout(250)


def _refused(page: "Page", piece: str) -> str:
    """The sentences after trying to submit, once one of them has this piece."""
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(f".faults .fault:has-text('{piece}')", timeout=ANSWER_MS)
    return page.locator(".faults").inner_text()


def test_the_confidence_of_the_zones_is_chosen_in_the_legend(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None]
) -> None:
    segment = desk.locator(".confidence .segment")
    assert desk.evaluate(DRAWN, [CONFIDENCE_LAYER]) == 1, "the P90 line"
    # In the short legend the reach stands in sight, and of how many members it comes behind it.
    assert "200 组情形" in desk.locator(".confidence").evaluate("node => node.outerHTML")
    segment.filter(has_text="概率带").click()
    desk.wait_for_function(f"wanted => ({DRAWN})(wanted) >= 4", arg=[CONFIDENCE_LAYER])  # bands with their edges
    assert desk.locator(".legend:has-text('超标概率 50–90%')").count() == 1
    keep("confidence-bands")
    segment.filter(has_text="关").click()
    assert desk.evaluate(DRAWN, [CONFIDENCE_LAYER]) == 0
    segment.filter(has_text="P90 线").click()
    assert said_wrong == []


def test_space_plays_the_cloud_and_the_arrows_step_it(desk: "Page", said_wrong: list[str]) -> None:
    desk.keyboard.press("f")
    slider = desk.locator(".player input[type=range]")
    slider.wait_for(timeout=ANSWER_MS)
    slider.evaluate("node => { node.value = 0; node.dispatchEvent(new Event('input')) }")
    desk.keyboard.press("ArrowRight")
    desk.keyboard.press("ArrowRight")
    assert slider.input_value() == "2"
    desk.keyboard.press("ArrowLeft")
    assert slider.input_value() == "1"
    desk.keyboard.press("Space")
    desk.wait_for_function("node => Number(node.value) >= 2", arg=slider.element_handle())
    desk.keyboard.press("Space")
    held = slider.input_value()
    desk.wait_for_timeout(1100)
    assert slider.input_value() == held
    assert re.search(r"\d\d:\d\d:\d\d", desk.locator(".player").inner_text()), "clock time"
    assert desk.locator(".badge.b-sim.press").count() == 0, "the timeline still follows the present"
    desk.keyboard.press("Escape")
    assert said_wrong == []


def test_a_fire_is_reported_without_a_mouse_and_shows_what_it_reaches(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None]
) -> None:
    keys = desk.keyboard
    keys.press("r")
    desk.wait_for_function(f"() => ({DEEPEST})()?.textContent.includes('按名称找')", timeout=ANSWER_MS)
    _refused(desk, "请先在地图上点选位置")
    desk.locator(".where-row button").focus()
    keys.press("Enter")
    keys.type("液氯")
    desk.wait_for_selector(".hit:has-text('液氯')", timeout=ANSWER_MS)
    keys.press("Enter")
    desk.wait_for_selector(".where-row b:not(.wn)", timeout=ANSWER_MS)
    desk.wait_for_timeout(600)
    assert _field(desk, "物质").input_value().startswith("氯"), "the ledger's substance"
    assert _field(desk, "罐内存量").input_value() != "", "the ledger's stock"
    for label, bad, good in (("泄漏速率", "-2", "2"), ("风速", "0", "3"), ("气温", "95", "20")):
        _type(desk, label, bad)
        said = _refused(desk, label)
        assert not re.search(r"[A-Za-z]{5,}", said), said
        assert _field(desk, label).input_value() == bad, "what was typed stays"
        _type(desk, label, good)
    _type(desk, "持续时间", "9000")
    _refused(desk, "超过罐内存量")
    keep("source-fault")
    _field(desk, "泄漏方式").focus()
    keys.press("Enter")
    desk.wait_for_selector("li:has-text('爆炸物爆炸')")
    keys.press("End")
    keys.press("Enter")
    desk.wait_for_selector("li:has-text('爆炸物爆炸')", state="detached")
    _type(desk, "泄漏总量", "20000")
    keys.press("Control+Enter")
    desk.wait_for_selector(".inspector :text('爆炸物爆炸')", timeout=ANSWER_MS)
    desk.wait_for_selector(".inspector :text('多米诺')", timeout=ANSWER_MS)
    # the sources reached are marked
    desk.wait_for_function(f"() => ({DRAWN})([{DOMINO_LAYER}]) >= 1", timeout=ANSWER_MS)
    desk.wait_for_timeout(600)
    keep("domino")
    inspector = desk.locator(".panel.inspector").inner_text()
    assert "升级阈值 55.2 kPa" in inspector and "kPa" in inspector
    assert "毒云" not in inspector, "a blast is no cloud"
    assert said_wrong == []
