"""Which columns of the record does the program read? It writes none: rows come in through functions only."""

from sqlalchemy import column, table

HEAD = table(
    "incident_head",
    *map(
        column,
        ("incident_id", "code", "division_code", "mode", "opened_by", "opened_at", "last_seq", "last_hash", "last_at"),
    ),
    schema="record",
)
ENTRY = table(
    "entry",
    *map(
        column,
        (
            "incident_id",
            "seq",
            "kind",
            "actor",
            "occurred_at",
            "recorded_at",
            "payload",
            "caused_by",
            "prev_hash",
            "hash",
        ),
    ),
    schema="record",
)
