"""What is a plan 预案 made of? Whom and what it is for, when it starts, who does what by when with which resources."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

import rfc8785
from pydantic import TypeAdapter

from scenarios.event import Json

PlanKind = Literal["general", "special", "site", "enterprise"]
"""总体 | 专项 | 现场处置方案 | 企业预案."""
NeedKind = Literal["team", "supply"]
Measure = Literal[
    "reach_m",
    "people",
    "people_worst",
    "dead",
    "seriously_injured",
    "missing",
    "trapped",
    "released_kg",
    "accident_grade",
]
"""What a trigger 启动条件 looks at; an accident grade counts 1 (ordinary) to 4 (extraordinary)."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A condition that starts the plan: the measure is at least so much."""

    measure: Measure
    at_least: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """
    So much of a resource within a radius of the scene.

    ``code`` is a kind of team (fire, hazmat, medical, rescue) or a code of GB/T 38565, of which a beginning is enough;
    ``name`` then picks among the supplies of that code.
    """

    kind: NeedKind
    code: str
    quantity: float
    unit: str = ""
    name: str = ""
    within_km: float | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done, by whom, within which time after the order; ``team_kind`` lets the program name a team."""

    code: str
    title: str
    owner: str
    within_min: int
    text: str = ""
    team_kind: str = ""
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """Who is called, in which role."""

    role: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Plan:
    """
    One version of a plan.

    Empty ``types``, ``levels``, ``chemicals`` and ``processes`` mean "any". ``division_code`` is the area it is for,
    ``enterprise_id`` the enterprise where it is an enterprise's own.
    """

    id: str
    title: str
    kind: PlanKind
    division_code: str
    issued_by: str
    issued_on: date
    review_by: date | None = None
    types: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    enterprise_id: str = ""
    chemicals: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    summary: str = ""
    triggers: tuple[Trigger, ...] = ()
    tasks: tuple[Task, ...] = ()
    contacts: tuple[Contact, ...] = ()

    @property
    def needs(self) -> tuple[tuple[str, Need], ...]:
        """Everything its tasks ask for, each with the code of its task."""
        return tuple((task.code, need) for task in self.tasks for need in task.needs)


def as_json(plan: Plan) -> Json:
    """JSON form, dates as ISO 8601."""
    written: Json = _adapter().dump_python(plan, mode="json")
    return written


def of_json(written: Json) -> Plan:
    """Read the JSON form back."""
    return _adapter().validate_python(written)


def print_of(plan: Plan) -> str:
    """SHA-256 of the canonical content: the same plan in YAML and in a workbook has the same."""
    return hashlib.sha256(rfc8785.dumps(as_json(plan))).hexdigest()


@cache
def _adapter() -> TypeAdapter[Plan]:
    return TypeAdapter(Plan)
