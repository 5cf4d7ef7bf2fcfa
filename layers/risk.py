"""Which of four colours has a unit, a square kilometre, a township, and by which rule?"""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, select

from gis.errors import MissingError
from layers.rows import standing
from layers.tables import Base

RULE = "onemap-risk-1"
"""Ours, declared and shown with every value; no law gives one. The views of migration 0011 compute it."""

LEAST: tuple[tuple[int, float], ...] = ((1, 100.0), (2, 50.0), (3, 10.0), (4, 0.0))
"""Colour (1 red, 2 orange, 3 yellow, 4 blue) -> score from which it holds; 4 holds above nothing."""
WEIGHTS: tuple[tuple[int, int], ...] = ((1, 20), (2, 5), (3, 1))
"""Four-colour level of an enterprise -> what it adds to the score of an area, beside the sum of R of its units."""

Kind = Literal["unit", "grid", "township"]


@dataclass(frozen=True, slots=True)
class Coloured:
    """
    One coloured thing with its rule and the value the rule gave.

    Attributes
    ----------
    colour
        1 red to 4 blue; None where nothing adds to the score.
    working
        The rule with its numbers put in.
    """

    kind: Kind
    id: str
    name: str
    score: float
    colour: int | None
    working: str
    rule: str = RULE


def colour_of(score: float) -> int | None:
    """
    Colour of a score by the declared rule.

    Examples
    --------
    >>> [colour_of(score) for score in (100, 99.9, 50, 10, 9.99, 0.1, 0)]
    [1, 2, 2, 3, 4, 4, None]
    """
    return None if score <= 0 else next(colour for colour, least in LEAST if score >= least)


def coloured(connection: Connection, kind: Kind, row_id: str | None = None) -> list[Coloured]:
    """Everything of a kind with its colour now, the worst first; of one id alone where that is given."""
    table = Base.metadata.tables[f"layers.risk_{kind}"]
    rows = connection.execute(
        select(table.c.id, table.c.name, table.c.score, table.c.risk_level, table.c.working)
        .where(standing(table) if row_id is None else standing(table) & (table.c.id == row_id))
        .order_by(table.c.score.desc(), table.c.id)
    )
    return [Coloured(kind, row[0], row[1], float(row[2]), row[3], row[4]) for row in rows]


def one(connection: Connection, kind: Kind, row_id: str) -> Coloured:
    """
    Colour of one thing.

    Raises
    ------
    MissingError
        There is none of that id.
    """
    found = next(iter(coloured(connection, kind, row_id)), None)
    if found is None:
        raise MissingError(f"there is no {kind} '{row_id}' with a risk colour")
    return found
