"""What differs between situations? The same facts of each side by side: two moments, or what happened and what if."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scenarios.situation import Run, Situation

TEAMS = 6
"""Teams whose way is compared, the quickest of each situation."""
ALWAYS = frozenset({"people", "targets", "reach", "first_team", "clearance_90", "left_over", "wind_from"})
"""What is asked first: said also where it is the same."""
TOLL = ("dead", "seriously_injured", "missing", "trapped")


@dataclass(frozen=True, slots=True)
class Line:
    """
    One fact in each of the situations compared.

    Attributes
    ----------
    code
        What it is about, such as ``people`` or ``order``.
    subject
        Which one of several: a team, an order, a road; empty where there is one.
    unit
        ``people``, ``count``, ``m``, ``s``, ``deg``, ``m/s``, ``text``, or ``code:`` and the first part of its words.
    values
        One for each situation in their order; None where it does not know the fact.
    """

    code: str
    subject: str
    unit: str
    values: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        """Whether the situations say different things."""
        return any(value != self.values[0] for value in self.values[1:])


def compare(*situations: Situation) -> tuple[Line, ...]:
    """Facts in which the situations differ, and those that are always said, in the order of weight."""
    said = [{(code, subject): (unit, value) for code, subject, unit, value in _facts(one)} for one in situations]
    # A fact of any of them keeps the place it has there; later ones follow those they follow there.
    keys: list[tuple[str, str]] = []
    for facts in said:
        at = 0
        for key in facts:
            if key in keys:
                at = keys.index(key) + 1
            else:
                keys.insert(at, key)
                at += 1
    found = []
    for key in keys:
        unit = next(facts[key][0] for facts in said if key in facts)
        line = Line(*key, unit, tuple(facts[key][1] if key in facts else None for facts in said))
        if line.differs or key[0] in ALWAYS:
            found.append(line)
    return tuple(found)


def facts(situation: Situation) -> tuple[Line, ...]:
    """Everything one situation says that can be held against another."""
    return tuple(Line(code, subject, unit, (value,)) for code, subject, unit, value in _facts(situation))


Fact = tuple[str, str, str, Any]


def _facts(one: Situation) -> Iterator[Fact]:
    """Everything of a situation that can be held against another: code, subject, unit, value."""
    yield from _of_run(one.run)
    yield "status", "", "code:compare.status", one.status
    yield "grade", "", "code:grade", one.accident_grade
    yield "response", "", "code:response", one.response_level
    if one.casualties is not None:
        for name in TOLL:
            yield f"toll.{name}", "", "people", getattr(one.casualties, name)
    for name, value in ((one.case or {}).get("release") or {}).items():
        if isinstance(value, str | int | float | bool):
            yield "release", name, "text", value
    for closure in one.closures:
        name = closure.name or f"#{closure.number}"
        yield "closure", name, "code:compare.closure", "open" if closure.lifted_seq is None else "lifted"
    for order in one.orders.all:
        yield "order", f"{order.name} {order.draft.unit_name}", "code:order.state", order.state
    for decision in one.decisions:
        yield "decision", decision.name, "text", decision.said.text
    for team in one.taken:
        yield "taken", team.name, "code:compare", "yes"
    for arrival in one.arrived:
        yield "arrived", arrival.name, "code:compare", "yes"
    for adopted in one.planning.adopted:
        yield "plan", adopted.plan.title, "code:compare", "yes"
    yield "reports", "", "count", len(one.reports)
    yield "marks", "", "count", sum(1 for mark in one.marks if mark.removed_seq is None)
    yield "struck", "", "count", len(one.struck)
    yield "entries", "", "count", one.seq


def _of_run(run: Run | None) -> Iterator[Fact]:
    """What the latest assessment says in figures."""
    hazard, exposure = (run.hazard, run.exposure) if run is not None else (None, None)
    routes, leaving = (run.routes, run.evacuation) if run is not None else (None, None)
    weather = (hazard.case.get("weather") or {}) if hazard is not None else {}
    yield "people", "", "people", _people(exposure)
    if exposure is not None and exposure.bands is not None:
        when = "people_day" if exposure.day else "people_night"
        for band in exposure.bands:
            yield "band", str(band.get("level_name") or band["level"]), "people", int(band[when])
    facilities = exposure.facilities if exposure is not None else None
    yield "targets", "", "count", None if facilities is None else len(facilities)
    zones = hazard.zones.get("features", []) if hazard is not None else []
    reach = [float(zone["properties"].get("reach_m") or 0.0) for zone in zones]
    yield "reach", "", "m", max(reach) if reach else None
    ways = _ways((routes.routes if routes is not None else {}).get("features", []))
    yield "first_team", "", "s", min(ways.values(), default=None)
    for name, seconds in list(ways.items())[:TEAMS]:
        yield "team", name, "s", seconds
    totals = leaving.totals if leaving is not None else {}
    for share in (50, 90, 100):
        yield f"clearance_{share}", "", "s", totals.get(f"clearance_{share}_s")
    yield "leaving", "", "people", leaving.assigned if leaving is not None else None
    left = None if leaving is None else sum(int(row.get("people") or 0) for row in leaving.left_over)
    yield "left_over", "", "people", left
    yield "closed_roads", "", "count", routes.closed_count if routes is not None else None
    yield "wind_from", "", "deg", weather.get("wind_from_deg")
    yield "wind_speed", "", "m/s", weather.get("wind_speed_m_s")
    yield "run", "", "text", run.run_id if run is not None else None


def _people(exposure: Any) -> int | None:
    """People in the zones at the hour the run counts."""
    if exposure is None or exposure.bands is None:
        return None
    return sum(int(band["people_day" if exposure.day else "people_night"]) for band in exposure.bands)


def _ways(features: list[Any]) -> dict[str, float]:
    """Seconds to the scene of every team that can come, the quickest first."""
    found = {
        str(one["properties"].get("name") or one["properties"].get("id")): float(one["properties"]["travel_time_s"])
        for one in features
        if one["properties"].get("status") == "ok" and one["properties"].get("travel_time_s") is not None
    }
    return dict(sorted(found.items(), key=lambda way: (way[1], way[0])))
