"""Who can be told, and by which number? Rows of the registers with a telephone, found by id or by words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from gis import personal
from gis.database import Caller
from scenarios.messages.events import Reach

if TYPE_CHECKING:
    from scenarios.situation import Situation

LONGEST_WORDS = 40
MOST = 40


@dataclass(frozen=True, slots=True)
class Person:
    """
    Somebody who can be told: a row of a register, its name and its number.

    ``concerned`` says the incident itself names them: a team that was taken or ordered, a shelter people go to, a place
    in the zones.
    """

    reach: Reach
    id: str
    name: str
    phone: str
    concerned: bool = False


def shortened(phone: str) -> str:
    """
    Give a number as the record and those who may not see it have it.

    Examples
    --------
    >>> shortened("13900001234"), shortened("0990-1234"), shortened("119")
    ('139****1234', '****1234', '119')
    """
    digits = phone.strip()
    if len(digits) <= 5:
        return digits
    return f"{digits[:3] if len(digits) > 9 else ''}****{digits[-4:]}"


def people(connection: Connection, caller: Caller, known: "Situation", words: str = "") -> list[Person]:
    """People of the caller's world whom the incident names; with `words` those found by them, the concerned first."""
    named = concerned(known)
    values = {
        "mode": caller.mode, "from": caller.division_from, "to": caller.division_to, "ids": sorted(named),
        "words": words.strip().casefold()[:LONGEST_WORDS], "most": MOST,
    }  # fmt: skip
    # Whole numbers, to be dialled: whoever hands them out shortens them for those who may not see them.
    with personal.compared(connection):
        return [_person(row, named) for row in connection.execute(_FIND, values)]


def of_register(connection: Connection, caller: Caller, reach: str, row_id: str) -> Person | None:
    """One row of a register with its number; None when it has none, or is not the caller's to see."""
    values = {
        "mode": caller.mode, "from": caller.division_from, "to": caller.division_to, "ids": [row_id], "words": "",
        "most": MOST,
    }  # fmt: skip
    with personal.compared(connection):
        return next((_person(row, {}) for row in connection.execute(_FIND, values) if row.reach == reach), None)


def concerned(known: "Situation") -> dict[str, int]:
    """Ids of rows the incident names, and in which order people would think of them."""
    ids: list[str] = [one.draft.unit_id for one in reversed(known.orders.all)]
    ids += [one.team_id for one in known.taken]
    ids += _ids(known.evacuation.shelters if known.evacuation else ())
    ids += _ids((known.exposure.facilities or ()) if known.exposure else ())
    return {one: at for at, one in reversed(list(enumerate(ids))) if one}


def _ids(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [str(row["id"]) for row in rows if row.get("id")]


def _person(row: Any, named: dict[str, int]) -> Person:
    return Person(row.reach, row.id, row.name, row.phone, row.id in named)


_FIND = text("""
    WITH there AS (
        SELECT 'team' AS reach, id, name, phone, initials, pinyin, mode, division_code, superseded_at, valid_to
        FROM layers.rescue_team
        UNION ALL SELECT 'shelter', id, name, phone, initials, pinyin, mode, division_code, superseded_at, valid_to
        FROM layers.shelter
        UNION ALL SELECT 'target', id, name, phone, initials, pinyin, mode, division_code, superseded_at, valid_to
        FROM layers.protection_target
        UNION ALL SELECT 'store', id, name, phone, initials, pinyin, mode, division_code, superseded_at, valid_to
        FROM layers.store
        UNION ALL SELECT 'enterprise', id, short_name, duty_phone, initials, pinyin, mode, division_code,
                         superseded_at, valid_to FROM layers.enterprise)
    SELECT reach, id, name, phone FROM there
    WHERE superseded_at IS NULL AND valid_to IS NULL AND mode = :mode AND phone <> ''
      AND division_code >= :from AND division_code < :to
      AND CASE WHEN :words = '' THEN id = ANY (CAST(:ids AS text[])) ELSE position(:words IN lower(name)) > 0
          OR position(:words IN lower(initials)) = 1 OR position(:words IN lower(pinyin)) = 1 END
    ORDER BY coalesce(array_position(CAST(:ids AS text[]), id), 1000000), name, id LIMIT :most
""")
