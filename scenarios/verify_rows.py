"""Where does the verifier take its rows and receipts from? The database, an exported file, a witness's file."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from scenarios.verify import EntryRow, HeadRow

if TYPE_CHECKING:
    import psycopg

_HEADS = (
    "SELECT incident_id, code, division_code, mode, opened_by, opened_at, hash_ver, genesis_hash, last_seq, last_hash "
    "FROM record.incident_head WHERE %(one)s::uuid IS NULL OR incident_id = %(one)s ORDER BY incident_id"
)
_ENTRIES = (
    "SELECT incident_id, seq, division_code, mode, actor, kind, caused_by, idem_key, occurred_at, recorded_at, "
    "payload_canon, hash_ver, prev_hash, hash FROM record.entry "
    "WHERE %(one)s::uuid IS NULL OR incident_id = %(one)s ORDER BY incident_id, seq"
)


@contextmanager
def database_rows(conninfo: str, incident: UUID | None = None) -> Iterator[tuple[list[HeadRow], Iterator[EntryRow]]]:
    """Heads and entries of one snapshot of the database, all divisions and modes or one incident, entries streamed."""
    import psycopg

    with psycopg.connect(conninfo) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with rows_of(connection, incident) as rows:
            yield rows


@contextmanager
def rows_of(
    connection: "psycopg.Connection[Any]", incident: UUID | None = None
) -> Iterator[tuple[list[HeadRow], Iterator[EntryRow]]]:
    """Heads and entries as the open transaction of `connection` sees them."""
    # Row-level security shows nothing to nobody: a verifier that saw no rows would find no fault.
    connection.execute(
        "SELECT set_config('onemap.division_from', '', true), set_config('onemap.division_to', 'A', true)"
    )
    heads = [HeadRow(*row) for row in connection.execute(_HEADS, {"one": incident})]
    with connection.cursor(name="chain", binary=True) as cursor:
        cursor.itersize = 5000
        cursor.execute(_ENTRIES, {"one": incident})
        yield heads, (_entry(row) for row in cursor)


def export_lines(heads: Iterable[HeadRow], entries: Iterable[EntryRow]) -> Iterator[str]:
    """One line of JSON for each head and entry, hashes in hexadecimal, times in ISO 8601."""
    for kind, rows in (("head", heads), ("entry", entries)):
        for row in rows:
            fields = {name: _written(value) for name, value in asdict(row).items()}
            yield json.dumps({"row": kind, **fields}, ensure_ascii=False)


def export_rows(path: Path) -> tuple[list[HeadRow], list[EntryRow]]:
    """
    Heads and entries of a file written by ``onemap log export``.

    Raises
    ------
    ValueError
        A line is not what such a file holds; its number is named.
    """
    heads: list[HeadRow] = []
    entries: list[EntryRow] = []
    for number, line in enumerate(_lines(path), 1):
        try:
            row = json.loads(line)
            if row["row"] == "head":
                heads.append(HeadRow(**_typed(row)))
            else:
                entries.append(EntryRow(**_typed(row)))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"{path}, line {number}: not a line of an export ({error})") from error
    return heads, sorted(entries, key=lambda row: (row.incident.bytes, row.seq))


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    as_bytes = {"genesis_hash", "last_hash", "prev_hash", "hash"}
    as_time = {"opened_at", "occurred_at", "recorded_at"}
    typed: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("incident", "idem_key"):
            typed[name] = UUID(value)
        elif name in as_bytes:
            typed[name] = bytes.fromhex(value)
        elif name in as_time and value is not None:
            typed[name] = datetime.fromisoformat(value)
        elif name == "caused_by":
            typed[name] = tuple(value)
        elif name != "row":
            typed[name] = value
    return typed


def read_receipts(paths: Iterable[Path]) -> dict[tuple[str, int], frozenset[str]]:
    """
    Receipts and published heads: JSON lines with incident, seq and hash; a half-written last line is left out.

    Raises
    ------
    ValueError
        Another line is not a receipt.
    """
    found: dict[tuple[str, int], set[str]] = {}
    for path in paths:
        for number, line in enumerate(_lines(path), 1):
            try:
                receipt = json.loads(line)
                key = (str(UUID(receipt["incident"])), int(receipt["seq"]))
                found.setdefault(key, set()).add(str(receipt["hash"]).lower())
            except (KeyError, TypeError, ValueError, RecursionError) as error:
                raise ValueError(
                    f"{path}, line {number}: not a receipt with incident, seq and hash ({error})"
                ) from error
    return {key: frozenset(hashes) for key, hashes in found.items()}


def _entry(row: tuple[Any, ...]) -> EntryRow:
    values: list[Any] = [tuple(value) if isinstance(value, list) else value for value in row]
    return EntryRow(*values)


def _lines(path: Path) -> list[str]:
    """Whole lines of a file; what follows the last line feed was torn off. Not splitlines: text may hold U+2028."""
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def _written(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value
