"""What do our own layers know of a place, when nobody outside is asked?"""

import asyncio
from collections.abc import Callable, Sequence

from gis.crs import LonLat
from tianditu.services.places import CHINA, Address, Bounds, Division, Found, Located, Place

Find = Callable[[str, int], Sequence[Place]]
Name = Callable[[LonLat], Address | None]
Divide = Callable[[str], Sequence[Division]]

EXACT_SCORE, LIKE_SCORE = 100.0, 60.0


class Gazetteer:
    """
    The same questions answered from our own layers.

    Parameters
    ----------
    find
        Places by text, best first; blocks, so it is called in a thread.
    name
        What a place is called.
    divide
        Divisions by name or code.
    """

    def __init__(self, find: Find, name: Name, divide: Divide) -> None:
        self._find = find
        self._name = name
        self._divide = divide

    async def search(self, text: str, *, within: Bounds = CHINA, limit: int = 12) -> Found:
        """Find what is called so, inside the bounds."""
        west, south, east, north = within
        found = await asyncio.to_thread(self._find, text, limit)
        inside = tuple(
            one for one in found if west <= one.place.longitude <= east and south <= one.place.latitude <= north
        )
        return Found(inside, len(inside))

    async def geocode(self, address: str) -> Located | None:
        """Find an address among the names and addresses of our layers; a part of it scores less than the whole."""
        found = await asyncio.to_thread(self._find, address, 1)
        if not found:
            return None
        best = found[0]
        exact = address.strip() in (best.name, best.address)
        return Located(best.place, EXACT_SCORE if exact else LIKE_SCORE, best.kind, "gazetteer")

    async def reverse(self, place: LonLat) -> Address | None:
        """Say what a place is called."""
        return await asyncio.to_thread(self._name, place)

    async def divisions(self, name: str, *, children: int = 0, boundary: bool = False) -> tuple[Division, ...]:
        """Divisions by name or code; without their children and without the boundary where not asked for."""
        found = await asyncio.to_thread(self._divide, name)
        return tuple(
            Division(
                one.code, one.name, one.level, one.place, one.source, one.parent_code,
                one.boundary_wkt if boundary else "", one.children if children else (),
            )
            for one in found
        )  # fmt: skip
