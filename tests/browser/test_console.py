"""Can a duty officer see the incident, report another by mouse and by keyboard, and trust what the page asks for?"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ComeTrue = Callable[[Callable[[], Any]], Any]
RUN_MS = 180_000
SMALLEST_PX = 12
# Names, units and codes that stay as they are in Chinese text; everything else Latin is a word forgotten.
SAME_IN_CHINESE = re.compile(
    r"(?<![A-Za-z])(AEGL|ERPG|CGCS|GPX|GeoJSON|CSV|NOAA|ALOHA|GB|CAS|UN|LEL|AT|YL|ppm|kg|km|mm|min|sha|duty|Cl|NH|English|[0-9a-f]{4,})(?![A-Za-z])"
)

VISIBLE_TEXT = """() => {
  const found = []
  const walk = (root) => {
    for (const node of root.querySelectorAll('*')) {
      if (node.shadowRoot) walk(node.shadowRoot)
      const box = node.getBoundingClientRect()
      if (!box.width || !box.height || getComputedStyle(node).visibility === 'hidden') continue
      if (['STYLE', 'SCRIPT'].includes(node.tagName)) continue
      for (const child of node.childNodes) {
        const text = child.nodeType === 3 ? child.textContent.trim() : ''
        if (text) found.push([text, parseFloat(getComputedStyle(node).fontSize)])
      }
    }
  }
  walk(document)
  return found
}"""
ON_MAP = """([layer]) => {
  let count = 0
  window.onemapMap.getAllLayers().forEach((one) => {
    const source = one.getSource()
    if (source.getFeatures && one.getZIndex() === layer) count = source.getFeatures().length
  })
  return count
}"""
BLUR = """() => {
  let one = document.activeElement
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement
  one?.blur()
}"""
KEPT = "() => Object.keys(localStorage).filter((key) => key.endsWith(':intake'))"
ZONES_LAYER, ROUTES_LAYER = 12, 22


def _drawn(page: "Page", layer: int) -> int:
    return int(page.evaluate(ON_MAP, [layer]))


def _texts(page: "Page") -> list[tuple[str, float]]:
    return [(text, size) for text, size in page.evaluate(VISIBLE_TEXT)]


def _place(
    page: "Page", longitude: float, latitude: float, stand_still: Callable[["Page"], None]
) -> tuple[float, float]:
    """Point of the window where a place lies, the map turned to it first."""
    page.evaluate(
        """([lon, lat]) => { const view = window.onemapMap.getView()
        const x = lon * 20037508.342789244 / 180
        const y = Math.log(Math.tan((90 + lat) * Math.PI / 360)) * 20037508.342789244 / Math.PI
        view.setCenter([x, y]); view.setZoom(15) ; window.onemapMap.renderSync() }""",
        [longitude, latitude],
    )
    stand_still(page)
    box = page.locator(".ol-target").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _count(page: "Page", selector: str) -> int:
    return page.locator(selector).count()


def _found(page: "Page", name: str) -> bool:
    """Whether the list shows what the whole word finds, and no longer what its beginning found."""
    hits = page.locator(".hit").all_inner_texts()
    return bool(hits) and name in hits[0]


def test_the_desk_opens_on_the_assessed_incident(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None], come_true: ComeTrue
) -> None:
    keep("console-dark-1440")
    come_true(lambda: _drawn(desk, ZONES_LAYER) >= 5)  # two outlines and bands at least, and the envelope
    come_true(lambda: _drawn(desk, ROUTES_LAYER) >= 2)
    come_true(lambda: _count(desk, ".callouts text") >= 6)
    come_true(lambda: _count(desk, ".axis circle") >= 5)
    come_true(lambda: "演练" in desk.locator(".watermark").inner_text())
    assert desk.evaluate("getComputedStyle(document.querySelector('body')).overflow") == "hidden"
    come_true(lambda: _count(desk, ".incident.picked .timer") >= 2)
    assert said_wrong == []


def test_bands_and_total_agree_on_the_page(desk: "Page") -> None:
    def number(text: str) -> int:
        return int(text.replace(",", ""))

    rows = [row.split("\t") for row in desk.locator("table.people").inner_text().splitlines() if row.strip()]
    figures = [[number(cell) for cell in row if re.fullmatch(r"[\d,]+", cell.strip())] for row in rows]
    bands, total = [row for row in figures if row][:-1], [row for row in figures if row][-1]
    assert [sum(column) for column in zip(*[band[-2:] for band in bands], strict=True)] == total[-2:]


def test_report_by_mouse(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None], come_true: ComeTrue,
    stand_still: Callable[["Page"], None],
) -> None:  # fmt: skip
    before = _count(desk, ".incident")
    desk.locator(".area-queue .actions .btn").click()
    desk.get_by_label("物质", exact=True).wait_for(timeout=60_000)
    x, y = _place(desk, 118.7300, 31.4330, stand_still)
    desk.mouse.click(x, y)
    desk.wait_for_selector(".where-row .t2:has-text('°E')")
    desk.get_by_label("物质", exact=True).click()
    desk.keyboard.type("氨")
    desk.get_by_role("option").filter(has_text="氨").first.click()
    desk.get_by_role("button", name="立案并研判").click()
    desk.wait_for_timeout(700)
    keep("report-steps")
    desk.wait_for_selector(".dialog", state="hidden", timeout=RUN_MS)
    desk.wait_for_function(f"() => window.onemapMap && ({ON_MAP})([{ZONES_LAYER}]) >= 3", timeout=RUN_MS)
    desk.wait_for_selector(".incident.picked:has-text('氨')")
    keep("report-done")
    come_true(lambda: _count(desk, ".incident") == before + 1)
    come_true(lambda: _count(desk, ".axis circle") >= 5)  # the timeline grew with the four parts of the run
    assert said_wrong == []


def test_report_by_keyboard(desk: "Page", come_true: ComeTrue) -> None:
    before = _count(desk, ".incident")
    desk.keyboard.press("r")
    desk.get_by_label("物质", exact=True).wait_for(timeout=60_000)
    desk.evaluate(BLUR)
    desk.keyboard.press("/")
    desk.keyboard.type("练江三小")
    come_true(lambda: _found(desk, "练江三小"))
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".where-row b:has-text('练江三小')", timeout=60_000)
    desk.get_by_label("物质", exact=True).focus()
    desk.keyboard.type("7782-50-5")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector(".incident.picked:has-text('练江三小')", timeout=RUN_MS)
    desk.wait_for_selector(".dialog", state="hidden", timeout=RUN_MS)
    come_true(lambda: _count(desk, ".incident") == before + 1)
    assert not desk.evaluate(KEPT), "what was sent, however quickly, is not offered for the next report"


def test_faults_are_said_beside_the_form_and_nothing_typed_is_lost(
    desk: "Page", keep: Callable[[str], None], come_true: ComeTrue
) -> None:
    desk.keyboard.press("r")
    substance = desk.get_by_label("物质", exact=True)
    substance.wait_for(timeout=60_000)
    substance.click()
    desk.keyboard.type("不存在的东西")
    desk.get_by_role("button", name="立案并研判").click()
    desk.wait_for_selector(".fault:has-text('相近的有')")
    desk.wait_for_selector(".fault:has-text('位置')")
    keep("report-faults")
    assert substance.input_value() == "不存在的东西"
    desk.get_by_role("button", name="暂存并关闭").click()
    desk.wait_for_selector(".dialog", state="hidden")
    desk.keyboard.press("r")
    desk.wait_for_selector(".dialog:not([hidden])")
    come_true(lambda: substance.input_value() == "不存在的东西")


def test_search_opens_a_dossier_with_source_and_age(
    desk: "Page", keep: Callable[[str], None], come_true: ComeTrue
) -> None:
    desk.keyboard.press("/")
    desk.keyboard.type("ljsx")
    come_true(lambda: _found(desk, "练江三小"))
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".dossier:not([hidden])", timeout=60_000)
    come_true(lambda: all(one in desk.locator(".dossier").inner_text() for one in ("练江三小", "来源", "更新")))
    keep("dossier")


def test_click_on_a_symbol_opens_its_dossier(
    desk: "Page", come_true: ComeTrue, stand_still: Callable[["Page"], None]
) -> None:
    x, y = _place(desk, 118.739866, 31.407688, stand_still)

    def opens() -> bool:
        desk.mouse.click(x, y)  # the tile with the symbol may still be on its way
        desk.wait_for_timeout(1500)
        return _count(desk, ".dossier:has-text('职教中心')") > 0

    come_true(opens)


def test_layers_can_be_hidden_and_say_what_is_not_connected(
    desk: "Page", keep: Callable[[str], None], come_true: ComeTrue
) -> None:
    desk.keyboard.press("l")
    desk.wait_for_selector(".layer-row")
    legend = desk.locator(".legend").inner_text()
    desk.locator(".layer-row:has-text('避难所') .eye").click()
    keep("layers")
    desk.locator(".group-row:has-text('业务专题')").click()
    come_true(lambda: "未接入" in desk.locator(".drawer").inner_text())
    come_true(lambda: desk.locator(".legend").inner_text() != legend)
    desk.locator(".layer-row:has-text('避难所') .eye").click()


def test_theme_and_language_switch_and_are_kept(
    desk: "Page", city: tuple[str, dict[str, str]], keep: Callable[[str], None], come_true: ComeTrue
) -> None:
    desk.locator(".user-button").click()
    desk.get_by_role("menuitem", name="浅色主题").click()
    desk.wait_for_selector("html[data-theme=light]", state="attached")
    desk.wait_for_timeout(1500)
    keep("console-light-1440")
    desk.locator(".user-button").click()
    desk.get_by_role("menuitem", name="English").click()
    desk.wait_for_selector(".tab:has-text('Overview')")
    desk.wait_for_timeout(1500)
    keep("console-light-en-1440")
    desk.goto(city[0])
    desk.wait_for_selector(".tab:has-text('Overview')", timeout=60_000)
    come_true(lambda: desk.locator("html").get_attribute("data-theme") == "light")
    desk.locator(".user-button").click()
    desk.get_by_role("menuitem", name="中文").click()
    desk.wait_for_selector(".tab:has-text('Overview')", state="detached")
    desk.wait_for_timeout(800)
    desk.locator(".user-button").click()
    desk.get_by_role("menuitem", name="深色主题").click()
    desk.wait_for_selector("html[data-theme=dark]", state="attached")


def test_time_can_be_turned_back_and_followed_again(
    desk: "Page", keep: Callable[[str], None], come_true: ComeTrue
) -> None:
    """The layers too are those known at the moment; back in the present they are those that stand."""
    with desk.expect_request(lambda one: "/tiles/" in one.url and "known_at=" in one.url, timeout=60_000):
        desk.keyboard.press("[")
    desk.wait_for_selector(".badge.b-sim.press")
    keep("replay")

    def before_everything() -> bool:
        desk.keyboard.press("[")
        desk.wait_for_timeout(250)
        return desk.locator(".inspector .empty").is_visible()

    come_true(before_everything)
    # Space on a focused button presses that button, as everywhere; so the focus is put away first.
    desk.evaluate(BLUR)
    with desk.expect_request(lambda one: "/tiles/enterprise" in one.url and "known_at=" not in one.url, timeout=60_000):
        desk.keyboard.press(" ")
    desk.wait_for_selector(".timeline .b-live", timeout=60_000)
    desk.wait_for_selector(".headline", timeout=60_000)


def test_keys_are_off_while_an_input_method_composes(desk: "Page") -> None:
    desk.evaluate("() => document.dispatchEvent(new KeyboardEvent('keydown', {key: 'l', keyCode: 229, bubbles: true}))")
    assert _count(desk, ".drawer:not([hidden])") == 0
    desk.keyboard.press("?")
    desk.wait_for_selector(".key-list:not([hidden])")
    desk.keyboard.press("Escape")
    desk.wait_for_selector(".key-list", state="hidden")


def test_a_line_typed_by_hand_is_recorded(desk: "Page") -> None:
    desk.keyboard.press("n")
    desk.keyboard.type("已通知园区关闭二道门")
    desk.keyboard.press("Enter")
    # Kept in the browser first, in amber and without a number; then in the record, with its number.
    line = desk.locator(".entry", has_text="已通知园区关闭二道门").filter(has_text=re.compile(r"#\d+"))
    line.wait_for(timeout=60_000)
    assert "待提交" not in line.inner_text()


def test_another_desk_sees_what_this_one_writes(
    desk: "Page", browser: "Browser", city: tuple[str, dict[str, str]], come_true: ComeTrue
) -> None:
    origin, accounts = city
    name, password = list(accounts.items())[1]
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    other = context.new_page()
    other.goto(f"{origin}/")
    other.fill("#name", name)
    other.fill("#password", password)
    other.click("button[type=submit]")
    other.wait_for_selector(".headline", timeout=60_000)
    # Both look at the same incident: the first of the list.
    other.set_default_timeout(60_000)
    for page in (desk, other):
        page.locator(".incident").first.click()
        page.locator(".incident.picked").first.wait_for()
        come_true(lambda page=page: "picked" in (page.locator(".incident").first.get_attribute("class") or ""))
        page.keyboard.press("5")
        page.wait_for_selector(".entry", timeout=60_000)
    desk.keyboard.press("n")
    desk.keyboard.type("另一席位应立即看到这一行")
    desk.keyboard.press("Enter")
    other.wait_for_selector(".entry:has-text('另一席位应立即看到这一行')", timeout=60_000)
    desk.keyboard.press("2")
    context.close()


@pytest.mark.parametrize("size", [(1440, 900), (1920, 1080), (1366, 768)])
def test_text_is_large_enough_and_chinese(desk: "Page", size: tuple[int, int], keep: Callable[[str], None]) -> None:
    desk.set_viewport_size({"width": size[0], "height": size[1]})
    desk.wait_for_timeout(2500)
    keep(f"console-dark-{size[0]}")
    texts = _texts(desk)
    assert [text for text, size_px in texts if size_px < SMALLEST_PX] == []
    words = [text for text, _ in texts if re.search(r"[A-Za-z]{2,}", SAME_IN_CHINESE.sub("", text))]
    assert words == [], "English words on the Chinese page"
    assert desk.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_labels_on_the_map_do_not_overlap(desk: "Page", come_true: ComeTrue) -> None:
    """Once they stand: while the map turns or grows they are laid out anew."""
    come_true(lambda: _touching(desk) == [])


def _touching(desk: "Page") -> list[tuple[str, str]] | None:
    """Labels that lie on one another; None while there are too few."""
    boxes: list[Any] = desk.evaluate(
        "() => { const found = []; const walk = (root) => {"
        " for (const n of root.querySelectorAll('*')) { if (n.shadowRoot) walk(n.shadowRoot);"
        " if (n.tagName === 'text' && n.closest('.callouts')) { const b = n.getBoundingClientRect();"
        " found.push([n.textContent, b.left, b.top, b.right, b.bottom]) } } }; walk(document); return found }"
    )
    if len(boxes) < 6:
        return None
    return [
        (one[0], other[0])
        for at, one in enumerate(boxes)
        for other in boxes[at + 1 :]
        if min(one[3], other[3]) - max(one[1], other[1]) > 1 and min(one[4], other[4]) - max(one[2], other[2]) > 5
    ]


def test_no_host_but_our_own_is_asked(desk: "Page", city: tuple[str, dict[str, str]], asked_hosts: set[str]) -> None:
    """Last on purpose: the set holds every request of all tests above, with the form, the drawer and both themes."""
    desk.keyboard.press("r")
    desk.get_by_label("物质", exact=True).wait_for(timeout=60_000)
    desk.wait_for_timeout(500)
    assert asked_hosts == {urlsplit(city[0]).netloc}
