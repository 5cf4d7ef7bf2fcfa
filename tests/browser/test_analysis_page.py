"""Does the analysis page count what is chosen, and warn where there is too little to conclude from?"""

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.long]

FIRST_MS = 60_000


@pytest.fixture(scope="module")
def board(opened: Any, city: tuple[str, dict[str, str]]) -> Any:
    """The analysis page in the browser that is signed in already."""
    page = opened.context.new_page()
    page.goto(f"{city[0]}/analysis")
    page.wait_for_selector(".analysis-total", timeout=FIRST_MS)
    yield page
    page.close()


def _settled(page: Any, total: str) -> None:
    # a locator and no script: the page's policy lets nobody evaluate text as code
    page.locator(".analysis-total", has_text=total).wait_for(timeout=FIRST_MS)


def test_totals_follow_the_choice(board: Any) -> None:
    """193 makers of dangerous chemicals and 18 ammonia plants (product.md section 3)."""
    assert "60,000" in board.locator(".analysis-total").inner_text()
    assert "60,000" in board.locator(".hex-sum").inner_text()
    board.locator(".pick").first.select_option("hazmat")
    _settled(board, "193")
    assert "193" in board.locator(".hex-sum").inner_text()
    assert board.locator(".small-n").count() == 0
    board.locator(".pick").first.select_option("ammonia")
    _settled(board, " 18")
    assert board.locator(".small-n").count() == 1, "18 rows are few, and it says so"


def test_events_have_months_and_hours(board: Any) -> None:
    board.get_by_role("button", name="事件与检查").click()
    board.get_by_text("星期 × 小时").wait_for(timeout=FIRST_MS)
    assert board.locator("svg.chart").count() == 2
    board.get_by_role("button", name="显著聚集").click()
    assert "Getis-Ord" in board.locator(".analysis-foot").inner_text()
