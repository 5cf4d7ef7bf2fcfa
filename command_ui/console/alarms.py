"""What do the pages show of alarms, and what does the duty officer do with one? Blocking functions, run in threads."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from command_ui.access import suspicions
from command_ui.words import Language, say
from command_ui.words.titles import place_in, title_in
from gis.database import Caller, Database
from gis.errors import ConflictError, InputError
from layers.sensors import alarms, roll_calls
from layers.sensors.alarms import Listed
from scenarios.desk import Desk
from scenarios.events import Alarm, AlarmLinked

if TYPE_CHECKING:
    from command_ui.access.roles import SignedIn

Json = dict[str, Any]
SHOWN = 60
"""Alarms the queue holds; the alarm page holds more."""
SUBSTANCE_OF = {"cl2": "液氯", "nh3": "氨", "h2s": "硫化氢", "co": "一氧化碳"}
"""What a gas detector measures, as the intake form names it."""


class Alarms:
    """Alarms as the person signed in sees them."""

    def __init__(self, database: Database, person: "SignedIn") -> None:
        self._database = database
        self._person = person

    @property
    def caller(self) -> Caller:
        """In whose name everything is read and written."""
        return self._person.caller()

    def queue(self, language: Language) -> Json:
        """
        Alarms of the queue, those nobody has seen first, with their number by state; and what looks like an attack.
        """
        with self._database.transaction(self.caller) as connection:
            # Posts that did not answer have a list of their own: thirty of them must not push a gas alarm away.
            found = alarms.listing(connection, self.caller, without=("roll_call",), limit=SHOWN)
            counts = alarms.counts(connection, self.caller, without=("roll_call",))
            calls = roll_calls.listing(connection, self.caller, datetime.now(UTC))
        return {
            "rows": [card(one, language) for one in found],
            "counts": counts,
            "calls": [call_card(one) for one in calls],
            "watch": self.watch(),
        }

    def watch(self) -> list[Json]:
        """What looks like an attack, for the duty and the screen of its room; nothing for everybody else."""
        if not (self._person.may("report") or self._person.role == "wall"):
            return []
        with self._database.transaction(Caller.system()) as connection:
            found = suspicions.standing(connection, datetime.now(UTC))
        return [{"code": one.code, "at": one.at.isoformat(), "count": one.count} for one in found]

    def one(self, alarm_id: str) -> Listed:
        """
        Give one alarm.

        Raises
        ------
        MissingError
            None of that name for this person.
        """
        with self._database.transaction(self.caller) as connection:
            return alarms.one(connection, self.caller, alarm_id)

    def acknowledge(self, alarm_id: str, reason: str, seen_severity: int | None) -> None:
        """The officer has seen it."""
        self._person.require("report")
        with self._database.transaction(self.caller) as connection:
            alarms.acknowledge(connection, self.caller, alarm_id, reason, seen_level=seen_severity)

    def escalate(self, alarm_id: str) -> None:
        """Pass it on to the duty commander."""
        self._person.require("report")
        with self._database.transaction(self.caller) as connection:
            alarms.escalate(connection, self.caller, alarm_id)

    def join(self, desk: Desk, alarm_id: str, incident_id: UUID, key: UUID) -> str:
        """
        Record that an alarm belongs to an open incident, and give its title; the alarm names the incident then.

        Raises
        ------
        ConflictError
            It belongs to another incident, or the incident is closed.
        """
        self._person.require("report")
        one = self.one(alarm_id)
        if one.alarm.incident_id not in (None, incident_id):
            raise ConflictError(f"alarm {alarm_id} belongs to another incident already")
        if one.alarm.incident_id is None:
            if desk.situation(incident_id, caller=self.caller).status != "open":
                raise ConflictError("the incident is closed: no alarm can be added to it")
            desk.record(incident_id, AlarmLinked(as_event(one)), self.caller, key=key)
        return one.alarm.title


def card(one: Listed, language: Language, *, now: datetime | None = None) -> Json:
    """An alarm as a row of a page; its words are in `language`, figures and times stay figures and times."""
    row = one.alarm
    since = (now or datetime.now(UTC)) - row.occurred_at
    kind = say(f"alarm.kind.{row.kind}", language)
    return {
        "id": row.id,
        "kind": row.kind,
        "kind_title": kind,
        "title": title_in(row.title, language),
        "place": place_in(row.place, language),
        "state": row.state,
        "severity": row.severity,
        "escalated": row.escalated_at is not None,
        "at": row.occurred_at.isoformat(),
        "known_at": row.known_at.isoformat(),
        "cleared_at": row.cleared_at.isoformat() if row.cleared_at else None,
        "acknowledged_at": row.acknowledged_at.isoformat() if row.acknowledged_at else None,
        "acknowledged_by": row.acknowledged_by,
        "reason": row.reason,
        "incident": str(row.incident_id) if row.incident_id else None,
        "value": row.value,
        "peak": row.peak,
        "unit": row.unit,
        "threshold": row.threshold,
        "threshold_first": one.threshold_first,
        "threshold_high": one.threshold_high,
        "now": one.latest_value,
        "now_at": one.latest_at.isoformat() if one.latest_at else None,
        "offline": one.point_status == "offline" or row.kind == "silence",
        "point": one.point_id,
        "tag": row.tag_id,
        "longitude": row.longitude,
        "latitude": row.latitude,
        "old": since > timedelta(hours=12),
    }


def title_of(one: Listed, language: Language) -> str:
    """
    Title of the incident an alarm is made into: where and what; `command_ui.words.titles` says it in either language.

    A gateway or a post that is silent is named by its title, and its place is a number to dial or a count.
    """
    title = title_in(one.alarm.title, language)
    if one.alarm.kind in ("roll_call", "silence"):
        return title
    return f"{one.alarm.place.partition(' · ')[2] or one.alarm.place} {title}"


def place_of(one: Listed) -> str:
    """Where an alarm says something happened, for people to read: never the number that was dialled."""
    if one.alarm.kind == "roll_call":
        return one.alarm.title.partition(" ")[2] or one.alarm.place
    return one.alarm.place


def call_card(one: roll_calls.RollCall) -> Json:
    """A roll-call as a row of a page."""
    return {
        "id": one.id,
        "enterprise": one.enterprise_id,
        "name": one.name,
        "phone": one.phone,
        "attempt": one.attempt,
        "called_at": one.called_at.isoformat(),
        "due_at": one.due_at.isoformat(),
        "state": one.state,
        "answered_at": one.answered_at.isoformat() if one.answered_at else None,
        "answered_by": one.answered_by,
    }


def as_event(one: Listed) -> Alarm:
    """The alarm as the record of an incident keeps it: with its name and its first moment."""
    row = one.alarm
    return Alarm(
        alarm_id=row.id,
        device=row.tag_id or row.subject,
        place=row.place,
        quantity=row.title,
        value=row.peak if row.peak is not None else row.value,
        unit=row.unit,
        raised_at=row.occurred_at,
        longitude=round(row.longitude, 6),
        latitude=round(row.latitude, 6),
    )


def checked_id(value: object) -> str:
    """
    Name of an alarm out of a message of the browser.

    Raises
    ------
    InputError
        Not such a name.
    """
    if not isinstance(value, str) or not 1 <= len(value) <= 40:
        raise InputError("no alarm is named; choose one")
    return value


def joined(message: Json) -> tuple[str, UUID, UUID]:
    """
    Alarm, incident and key out of a message that ties the one to the other.

    Raises
    ------
    InputError
        One of them is not named.
    """
    try:
        return checked_id(message.get("id")), UUID(str(message.get("incident"))), UUID(str(message.get("key")))
    except ValueError as error:
        raise InputError("no incident is named; choose one") from error
