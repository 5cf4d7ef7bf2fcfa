"""How does this installation become a node among others? Its name, its neighbours' keys, its sender, its routes."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter

from command_ui.access.keys import derived
from command_ui.api import node_door, nodes
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

    def routers(self) -> tuple[APIRouter, APIRouter]:
        """Routes of neighbours and of our own people, to stand below the prefix of the interface."""
        return node_door.router(self.desk), nodes.router(self.desk, self._alert, self.sender.nudge)

    def _alert(self, incident_id: UUID, caller: Caller, instruction: str) -> Alert:
        made, _ = alert(self._papers, incident_id, caller, instruction=instruction)
        return made


def _sealed(papers: Papers, press: Press, who: str, incident_id: UUID, seq: int, caller: Caller) -> bytes:
    paper, then, _ = papers.sent(incident_id, seq, caller)
    return press.print(paper, then, "sealed", caller, who=who).content
