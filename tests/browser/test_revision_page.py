"""Can an officer put wind and source right on the desk, with a reason, and does everything follow?"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.long

FOLLOWS_MS = 60_000


def test_a_turned_wind_is_put_right_with_its_reason_and_assessed_anew(
    desk: "Page", said_wrong: list[str], keep: Callable[[str], None]
) -> None:
    desk.keyboard.press("2")
    before = desk.locator(".inspector .mono.cut").first.get_attribute("title")
    desk.click(".inspector .revise")
    wind = desk.get_by_label("风向（来向）°")
    wind.wait_for(timeout=FOLLOWS_MS)
    assert wind.input_value() == "225", "the form shows what is believed until now"
    assert desk.get_by_label("物质").first.input_value().startswith("氯")
    assert desk.get_by_label("泄漏速率 kg/s").input_value() == "0.4"
    keep("revise-open")
    wind.fill("265")
    wind.press("Tab")
    desk.get_by_role("button", name="记录并重新研判").click()
    desk.wait_for_selector(".dialog .fault:has-text('请写明修正原因')", timeout=FOLLOWS_MS)
    assert wind.input_value() == "265", "what was typed stays"
    reason = desk.get_by_label("修正原因")
    reason.fill("风向转为西风（演练）")
    reason.press("Tab")
    desk.get_by_role("button", name="记录并重新研判").click()
    desk.wait_for_selector(f'.inspector .mono.cut:not([title="{before}"])', timeout=FOLLOWS_MS)
    desk.wait_for_selector(".dialog", state="hidden", timeout=FOLLOWS_MS)
    desk.keyboard.press("5")
    desk.wait_for_selector(".record-list :text('风向转为西风')", timeout=FOLLOWS_MS)
    keep("revise-done")
    assert said_wrong == []
