"""Does an alarm become an incident by keyboard alone, with its first moment and a title in both languages?"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text

from gis.database import Caller, Database
from layers.sensors import roll_calls
from scenarios import log

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.long]
DUTY = Caller("duty", "990100", "990200", "drill")


@pytest.fixture
def unanswered(city_database: Database) -> tuple[str, str]:
    """A post that did not answer the roll-call: its name and its alarm."""
    called = datetime.now(UTC) - timedelta(minutes=5)
    with city_database.transaction(DUTY) as connection:
        post = roll_calls.posts(connection, DUTY)[0]
        roll_calls.call(connection, [post], timedelta(minutes=3), now=called)
    with city_database.transaction(Caller.system()) as connection:
        roll_calls.mark_unanswered(connection, datetime.now(UTC))
        number = connection.execute(
            text(
                "SELECT id FROM layers.alarm WHERE superseded_at IS NULL AND kind = 'roll_call' AND subject IS NOT NULL"
            )
        ).scalar_one()
    return post.name, str(number)


def test_a_post_that_did_not_answer_becomes_an_incident_by_keyboard(
    opened: "Page",
    city: tuple[str, dict[str, str]],
    unanswered: tuple[str, str],
    city_database: Database,
    repository: Path,
) -> None:
    name, number = unanswered
    page = opened.context.new_page()
    page.goto(f"{city[0]}/alarms")
    page.locator(".alarm-row", has_text=f"查岗未应答 {name}").first.wait_for(timeout=60_000)
    page.keyboard.press("/")
    page.keyboard.type(name)
    page.keyboard.press("Escape")
    page.locator(".alarm-row", has_text=name).first.focus()
    page.keyboard.press("i")
    page.locator(".dialog .badge.b-danger", has_text=name).wait_for(timeout=60_000)
    substance = page.get_by_label("物质").first
    substance.wait_for(timeout=60_000)
    page.wait_for_function(
        "() => { let a = document.activeElement; while (a?.shadowRoot?.activeElement) a = a.shadowRoot.activeElement;"
        " return a?.tagName === 'INPUT' }"
    )
    page.keyboard.type("液氯")  # another name than the list has
    page.keyboard.press("Enter")
    page.wait_for_timeout(1_500)
    assert substance.input_value().startswith("氯 ("), "kept, and shown as the list calls it"
    page.keyboard.press("Control+Enter")
    page.locator(".dialog").wait_for(state="hidden", timeout=120_000)

    with city_database.transaction(DUTY) as connection:
        alarm = connection.execute(
            text(
                "SELECT occurred_at, known_at, incident_id FROM layers.alarm WHERE superseded_at IS NULL AND id = :id"
            ),
            {"id": number},
        ).one()
        first = log.read(connection, UUID(str(alarm.incident_id)))[0].payload
    assert alarm.occurred_at <= alarm.known_at
    assert datetime.fromisoformat(first["occurred_at"]) == alarm.occurred_at
    assert [one["alarm_id"] for one in first["alarms"]] == [number]
    assert (first["channel"], first["place"]) == ("alarm", name)
    page.locator(".incident.picked", has_text=f"查岗未应答 {name}").wait_for(timeout=60_000)

    page.locator(".user").click()
    page.get_by_role("menuitem", name="English").click()
    page.locator(".incident.picked", has_text=f"{name}: roll-call not answered").wait_for(timeout=60_000)
    page.locator(".head .name", has_text=f"{name}: roll-call not answered").wait_for(timeout=60_000)
    page.screenshot(path=repository / "artefacts" / "roll-call-incident-english.png")
    page.locator(".user").click()
    page.get_by_role("menuitem", name="中文").click()
    page.close()
