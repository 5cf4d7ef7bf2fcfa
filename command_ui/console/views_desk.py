"""Which views of the map does this person come back to? Named, kept for the account, on every machine."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

from gis.errors import InputError

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame

Json = dict[str, Any]

MOST = 30
LONGEST_NAME = 24
LONGEST_LINK = 80
_KEY = "views"


class ViewsDesk:
    """Kept views of the person behind one page: a list of name and link, oldest first."""

    def __init__(self, page: "DeskFrame") -> None:
        self._page = page
        page.map.views = self._read()

    def acts(self) -> dict[str, Any]:
        """Give what each message does."""
        return {"views.keep": self.keep, "views.drop": self.drop}

    async def keep(self, message: Json) -> None:
        """
        Keep a view; one of the same name is replaced.

        Raises
        ------
        InputError
            No name, a name or link that is too long, or too many views.
        """
        name, link = str(message.get("name", "")).strip(), str(message.get("link", ""))
        if not name or len(name) > LONGEST_NAME or not link or len(link) > LONGEST_LINK:
            raise InputError(f"a view needs a name of 1 to {LONGEST_NAME} characters")
        others = [one for one in self._read() if one["name"] != name]
        if len(others) >= MOST:
            raise InputError(f"{MOST} views are kept already: remove one first")
        await self._write([*others, {"name": name, "link": link}])

    async def drop(self, message: Json) -> None:
        """Forget a view."""
        await self._write([one for one in self._read() if one["name"] != message.get("name")])

    async def _write(self, views: list[dict[str, str]]) -> None:
        page = self._page
        text = json.dumps(views, ensure_ascii=False)
        await asyncio.to_thread(page.preferences.keep, page.person.name, **{_KEY: text})
        page.map.views = views

    def _read(self) -> list[dict[str, str]]:
        try:
            read = json.loads(self._page.preferences.of(self._page.person.name).get(_KEY, "[]"))
        except ValueError:
            return []
        return [one for one in read if isinstance(one, dict) and {"name", "link"} <= one.keys()][:MOST]
