"""An exercise by mouse: the controller lets it go on his screen, a player hears it on hers, an evaluator rates it."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from command_ui.console.pages import PAGES
from scenarios.exercise import reading

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.long]

WAIT_MS = 60_000
SizedPage = Callable[[str, str], "Page"]


@pytest.fixture(scope="module")
def come_in(city: tuple[str, dict[str, str]], browser: "Browser") -> Iterator[SizedPage]:
    """Sign somebody in, each in a browser context of his own."""
    origin, accounts = city
    contexts = []

    def enter(name: str, path: str) -> "Page":
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{origin}/sign-in?next={path}")
        page.fill("#name", name)
        page.fill("#password", accounts[name])
        page.click("button[type=submit]")
        return page

    yield enter
    for context in contexts:
        context.close()


def test_an_exercise_is_led_played_and_judged_in_three_windows(come_in: SizedPage) -> None:
    lead = come_in("controller", "/drill")
    lead.wait_for_selector(".drill-box", timeout=WAIT_MS)
    assert lead.locator(".drill-box").count() == len(reading.ready())
    lead.locator(".drill-start").first.click()
    lead.wait_for_selector(".inject", timeout=WAIT_MS)
    first = lead.locator(".inject").first
    first.click()
    title = first.locator(".what .t2").inner_text()
    lead.keyboard.press(" ")
    lead.wait_for_selector(".drill-clock[data-state=paused]", timeout=WAIT_MS)
    lead.keyboard.press("Enter")
    lead.wait_for_selector(".inject.now, .inject.done", timeout=WAIT_MS)
    run = re.search(r"run=([0-9a-f-]{36})", lead.url)
    assert run is not None
    # the player's own window, in another session
    play = come_in("duty", f"/drill?view=play%26run={run[1]}")
    play.wait_for_selector(".drill-post", timeout=WAIT_MS)
    assert title in play.locator(".drill-post h3").first.inner_text()
    assert [one.inner_text() for one in play.locator(".drill-top .tab").all()] == ["演练库", "参演"]
    assert play.locator(".drill-pause").count() == 0
    assert play.locator(".drill-desk-link").count() >= 1
    heard = play.locator(".drill-post").count()
    lead.locator(".inject").nth(1).click()
    lead.click(".drill-release")
    play.wait_for_function(f"() => document.title && {_count('.drill-post')} > {heard}", timeout=WAIT_MS)
    # the controller improvises: kind, words, a place on the map, now
    lead.click(".drill-improvise-open")
    lead.keyboard.press("Escape")
    lead.locator(".inject-form").wait_for(state="detached", timeout=WAIT_MS)
    lead.click(".drill-improvise-open")
    lead.click(".inject-kinds [data-kind=message]")
    lead.fill(".inject-title", "临机：北门有人聚集")
    lead.click(".inject-pick")
    box = lead.locator(".drill-map .ol-target").bounding_box()
    assert box is not None
    lead.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    assert "," in lead.locator(".inject-form .wide .sp").first.inner_text(), "the place stands in the form"
    lead.click(".inject-put")
    lead.locator(".inject", has_text="临机：北门有人聚集").locator(".badge", has_text="临机").wait_for(timeout=WAIT_MS)
    play.locator(".drill-post", has_text="临机：北门有人聚集").wait_for(timeout=WAIT_MS)
    # the evaluator's window
    judge = come_in("evaluator", f"/drill?view=judge%26run={run[1]}")
    judge.wait_for_selector(".drill-goal", timeout=WAIT_MS)
    judge.locator(".drill-goal .psmu.press.S").first.click()
    judge.wait_for_selector(".drill-goal .psmu.press.S.on", timeout=WAIT_MS)
    # what was found by mistake is struck through with its reason, in every window
    judge.click("[data-finding=strength]")
    judge.fill(".drill-f-text", "报警确认迅速（演练）")
    judge.click(".drill-find-add")
    found = judge.locator(".drill-find", has_text="报警确认迅速")
    found.wait_for(timeout=WAIT_MS)
    found.locator(".drill-withdraw").click()
    judge.fill(".drill-withdraw-why", "记错席位")
    judge.click(".drill-withdraw-now")
    found.locator("s").wait_for(timeout=WAIT_MS)
    assert "记错席位" in found.inner_text() and found.locator(".drill-withdraw").count() == 0
    # on the list of injects he rates what an inject tests; who leads sees the letters and cannot press them
    judge.goto(judge.url.replace("view=judge", "view=control"))
    judge.locator(".inject").first.click(timeout=WAIT_MS)
    judge.locator(".drill-quick .psmu.M").first.click(timeout=WAIT_MS)
    judge.wait_for_selector(".drill-quick .psmu.M.on", timeout=WAIT_MS)
    lead.locator(".inject").first.click()
    lead.wait_for_selector(".drill-quick .psmu.M.on", timeout=WAIT_MS)
    assert lead.locator(".drill-quick .psmu:not(:disabled)").count() == 0
    lead.click(".drill-end")
    lead.click(".drill-end-now")
    lead.wait_for_selector(".drill-clock[data-state=ended]", timeout=WAIT_MS)


SHOWS_INCIDENTS = tuple(one.path for one in PAGES if one.code not in ("account", "accounts", "audit", "guide"))
"""Every page of a duty room; the others show no incident."""


def test_the_mark_stands_on_the_phone_page_too_and_without_a_line(come_in: SizedPage) -> None:
    page = come_in("field", "/field")
    page.wait_for_selector(".watermark span", state="attached", timeout=WAIT_MS)
    page.context.set_offline(True)
    for tab in (1, 0):
        mark = page.locator(".watermark")
        assert "演练" in mark.inner_text()
        assert mark.evaluate("node => getComputedStyle(node).pointerEvents") == "none"
        page.locator("nav button.nav").nth(tab).click()
    page.context.set_offline(False)


def test_the_mark_of_the_exercise_cannot_be_taken_off_any_page(come_in: SizedPage) -> None:
    page = come_in("duty", "/")
    for path in SHOWS_INCIDENTS:
        page.goto(re.sub(r"(https?://[^/]+).*", r"\1", page.url) + path)
        page.wait_for_selector(".watermark-word", state="attached", timeout=WAIT_MS)
        mark = page.locator(".watermark")
        assert "演练" in mark.inner_text()
        style = mark.evaluate(
            "node => { const s = getComputedStyle(node); return [s.pointerEvents, s.display, s.zIndex] }"
        )
        assert style[0] == "none", "it is no control: whatever lies below it is clicked"
        assert style[1] != "none"
        assert page.locator(".watermark button, .watermark input").count() == 0
        page.emulate_media(media="print")
        assert page.locator(".watermark-word").first.evaluate("node => getComputedStyle(node).display") != "none"
        page.emulate_media(media="screen")


def _count(selector: str) -> str:
    """Expression that counts elements through nested shadow roots."""
    return (
        "(function count(root) { let found = root.querySelectorAll('" + selector + "').length;"
        " for (const one of root.querySelectorAll('*')) if (one.shadowRoot) found += count(one.shadowRoot);"
        " return found })(document)"
    )
