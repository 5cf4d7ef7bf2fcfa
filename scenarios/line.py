"""What must be true of an entry before it goes to the database, and which text of it is kept?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import rfc8785

from gis.errors import InputError
from scenarios.events import Event, payload_of

PAYLOAD_LIMIT = 1_048_576
"""Bytes of the text of one entry."""


@dataclass(frozen=True, slots=True)
class Line:
    """What goes into the database for one entry, checked and written; named as the parameters of the database."""

    expected: int | None
    kind: str
    key: UUID
    occurred: datetime | None
    caused_by: list[int]
    payload: str

    @classmethod
    def of(
        cls, event: Event, key: UUID | None, occurred_at: datetime | None, caused_by: Sequence[int], seen: int | None
    ) -> "Line":
        """Check what needs no database, and write the payload."""
        if event.changes_state and seen is None:
            raise InputError(
                f"{event.code} changes the state of the command: say which entry was the last you saw (expected_seq)"
            )
        if occurred_at is not None and occurred_at.tzinfo is None:
            raise InputError(
                f"occurred_at {occurred_at.isoformat()} has no time zone; write it with one, such as +08:00"
            )
        payload = canonical(payload_of(event))
        size = len(payload.encode())
        if size > PAYLOAD_LIMIT:
            raise InputError(f"{event.code}: payload of {size} bytes; an entry holds at most {PAYLOAD_LIMIT}")
        return cls(seen, event.code, key or uuid4(), occurred_at, sorted(set(caused_by)), payload)


def canonical(payload: dict[str, Any]) -> str:
    """
    RFC 8785 text of a payload: the bytes that are hashed and kept.

    Raises
    ------
    InputError
        Not representable: NaN, infinity, an integer beyond 2**53, a lone surrogate or U+0000.
    """
    try:
        canonical_text = rfc8785.dumps(payload).decode()
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise InputError(f"this cannot be written as canonical JSON: {error}") from error
    if "\\u0000" in canonical_text:
        raise InputError("text contains the character U+0000, which the database cannot keep; remove it")
    return canonical_text
