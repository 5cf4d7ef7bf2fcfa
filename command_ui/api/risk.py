"""How does a program, or the data page, have a city's individual risk worked out, and a risk colour explained?"""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import AfterValidator, BaseModel

from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from command_ui.risk_runs import RiskRun, RiskRuns
from command_ui.words import say
from command_ui.words.risk import line_of, step_of
from gis.database import Database
from layers import risk_working
from layers.risk import RULE, Kind

Name = Annotated[str, InPath(max_length=64), AfterValidator(shapes.plain_line)]
Key = Annotated[str, InPath(pattern=r"^[0-9a-f]{32}$")]


class Risk(BaseModel):
    """How far a calculation is; the rest is known when it is done. `left_out`: units without a toxic level."""

    key: str
    state: Literal["running", "done", "failed"]
    share: float
    contours: int
    units: int
    left_out: int
    hours: int
    peak_per_year: float | None
    fault: str | None


class RuleStep(BaseModel):
    """One step of the rule; `applies` marks the one that gave the colour. `colour`: 1 red to 4 blue, None for none."""

    colour: int | None
    code: Literal["least", "above", "nothing", "not_major"]
    value: float
    applies: bool
    text_zh: str
    text_en: str


class WorkingLine(BaseModel):
    """One line of the working, as a person writes it, with the table of the standard it rests on."""

    code: str
    values: shapes.Json
    table: str
    trust: str
    text_zh: str
    text_en: str


class RiskPart(BaseModel):
    """A unit or an enterprise that lies in an area; `agrees` says whether a unit's R follows from its register row."""

    layer: Literal["risk_unit", "four_colour"]
    id: str
    name: str
    note: str
    level: int | None
    adds: float
    counted: bool
    agrees: bool | None
    source_system: str
    as_of: datetime


class RiskColour(BaseModel):
    """
    Why something has its colour: the whole rule, the working and what was put into it.

    `seen` tells whether all of an area is within what the caller may see: ``whole``, ``part`` or ``none``.
    """

    kind: Literal["unit", "grid", "township"]
    id: str
    name: str
    rule: str
    rule_zh: str
    rule_en: str
    score: float
    colour: int | None
    steps: list[RuleStep]
    lines: list[WorkingLine]
    parts: list[RiskPart]
    seen: Literal["whole", "part", "none"]
    registered_r: float | None
    worked_r: float | None
    agrees: bool | None
    trust: str
    sources: list[str]
    oldest: datetime | None
    newest: datetime | None


def router(runs: RiskRuns, database: Database) -> APIRouter:
    """Build the routes of individual risk and of risk colours."""
    routes = APIRouter(route_class=StrictRoute, tags=["layers"])

    @routes.post("/risk-runs", status_code=202)
    def start() -> Risk:
        """Work out the contours of individual risk of all major-hazard units over a year of winds, as a layer."""
        return _told(runs.start(signed_in()))

    @routes.get("/risk-runs/{key}")
    def state(key: Key) -> Risk:
        """Tell how far a calculation is, and what came of it."""
        return _told(runs.of(key, signed_in()))

    @routes.get("/risk/{kind}/{feature_id}")
    def colour(kind: Kind, feature_id: Name) -> RiskColour:
        """Explain the colour of a unit, a square kilometre or a township: rule, working, inputs and their state."""
        with database.transaction(signed_in().caller()) as connection:
            found = risk_working.explain(connection, kind, feature_id)
        return RiskColour.model_validate(explained_json(found))

    return routes


def explained_json(found: risk_working.Explained) -> dict[str, Any]:
    """Plain form of a colour and its reasons, worded in both languages."""
    of = found.of
    return {
        "kind": of.kind,
        "id": of.id,
        "name": of.name,
        "rule": RULE,
        "rule_zh": say(f"risk.rule.{of.kind}", "zh"),
        "rule_en": say(f"risk.rule.{of.kind}", "en"),
        "score": of.score,
        "colour": of.colour,
        "steps": [
            {
                "colour": step.colour, "code": step.code, "value": step.value, "applies": step.applies,
                "text_zh": step_of(step, "zh"), "text_en": step_of(step, "en"),
            }
            for step in found.steps
        ],
        "lines": [
            {
                "code": line.code, "values": dict(line.values), "table": line.table, "trust": line.trust,
                "text_zh": line_of(line, found.names, "zh"), "text_en": line_of(line, found.names, "en"),
            }
            for line in found.lines
        ],
        "parts": [
            {
                "layer": part.layer, "id": part.id, "name": part.name, "note": part.note, "level": part.level,
                "adds": part.adds, "counted": part.counted, "agrees": part.agrees,
                "source_system": part.source_system, "as_of": part.as_of,
            }
            for part in found.parts
        ],
        "seen": found.seen,
        "registered_r": found.registered_r,
        "worked_r": found.worked_r,
        "agrees": found.agrees,
        "trust": found.trust,
        "sources": list(found.sources),
        "oldest": found.oldest,
        "newest": found.newest,
    }  # fmt: skip


def _told(run: RiskRun) -> Risk:
    found = run.found
    return Risk(
        key=run.key,
        state=run.state,  # type: ignore[arg-type]
        share=round(run.share, 3),
        contours=run.contours,
        units=len(found.units) if found else 0,
        left_out=len(found.left_out) if found else 0,
        hours=found.winds.hours if found else 0,
        peak_per_year=found.peak_per_year if found else None,
        fault=str(run.fault) if run.fault else None,
    )
