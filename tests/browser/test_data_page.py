"""A county's file by mouse: choose it, see what is wrong, import the good rows, find the defects on the map, undo."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.long]

ROWS = (
    "名称,容纳人数,经度,纬度,所属区县",
    "演练丙避难所,500,118.7124,31.4087,滨江区",
    "演练丁避难所,700,118.7135,31.4090,滨江区",
    "演练戊避难所,600,31.41,118.72,滨江区",
    "演练己避难所,,118.7140,31.4080,滨江区",
)
WAIT_MS = 60_000


@pytest.fixture(scope="module")
def room(city: tuple[str, dict[str, str]], browser: "Browser") -> Iterator["Page"]:
    """The data page after signing in."""
    origin, accounts = city
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True
    )
    page = context.new_page()
    page.goto(f"{origin}/sign-in?next=/data")
    name, password = next(iter(accounts.items()))
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("button[type=submit]")
    page.wait_for_selector(".data-layer", timeout=WAIT_MS)
    yield page
    context.close()


def test_a_file_is_examined_imported_found_on_the_map_and_undone(
    room: "Page", tmp_path: Path, repository: Path
) -> None:
    path = tmp_path / "滨江区上报.csv"
    path.write_bytes("\n".join(ROWS).encode("gb18030"))
    room.get_by_role("tab", name="数据导入").click()
    room.get_by_label("导入图层").select_option("shelter")
    room.get_by_label("选择文件").set_input_files(path)
    room.wait_for_selector(".data-sheet select", timeout=WAIT_MS)
    assert room.get_by_label("“容纳人数”对应字段").input_value() == "capacity"
    # Nothing is guessed: without a datum nothing can be examined.
    assert room.get_by_role("button", name="检查（不写入）").is_disabled()
    room.get_by_label("坐标系").select_option("cgcs2000")
    room.get_by_role("button", name="检查（不写入）").click()
    room.wait_for_selector(".data-result", timeout=WAIT_MS)
    said = room.locator(".data-result").inner_text()
    assert "经纬度颠倒 1" in said and "必填为空 1" in said
    with room.expect_download() as taken:
        room.get_by_role("link", name="下载报告 CSV").click()
    assert "演练戊避难所" in Path(taken.value.path()).read_text(encoding="utf-8-sig")
    room.get_by_role("button", name="导入合格的 2 行").click()
    room.wait_for_selector("text=新增 2 行", timeout=WAIT_MS)
    (repository / "artefacts").mkdir(exist_ok=True)
    room.screenshot(path=repository / "artefacts" / "data-import.png")

    room.get_by_role("tab", name="底数质量").click()
    room.get_by_label("问题", exact=True).select_option("swapped")
    room.wait_for_selector(".defect >> text=演练戊避难所", timeout=WAIT_MS)
    room.locator(".defect", has_text="演练戊避难所").click()
    assert "责任单位：市应急管理局" in room.locator(".defect.on").inner_text()
    room.screenshot(path=repository / "artefacts" / "data-quality.png")

    room.locator(".data-layer", has_text="避难所").locator(".data-name").click()
    room.get_by_role("tab", name="数据与导出").click()
    room.get_by_label("名称包含").fill("演练丙避难所")
    room.wait_for_selector(".rows-table >> text=演练丙避难所", timeout=WAIT_MS)
    room.wait_for_selector("text=1 条", timeout=WAIT_MS)
    with room.expect_download() as taken:
        room.get_by_role("link", name="CSV", exact=True).click()
    assert len(Path(taken.value.path()).read_text(encoding="utf-8-sig").splitlines()) == 2

    room.get_by_role("tab", name="数据导入").click()
    room.get_by_role("button", name="撤销").first.click()
    room.wait_for_selector("text=已撤销", timeout=WAIT_MS)


def test_a_filter_is_what_list_map_and_tiles_show(room: "Page") -> None:
    """Asked for in the list, it goes to the map: the tiles carry it, the tree marks it, and it is taken off again."""
    room.locator(".data-layer", has_text="避难所").locator(".data-name").click()
    room.get_by_role("tab", name="数据与导出").click()
    room.get_by_label("名称包含").fill("体育馆")
    shows = room.get_by_role("button", name="按此筛选显示在地图上")
    shows.wait_for(timeout=WAIT_MS)
    with room.expect_request(lambda one: "/tiles/shelter/" in one.url and "only=" in one.url, timeout=WAIT_MS):
        shows.click()
        room.get_by_role("tab", name="底数质量").click()
    row = room.locator(".data-layer", has_text="避难所").first
    row.get_by_title("地图上已按此筛选显示").wait_for(timeout=WAIT_MS)
    room.get_by_role("tab", name="数据与导出").click()
    room.get_by_role("button", name="清除 ").click()
    row.get_by_title("地图上已按此筛选显示").wait_for(state="detached", timeout=WAIT_MS)


def test_the_tree_tells_count_quality_age_and_owner(room: "Page") -> None:
    tree = room.locator(".data-tree")
    room.wait_for_selector(".data-layer .badge:has-text('底数')", timeout=WAIT_MS)
    assert "60,000" in tree.locator(".data-layer", has_text="工业企业").first.inner_text()
    tree.get_by_label("图层名、来源、责任单位").fill("地震")
    row = tree.locator(".data-layer", has_text="地震速报")
    assert "未接入" in row.inner_text()
    row.locator(".data-name").click()
    assert "市地震局" in tree.locator(".data-tree-detail").inner_text()
    tree.get_by_label("图层名、来源、责任单位").fill("")


def test_nothing_is_called_clean_while_it_is_being_examined(room: "Page") -> None:
    """What the first look at a city is told, for as long as the test wants it."""
    told = {"scores": [], "defects": [], "examining": True}
    room.route("**/api/v1/quality?*", lambda asked: asked.fulfill(json=told))
    room.get_by_role("tab", name="底数质量").click()
    room.get_by_title("重新检查").click()
    room.wait_for_selector(".data-defects >> text=正在逐行检查底数", timeout=WAIT_MS)
    assert "没有发现缺陷" not in room.locator(".data-defects").inner_text()
    told["examining"] = False
    room.wait_for_selector(".data-defects >> text=没有发现缺陷", timeout=WAIT_MS)
    room.unroute("**/api/v1/quality?*")
    room.get_by_title("重新检查").click()


def test_a_defect_is_given_to_a_unit_and_closed_and_the_eye_is_the_duty_maps(room: "Page") -> None:
    room.get_by_role("tab", name="底数质量").click()
    room.get_by_label("问题", exact=True).select_option("")
    room.wait_for_selector(".defect", timeout=WAIT_MS)
    room.locator(".defect").first.click()
    name = room.locator(".defect.on b").first.inner_text()
    room.get_by_role("button", name="派发整改").click()
    room.get_by_label("责任单位", exact=True).fill("滨江区应急管理局")
    room.get_by_role("button", name="派发", exact=True).click()
    room.wait_for_selector("text=整改中", timeout=WAIT_MS)
    room.get_by_role("tab", name="整改派发").click()
    task = room.locator(".mend", has_text=name)
    assert "滨江区应急管理局" in task.inner_text() and "剩 6 天 23 小时" in task.inner_text()
    task.get_by_role("button", name="整改完成").click()
    room.wait_for_selector(".mend >> text=已整改 待复核", timeout=WAIT_MS)
    room.locator(".mend", has_text=name).get_by_role("button", name="复核销号").click()
    room.wait_for_selector("text=没有整改任务", timeout=WAIT_MS)

    eye = room.get_by_role("button", name="涉爆粉尘企业").first
    was = eye.get_attribute("aria-pressed")
    eye.click()
    room.wait_for_timeout(1_000)
    room.goto(room.url.split("/data")[0] + "/data?tab=mend")
    room.wait_for_selector(".data-layer", timeout=WAIT_MS)
    again = room.get_by_role("button", name="涉爆粉尘企业").first
    assert again.get_attribute("aria-pressed") != was
    again.click()
