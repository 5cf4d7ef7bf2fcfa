"""Do a presenter and two followers of different levels look at one map, and does each see only what is his?"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
CENTRE = "onemapMap.getView().getCenter()"
OWN = ".head .name"
NEAR_M = 60.0
"""Metres on the map within which two centres are the same: windows of one size differ by the width of a panel."""


@pytest.fixture(scope="module")
def enter(city: tuple[str, dict[str, str]], browser: "Browser") -> Iterator[Callable[[str], "Page"]]:
    """Pages of people who signed in, each with a browser profile of his own."""
    origin, accounts = city
    made = []

    def open_page(name: str) -> "Page":
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        made.append(context)
        page = context.new_page()
        page.goto(f"{origin}/")
        page.fill("#name", name)
        page.fill("#password", accounts[name])
        page.click("button[type=submit]")
        page.wait_for_selector(".tools", timeout=60_000)
        page.wait_for_function("window.onemapMap?.getSize()?.[0] > 100", timeout=60_000)
        return page

    yield open_page
    for context in made:
        context.close()


FILTER = "capacity>=1000"


def report_its_own(origin: str, accounts: dict[str, str]) -> None:
    """An incident of the county, which its page opens with."""
    with httpx.Client(base_url=origin, timeout=30) as client:
        session = client.post("/api/v1/sessions", json={"name": "binjiang", "password": accounts["binjiang"]}).json()
        told = {"title": "演练 滨江区自己的事件", "longitude": 118.705, "latitude": 31.405, "division_code": "990102",
                "occurred_at": "2026-11-24T06:00:00Z"}  # fmt: skip
        headers = {"authorization": f"Bearer {session['token']}", "idempotency-key": str(uuid4())}
        assert client.post("/api/v1/incidents", json=told, headers=headers).status_code == 201


def join(page: "Page") -> None:
    page.wait_for_timeout(800)
    page.keyboard.press("c")
    page.locator(".consult-call .btn.p").first.click(timeout=60_000)
    page.wait_for_selector(".consult-banner:not(.lost)", timeout=60_000)


def gap_m(one: "Page", other: "Page") -> float:
    (a, b), (c, d) = one.evaluate(CENTRE), other.evaluate(CENTRE)
    return float(((a - c) ** 2 + (b - d) ** 2) ** 0.5)


def come_together(presenter: "Page", *followers: "Page") -> None:
    for _ in range(240):
        if all(gap_m(presenter, one) < NEAR_M for one in followers):
            return
        presenter.wait_for_timeout(250)
    raise AssertionError([gap_m(presenter, one) for one in followers])


def presenting(enter: Callable[[str], "Page"]) -> "Page":
    """The duty officer at his desk, with a consultation begun."""
    duty = enter("duty")
    # Not what the county has reported since.
    duty.locator(".incident", has_text="氯气泄漏").first.click(timeout=60_000)
    duty.wait_for_selector(".headline", timeout=60_000)
    duty.keyboard.press("c")
    duty.wait_for_selector(".consult-pick", timeout=60_000)
    duty.locator(".consult-foot .btn.p").click()
    duty.wait_for_selector(".consult-banner:not(.lost)", timeout=60_000)
    return duty


def test_a_presenter_is_followed_by_two_levels(
    enter: Callable[[str], "Page"], city: tuple[str, dict[str, str]]
) -> None:
    duty = presenting(enter)
    expert, county = enter("expert"), enter("binjiang")
    report_its_own(*city)
    county.reload()
    county.locator(OWN, has_text="滨江区自己的事件").wait_for(timeout=60_000)
    join(expert)
    join(county)
    # who comes sees what the presenter sees, though he has not touched his map since he opened the room
    come_together(duty, expert, county)
    # view, continuous
    duty.evaluate("onemapMap.getView().setCenter([13216300, 3681500])")
    duty.evaluate("onemapMap.getView().setZoom(13.3)")
    come_together(duty, expert, county)
    # the county is told who presents and sees nothing of an incident that is not its own
    assert "正在跟随" in county.locator(".consult-banner").inner_text()
    assert "不在您的辖区" in county.locator(".consult-banner").inner_text()
    assert county.locator(".headline").count() == 0
    # nor its own beside that of others: its zones under the presenter's view would be taken for those he speaks of
    county.locator(OWN).wait_for(state="detached", timeout=60_000)
    county.locator(".incident.picked").wait_for(state="detached", timeout=60_000)
    rooms = county.request.get(f"{city[0]}/api/v1/consultations").json()
    assert rooms[0]["incident_id"] is None
    incident = expert.request.get(f"{city[0]}/api/v1/consultations").json()[0]["incident_id"]
    assert county.request.get(f"{city[0]}/api/v1/incidents/{incident}/consultations").status == 404
    # a layer the presenter turns on is drawn by the follower, asked for as himself
    duty.keyboard.press("l")
    duty.locator(".drawer .layer-row .eye:not(.on)").first.click()
    shown = duty.evaluate(
        "onemapMap.getLayers().getArray().filter((one) => one.get('spec') && one.getVisible())"
        ".map((one) => one.get('spec'))"
    )
    expert.wait_for_function(
        "(wanted) => wanted.every((key) => onemapMap.getLayers().getArray().some((one) => one.get('spec') === key"
        " && one.getVisible()))",
        arg=sorted(set(shown)),
        timeout=60_000,
    )
    duty.keyboard.press("Escape")
    # a hand on the map leaves the follow, the pill comes back to it
    box = expert.locator(".ol-target").bounding_box()
    assert box is not None
    expert.mouse.move(box["x"] + 420, box["y"] + 420)
    expert.mouse.down()
    expert.mouse.move(box["x"] + 260, box["y"] + 300, steps=5)
    expert.mouse.up()
    pill = expert.locator(".follow-pill .btn")
    pill.wait_for(timeout=60_000)
    assert gap_m(duty, expert) > NEAR_M
    pill.click()
    come_together(duty, expert)
    # words reach the table, and stand in the minutes
    expert.locator(".consult-say input").fill("扩散范围按实测风向复核")
    expert.keyboard.press("Enter")
    duty.locator(".consult-minute", has_text="扩散范围按实测风向复核").wait_for(timeout=60_000)
    # the presenter is lost, and comes back to the view he left
    before = duty.evaluate(CENTRE)
    duty.goto("about:blank")
    expert.locator(".consult-banner.lost").wait_for(timeout=60_000)
    duty.goto(f"{city[0]}/")
    duty.wait_for_selector(".consult-banner:not(.lost)", timeout=60_000)
    duty.wait_for_function(
        "([x, y]) => Math.hypot(onemapMap.getView().getCenter()[0] - x, onemapMap.getView().getCenter()[1] - y) < 60",
        arg=before,
        timeout=60_000,
    )
    expert.locator(".consult-banner:not(.lost)").wait_for(timeout=60_000)
    # ended by its button: everybody is told, and the map is one's own again
    duty.locator(".consult-acts .btn", has_text="结束会商").click()
    duty.locator(".consult-end textarea").fill("转入常态处置")
    duty.locator(".consult-end .btn.d").click()
    for page in (duty, expert, county):
        page.locator(".consult-banner").wait_for(state="hidden", timeout=60_000)
    county.locator(OWN, has_text="滨江区自己的事件").wait_for(timeout=60_000)


@pytest.mark.long
def test_a_presenters_filter_is_what_a_follower_sees_counts_and_takes_away(
    enter: Callable[[str], "Page"], city: tuple[str, dict[str, str]]
) -> None:
    """Tiles of his own page carry it, the tree says so many of so many, the file holds as many; then it is gone."""
    origin, _ = city
    duty = presenting(enter)
    expert = enter("expert")
    join(expert)
    come_together(duty, expert)
    expert.keyboard.press("l")
    row = expert.locator(".drawer .layer-row", has_text="避难所").first
    row.wait_for(timeout=60_000)
    assert "/" not in row.locator(".t2.s12").inner_text()
    with expert.expect_request(lambda one: "/tiles/shelter/" in one.url and "only=capacity" in one.url, timeout=60_000):
        duty.goto(f"{origin}/?{urlencode({'only': f'shelter~{FILTER}'})}")
    counted = expert.request.get(f"{origin}/api/v1/layers/shelter/count?{urlencode({'where': FILTER})}").json()["count"]
    everything = expert.request.get(f"{origin}/api/v1/layers/shelter/count").json()["count"]
    assert 0 < counted < everything
    row.locator(".t2.s12", has_text=f"{counted} / {everything}").wait_for(timeout=60_000)
    taken = expert.locator(".layer-only a[download]").get_attribute("href")
    rows = expert.request.get(f"{origin}{taken}").body().decode("utf-8-sig").strip().splitlines()
    assert len(rows) - 1 == counted
    # only who shows it may take it off, and what one follows never becomes one's own choice
    assert expert.locator(".layer-only button").count() == 0
    duty.wait_for_selector(".consult-banner:not(.lost)", timeout=60_000)
    duty.locator(".consult-acts .btn", has_text="结束会商").click()
    duty.locator(".consult-end textarea").fill("看完筛选")
    duty.locator(".consult-end .btn.d").click()
    expert.locator(".consult-banner").wait_for(state="hidden", timeout=60_000)
    expert.locator(".layer-only").wait_for(state="detached", timeout=60_000)
    assert row.locator(".t2.s12").inner_text() == str(everything)
