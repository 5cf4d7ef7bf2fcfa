"""What somebody typed and did not send: is it there after a reload, for them alone, and gone once it is sent?"""

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, WebSocketRoute

pytestmark = pytest.mark.browser
OPENED_MS = PATIENCE_MS = 60_000
PHONE = "13912345678"


def again(page: "Page") -> None:
    """Load the page anew, as F5 does, or the page itself when its line is lost for good."""
    page.reload()
    page.wait_for_selector(".headline", timeout=OPENED_MS)
    page.wait_for_timeout(1500)


def stored(page: "Page") -> dict[str, str]:
    """Everything the browser's storage holds of forms."""
    found: dict[str, str] = json.loads(
        page.evaluate("JSON.stringify(Object.fromEntries(Object.entries(localStorage)"
                      ".filter(([key]) => key.startsWith('onemap:unsent'))))")
    )  # fmt: skip
    return found


def ordering(page: "Page") -> None:
    page.keyboard.press("o")
    page.wait_for_selector("dialog.ask[open]", timeout=10_000)


def test_an_order_half_written_comes_back_and_says_so(desk: "Page") -> None:
    ordering(desk)
    words = "率先到北门侦检，联系人 " + PHONE
    desk.locator("dialog.ask textarea").first.fill(words)
    assert desk.locator("dialog.ask .restored").count() == 0
    again(desk)
    ordering(desk)
    said = desk.locator("dialog.ask .restored")
    said.wait_for(timeout=5_000)
    assert "已恢复未提交的内容" in said.inner_text()
    # The number of a person was never in the storage; it is said that it has to be filled in again.
    assert desk.locator("dialog.ask textarea").first.input_value() == "率先到北门侦检，联系人 139****5678"
    assert "补填" in said.inner_text()
    assert PHONE not in json.dumps(stored(desk))
    said.locator("button").click()
    assert desk.locator("dialog.ask .restored").count() == 0
    assert words[:6] not in desk.locator("dialog.ask textarea").first.input_value()
    again(desk)
    ordering(desk)
    assert desk.locator("dialog.ask .restored").count() == 0
    desk.keyboard.press("Escape")


def test_what_was_sent_is_not_kept(desk: "Page") -> None:
    ordering(desk)
    desk.locator("dialog.ask textarea").first.fill("在上风向集结待命")
    assert any(key.endswith(":order") for key in stored(desk))
    desk.locator("dialog.ask button[type=submit]").click()
    desk.wait_for_selector("dialog.ask", state="detached", timeout=20_000)
    assert not any(key.endswith(":order") for key in stored(desk))


def test_a_line_of_the_log_stays(desk: "Page") -> None:
    desk.keyboard.press("5")
    line = desk.locator(".note-form input")
    line.fill("东门已开，车辆可入")
    again(desk)
    desk.keyboard.press("5")
    desk.wait_for_selector(".restored", timeout=10_000)
    assert line.input_value() == "东门已开，车辆可入"
    desk.locator(".restored button").click()
    assert line.input_value() == ""
    desk.keyboard.press("Escape")
    desk.keyboard.press("2")


def test_the_report_of_an_incident_stays(desk: "Page") -> None:
    """Its fields are widgets of the server, which forgets a page that is loaded anew."""
    desk.keyboard.press("r")
    title = desk.get_by_label("事件名称")
    title.wait_for(timeout=30_000)
    title.fill("演练仓库有刺鼻气味")
    desk.wait_for_function(
        "() => Object.entries(localStorage).some(([key, value]) => key.endsWith(':intake') && value.includes('刺鼻'))",
        timeout=10_000,
    )
    again(desk)
    desk.keyboard.press("r")
    title.wait_for(timeout=30_000)
    desk.wait_for_selector(".dialog .restored", timeout=10_000)
    desk.wait_for_function("(at) => at.value.includes('刺鼻')", arg=title.element_handle(), timeout=10_000)
    desk.locator(".dialog .restored button").click()
    desk.wait_for_function("() => !Object.keys(localStorage).some((key) => key.endsWith(':intake'))", timeout=10_000)
    expect(desk.get_by_label("事件名称")).to_have_value("", timeout=30_000)
    desk.keyboard.press("Escape")


def test_a_report_typed_without_a_line_stays(opened: "Page", city: tuple[str, dict[str, str]]) -> None:
    """The server never heard of it: the line carries nothing from the moment the form is open."""
    page, cut = opened.context.new_page(), list[bool]()

    def between(socket: "WebSocketRoute") -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda said: None if cut else server.send(said))
        server.on_message(lambda said: None if cut else socket.send(said))

    page.route_web_socket("**/ws*", between)
    page.goto(f"{city[0]}/")
    page.wait_for_selector(".headline", timeout=OPENED_MS)
    page.wait_for_timeout(1500)
    page.keyboard.press("r")
    title = page.get_by_label("事件名称")
    title.wait_for(timeout=30_000)
    page.wait_for_timeout(1500)  # what was left of an earlier form is asked for
    cut.append(True)
    title.fill("演练冷库有氨味")
    page.get_by_label("报告人").fill(f"门卫 {PHONE}")
    kept = json.dumps(stored(page), ensure_ascii=False)
    assert "冷库有氨味" in kept
    assert PHONE not in kept
    cut.clear()
    again(page)
    page.keyboard.press("r")
    page.wait_for_selector(".dialog .restored", timeout=PATIENCE_MS)
    expect(title).to_have_value("演练冷库有氨味", timeout=PATIENCE_MS)
    expect(page.get_by_label("报告人")).to_have_value("门卫 139****5678", timeout=PATIENCE_MS)
    page.locator(".dialog .restored button").click()
    expect(title).to_have_value("", timeout=PATIENCE_MS)
    page.wait_for_function(
        "() => !Object.keys(localStorage).some((key) => key.endsWith(':intake'))", timeout=PATIENCE_MS
    )
    page.close()


@pytest.mark.protection("32")
def test_it_is_for_one_account_and_goes_when_one_signs_out(
    browser: "Browser", city: tuple[str, dict[str, str]]
) -> None:
    """Two officers at one computer, one after the other: neither sees what the other left, nor does the storage."""
    origin, accounts = city
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()

    def enter(name: str) -> None:
        page.goto(f"{origin}/sign-in")
        page.fill("#name", name)
        page.fill("#password", accounts[name])
        page.click("button[type=submit]")
        page.wait_for_selector(".headline", timeout=OPENED_MS)
        page.wait_for_timeout(1500)

    enter("duty")
    ordering(page)
    page.locator("dialog.ask textarea").first.fill("只给自己看的半句话")
    assert "半句话" in json.dumps(stored(page), ensure_ascii=False)
    context.clear_cookies()  # an idle sign-in that ran out: nothing was said to the page
    enter("commander")
    ordering(page)
    assert page.locator("dialog.ask .restored").count() == 0
    assert "半句话" not in page.locator("dialog.ask textarea").first.input_value()
    page.keyboard.press("Escape")
    context.clear_cookies()
    enter("duty")
    ordering(page)
    assert "半句话" in page.locator("dialog.ask textarea").first.input_value()
    page.keyboard.press("Escape")
    page.locator(".user-button").click()
    page.get_by_role("menuitem", name="退出").click()
    page.wait_for_selector("#password", timeout=PATIENCE_MS)
    assert stored(page) == {}
    # The page of one's own account has a way out as well, and no script that could tidy up: the answer says so itself.
    enter("duty")
    ordering(page)
    page.locator("dialog.ask textarea").first.fill("又是半句话")
    assert "半句话" in json.dumps(stored(page), ensure_ascii=False)
    page.goto(f"{origin}/account")
    assert "半句话" in json.dumps(stored(page), ensure_ascii=False), "it is there until one goes"
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_selector("#name", timeout=PATIENCE_MS)
    assert stored(page) == {}
    context.close()
