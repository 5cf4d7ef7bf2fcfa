"""Which columns does the database have, of which type, and what do they mean? Read from the schema itself."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

SCHEMAS = (
    "layers", "publish", "exchange", "sensing", "record", "roads", "access", "ground", "planning", "reporting", "nodes",
    "consultation", "messaging",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnMeaning:
    """One column; an empty `meaning` is a fault that a test reports."""

    schema: str
    table: str
    column: str
    kind: str
    required: bool
    meaning: str


def columns(connection: Connection) -> list[ColumnMeaning]:
    """Every column of our tables and views, partitions left to their parent, in the order of the schema."""
    rows = connection.execute(
        text(
            "SELECT space.nspname, own.relname, att.attname, format_type(att.atttypid, att.atttypmod), att.attnotnull, "
            "coalesce(col_description(own.oid, att.attnum), '') "
            "FROM pg_class AS own JOIN pg_namespace AS space ON space.oid = own.relnamespace "
            "JOIN pg_attribute AS att ON att.attrelid = own.oid AND att.attnum > 0 AND NOT att.attisdropped "
            "WHERE space.nspname = ANY(:schemas) AND own.relkind IN ('r', 'p', 'v') AND NOT own.relispartition "
            "ORDER BY array_position(CAST(:schemas AS text[]), CAST(space.nspname AS text)), own.relname, att.attnum"
        ),
        {"schemas": list(SCHEMAS)},
    )
    return [ColumnMeaning(*row) for row in rows]


def as_markdown(found: list[ColumnMeaning]) -> str:
    """Write the dictionary as one table a schema's table, for the handbook."""
    lines: list[str] = []
    seen = ""
    for one in found:
        if f"{one.schema}.{one.table}" != seen:
            seen = f"{one.schema}.{one.table}"
            lines += ["", f"### `{seen}`", "", "| column | type | required | 含义 meaning |", "|---|---|---|---|"]
        required = "yes" if one.required else ""
        lines.append(f"| `{one.column}` | {one.kind} | {required} | {one.meaning} |")
    return "\n".join(lines).strip() + "\n"
