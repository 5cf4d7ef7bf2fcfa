"""When does a page leave its redraws to the line of its incident, and when does it pull by itself again?"""

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

from command_ui.console.act import Act, Json
from command_ui.console.part import Part
from scenarios.situation import Situation

if TYPE_CHECKING:
    from command_ui.console.consult_desk import ConsultDesk
    from command_ui.console.desk_frame import DeskFrame
    from command_ui.console.record_desk import RecordDesk

BESIDE_EVERY_S = 1.0
"""How often a page on the line sees to what only it knows, while entries come in."""


class LineDesk:
    """
    What the page does about the line (`command_ui.console.together`).

    The frame names the incident whose line the page is to be on. Once the browser says that it is there, what others
    record comes over the line, and the page pulls only what its own officer does. Whoever looks at another moment, or
    loses the line, gets everything from the page again.
    """

    def __init__(self, page: "DeskFrame", record: "RecordDesk", consult: "ConsultDesk") -> None:
        self._page = page
        self._record = record
        self._consult = consult
        self.is_up = False
        self._was_up = False
        self._follows = ""

    def acts(self) -> dict[str, Act]:
        """Give what the message of the line does."""
        return {"line": self._said}

    def drew(self, whole: Situation) -> None:
        """Take note of what the page has drawn; ask for it again where the line was faster."""
        page = self._page
        self._was_up = False
        follows = "" if page.state.moment or whole.incident_id is None else page.state.incident_id
        self._name(follows)
        if self.is_up and page.once is not None and page.once.seq(UUID(page.state.incident_id)) > whole.seq:
            asyncio.get_running_loop().create_task(page.pull_scene())

    def let_go(self) -> None:
        """Leave the line: what comes next is not the present of this incident."""
        self._was_up |= self.is_up
        self.is_up = False
        self._name("")

    def _name(self, incident: str) -> None:
        self._follows = incident
        self._page.frame.param.update(follows=incident)

    def anew(self, part: Part, **texts: str) -> dict[str, str]:
        """
        Give texts that reach the browser even where the server sent the very same before.

        Over the line the browser may have got others meanwhile, of which this side keeps nothing.
        """
        if not (self.is_up or self._was_up):
            return texts
        return {name: f"{text} " if text and text == getattr(part, name) else text for name, text in texts.items()}

    async def beside(self) -> None:
        """See to what the line does not bring: questions about rows, the room of a consultation."""
        page = self._page
        incident_id, caller = UUID(page.state.incident_id), page.person.caller()
        whole = await page.work(True, "whole", lambda: page.store.desk.situation(incident_id, caller=caller))
        self._record.follow(whole)
        self._consult.draw(whole)
        await asyncio.sleep(BESIDE_EVERY_S)

    async def _said(self, message: Json) -> None:
        follows = str(message.get("incident"))
        if not message.get("up"):
            if self.is_up:
                self._was_up, self.is_up = True, False
                await self._page.moved(frozenset())
            return
        async with self._page.pulling:  # what was pulled before arrives before the line says its first word
            if follows != self._follows:
                return
            self.is_up = True
        self._page.frame.tell({"kind": "line", "incident": follows})
