"""Is it three clicks from an alarm to an order, and does the team sign for it although its line is cut?"""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gis.database import Caller, Database
from layers.sensors import history
from layers.sensors.intake import take
from layers.sensors.messages import read
from layers.sensors.points import Points
from layers.sensors.simulate import adopt
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
GATEWAY = "WG-DRILL-01"
DETECTOR = "AT-1204"
LEAK = "演练化工一厂氯气泄漏"
"""The incident of the drill that has a run; its own alarms are in its record."""
POST = """async ([path, body, key]) => {
  const said = await (await fetch('/api/v1/session')).json()
  const headers = {'content-type': 'application/json', 'x-csrf-token': said.csrf_token, 'idempotency-key': key}
  const answer = await fetch(path, {method: 'POST', headers, body: JSON.stringify(body)})
  if (!answer.ok) throw new Error(await answer.text())
  return answer.json() }"""


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


def post(desk: "Page", path: str, body: dict[str, Any]) -> Any:
    """Hand something in as the officer at this desk."""
    return desk.evaluate(POST, [f"/api/v1/incidents{path}", body, str(uuid.uuid4())])


def reported(desk: "Page", title: str) -> str:
    """Begin an incident of a test's own."""
    now = datetime.now(UTC).isoformat()
    return str(post(desk, "", {"title": title, "longitude": 118.7, "latitude": 31.4, "occurred_at": now,
                               "division_code": "990102"})["incident_id"])  # fmt: skip


def ordered(desk: "Page", incident: object, text: str, **more: object) -> str:
    """Give the team of the phone something to do; the order's name."""
    order = {"unit_id": "DW-001", "unit_name": "演练园区消防站", "text": text, "issue": True} | more
    return str(post(desk, f"/{incident}/orders", order)["order"]["name"])


def look_at(desk: "Page", title: str) -> None:
    """Open an incident from the queue, with its orders."""
    desk.locator(".chip-open").click()
    desk.locator(".incident", has_text=title).first.locator(".title").click()
    desk.locator(".incident.picked", has_text=title).wait_for(timeout=60_000)
    desk.locator(".inspector .name", has_text=title).wait_for(timeout=60_000)
    desk.keyboard.press("4")


@pytest.fixture
def alarm(city_database: Database) -> str:
    """The text of a detector's alarm that belongs to no incident yet."""
    now = datetime.now(UTC)
    with city_database.transaction(Caller.system()) as connection:
        history.prepare(connection, now.date() - timedelta(days=1))
        adopt(connection)
        message = read("tag", {"rts": [{"tnm": DETECTOR, "ts": now.isoformat(), "val": 18.0}]}, GATEWAY, now)
        assert take(connection, Points(), [message]).answers[0].accepted == 1
    return DETECTOR


def incident_titled(database: Database, title: str) -> "UUID":
    """The last opened incident of this title."""
    with database.transaction(DRILL) as connection:
        heads = log.heads(connection, mode="drill")
        return next(
            one.incident_id for one in heads if title in situation_at(log.read(connection, one.incident_id)).title
        )


def folded(database: Database, incident_id: "UUID") -> Any:
    with database.transaction(DRILL) as connection:
        return situation_at(log.read(connection, incident_id))


def test_from_an_alarm_to_an_order_that_is_signed_for_without_a_line(
    desk: "Page", phone: "BrowserContext", alarm: str, city_database: Database, said_wrong: list[str],
    keep: Callable[[str], None], repository: Any,
) -> None:  # fmt: skip
    row = desk.locator(".alarm.danger", has_text=alarm)
    row.wait_for(timeout=SLOW_MS)
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
    incident_id = incident_titled(city_database, "Cl₂ 18")
    text = folded(city_database, incident_id).orders.all[0].draft.text

    page = phone.pages[0]
    card = page.locator(".card[data-order='Z-01']", has_text=text)
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


def test_an_alarm_of_an_incident_opens_it_and_makes_no_second(desk: "Page") -> None:
    row = desk.locator(".alarm", has_text="AT-1203")
    row.wait_for(timeout=60_000)
    assert row.get_by_role("button", name="立案").count() == 0
    row.get_by_role("button", name="打开事件").click()
    desk.locator(".incident.picked", has_text=LEAK).wait_for(timeout=60_000)


def test_a_turned_wind_flags_the_order_on_the_desk_and_in_the_field(
    desk: "Page", phone: "BrowserContext", city_database: Database
) -> None:
    incident_id = incident_titled(city_database, LEAK)
    known = folded(city_database, incident_id)
    name = ordered(desk, incident_id, "西门集结，上风向侦检", run_ids=[known.run.run_id])
    look_at(desk, LEAK)
    desk.locator(f".order[data-order='{name}']", has_text="上风向侦检").wait_for(timeout=60_000)
    case = {**known.case, "weather": {**known.case["weather"], "wind_from_deg": 265.0}}
    with city_database.transaction(DRILL) as connection:
        log.append(connection, incident_id, CaseChanged(case, "风向 225° → 265°"))
    desk.locator(".notice.danger", has_text=f"指令 {name} 待复核").wait_for(timeout=60_000)
    desk.locator(f".order[data-order='{name}'] .wn", has_text="风向 225° → 265°").wait_for(timeout=60_000)
    phone.pages[0].locator(".card", has_text="上风向侦检").locator(".doubt").wait_for(timeout=60_000)


def test_a_dialog_keeps_what_was_typed_and_says_what_is_missing(desk: "Page", keep: Callable[[str], None]) -> None:
    look_at(desk, LEAK)
    desk.keyboard.press("o")
    dialog = desk.locator("dialog.ask")
    dialog.locator("textarea").fill("封控外围道路")
    desk.keyboard.press("Escape")
    dialog.wait_for(state="detached", timeout=60_000)
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


def test_help_from_the_field_reaches_a_desk_that_looks_elsewhere_and_is_answered(
    desk: "Page", phone: "BrowserContext", keep: Callable[[str], None]
) -> None:
    title = "演练：求助"
    ordered(desk, reported(desk, title), "罐区侦检")
    look_at(desk, "环城北路货车侧翻")
    page = phone.pages[0]
    page.locator("header .cut", has_text=title).wait_for(timeout=60_000)
    page.locator(".nav.help").click()
    assert title in page.locator(".sheet p.t2").inner_text()
    page.locator(".sheet textarea").fill("两人中毒，请求增援")
    page.get_by_role("button", name="立即求助").click()

    called = desk.locator(".incident", has_text=title)
    called.locator(".b-danger", has_text="求助 1").wait_for(timeout=60_000)
    assert title in desk.locator(".incident").first.inner_text(), "who calls stands first"
    assert desk.locator(".incident.picked", has_text="环城北路货车侧翻").count() == 1
    keep("help-from-elsewhere")
    desk.locator(".chip-alarms").click()  # cards and notices are not in that list
    above = desk.locator(".caller", has_text=title)
    above.wait_for(timeout=60_000)
    keep("help-above-alarms")
    above.click()
    desk.locator(".incident.picked", has_text=title).wait_for(timeout=60_000)
    desk.locator(".inspector .name", has_text=title).wait_for(timeout=60_000)
    desk.keyboard.press("4")
    desk.locator(".notice.danger", has_text="两人中毒").wait_for(timeout=60_000)
    desk.locator(".order.late").get_by_role("button", name="答复").click()
    desk.locator("dialog.ask textarea").fill("已派增援")
    desk.locator("dialog.ask .btn.p").click()
    desk.locator(".notice.danger", has_text="两人中毒").wait_for(state="detached", timeout=60_000)
    called.locator(".b-danger").wait_for(state="detached", timeout=60_000)
