"""Which shapes do requests and answers of the interface have?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from command_ui.api.titled import Placed
from gis.provenance import Mode
from scenarios.events import Channel, Grade

Json = dict[str, Any]


def plain_line(value: str) -> str:
    """Refuse control characters, which no screen shows and no database text may hold."""
    if any(ord(character) < 32 and character not in "\n\t" for character in value):
        raise ValueError("must hold no control characters")
    return value


Line = Annotated[str, Field(max_length=200), AfterValidator(plain_line)]
"""Short text of a person or program."""
Prose = Annotated[str, Field(max_length=10_000), AfterValidator(plain_line)]
"""Longer text."""
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class Shape(BaseModel):
    """Base of everything that comes in: unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Problem(BaseModel):
    """The one shape of every error answer."""

    code: str
    message: str
    request_id: str


class SignIn(Shape):
    """Name and password of an account; `code` of its device, or a recovery code, where it has a second factor."""

    name: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(plain_line)]
    password: Annotated[str, Field(min_length=1, max_length=256)]
    code: Annotated[str, Field(max_length=64)] = ""


class Person(BaseModel):
    """Who is signed in; `csrf_token` goes into the header X-CSRF-Token of unsafe requests made with the cookie."""

    name: str
    display_name: str
    role: str
    division_from: str
    division_to: str
    mode: Mode
    csrf_token: str


class Token(BaseModel):
    """Send `Authorization: Bearer <token>`; it is shown this once and ends when it is not used for a while."""

    token: str
    person: Person


class AlarmIn(Shape):
    """An alarm 告警 tied to the report."""

    alarm_id: Line
    device: Line
    place: Line
    quantity: Line
    value: Annotated[float, Field(allow_inf_nan=False)] | None
    unit: Line
    raised_at: AwareDatetime
    longitude: Longitude | None = None
    latitude: Latitude | None = None


class Report(Shape):
    """
    Report of an incident 接报.

    `case` holds the tables `release`, `weather` and `output` of a case file (the same names and units); leave it out
    while nothing is known. The actor is the account that signed in.
    """

    title: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(plain_line)]
    longitude: Longitude
    latitude: Latitude
    occurred_at: AwareDatetime
    known_at: AwareDatetime | None = None
    channel: Channel = "program"
    place: Line = ""
    division_code: Annotated[str, Field(pattern=r"^([0-9]{6}|)$")] = ""
    event_code: Line = ""
    reported_by: Line = ""
    text: Prose = ""
    case: Json | None = None
    alarms: Annotated[Sequence[AlarmIn], Field(max_length=50)] = ()


class Receipt(BaseModel):
    """Proof that an entry is on disk; `replayed` = the Idempotency-Key was seen before, nothing was written twice."""

    incident_id: UUID
    seq: int
    hash: str
    recorded_at: datetime
    replayed: bool


class Incident(Placed):
    """One line of the list of incidents. The grade is a person's, `…_suggested` a rule's; they never mix."""

    incident_id: UUID
    code: str
    division_code: str
    mode: Mode
    status: str
    longitude: float | None
    latitude: float | None
    occurred_at: datetime | None
    known_at: datetime | None
    seq: int
    updated_at: datetime | None
    accident_grade: Grade | None
    accident_grade_suggested: Grade | None
    response_level: int | None
    run_id: str | None
    run_is_stale: bool


class Incidents(BaseModel):
    """A page of incidents; ask again with `cursor=next_cursor` until it is null."""

    incidents: list[Incident]
    next_cursor: str | None


class Entry(BaseModel):
    """One entry of the record; `payload` is of the shape its `kind` has."""

    seq: int
    kind: str
    lane: Literal["sense", "judge", "act"]
    actor: str
    occurred_at: datetime | None
    recorded_at: datetime
    payload: Json
    caused_by: list[int]
    prev_hash: str
    hash: str


class Entries(BaseModel):
    """A page of entries; ask again with `after=next_after` while `has_more`."""

    incident_id: UUID
    entries: list[Entry]
    next_after: int
    has_more: bool


class CorrectionIn(Shape):
    """Why a line is wrong, and what is right instead."""

    reason: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(plain_line)]
    text: Annotated[str, Field(max_length=500), AfterValidator(plain_line)] = ""


class NewEntry(Shape):
    """
    An entry to append; `GET /api/v1/kinds` says which payload each kind takes.

    `expected_seq` is the number of the last entry you saw; kinds that change the state of the command need it.
    """

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,62}$")]
    payload: Json
    occurred_at: AwareDatetime | None = None
    expected_seq: Annotated[int, Field(ge=0, le=2**53)] | None = None


class KeptLine(Shape):
    """A line that was written while the network was away, with the key and the time it was given there."""

    key: UUID
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,62}$")] = "note"
    payload: Json
    occurred_at: AwareDatetime | None = None


class KeptLines(Shape):
    """Lines of one incident, in the order in which they were written."""

    lines: Annotated[list[KeptLine], Field(min_length=1, max_length=100)]


class KeptOutcome(BaseModel):
    """What became of one line: its receipt, or what is wrong with it."""

    key: UUID
    receipt: Receipt | None
    fault: str | None


class KeptOutcomes(BaseModel):
    """One outcome for each line, in their order."""

    outcomes: list[KeptOutcome]


class Kind(BaseModel):
    """A kind of entry programs may append, who may, and the JSON schema of its payload."""

    kind: str
    lane: Literal["sense", "judge", "act"]
    right: str
    needs_expected_seq: bool
    payload: Json


class Situation(Placed):
    """What was known about an incident at a moment; `run` is the latest assessment then."""

    incident_id: UUID
    seq: int
    head_hash: str
    moment: datetime | None
    updated_at: datetime | None
    status: str
    longitude: float | None
    latitude: float | None
    division_code: str
    occurred_at: datetime | None
    known_at: datetime | None
    case: Json | None
    accident_grade: Grade | None
    accident_grade_suggested: Json | None
    response_level: int | None
    casualties: Json | None
    run: Json | None
    runs: list[Json]


class Assess(Shape):
    """How to assess; `roads` names a road network of this installation, null lets the server choose."""

    roads: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None


class Assessed(BaseModel):
    """The run that was recorded, with one receipt for each of its entries; read it as part of the situation."""

    incident_id: UUID
    run_id: str
    receipts: list[Receipt]
