"""What happens when an inject fires? It acts on the drill's own world through the doors everybody uses, once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from sqlalchemy.exc import DataError

from gis.crs import LocalFrame, LonLat
from gis.database import Caller, first_line
from gis.errors import ConflictError, InputError, OneMapError
from scenarios.duty import DutyDesk
from scenarios.event import Event, Json
from scenarios.events import CaseChanged, CasualtiesReported, IncidentClosed, Note
from scenarios.exercise import world
from scenarios.exercise.drill import Inject, Scene
from scenarios.exercise.fold import Exercise, InjectState
from scenarios.intake import ReportIncident, checked_case, plain_case
from scenarios.marks.drawn import DrawMark
from scenarios.orders.states import RUNNING
from scenarios.orders.writing import Said
from scenarios.roads.closures import ReportClosure

if TYPE_CHECKING:
    from scenarios.situation import Situation

HOSPITAL_SIGN = "D50100"
"""GB/T 35649: 医疗机构."""
alarms_seen = world.alarms_seen


@dataclass(frozen=True, slots=True)
class Delivered:
    """What an inject touched, and what stood in its way; see `scenarios.exercise.events.InjectDelivered`."""

    touched: tuple[str, ...] = ()
    fault: str = ""


def is_near(known: "Situation", scene: Scene) -> bool:
    """Whether an incident lies within the circle of a scene."""
    if known.place is None:
        return False
    x, y = LocalFrame(scene.point).to_metres([known.place.longitude], [known.place.latitude])
    return bool((float(x[0]) ** 2 + float(y[0]) ** 2) ** 0.5 <= scene.radius_km * 1000)


def deliver(desk: DutyDesk, exercise: Exercise, state: InjectState, cell: Caller) -> Delivered | None:
    """
    Let an inject that fired do what it does; None when it needs an incident and there is none yet.

    Every write has a key that follows from exercise and inject, so doing it again changes nothing.
    """
    inject = exercise.drill.inject(state.inject_id)
    assert inject is not None and state.fired_at is not None
    job = _Job(desk, exercise, inject, state.fired_at, cell)
    if inject.kind in _NEEDS_INCIDENT and job.incident is None:
        return None
    try:
        touched = _DOING[inject.kind](job)
        return Delivered((*touched, *job.told()))
    except OneMapError as error:
        return Delivered(fault=str(error)[:500])
    except DataError as error:
        # A figure no register can hold, put in by hand: this inject fails, and time goes on for all others.
        return Delivered(fault=first_line(error)[:500])


def weather_now(exercise: Exercise) -> Json:
    """Weather of the drill's case with every shift that has fired, as the weather service would tell it now."""
    weather: Json = dict((exercise.drill.case or {}).get("weather", {}))
    fired = sorted((one for one in exercise.injects if one.fired_seq is not None), key=lambda one: one.fired_seq or 0)
    for state in fired:
        inject = exercise.drill.inject(state.inject_id)
        if inject is not None:
            weather.update(_weather_of(inject))
    return weather


def take_back(desk: DutyDesk, exercise: Exercise, cell: Caller) -> None:
    """Take what an exercise put into the world of drills out of it again; may be done twice."""
    for one in exercise.incidents:
        known = desk.situation(one.incident_id, caller=cell)
        for closure in known.closures:
            if closure.lifted_seq is None:
                _unless_done(
                    lambda closure=closure, one=one: desk.road.lift_closure(  # type: ignore[misc]
                        one.incident_id, closure.closure_id, cell, seen_seq=closure.seq,
                        key=uuid5(exercise.exercise_id, f"lift {closure.closure_id}"),
                    )
                )  # fmt: skip
        for team in known.taken:
            _unless_done(
                lambda team=team, one=one: desk.teams.give_back(  # type: ignore[misc]
                    one.incident_id, team.team_id, cell,
                    key=uuid5(exercise.exercise_id, f"back {one.incident_id} {team.team_id}"),
                )
            )  # fmt: skip
        _close(desk, one.incident_id, exercise, cell)
    with desk.database.transaction(cell) as connection:
        world.restore(connection, exercise.exercise_id, datetime.now(UTC))


def _close(desk: DutyDesk, incident_id: UUID, exercise: Exercise, cell: Caller) -> None:
    for _ in range(20):
        known = desk.situation(incident_id, caller=cell)
        if known.status != "open":
            return
        try:
            desk.record(
                incident_id, IncidentClosed("演练结束 / end of exercise"), cell, expected_seq=known.seq,
                key=uuid5(exercise.exercise_id, f"close {incident_id}"),
            )  # fmt: skip
        except ConflictError:
            continue


def _unless_done(change: Callable[[], Any]) -> None:
    """Do it unless somebody did it already."""
    try:
        change()
    except ConflictError:
        return


class _Job:
    """One inject at work: where, when, on which incident, and with which keys."""

    def __init__(self, desk: DutyDesk, exercise: Exercise, inject: Inject, at: datetime, cell: Caller) -> None:
        self.desk = desk
        self.exercise = exercise
        self.inject = inject
        self.at = at
        self.cell = cell
        scene = exercise.drill.scene
        has_place = inject.longitude is not None and inject.latitude is not None
        self.point = LonLat(inject.longitude or 0.0, inject.latitude or 0.0) if has_place else scene.point
        self.incident = self._open_incident()

    def _open_incident(self) -> "Situation | None":
        for one in self.exercise.incidents:
            known = self.desk.situation(one.incident_id, caller=self.cell)
            if known.status == "open":
                return known
        return None

    def key(self, what: str) -> UUID:
        """Idempotency key of one write of this inject."""
        return uuid5(self.exercise.exercise_id, f"{self.inject.id} {what}")

    @property
    def incident_id(self) -> UUID:
        """Id of the incident it acts on."""
        assert self.incident is not None and self.incident.incident_id is not None
        return self.incident.incident_id

    def write(self, event: Event, what: str) -> str:
        """Record an event in the incident and name its entry."""
        receipt = self.desk.record(self.incident_id, event, self.cell, key=self.key(what))
        return f"entry:{self.incident_id}:{receipt.seq}"

    def told(self) -> tuple[str, ...]:
        """Write what the inject says into the open incident, so that it stands in the record players read."""
        if self.incident is None or not self.inject.text or self.inject.kind == "sensor":
            return ()
        said = f"{self.inject.source}：{self.inject.text}" if self.inject.source else self.inject.text
        return (self.write(Note(said), "told"),)


def _report(job: _Job) -> tuple[str, ...]:
    said = job.inject.report
    assert said is not None
    drill = job.exercise.drill
    touched: list[str] = []
    if job.incident is None:
        command = ReportIncident(
            title=job.inject.title, longitude=job.point.longitude, latitude=job.point.latitude, occurred_at=job.at,
            known_at=job.at,
            channel=said.channel, place=drill.scene.place, division_code=drill.scene.division_code,
            event_code=drill.scene.event_code, reported_by=job.inject.source, text=job.inject.text,
            case={**drill.case, "weather": weather_now(job.exercise)} if said.gives_case and drill.case else None,
            key=job.key("report"),
        )  # fmt: skip
        opened = job.desk.report(command, job.cell)
        touched.append(f"entry:{opened.incident_id}:{opened.seq}")
        job.incident = job.desk.situation(opened.incident_id, caller=job.cell)
    toll = CasualtiesReported(said.dead, said.seriously_injured, said.slightly_injured, said.missing, said.trapped)
    if toll != CasualtiesReported():
        touched.append(job.write(toll, "toll"))
    return tuple(touched)


def _sensor(job: _Job) -> tuple[str, ...]:
    said = job.inject.sensor
    assert said is not None
    with job.desk.database.transaction(job.cell) as connection:
        found = world.detector(connection, said.tag)
        if found is None:
            raise InputError(f"the drill's world has no measuring point '{said.tag}'")
        names = world.speak(connection, job.exercise.exercise_id, job.inject.id, found, said.value, job.at)
    return (f"tag:{found.tag_id}", *(f"alarm:{name}" for name in names))


def _weather(job: _Job) -> tuple[str, ...]:
    said = job.inject.weather
    assert said is not None
    with job.desk.database.transaction(job.cell) as connection:
        station = world.weather_turns(connection, job.exercise.exercise_id, job.point, said, job.at)
    touched = (f"station:{station}",) if station else ()
    known = job.incident
    if known is None or known.case is None:
        return touched
    case = checked_case({**known.case, "weather": {**known.case.get("weather", {}), **_weather_of(job.inject)}})
    if case == known.case:
        return touched
    try:
        return (*touched, job.write(CaseChanged(case, job.inject.title), "weather"))
    except InputError:
        return touched  # another process wrote it in this very moment, on what it knew


def _road(job: _Job) -> tuple[str, ...]:
    said = job.inject.road
    assert said is not None
    report = ReportClosure(
        shape="road", reason=said.reason, place=job.point, whole=said.whole, text=job.inject.text,
        reported_by=job.inject.source, valid_from=job.at,
    )  # fmt: skip
    closure_id, _ = job.desk.road.report_closure(job.incident_id, report, job.cell, key=job.key("road"))
    return (f"closure:{closure_id}",)


def _hospital(job: _Job) -> tuple[str, ...]:
    said = job.inject.hospital
    assert said is not None
    geometry = {"type": "Point", "coordinates": [job.point.longitude, job.point.latitude]}
    with job.desk.database.transaction(job.cell) as connection:
        found = world.hospital_fills(connection, job.exercise.exercise_id, said.name, said.beds_free, job.at)
    label = f"余床 {said.beds_free}" if said.beds_free else "满员"
    mark = DrawMark(symbol=HOSPITAL_SIGN, geometry=geometry, label=label, text=said.name, standing="kept")
    mark_id, _ = job.desk.marks.draw(job.incident_id, mark, job.cell, key=job.key("hospital"))
    return (*((f"hospital:{found}",) if found else ()), f"mark:{mark_id}")


def _camera(job: _Job) -> tuple[str, ...]:
    said = job.inject.camera
    assert said is not None
    exercise = job.exercise
    with job.desk.database.transaction(job.cell) as connection:
        row = world.camera_fails(connection, exercise.exercise_id, said.camera, job.at)
        if row is None:
            raise InputError(f"the drill's world has no camera '{said.camera}'")
        place = LonLat(row["longitude"], row["latitude"])
        name = world.alarm(
            connection, exercise.exercise_id, job.inject.id, "camera", job.inject.title, str(row["name"]), place,
            row["division_code"], job.at,
        )  # fmt: skip
    return (f"camera:{said.camera}", f"alarm:{name}")


def _call(job: _Job) -> tuple[str, ...]:
    scene = job.exercise.drill.scene
    with job.desk.database.transaction(job.cell) as connection:
        name = world.alarm(
            connection, job.exercise.exercise_id, job.inject.id, "call", job.inject.title,
            job.inject.source or scene.place, job.point, scene.division_code, job.at,
        )  # fmt: skip
    return (f"alarm:{name}",)


def _message(_job: _Job) -> tuple[str, ...]:
    return ()


def _team(job: _Job) -> tuple[str, ...]:
    said = job.inject.team
    assert said is not None and job.incident is not None
    running = [one for one in job.incident.orders.all if one.state in RUNNING and said.unit in one.draft.unit_name]
    done = [one for one in job.incident.orders.all if one.state == "cannot" and said.unit in one.draft.unit_name]
    if not running:
        if done:
            return (f"order:{done[0].order_id}",)
        raise InputError(f"no running order is with a unit called '{said.unit}'")
    spoken = Said(text=job.inject.text, reason=said.reason, way="phone")
    job.desk.orders.step(
        job.incident_id, running[0].order_id, "cannot", job.cell, spoken, key=job.key("team")
    )  # fmt: skip
    return (f"order:{running[0].order_id}",)


_DOING: Mapping[str, Callable[[_Job], tuple[str, ...]]] = {
    "report": _report, "sensor": _sensor, "weather": _weather, "road": _road, "hospital": _hospital,
    "camera": _camera, "call": _call, "message": _message, "team": _team,
}  # fmt: skip
_NEEDS_INCIDENT = frozenset({"road", "hospital", "team"})


def _weather_of(inject: Inject) -> Json:
    said = inject.weather
    if said is None:
        return {}
    changed: Json = {
        "wind_from_deg": said.wind_from_deg, "wind_speed_m_s": said.wind_speed_m_s,
        "stability": said.stability or None, "temperature_c": said.temperature_c,
    }  # fmt: skip
    return plain_case({name: value for name, value in changed.items() if value is not None})
