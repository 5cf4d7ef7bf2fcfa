"""How does a scripted player do what a person would do? Through the same desks, in his own name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from gis.crs import LonLat
from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from layers.sensors import alarms
from scenarios.decisions.desk import NewDecision
from scenarios.decisions.events import Option
from scenarios.events import Alarm, CaseChanged, GradeConfirmed, IncidentClosed, ResponseLevelSet
from scenarios.exercise import world
from scenarios.exercise.delivery import weather_now
from scenarios.exercise.fold import Exercise
from scenarios.exercise.players import Step
from scenarios.intake import ReportIncident, checked_case
from scenarios.orders.states import NEXT, RUNNING, State
from scenarios.orders.writing import NewOrder, Said
from scenarios.reports.events import ReportSent
from scenarios.roads.closures import ReportClosure

if TYPE_CHECKING:
    from scenarios.desk import Desk
    from scenarios.situation import Situation


def player(exercise: Exercise, role: str, caller: Caller) -> Caller:
    """Who acts for a role: the account the drill names, or the role itself, in the divisions of `caller`."""
    found = exercise.drill.role(role)
    name = (found.account or found.name) if found is not None else role
    return replace(caller, actor=name, mode="drill")


def act(desk: "Desk", exercise: Exercise, step: Step, number: int, caller: Caller) -> None:
    """
    Take one step of the script; the same step of the same exercise twice writes once.

    Raises
    ------
    OneMapError
        What a person would be told: no incident yet, no such unit, a step the order cannot take.
    """
    _ACTS[step.act](_Stage(desk, exercise, step, number, player(exercise, step.who, caller)))


class _Stage:
    """One step at work: who acts, on which incident, with which keys."""

    def __init__(self, desk: "Desk", exercise: Exercise, step: Step, number: int, caller: Caller) -> None:
        self.desk = desk
        self.exercise = exercise
        self.step = step
        self.caller = caller
        self._number = number

    def key(self, what: str = "") -> UUID:
        """Idempotency key of one write of this step."""
        return uuid5(self.exercise.exercise_id, f"step {self._number} {what}")

    @property
    def known(self) -> "Situation":
        """The open incident of the exercise."""
        for one in self.exercise.incidents:
            found = self.desk.situation(one.incident_id, caller=self.caller)
            if found.status == "open":
                return found
        raise MissingError("no incident of this exercise is open yet")

    @property
    def incident_id(self) -> UUID:
        """Its id."""
        found = self.known.incident_id
        assert found is not None
        return found


def _acknowledge(stage: _Stage) -> None:
    with stage.desk.database.transaction(stage.caller) as connection:
        for row in world.standing_alarms(connection, stage.exercise.exercise_id):
            if row.state in ("open", "cleared"):
                alarms.acknowledge(connection, stage.caller, row.id, stage.step.reason or stage.step.text)


def _report(stage: _Stage) -> None:
    drill, step = stage.exercise.drill, stage.step
    with stage.desk.database.transaction(stage.caller) as connection:
        rows = world.standing_alarms(connection, stage.exercise.exercise_id)
    gas = [row for row in rows if row.tag_id is not None]
    told = tuple(
        Alarm(row.id, row.tag_id or "", row.place, row.title, row.value, row.unit, row.occurred_at, row.longitude,
              row.latitude)
        for row in gas
    )  # fmt: skip
    first = min((row.occurred_at for row in rows), default=datetime.now(UTC))
    command = ReportIncident(
        title=step.title or drill.title, longitude=step.longitude or drill.scene.longitude,
        latitude=step.latitude or drill.scene.latitude, occurred_at=first, channel="alarm" if gas else "phone",
        place=drill.scene.place, division_code=drill.scene.division_code, event_code=drill.scene.event_code,
        text=step.text, alarms=told, key=stage.key(),
    )  # fmt: skip
    incident_id = stage.desk.report(command, stage.caller).incident_id
    with stage.desk.database.transaction(stage.caller) as connection:
        for row in rows:
            alarms.link(connection, stage.caller, row.id, incident_id)


def _case(stage: _Stage) -> None:
    case = stage.exercise.drill.case
    if case is None:
        raise InputError("this drill has no case.toml: nothing is known about the release")
    now = checked_case({**case, "weather": weather_now(stage.exercise)})
    event = CaseChanged(now, stage.step.reason or stage.step.text or stage.step.title)
    stage.desk.record(stage.incident_id, event, stage.caller, key=stage.key())


def _assess(stage: _Stage) -> None:
    stage.desk.assess(stage.incident_id, stage.caller, roads=stage.exercise.drill.scene.roads or None)


def _grade(stage: _Stage) -> None:
    known = stage.known
    suggested = known.accident_grade_suggested
    if suggested is None:
        raise InputError("no grade is suggested yet: casualties are not known")
    event = GradeConfirmed(suggested.grade, stage.step.reason or suggested.rule)
    stage.desk.record(stage.incident_id, event, stage.caller, expected_seq=known.seq, key=stage.key())


def _level(stage: _Stage) -> None:
    known = stage.known
    event = ResponseLevelSet(stage.step.level, stage.step.reason or stage.step.text)  # type: ignore[arg-type]
    stage.desk.record(stage.incident_id, event, stage.caller, expected_seq=known.seq, key=stage.key())


def _decide(stage: _Stage) -> None:
    known, step = stage.known, stage.step
    options = (Option(step.title, chosen=True),) if step.title else ()
    decision = NewDecision(
        role=step.who, text=step.text, reason=step.reason, options=options,
        run_ids=(known.run.run_id,) if known.run else (), layers={},
    )  # fmt: skip
    stage.desk.decisions.take(stage.incident_id, decision, stage.caller, seen_seq=known.seq, key=stage.key())


def _adopt(stage: _Stage) -> None:
    _, ranked = stage.desk.plans.match(stage.incident_id, stage.caller)
    plan = stage.step.plan or (ranked[0].match.plan.id if ranked else "")
    if not plan:
        raise InputError("no plan is in force in this world")
    stage.desk.plans.adopt(stage.incident_id, plan, stage.caller, reason=stage.step.reason, issue=True)


def _order(stage: _Stage) -> None:
    known, step = stage.known, stage.step
    order = NewOrder(
        unit_name=step.unit, text=step.text, within_s=step.within, longitude=step.longitude, latitude=step.latitude,
        run_ids=(known.run.run_id,) if known.run else (),
    )  # fmt: skip
    stage.desk.orders.draft(stage.incident_id, order, stage.caller, issue=True, key=stage.key())


def _step(stage: _Stage) -> None:
    """Move orders of a unit (all units where none is named) to a state, through the states before it."""
    step = stage.step
    wanted: State = step.to  # type: ignore[assignment]
    orders = [one for one in stage.known.orders.all if one.state in RUNNING and step.unit in one.draft.unit_name]
    if not orders:
        raise InputError(f"no running order is with a unit called '{step.unit}'")
    for one in orders[: step.count]:
        state = one.state
        while state != wanted:
            following: State = wanted if wanted in NEXT[state] else NEXT[state][0] if NEXT[state] else state
            if following == state:
                raise ConflictError(f"order {one.name} is {state}: '{wanted}' cannot follow")
            said = Said(text=step.text, reason=step.reason, way="field")
            key = stage.key(f"{one.name} {following}")
            stage.desk.orders.step(stage.incident_id, one.order_id, following, stage.caller, said, key=key)
            state = following


def _send(stage: _Stage) -> None:
    step = stage.step
    stage_of, channel = step.stage or "first", step.channel or "phone"

    def write(_known: "Situation", number: int) -> ReportSent:
        return ReportSent(
            stage=stage_of, channel=channel, number=number, sent_to=step.to, sent_at=datetime.now(UTC),  # type: ignore[arg-type]
            text=step.text, title=step.title,
        )  # fmt: skip

    stage.desk.reports.send(
        stage.incident_id, write, stage.caller, form="incident", stage=stage_of,  # type: ignore[arg-type]
        channel=channel, key=stage.key(),  # type: ignore[arg-type]
    )  # fmt: skip


def _team(stage: _Stage) -> None:
    """Take the nearest teams of the last run that are free and whose kind or name is asked for."""
    known, step = stage.known, stage.step
    if known.run is None or known.run.routes is None:
        raise InputError("there is no run that ranks teams: assess the incident first")
    taken = set(stage.desk.teams.engaged(stage.caller))
    rows = [one["properties"] for one in known.run.routes.routes.get("features", [])]
    rows += known.run.routes.routes.get("further_teams", [])
    ready = [
        row for row in rows
        if row.get("status") == "ok" and str(row.get("id")) not in taken
        and (not step.unit or step.unit in str(row.get("name")) or step.unit == row.get("kind"))
    ]  # fmt: skip
    if not ready:
        raise InputError(f"no free team '{step.unit}' can come")
    for row in sorted(ready, key=lambda one: float(one["travel_time_s"]))[: step.count]:
        stage.desk.teams.take(stage.incident_id, str(row["id"]), stage.caller, key=stage.key(str(row["id"])))


def _close_road(stage: _Stage) -> None:
    step, scene = stage.step, stage.exercise.drill.scene
    place = LonLat(step.longitude or scene.longitude, step.latitude or scene.latitude)
    report = ReportClosure(shape="road", reason="control", place=place, text=step.text)
    stage.desk.road.report_closure(stage.incident_id, report, stage.caller, key=stage.key())
    stage.desk.road.follow(stage.incident_id, stage.caller)


def _note(stage: _Stage) -> None:
    stage.desk.note(stage.incident_id, stage.step.text, stage.caller, key=stage.key())


def _answer(stage: _Stage) -> None:
    open_words = [one for one in stage.known.orders.words if one.answered_seq is None]
    if not open_words:
        raise InputError("the field has said nothing that waits for an answer")
    stage.desk.orders.answer_field(
        stage.incident_id, open_words[0].seq, stage.step.text, stage.caller, key=stage.key()
    )  # fmt: skip


def _close(stage: _Stage) -> None:
    known = stage.known
    event = IncidentClosed(stage.step.reason or stage.step.text)
    stage.desk.record(stage.incident_id, event, stage.caller, expected_seq=known.seq, key=stage.key())


_ACTS: Mapping[str, Callable[[_Stage], None]] = {
    "acknowledge": _acknowledge, "report": _report, "case": _case, "assess": _assess, "grade": _grade, "level": _level,
    "decide": _decide, "adopt": _adopt, "order": _order, "step": _step, "send": _send, "team": _team,
    "close_road": _close_road, "note": _note, "answer": _answer, "close": _close,
}  # fmt: skip
