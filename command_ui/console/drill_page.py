"""How is the page of drills opened? By view, exercise and role in the address; it asks the interface by itself."""

import asyncio
import json
from uuid import UUID

from command_ui.basemaps import credits_for_page
from command_ui.console.drill_components import DrillRoom
from command_ui.console.part import Part
from command_ui.console.shell import ShellPage
from layers import styles

VIEWS = ("library", "control", "play", "judge")


class DrillPage(ShellPage):
    """The page 演练: library, controller, player, evaluator."""

    code = "drill"

    def build(self) -> tuple[Part, ...]:
        """Make the one part of the page."""
        view = self.asked.get("view", "")
        self.room = DrillRoom(
            theme=self.state.theme,
            language=self.language,
            mode=self.person.mode,
            csrf_token=self.person.csrf_token,
            may_conduct=self.person.may("direct"),
            may_evaluate=self.person.may("evaluate"),
            tab=view if view in VIEWS else "",
            run=_id(self.asked.get("run", "")),
            role=self.asked.get("role", "")[:60],
            symbology=json.loads(json.dumps(styles.as_json())),
            basemaps={"credits": credits_for_page(self.store.house.settings)},
            **self.common,
        )
        return (self.room,)

    def enclose(self, server_now: str) -> Part:
        """Put the parts into a frame that says drill, whatever world the reader works in: what it shows is one."""
        frame = super().enclose(server_now)
        frame.param.update(mode="drill")
        return frame

    async def load(self) -> None:
        """Draw the app bar and give the map its home."""
        await super().load()
        self.room.home = await asyncio.to_thread(self.store.ground.home)

    async def moved(self, _incidents: frozenset[UUID]) -> None:
        """Something was recorded: the browser looks again."""
        self.room.tell({"kind": "moved"})

    async def alarms_moved(self) -> None:
        """An alarm was acknowledged, which is a deed too."""
        self.room.tell({"kind": "moved"})


def _id(given: str) -> str:
    try:
        return str(UUID(given)) if given else ""
    except ValueError:
        return ""
