"""How do the rows of a frame get into a table, sixty thousand at a time?"""

import json
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from psycopg import sql
from psycopg.adapt import PyFormat, Transformer
from pyarrow import csv
from sqlalchemy import Connection

from gis.crs import GEOGRAPHIC_SRID, as_geographic

_LINES = csv.WriteOptions(include_header=False, quoting_style="all_valid")
"""What is quoted is a value, even an empty text; what is not is NULL: so PostgreSQL reads CSV too."""
_NATIVE: dict[frozenset[type], pa.DataType] = {
    frozenset(): pa.string(),
    frozenset({str}): pa.string(),
    frozenset({bool}): pa.bool_(),
    frozenset({float}): pa.float64(),
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    A frame as the lines COPY takes.

    Attributes
    ----------
    lines
        CSV of `rows` lines, the columns in the order named.
    """

    columns: list[str]
    rows: int
    lines: bytes


def prepared(frame: pd.DataFrame) -> Prepared:
    """Make a frame ready for `copy_frame`; needs no connection, so a thread may do it while another part is written."""
    columns = [str(column) for column in frame.columns]
    table = pa.table({str(at): _cells(frame[column]) for at, column in enumerate(frame.columns)})
    into = pa.BufferOutputStream()
    csv.write_csv(table, into, _LINES)
    return Prepared(columns, len(frame), into.getvalue().to_pybytes())


def copy_frame(connection: Connection, table: str, frame: pd.DataFrame | Prepared) -> int:
    """
    Append all rows of `frame` to `table` by COPY, in the transaction of `connection`; return their number.

    Parameters
    ----------
    table
        ``schema.name``; its columns must include those of the frame, under the same names.
    frame
        Or what `prepared` made of one. A column ``geometry`` goes in as EPSG:4490; dicts go in as JSON; NaN and None
        as NULL.
    """
    ready = frame if isinstance(frame, Prepared) else prepared(frame)
    schema, _, name = table.rpartition(".")
    target = sql.Identifier(schema, name) if schema else sql.Identifier(name)
    named = sql.SQL(", ").join(map(sql.Identifier, ready.columns))
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor:
        cursor.execute("SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass(%s)", (table,))
        guarded = (cursor.fetchone() or (False,))[0]
        # PostgreSQL has no COPY into a table with row-level security: it goes into a draft, and from there by INSERT.
        into = sql.Identifier("pg_temp", "onemap_draft") if guarded else target
        if guarded:
            draft = sql.SQL("CREATE TEMPORARY TABLE onemap_draft ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
            cursor.execute(draft.format(named, target))
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(into, named)) as copy:
            copy.write(ready.lines)
        if guarded:
            cursor.execute(sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(target, named, named, into))
            cursor.execute(sql.SQL("DROP TABLE {}").format(into))
    return ready.rows


def _cells(series: pd.Series) -> pa.Array:
    """One column as what its lines are made of."""
    if isinstance(series, gpd.GeoSeries):
        degrees = as_geographic(series.to_frame("geometry").set_geometry("geometry")).geometry
        stamped = shapely.set_srid(degrees.to_numpy(), GEOGRAPHIC_SRID)
        return pa.array(shapely.to_wkb(stamped, hex=True, include_srid=True).tolist(), pa.string())
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        return pa.array(series.dt.tz_convert("UTC").dt.as_unit("us"))
    if pd.api.types.is_numeric_dtype(series.dtype):
        return pa.array(series, from_pandas=True)
    plain = series.astype(object).where(series.notna(), None).tolist()
    kinds = frozenset(map(type, plain)) - {type(None)}
    if kinds in _NATIVE:
        return pa.array(plain, _NATIVE[kinds])
    if kinds == {int}:
        return pa.array([None if value is None else str(value) for value in plain], pa.string())
    return pa.array(_texts(plain), pa.string())


def _texts(values: list[Any]) -> list[str | None]:
    """Whatever else PostgreSQL takes, as the driver would write it."""
    driver = Transformer()

    def text(value: Any) -> str | None:
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, dict):
            return json.dumps(value, ensure_ascii=False, allow_nan=False)
        if isinstance(value, np.generic):
            value = value.item()
        written = driver.get_dumper(value, PyFormat.TEXT).dump(value)
        return None if written is None else bytes(written).decode()

    return [text(value) for value in values]
