"""What must a caller say to report an incident?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gis.crs import LonLat
from gis.errors import InputError
from scenarios.events import Alarm, Channel


@dataclass(frozen=True, slots=True)
class ReportIncident:
    """
    Command 接报: an incident as it reaches the duty room.

    Attributes
    ----------
    occurred_at, known_at
        When it happened and when we were told (aware). ``known_at`` None = now; reporting clocks start there.
    place
        The place in words, beside its degrees.
    division_code
        Six digits (GB/T 2260) of the place; empty = the first division of the caller.
    case
        Case for ``plume.case.read`` (the tables incident, release, weather, output), or None when nothing is known yet.
    key
        Idempotency key made by the client and kept over retries: the same report sent twice is recorded once.
    """

    title: str
    longitude: float
    latitude: float
    occurred_at: datetime
    known_at: datetime | None = None
    channel: Channel = "console"
    place: str = ""
    division_code: str = ""
    event_code: str = ""
    reported_by: str = ""
    text: str = ""
    case: Mapping[str, Any] | None = None
    alarms: tuple[Alarm, ...] = ()
    key: UUID | None = None

    @classmethod
    def from_case(cls, case: Mapping[str, Any], **more: Any) -> "ReportIncident":
        """
        Make the report a case file contains, `more` being further fields of the command.

        Raises
        ------
        InputError
            The case has no name, place or time that could be reported.
        """
        incident = case.get("incident")
        needed = ("longitude", "latitude", "occurred_at")
        if not isinstance(incident, Mapping) or any(name not in incident for name in needed):
            raise InputError("a case needs the table [incident] with longitude, latitude and occurred_at")
        occurred_at = incident["occurred_at"]
        if isinstance(occurred_at, str):
            try:
                occurred_at = datetime.fromisoformat(occurred_at)
            except ValueError as error:
                raise InputError(
                    f"incident.occurred_at '{occurred_at}' is not a time such as 2026-11-22T09:30:00+08:00"
                ) from error
        fields: dict[str, Any] = {
            "title": str(case.get("name", "")),
            "longitude": float(incident["longitude"]),
            "latitude": float(incident["latitude"]),
            "occurred_at": occurred_at,
            "case": plain_case(case),
        }
        return cls(**(fields | more))


def plain_case(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return `case` as plain JSON: times of TOML become ISO 8601 texts."""

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(key): plain(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [plain(part) for part in value]
        return value.isoformat() if isinstance(value, datetime) else value

    result = plain(case)
    assert isinstance(result, dict)
    return result


def faults_of(command: ReportIncident) -> list[str]:
    """Every reason why a report cannot be recorded, one sentence each; empty when it can."""
    faults = []
    if not command.title.strip():
        faults.append("title: missing; say in a few words what happened")
    try:
        LonLat(command.longitude, command.latitude).checked()
    except InputError as error:
        faults.extend(error.faults)
    for name in ("occurred_at", "known_at"):
        moment = getattr(command, name)
        if moment is not None and moment.tzinfo is None:
            faults.append(f"{name}: {moment.isoformat()} has no time zone; write it with one, such as +08:00")
    division = command.division_code
    if division and not (division.isascii() and division.isdigit() and SHORTEST_CODE <= len(division) <= LONGEST_CODE):
        faults.append(f"division_code: '{division}' is not {SHORTEST_CODE} to {LONGEST_CODE} digits")
    if command.case is not None:
        try:
            checked_case(command.case)
        except InputError as error:
            faults.extend(error.faults)
    return faults


def checked_case(case: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the case as plain JSON once ``plume.case.read`` takes it.

    Raises
    ------
    InputError
        Every fault of the case.
    """
    from plume import case as cases

    cases.read(case)
    return plain_case(case)


SHORTEST_CODE, LONGEST_CODE = 6, 12
"""Digits of a division code: county (GB/T 2260) to village (statistical code)."""
