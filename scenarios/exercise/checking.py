"""Does everything in a drill lead somewhere? Names, times, places and kinds, checked together, every fault at once."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from gis.crs import LocalFrame, LonLat
from gis.errors import InputError
from plume import case as cases
from scenarios.event import Json
from scenarios.events import BY_CODE
from scenarios.exercise.deeds import ACKNOWLEDGED
from scenarios.exercise.drill import FASTEST, SLOWEST, Drill, Expectation, Inject
from scenarios.exercise.faults import DrillFault, Places, named
from scenarios.exercise.players import step_faults
from scenarios.orders.events import OrderDrafted

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,23}")
FARTHEST_KM = 60.0
LONGEST_S = 48 * 3600
MOST_BEDS = 100_000
HAS_TABLE = frozenset({"report", "sensor", "weather", "road", "hospital", "camera", "team"})
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Names:
    """Every id of a drill, by what it names."""

    injects: frozenset[str]
    expectations: frozenset[str]
    roles: frozenset[str]
    objectives: frozenset[str]
    capabilities: frozenset[str]

    @classmethod
    def of(cls, drill: Drill) -> "_Names":
        return cls(
            frozenset(one.id for one in drill.injects),
            frozenset(one.id for one in drill.expectations),
            frozenset(one.id for one in drill.roles),
            frozenset(one.id for one in drill.objectives),
            frozenset(one.id for one in drill.capabilities),
        )


def faults_of(drill: Drill, steps: Sequence[Json], places: Mapping[str, Places]) -> list[DrillFault]:
    """Every fault that the form alone does not show, at its file, line and key."""
    names = _Names.of(drill)
    found = [
        *(("drill.toml", path, said) for path, said in _of_frame(drill)),
        *(("injects.toml", path, said) for path, said in _of_injects(drill, names)),
        *(("expectations.toml", path, said) for path, said in _of_expectations(drill, names)),
        *(("sheets.toml", path, said) for path, said in _of_sheets(drill, names)),
        *(("case.toml", (), said) for said in _of_case(drill)),
        *(("players.toml", path, said) for path, said in step_faults(steps, drill)),
    ]
    return [
        places[file].fault(path, said) if file in places else DrillFault(file, 0, "", said)
        for file, path, said in found
    ]


Found = Iterator[tuple[Path, str]]


def _ids(key: str, ids: Sequence[str]) -> Found:
    for at, one in enumerate(ids):
        if not _ID.fullmatch(one):
            yield (key, at, "id"), f"'{one}' is no id: 1 to 24 letters, digits, points, dashes or underscores"
        if one in ids[:at]:
            yield (key, at, "id"), f"'{one}' stands for {key} {ids.index(one) + 1} already"


def _of_frame(drill: Drill) -> Found:
    yield from _ids("role", [one.id for one in drill.roles])
    for side, word in (("player", "somebody who plays"), ("controller", "somebody who directs")):
        if all(one.side != side for one in drill.roles):
            yield ("role",), f"a drill needs {word}: give a role with side = '{side}'"
    if not 60 <= drill.timing.length_s <= LONGEST_S:
        yield ("timing", "length"), "a drill lasts from 00:01:00 to 48:00:00"
    if not SLOWEST <= drill.timing.speed <= FASTEST:
        yield ("timing", "speed"), f"{drill.timing.speed:g} is not between {SLOWEST:g} and {FASTEST:g}"
    try:
        drill.scene.point.checked()
    except InputError as error:
        yield ("scene", "longitude"), "; ".join(error.faults)
    code = drill.scene.division_code
    if not re.fullmatch(r"\d{6,12}", code):
        yield ("scene", "division_code"), f"'{code}' is not six to twelve digits"
    if not 0 < drill.scene.radius_km <= FARTHEST_KM:
        yield ("scene", "radius_km"), f"give more than 0 and at most {FARTHEST_KM:g} km"
    for name, value in (("title", drill.title), ("title_en", drill.title_en)):
        if not value.strip():
            yield (name,), "is empty; people read it in both languages"


def _of_injects(drill: Drill, names: _Names) -> Found:
    yield from _ids("inject", [one.id for one in drill.injects])
    if not drill.injects:
        yield ("inject",), "a drill has at least one inject"
    for at, one in enumerate(drill.injects):
        here: Path = ("inject", at)
        if one.when.at_s is not None and one.when.at_s > drill.timing.length_s:
            yield (*here, "at"), "lies after the end of the drill (timing.length)"
        yield from _of_inject(one, here, drill, names)


def _of_inject(one: Inject, here: Path, drill: Drill, names: _Names) -> Found:
    for role in one.to:
        if role not in names.roles:
            yield (*here, "to"), f"there is no role '{role}'"
    if one.controller and one.controller not in names.roles:
        yield (*here, "controller"), f"there is no role '{one.controller}'"
    if one.objective and one.objective not in names.objectives:
        yield (*here, "objective"), f"there is no objective '{one.objective}'"
    if not one.title.strip():
        yield (*here, "title"), "is empty"
    yield from _of_condition(one, here, drill, names)
    yield from _of_table(one, here)
    yield from _of_place(one, here, drill)


def faults_of_inject(one: Inject, drill: Drill) -> list[str]:
    """Every fault of one inject of a drill in play; it may lie after the planned end, for exercises run over."""
    found = [f"{named(path)}: {said}" for path, said in _of_inject(one, (), drill, _Names.of(drill))]
    if not one.to:
        found.append("to: name at least one role")
    return found


def _of_condition(one: Inject, here: Path, drill: Drill, names: _Names) -> Found:
    when = one.when
    if not (when.by_hand or when.at_s is not None or when.after or when.done):
        yield (*here, "at"), "says not when: give at, when.after, when.done, or at = '00:00:00' for a release by hand"
    if when.by_hand and (when.after or when.done or when.not_done):
        yield (*here, "when"), "an inject released by hand (at = '00:00:00') waits for nothing else"
    if when.after and when.after not in names.injects:
        yield (*here, "when", "after"), f"there is no inject '{when.after}'"
    if when.delay_s and not (when.after or when.done):
        yield (*here, "when", "delay"), "counts from nothing: give when.after or when.done too"
    for part in ("done", "not_done"):
        for name in getattr(when, part):
            if name not in names.expectations:
                yield (*here, "when", part), f"there is no expectation '{name}'"
    if when.not_done and when.at_s is None and not when.after:
        yield (*here, "when", "not_done"), "says not by when: give at, or when.after with a delay"
    if _waits_for_itself(one.id, drill):
        yield (*here, "when", "after"), "waits for itself, directly or through others"


def _waits_for_itself(inject_id: str, drill: Drill) -> bool:
    before = {one.id: one.when.after for one in drill.injects}
    asked = set[str]()
    name = before.get(inject_id, "")
    while name and name not in asked:
        if name == inject_id:
            return True
        asked.add(name)
        name = before.get(name, "")
    return False


def _of_table(one: Inject, here: Path) -> Found:
    for name in sorted(HAS_TABLE):
        is_given = getattr(one, name) is not None
        if name == one.kind and not is_given:
            yield (*here, name), f"an inject of kind '{name}' needs the table '{name}'"
        if name != one.kind and is_given:
            yield (*here, name), f"belongs to an inject of kind '{name}', and this one is '{one.kind}'"
    if one.hospital is not None and not 0 <= one.hospital.beds_free <= MOST_BEDS:
        yield (*here, "hospital", "beds_free"), f"lies between 0 and {MOST_BEDS}"
    if one.sensor is not None and not math.isfinite(one.sensor.value):
        yield (*here, "sensor"), "value is no number"
    said = one.weather
    if said is None:
        return
    if all(value is None or value == "" for value in (getattr(said, part.name) for part in fields(said))):
        yield (*here, "weather"), "changes nothing: give wind_from_deg, wind_speed_m_s, stability or temperature_c"
    if said.wind_from_deg is not None and not 0 <= said.wind_from_deg <= 360:
        yield (*here, "weather", "wind_from_deg"), "lies between 0 and 360"
    if said.wind_speed_m_s is not None and not 0 < said.wind_speed_m_s <= 60:
        yield (*here, "weather", "wind_speed_m_s"), "lies between 0 and 60"
    if said.stability not in ("", "A", "B", "C", "D", "E", "F"):
        yield (*here, "weather", "stability"), f"'{said.stability}' is no class A to F"


def _of_place(one: Inject, here: Path, drill: Drill) -> Found:
    if (one.longitude is None) != (one.latitude is None):
        yield (*here, "longitude"), "give longitude and latitude, or neither"
        return
    if one.longitude is None or one.latitude is None:
        if one.kind in ("road", "hospital"):
            yield (*here, "longitude"), f"an inject of kind '{one.kind}' lies somewhere: give longitude and latitude"
        return
    try:
        point = LonLat(one.longitude, one.latitude).checked()
        x, y = LocalFrame(drill.scene.point.checked()).to_metres([point.longitude], [point.latitude])
    except InputError as error:
        yield (*here, "longitude"), "; ".join(error.faults)
        return
    if math.hypot(float(x[0]), float(y[0])) > FARTHEST_KM * 1000:
        yield (*here, "longitude"), f"lies farther than {FARTHEST_KM:g} km from the scene"


def _of_expectations(drill: Drill, names: _Names) -> Found:
    yield from _ids("expectation", [one.id for one in drill.expectations])
    players = {one.id for one in drill.roles if one.side == "player"}
    for at, one in enumerate(drill.expectations):
        here: Path = ("expectation", at)
        if one.who not in names.roles:
            yield (*here, "who"), f"there is no role '{one.who}'"
        elif one.who not in players:
            yield (*here, "who"), f"'{one.who}' does not play: only players are scored"
        if one.after and one.after not in names.injects:
            yield (*here, "after"), f"there is no inject '{one.after}'"
        if one.objective and one.objective not in names.objectives:
            yield (*here, "objective"), f"there is no objective '{one.objective}'"
        if not 0 < one.within_s <= LONGEST_S:
            yield (*here, "within"), "give a time such as 00:05:00"
        if one.points < 0:
            yield (*here, "points"), "are at least 0"
        yield from _of_deed(one, here)


def _of_deed(one: Expectation, here: Path) -> Found:
    sought = one.does
    if sought.count < 1:
        yield (*here, "does", "count"), "is at least 1"
    if sought.kind == ACKNOWLEDGED:
        known = {"alarm_id", "title"}
    elif sought.kind in BY_CODE:
        known = {part.name for part in fields(BY_CODE[sought.kind])}
        known |= {part.name for part in fields(OrderDrafted)} if "order_id" in known else set()
    else:
        yield (*here, "does", "kind"), f"'{sought.kind}' is no kind of entry; `onemap drill kinds` lists them"
        return
    for name in sought.where:
        if name not in known:
            yield (
                (*here, "does", "where"),
                f"an entry '{sought.kind}' has no field '{name}': {', '.join(sorted(known))}",
            )


def _of_sheets(drill: Drill, names: _Names) -> Found:
    for key, ids in (
        ("objective", [one.id for one in drill.objectives]),
        ("capability", [one.id for one in drill.capabilities]),
        ("sheet", [one.id for one in drill.sheet]),
    ):
        yield from _ids(key, ids)
    for at, one in enumerate(drill.objectives):
        if one.capability and one.capability not in names.capabilities:
            yield ("objective", at, "capability"), f"there is no capability '{one.capability}'"
    for at, sheet in enumerate(drill.capabilities):
        if not sheet.tasks:
            yield ("capability", at, "tasks"), "a capability has at least one critical task"
        for task in sheet.tasks:
            for name in task.expectations:
                if name not in names.expectations:
                    yield ("capability", at, "tasks"), f"task {task.id}: there is no expectation '{name}'"
    for at, item in enumerate(drill.sheet):
        if item.points < 1:
            yield ("sheet", at, "points"), "are at least 1"
        for name in item.expectations:
            if name not in names.expectations:
                yield ("sheet", at, "expectations"), f"there is no expectation '{name}'"


def _of_case(drill: Drill) -> list[str]:
    if drill.case is None:
        return []
    try:
        cases.read(drill.case)
    except InputError as error:
        return list(error.faults)
    return []
