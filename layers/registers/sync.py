"""How do the rows of a mirrored register come in? Read, matched, compared; what is gone is ended, never deleted."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, insert, select

from gis.clock import DUTY_ZONE
from gis.crs import GEOGRAPHIC, Datum, from_datum
from gis.database import Caller, read_frame
from gis.errors import InputError, MissingError, OneMapError
from layers.importing.reading import Sheet
from layers.importing.reading import read as read_sheet
from layers.registers.mapping import OF_THE_PLACE, Register, registers
from layers.revision import Revised, revise
from layers.rows import standing
from layers.tables import Base


@dataclass(frozen=True, slots=True)
class Synced:
    """What one sync did; `rejected` counts rows without an id or name, or with an id that stood there before."""

    register: str
    rows: int
    revised: Revised
    rejected: tuple[str, ...]


def sync(
    connection: Connection,
    register: Register,
    path: Path,
    caller: Caller,
    *,
    as_of: datetime | None = None,
    datum: Datum = "cgcs2000",
    whole: bool = True,
) -> Synced:
    """
    Bring a register to what the file of its source says, in the transaction of `connection`.

    Parameters
    ----------
    as_of
        When the source spoke (aware); None = when the file was written.
    whole
        Whether the file is the whole register, so that rows it no longer has are ended.

    Raises
    ------
    MissingError
        No such file (未接入).
    InputError
        Not readable, or headers the mapping needs are missing.
    """
    sheet = read_sheet(path)
    spoken = as_of or datetime.fromtimestamp(path.stat().st_mtime, UTC)
    frame, rejected = _frame(connection, register, sheet, caller, spoken, datum)
    revised = revise(
        connection, "register_row", frame, since=True, key=("register", "id"), end_missing=whole,
    )  # fmt: skip
    if whole and frame.empty:
        raise InputError(f"{path.name}: no row can be used, so the register '{register.key}' is left as it is")
    _note(connection, register, caller, path.name, spoken, len(frame), revised, len(rejected))
    return Synced(register.key, len(frame), revised, tuple(rejected))


def failed(connection: Connection, register: Register, caller: Caller, source: str, error: OneMapError) -> None:
    """Note an attempt that failed; the rows stay as they were, with the age they had."""
    table = Base.metadata.tables["layers.register_sync"]
    connection.execute(
        insert(table).values(
            register=register.key, mode=caller.mode, succeeded=False, source=source, fault=str(error),
            actor=caller.actor, rows=0, added=0, changed=0, ended=0, rejected=0, tried_at=func.clock_timestamp(),
        )
    )  # fmt: skip


def load_fixtures(connection: Connection, caller: Caller, as_of: datetime) -> dict[str, int]:
    """Fill every register that has a fixture with its fictional rows; register -> rows."""
    return {
        key: sync(connection, register, register.fixture, caller, as_of=as_of).rows
        for key, register in registers().items()
        if register.fixture is not None
    }


@dataclass(frozen=True, slots=True)
class State:
    """How a register stands: rows, when it was last fetched, and the fault of the last attempt if it failed."""

    register: Register
    rows: int
    synced_at: datetime | None
    as_of: datetime | None
    fault: str

    @property
    def connected(self) -> bool:
        """Whether it was ever fetched; if not it is 未接入."""
        return self.synced_at is not None


def states(connection: Connection) -> list[State]:
    """State of every register in the caller's world."""
    rows, log = Base.metadata.tables["layers.register_row"], Base.metadata.tables["layers.register_sync"]
    counted = {
        str(key): int(number)
        for key, number in connection.execute(
            select(rows.c.register, func.count()).where(standing(rows)).group_by(rows.c.register)
        )
    }
    here = log.c.mode == func.current_setting("onemap.mode", True)
    good = {
        key: (at, as_of)
        for key, at, as_of in connection.execute(
            select(log.c.register, func.max(log.c.tried_at), func.max(log.c.as_of))
            .where(here & log.c.succeeded)
            .group_by(log.c.register)
        )
    }
    tries = connection.execute(
        select(log.c.register, log.c.succeeded, log.c.fault).where(here).order_by(log.c.register, log.c.tried_at)
    )
    # Later attempts overwrite earlier ones.
    last = {key: "" if succeeded else fault for key, succeeded, fault in tries}
    return [
        State(one, counted.get(key, 0), *good.get(key, (None, None)), last.get(key, ""))
        for key, one in registers().items()
    ]


def _frame(
    connection: Connection, register: Register, sheet: Sheet, caller: Caller, as_of: datetime, datum: Datum
) -> tuple[pd.DataFrame, list[str]]:
    found = {name: header for name, (header, _) in register.columns.items() if header in sheet.table.columns}
    own_place = sheet.places is not None
    needed = [name for name in ("id", "name") if name not in found]
    needed += [name for name in OF_THE_PLACE if register.place == "point" and name not in found and not own_place]
    if needed:
        raise InputError(
            f"{register.key}: the source has no header '{register.columns[name][0]}' ({name})" for name in needed
        )
    table = pd.DataFrame({name: sheet.table[header] for name, header in found.items()})
    kept, rejected = _usable(table, register, sheet)
    table = table[kept].reset_index(drop=True)
    firms = _enterprises(connection, table["uscc"].unique().tolist()) if "uscc" in found else {}
    stands = [firms.get(code) for code in table["uscc"]] if "uscc" in found else [None] * len(table)
    if own_place and sheet.places is not None:
        places = sheet.places[kept].reset_index(drop=True)
    elif register.place == "point":
        places = gpd.GeoSeries(gpd.points_from_xy(*[_numbers(table[name]) for name in OF_THE_PLACE]))
    else:
        places = gpd.GeoSeries([one[2] if one else None for one in stands])
    shown = gpd.GeoDataFrame(geometry=places)
    if register.place == "point":
        shown = from_datum(shown, datum)
    frame = pd.DataFrame(
        {
            "id": table["id"],
            "name": table["name"],
            "register": register.key,
            "uscc": table["uscc"] if "uscc" in found else "",
            "enterprise_id": [one[0] if one else None for one in stands],
            "kind": table["kind"] if "kind" in found else "",
            "state": table["state"] if "state" in found else "",
            "due_on": pd.Series(
                pd.to_datetime(table["due_on"], errors="coerce").dt.date if "due_on" in found else None,
                index=table.index,
                dtype=object,
            ),
            "division_code": _divisions(table, stands, caller),
            "attributes": _attributes(table, [name for name in register.attributes if name in found]),
            "source_system": register.source,
            "valid_from": as_of,
            "as_of": _ages(table, as_of),
            "label": register.audience,
            "mode": caller.mode,
        }
    )
    stood = gpd.GeoSeries(shown.geometry.to_numpy(), index=frame.index, crs=GEOGRAPHIC)
    return gpd.GeoDataFrame(frame, geometry=stood), rejected


def _usable(table: pd.DataFrame, register: Register, sheet: Sheet) -> tuple[Any, list[str]]:
    checks: list[tuple[Any, str]] = [
        (table["id"] == "", f"has no {register.columns['id'][0]}"),
        (table["name"] == "", f"has no {register.columns['name'][0]}"),
        (table["id"].duplicated() & (table["id"] != ""), f"repeats a {register.columns['id'][0]}"),
    ]
    if register.place == "point" and sheet.places is None:
        numbers = np.array([_numbers(table[name]) for name in OF_THE_PLACE])
        bad = ~(np.isfinite(numbers).all(axis=0) & (abs(numbers[0]) <= 180) & (abs(numbers[1]) <= 90))
        checks.append((bad, "has no usable coordinates"))
    kept = np.ones(len(table), bool)
    rejected: list[str] = []
    for bad, why in checks:
        rejected += [f"row {row + sheet.first_row} {why}" for row in np.flatnonzero(np.asarray(bad, bool) & kept)]
        kept &= ~np.asarray(bad, bool)
    return kept, rejected


def _numbers(values: pd.Series) -> Any:
    return pd.to_numeric(values, errors="coerce").to_numpy(float)


def _attributes(table: pd.DataFrame, names: list[str]) -> pd.Series:
    records = table[names].to_dict("records") if names else [{} for _ in range(len(table))]
    # A blank is 未报 and not an empty text: it is left out, and a zero stays a zero.
    return pd.Series([{key: value for key, value in one.items() if value != ""} for one in records], dtype=object)


def _ages(table: pd.DataFrame, as_of: datetime) -> Any:
    if "as_of" not in table:
        return as_of
    said = pd.to_datetime(table["as_of"], errors="coerce", format="mixed")
    if said.dt.tz is None:
        said = said.dt.tz_localize(DUTY_ZONE)
    return said.fillna(pd.Timestamp(as_of))


def _divisions(table: pd.DataFrame, stands: list[Any], caller: Caller) -> list[str]:
    said = table["division_code"].tolist() if "division_code" in table else [""] * len(table)
    return [code or (one[1] if one else caller.division_from) for code, one in zip(said, stands, strict=True)]


def _enterprises(connection: Connection, codes: list[str]) -> dict[str, tuple[str, str, Any]]:
    table = Base.metadata.tables["layers.enterprise"]
    frame = read_frame(
        connection,
        select(table.c.uscc, table.c.id, table.c.division_code, func.ST_AsBinary(table.c.geometry).label("geometry"))
        .where(standing(table) & table.c.uscc.in_(codes)),
    )  # fmt: skip
    rows = zip(frame["uscc"], frame["id"], frame["division_code"], frame.geometry, strict=True)
    return {code: (row, division, place) for code, row, division, place in rows}


def _note(
    connection: Connection,
    register: Register,
    caller: Caller,
    source: str,
    as_of: datetime,
    rows: int,
    revised: Revised,
    rejected: int,
) -> None:
    table = Base.metadata.tables["layers.register_sync"]
    connection.execute(
        insert(table).values(
            register=register.key, mode=caller.mode, succeeded=True, source=source, as_of=as_of, rows=rows,
            added=revised.added, changed=revised.changed, ended=revised.ended, rejected=rejected, fault="",
            actor=caller.actor, tried_at=func.clock_timestamp(),
        )
    )  # fmt: skip


def source_file(folder: Path, register: Register, mode: str) -> Path:
    """
    Where the rows of a register come from: the folder the source delivers to, or in a drill the fixture.

    Raises
    ------
    MissingError
        Neither is there: 未接入.
    """
    for ending in (".csv", ".xlsx", ".geojson", ".gpkg", ".zip"):
        path = folder / f"{register.key}{ending}"
        if path.is_file():
            return path
    if mode == "drill" and register.fixture is not None:
        return register.fixture
    raise MissingError(f"register '{register.key}' is not connected (未接入): put {register.key}.csv into {folder}")
