"""How does an officer see a name or a number on a page? He presses the eye, says why, and the audit holds it."""

import asyncio
from typing import TYPE_CHECKING, Any

from command_ui.access import unmasking
from command_ui.access.audit import Trace
from layers import personal

if TYPE_CHECKING:
    from command_ui.console.part import Part
    from command_ui.console.shell import ShellPage

Json = dict[str, Any]


class UnmaskDesk:
    """Shows the personal columns of one row to the person behind one page."""

    def __init__(self, page: "ShellPage", part: "Part") -> None:
        self._page = page
        self._part = part

    def acts(self) -> dict[str, Any]:
        """Give what each message does."""
        return {"unmask": self.unmask}

    async def unmask(self, message: Json) -> None:
        """
        Tell the part the values of one row.

        Raises
        ------
        RefusedError, InputError, MissingError
            No right, no reason, no such row.
        """
        layer, row = str(message.get("layer", "")), str(message.get("id", ""))
        values = await asyncio.to_thread(self._read, layer, row, str(message.get("reason", "")))
        self._part.tell({"kind": "unmasked", "layer": layer, "id": row, "values": values})

    def _read(self, layer: str, row: str, reason: str) -> Json:
        person, database = self._page.person, self._page.store.house.database
        with database.transaction(unmasking.allowed(person, reason)) as connection:
            values = personal.of_row(connection, layer, row)
            unmasking.note(connection, person, f"{layer}/{row}", reason, Trace(), {"columns": list(values)})
        return values
