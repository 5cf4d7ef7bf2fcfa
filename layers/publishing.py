"""Which data sets does the house give to others, with which columns, and how are they read?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, MetaData, String, Table, cast, func, select, text

from gis.crs import GEOGRAPHIC_SRID
from gis.errors import InputError, MissingError

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class DataSet:
    """
    One of the outbound data sets; its columns are those of the view ``publish.<key>``.

    Attributes
    ----------
    layer
        Key of the catalogue layer whose tiles it shares; empty without tiles.
    """

    key: str
    title_zh: str
    title_en: str
    owner: str
    layer: str = ""


DATASETS: Mapping[str, DataSet] = {
    one.key: one
    for one in (
        DataSet("enterprise", "工业企业", "Industrial enterprises", "市应急管理局", "enterprise"),
        DataSet("hazard_source", "重大危险源", "Major-hazard units", "市应急管理局", "hazard_source"),
        DataSet("inventory_ledger", "危险化学品台账", "Ledgers of dangerous chemicals", "市应急管理局"),
        DataSet("chemical_flow", "危险化学品流向", "Flow of dangerous chemicals", "市应急管理局", "chemical_flow"),
        DataSet("protection_target", "防护目标", "Protection targets", "市教育局 · 市民政局", "protection_target"),
        DataSet("shelter", "避难场所", "Shelters", "市应急管理局", "shelter"),
        DataSet("rescue_team", "救援队伍", "Response teams", "市消防救援支队", "rescue_team"),
        DataSet("store", "物资储备库", "Supply stores", "市应急物资保障中心", "store"),
        DataSet("supply_stock", "应急物资", "Supplies in stock", "市应急物资保障中心"),
        DataSet("camera", "视频点位", "Cameras", "市应急指挥中心", "camera"),
        DataSet("tag", "监测点位", "Sensors", "企业 · 园区"),
        DataSet("alarm", "告警", "Alarms", "市应急指挥中心", "alarm"),
        DataSet("weather_observation", "气象观测", "Weather observations", "市气象局", "weather_observation"),
        DataSet("division", "行政区划", "Administrative divisions", "市民政局", "division"),
        DataSet("admin_zone", "园区边界", "Parks", "市发展改革委", "admin_zone"),
        DataSet("population_cell", "人口网格", "Population grid", "市统计局", "population_cell"),
        DataSet("register_row", "业务专题", "Mirrored registers", "各主管部门"),
        DataSet("risk_township", "乡镇风险", "Risk by township", "市应急管理局"),
    )
}

_STANDARD = frozenset({"row_id", "geometry", "label", "mode"})


@dataclass(frozen=True, slots=True)
class Property:
    """A column of a data set: its JSON type, format and meaning (from the database's own comment)."""

    name: str
    kind: str
    format: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Page:
    """
    Some features of a data set as GeoJSON.

    Attributes
    ----------
    matched
        How many there are in all.
    after
        Row after which the next page begins; None on the last page.
    """

    features: list[dict[str, Any]]
    matched: int
    after: int | None


def dataset(key: str) -> DataSet:
    """
    Return the data set of that name.

    Raises
    ------
    MissingError
        There is none.
    """
    if key not in DATASETS:
        raise MissingError(f"there is no data set '{key}'; choose one of {', '.join(DATASETS)}")
    return DATASETS[key]


_TYPES: Mapping[str, tuple[str, str]] = {
    "text": ("string", ""), "int4": ("integer", ""), "int2": ("integer", ""), "int8": ("integer", ""),
    "float8": ("number", ""), "numeric": ("number", ""), "bool": ("boolean", ""), "date": ("string", "date"),
    "timestamptz": ("string", "date-time"), "jsonb": ("object", ""), "uuid": ("string", "uuid"),
}  # fmt: skip


def properties(connection: Connection, key: str) -> list[Property]:
    """Columns of a data set in their order; the meaning is that of the table behind the view."""
    dataset(key)
    rows = connection.execute(
        text(
            "SELECT own.attname, kind.typname, coalesce(col_description(base.attrelid, base.attnum), '') "
            "FROM pg_attribute AS own JOIN pg_type AS kind ON kind.oid = own.atttypid "
            "LEFT JOIN pg_attribute AS base ON base.attrelid = to_regclass('layers.' || CAST(:key AS text)) "
            "AND base.attname = own.attname "
            "WHERE own.attrelid = to_regclass('publish.' || CAST(:key AS text)) AND own.attnum > 0 "
            "ORDER BY own.attnum"
        ),
        {"key": key},
    )
    return [
        Property(name, *_TYPES.get(kind, ("string", "")), meaning)
        for name, kind, meaning in rows
        if name not in _STANDARD
    ]


def schema(connection: Connection, key: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of one feature's properties."""
    one = dataset(key)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{one.title_zh} {one.title_en}",
        "type": "object",
        "properties": {
            column.name: {"type": [column.kind, "null"] if column.name != "id" else column.kind}
            | ({"format": column.format} if column.format else {})
            | ({"description": column.meaning} if column.meaning else {})
            for column in properties(connection, key)
        }
        | {"geometry": {"$ref": "https://geojson.org/schema/Geometry.json"}},
        "required": ["id", "source_system", "as_of", "division_code"],
    }


def extent(connection: Connection, key: str) -> Bounds | None:
    """West, south, east, north of what the caller may read; None without any place."""
    view = _view(connection, key)
    box = func.ST_Extent(view.c.geometry)
    sides = (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)
    row = connection.execute(select(*[side(box) for side in sides])).one()
    return None if row[0] is None else (float(row[0]), float(row[1]), float(row[2]), float(row[3]))


def items(
    connection: Connection,
    key: str,
    *,
    bounds: Bounds | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    equal: Mapping[str, str] | None = None,
    ids: tuple[str, ...] = (),
    rows: tuple[int, ...] = (),
    limit: int = 10,
    after: int = 0,
    count: bool = True,
) -> Page:
    """
    Read features of a data set in the caller's world and divisions, by row number.

    Parameters
    ----------
    bounds
        Only what touches this box, degrees.
    since, until
        Only rows whose source speaks about this time (``as_of``), both ends included.
    equal
        Column -> text it must equal.
    ids, rows
        Only these business ids, or these row numbers.
    after
        Only rows after this one: the next page, however the table grows meanwhile.

    Raises
    ------
    MissingError
        No such data set.
    InputError
        A column that the data set has not.
    """
    view = _view(connection, key)
    wanted = []
    if bounds is not None:
        box = func.ST_MakeEnvelope(*bounds, GEOGRAPHIC_SRID)
        wanted += [view.c.geometry.op("&&")(box), func.ST_Intersects(view.c.geometry, box)]
    if since is not None:
        wanted.append(view.c.as_of >= since)
    if until is not None:
        wanted.append(view.c.as_of <= until)
    for name, value in (equal or {}).items():
        if name not in view.c or name in _STANDARD:
            raise InputError(f"data set '{key}' has no column '{name}'")
        wanted.append(cast(view.c[name], String) == value)
    if ids:
        wanted.append(view.c.id.in_(ids))
    if rows:
        wanted.append(view.c.row_id.in_(rows))
    matched = connection.execute(select(func.count()).select_from(view).where(*wanted)).scalar_one() if count else 0
    shown = [column for column in view.c if column.key not in ("geometry", "label", "mode")]
    # A derived set has one number for all its rows, so the id breaks the tie and `after` counts rows instead.
    derived = key.startswith("risk_")
    statement = select(*shown, func.ST_AsGeoJSON(view.c.geometry, 7).label("geometry")).where(*wanted)
    if derived:
        statement = statement.order_by(view.c.id).offset(after).limit(limit + 1)
    else:
        statement = statement.where(view.c.row_id > after).order_by(view.c.row_id).limit(limit + 1)
    found = connection.execute(statement).mappings().all()
    more = len(found) > limit
    kept = found[:limit]
    next_row = None if not more else after + limit if derived else int(kept[-1]["row_id"])
    return Page([_feature(row) for row in kept], int(matched), next_row)


def _feature(row: Any) -> dict[str, Any]:
    plain = {name: _plain(value) for name, value in row.items() if name not in ("row_id", "geometry")}
    return {
        "type": "Feature",
        "id": row["id"],
        "geometry": json.loads(row["geometry"]) if row["geometry"] else None,
        "properties": plain,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _view(connection: Connection, key: str) -> Table:
    """The view as it stands in the database, so that its columns are told in one place, the migration."""
    dataset(key)
    names = connection.execute(
        text(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('publish.' || CAST(:key AS text)) "
            "AND attnum > 0 ORDER BY attnum"
        ),
        {"key": key},
    ).scalars()
    return Table(key, MetaData(), *[Column(name) for name in names], schema="publish")
