"""How does somebody come to see a name or a number? With the right, a reason, and a line in the audit that stays."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from command_ui.access import audit
from command_ui.access.audit import Trace
from command_ui.access.roles import SignedIn
from gis.database import Caller
from gis.errors import InputError

SHORTEST_REASON, LONGEST_REASON = 2, 200


def allowed(person: SignedIn, reason: str) -> Caller:
    """
    Give the caller that sees personal data, when the role may and says why.

    The transaction opened with it must write its line by `note` before anything is handed out.

    Raises
    ------
    RefusedError
        The role may not.
    InputError
        No reason, or one too long.
    """
    person.require("unmask")
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise InputError(f"reason: say in {SHORTEST_REASON} to {LONGEST_REASON} characters why it must be seen")
    return person.caller().seeing_personal()


def note(
    connection: Connection,
    person: SignedIn,
    on: str,
    reason: str,
    trace: Trace,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down who saw what, why and when, in the transaction that reads it: no line, no look."""
    audit.write(
        connection,
        "unmasked",
        actor=person.name,
        role=person.role,
        on=on,
        trace=trace,
        detail={**(detail or {}), "reason": reason.strip()},
    )
