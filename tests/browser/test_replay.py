"""Can an incident be played back by mouse and by keyboard, beside another moment and beside what if, and only that?"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from gis.database import Caller, Database
from scenarios import log

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.long

WAIT_MS = 60_000
DUTY = Caller("duty", "990100", "990200", "drill")
Waits = Callable[[Callable[[], Any]], Any]


def shown(page: "Page") -> tuple[int, int]:
    """The entry looked at and how many there are: the record may grow while one looks back."""
    said = page.locator(".replay-banner .replay-count").inner_text()
    at, _, total = said.strip(" 第条").partition("/")
    return int(at), int(total)


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


@pytest.fixture
def by_people(city_database: Database) -> Callable[[], list[tuple[str, int]]]:
    """What people recorded so far; a deadline that passes meanwhile is noted by the system itself."""

    def read() -> list[tuple[str, int]]:
        with city_database.transaction(DUTY) as connection:
            return [
                (str(head.incident_id), entry.seq)
                for head in log.heads(connection, mode="drill")
                for entry in log.read(connection, head.incident_id)
                if entry.actor != "system"
            ]

    return read


def test_by_keyboard_and_by_mouse(
    room: "Page", said: list[str], come_true: Waits, by_people: Callable[[], list[tuple[str, int]]]
) -> None:
    before = by_people()
    fact = room.locator(".replay-facts td").first
    assert "回放" in room.locator(".replay-banner").inner_text()
    assert shown(room)[0] == 1
    room.keyboard.press("End")
    come_true(lambda: shown(room)[0] >= 6)  # the first run is whole there
    last = shown(room)[0]
    room.keyboard.press("ArrowLeft")
    come_true(lambda: shown(room)[0] == last - 1)
    room.keyboard.press("Home")
    come_true(lambda: shown(room)[0] == 1)
    come_true(lambda: fact.inner_text() == "—")  # no people before a run
    dot = room.locator(".replay-dot").last
    number = int(dot.get_attribute("data-seq") or 0)
    dot.click()
    come_true(lambda: shown(room)[0] == number)
    room.fill(".replay-entry", str(last - 1))
    room.locator(".replay-entry").press("Enter")
    come_true(lambda: shown(room)[0] == last - 1)
    come_true(lambda: fact.inner_text() != "—")
    room.locator(".replay-entry").press("Escape")
    room.keyboard.press("Home")
    come_true(lambda: shown(room)[0] == 1)
    room.keyboard.press("ArrowUp")
    room.keyboard.press("Space")
    come_true(lambda: shown(room)[0] >= last)
    assert said == []
    assert by_people() == before, "playing records nothing"


def test_two_moments_stand_side_by_side(room: "Page", come_true: Waits) -> None:
    room.keyboard.press("Home")
    come_true(lambda: shown(room)[0] == 1)
    room.get_by_role("button", name="两时刻对比").click()
    room.wait_for_selector(".replay-maps.two")
    room.keyboard.press("End")
    room.wait_for_selector(".replay-facts.columns-2 tbody tr", timeout=WAIT_MS)
    assert room.locator(".replay-map").count() == 2
    assert "影响人口" in room.locator(".replay-facts").inner_text()
    room.get_by_role("button", name="收起对比").click()
    room.wait_for_selector(".replay-maps:not(.two)")


def test_what_if_is_marked_and_leaves_the_record_alone(
    room: "Page", by_people: Callable[[], list[tuple[str, int]]]
) -> None:
    before = by_people()
    room.locator(".replay-head button", has_text="推演").click()
    room.fill("input[name=wind_from_deg]", "45")
    room.locator(".replay-what-if button[type=submit]").click()
    room.wait_for_selector(".replay-mark.imagined", timeout=WAIT_MS)
    assert "模拟" in room.locator(".replay-mark.imagined").inner_text()
    room.locator(".replay-side .tab").first.click()
    room.wait_for_selector(".replay-facts.columns-3 tbody tr")
    assert "45°" in room.locator(".replay-facts.columns-3").inner_text()
    assert by_people() == before
    assert room.locator(".replay a[download]").count() == 1
