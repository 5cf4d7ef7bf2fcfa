"""Can people be told, supplies taken and cards cited with mouse and keyboard, while the map stays to be read?"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from gis.database import Caller, Database
from scenarios import log
from scenarios.situation import situation_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.long]
DRILL = Caller("演练导调", "990100", "990200", "drill")
NUMBER = "13900001234"
SLOW_MS = 120_000


def known(database: Database, desk: "Page") -> Any:
    """The situation of the incident the desk shows."""
    title = desk.locator(".inspector .head .name").inner_text()
    with database.transaction(DRILL) as connection:
        found = [situation_at(log.read(connection, one.incident_id)) for one in log.heads(connection, mode="drill")]
    return next(one for one in found if one.title == title)


def open_log(desk: "Page", part: str) -> None:
    desk.keyboard.press("5")
    desk.locator(".log-parts .chip", has_text=part).click()


def test_a_text_is_told_by_keyboard_and_the_map_stays_in_sight(
    desk: "Page", city_database: Database, said_wrong: list[str], keep: Callable[[str], None]
) -> None:
    open_log(desk, "通信")
    desk.locator(".orders .btn.p", has_text="发送短信").click()
    dialog = desk.locator("dialog.ask")
    box, map_box = dialog.bounding_box(), desk.locator(".ol-viewport").first.bounding_box()
    assert box is not None and map_box is not None
    assert box["x"] > map_box["x"] + map_box["width"] * 0.6, "the dialog stands over the inspector, not over the map"
    assert dialog.evaluate("one => getComputedStyle(one, '::backdrop').backgroundColor") == "rgba(0, 0, 0, 0)"
    dialog.locator("textarea").fill("请到东门集结")
    desk.keyboard.press("Control+Enter")  # nobody is chosen yet
    dialog.locator(".fault", has_text="请选择通知谁").wait_for(timeout=10_000)
    dialog.locator(".person", has_text="手工输入号码").click()
    dialog.get_by_label("姓名或岗位").fill("演练联络员")
    dialog.get_by_label("号码", exact=True).fill(NUMBER)
    keep("message-dialog")
    desk.keyboard.press("Escape")  # what was typed waits for the next time
    dialog.wait_for(state="detached", timeout=10_000)
    desk.locator(".orders .btn.p", has_text="发送短信").click()
    assert dialog.locator("textarea").input_value() == "请到东门集结"
    dialog.locator("textarea").focus()
    desk.keyboard.press("Control+Enter")
    card = desk.locator(".message", has_text="请到东门集结")
    card.wait_for(timeout=20_000)
    card.locator(".badge", has_text="已送达").wait_for(timeout=60_000)
    (message,) = known(city_database, desk).messages
    assert (message.put.name, message.put.phone) == ("演练联络员", "139****1234")
    # the number is masked for everybody until somebody says why
    assert "139****1234" in card.inner_text() and NUMBER not in card.inner_text()
    card.locator(".veil-eye").click()
    card.locator(".veil-form button[type=submit]").click()
    card.locator(".veil-lifted", has_text=NUMBER).wait_for(timeout=10_000)
    assert said_wrong == []


def test_what_was_heard_on_the_telephone_is_written_down(desk: "Page", city_database: Database) -> None:
    open_log(desk, "通信")
    desk.locator(".orders .btn", has_text="拨打电话").click()
    dialog = desk.locator("dialog.ask")
    dialog.get_by_label("搜索队伍").fill("消防站")
    dialog.locator(".person", has_text="消防站").first.click()
    dialog.locator("textarea").fill("请求增援")
    dialog.locator(".chip", has_text="我已拨打").click()
    dialog.get_by_label("对方答复").fill("十分钟到")
    dialog.locator("button[type=submit]").click()
    card = desk.locator(".message", has_text="请求增援")
    card.locator(".badge", has_text="已接通").wait_for(timeout=20_000)
    message = known(city_database, desk).messages[-1]
    assert (message.put.kind, message.steps[-1].said.text) == ("call", "十分钟到")


def test_a_draft_issued_later_tells_its_unit_too(desk: "Page", city_database: Database) -> None:
    desk.keyboard.press("4")
    desk.keyboard.press("o")
    dialog = desk.locator("dialog.ask")
    dialog.locator("textarea").first.fill("封控外围道路")
    dialog.get_by_text("先存为草稿").click()
    dialog.locator("button[type=submit]").click()
    card = desk.locator(".order", has_text="封控外围道路")
    card.get_by_text("下达同时短信通知该队伍").click()
    card.get_by_role("button", name="下达", exact=True).click()
    card.locator(".badge", has_text="待签收").wait_for(timeout=20_000)
    open_log(desk, "通信")
    desk.locator(".message", has_text="封控外围道路").wait_for(timeout=20_000)
    told = known(city_database, desk).messages[-1]
    assert told.put.occasion == "order" and told.put.order_id


def test_a_wrong_line_is_struck_through_and_stays(desk: "Page", city_database: Database) -> None:
    open_log(desk, "日志")
    desk.keyboard.press("n")
    desk.keyboard.type("两人受伤")
    desk.keyboard.press("Enter")
    row = desk.locator(".entry.lane-act", has_text="两人受伤").first
    row.locator(".ib").click(timeout=20_000)
    dialog = desk.locator("dialog.ask")
    dialog.get_by_label("应为").fill("三人受伤")
    dialog.get_by_label("理由").fill("现场复核")
    dialog.locator("button[type=submit]").click()
    desk.locator(".entry.struck", has_text="两人受伤").wait_for(timeout=20_000)
    desk.locator(".entry", has_text="三人受伤").first.wait_for(timeout=20_000)
    assert known(city_database, desk).struck


def test_a_card_is_found_by_its_words_and_cited(
    browser: "Browser", city: tuple[str, dict[str, str]], city_database: Database
) -> None:
    origin, accounts = city
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    desk = context.new_page()
    desk.goto(f"{origin}/")
    desk.fill("#name", "commander")
    desk.fill("#password", accounts["commander"])
    desk.click("button[type=submit]")
    desk.wait_for_selector(".headline", timeout=SLOW_MS)
    desk.keyboard.press("4")
    desk.get_by_role("button", name="记决策").click()
    dialog = desk.locator("dialog.ask")
    box, map_box = dialog.bounding_box(), desk.locator(".ol-viewport").first.bounding_box()
    side = desk.locator(".area-inspector").bounding_box()
    assert box is not None and map_box is not None and side is not None
    assert box["y"] > map_box["y"] + map_box["height"] / 2, "the decision lies below what it is decided on"
    assert box["x"] + box["width"] <= side["x"], "the figures stay in sight"
    picker = dialog.locator(".person-find input[type=search]")
    picker.fill("洗眼")
    dialog.locator(".card-hit mark", has_text="洗眼").first.wait_for(timeout=20_000)  # within the text, marked
    picker.fill("氯")
    dialog.locator(".card-hit").first.wait_for(timeout=20_000)
    picker.press("Enter")  # looks for the words; signs nothing
    dialog.locator(".card-hit").first.click()
    cited = dialog.locator(".badge.b-info", has=desk.locator(".ib"))
    cited.locator(".ib").click()
    assert cited.count() == 0
    dialog.locator(".card-hit").first.click()
    dialog.locator("input").first.fill("下风向撤离")
    dialog.get_by_label("理由").fill("剂量超标")
    dialog.locator("button[type=submit]").click()
    dialog.wait_for(state="detached", timeout=20_000)
    decision = known(city_database, desk).decisions[-1]
    cards = known(city_database, desk).planning.cited
    assert (decision.said.text, cards[-1].card.decision_id) == ("下风向撤离", decision.decision_id)
    context.close()


def test_supplies_are_taken_undone_taken_and_given_back(
    desk: "Page", city: tuple[str, dict[str, str]], keep: Callable[[str], None]
) -> None:
    origin, _ = city
    desk.goto(f"{origin}/plans?tab=stock")
    row = desk.locator("tr[data-stock]", has=desk.locator(".take-out")).first
    row.wait_for(timeout=60_000)
    stock = row.get_attribute("data-stock")
    row = desk.locator(f"tr[data-stock='{stock}']")
    left = row.locator("td.r.num b").inner_text()

    def take() -> None:
        row.locator(".take-out").click()
        dialog = desk.locator("dialog.ask")
        dialog.locator("input[inputmode=decimal]").fill("0")
        desk.keyboard.press("Control+Enter")
        dialog.locator(".fault").wait_for(timeout=10_000)  # nothing is taken out by mistake
        dialog.locator("input[inputmode=decimal]").fill("2")
        desk.keyboard.press("Control+Enter")
        desk.locator(".stock-undo").wait_for(timeout=20_000)
        row.locator("td.r.num b", has_text=f"{int(float(left.replace(',', ''))) - 2:,}").wait_for(timeout=20_000)

    take()
    keep("stock-taken")
    desk.locator(".stock-undo button").click()
    row.locator("td.r.num b", has_text=left).wait_for(timeout=20_000)
    take()
    desk.locator(".stock-held .give-back").first.click()
    desk.locator("dialog.ask button[type=submit]").click()
    row.locator("td.r.num b", has_text=left).wait_for(timeout=20_000)
