"""Is it three clicks from an alarm to an order, and does the team sign for it although its line is cut?"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gis.database import Caller, Database
from scenarios import log
from scenarios.events import CaseChanged
from scenarios.situation import situation_at

if TYPE_CHECKING:
    from uuid import UUID

    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.long]
DRILL = Caller("演练导调", "990100", "990200", "drill")
PHONE: Any = {"width": 390, "height": 844}
LEAST_TARGET_PX = 44
SLOW_MS = 120_000
"""The form loads its widgets and the run its roads when they are first asked for."""


@pytest.fixture(scope="module")
def phone(browser: "Browser", city: tuple[str, dict[str, str]]) -> "BrowserContext":
    """A phone of the team DW-001, signed in; it knows where it is."""
    origin, accounts = city
    place: Any = {"longitude": 118.7005, "latitude": 31.401, "accuracy": 6}
    context = browser.new_context(
        viewport=PHONE, has_touch=True, geolocation=place, permissions=["geolocation"], locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{origin}/")
    page.fill("#name", "field")
    page.fill("#password", accounts["field"])
    page.click("button[type=submit]")
    page.wait_for_selector(".band.on", timeout=60_000)
    assert page.url.endswith("/field")
    return context


def newest(database: Database) -> "UUID":
    with database.transaction(DRILL) as connection:
        return log.heads(connection, mode="drill")[0].incident_id


def folded(database: Database, incident_id: "UUID") -> Any:
    with database.transaction(DRILL) as connection:
        return situation_at(log.read(connection, incident_id))


def test_from_an_alarm_to_an_order_that_is_signed_for_without_a_line(
    desk: "Page", phone: "BrowserContext", city_database: Database, said_wrong: list[str],
    keep: Callable[[str], None], repository: Any,
) -> None:  # fmt: skip
    desk.locator(".alarm").first.wait_for(timeout=SLOW_MS)
    whole = desk.locator(".queue").get_by_role("button", name=re.compile(r"全部 \d+ 条"))
    if whole.count():  # the queue shows a few
        whole.click()
    row = desk.locator(".alarm", has_text="Cl₂").filter(has=desk.get_by_role("button", name="立案")).first
    row.get_by_role("button", name="立案").click()  # one
    desk.locator(".dialog .badge.b-danger", has_text="Cl₂").wait_for(timeout=SLOW_MS)
    desk.locator(".dialog-form input").first.wait_for(state="attached", timeout=SLOW_MS)
    desk.locator(".dialog .btn.d").click()  # two
    desk.locator(".inspector .name", has_text="Cl₂").wait_for(timeout=SLOW_MS)
    first = desk.locator(".inspector .act-now")
    first.wait_for(timeout=SLOW_MS)
    assert "演练园区消防站" in first.inner_text()
    first.click()  # three
    desk.keyboard.press("4")
    desk.locator(".order[data-order='Z-01']", has_text="待签收").wait_for(timeout=60_000)
    keep("order-board")
    incident_id = newest(city_database)

    page = phone.pages[0]
    card = page.locator(".card[data-order='Z-01']")
    card.wait_for(timeout=60_000)
    for target in page.locator("button, a.big").all():
        box = target.bounding_box()
        assert box is not None and min(box["width"], box["height"]) >= LEAST_TARGET_PX, target.inner_text()

    phone.set_offline(True)
    card.get_by_role("button", name="签收任务").click()
    page.locator(".band.off", has_text="1 条待发送").wait_for(timeout=60_000)
    page.reload()  # the page itself comes without a line, and what was done is still there
    card.get_by_role("button", name="开始执行").click()
    page.locator(".band.off", has_text="2 条待发送").wait_for(timeout=60_000)
    page.screenshot(path=repository / "artefacts" / "field-offline.png")
    page.wait_for_timeout(3_000)
    assert folded(city_database, incident_id).orders.all[0].state == "issued"

    phone.set_offline(False)
    desk.locator(".order[data-order='Z-01']", has_text="执行中").wait_for(timeout=60_000)
    (order,) = folded(city_database, incident_id).orders.all
    assert [step.said.to for step in order.steps] == ["issued", "acknowledged", "under_way"]
    signed = order.step("acknowledged")
    assert signed.said.way == "field" and signed.actor == "field" and signed.said.at.accuracy_m == 6
    assert signed.recorded_at - signed.made_at > timedelta(seconds=2)  # both times, the act before its arrival
    page.locator(".band.on").wait_for(timeout=60_000)
    assert said_wrong == []


def test_a_turned_wind_flags_the_order_on_the_desk_and_in_the_field(
    desk: "Page", phone: "BrowserContext", city_database: Database
) -> None:
    incident_id = newest(city_database)
    known = folded(city_database, incident_id)
    case = {**known.case, "weather": {**known.case["weather"], "wind_from_deg": 265.0}}
    desk.keyboard.press("4")
    with city_database.transaction(DRILL) as connection:
        log.append(connection, incident_id, CaseChanged(case, "风向 225° → 265°"))
    desk.locator(".notice.danger", has_text="指令 Z-01 待复核").wait_for(timeout=60_000)
    desk.locator(".order[data-order='Z-01'] .wn", has_text="风向 225° → 265°").wait_for(timeout=60_000)
    phone.pages[0].locator(".card .doubt").wait_for(timeout=60_000)


def test_a_dialog_keeps_what_was_typed_and_says_what_is_missing(desk: "Page", keep: Callable[[str], None]) -> None:
    desk.keyboard.press("o")
    dialog = desk.locator("dialog.ask")
    dialog.locator("textarea").fill("封控外围道路")
    desk.keyboard.press("Escape")
    desk.keyboard.press("o")
    assert dialog.locator("textarea").input_value() == "封控外围道路"
    dialog.locator("textarea").fill("  ")
    dialog.get_by_role("button", name="下达", exact=True).click()
    dialog.locator(".fault", has_text="请写明内容").wait_for(timeout=60_000)
    dialog.locator("textarea").fill("封控外围道路")
    keep("order-dialog")
    dialog.get_by_role("button", name="下达", exact=True).click()
    dialog.wait_for(state="detached", timeout=60_000)
    desk.keyboard.press("4")
    desk.locator(".order", has_text="封控外围道路").wait_for(timeout=60_000)


def test_help_from_the_field_reaches_the_queue_and_is_answered(desk: "Page", phone: "BrowserContext") -> None:
    page = phone.pages[0]
    page.locator(".nav.help").click()
    page.locator(".sheet textarea").fill("两人中毒，请求增援")
    page.get_by_role("button", name="立即求助").click()
    desk.locator(".notice.danger", has_text="两人中毒").wait_for(timeout=60_000)
    desk.keyboard.press("4")
    desk.locator(".order.late").get_by_role("button", name="答复").click()
    desk.locator("dialog.ask textarea").fill("已派增援")
    desk.locator("dialog.ask .btn.p").click()
    desk.locator(".notice.danger", has_text="两人中毒").wait_for(state="detached", timeout=60_000)
