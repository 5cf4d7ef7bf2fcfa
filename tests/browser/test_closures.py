"""Can an officer close roads by mouse, reshape and reopen them, and does everything on the screen follow?"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

ComeTrue = Callable[[Callable[[], Any]], Any]
StandStill = Callable[["Page"], None]
CROSSINGS = (
    "() => window.onemapMap.getAllLayers().find((one) => one.getZIndex() === 52).getSource().getFeatures().length"
)
FOLLOWS_MS = 90_000
PIXEL = """([lon, lat]) => window.onemapMap.getPixelFromCoordinate(
  [lon * 20037508.342789244 / 180,
   Math.log(Math.tan((90 + lat) * Math.PI / 360)) * 20037508.342789244 / Math.PI])"""
ROUTES = """() => {
  const layer = window.onemapMap.getAllLayers().find((one) => one.getZIndex() === 22)
  return layer.getSource().getFeatures().filter((one) => one.get("kind") === "rescue")
    .map((one) => [one.get("of"), one.getGeometry().getCoordinates()])
}"""
CLOSED = """() => {
  const layer = window.onemapMap.getAllLayers().find((one) => one.getZIndex() === 25)
  return layer.getSource().getFeatures().map((one) => one.getGeometry().getCoordinates())
}"""
CROSSING = """() => {
  const layers = window.onemapMap.getAllLayers()
  const closed = layers.find((one) => one.getZIndex() === 25).getSource().getFeatures()
  const routes = layers.find((one) => one.getZIndex() === 22).getSource().getFeatures()
    .filter((one) => one.get("kind") === "rescue")
  let found = 0
  for (const area of closed) for (const route of routes) for (let step = 0; step <= 2000; step += 1) {
    if (area.getGeometry().intersectsCoordinate(route.getGeometry().getCoordinateAt(step / 2000))) { found += 1; break }
  }
  return found
}"""
ON_BEST = """(share) => {
  const layer = window.onemapMap.getAllLayers().find((one) => one.getZIndex() === 22)
  const best = layer.getSource().getFeatures().filter((one) => one.get("kind") === "rescue")[0]
  const pixel = window.onemapMap.getPixelFromCoordinate(best.getGeometry().getCoordinateAt(share))
  return [best.get("of"), ...pixel]
}"""
SHOW_BEST = """() => {
  const layer = window.onemapMap.getAllLayers().find((one) => one.getZIndex() === 22)
  const best = layer.getSource().getFeatures().filter((one) => one.get("kind") === "rescue")[0]
  window.onemapMap.getView().fit(best.getGeometry().getExtent(), {padding: [120, 120, 200, 420]})
}"""


def at(page: "Page", x: float, y: float) -> tuple[float, float]:
    box = page.locator(".ol-target").bounding_box()
    assert box is not None
    return box["x"] + x, box["y"] + y


def run_of(page: "Page") -> str:
    return str(page.locator(".closures").get_attribute("data-run"))


def clicked(page: "Page", x: float, y: float) -> None:
    """Click, and go on once the page has taken it: two that reach a busy page together are a double click to it."""
    page.mouse.click(*at(page, x, y))
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 400)))")


def wait_for_new_run(page: "Page", before: str) -> None:
    page.wait_for_selector(f'.closures[data-run]:not([data-run="{before}"])', state="attached", timeout=FOLLOWS_MS)


@pytest.fixture(scope="module")
def drawn(opened: "Page") -> dict[str, Any]:
    """What the tests of this module hand on to each other: they are one story on one page."""
    return {}


def test_an_area_drawn_by_mouse_moves_the_routes(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None], drawn: dict[str, Any], come_true: ComeTrue,
    stand_still: StandStill,
) -> None:  # fmt: skip
    desk.keyboard.press("b")
    desk.wait_for_selector(".closures:not([hidden])")
    desk.wait_for_timeout(2500)  # the server loads what a closure needs while one still looks
    desk.evaluate(SHOW_BEST)
    stand_still(desk)
    before, run = dict(desk.evaluate(ROUTES)), run_of(desk)
    team, x, y = desk.evaluate(ON_BEST, 0.5)
    desk.locator(".closure-modes button").nth(1).click()
    for dx, dy in ((-30, -30), (30, -30), (30, 30)):
        clicked(desk, x + dx, y + dy)
    desk.mouse.dblclick(*at(desk, x - 30, y + 30))
    desk.wait_for_selector(".closure-form:not([hidden]) select")
    desk.select_option(".closure-form select >> nth=0", "accident")
    desk.fill(".closure-form input >> nth=0", "演练：货车横在路上")
    keep("closure-form")
    began = time.perf_counter()
    desk.click(".closure-save")
    wait_for_new_run(desk, run)
    drawn["seconds"] = time.perf_counter() - began
    come_true(lambda: dict(desk.evaluate(ROUTES)).get(team) != before[team])
    come_true(lambda: desk.evaluate(CLOSED) and desk.evaluate(CROSSING) == 0)  # no route crosses the closed ground
    row = desk.locator(".closure-row")
    come_true(lambda: row.count() == 1 and "交通事故" in row.inner_text() and "货车横在路上" in row.inner_text())
    desk.wait_for_timeout(800)
    keep("closure-drawn")
    assert said_wrong == []
    drawn |= {"before": before, "team": team}


def test_a_dragged_corner_is_followed_and_undone(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None], drawn: dict[str, Any], come_true: ComeTrue,
    stand_still: StandStill,
) -> None:  # fmt: skip
    desk.keyboard.press("b")
    desk.wait_for_selector(".closures:not([hidden])")
    desk.locator(".closure-name").first.click()
    desk.wait_for_timeout(300)
    stand_still(desk)
    desk.locator(".closure-modes button").nth(3).click()
    desk.wait_for_timeout(300)
    first = desk.evaluate(CLOSED)[0][0]
    corner = desk.evaluate("point => window.onemapMap.getPixelFromCoordinate(point)", first[1])
    run = run_of(desk)
    desk.mouse.move(*at(desk, *corner))
    desk.mouse.down()
    desk.mouse.move(*at(desk, corner[0] + 25, corner[1] + 20), steps=4)
    desk.mouse.up()
    wait_for_new_run(desk, run)
    come_true(lambda: desk.evaluate(CLOSED)[0][0] != first and desk.evaluate(CROSSING) == 0)
    keep("closure-moved")
    run = run_of(desk)
    desk.keyboard.press("Control+z")
    wait_for_new_run(desk, run)
    come_true(lambda: [pytest.approx(point, abs=0.5) for point in first] == desk.evaluate(CLOSED)[0][0])
    assert said_wrong == []


def test_a_clicked_road_is_closed_and_reopened_from_the_list(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None], drawn: dict[str, Any], come_true: ComeTrue,
    stand_still: StandStill,
) -> None:  # fmt: skip
    desk.keyboard.press("b")
    desk.wait_for_selector(".closures:not([hidden])")
    run = run_of(desk)
    desk.locator(".closure-row .btn").first.click()
    wait_for_new_run(desk, run)
    come_true(lambda: dict(desk.evaluate(ROUTES)) == drawn["before"])  # the roads are open, the routes the first ones
    desk.locator(".closure-modes button").nth(0).click()
    desk.evaluate(SHOW_BEST)
    stand_still(desk)
    _, x, y = desk.evaluate(ON_BEST, 0.5)
    desk.mouse.click(*at(desk, x, y))
    desk.wait_for_selector(".closure-form:not([hidden]) .chip", timeout=FOLLOWS_MS)
    come_true(lambda: "本路段" in desk.locator(".closure-form").inner_text())
    run = run_of(desk)
    desk.click(".closure-save")
    wait_for_new_run(desk, run)
    come_true(lambda: dict(desk.evaluate(ROUTES)) != drawn["before"])
    desk.wait_for_timeout(600)
    keep("closure-road")
    run = run_of(desk)
    desk.locator(".closure-row .btn").first.click()
    wait_for_new_run(desk, run)
    assert said_wrong == []


def test_the_list_lights_the_route_and_the_route_the_list(
    desk: "Page", said_wrong: list[str], come_true: ComeTrue, stand_still: StandStill
) -> None:
    desk.evaluate(SHOW_BEST)
    stand_still(desk)
    team, x, y = desk.evaluate(ON_BEST, 0.35)
    desk.mouse.move(*at(desk, x + 200, y + 90))
    desk.mouse.move(*at(desk, x, y))
    desk.wait_for_selector(f'tr[data-route="{team}"].lit')
    width = """(team) => {
      const layer = window.onemapMap.getAllLayers().find((one) => one.getZIndex() === 22)
      const one = layer.getSource().getFeatures().find((item) => item.get("of") === team)
      return layer.getStyleFunction()(one, window.onemapMap.getView().getResolution())[1].getStroke().getWidth()
    }"""
    desk.mouse.move(*at(desk, 5, 5))
    desk.wait_for_selector(f'tr[data-route="{team}"].lit', state="detached")
    dark = desk.evaluate(width, team)
    desk.hover(f'tr[data-route="{team}"]')
    come_true(lambda: desk.evaluate(width, team) > dark)
    desk.click(f'tr[data-route="{team}"] .team-name')
    desk.wait_for_selector(".steps li", timeout=FOLLOWS_MS)
    come_true(lambda: "到达目的地" in desk.locator(".steps").inner_text())
    desk.click(f'tr[data-route="{team}"] .team-name')
    assert said_wrong == []


def test_the_evacuation_has_its_chart_its_shelters_and_its_crossings(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None], come_true: ComeTrue
) -> None:
    chart = desk.locator("svg.clearance")
    chart.scroll_into_view_if_needed()
    come_true(lambda: chart.locator(".mark").count() == 3)  # 50, 90 and 100 %
    for share in ("50%", "90%", "100%"):
        assert share in desk.locator(".clear-marks:not(.departure)").inner_text()
    assert "出发" in desk.locator(".departure").inner_text(), "when people set out, and how far ahead of the cloud"
    desk.locator(".inspector .chip", has_text="各走近路").click()
    desk.wait_for_selector("svg.clearance .trial.time", state="attached", timeout=FOLLOWS_MS)
    slider = desk.locator(".fill-slide")
    full = desk.locator(".shelters tr").first.inner_text()
    slider.evaluate("node => { node.value = 6; node.dispatchEvent(new Event('input')) }")
    come_true(lambda: desk.locator(".shelters tr").first.inner_text() != full)
    guards = desk.locator(".guards tr[data-guard]")
    guards.first.scroll_into_view_if_needed()
    guards.first.hover()
    come_true(lambda: desk.evaluate(CROSSINGS) > 3)
    keep("evacuation-chart")
    assert said_wrong == []


def test_how_long_it_took_is_written_down(drawn: dict[str, Any], repository: Any) -> None:
    folder = repository / "artefacts"
    folder.mkdir(exist_ok=True)
    figure = f"closure saved -> new routes on the screen: {drawn['seconds']:.2f} s\n"
    (folder / "closure-to-routes.txt").write_text(figure, encoding="utf-8")
