"""Which divisions does the range of an account hold, by name? The topmost of those that are known."""

from collections.abc import Mapping

from sqlalchemy import Connection, text

from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION


def names(connection: Connection) -> dict[str, str]:
    """Name of every division that is known, by its six-digit code; townships have longer codes and no accounts."""
    return {row.id: row.name for row in connection.execute(_NAMES)}


def held(known: Mapping[str, str], first: str, last: str) -> list[str]:
    """
    Name the topmost divisions from `first` up to and without `last`, in the order of their codes.

    A range ends where it ends: of a county's range only the county is named, of a city's only the city.
    """
    if (first, last) == (LOWEST_DIVISION, HIGHEST_DIVISION):
        return []
    inside = sorted(code for code in known if first <= code < last)
    within = set(inside)
    return [known[code] for code in inside if not within & ({code[:2] + "0000", code[:4] + "00"} - {code})]


_NAMES = text(
    "SELECT DISTINCT ON (id) id, name FROM layers.division WHERE length(id) = 6 AND superseded_at IS NULL"
    " ORDER BY id, recorded_at DESC"
)
