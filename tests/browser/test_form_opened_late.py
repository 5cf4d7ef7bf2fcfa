"""A form that opens late: does it come whole on every desk, however slowly its scripts come?"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from gis.database import Caller, Database
from layers.sensors import history
from layers.sensors.intake import take
from layers.sensors.messages import read
from layers.sensors.points import Points
from layers.sensors.simulate import adopt

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.long]
WIDGETS = "**/panel-material-ui*.js*"
DELAY_S = 4.0
FIELDS = 12


@pytest.fixture
def alarm(city: tuple[str, dict[str, str]], city_database: Database) -> str:
    """An alarm that a detector of the park has just raised."""
    now = datetime.now(UTC)
    with city_database.transaction(Caller.system()) as connection:
        history.prepare(connection, now.date() - timedelta(days=1))
        adopt(connection)
        name = connection.execute(
            text("SELECT name FROM layers.tag WHERE quantity = 'nh3' AND status = 'live' ORDER BY name LIMIT 1")
        ).scalar_one()
        row: dict[str, Any] = {"tnm": name, "ts": now.isoformat(), "val": 31.0}
        answer = take(connection, Points(), [read("tag", {"rts": [row]}, "WG-DRILL-02", now)]).answers[0]
        assert answer.accepted == 1, answer
        found = connection.execute(
            text("SELECT id FROM layers.alarm WHERE superseded_at IS NULL AND place LIKE :name"
                 " ORDER BY occurred_at DESC LIMIT 1"), {"name": f"{name}%"}
        ).scalar_one()  # fmt: skip
    return str(found)


@pytest.fixture
def context(opened: "Page") -> Iterator["BrowserContext"]:
    """Another window of the officer who is signed in, with nothing of the pages before in its cache."""
    browser = opened.context.browser
    assert browser is not None
    made = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", storage_state=opened.context.storage_state()
    )
    yield made
    made.close()


def complaints(page: "Page") -> list[str]:
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def fields(page: "Page", wanted: int = FIELDS) -> int:
    """Fields of the form that can be typed in, once there are as many as the form has."""
    found = page.locator(".dialog .dialog-form input:not([type=hidden])")
    deadline = time.monotonic() + 40
    while (count := found.count()) < wanted and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    return count


def test_two_desks_that_stood_open_both_get_the_form(
    opened: "Page", city: tuple[str, dict[str, str]], context: "BrowserContext"
) -> None:
    other = context.new_page()
    wrong = complaints(other)
    other.goto(f"{city[0]}/")
    other.wait_for_selector(".queue", timeout=60_000)
    other.wait_for_timeout(2_000)
    for page in (opened, other):  # the second was there before anybody had opened a form
        page.bring_to_front()
        page.get_by_role("button", name="接报登记").first.click()
        assert fields(page) >= FIELDS
    assert wrong == []
    opened.keyboard.press("Escape")


def test_the_form_of_an_alarm_waits_for_its_scripts(
    city: tuple[str, dict[str, str]], context: "BrowserContext", alarm: str, keep: Callable[[str], None]
) -> None:
    held: list[str] = []

    def slowly(route: "Route") -> None:
        held.append(route.request.url)
        time.sleep(DELAY_S)
        route.continue_()

    context.route(WIDGETS, slowly)
    page = context.new_page()
    wrong = complaints(page)
    page.goto(f"{city[0]}/?alarm={alarm}")
    page.locator(".dialog .badge.b-danger", has_text="NH₃").wait_for(timeout=60_000)
    assert fields(page) >= FIELDS
    assert held, "the scripts of the form were not held up"
    assert page.get_by_label("事件名称").first.input_value().endswith("ppm")
    assert wrong == []
