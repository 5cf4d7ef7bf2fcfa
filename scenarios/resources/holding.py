"""Who holds which team or supply? Summed up from the record over all divisions, one change at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, text

from gis.errors import ConflictError
from scenarios.resources.fold import plain

Kind = Literal["team", "supply"]


@dataclass(frozen=True, slots=True)
class Held:
    """So much of one resource is held by one open incident; a team counts as 1."""

    kind: Kind
    id: str
    name: str
    quantity: Decimal
    incident_id: UUID
    incident_code: str


def one_at_a_time(connection: Connection) -> None:
    """Wait until nobody else changes what is held; lasts to the end of the transaction, over all processes."""
    connection.execute(_LOCK)


def held(connection: Connection) -> tuple[Held, ...]:
    """Everything held by open incidents of the caller's world, also outside the caller's divisions."""
    return tuple(
        Held(row.kind, row.id, row.name, Decimal(row.quantity), row.incident_id, row.incident_code)
        for row in connection.execute(_HELD)
    )


def refuse_more_than(there: Decimal, kind: Kind, resource_id: str, now_held: Iterable[Held], unit: str = "") -> None:
    """
    Refuse what would commit more of a resource than there is: the one rule for teams and supplies.

    Parameters
    ----------
    there
        How much there is in all; 1 for a team.
    now_held
        What `held` says after the change, inside the same transaction.

    Raises
    ------
    ConflictError
        More is held than there is; who holds it is named.

    Examples
    --------
    >>> mine = Held("team", "DW-001", "消防一中队", Decimal(1), UUID(int=1), "YL-2026-0001")
    >>> refuse_more_than(Decimal(1), "team", "DW-001", [mine])
    """
    holders = [one for one in now_held if one.kind == kind and one.id == resource_id]
    total = sum((one.quantity for one in holders), Decimal(0))
    if total > there:
        named = ", ".join(f"{one.incident_code} {plain(one.quantity)}" for one in holders)
        asked, stock = plain(total), f"{plain(there)} {unit}".rstrip()
        raise ConflictError(
            f"{kind} {holders[0].name} ({resource_id}): {asked} would be held and there is {stock}; held by {named}. "
            "Return some, or take another"
        )


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('onemap teams', 0))")
_HELD = text("SELECT kind, id, name, quantity::text AS quantity, incident_id, incident_code FROM planning.held()")
