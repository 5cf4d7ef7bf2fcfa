"""Was this shown before? What may be used a single time, in whichever process it arrives."""

import hashlib
from datetime import timedelta

from sqlalchemy import Connection, text


def first_time(connection: Connection, what: str, value: str, holds: timedelta) -> bool:
    """
    Take note of `value`; True when nobody did before.

    Parameters
    ----------
    what
        Kind of value, so that equal ones of two kinds do not meet.
    holds
        How long it is remembered; afterwards the value must be worth nothing anyway.
    """
    connection.execute(text("DELETE FROM access.used_once WHERE ends_at < clock_timestamp()"))
    digest = hashlib.sha256(f"{what}\0{value}".encode()).digest()
    taken = connection.execute(
        text(
            "INSERT INTO access.used_once (digest, ends_at) VALUES (:digest, clock_timestamp() + :holds)"
            " ON CONFLICT (digest) DO NOTHING RETURNING 1"
        ),
        {"digest": digest, "holds": holds},
    )
    return taken.first() is not None
