"""What is an alert 预警信息? Values of the Common Alerting Protocol 1.2, before they are XML."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gis.crs import LonLat
from gis.provenance import Mode

Status = Literal["Actual", "Exercise", "System", "Test", "Draft"]
MessageType = Literal["Alert", "Update", "Cancel", "Ack", "Error"]
Scope = Literal["Public", "Restricted", "Private"]
Category = Literal[
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"
]
Response = Literal["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"]
Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]

FORCED: dict[Mode, Status] = {"drill": "Exercise", "sim": "Test"}
"""Status of everything that leaves a world that is not the real one, whatever its sender asks for."""


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle: centre and radius in kilometres, as CAP writes it."""

    centre: LonLat
    radius_km: float


@dataclass(frozen=True, slots=True)
class Area:
    """A described area; rings are closed, longitude first here (latitude first in CAP), without holes."""

    description: str
    rings: tuple[tuple[LonLat, ...], ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Info:
    """What is said in one language."""

    event: str
    categories: tuple[Category, ...]
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    language: str = "zh-CN"
    responses: tuple[Response, ...] = ()
    audience: str = ""
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One message; ``references`` name the messages it updates or cancels: sender, identifier, sent."""

    identifier: str
    sender: str
    sent: datetime
    status: Status
    message_type: MessageType
    scope: Scope
    info: tuple[Info, ...] = ()
    restriction: str = ""
    addresses: str = ""
    note: str = ""
    references: str = ""
    incidents: str = ""
    codes: tuple[str, ...] = ()


def status_in(mode: Mode, wanted: Status = "Actual") -> Status:
    """Status a message may have: in a drill always Exercise, in a simulation always Test."""
    return FORCED.get(mode, wanted)
