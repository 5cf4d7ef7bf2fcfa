"""Can an officer write a report, lose nothing, send it, and find its receipt? One walk through the page."""

import re
from typing import TYPE_CHECKING

import pytest

from gis.database import Caller, Database
from scenarios.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.long

DRILL = Caller("演练导调", "990100", "990200", "drill")


def test_a_report_is_filled_edited_kept_sent_and_followed(
    opened: "Page", city: tuple[str, dict[str, str]], city_database: Database, tmp_path: "Path"
) -> None:
    page, origin = opened, city[0]
    desk = Desk(city_database, tmp_path)
    leak = next(one for one in desk.incidents(DRILL) if "氯气" in one.title)
    page.goto(f"{origin}/report?incident={leak.incident_id}")
    unit = page.locator("#f-unit")
    unit.wait_for(timeout=60_000)
    assert "液氯库东侧" in unit.input_value()
    assert "最远" in page.locator("#f-impact").input_value()

    page.locator("#f-trend").fill("泄漏已得到控制，继续稀释中和（演练）。")
    page.locator(".paper", has_text="继续稀释中和").wait_for()
    page.locator(".save-state", has_text="草稿已保存").wait_for()
    page.reload()
    page.locator("#f-trend").wait_for(timeout=60_000)
    assert "继续稀释中和" in page.locator("#f-trend").input_value(), "what was typed is there after a reload"

    # Nothing goes up without a receiver, and nothing at the first press.
    page.keyboard.press("Control+Enter")
    assert page.locator(".send-now").count() == 0
    page.locator("#m-sent_to").fill("省应急管理厅（演练）")
    page.locator(".save-state", has_text="草稿已保存").wait_for()
    page.keyboard.press("Control+Enter")
    page.locator(".send-now").wait_for()
    page.keyboard.press("Enter")
    row = page.locator(".sent-row", has_text="省应急管理厅（演练）")
    row.wait_for(timeout=60_000)
    receipt = row.locator(".mono").inner_text()

    sent = desk.situation(leak.incident_id, caller=DRILL).reporting.sent[-1]
    found = re.search(r"第 (\d+) 条 · ([0-9a-f]{24})", receipt)
    assert found is not None
    assert (int(found[1]), found[2]) == (sent.seq, sent.hash[:24])
    trend = next(one for one in sent.report.fields if one["code"] == "trend")
    assert "继续稀释中和" in trend["lines"][0]["text"]
    assert desk.reports.draft(leak.incident_id, "incident", Caller("duty", "990100", "990200", "drill")) is None

    # What follows is a follow-up, marked against what was sent.
    page.locator(".paper-stage", has_text="续报一").wait_for()
    assert page.locator("#f-trend").input_value() == ""
    answer = row.locator("input")
    answer.fill("省厅值班室（演练）")
    answer.press("Enter")
    page.locator(".sent-row .okc", has_text="省厅值班室（演练）").wait_for()
