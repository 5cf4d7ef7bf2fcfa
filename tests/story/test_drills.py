"""Do the ready drills play over the real desk, pass, export alike again and touch nothing live? (T-01, T-19)"""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from command_ui.cli.main import app
from command_ui.reports.desk import Papers
from command_ui.reports.warning import alert
from gis.crs import LonLat
from gis.database import Caller, Database
from layers.sensors import alarms, devices, history, silence
from layers.sensors.intake import take
from layers.sensors.messages import read
from layers.sensors.points import Points
from scenarios.desk import Desk
from scenarios.exchange import cap
from scenarios.exercise import export, reading, world
from scenarios.exercise.playing import Played, play
from scenarios.intake import ReportIncident
from scenarios.plans import rows, sample
from scenarios.roads.closures import ReportClosure
from scenarios.situation import situation_hash

CELL = Caller("演练导调", "990100", "990200", "drill", sees_sealed=True)
LIVE = Caller("值班", "990100", "990200", "live")
READY = reading.ready()


@pytest.fixture(scope="module")
def rooms(drill_city: Desk) -> Iterator[Desk]:
    """The drill city with its plans, and beside it a live incident at the same place, with a closure and an alarm."""
    desk = drill_city
    with desk.database.transaction(CELL) as connection:
        rows.save_all(connection, sample.plans(), "scenarios.plans.sample")
    now = datetime.now(UTC).replace(microsecond=0)
    report = ReportIncident("真实事件", 118.7124, 31.4087, now, channel="phone", division_code="990102")
    incident_id = desk.report(report, LIVE).incident_id
    closure = ReportClosure(shape="road", reason="works", place=LonLat(118.7196, 31.4143))
    desk.road.report_closure(incident_id, closure, LIVE)
    with desk.database.transaction(LIVE) as connection:
        history.prepare(connection, now.date())
        devices.register(
            connection, "WG-LIVE", "实战网关", division_code="990102", mode="live", place=LonLat(118.7, 31.4)
        )
        event = {"oname": "罐区", "ts": now.isoformat(), "avx": 1, "scd": 4, "threshold": 1, "content": "火焰报警"}
        take(connection, Points(), [read("event", {"events": [event]}, "WG-LIVE", now)])
    yield desk


def what_is_live(desk: Desk) -> dict[str, Any]:
    """Everything a live duty room could see that a drill might touch."""
    with desk.database.transaction(LIVE) as connection:
        standing = [one.alarm for one in alarms.listing(connection, LIVE)]
        closures = connection.execute(
            text(
                "SELECT id, network, valid_from, valid_until, withdrawn_at FROM roads.closure"
                " WHERE mode = 'live' ORDER BY id"
            )
        ).all()
        registers = [
            connection.execute(
                text(f"SELECT count(*), max(recorded_at) FROM layers.{table} WHERE mode <> 'drill'")
            ).one()
            for table in ("alarm", "camera", "tag", "weather_observation")
        ]
        spoken = connection.execute(
            text(
                "SELECT count(*) FROM sensing.observation JOIN sensing.point ON point.id = point_id"
                " JOIN sensing.device ON device.id = device_id WHERE device.mode <> 'drill'"
            )
        ).scalar_one()
    incidents = [
        (one.code, situation_hash(desk.situation(one.incident_id, caller=LIVE))) for one in desk.incidents(LIVE)
    ]
    return {"alarms": standing, "closures": closures, "registers": registers, "spoken": spoken, "incidents": incidents}


def of_the_register(database: Database) -> list[Any]:
    """Cameras, weather stations and hospitals of the drill city as they stand, by what they say."""
    with database.transaction(CELL) as connection:
        cameras = connection.execute(
            text(
                "SELECT id, status FROM layers.camera WHERE mode = 'drill' AND superseded_at IS NULL"
                " AND valid_to IS NULL ORDER BY id"
            )
        ).all()
        stations = connection.execute(
            text(
                "SELECT id, wind_from_deg, wind_speed_m_s, stability FROM layers.weather_observation"
                " WHERE mode = 'drill' AND superseded_at IS NULL AND valid_to IS NULL ORDER BY id"
            )
        ).all()
        hospitals = connection.execute(
            text(
                "SELECT id, beds, beds_free FROM layers.protection_target WHERE kind = 'hospital' AND mode = 'drill'"
                " AND superseded_at IS NULL AND valid_to IS NULL ORDER BY id"
            )
        ).all()
    return [cameras, stations, hospitals]


def beds_of(database: Database, hospital: str, exercise_id: UUID) -> list[int]:
    """Free beds of a hospital as an exercise said them, in the world of drills; nothing of it stands any more."""
    said = text(
        "SELECT DISTINCT beds_free FROM layers.protection_target WHERE id = :id AND mode = 'drill'"
        " AND source_system = :source AND valid_to IS NOT NULL"
    )
    with database.transaction(CELL) as connection:
        asked = {"id": hospital, "source": world.source_of(exercise_id)}
        return list(connection.execute(said, asked).scalars())


def played(desk: Desk, name: str) -> Played:
    return play(desk, reading.read_folder(READY[name]), CELL)


@pytest.mark.parametrize("name", sorted(READY))
def test_a_drill_passes_and_its_export_is_the_same_again(rooms: Desk, name: str) -> None:
    before, register = what_is_live(rooms), of_the_register(rooms.database)
    first = played(rooms, name)
    again = played(rooms, name)

    assert first.faults == again.faults == ()
    table = first.now.scores
    assert [one.expectation.id for one in table.rows if one.result not in ("met", "not_called")] == []
    assert table.is_passed and table.share == 1.0
    assert {one.fault for one in first.now.exercise.injects} == {""}
    documents = [export.document(rooms, one.now) for one in (first, again)]
    assert documents[0]["content_sha256"] == documents[1]["content_sha256"], "T-01: an equal play has an equal export"
    assert documents[0]["played"] != documents[1]["played"]
    assert documents[0]["mark"] == "演练 DRILL"

    (joined,) = first.now.exercise.incidents
    known = rooms.situation(joined.incident_id, caller=CELL)
    chain = [entry.kind for entry in known.entries]
    for kind in (
        "incident_reported",
        "hazard_forecast",
        "exposure_assessed",
        "plan_adopted",
        "order_moved",
        "report_sent",
    ):
        assert kind in chain
    assert chain.index("hazard_forecast") < chain.index("plan_adopted") < chain.index("order_moved")

    message, mode = alert(Papers(rooms), joined.incident_id, CELL)
    assert mode == "drill" and cap.read(cap.write(replace(message, status="Actual"), mode)).status == "Exercise"

    assert what_is_live(rooms) == before, "nothing live was touched"
    assert of_the_register(rooms.database) == register, "what the drill changed in its own register was put back"
    full = [one.id for one in first.now.exercise.drill.injects if one.kind == "hospital"]
    touched = {one.inject_id: one.touched for one in first.now.exercise.injects}
    for inject_id in full:
        (hospital,) = [one.partition(":")[2] for one in touched[inject_id] if one.startswith("hospital:")]
        assert beds_of(rooms.database, hospital, first.exercise_id) == [0], "while it was played it was full"
    assert known.status == "closed" and not known.taken
    assert all(one.lifted_seq is not None for one in known.closures)
    with rooms.database.transaction(CELL) as connection:
        assert world.standing_alarms(connection, first.exercise_id) == []
        shut = connection.execute(
            text("SELECT count(*) FROM roads.closure WHERE mode = 'drill' AND withdrawn_at IS NULL")
        )
        assert shut.scalar_one() == 0
    assert all(one.incident_id not in (first.exercise_id, again.exercise_id) for one in rooms.incidents(CELL))


def test_players_who_do_nothing_are_reminded_and_fail(rooms: Desk) -> None:
    folder = reading.read_folder(READY["chlorine-night"])
    idle = play(rooms, replace(folder, players=()), CELL)
    assert not idle.is_passed
    assert set(idle.now.scores.missed) == {one.id for one in folder.drill.expectations if one.essential}
    assert idle.now.scores.points == 0
    fired = {one.inject_id: one for one in idle.now.exercise.injects if one.status == "fired"}
    assert fired["I10"].how == "condition", "nobody assessed again, so the expert calls"
    assert "I13" not in fired, "no order was given, so no team can fail"
    assert all(one.result == "not_called" for one in idle.now.scores.rows if one.expectation.after == "I13")


def test_two_processes_and_a_restart_fire_every_inject_once(rooms: Desk, database: Database) -> None:
    drill = reading.read(READY["chlorine-night"])
    exercise_id = rooms.exercises.start(drill, CELL, speed=60).incident_id
    assert rooms.exercises.start(drill, CELL, speed=60).incident_id != exercise_id
    rooms.exercises.end(rooms.exercises.exercises(CELL)[0].exercise_id, CELL)

    others = [Desk(Database(database.url), rooms.networks_dir) for _ in range(2)]
    try:
        shown = [desk.exercises.exercise(exercise_id, CELL) for desk in (rooms, *others)]
        assert shown[0] == shown[1] == shown[2], "a process that has just begun knows what the others know"
        moment = datetime.now(UTC)
        assert len({one.clock.elapsed_s(moment) for one in shown}) == 1
        rooms.exercises.jump(exercise_id, 1000.0, CELL)
        errors: list[BaseException] = []

        def look(desk: Desk) -> None:
            try:
                for _ in range(4):
                    desk.exercises.tick(exercise_id)
            except BaseException as error:
                errors.append(error)

        for to_s in (None, 2600.0, 4000.0):
            if to_s is not None:
                rooms.exercises.jump(exercise_id, to_s, CELL)
            threads = [threading.Thread(target=look, args=(desk,)) for desk in others]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert errors == []
    finally:
        for desk in others:
            desk.database.close()

    entries = rooms.entries(exercise_id, caller=CELL)
    fired = [entry.payload["inject_id"] for entry in entries if entry.kind == "inject_fired"]
    assert len(fired) == len(set(fired)) >= 12
    delivered = [entry.payload["inject_id"] for entry in entries if entry.kind == "inject_delivered"]
    assert len(delivered) == len(set(delivered))
    (joined,) = rooms.exercises.exercise(exercise_id, CELL).incidents
    notes = [entry.payload["text"] for entry in rooms.entries(joined.incident_id, caller=CELL) if entry.kind == "note"]
    assert len(notes) == len(set(notes)), "two processes told the players the same thing twice"
    with rooms.database.transaction(CELL) as connection:
        standing = [one.subject for one in world.standing_alarms(connection, exercise_id)]
    assert len(standing) == len(set(standing))

    # A detector of the exercise speaks when an inject says so; that it is quiet for an hour alarms nobody.
    with rooms.database.transaction(Caller.system()) as connection:
        silence.look(connection, datetime.now(UTC) + timedelta(hours=1))
        points = connection.execute(
            text("SELECT id FROM sensing.point WHERE device_id = :gateway"), {"gateway": world.gateway_of(exercise_id)}
        ).scalars()
        quiet = {f"silence:point:{number}" for number in points} | {f"silence:device:{world.gateway_of(exercise_id)}"}
        said = {one.alarm.subject for one in alarms.listing(connection, CELL, kinds=("silence",))}
    assert len(quiet) > 1 and not quiet & said
    rooms.exercises.end(exercise_id, CELL)


def test_the_command_plays_a_drill_prints_its_table_and_says_by_its_exit_code_how_it_went(
    rooms: Desk, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "networks").symlink_to(rooms.networks_dir)
    monkeypatch.setenv("ONEMAP_DATA_DIR", str(data))
    monkeypatch.setenv("ONEMAP_DATABASE_URL", database_url)
    written = tmp_path / "played.json"
    command = ["drill", "play", "dust-fire", "--speed", "0", "--headless", "--export", str(written)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "演练评分 score table" in done.output and "passed" in done.output
    document = json.loads(written.read_text(encoding="utf-8"))
    assert document["content_sha256"] in done.output

    folder = Path(shutil.copytree(READY["dust-fire"], tmp_path / "idle"))
    (folder / "players.toml").unlink()
    idle = CliRunner().invoke(app, ["drill", "play", str(folder), "--speed", "0", "--headless", "--quiet"])
    assert idle.exit_code == 1
    assert "not passed: essential E02" in idle.output
