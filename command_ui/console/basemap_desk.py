"""What does the map of one page hear of the national base maps: their state at once, their place search on demand?"""

import asyncio
from typing import TYPE_CHECKING, Any

import panel as pn

from command_ui.basemaps import for_page
from command_ui.words import say
from gis.errors import OneMapError

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame

Json = dict[str, Any]

HITS = 12
_PATIENCE_S = 4.0
_AROUND_DEG = 0.6
"""The national search is asked around the map's home: a bureau looks for its own hospital first."""
_PAUSE_S = 0.3
"""After the last key: what is still being typed is not sent out of the house."""
_SHORTEST = 2
"""Characters below which nothing is asked: the first key of a name finds half the country."""


class BaseMapDesk:
    """Base maps and national places of one page."""

    def __init__(self, page: "DeskFrame") -> None:
        self._page = page
        self._house = page.store.house
        self._newest: object = None
        page.map.basemaps = self._state()
        document = pn.state.curdoc
        if document is not None:
            # The proxy tells on the server's event loop, many times in a burst; each page gets its turn once.
            unsubscribe = self._house.base_maps.listen(lambda: document.add_next_tick_callback(self._renew))
            document.on_session_destroyed(lambda _context: unsubscribe())

    async def search_beside(self, message: Json, own: list[Json]) -> None:
        """Put what the national search finds beside our own hits, each with its source, where a setting says so."""
        self._newest = message
        text = str(message.get("text", "")).strip()
        if not self._house.settings.tianditu_search or len(text) < _SHORTEST:
            return
        await asyncio.sleep(_PAUSE_S)
        if self._newest is not message:
            return
        try:
            async with asyncio.timeout(_PATIENCE_S):
                found = await self._national(text)
        except (OneMapError, TimeoutError):
            return  # our own hits stand there already; the badge of the map says what is wrong with the publisher
        language = self._page.language
        marked = [hit | {"source": say("search.source.own", language)} for hit in own]
        self._page.map.tell({"kind": "hits", "seq": message.get("seq"), "hits": [*marked, *found]})

    def _renew(self) -> None:
        state = self._state()
        if state != self._page.map.basemaps:
            self._page.map.basemaps = state

    def _state(self) -> Json:
        return for_page(self._house.base_maps.states(), self._house.settings)

    async def _national(self, text: str) -> list[Json]:
        longitude, latitude = self._page.map.home["centre"]
        around = (longitude - _AROUND_DEG, latitude - _AROUND_DEG, longitude + _AROUND_DEG, latitude + _AROUND_DEG)
        found = await self._house.places.search(text, within=around, limit=HITS)
        source = say("search.source.tianditu", self._page.language)
        return [
            {
                "layer": "",
                "id": "",
                "name": one.name,
                "layer_title": one.kind,
                "detail": one.address,
                "longitude": one.place.longitude,
                "latitude": one.place.latitude,
                "source": source,
            }
            for one in found.places
        ]
