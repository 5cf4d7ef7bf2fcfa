"""What does a place service answer, whoever gives it: the national one or our own layers?"""

from dataclasses import dataclass
from typing import Literal, Protocol

from gis.crs import LonLat

Source = Literal["tianditu", "gazetteer"]

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
CHINA: Bounds = (73.0, 3.0, 135.0, 54.0)


@dataclass(frozen=True, slots=True)
class Place:
    """
    One thing found by its name.

    Attributes
    ----------
    kind
        Category in the words of whoever found it, may be empty.
    code
        Division code GB/T 2260 (6 digits) where it is known.
    distance_m
        From the point asked around; None for other questions.
    """

    name: str
    address: str
    place: LonLat
    source: Source
    kind: str = ""
    code: str = ""
    distance_m: float | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """
    Answer of a search.

    Attributes
    ----------
    total
        How many there are in all; `places` may hold fewer.
    divisions
        Divisions the text may have meant, by name and 6-digit code.
    words
        Suggestions to go on typing with.
    """

    places: tuple[Place, ...]
    total: int
    divisions: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Located:
    """An address found on the map; `score` 0 to 100, `level` in the words of the service (门址, 兴趣点 …)."""

    place: LonLat
    score: float
    level: str
    source: Source


@dataclass(frozen=True, slots=True)
class Address:
    """What a place is called; empty where it is not known. Codes: 6 digits, the town's 9."""

    text: str
    province: str
    city: str
    county: str
    county_code: str
    town: str
    town_code: str
    road: str
    road_distance_m: float | None
    source: Source


@dataclass(frozen=True, slots=True)
class Division:
    """
    An administrative division 行政区划.

    Attributes
    ----------
    code
        GB/T 2260, 6 digits.
    level
        ``country``, ``province``, ``city``, ``county``; empty where unknown.
    boundary_wkt
        MULTIPOLYGON in CGCS2000 degrees, longitude first; empty when not asked for. Children never carry one.
    """

    code: str
    name: str
    level: str
    place: LonLat | None
    source: Source
    parent_code: str = ""
    boundary_wkt: str = ""
    children: tuple["Division", ...] = ()


@dataclass(frozen=True, slots=True)
class Drive:
    """A way by car: metres, seconds, its line, and what a driver is told at each turn."""

    distance_m: float
    duration_s: float
    line: tuple[LonLat, ...]
    turns: tuple[str, ...]


class Places(Protocol):
    """Two implementations: the national services, and a gazetteer from our own layers."""

    async def search(self, text: str, *, within: Bounds = CHINA, limit: int = 12) -> Found:
        """Find what is called so."""
        ...

    async def geocode(self, address: str) -> Located | None:
        """Find an address; None where there is none."""
        ...

    async def reverse(self, place: LonLat) -> Address | None:
        """Say what a place is called; None where nobody knows."""
        ...

    async def divisions(self, name: str, *, children: int = 0, boundary: bool = False) -> tuple[Division, ...]:
        """Find administrative divisions by name or code."""
        ...
