"""A plan by mouse: import it with faults, mend it, match it with the incident, adopt it, and find its orders."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scenarios.plans import sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.long]

WAIT_MS = 60_000


@pytest.fixture(scope="module")
def library(city: tuple[str, dict[str, str]], browser: "Browser") -> Iterator["Page"]:
    """The page of plans after signing in."""
    origin, accounts = city
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.goto(f"{origin}/sign-in?next=/plans")
    name, password = next(iter(accounts.items()))
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_selector(".plan-row", timeout=WAIT_MS)
    yield page
    context.close()


def test_a_plan_goes_from_a_file_with_faults_to_orders(library: "Page", tmp_path: Path) -> None:
    page = library
    assert page.locator(".plan-row").count() == len(sample.FILES)
    good = sample.written("chlorine").replace(b"YA-CL2-CITY", b"YA-CL2-BJ").replace(b'"990100"', b'"990102"')
    file = tmp_path / "chlorine.yaml"
    file.write_bytes(good.replace(b"within_min: 15", b"within_min: soon", 1).replace(b"7782-50-5", b"7782-50-6", 1))
    page.set_input_files(".plan-side input[type=file][accept*=yaml]", file)
    page.wait_for_selector(".plan-faults tbody tr", timeout=WAIT_MS)
    assert page.locator(".plan-faults tbody tr").count() == 2
    assert "不是整数" in page.locator(".plan-faults").inner_text()
    assert page.locator(".plan-enter").count() == 0
    file.write_bytes(good)
    page.set_input_files(".plan-side input[type=file][accept*=yaml]", file)
    page.click(".plan-enter", timeout=WAIT_MS)
    page.wait_for_selector(".plan-row:has-text('YA-CL2-BJ')", timeout=WAIT_MS)
    page.goto(page.url.split("/plans")[0] + "/")
    page.click(".inspector .tab:nth-child(3)", timeout=WAIT_MS)
    page.wait_for_selector(".plan-card", timeout=WAIT_MS)
    county = page.locator(".plan-card[data-plan='YA-CL2-BJ']")
    if county.locator(".plan-body").count() == 0:
        county.locator(".plan-top").click()
    assert county.locator(".plan-bar").count() == 5
    county.locator(".plan-bar").nth(2).hover()
    assert "本区县预案" in county.locator(".plan-bar").nth(2).inner_text()
    county.locator(".plan-adopt").click()
    county.locator(".plan-confirm").click()
    page.wait_for_selector(".plan-card[data-plan='YA-CL2-BJ'] .badge.b-live:has-text('已启用')", timeout=WAIT_MS)
    page.click(".inspector .tab:nth-child(4)")
    page.wait_for_selector(".order:has-text('YA-CL2-BJ/T1')", timeout=WAIT_MS)
    assert page.locator(".order:has-text('YA-CL2-BJ/')").count() == 6
