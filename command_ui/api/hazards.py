"""How does a program see the working of GB 18218 and the inventory ledger?"""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import AfterValidator, BaseModel, TypeAdapter

from command_ui.access import unmasking
from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.personal import Reason, trace_of
from command_ui.api.reading import StrictRoute
from command_ui.words.dossier import sentence_of
from gis.database import Database
from layers import enterprise_file, ledger, major_hazard
from layers.gb18218 import SOURCE
from layers.hazard_level import written


class WorkingStep(BaseModel):
    """One line of the working: its code and numbers, the table it rests on, and the line as a person writes it."""

    code: str
    values: shapes.Json
    table: str
    trust: str
    text_zh: str
    text_en: str


class Working(BaseModel):
    """GB 18218 worked out for one unit; `agrees` says whether the register has the same level."""

    id: str
    name: str
    enterprise_id: str
    enterprise_name: str
    standard: str
    s: str
    r: str
    alpha: str
    is_major: bool
    level: int | None
    people_within_500m: int
    boundary_assumed_m: float | None
    registered_level: int | None
    registered_r: float
    registered_people: int
    agrees: bool
    steps: list[WorkingStep]
    source_system: str
    as_of: datetime
    people_source: str
    people_as_of: datetime | None


class LedgerDay(BaseModel):
    """One day of a ledger, tonnes; `imbalance_t` is closing - (opening + in - out)."""

    day: date
    opening_t: float | None
    in_t: float
    out_t: float
    stock_t: float
    imbalance_t: float | None
    over_design: bool


class Ledger(BaseModel):
    """The ledger of one hazard source; a stock above the design maximum is flagged."""

    hazard_source_id: str
    name: str
    substance: str
    design_max_t: float
    stock_t: float
    stock_day: date | None
    balanced: bool
    over_design: bool
    days: list[LedgerDay]


class Flow(BaseModel):
    """One consignment from site to site."""

    id: str
    from_id: str
    from_name: str
    to_id: str
    to_name: str
    substance: str
    quantity_t: float
    moved_on: date
    line: list[tuple[float, float]]


class OverDesign(BaseModel):
    """A site that holds more than it was designed for."""

    id: str
    name: str
    enterprise_name: str
    stock_t: float
    design_max_t: float


Name = Annotated[str, Path(max_length=64), AfterValidator(shapes.plain_line)]


def router(database: Database) -> APIRouter:
    """Build the routes of hazard sources, their ledgers and the flow between them."""
    routes = APIRouter(route_class=StrictRoute, tags=["hazards"])

    @routes.get("/hazard-sources/{unit_id}/working")
    def working(unit_id: Name) -> Working:
        """Work out S, R, alpha and level of one unit, line by line."""
        with database.transaction(signed_in().caller()) as connection:
            found = major_hazard.work_out(connection, unit_id)
        return Working.model_validate(working_json(found))

    @routes.get("/hazard-sources/{unit_id}/ledger")
    def ledger_of(unit_id: Name) -> Ledger:
        """Give in, out and closing stock by day, with what does not add up."""
        with database.transaction(signed_in().caller()) as connection:
            return Ledger.model_validate(ledger.balance(connection, unit_id), from_attributes=True)

    @routes.get("/chemical-flows")
    def flows(
        substance: Annotated[str, Query(max_length=64), AfterValidator(shapes.plain_line)] = "",
    ) -> list[Flow]:
        """List consignments between sites, newest first; of one substance by its name or CAS number."""
        with database.transaction(signed_in().caller()) as connection:
            frame = ledger.flows(connection, substance)
        return [
            Flow(line=[(x, y) for x, y in shape.coords], **row)
            for shape, row in zip(frame.geometry, frame.drop(columns="geometry").to_dict("records"), strict=True)
        ]

    @routes.get("/ledger/above-design")
    def above_design() -> list[OverDesign]:
        """List sites whose newest stock is above their design maximum."""
        with database.transaction(signed_in().caller()) as connection:
            return [OverDesign(**row) for row in ledger.above_design(connection)]

    @routes.get("/enterprises/{enterprise_id}/file")
    def whole_file(request: Request, enterprise_id: Name, reason: Reason = "") -> shapes.Json:
        """
        Give the whole file of an enterprise: what the dossier page shows, for keeping or for another program.

        Names and numbers are masked; with a `reason`, and the right, they are not, and the audit says so.
        """
        person = signed_in()
        with database.transaction(unmasking.allowed(person, reason) if reason else person.caller()) as connection:
            found = enterprise_file.read(connection, enterprise_id)
            if reason:
                unmasking.note(connection, person, f"file {enterprise_id}", reason, trace_of(request))
        plain: dict[str, Any] = _FILE.dump_python(
            {
                "dossier": found.dossier,
                "ledgers": found.balances,
                "flows": found.flows,
                "around": found.around,
                "registers": found.mirrored,
                "versions": found.versions,
                "working": [working_json(working) for working in found.workings],
                "unknown_substances_in": found.unknown,
            },
            mode="json",
        )
        return plain

    return routes


_FILE = TypeAdapter(dict[str, Any])


def working_json(found: major_hazard.Working) -> dict[str, Any]:
    """Plain form of a working, worded in both languages."""
    result = found.result
    return {
        "id": found.id,
        "name": found.name,
        "enterprise_id": found.enterprise_id,
        "enterprise_name": found.enterprise_name,
        "standard": SOURCE,
        "s": written(result.s),
        "r": written(result.r),
        "alpha": written(result.alpha),
        "is_major": result.is_major,
        "level": result.level,
        "people_within_500m": found.people,
        "boundary_assumed_m": found.boundary_assumed_m,
        "registered_level": found.registered_level,
        "registered_r": found.registered_r,
        "registered_people": found.registered_people,
        "agrees": found.agrees,
        "steps": [
            {
                "code": step.code,
                "values": dict(step.values),
                "table": step.table,
                "trust": step.trust,
                "text_zh": sentence_of(step, found.names, "zh"),
                "text_en": sentence_of(step, found.names, "en"),
            }
            for step in found.steps
        ],
        "source_system": found.source_system,
        "as_of": found.as_of,
        "people_source": found.people_source,
        "people_as_of": found.people_as_of,
    }
