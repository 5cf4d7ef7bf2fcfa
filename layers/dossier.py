"""What do we know of this one thing, from whom, and as of when?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from gis.crs import GEOGRAPHIC_SRID
from gis.errors import MissingError
from gis.provenance import Mode
from layers import catalogue, personal, uscc
from layers.rows import Then, belongs, standing, table_of
from layers.tables import Base
from layers.whereabouts import divisions_at


@dataclass(frozen=True, slots=True)
class Field:
    """
    One line of a dossier: titles in both languages, the value, its source and its age.

    `personal` says that it is a name or a number and masked unless the transaction shows personal data.
    """

    column: str
    title_zh: str
    title_en: str
    value: Any
    source_system: str
    as_of: datetime
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Dossier:
    """
    Everything about one row of a layer.

    Attributes
    ----------
    division_names
        From the city down: ``("演练市", "滨江区")``.
    zone_name
        Park the place lies in; empty outside.
    checks
        Code of a quality check -> whether it is passed.
    units
        Hazard sources of an enterprise, worst first; each a mapping of its columns.
    tags, cameras
        Measuring points and cameras of an enterprise.
    nearest_target
        Name and distance in m of the nearest protection target; None when there is none.
    """

    layer: str
    id: str
    title: str
    longitude: float
    latitude: float
    division_code: str
    division_names: tuple[str, ...]
    zone_name: str
    source_system: str
    as_of: datetime
    ingested_at: datetime
    label: str
    mode: Mode
    fields: tuple[Field, ...]
    checks: dict[str, bool]
    units: tuple[dict[str, Any], ...] = ()
    tags: tuple[dict[str, Any], ...] = ()
    cameras: tuple[dict[str, Any], ...] = ()
    nearest_target: tuple[str, float] | None = None


def dossier(connection: Connection, layer: str, row_id: str, then: Then | None = None) -> Dossier:
    """
    Read the dossier of `row_id` in a catalogue layer, now or as it was known `then`.

    Raises
    ------
    MissingError
        No such layer, not connected, or no standing row of that id.
    """
    spec = catalogue.layer(layer)
    table = table_of(spec)
    if "geometry" not in table.c:
        raise MissingError(f"layer '{layer}' has no places, so its rows have no dossier; list them instead")
    columns = [column for column in table.c if column.key not in ("geometry", "world_x", "world_y")]
    middle = func.ST_PointOnSurface(table.c.geometry)
    row = (
        connection.execute(
            select(*columns, func.ST_X(middle).label("longitude"), func.ST_Y(middle).label("latitude")).where(
                belongs(spec, table, then) & (table.c.id == row_id)
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        raise MissingError(f"layer '{layer}' has no row '{row_id}' that stands now; search for it by name")
    masked = personal.columns_of(spec)
    fields = tuple(
        Field(column, zh, en, _value(row, column), row["source_system"], row["as_of"], column in masked)
        for column, (zh, en) in spec.columns.items()
    )
    title = row.get("name") or row.get("title") or row.get("station_name") or row_id
    extra: dict[str, Any] = {}
    checks: dict[str, bool] = {}
    if spec.table == "enterprise":
        extra = _of_enterprise(connection, row_id, then)
        checks["uscc"] = uscc.is_valid(row["uscc"])
        checks["stock_below_design"] = all(unit["stock_t"] <= unit["design_max_t"] for unit in extra["units"])
    if spec.table == "hazard_source":
        checks["stock_below_design"] = row["stock_t"] <= row["design_max_t"]
    found_in = divisions_at(connection, row["longitude"], row["latitude"])
    checks["inside_division"] = any(code == row["division_code"] for code, _ in found_in)
    return Dossier(
        layer=layer,
        id=row_id,
        title=title,
        longitude=row["longitude"],
        latitude=row["latitude"],
        division_code=row["division_code"],
        division_names=tuple(name for _, name in found_in),
        zone_name=_zone_at(connection, row["longitude"], row["latitude"]),
        source_system=row["source_system"],
        as_of=row["as_of"],
        ingested_at=row["ingested_at"],
        label=row["label"],
        mode=row["mode"],
        fields=fields,
        checks=checks,
        nearest_target=_nearest_target(connection, row["longitude"], row["latitude"]),
        **extra,
    )


def _value(row: Mapping[Any, Any], column: str) -> Any:
    """A column of the row, or one that its register keeps among its attributes."""
    return row[column] if column in row else row["attributes"].get(column)


def _of_enterprise(connection: Connection, enterprise_id: str, then: Then | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    wanted = {
        "units": ("hazard_source", ("id", "name", "substance", "un_number", "cas_number", "design_max_t", "stock_t",
            "substances",
                                    "people_within_500m", "s_value", "r_value", "is_major", "hazard_level")),
        "tags": ("tag", ("id", "name", "place", "quantity", "unit", "last_value", "last_at", "threshold", "status")),
        "cameras": ("camera", ("id", "name", "bearing_deg", "view_deg", "range_m", "status")),
    }  # fmt: skip
    for key, (name, columns) in wanted.items():
        table = Base.metadata.tables[f"layers.{name}"]
        rows = connection.execute(
            select(*[table.c[column] for column in columns])
            .where(standing(table, then) & (table.c.enterprise_id == enterprise_id))
            .order_by(table.c.risk_rank.desc(), table.c.id)
        ).mappings()
        found[key] = tuple(dict(row) for row in rows)
    return found


def _zone_at(connection: Connection, longitude: float, latitude: float) -> str:
    table = Base.metadata.tables["layers.admin_zone"]
    found = connection.execute(
        select(table.c.name)
        .where(standing(table) & func.ST_Intersects(table.c.geometry, _point(longitude, latitude)))
        .limit(1)
    ).scalar_one_or_none()
    return found or ""


def _nearest_target(connection: Connection, longitude: float, latitude: float) -> tuple[str, float] | None:
    table = Base.metadata.tables["layers.protection_target"]
    place = _point(longitude, latitude)
    # The index orders by degrees; among the nearest few the ellipsoid decides.
    few = (
        select(table.c.name, table.c.geometry)
        .where(standing(table))
        .order_by(table.c.geometry.op("<->")(place))
        .limit(8)
        .subquery()
    )
    distance = func.ST_DistanceSpheroid(few.c.geometry, place)
    found = connection.execute(select(few.c.name, distance).order_by(distance).limit(1)).first()
    return (found[0], float(found[1])) if found is not None else None


def _point(longitude: float, latitude: float) -> Any:
    return func.ST_SetSRID(func.ST_MakePoint(longitude, latitude), GEOGRAPHIC_SRID)
