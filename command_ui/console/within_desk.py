"""What lies within an area drawn on the map? Asked in a thread, told by message."""

import asyncio
from typing import TYPE_CHECKING, Any

from command_ui.api.within import answered
from command_ui.console.fault_words import worded
from gis.errors import OneMapError
from layers import within

if TYPE_CHECKING:
    from command_ui.console.act import Act
    from command_ui.console.desk_frame import DeskFrame

Json = dict[str, Any]


class WithinDesk:
    """Answers for areas drawn by hand; ``seq`` lets the map drop an answer to an older drawing."""

    def __init__(self, page: "DeskFrame") -> None:
        self.page = page

    def acts(self) -> "dict[str, Act]":
        """Give what each message does."""
        return {"within": self.within}

    async def within(self, message: Json) -> None:
        """Tell people and rows of the layers within the area."""
        answer: Json = {"kind": "within", "seq": message.get("seq")}
        try:
            answer["found"] = await asyncio.to_thread(self._within, message)
        except OneMapError as error:
            answer["reason"] = worded(error, self.page.language)
        self.page.map.tell(answer)

    def _within(self, message: Json) -> Json:
        area = within.area_of(message.get("geometry") or {}, float(message.get("buffer_m") or 0.0))
        layers = message.get("layers")
        with self.page.store.house.database.transaction(self.page.person.caller()) as connection:
            wanted = [str(key) for key in layers] if isinstance(layers, list) else None
            return answered(within.within(connection, area, wanted))
