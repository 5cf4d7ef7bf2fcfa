"""Which plan fits an incident, and why? Five criteria, each with its weight, its share and its reason; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from scenarios.event import Json
from scenarios.plans.facts import Facts
from scenarios.plans.plan import Plan, Trigger

WEIGHTS = {"type": 30, "chemical": 25, "region": 20, "process": 15, "level": 10}
"""Points of each criterion, 100 in all: a house rule, trust "unverified"; what fits exactly gets all of them."""
ANY = 0.4
"""Share of a plan that does not say: it fits everything, and less well than one made for this."""
BROADER = 0.8
UNKNOWN = 0.5
"""Share while the incident does not say: neither for nor against."""
REGION = {"enterprise": 1.0, "county": 0.9, "city": 0.7, "province": 0.5, "country": 0.4}


EXCLUDING = frozenset({"type_other", "chemical_other", "region_other"})
"""A plan made for something else stands after every plan that is not, whatever its points."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """
    One criterion of a match: ``points`` = ``weight`` x ``share``.

    ``why`` is a code (exact, broader, any, unknown, other, enterprise, county, city, province, country, outside);
    ``plan_says`` and ``incident_says`` are what was compared.
    """

    code: str
    weight: int
    share: float
    why: str
    plan_says: tuple[str, ...]
    incident_says: tuple[str, ...]

    @property
    def points(self) -> float:
        """Points towards the score."""
        return round(self.weight * self.share, 1)


@dataclass(frozen=True, slots=True)
class TriggerState:
    """A trigger with the value it looked at; ``met`` None while that is not known."""

    trigger: Trigger
    value: float | None

    @property
    def met(self) -> bool | None:
        """Whether it would start the plan."""
        return None if self.value is None else self.value >= self.trigger.at_least


@dataclass(frozen=True, slots=True)
class Match:
    """A plan beside an incident; ``conflicts`` are what speaks against it, with ``code`` and values."""

    plan: Plan
    version: int
    criteria: tuple[Criterion, ...]
    triggers: tuple[TriggerState, ...]
    conflicts: tuple[Json, ...]

    @property
    def score(self) -> float:
        """0 to 100."""
        return round(sum(one.points for one in self.criteria), 1)

    @property
    def fits(self) -> bool:
        """False where it is made for something else: another kind of event, substance or place."""
        return not EXCLUDING & {str(one["code"]) for one in self.conflicts}


def rank(plans: Iterable[tuple[Plan, int]], facts: Facts, today: date) -> tuple[Match, ...]:
    """
    Put plans in order, the best fitting first and those made for something else last.

    Parameters
    ----------
    plans
        Each with its version.
    today
        Day in the duty room, for plans whose revision is overdue.
    """
    found = [match(plan, version, facts, today) for plan, version in plans]
    return tuple(sorted(found, key=lambda one: (not one.fits, -one.score, len(one.conflicts), one.plan.id)))


def match(plan: Plan, version: int, facts: Facts, today: date) -> Match:
    """Compare one plan with what is known about an incident."""
    criteria = (_type(plan, facts), _chemical(plan, facts), _region(plan, facts), _process(plan, facts),
                _level(plan, facts))  # fmt: skip
    conflicts: list[Json] = [
        {"code": f"{one.code}_other", "plan_says": list(one.plan_says), "incident_says": list(one.incident_says)}
        for one in criteria
        if one.share == 0 and one.code != "process"
    ]
    if plan.review_by is not None and plan.review_by < today:
        conflicts.append({"code": "review_overdue", "date": plan.review_by.isoformat()})
    states = tuple(TriggerState(one, facts.measures.get(one.measure)) for one in plan.triggers)
    return Match(plan, version, criteria, states, tuple(conflicts))


def _criterion(code: str, share: float, why: str, plan_says: Iterable[str], incident_says: Iterable[str]) -> Criterion:
    return Criterion(code, WEIGHTS[code], share, why, tuple(plan_says), tuple(one for one in incident_says if one))


def _type(plan: Plan, facts: Facts) -> Criterion:
    said = (facts.event_type,)
    if not plan.types:
        return _criterion("type", ANY, "any", (), said)
    if not facts.event_type:
        return _criterion("type", UNKNOWN, "unknown", plan.types, said)
    if facts.event_type in plan.types:
        return _criterion("type", 1.0, "exact", plan.types, said)
    if any(facts.event_type.startswith(f"{one}_") for one in plan.types):
        return _criterion("type", BROADER, "broader", plan.types, said)
    return _criterion("type", 0.0, "other", plan.types, said)


def _chemical(plan: Plan, facts: Facts) -> Criterion:
    said = (facts.cas,)
    if not plan.chemicals:
        return _criterion("chemical", ANY, "any", (), said)
    if not facts.cas:
        return _criterion("chemical", UNKNOWN, "unknown", plan.chemicals, said)
    fits = facts.cas in plan.chemicals
    return _criterion("chemical", float(fits), "exact" if fits else "other", plan.chemicals, said)


def _region(plan: Plan, facts: Facts) -> Criterion:
    if plan.enterprise_id:
        near = {one for one, _ in facts.enterprises}
        fits = plan.enterprise_id in near
        why = "enterprise" if fits else "outside" if facts.enterprises else "unknown"
        share = 1.0 if fits else 0.0 if facts.enterprises else UNKNOWN
        return _criterion("region", share, why, (plan.enterprise_id,), sorted(near))
    said = (facts.division_code,)
    if not facts.division_code:
        return _criterion("region", UNKNOWN, "unknown", (plan.division_code,), said)
    kind, prefix = _extent(plan.division_code)
    fits = facts.division_code.startswith(prefix)
    return _criterion("region", REGION[kind] if fits else 0.0, kind if fits else "outside", (plan.division_code,), said)


def _extent(code: str) -> tuple[str, str]:
    """
    How far a division reaches, and the beginning its codes share (GB/T 2260).

    Examples
    --------
    >>> _extent("990102"), _extent("990100"), _extent("990000"), _extent("000000")
    (('county', '990102'), ('city', '9901'), ('province', '99'), ('country', ''))
    """
    if code[:6] == "000000":
        return "country", ""
    if code[2:6] == "0000":
        return "province", code[:2]
    if code[4:6] == "00":
        return "city", code[:4]
    return "county", code[:6] if len(code) <= 6 or not code[6:].strip("0") else code.rstrip("0")


def _process(plan: Plan, facts: Facts) -> Criterion:
    if not plan.processes:
        return _criterion("process", ANY, "any", (), facts.processes)
    if not facts.processes:
        return _criterion("process", UNKNOWN, "unknown", plan.processes, ())
    shared = set(plan.processes) & set(facts.processes)
    return _criterion("process", float(bool(shared)), "exact" if shared else "other", plan.processes, facts.processes)


def _level(plan: Plan, facts: Facts) -> Criterion:
    levels, said = tuple(str(one) for one in plan.levels), str(facts.response_level or "")
    if not levels:
        return _criterion("level", ANY, "any", (), (said,))
    if not said:
        return _criterion("level", UNKNOWN, "unknown", levels, ())
    return _criterion("level", float(said in levels), "exact" if said in levels else "other", levels, (said,))
