"""How is the page of plans opened? By its tab in the address; what it shows it asks the interface for."""

import asyncio

from command_ui.console.act import Act, Json
from command_ui.console.part import Part
from command_ui.console.plans_components import PlanRoom
from command_ui.console.shell import ShellPage
from command_ui.console.stock_desk import StockDesk
from plume import substances

TABS = ("plans", "cards", "stock", "shift")


class PlansPage(ShellPage):
    """The page 预案与交接班: library, response cards, supplies, change of shift."""

    code = "plans"

    def build(self) -> tuple[Part, ...]:
        """Make the one part of the page."""
        tab = self.asked.get("tab", "plans")
        self.view = PlanRoom(
            theme=self.state.theme,
            language=self.language,
            csrf_token=self.person.csrf_token,
            person=self.person.name,
            can_import=self.person.may("report"),
            can_take=self.person.may("dispatch"),
            mode=self.person.mode,
            tab=tab if tab in TABS else "plans",
            wanted=self.asked.get("id", ""),
            chemicals={one.cas: [one.name_zh, one.key] for one in substances.known() if one.cas},
            **self.common,
        )
        self.stock = StockDesk(self, self.store.desk.resources)
        return (self.view,)

    def acts(self) -> dict[str, Act]:
        """Give what each message does."""
        return self.stock.acts()

    async def load(self) -> None:
        """Draw the app bar and name the divisions plans are made for."""
        await super().load()
        self.view.divisions = await asyncio.to_thread(self._divisions)

    def _divisions(self) -> dict[str, str]:
        plans = self.store.desk.plans.standing(self.person.caller())
        codes = {one.plan.division_code for one in plans} - {""}
        return {code: self.store.ground.division(code) for code in sorted(codes)}

    async def answer(self, answer: Json) -> None:
        """Hand a dialog its answer; the page asks the interface for the rows again by itself."""
        self.view.tell(answer)
