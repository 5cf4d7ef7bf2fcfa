"""Who is sent on which way? Teams taken and given back, the way of one of them, and what another plan would bring."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import numpy as np
import shapely

from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from routing import store
from scenarios import drawing, log
from scenarios.event import Json
from scenarios.journal import Journal
from scenarios.log import Receipt
from scenarios.resources import holding
from scenarios.roads.closures import closed_view
from scenarios.roads.desk import RoadDesk
from scenarios.roads.events import TeamGivenBack, TeamTaken
from scenarios.roads.following import Roadwork
from scenarios.situation import Run, Situation

if TYPE_CHECKING:
    from routing.directions import Step
    from routing.view import View

WhatIf = Literal["staged", "contraflow", "time"]
STAGE_S = 600.0
"""Stages of a staged release follow each other after this time; a setting, trust "unverified"."""


@dataclass(frozen=True, slots=True)
class Engaged:
    """A team that is taken: for which incident, and what that is called."""

    team_id: str
    name: str
    incident_id: UUID
    title: str


@dataclass(frozen=True)
class Way:
    """
    The way of one team, looked at closely.

    ``geometry`` is GeoJSON, None where there is no way. ``alternatives`` are routes with at most 60 % of their length
    shared with one another: ``travel_time_s, length_m, geometry``.
    """

    team_id: str
    name: str
    status: str
    reason: str
    travel_time_s: float | None
    length_m: float | None
    geometry: Json | None
    steps: "tuple[Step, ...]"
    alternatives: tuple[Json, ...]


class TeamDesk:
    """Teams on the roads of incidents. Shared by all pages; safe between threads."""

    def __init__(self, journal: Journal, road: RoadDesk) -> None:
        self.journal = journal
        self.road = road

    def engaged(self, caller: Caller) -> dict[str, Engaged]:
        """Teams taken for any open incident the caller may see, by id."""
        found: dict[str, Engaged] = {}
        for card, situation in self.journal.open_situations(caller):
            for one in situation.taken:
                found[one.team_id] = Engaged(one.team_id, one.name, card.incident_id, card.title)
        return found

    def take(self, incident_id: UUID, team_id: str, caller: Caller, *, key: UUID | None = None) -> Receipt:
        """
        Take a team of the last run for this incident.

        Raises
        ------
        ConflictError
            It is taken already, here or for another open incident, which is named.
        InputError
            The last run does not know the team, or it cannot come.
        """
        from routing.dispatch import refuse_double_booking

        known = self.journal.situation(incident_id, caller=caller)
        row = _row(known, team_id)
        if row.get("status") != "ok":
            raise InputError(f"team {row.get('name')} cannot come ({row.get('status')}): open a road or take another")
        assert known.run is not None
        event = TeamTaken(team_id, str(row.get("name", "")), known.run.run_id, row.get("travel_time_s"))
        with self.journal.database.transaction(caller) as connection:
            # One at a time over all incidents: two officers must not both find the same team free.
            holding.one_at_a_time(connection)
            receipt = log.append(connection, incident_id, event, key=key)
            if not receipt.replayed:
                taken = {key: f"incident '{one.title}'" for key, one in self.engaged(caller).items()}
                refuse_double_booking([team_id], taken)
                # and over all divisions, those the caller cannot see among them
                holding.refuse_more_than(Decimal(1), "team", team_id, holding.held(connection))
            return receipt

    def give_back(
        self, incident_id: UUID, team_id: str, caller: Caller, *, why: str = "", key: UUID | None = None
    ) -> Receipt:
        """
        Let a team go again.

        Raises
        ------
        ConflictError
            It is not taken for this incident.
        """
        known = self.journal.situation(incident_id, caller=caller)
        one = next((one for one in known.taken if one.team_id == team_id), None)
        event = TeamGivenBack(team_id, one.name if one else _name(known, team_id), why.strip())
        with self.journal.database.transaction(caller) as connection:
            receipt = log.append(connection, incident_id, event, key=key)
            if not receipt.replayed and one is None:
                raise ConflictError(f"team {team_id} is not taken for this incident")
            return receipt

    def way(self, incident_id: UUID, team_id: str, caller: Caller, *, alternatives: int = 2) -> Way:
        """
        Directions and alternatives of one team's route in the last run, on the roads as they are closed now.

        Raises
        ------
        MissingError
            There is no run with such a team.
        """
        from routing.alternatives import alternatives as others
        from routing.directions import steps
        from routing.dispatch import ranking
        from routing.profiles import profile

        work, run, view = self._view(incident_id, caller)
        assert run.routes is not None
        teams = work.ground.teams
        if run.routes.teams_are == "assumed_entry" or teams is None:
            from scenarios.roads.assumed import entry_points

            teams = entry_points(view, work.scene)
        one = teams[teams["id"].astype(str) == team_id]
        if not len(one):
            raise MissingError(f"there is no team {team_id} in the last run")
        vehicle = "fire_engine" if run.routes.teams_are == "assumed_entry" else None
        ranked = ranking(view, one, work.scene, wind_from_deg=work.wind_from_deg, profile=vehicle)
        best = ranked.routes[team_id]
        kind = profile(str(ranked.frame["profile"].iloc[0]))
        more = others(view, best, kind, alternatives) if alternatives else []
        return Way(
            team_id=team_id,
            name=str(one["name"].iloc[0]),
            status=best.status,
            reason=best.reason,
            travel_time_s=drawing.plain(best.travel_time_s),
            length_m=drawing.plain(best.length_m),
            geometry=drawing.geometry(best.geometry),
            steps=tuple(steps(view.network, best)),
            alternatives=tuple(
                {"travel_time_s": drawing.plain(way.travel_time_s), "length_m": drawing.plain(way.length_m),
                 "geometry": drawing.geometry(way.geometry)} for way in more
            ),
        )  # fmt: skip

    def what_if(self, incident_id: UUID, kind: WhatIf, caller: Caller) -> Json:
        """
        Clearance of the last run's evacuation under another plan, for comparison; nothing is recorded.

        Parameters
        ----------
        kind
            ``staged``: the worst zone first, each further zone ten minutes later. ``contraflow``: the fullest roads
            take over the lanes of the other direction. ``time``: everybody takes the way nearest on empty roads.

        Returns
        -------
        comparison
            ``kind, totals, clearance`` (``time_s, people_out``).

        Raises
        ------
        InputError
            There is no evacuation to compare with, or no such kind.
        """
        from routing.evacuation import plan

        if kind not in ("staged", "contraflow", "time"):
            raise InputError(f"what if '{kind}': use staged, contraflow or time")
        work, run, view = self._view(incident_id, caller)
        people, shelters = work.ground.people, work.ground.shelters
        if run.evacuation is None or not run.evacuation.people or people is None or run.exposure is None:
            raise InputError("there is no evacuation to compare with")
        if shelters is None or not len(shelters):
            raise InputError("no shelters are known: there is nothing to compare")
        leaving = work.blocks(run.evacuation.people, day=run.exposure.day)
        assert leaving is not None
        objective = "time" if kind == "time" else "clearance"
        asked: dict[str, Any] = {"wind_from_deg": work.wind_from_deg, "objective": objective}
        asked["hazard"] = work.leaves(datetime.now(UTC)).cloud
        if kind == "staged":
            leaving = leaving.assign(release_s=_stages(work, leaving.geometry.to_numpy()))
        if kind == "contraflow":
            features = (run.evacuation.bottlenecks or {}).get("features", [])
            asked["contraflow"] = np.asarray(_one_way_each(view, features), np.int64)
        found = plan(view, leaving, shelters, **asked)
        return {"kind": kind, "totals": drawing.plain(found.totals), "clearance": list(drawing.rows(found.clearance))}

    def _view(self, incident_id: UUID, caller: Caller) -> tuple[Roadwork, Run, "View"]:
        run = self.journal.situation(incident_id, caller=caller).run
        if run is None or run.hazard is None or run.routes is None or not run.routes.network:
            raise MissingError("there is no run with routes: assess the incident first")
        work = self.road.work(incident_id, run, caller)
        with self.journal.database.transaction(caller) as connection:
            held = store.closures_at(connection, work.network.name)
        return work, run, closed_view(work.network, work.zones, held)


def _row(known: Situation, team_id: str) -> Json:
    routes = known.run.routes if known.run else None
    if routes is None:
        raise InputError("there is no run that ranks teams: assess the incident first")
    rows = [one["properties"] for one in routes.routes.get("features", [])] + routes.routes.get("further_teams", [])
    found = next((one for one in rows if str(one.get("id")) == team_id), None)
    if found is None:
        raise InputError(f"the last run knows no team {team_id}")
    return dict(found)


def _name(known: Situation, team_id: str) -> str:
    try:
        return str(_row(known, team_id).get("name", ""))
    except InputError:
        return ""


def _stages(work: Roadwork, points: Any) -> Any:
    """Release times of blocks: the zone of the highest level goes at once, the next ones a stage later each."""
    levels = sorted({int(level) for level in work.zones["level"]}, reverse=True)
    release = np.full(len(points), STAGE_S * len(levels))
    for stage, level in reversed(list(enumerate(levels))):
        area = shapely.union_all(work.zones.geometry[work.zones["level"] == level].to_numpy())
        release[shapely.intersects(area, points)] = STAGE_S * stage
    return release


def _one_way_each(view: "View", features: list[Json]) -> list[int]:
    """Arcs of the fullest roads that have an opposite direction to give, one direction of each road."""
    segments, arcs = set[int](), []
    for one in features:
        arc = int(one["properties"].get("arc", -1))
        if not 0 <= arc < view.network.arc_count:
            continue
        segment = int(view.network.arc_segment[arc])
        both = view.network.arc_forward[view.network.arcs_of(np.asarray([segment], np.int64))]
        if segment not in segments and both.any() and not both.all():
            segments.add(segment)
            arcs.append(arc)
    return arcs
