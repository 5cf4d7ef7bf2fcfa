"""Does a click on a unit, a square and a township of the risk map open its whole rule, and lead to what it counts?"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.long]

UNIT = (118.6598258, 31.4001857)
"""WX-018 of the sample city: liquefied gas, R = 48."""
IN_SQUARE = (118.7953, 31.489)
"""Within the square that holds WX-009, off every sign."""
IN_TOWNSHIP = (118.76147, 31.49726)
NAMES = ("单元风险四色图", "网格风险四色图", "乡镇风险四色图")


def _only(page: "Page", wanted: str) -> None:
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    page.wait_for_selector(".layer-row")
    for name in NAMES:
        row = page.locator(f".layer-row:has-text('{name}')").first
        if (row.locator(".eye.on").count() > 0) != (name == wanted):
            row.locator(".eye").click()
    page.keyboard.press("Escape")


def _clicked(page: "Page", place: tuple[float, float], zoom: float) -> str:
    """Text of the card that a click on a place opens."""
    x = place[0] * 20037508.342789244 / 180
    y = math.log(math.tan((90 + place[1]) * math.pi / 360)) * 20037508.342789244 / math.pi
    page.evaluate(
        "([x, y, z]) => { const view = window.onemapMap.getView(); view.setCenter([x, y]); view.setZoom(z) }",
        [x, y, zoom],
    )
    box = page.locator(".ol-target").bounding_box()
    assert box is not None
    for _ in range(10):
        page.wait_for_timeout(1000)
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        try:
            page.wait_for_selector(".risk-why", timeout=1500)
        except Exception:  # the tiles are not there yet
            continue
        return page.locator(".dossier").inner_text()
    raise AssertionError("no card of a risk opened")


@pytest.mark.parametrize(
    ("name", "place", "zoom", "kind", "wanted"),
    [
        (NAMES[0], UNIT, 15.5, "unit", ("R ＝ 48", "800 t ÷ 50 t", "48 ≥ 10 → 一般 · 黄", "S ＜ 1")),
        (NAMES[1], IN_SQUARE, 14.5, "grid", ("分值 127", "ΣR ＝ 100", "127 ≥ 100 → 重大 · 红", "光气化装置", "＝ 0")),
        (
            NAMES[2],
            IN_TOWNSHIP,
            13,
            "township",
            ("分值 141", "合计 100 + 20 + 15 + 6 ＝ 141", "光气化装置", "企业 10 家"),
        ),
    ],
)
def test_a_click_opens_the_whole_rule(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None], name: str, place: tuple[float, float],
    zoom: float, kind: str, wanted: tuple[str, ...],
) -> None:  # fmt: skip
    _only(desk, name)
    card = _clicked(desk, place, zoom)
    keep(f"risk-{kind}")
    assert desk.locator(".risk-why").get_attribute("data-kind") == kind
    for text in ("着色规则 onemap-risk-1", "≥ 100", "≥ 50", "≥ 10", "本项适用", "计算过程", "来源与核实", *wanted):
        assert text in card, text
    assert desk.locator(".risk-steps tr.on").count() == 1
    assert said_wrong == []


def test_from_a_township_to_its_unit_and_back(desk: "Page") -> None:
    _only(desk, NAMES[2])
    _clicked(desk, IN_TOWNSHIP, 13)
    desk.locator(".risk-part", has_text="光气化装置").click()
    desk.wait_for_selector(".risk-why[data-kind=unit]")
    assert "R ＝ 100" in desk.locator(".dossier").inner_text()
    desk.get_by_role("button", name="返回 岚亭街道").click()
    desk.wait_for_selector(".risk-why[data-kind=township]")
