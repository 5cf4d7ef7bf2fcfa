"""How do our own layers become the gazetteer that answers where nobody outside is asked?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gis.crs import LonLat
from gis.errors import InputError
from layers.search import Hit, search
from layers.whereabouts import divisions_at
from tianditu.services.gazetteer import Gazetteer
from tianditu.services.places import Address, Division, Place

if TYPE_CHECKING:
    from gis.database import Caller, Database

_MOST_DIVISIONS = 20
_LEVELS = {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}
_PROVINCE, _CITY, _COUNTY = 2, 4, 6


def gazetteer(database: "Database", caller: "Caller") -> Gazetteer:
    """Build the gazetteer of one person: it finds what that person may see."""

    def hits(text: str, limit: int) -> list[Hit]:
        try:
            with database.transaction(caller) as connection:
                return search(connection, text, limit)
        except InputError:
            return []

    def find(text: str, limit: int) -> Sequence[Place]:
        return [_place(hit) for hit in hits(text, limit)]

    def name(place: LonLat) -> Address | None:
        with database.transaction(caller) as connection:
            found = divisions_at(connection, place.longitude, place.latitude)
        return _address(found) if found else None

    def divide(text: str) -> Sequence[Division]:
        return [
            Division(hit.id, hit.name, level_of(hit.id), LonLat(hit.longitude, hit.latitude), "gazetteer")
            for hit in hits(text, _MOST_DIVISIONS)
            if hit.layer == "division"
        ]

    return Gazetteer(find, name, divide)


def level_of(code: str) -> str:
    """
    Level of a division by its code: zeros at the end of six digits are the levels below it.

    Examples
    --------
    >>> level_of("320000"), level_of("320400"), level_of("320402"), level_of("320402001")
    ('province', 'city', 'county', 'town')
    """
    return _LEVELS.get(_length(code), "")


def _length(code: str) -> int:
    if len(code) != _COUNTY:
        return len(code)
    return _PROVINCE if code.endswith("0000") else _CITY if code.endswith("00") else _COUNTY


def _place(hit: Hit) -> Place:
    code = hit.id if hit.layer == "division" else ""
    return Place(
        hit.name, hit.detail, LonLat(hit.longitude, hit.latitude), "gazetteer", hit.layer, code, hit.distance_m, hit.id
    )


def _address(divisions: list[tuple[str, str]]) -> Address:
    named = {level_of(code): (code, name) for code, name in divisions}

    def part(level: str) -> tuple[str, str]:
        return named.get(level, ("", ""))

    (_, province), (_, city), (county_code, county), (town_code, town) = map(
        part, ("province", "city", "county", "town")
    )
    text = "".join(dict.fromkeys([province, city, county, town]))
    return Address(text, province, city, county, county_code, town, town_code, "", None, "gazetteer")
