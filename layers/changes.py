"""
What changed since I last asked, and has it arrived? A feed by cursor, at least once, in the order of transactions.

A row is given out only when no older transaction can still add one before it: the numbers of rows alone would let a
slow transaction slip in behind a cursor that has already passed. So a link cut for any time loses nothing; and asking
again from the same cursor gives the same rows first, which a reader tells apart by data set and row number.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.errors import InputError
from layers import publishing

START = "0-0"
MOST = 1000
_CURSOR = re.compile(r"(\d{1,19})-(\d{1,19})")


@dataclass(frozen=True, slots=True)
class Change:
    """
    One row that came (``put``) or ceased to stand (``end``).

    Attributes
    ----------
    feature
        The row as published, when it still stands and may be read; None otherwise.
    """

    cursor: str
    dataset: str
    row_id: int
    id: str
    action: str
    recorded_at: datetime
    feature: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes in order, where to go on, and whether there is more already."""

    changes: tuple[Change, ...]
    next: str
    more: bool


_READ = text(
    """
    SELECT xid::text AS xid, seq, dataset, row_id, id, action, recorded_at FROM exchange.change
    WHERE mode = current_setting('onemap.mode', true)
        AND publish.may_read(mode, label, division_code)
        AND xid < pg_snapshot_xmin(pg_current_snapshot())
        AND (xid, seq) > (CAST(CAST(:xid AS text) AS xid8), CAST(:seq AS bigint))
        AND (:dataset = '' OR dataset = :dataset)
    ORDER BY change.xid, change.seq LIMIT :most
    """
)


def since(connection: Connection, cursor: str = START, *, dataset: str = "", limit: int = 100) -> Batch:
    """
    Read changes after `cursor` in the caller's world and divisions.

    Raises
    ------
    InputError
        The cursor is not one of ours, the data set is unknown, or the limit is outside 1 to 1000.
    """
    found = _CURSOR.fullmatch(cursor)
    if found is None or int(found[1]) >= 2**63 or int(found[2]) >= 2**63:
        raise InputError(f"cursor '{cursor}' is not one this feed gave; begin with {START}")
    if not 1 <= limit <= MOST:
        raise InputError(f"limit is {limit}; ask for 1 to {MOST} changes")
    if dataset:
        publishing.dataset(dataset)
    values = {"xid": found[1], "seq": int(found[2]), "dataset": dataset, "most": limit + 1}
    rows = connection.execute(_READ, values).mappings().all()
    kept = rows[:limit]
    features = _features(connection, kept)
    changes = tuple(
        Change(
            cursor=f"{row['xid']}-{row['seq']}",
            dataset=row["dataset"],
            row_id=row["row_id"],
            id=row["id"],
            action=row["action"],
            recorded_at=row["recorded_at"],
            feature=features.get((row["dataset"], row["id"])) if row["action"] == "put" else None,
        )
        for row in kept
    )
    return Batch(changes, changes[-1].cursor if changes else cursor, len(rows) > limit)


def _features(connection: Connection, rows: Sequence[Mapping[Any, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    wanted: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row["action"] == "put":
            wanted[row["dataset"]].append(row["row_id"])
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for dataset, numbers in wanted.items():
        page = publishing.items(connection, dataset, rows=tuple(numbers), limit=len(numbers), count=False)
        found |= {(dataset, feature["id"]): feature for feature in page.features}
    return found


def receive(
    connection: Connection, consumer: str, cursor: str, rows: int, rejected: Sequence[Mapping[str, Any]] = ()
) -> bool:
    """
    Write down that `consumer` has everything up to `cursor`; False when it said so before.

    Raises
    ------
    InputError
        The cursor is not one of ours.
    """
    if _CURSOR.fullmatch(cursor) is None:
        raise InputError(f"cursor '{cursor}' is not one this feed gave")
    done = connection.execute(
        text(
            "INSERT INTO exchange.receipt (consumer, mode, cursor, rows, rejected) "
            "VALUES (:consumer, current_setting('onemap.mode'), :cursor, :rows, CAST(:rejected AS jsonb)) "
            "ON CONFLICT (consumer, mode, cursor) DO NOTHING RETURNING id"
        ),
        {
            "consumer": consumer,
            "cursor": cursor,
            "rows": rows,
            "rejected": json.dumps([dict(one) for one in rejected], ensure_ascii=False),
        },
    ).first()
    return done is not None


def receipts(connection: Connection, consumer: str, limit: int = 20) -> list[dict[str, Any]]:
    """Latest receipts of a consumer: ``cursor, rows, rejected, received_at``, newest first."""
    rows = connection.execute(
        text(
            "SELECT cursor, rows, rejected, received_at FROM exchange.receipt "
            "WHERE consumer = :consumer AND mode = current_setting('onemap.mode') ORDER BY id DESC LIMIT :most"
        ),
        {"consumer": consumer, "most": limit},
    ).mappings()
    return [dict(row) for row in rows]
