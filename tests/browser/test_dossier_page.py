"""Does the dossier page show one enterprise as it is, lead to the map and back, and fake nothing?"""

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.long]


FIRST_MS = 60_000


@pytest.fixture(scope="module")
def file_page(opened: Any, city: tuple[str, dict[str, str]]) -> Any:
    """The dossier page of the drill's plant, in the browser that is signed in already."""
    page = opened.context.new_page()
    page.goto(f"{city[0]}/dossier/enterprise/QY-00001")
    page.wait_for_selector(".file-head h1", timeout=FIRST_MS)
    yield page
    page.close()


def test_the_file_shows_units_stock_quality_and_place(file_page: Any) -> None:
    assert file_page.locator(".file-head h1").inner_text() == "演练化工一厂"
    assert file_page.locator(".card-gb tbody tr").count() == 3
    assert "40 t" in file_page.locator(".card-gb tbody tr").first.inner_text()
    assert file_page.locator(".card-stock svg.chart").count() == 1
    assert file_page.locator(".card-quality .check-row").count() >= 5
    assert file_page.locator(".site-map canvas").count() >= 1
    assert "来源" in file_page.locator(".card-basic .origin").inner_text()


def test_the_working_opens_line_by_line(file_page: Any) -> None:
    file_page.get_by_text("查看计算").first.click()
    lines = file_page.locator(".steps-list li")
    lines.first.wait_for()
    assert lines.first.inner_text().startswith("氯：q/Q ＝ 40 t ÷ 5 t ＝ 8")
    assert "单一来源" in lines.first.inner_text()
    file_page.get_by_text("收起计算").first.click()


def test_a_tab_without_a_source_says_so_and_shows_nothing_else(file_page: Any) -> None:
    file_page.get_by_role("tab", name="工艺装置").click()
    card = file_page.locator(".card-process")
    assert "未接入" in card.inner_text()
    assert card.locator(".list-row, td").count() == 0
    file_page.get_by_role("tab", name="物资台账").click()
    assert file_page.locator(".card-ledger").count() == 3
    assert file_page.locator(".card-ledger th").count() == 3 * 6, "every table has its heads"
    file_page.get_by_role("tab", name="概况").click()


def test_another_file_is_found_by_its_chemical(file_page: Any, city: tuple[str, dict[str, str]]) -> None:
    file_page.goto(f"{city[0]}/dossier")
    file_page.locator(".file-search input").fill("光气")
    file_page.locator(".file-search .hit").first.click()
    file_page.wait_for_selector(".file-head h1", timeout=FIRST_MS)
    assert "碳酰氯" in file_page.locator(".card-gb").inner_text()
