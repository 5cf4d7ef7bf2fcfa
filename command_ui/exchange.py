"""How does this installation become a node among others? Its name, its neighbours' keys, its sender, its routes."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import APIRouter

from command_ui.access.keys import derived
from command_ui.api import node_door, nodes, shapes
from command_ui.live import Live, Moved
from command_ui.reports.desk import Papers
from command_ui.reports.press import Press
from command_ui.reports.warning import alert
from command_ui.settings import Settings
from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
from gis.errors import InputError
from scenarios.desk import Desk
from scenarios.exchange.alert import Alert
from scenarios.nodes.desk import NodeDesk
from scenarios.nodes.gathering import WORLDS
from scenarios.nodes.neighbours import NAME, Neighbours, Own, reach_of
from scenarios.nodes.sender import Pace, Sender

if TYPE_CHECKING:
    from command_ui.bootstrap import House

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": shapes.Problem, "description": "Cannot be read"},
    401: {"model": shapes.Problem, "description": "Sign in first, or sign the request with the key of a neighbour"},
    403: {"model": shapes.Problem, "description": "No right, or not sent by our own page"},
    404: {"model": shapes.Problem, "description": "Not there, or not yours: the two look the same"},
    409: {"model": shapes.Problem, "description": "The state has moved on, or another text came under this key"},
    413: {"model": shapes.Problem, "description": "Body larger than allowed"},
    415: {"model": shapes.Problem, "description": "Body is not application/json"},
    422: {"model": shapes.Problem, "description": "A value is not allowed; every fault is named"},
    429: {"model": shapes.Problem, "description": "Too many at once; wait as long as Retry-After says"},
    503: {"model": shapes.Problem, "description": "A part of the system does not answer; try again"},
}


def own_of(settings: Settings) -> Own:
    """
    Who the settings say we are.

    Raises
    ------
    InputError
        The name or the division is malformed.
    """
    name, division = settings.node_name.strip(), settings.node_division.strip()
    faults = []
    if name and not NAME.fullmatch(name):
        faults.append(f"ONEMAP_NODE_NAME: '{name[:63]}' is not 2 to 63 small letters, digits, points, dashes")
    if reach_of(division)[0] == reach_of(division)[1]:
        faults.append(f"ONEMAP_NODE_DIVISION: '{division[:12]}' is not a division code of six digits")
    if faults:
        raise InputError(faults)
    return Own(name, settings.node_title.strip() or name, settings.node_level, division)


def neighbours_of(key: bytes) -> Neighbours:
    """Neighbours whose keys are sealed with the key of this installation."""
    return Neighbours(derived(key, "neighbours"))


class Exchange:
    """
    This node among others: what its people do, and the sender that carries it.

    Parameters
    ----------
    key
        Secret of the installation.
    pace
        How quickly lines are tried again; None = the usual.
    """

    def __init__(
        self, house: "House", desk: Desk, key: bytes, papers: Papers, press: Press, *, pace: Pace | None = None
    ) -> None:
        self.own = own_of(house.settings)
        self.neighbours = neighbours_of(key)
        self.desk = NodeDesk(desk, self.own, self.neighbours)
        self._papers = papers
        keys: Path = house.settings.data_dir / "keys"
        seal = partial(_sealed, papers, press, self.own.title)
        self.sender = Sender(desk, self.own, self.neighbours, keys, seal=seal, pace=pace)

    def follow(self, live: Live) -> None:
        """Look into the outbox as soon as something is recorded."""

        def moved(_moved: Moved) -> None:
            self.sender.nudge()

        for mode in WORLDS:
            live.subscribe(Caller("system", LOWEST_DIVISION, HIGHEST_DIVISION, mode), moved)

    def router(self) -> APIRouter:
        """Build the routes of neighbours and of our own people, below the prefix of the interface."""
        routes = APIRouter(prefix="/api/v1", responses=_PROBLEMS)
        routes.include_router(node_door.router(self.desk))
        routes.include_router(nodes.router(self.desk, self._alert, self.sender.nudge))
        return routes

    def _alert(self, incident_id: UUID, caller: Caller, instruction: str) -> Alert:
        made, _ = alert(self._papers, incident_id, caller, instruction=instruction)
        return made


def _sealed(papers: Papers, press: Press, who: str, incident_id: UUID, seq: int, caller: Caller) -> bytes:
    paper, then, _ = papers.sent(incident_id, seq, caller)
    return press.print(paper, then, "sealed", caller, who=who).content
