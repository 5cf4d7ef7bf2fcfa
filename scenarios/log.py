"""The append-only record: how does an entry get in, with which receipt, and how is it read?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    Proof for the caller that an entry is on disk: number, hash and the server's time.

    ``replayed`` is true when the idempotency key had been seen and the first receipt is returned once more.
    """

    incident_id: UUID
    seq: int
    hash: str
    recorded_at: datetime
    replayed: bool = False
