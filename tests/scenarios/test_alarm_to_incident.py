"""Does an incident made of an alarm keep the alarm, its first moment and the link back?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from gis.crs import LonLat
from gis.database import Caller, Database
from layers.sensors import alarms, devices, history
from layers.sensors.intake import take
from layers.sensors.messages import read
from layers.sensors.points import Points
from scenarios.desk import Desk
from scenarios.events import Alarm, AlarmLinked
from scenarios.intake import ReportIncident

DUTY = Caller("duty", "990100", "990200", "drill")
NOW = datetime.now(UTC).replace(microsecond=0)


def test_the_record_names_the_alarm_and_the_alarm_its_incident(database: Database, tmp_path: Path) -> None:
    first = NOW - timedelta(minutes=6)
    event = {
        "oname": "罐区火焰探测",
        "ts": first.isoformat(),
        "avx": 1,
        "scd": 4,
        "threshold": 1,
        "content": "火焰报警",
    }
    with database.transaction(Caller.system()) as connection:
        history.prepare(connection, (NOW - timedelta(days=1)).date())
        devices.register(connection, "WG-9", "网关", division_code="990102", mode="drill", place=LonLat(118.7, 31.4))
        take(connection, Points(), [read("event", {"events": [event]}, "WG-9", NOW)])
    with database.transaction(DUTY) as connection:
        (one,) = alarms.listing(connection, DUTY)
    row = one.alarm
    told = Alarm(row.id, row.subject, row.place, row.title, row.value, row.unit, row.occurred_at, 118.7, 31.4)
    report = ReportIncident("罐区起火（演练）", 118.7, 31.4, row.occurred_at, channel="alarm", alarms=(told,))
    desk = Desk(database, tmp_path)
    incident_id = desk.report(replace(report, division_code="990102"), DUTY).incident_id

    known = desk.situation(incident_id, caller=DUTY)
    assert known.occurred_at == first, "the clock of the incident begins with the first alarm, not with the report"
    assert [(alarm.alarm_id, alarm.raised_at) for alarm in known.alarms] == [(row.id, first)]
    with database.transaction(DUTY) as connection:
        assert alarms.one(connection, DUTY, row.id).alarm.incident_id == incident_id
        # What comes later moves neither the link nor the first moment.
        take(
            connection, Points(), [read("event", {"events": [event | {"ts": NOW.isoformat(), "scd": 0}]}, "WG-9", NOW)]
        )
        after = alarms.one(connection, DUTY, row.id).alarm
        assert (after.incident_id, after.occurred_at, after.state) == (incident_id, first, "cleared")
        versions = connection.execute(text("SELECT count(*) FROM layers.alarm WHERE id = :id"), {"id": row.id})
        assert versions.scalar_one() == 3


def test_an_alarm_is_added_to_an_incident_that_is_open(database: Database, tmp_path: Path) -> None:
    event = {"oname": "泵房火焰探测", "ts": NOW.isoformat(), "avx": 1, "scd": 4, "threshold": 1, "content": "火焰报警"}
    with database.transaction(Caller.system()) as connection:
        history.prepare(connection, (NOW - timedelta(days=1)).date())
        devices.register(connection, "WG-10", "网关", division_code="990102", mode="drill", place=LonLat(118.7, 31.4))
        take(connection, Points(), [read("event", {"events": [event]}, "WG-10", NOW)])
    with database.transaction(DUTY) as connection:
        row = next(one.alarm for one in alarms.listing(connection, DUTY) if one.alarm.incident_id is None)
    told = Alarm(row.id, row.subject, row.place, row.title, row.value, row.unit, row.occurred_at, 118.7, 31.4)
    foreign = replace(told, alarm_id="of-another-house")
    desk = Desk(database, tmp_path)
    report = ReportIncident("泵房泄漏（演练）", 118.7, 31.4, NOW, channel="phone", division_code="990102")
    first, second = (desk.report(report, DUTY).incident_id for _ in range(2))
    for one in (told, foreign):
        desk.record(first, AlarmLinked(one), DUTY)
    desk.record(second, AlarmLinked(told), DUTY)

    assert [one.alarm_id for one in desk.situation(first, caller=DUTY).alarms] == [row.id, "of-another-house"]
    with database.transaction(DUTY) as connection:
        assert alarms.one(connection, DUTY, row.id).alarm.incident_id == first, "the first incident keeps it"
