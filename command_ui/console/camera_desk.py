"""Which cameras look at the incident, and where does none? Answers of the desk to its inspector and its map."""

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

from command_ui.console import camera_cards
from command_ui.console.act import Json

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame


class CameraDesk:
    """Draws coverage and its gaps around the chosen incident when asked."""

    def __init__(self, page: "DeskFrame") -> None:
        self.page = page

    async def coverage(self, _message: Json) -> None:
        """Send the sectors and the gaps to the map; the map shows or hides them."""
        if not self.page.state.incident_id:
            return
        caller, incident = self.page.person.caller(), UUID(self.page.state.incident_id)
        place = (await asyncio.to_thread(self.page.store.desk.situation, incident, caller=caller)).place
        if place is None:
            return
        found = await asyncio.to_thread(camera_cards.covered, self.page.store.house.database, caller, place)
        self.page.map.tell({"kind": "coverage", **found})
