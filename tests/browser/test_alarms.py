"""Does an alarm reach the open desk at once, and is it one press to acknowledge it, one to make it an incident?"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import text

from gis.database import Caller, Database
from layers.sensors import history
from layers.sensors.intake import take
from layers.sensors.messages import read
from layers.sensors.points import Points
from layers.sensors.simulate import adopt
from scenarios import log

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.long]
GATEWAY = "WG-DRILL-02"
DUTY = Caller("duty", "990100", "990200", "drill")


@pytest.fixture(scope="module")
def say(city: tuple[str, dict[str, str]], city_database: Database) -> Callable[[float], str]:
    """Let one detector of the park speak; returns the function and the detector's name."""
    database = city_database
    with database.transaction(Caller.system()) as connection:
        history.prepare(connection, datetime.now(UTC).date() - timedelta(days=1))
        adopt(connection)
        name = connection.execute(
            text("SELECT name FROM layers.tag WHERE quantity = 'nh3' AND status = 'live' AND name LIKE 'AT-2%'"
                 " AND enterprise_id <> 'QY-00001' ORDER BY name LIMIT 1")
        ).scalar_one()  # fmt: skip

    def speak(value: float) -> str:
        now = datetime.now(UTC)
        row: dict[str, Any] = {"tnm": name, "ts": now.isoformat(), "val": value}
        with database.transaction(Caller.system()) as connection:
            answer = take(connection, Points(), [read("tag", {"rts": [row]}, GATEWAY, now)]).answers[0]
        assert answer.accepted == 1, answer
        return str(name)

    return speak


def test_an_alarm_appears_is_acknowledged_and_becomes_an_incident(
    desk: "Page",
    say: Callable[[float], str],
    city_database: Database,
    said_wrong: list[str],
    keep: Callable[[str], None],
) -> None:
    name = say(31.0)
    row = desk.locator(".alarm", has_text=name)
    row.wait_for(timeout=60_000)
    assert "NH₃ 31 ppm" in row.inner_text()
    assert "danger" in (row.get_attribute("class") or "")
    first = database_row(city_database, name)

    row.get_by_role("button", name="立案").click()
    desk.locator(".dialog .badge.b-danger", has_text="NH₃").wait_for(timeout=60_000)
    keep("alarm-to-incident")
    desk.keyboard.press("Escape")

    # seen alarms step back behind those still waiting: the queue shows a few, and all of them when asked
    whole = desk.locator(".queue").get_by_role("button", name=re.compile(r"全部 \d+ 条"))
    if whole.count():
        whole.click()
    row.get_by_role("button", name="确认").click()
    desk.locator(".alarm.calm", has_text=name).wait_for(timeout=60_000)
    seen = database_row(city_database, name)
    assert (seen.state, seen.acknowledged_by, seen.occurred_at) == ("acknowledged", "duty", first.occurred_at)

    say(60.0)
    desk.locator(".alarm.danger", has_text=name).wait_for(timeout=60_000)  # worse than what was seen
    say(0.5)
    desk.locator(".alarm.calm", has_text=name).wait_for(timeout=60_000)
    assert said_wrong == []


def test_the_alarm_page_shows_traces_and_takes_the_keyboard(
    opened: "Page", city: tuple[str, dict[str, str]], say: Callable[[float], str], keep: Callable[[str], None]
) -> None:
    name = say(28.0)
    page = opened.context.new_page()
    page.goto(f"{city[0]}/alarms")
    page.locator(".alarm-row", has_text=name).first.wait_for(timeout=60_000)
    row = page.locator(".alarm-row.danger", has_text=name).first
    row.click()
    assert page.locator(".trace-large svg path").count() >= 2, "the trace with its thresholds"
    page.keyboard.press("a")
    page.keyboard.type("已电话核实（演练）")
    page.keyboard.press("Enter")
    page.locator(".alarm-detail", has_text="已电话核实").wait_for(timeout=60_000)
    assert page.locator(".gateways tr").count() >= 2
    keep("alarm-page")
    page.close()


def test_an_alarm_is_added_to_the_incident_that_is_open(
    desk: "Page", say: Callable[[float], str], city_database: Database, keep: Callable[[str], None]
) -> None:
    say(0.5)  # what the test before left standing is over: what comes is an alarm of its own
    name = say(33.0)
    row = desk.locator(".alarm.danger", has_text=name)
    row.wait_for(timeout=60_000)
    row.get_by_role("button", name="并入已有事件").click()
    keep("alarm-into-incident")
    into = desk.locator(".alarm-into").first
    incident = into.get_attribute("data-incident")
    into.click()
    row.get_by_role("button", name="打开事件").wait_for(timeout=60_000)
    assert str(database_row(city_database, name).incident_id) == incident
    with city_database.transaction(DUTY) as connection:
        last = [one for one in log.read(connection, UUID(incident)) if one.kind == "alarm_linked"][-1]
    assert last.actor == "duty" and last.payload["alarm"]["alarm_id"] == database_row(city_database, name).id
    assert row.get_by_role("button", name="立案").count() == 0, "no second incident is made of it"


def database_row(database: Database, name: str) -> Any:
    with database.transaction(Caller.system()) as connection:
        return connection.execute(
            text("SELECT * FROM layers.alarm WHERE superseded_at IS NULL AND subject LIKE 'point:%'"
                 " AND place LIKE :name ORDER BY occurred_at DESC LIMIT 1"), {"name": f"{name}%"}
        ).one()  # fmt: skip
