"""Does an alarm come from a gateway over a real MQTT broker onto the screen, and become an incident that keeps it?"""

import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import uvicorn
from pydantic import SecretStr
from sqlalchemy import text

from command_ui.bootstrap import House
from command_ui.server.app import create_app
from command_ui.settings import Settings
from gis.crs import LonLat
from gis.database import Caller, Database
from layers.sensors import devices
from layers.sensors.points import connect_tags
from scenarios import log
from tests import mosquitto

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.long]
DUTY = Caller("duty", "990100", "990200", "drill")
GATEWAY = "WG-MQTT"
_POINT = text(
    "SELECT id, name, division_code, ST_X(geometry) AS x, ST_Y(geometry) AS y FROM layers.tag"
    " WHERE superseded_at IS NULL AND quantity = 'cl2' AND status <> 'offline' AND NOT EXISTS ("
    "SELECT FROM layers.alarm WHERE alarm.tag_id = tag.id) ORDER BY id LIMIT 1"
)
_ALARM = text(
    "SELECT id, occurred_at, known_at, incident_id, value FROM layers.alarm"
    " WHERE superseded_at IS NULL AND tag_id = :tag AND value = :value"
)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with mosquitto.running(tmp_path_factory.mktemp("mosquitto")) as port:
        yield port


@pytest.fixture(scope="module")
def point(city_database: Database) -> tuple[str, str]:
    """A chlorine detector behind a gateway of its own: its number and its name."""
    with city_database.transaction(DUTY) as connection:
        row = connection.execute(_POINT).one()
    with city_database.transaction(Caller.system()) as connection:
        place = LonLat(row.x, row.y)
        devices.register(connection, GATEWAY, "演练网关", division_code=row.division_code, mode="drill", place=place)
        connect_tags(connection, GATEWAY, {"CL-1": row.id})
    return str(row.id), str(row.name)


@pytest.fixture(scope="module")
def city(
    bundled: None, city_database: Database, prepared: "object", point: tuple[str, str], broker: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, dict[str, str]]]:  # fmt: skip
    """A server as the other modules have one, which listens to the broker besides."""
    door = socket.create_server(("127.0.0.1", 0))
    port, folder = int(door.getsockname()[1]), tmp_path_factory.mktemp("data")
    shutil.copytree(prepared.folder, folder, dirs_exist_ok=True)  # type: ignore[attr-defined]
    settings = Settings(port=port, data_dir=folder, mqtt_url=SecretStr(f"mqtt://127.0.0.1:{broker}"))
    app = create_app(House(settings, city_database))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", ws="websockets-sansio"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 120
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the server did not start"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}", prepared.accounts  # type: ignore[attr-defined]
    server.should_exit = True
    thread.join(timeout=60)


def test_from_the_broker_to_the_screen_to_an_incident(
    opened: "Page", city: tuple[str, dict[str, str]], point: tuple[str, str], broker: int, city_database: Database,
    repository: Path,
) -> None:  # fmt: skip
    page = opened.context.new_page()
    page.goto(f"{city[0]}/alarms")
    page.locator(".alarm-row").first.wait_for(timeout=60_000)
    measured = (datetime.now(UTC) - timedelta(seconds=2)).replace(microsecond=0)
    reading = {"rts": [{"tnm": "CL-1", "ts": measured.isoformat(), "val": 37.25}]}
    mosquitto.publish(broker, [(f"onemap/{GATEWAY}/observations", json.dumps(reading).encode())])

    row = page.locator(".alarm-row", has_text="37.2").first
    row.wait_for(timeout=60_000)
    page.screenshot(path=repository / "artefacts" / "alarm-by-mqtt.png")
    row.focus()
    page.keyboard.press("i")
    page.locator(".dialog .badge.b-danger").first.wait_for(timeout=60_000)
    page.wait_for_function(
        "() => { let a = document.activeElement; while (a?.shadowRoot?.activeElement) a = a.shadowRoot.activeElement;"
        " return a?.tagName === 'INPUT' }"
    )
    page.keyboard.press("Control+Enter")
    page.locator(".dialog").wait_for(state="hidden", timeout=120_000)

    with city_database.transaction(DUTY) as connection:
        alarm = connection.execute(_ALARM, {"tag": point[0], "value": 37.25}).one()
        first = log.read(connection, UUID(str(alarm.incident_id)))[0].payload
    assert alarm.occurred_at == measured, "the moment the gateway measured, not the one the message came in"
    assert alarm.occurred_at < alarm.known_at
    assert datetime.fromisoformat(first["occurred_at"]) == measured
    assert [one["alarm_id"] for one in first["alarms"]] == [str(alarm.id)]
    assert first["channel"] == "alarm"
    page.locator(".incident.picked").first.wait_for(timeout=60_000)
    page.close()
