"""The pictures of the guide: taken from the running program, never drawn. `make guide` takes them anew."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.pictures

QUALITY = 78
SETTLED_MS = 2500


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    """Where the guide looks for its pictures."""
    return repository / "command_ui" / "guide" / "pictures"


@pytest.fixture
def take(opened: "Page", folder: Path) -> Callable[[str], None]:
    """Keep the page as it stands, as WebP."""

    def shoot(name: str) -> None:
        opened.wait_for_timeout(SETTLED_MS)
        with Image.open(io.BytesIO(opened.screenshot())) as picture:
            picture.convert("RGB").save(folder / f"{name}.webp", quality=QUALITY, method=6)

    return shoot


def test_the_desk(desk: "Page", take: Callable[[str], None]) -> None:
    desk.wait_for_timeout(SETTLED_MS)
    take("console")  # the picture of the README too
    desk.keyboard.press("f")
    desk.wait_for_selector(".player .player-moment:not([hidden])", timeout=120_000)  # computed, not being computed
    take("zones")
    desk.keyboard.press("Escape")


@pytest.mark.parametrize(("key", "shown", "name"), [("b", ".closures", "roads"), ("p", ".plot", "marks")])
def test_a_tool(desk: "Page", take: Callable[[str], None], key: str, shown: str, name: str) -> None:
    desk.keyboard.press(key)
    desk.wait_for_selector(f"{shown}:not([hidden])", timeout=10_000)
    take(name)
    desk.keyboard.press("Escape")


def test_what_lies_in_a_box(desk: "Page", take: Callable[[str], None]) -> None:
    desk.keyboard.press("s")
    desk.wait_for_selector(".within:not([hidden])", timeout=10_000)
    box = desk.locator(".ol-target").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    desk.mouse.move(middle[0] - 60, middle[1] - 60)
    desk.mouse.down()
    desk.mouse.move(middle[0] + 120, middle[1] + 60, steps=6)
    desk.mouse.up()
    desk.wait_for_selector(".within .within-layer", timeout=30_000)
    desk.locator(".within .within-layer").first.click()
    take("within")
    desk.keyboard.press("Escape")


def test_orders(desk: "Page", take: Callable[[str], None]) -> None:
    if desk.locator(".inspector .act-now").count():
        desk.locator(".inspector .act-now").click()
    desk.keyboard.press("4")
    desk.wait_for_selector(".order", timeout=20_000)
    take("orders")
    desk.keyboard.press("2")


def test_plans(desk: "Page", take: Callable[[str], None]) -> None:
    desk.keyboard.press("3")
    take("plans")
    desk.keyboard.press("2")


def test_the_phone_of_a_team(browser: "Browser", city: tuple[str, dict[str, str]], folder: Path) -> None:
    origin, accounts = city
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    page = context.new_page()
    page.goto(f"{origin}/")
    page.fill("#name", "field")
    page.fill("#password", accounts["field"])
    page.click("button[type=submit]")
    page.wait_for_selector(".band.on", timeout=20_000)
    page.wait_for_timeout(SETTLED_MS)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").save(folder / "field.webp", quality=QUALITY, method=6)
    context.close()


def test_the_editor_of_reports(opened: "Page", city: tuple[str, dict[str, str]], take: Callable[[str], None]) -> None:
    opened.goto(f"{city[0]}/report")
    opened.wait_for_selector("main > *", timeout=30_000)
    take("report")


def test_an_alarm_that_is_open(opened: "Page", city: tuple[str, dict[str, str]], take: Callable[[str], None]) -> None:
    opened.goto(f"{city[0]}/alarms")
    opened.locator("tr.alarm-row", has_text="AT-1203").first.click(timeout=30_000)
    take("alarms")


def test_the_quality_of_what_is_held(
    opened: "Page", city: tuple[str, dict[str, str]], take: Callable[[str], None]
) -> None:
    opened.goto(f"{city[0]}/data?tab=quality")
    opened.wait_for_selector(".data-defects .defect", timeout=60_000)
    take("data")


def test_the_dossier_of_an_enterprise_with_three_units(
    opened: "Page", city: tuple[str, dict[str, str]], take: Callable[[str], None]
) -> None:
    opened.goto(f"{city[0]}/dossier")
    opened.locator(".file-choose .list-row", has_text="演练化工一厂").first.click(timeout=60_000)
    opened.wait_for_selector(".cards.overview", timeout=60_000)
    take("dossier")


def test_the_wall(browser: "Browser", city: tuple[str, dict[str, str]], folder: Path) -> None:
    """The wall is drawn for 1080 lines."""
    origin, accounts = city
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.goto(f"{origin}/sign-in?next=/wall")
    page.fill("#name", "wall")
    page.fill("#password", accounts["wall"])
    page.click("button[type=submit]")
    page.wait_for_selector(".wall-number", timeout=60_000)
    page.wait_for_timeout(2 * SETTLED_MS)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").save(folder / "wall.webp", quality=QUALITY, method=6)
    context.close()


def test_a_consultation(browser: "Browser", city: tuple[str, dict[str, str]], folder: Path) -> None:
    """What a follower sees: the banner, the presenter's view, roll-call and minutes."""
    origin, accounts = city
    pages, contexts = [], []
    for name in ("duty", "expert"):
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{origin}/")
        page.fill("#name", name)
        page.fill("#password", accounts[name])
        page.click("button[type=submit]")
        page.wait_for_selector(".headline", timeout=60_000)
        page.keyboard.press("c")
        if name == "duty":
            page.wait_for_selector(".consult-pick", timeout=30_000)
            page.locator(".consult-foot .btn.p").click()
        else:
            page.locator(".consult-call .btn.p").first.click(timeout=30_000)
        page.wait_for_selector(".consult-banner:not(.lost)", timeout=30_000)
        pages.append(page)
    pages[1].locator(".consult-say input").fill("按实测风向复核扩散范围")
    pages[1].keyboard.press("Enter")
    pages[1].locator(".consult-minute", has_text="复核扩散范围").wait_for(timeout=15_000)
    pages[1].wait_for_timeout(SETTLED_MS)
    with Image.open(io.BytesIO(pages[1].screenshot())) as picture:
        picture.convert("RGB").save(folder / "consultation.webp", quality=QUALITY, method=6)
    for context in contexts:
        context.close()


def test_a_drill(browser: "Browser", city: tuple[str, dict[str, str]], folder: Path) -> None:
    origin, accounts = city
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.goto(f"{origin}/sign-in?next=/drill")
    page.fill("#name", "controller")
    page.fill("#password", accounts["controller"])
    page.click("button[type=submit]")
    page.locator(".drill-start").nth(1).click(timeout=30_000)
    for number in range(3):
        page.locator(".inject").nth(number).click(timeout=30_000)
        page.click(".drill-release")
        page.wait_for_timeout(SETTLED_MS)
    page.wait_for_timeout(SETTLED_MS)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").save(folder / "drill.webp", quality=QUALITY, method=6)
    context.close()
