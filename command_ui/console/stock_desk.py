"""What does the page of supplies do? Take out, give back, stand down; a refusal says who holds what."""

from uuid import UUID

from command_ui.api.duty import Taken
from command_ui.console.act import Act, Json
from command_ui.console.answering import Answers, doing, plain
from gis.database import Caller
from scenarios.resources.desk import ResourceDesk, Taking, quantity_of


class StockDesk:
    """Answers the dialogs of the tab 应急物资."""

    def __init__(self, page: Answers, resources: ResourceDesk) -> None:
        self.page = page
        self._resources = resources

    def acts(self) -> dict[str, Act]:
        """What each message does."""
        return {
            "stock_take": doing(self.page, "dispatch", self._take),
            "stock_back": doing(self.page, "dispatch", self._back),
            "stock_stand_down": doing(self.page, "dispatch", self._stand_down),
        }

    def _take(self, message: Json, key: UUID) -> str:
        body = Taken.model_validate_json(plain({"items": message["items"]}))
        wanted = [Taking(one.stock_id, one.quantity, one.plan_task, one.order_id) for one in body.items]
        self._resources.commit(UUID(str(message["incident"])), wanted, self._caller, key=key)
        return str(message.get("name", ""))[:200]

    def _back(self, message: Json, key: UUID) -> str:
        quantity = quantity_of(message["quantity"])
        self._resources.give_back(
            UUID(str(message["incident"])), str(message["stock_id"]), quantity, self._caller,
            why=str(message.get("why", ""))[:200], key=key,
        )  # fmt: skip
        return str(message.get("name", ""))[:200]

    def _stand_down(self, message: Json, key: UUID) -> str:
        incident, why = UUID(str(message["incident"])), str(message.get("why", ""))[:200]
        return str(len(self._resources.stand_down(incident, self._caller, why=why, key=key)))

    @property
    def _caller(self) -> Caller:
        return self.page.person.caller()
