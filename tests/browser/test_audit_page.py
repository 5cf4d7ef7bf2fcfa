"""Can the audit administrator find a refusal by chart, filter and keyboard alone, in both languages?"""

from typing import TYPE_CHECKING, Any

import pytest

from command_ui.access import audit
from gis.database import Caller, Database

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.long

TIMES = 37


@pytest.fixture(scope="module")
def audit_page(
    city: tuple[str, dict[str, str]], city_database: Database, browser: "Browser", said: list[str]
) -> "Page":
    """The page, with a refusal that was merged from many."""
    with city_database.transaction(Caller.system()) as connection:
        trace = audit.Trace("198.51.100.23")
        audit.write(connection, "denied", "refused", actor="演练甲", on="GET /planted", trace=trace)
        audit.write(
            connection, "denied", "refused", actor="演练甲", on="GET /planted", trace=trace, detail={"times": TIMES}
        )
    origin, accounts = city
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{origin}/sign-in")
    page.fill("#name", "auditor")
    page.fill("#password", accounts["auditor"])
    page.click("button[type=submit]")
    page.wait_for_selector(".office-table tbody tr.hover", timeout=60_000)
    return page


def rows(page: "Page") -> list[str]:
    return [one.inner_text() for one in page.locator(".office-table tbody tr.hover").all()]


def settled(page: "Page", act: Any) -> None:
    """Do something and wait for the list that follows from it."""
    with page.expect_response(lambda answer: "/api/v1/audit?" in answer.url):
        act()
    page.wait_for_timeout(300)


def test_a_bar_narrows_the_list_to_its_refusals_by_keyboard(audit_page: "Page", said: list[str]) -> None:
    said.clear()
    assert audit_page.locator(".audit-chart .ac-key").first.inner_text().split()[-1].isdigit()
    bar = audit_page.locator("button.ac-bar").last
    assert "拒绝" in bar.get_attribute("aria-label")
    bar.focus()
    settled(audit_page, lambda: audit_page.keyboard.press("Enter"))
    assert all("拒绝" in one for one in rows(audit_page))
    assert any(f"×{TIMES}" in one for one in rows(audit_page)), "a merged line does not say how often"
    address = audit_page.locator(".ac-name", has_text="198.51.100.23").first
    address.focus()
    settled(audit_page, lambda: audit_page.keyboard.press("Enter"))
    assert rows(audit_page)
    assert all("198.51.100.23" in one for one in rows(audit_page))
    # The file holds what the list shows: its address carries the same filter.
    assert "words=198.51.100.23" in audit_page.locator("a[download]").get_attribute("href")
    audit_page.locator(".office-table tbody tr.hover").first.focus()
    audit_page.keyboard.press("Enter")
    assert "127.0.0.1" in audit_page.locator(".office-open").inner_text() or "198" in rows(audit_page)[0]
    settled(audit_page, lambda: audit_page.locator(".audit-clear").click())
    assert audit_page.locator(".office-filters input[type=search]").first.input_value() == ""
    assert not said


def test_what_was_typed_stays_when_the_server_is_away(audit_page: "Page") -> None:
    words = audit_page.locator(".office-filters input[type=search]").last
    words.fill("GET /planted")
    audit_page.route("**/api/v1/audit?**", lambda route: route.abort())
    words.press("Enter")
    audit_page.wait_for_selector(".fault[role=alert]")
    assert words.input_value() == "GET /planted"
    audit_page.unroute("**/api/v1/audit?**")
    settled(audit_page, lambda: words.press("Enter"))
    assert rows(audit_page)
    assert not audit_page.locator(".fault[role=alert]").count()


def test_it_speaks_english_too(audit_page: "Page") -> None:
    audit_page.locator(".user-button").first.click()
    audit_page.locator(".user [role=menuitem]").nth(1).click()
    audit_page.wait_for_selector("text=Accounts refused most")
    chart = audit_page.locator(".audit-chart").inner_text()
    assert "Refused" in chart
    assert not [one for one in chart if "\u4e00" <= one <= "\u9fff" and one not in "演练甲"]
