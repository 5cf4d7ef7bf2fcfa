"""Can an incident be played back by mouse and by keyboard, beside another moment and beside what if, and only that?"""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.long

WAIT_MS = 60_000


def count_of(page: "Page") -> int:
    return int(page.locator(".replay-banner .replay-count").inner_text().split("/")[0].strip(" 第条"))


def until(page: "Page", seq: int) -> None:
    page.wait_for_function(
        """(seq) => {
          const find = (root) => { for (const one of root.querySelectorAll('*')) {
            if (one.matches?.('.replay-banner .replay-count')) return one
            if (one.shadowRoot) { const found = find(one.shadowRoot); if (found) return found } } return null }
          return Number(find(document)?.textContent.match(/\\d+/)?.[0]) === seq }""",
        arg=seq,
        timeout=WAIT_MS,
    )


@pytest.fixture(scope="module")
def room(city: tuple[str, dict[str, str]], browser: "Browser", said: list[str]) -> "Page":
    """The replay as the operator opens it."""
    origin, accounts = city
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{origin}/replay")
    page.fill("#name", "duty")
    page.fill("#password", accounts["duty"])
    page.click("button[type=submit]")
    page.wait_for_selector(".replay-dot", timeout=WAIT_MS)
    return page


def entries_of(page: "Page") -> Any:
    """What the record holds now, asked as the page itself is signed in."""
    return page.evaluate(
        """async () => { const found = await (await fetch('/api/v1/incidents')).json()
          return found.incidents.map((one) => [one.incident_id, one.seq]) }"""
    )


def test_by_keyboard_and_by_mouse(room: "Page", said: list[str]) -> None:
    before = entries_of(room)
    assert "回放" in room.locator(".replay-banner").inner_text()
    assert count_of(room) == 1
    room.keyboard.press("End")
    last = next(seq for _, seq in before)
    until(room, last)
    room.keyboard.press("ArrowLeft")
    until(room, last - 1)
    room.keyboard.press("Home")
    until(room, 1)
    assert room.locator(".replay-facts td").first.inner_text() == "—", "no people before a run"
    room.locator(".replay-dot").last.click()
    room.wait_for_timeout(300)
    room.fill(".replay-entry", str(last - 1))
    room.locator(".replay-entry").press("Enter")
    until(room, last - 1)
    assert room.locator(".replay-facts td").first.inner_text() != "—"
    room.locator(".replay-entry").press("Escape")
    room.keyboard.press("Home")
    until(room, 1)
    room.keyboard.press("ArrowUp")
    room.keyboard.press("Space")
    until(room, last)
    assert said == []
    assert entries_of(room) == before, "playing records nothing"


def test_two_moments_stand_side_by_side(room: "Page") -> None:
    room.keyboard.press("Home")
    until(room, 1)
    room.get_by_role("button", name="两时刻对比").click()
    room.wait_for_selector(".replay-maps.two")
    room.keyboard.press("End")
    room.wait_for_selector(".replay-facts.columns-2 tbody tr", timeout=WAIT_MS)
    assert room.locator(".replay-map").count() == 2
    assert "影响人口" in room.locator(".replay-facts").inner_text()
    room.get_by_role("button", name="收起对比").click()
    room.wait_for_selector(".replay-maps:not(.two)")


def test_what_if_is_marked_and_leaves_the_record_alone(room: "Page") -> None:
    before = entries_of(room)
    room.locator(".replay-head button", has_text="推演").click()
    room.fill("input[name=wind_from_deg]", "45")
    room.locator(".replay-what-if button[type=submit]").click()
    room.wait_for_selector(".replay-mark.imagined", timeout=WAIT_MS)
    assert "模拟" in room.locator(".replay-mark.imagined").inner_text()
    room.locator(".replay-side .tab").first.click()
    room.wait_for_selector(".replay-facts.columns-3 tbody tr")
    assert "45°" in room.locator(".replay-facts.columns-3").inner_text()
    assert entries_of(room) == before
    assert room.locator(".replay a[download]").count() == 1
