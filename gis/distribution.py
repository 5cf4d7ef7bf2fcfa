"""
What would it take to spread this database over several servers by division? Looked up in the schema, not remembered.

Citus keeps rows of one distribution key on one server and needs that key in every unique index. The key is the
division: every question of a duty room is about its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, text

KEY = "division_code"

LOCAL: Mapping[str, str] = {
    "record": "the chain of an incident hangs on one head row and one commit: it stays on one server, which takes 1 000"
    " entries a second",
    "access": "accounts and audit of the whole house, small; the audit is one chain",
    "reporting": "papers of the record, small; they stand beside it",
    "planning": "plans, cards and hand-overs, small; they stand beside the record",
    "nodes": "what came from and goes to other nodes; it stands beside the record",
    "messaging": "what goes out to telephones; it stands beside the record",
    "roads": "road networks lie in files; the tables hold versions and closures only",
    "exchange": "the feed of changes has one order for all divisions",
    "consultation": "rooms that are open now, and who sits in them; they go with the record",
    "ground": "migrations",
}
"""Schema -> why its tables stay on the first server."""

REFERENCE: Mapping[str, str] = {
    "layers.base_area": "base map: read by all divisions, the same everywhere",
    "layers.base_line": "base map: read by all divisions, the same everywhere",
    "layers.base_label": "base map: read by all divisions, the same everywhere",
    "layers.register_stamp": "one row for each transaction that wrote a register",
    "layers.register_sync": "one row for each delivery of a register",
    "layers.data_import": "one row for each file handed in",
    "layers.import_change": "numbers of the rows of an import, deleted with it",
    "sensing.device": "devices: some thousands, joined with everything measured",
    "sensing.point": "measuring points: some tens of thousands, joined with everything measured",
    "sensing.latest": "one row for each point",
    "sensing.observation": "partitioned by day, kept for ONEMAP_SENSOR_DAYS; spread by point_id, see `BY_POINT`",
    "sensing.quarantine": "messages nobody could place",
    "sensing.receipt": "keys of batches already taken, kept for a day",
    "sensing.event": "one row for each event of a device",
    "sensing.acknowledgement": "one row for each time an officer saw an alarm",
    "sensing.roll_call": "roll-calls, some hundreds a day, joined with their lines",
    "sensing.roll_call_entry": "lines of a roll-call; small",
}
"""Table without a division of its own -> why it is copied to every server, or how else it is spread."""

BY_POINT = "sensing.observation"
"""Spread by the number of the point: all that is asked of it is asked for one point or for the newest of all."""

Place = Literal["distributed", "reference", "local", "undecided"]


@dataclass(frozen=True, slots=True)
class Spread:
    """
    Where the rows of one table would lie.

    Attributes
    ----------
    lacking
        Unique indexes that do not hold the key yet; Citus takes none of them.
    statements
        What makes the table ready; empty when it is, or stays where it is.
    """

    table: str
    place: Place
    reason: str
    lacking: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()


def plan(connection: Connection) -> list[Spread]:
    """Every table of the house; `undecided` is a table nobody thought of."""
    rows = connection.execute(_TABLES).all()
    indexes: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(_UNIQUE):
        indexes.setdefault(row.place, []).append(row)
    found = []
    for row in rows:
        schema = row.place.split(".", 1)[0]
        if schema in LOCAL:
            found.append(Spread(row.place, "local", LOCAL[schema]))
        elif row.place in REFERENCE:
            found.append(Spread(row.place, "reference", REFERENCE[row.place]))
        elif row.has_key:
            found.append(_distributed(row.place, indexes.get(row.place, [])))
        else:
            found.append(Spread(row.place, "undecided", f"has no {KEY} and no reason in gis/distribution.py"))
    return found


def refused_references(connection: Connection) -> list[str]:
    """
    Foreign keys Citus would not take, one sentence each; none = every one stays on one server.

    It takes those towards reference tables, and between distributed ones that hold the key on both sides.
    """
    places = {one.table: one.place for one in plan(connection)}
    found = []
    for row in connection.execute(_FOREIGN):
        child, parent = places.get(row.child, "local"), places.get(row.parent, "local")
        together = (KEY, KEY) in zip(row.columns, row.parents, strict=True)
        if (child == parent == "distributed" and together) or child == parent == "local":
            continue
        if parent != "reference":
            found.append(f"{row.name}: {row.child} ({child}) points at {row.parent} ({parent}) without {KEY}")
    return found


def _distributed(table: str, unique: Sequence[Row[Any]]) -> Spread:
    lacking = [one for one in unique if KEY not in (one.columns or ())]
    statements = []
    for one in lacking:
        schema = table.split(".", 1)[0]
        gone = (
            f"ALTER TABLE {table} DROP CONSTRAINT {one.name}"
            if one.is_constraint
            else f"DROP INDEX {schema}.{one.name}"
        )
        made = one.written.replace(" (", f" ({KEY}, ", 1)
        statements += [
            gone,
            f"ALTER TABLE {table} ADD PRIMARY KEY ({KEY}, {', '.join(one.columns)})" if one.is_key else made,
        ]
    return Spread(
        table, "distributed", "every question is about one division and those below it",
        tuple(one.name for one in lacking), tuple(statements),
    )  # fmt: skip


_TABLES = text(
    "SELECT n.nspname || '.' || c.relname AS place, EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid"
    "  AND a.attname = 'division_code' AND NOT a.attisdropped) AS has_key"
    " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_'"
    " AND n.nspname NOT IN ('information_schema', 'public', 'topology', 'tiger') ORDER BY 1"
)
_UNIQUE = text(
    "SELECT n.nspname || '.' || c.relname AS place, i.relname AS name, x.indisprimary AS is_key,"
    " pg_get_indexdef(i.oid) AS written, EXISTS (SELECT FROM pg_constraint AS said WHERE said.conindid = i.oid"
    "  AND said.contype IN ('p', 'u')) AS is_constraint,"
    " (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute AS a WHERE a.attrelid = c.oid"
    "  AND a.attnum = ANY (x.indkey)) AS columns"
    " FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indrelid JOIN pg_class AS i ON i.oid = x.indexrelid"
    " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE x.indisunique AND c.relkind IN ('r', 'p') ORDER BY 1, 2"
)
_FOREIGN = text(
    "SELECT f.conname AS name, cn.nspname || '.' || c.relname AS child, pn.nspname || '.' || p.relname AS parent,"
    " (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(f.conkey) WITH ORDINALITY AS k (of, n)"
    "  JOIN pg_attribute AS a ON a.attrelid = f.conrelid AND a.attnum = k.of) AS columns,"
    " (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(f.confkey) WITH ORDINALITY AS k (of, n)"
    "  JOIN pg_attribute AS a ON a.attrelid = f.confrelid AND a.attnum = k.of) AS parents"
    " FROM pg_constraint AS f"
    " JOIN pg_class AS c ON c.oid = f.conrelid JOIN pg_namespace AS cn ON cn.oid = c.relnamespace"
    " JOIN pg_class AS p ON p.oid = f.confrelid JOIN pg_namespace AS pn ON pn.oid = p.relnamespace"
    " WHERE f.contype = 'f' AND f.conparentid = 0 ORDER BY 1"
)
