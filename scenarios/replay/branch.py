"""What if, from a moment on, wind, source, a road or an order had been otherwise? The same chain, kept apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import geopandas as gpd
import pandas as pd

from gis.crs import GEOGRAPHIC
from gis.database import Caller
from gis.errors import InputError
from scenarios.events import CaseChanged, Entry, Event, Json, payload_of
from scenarios.intake import checked_case
from scenarios.replay.comparing import Line, compare
from scenarios.replay.desk import ReplayDesk
from scenarios.roads.closures import checked_geometry, closed_area
from scenarios.roads.events import ClosureLifted, ClosureReported
from scenarios.situation import Situation, advance

if TYPE_CHECKING:
    from routing.store import Closures
    from scenarios.ground import Ground

RUN = "W-1"
"""Name of the run of a branch; runs of the record begin with R."""


@dataclass(frozen=True, slots=True)
class Changes:
    """
    What is imagined to be otherwise; what is left out stays as it was known.

    Attributes
    ----------
    wind_from_deg, wind_speed_m_s
        The wind from the moment on.
    release
        Fields of the case's release with other values, such as ``rate_kg_s``.
    closed
        Areas (GeoJSON polygons, lon/lat) whose roads are closed as well.
    opened
        Ids of closures that are not there.
    evacuate_at
        When people were told to leave; the moment of the branch where nothing is said.
    without_teams
        Ids of teams that were not sent.
    """

    wind_from_deg: float | None = None
    wind_speed_m_s: float | None = None
    release: Mapping[str, Any] | None = None
    closed: Sequence[Json] = ()
    opened: Sequence[str] = ()
    evacuate_at: datetime | None = None
    without_teams: Sequence[str] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether everything stays as it was."""
        return self == Changes() or not (
            self.wind_from_deg is not None or self.wind_speed_m_s is not None or self.release or self.closed
            or self.opened or self.evacuate_at is not None or self.without_teams
        )  # fmt: skip

    def applied(self, case: Mapping[str, Any]) -> Json:
        """Case with the wind and the release imagined; not yet checked."""
        weather = {
            name: value
            for name, value in (("wind_from_deg", self.wind_from_deg), ("wind_speed_m_s", self.wind_speed_m_s))
            if value is not None
        }
        changed: Json = {**case, "release": {**case.get("release", {}), **(self.release or {})}}
        if weather:
            # A series says how the wind turned later; whoever imagines another wind means that one.
            kept = {name: value for name, value in case.get("weather", {}).items() if name != "series"}
            changed["weather"] = {**kept, **weather}
        return changed


@dataclass(frozen=True, slots=True)
class Branch:
    """
    What would have followed. It is in no record: its entries have neither hash nor number of the log.

    Attributes
    ----------
    known
        What was known at the moment of the branch.
    imagined
        The same with the changes and the run computed from them, as a fold over entries nobody wrote.
    happened
        What is known of the incident now.
    lines
        What differs between the three, in this order: known, happened, imagined.
    """

    moment: datetime
    changes: Changes
    known: Situation
    imagined: Situation
    happened: Situation
    lines: tuple[Line, ...]
    seconds: float


def imagine(replay: ReplayDesk, incident_id: UUID, caller: Caller, moment: datetime, changes: Changes) -> Branch:
    """
    Compute a branch: people, layers and roads as known at the moment, and the changes on them.

    Raises
    ------
    InputError
        Nothing is changed, no release was known then, or what is said has faults; all of them at once.
    MissingError
        No such incident in the caller's range and world.
    """
    from scenarios.assessment import assess
    from scenarios.hazards.zones import foresee

    known = replay.at(incident_id, caller, moment=moment)
    case, closed = _checked(known, changes, moment)
    hazard = foresee(case)
    ground = _ground(replay, caller, hazard, moment, changes, closed)
    found = assess(case, ground, hazard=hazard, departs_at=changes.evacuate_at or moment)
    imagined = advance(
        known, _entries(known, caller.actor, moment, [*_said(known, case, changes, closed, moment), *found.events(RUN)])
    )
    happened = replay.at(incident_id, caller)
    lines = compare(known, happened, imagined)
    return Branch(moment, changes, known, imagined, happened, lines, float(found.timings["total"]))


def _checked(known: Situation, changes: Changes, moment: datetime) -> tuple[Json, list[Json]]:
    """Case and closed areas that can be computed with; every fault of both at once."""
    if changes.is_nothing:
        raise InputError("nothing is changed: say another wind, release, closure or order")
    if known.case is None:
        raise InputError(f"nothing was known about the release at {moment.isoformat()}: choose a later moment")
    faults: list[str] = []
    case, closed = changes.applied(known.case), list[Json]()
    try:
        case = checked_case(case)
    except InputError as error:
        faults += error.faults
    for area in changes.closed:
        try:
            closed.append(checked_geometry("area", area))
        except InputError as error:
            faults += [f"closed: {fault}" for fault in error.faults]
    there = {one.closure_id for one in known.closures}
    faults += [f"opened: there was no closure {one} at that moment" for one in changes.opened if one not in there]
    if changes.evacuate_at is not None and changes.evacuate_at.tzinfo is None:
        faults.append("evacuate_at has no time zone; write it with one, such as +08:00")
    if faults:
        raise InputError(faults)
    return case, closed


def _ground(
    replay: ReplayDesk, caller: Caller, hazard: Any, moment: datetime, changes: Changes, closed: list[Json]
) -> "Ground":
    """What was known about the place at the moment, marked as simulated, with the closures and teams imagined."""
    from layers.store import Then
    from routing.store import closures_at
    from scenarios.sources import gather

    network = replay.roads.covering(hazard.scene)
    folder = replay.roads.folder / network.name if network is not None else None
    with replay.database.transaction(caller) as connection:
        ground = gather(
            hazard.bounds, hazard.scene, network=network, network_folder=folder, connection=connection,
            mode=caller.mode, then=Then.shown(moment),
        )  # fmt: skip
        held = None
        if network is not None:
            held = closures_at(connection, network.name, moment, known_at=moment, without=changes.opened)
    teams = ground.teams
    if teams is not None and changes.without_teams:
        teams = teams[~teams["id"].astype(str).isin(changes.without_teams)].reset_index(drop=True)
    return replace(ground, mode="sim", teams=teams, closed=_with(held, closed))


def _with(held: "Closures | None", areas: list[Json]) -> "Closures | None":
    if held is None or not areas:
        return held
    shapes = [closed_area("area", area) for area in areas]
    more = gpd.GeoDataFrame(
        {"id": [-n for n, _ in enumerate(shapes, 1)], "name": "what-if"}, geometry=shapes, crs=GEOGRAPHIC
    )
    frames = [frame for frame in (held.areas, more) if len(frame)]
    return replace(held, areas=gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=GEOGRAPHIC))


def _said(known: Situation, case: Json, changes: Changes, closed: list[Json], moment: datetime) -> list[Event]:
    """The changes as events of the branch."""
    said: list[Event] = [CaseChanged(case, "what-if")] if case != known.case else []
    said += [ClosureLifted(one, "what-if") for one in changes.opened]
    said += [
        ClosureReported(f"W-{n}", "area", area, "other", moment, text="what-if") for n, area in enumerate(closed, 1)
    ]
    return said


def _entries(known: Situation, actor: str, moment: datetime, events: list[Event]) -> list[Entry]:
    """Entries that continue a situation and are in no log."""
    assert known.incident_id is not None
    return [
        Entry(known.incident_id, known.seq + n, event.code, actor, None, moment, payload_of(event))
        for n, event in enumerate(events, 1)
    ]
