"""What does a plan ask for, what of it is there within its radius, and what is missing?"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import Connection, text

from gis.crs import LonLat
from scenarios.event import Json
from scenarios.plans.plan import Need, Plan
from scenarios.resources import holding
from scenarios.resources.stock import Line, distance_m

WITHIN_KM = 20.0
"""Radius where a plan names none; a house rule."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team that stands in the register; ``free`` is false while it is on duty elsewhere or not ready."""

    team_id: str
    name: str
    kind: str
    free: bool
    distance_m: float


@dataclass(frozen=True, slots=True)
class Pick:
    """What would serve a need: a team (quantity 1) or so much of a line of stock."""

    id: str
    name: str
    quantity: float
    distance_m: float
    store_name: str = ""


@dataclass
class Served:
    """A need of a task beside what is there; nothing is counted for two needs."""

    task: str
    need: Need
    within_km: float
    picks: list[Pick] = field(default_factory=list)

    @property
    def have(self) -> float:
        """How much of it is there."""
        return sum(one.quantity for one in self.picks)

    @property
    def short(self) -> float:
        """How much of it is missing."""
        return max(0.0, round(self.need.quantity - self.have, 2))

    def as_json(self) -> Json:
        """JSON form."""
        return {
            "task": self.task, "kind": self.need.kind, "code": self.need.code, "name": self.need.name,
            "quantity": self.need.quantity, "unit": self.need.unit, "within_km": self.within_km, "have": self.have,
            "short": self.short,
            "picks": [
                {"id": one.id, "name": one.name, "quantity": one.quantity, "distance_m": round(one.distance_m),
                 "store_name": one.store_name}
                for one in self.picks
            ],
        }  # fmt: skip


def serve(plan: Plan, teams: Iterable[Team], stock: Iterable[Line]) -> list[Served]:
    """
    Give every need the nearest of what is there, task by task; what serves one need is gone for the next.

    Parameters
    ----------
    teams, stock
        With their distance from the scene.
    """
    free = sorted((one for one in teams if one.free), key=lambda one: one.distance_m)
    left = {one.stock_id: one.left for one in stock}
    lines = sorted(stock, key=lambda one: one.distance_m or 0.0)
    used: set[str] = set()
    found = []
    for task, need in plan.needs:
        radius_km = need.within_km or WITHIN_KM
        served = Served(task, need, radius_km)
        if need.kind == "team":
            for team in free:
                if served.short and team.kind == need.code and team.team_id not in used:
                    if team.distance_m > radius_km * 1000:
                        break
                    used.add(team.team_id)
                    served.picks.append(Pick(team.team_id, team.name, 1.0, team.distance_m))
        else:
            for line in lines:
                away_m = line.distance_m or 0.0
                if not served.short or away_m > radius_km * 1000:
                    break
                if line.code.startswith(need.code) and need.name in line.name and left[line.stock_id] > 0:
                    amount = min(left[line.stock_id], Decimal(str(served.short)))
                    left[line.stock_id] -= amount
                    served.picks.append(Pick(line.stock_id, line.name, float(amount), away_m, line.store_name))
        found.append(served)
    return found


def teams_around(connection: Connection, place: LonLat) -> list[Team]:
    """Teams of the register with their distance from a place; who is held by an open incident is not free."""
    engaged = {one.id for one in holding.held(connection) if one.kind == "team"}
    return [
        Team(row.id, row.name, row.kind, row.status == "ready" and row.id not in engaged,
             distance_m(place, LonLat(row.longitude, row.latitude)))
        for row in connection.execute(_TEAMS)
    ]  # fmt: skip


_TEAMS = text(
    "SELECT id, name, kind, status, ST_X(geometry) AS longitude, ST_Y(geometry) AS latitude FROM layers.rescue_team "
    "WHERE superseded_at IS NULL AND valid_to IS NULL AND mode = current_setting('onemap.mode', true)"
)
