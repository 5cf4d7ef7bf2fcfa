"""Does a duty officer see that a line is cut, sign for what came in, and pass an incident on, with the page alone?"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from command_ui import bundle
from gis.database import Caller
from scenarios.desk import ReportIncident
from scenarios.orders.writing import NewOrder

CITY = Caller("duty", "990100", "990200", "drill")
PROVINCE = Caller("duty", "990000", "991000", "drill")


@pytest.fixture(scope="module")
def nodes(make_node: Callable[..., Any]) -> tuple[Any, Any]:
    bundle.build()
    city = make_node("city-p", "演练市", "city", "990100", pages=True)
    province = make_node("province-p", "演练省", "province", "990000")
    province.knows(city, relation="below", key=city.knows(province, relation="above"))
    return city, province


def opened(node: Any, caller: Caller, division: str, title: str) -> Any:
    moment = datetime.now(UTC)
    command = ReportIncident(title=title, longitude=118.7, latitude=31.4, occurred_at=moment, known_at=moment,
                             channel="phone", division_code=division)  # fmt: skip
    return node.desk.report(command, caller).incident_id


@pytest.mark.long
@pytest.mark.timeout(900)
def test_what_a_duty_officer_does_about_other_levels(
    nodes: tuple[Any, Any], browser_page: Any, requested_hosts: set[str], until: Callable[..., float]
) -> None:
    city, province = nodes
    mine = opened(city, CITY, "990102", "<b>本市</b>险情")
    theirs = opened(province, PROVINCE, "990000", "省级险情")
    order_id, _ = province.desk.orders.draft(
        theirs, NewOrder(unit_name="演练市", text="派一支检测队"), PROVINCE, issue=True
    )
    page = browser_page
    page.goto(f"{city.origin}/sign-in")
    page.fill("#name", "duty")
    page.fill("#password", city.passwords["duty"])
    page.click("button[type=submit]")
    page.goto(f"{city.origin}/nodes")

    # what came in, signed for with words of one's own, which stay while the list is drawn anew
    row = page.locator("tr[data-message]")
    row.first.wait_for(timeout=60_000)
    row.first.locator("input.field").fill("已派出")
    page.wait_for_timeout(6000)
    assert row.first.locator("input.field").input_value() == "已派出"
    row.first.locator("button.node-sign").click()
    page.get_by_text("已派出").wait_for()
    until(lambda: province.desk.situation(theirs).orders.named(order_id).state == "acknowledged")
    assert page.locator(".node-line[data-node=province-p]").get_by_text("畅通").is_visible()
    assert page.locator("a.badge[href='/nodes']").is_hidden()

    # the line is cut: the page says so by itself, and what is passed on waits
    province.wire.cut()
    page.get_by_role("tab", name="发出").click()
    page.locator(".node-pass input[type=checkbox]").first.check()
    page.locator("button.node-send").click()
    page.get_by_text("已入发件箱：演练省").wait_for()
    page.locator(".node-line[data-node=province-p]").get_by_text("中断，自动重试").wait_for(timeout=60_000)
    page.reload()
    page.locator("a.badge[href='/nodes']").wait_for(timeout=60_000)
    page.get_by_label("含记录副本").check()
    page.locator("tr[data-row] button.node-retry").first.wait_for()
    assert page.locator("tr[data-row] b").count() == 0, "a title is text and never markup"
    province.wire.heal()
    page.locator("tr[data-row] button.node-retry").first.click()
    until(lambda: province.rows("SELECT 1 FROM nodes.foreign_entry WHERE incident_id = %s", mine), 30)
    page.locator(".node-line[data-node=province-p]").get_by_text("畅通").wait_for(timeout=60_000)

    # the other language and theme, and nothing asked of anybody but our own server
    page.get_by_title("用户菜单").click()
    page.get_by_text("English").click()
    page.get_by_role("tab", name="Received").wait_for()
    assert requested_hosts == {city.origin.removeprefix("http://")}
