"""Who sees the same? What an answer to a person hangs on, so that it is made once for all who would get it."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from command_ui.words import Language

if TYPE_CHECKING:
    from command_ui.access.roles import SignedIn

Sight = tuple[Any, ...]
"""Everything an answer hangs on: who may see what, language, incident."""


def sight_of(person: "SignedIn", language: Language, incident_id: UUID | None) -> Sight:
    """Give what the answer to a person hangs on."""
    return (
        person.role, person.division_from, person.division_to, person.mode, person.clearance, person.unit_id,
        language, incident_id,
    )  # fmt: skip
