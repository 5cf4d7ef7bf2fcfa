"""Can an officer ask what threatens a point, and follow the cloud from moment to moment, by mouse and by keyboard?"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from gis.crs import LocalFrame, LonLat
from layers.sample import plan

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.long

ANSWER_MS = 60_000
IN_LAYER = """([layer]) => {
  let count = 0
  window.onemapMap.getAllLayers().forEach((one) => {
    const source = one.getSource()
    if (source.getFeatures && one.getZIndex() === layer && one.getVisible()) count = source.getFeatures().length
  })
  return count
}"""
PIXEL = """([lon, lat]) => window.onemapMap.getPixelFromCoordinate(
  [lon * 20037508.342789244 / 180,
   Math.log(Math.tan((90 + lat) * Math.PI / 360)) * 20037508.342789244 / Math.PI])"""
SIGN = """() => {
  const sign = window.onemapMap.getAllLayers().flatMap((layer) => layer.getSource().getFeatures?.() ?? [])
    .find((one) => one.get("layer") === "incident")
  return window.onemapMap.getPixelFromCoordinate(sign.getGeometry().getCoordinates())
}"""
FRAME_LAYER = 13


def _click(page: "Page", place: LonLat) -> None:
    x, y = page.evaluate(PIXEL, [place.longitude, place.latitude])
    box = page.locator(".ol-target").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x, box["y"] + y)


def _top(page: "Page", selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"]


def _sign_y(page: "Page") -> float:
    """How far down the page the sign at the source stands."""
    return _top(page, ".ol-target") + float(page.evaluate(SIGN)[1])


def _until(page: "Page", holds: Callable[[], bool]) -> None:
    for _ in range(50):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come to that")


def _downwind(metres: float) -> LonLat:
    """A place downwind of the drill's source: the wind comes from the south-west."""
    longitude, latitude = LocalFrame(plan.PLANT).to_degrees(metres * 0.5**0.5, metres * 0.5**0.5)
    return LonLat(float(longitude), float(latitude))


def test_a_click_tells_what_threatens_the_place(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None]
) -> None:
    desk.keyboard.press("t")
    desk.wait_for_selector(".pick-hint:not([hidden]):has-text('Esc')")
    _click(desk, _downwind(1200.0))
    desk.wait_for_selector(".threat .course .outdoor", state="attached", timeout=ANSWER_MS)
    desk.wait_for_timeout(600)
    keep("threat-card")
    card = desk.locator(".threat").inner_text()
    for code in ("到达", "室外峰值", "室内峰值", "毒性负荷", "模型预报", "AEGL"):
        assert code in card
    peaks = [float(figure) for figure in re.findall(r"([\d.]+) ppm\n", card)]
    outdoors, indoors = peaks[-2:]
    assert outdoors > indoors > 0
    desk.keyboard.press("Escape")
    desk.wait_for_selector(".threat", state="hidden")
    assert said_wrong == []


def test_the_moments_of_the_cloud_are_stepped_by_key_and_put_away(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None]
) -> None:
    desk.keyboard.press("f")
    desk.wait_for_selector(".player input[type=range]", timeout=ANSWER_MS)
    slider = desk.locator(".player input[type=range]")
    assert "模型预报" in desk.locator(".player").inner_text()
    _until(desk, lambda: _sign_y(desk) < _top(desk, ".player"))  # the map moves up by what the player would cover
    assert _sign_y(desk) > _top(desk, ".ol-target")
    slider.evaluate("node => { node.value = 0; node.dispatchEvent(new Event('input')) }")
    assert desk.evaluate(IN_LAYER, [FRAME_LAYER]) >= 2, "hatched bands and their outlines"
    first = desk.locator(".player-moment").inner_text()
    desk.keyboard.press("]")
    desk.keyboard.press("]")
    assert slider.input_value() == "2" and desk.locator(".player-moment").inner_text() != first
    desk.keyboard.press("[")
    assert slider.input_value() == "1"
    keep("frames")
    assert desk.locator(".badge.b-sim.press").count() == 0, "the brackets leave the timeline alone meanwhile"
    desk.keyboard.press("Escape")
    desk.wait_for_selector(".player", state="hidden")
    assert desk.evaluate(IN_LAYER, [FRAME_LAYER]) == 0
    assert said_wrong == []


def test_zones_of_an_earlier_run_can_be_put_away(desk: "Page", keep: Callable[[str], None]) -> None:
    assert desk.locator(".legend:has-text('历史分区')").count() == 0
    desk.get_by_role("button", name="重算").click()
    desk.wait_for_selector(".inspector :text('-0002')", timeout=ANSWER_MS)
    desk.keyboard.press("l")
    desk.wait_for_selector(".layer-row.earlier")
    keep("earlier-zones")
    desk.locator(".layer-row.earlier .eye").click()
    assert desk.locator(".legend:has-text('历史分区')").count() == 0
    desk.locator(".layer-row.earlier .eye").click()
    assert desk.locator(".legend:has-text('历史分区')").count() == 1
