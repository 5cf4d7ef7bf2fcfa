"""What is on the ground here? Reads that come back as frames with declared columns, never as ORM rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection, Select, func, select

from gis.columns import FACILITIES, PEOPLE, SHELTERS, TEAMS
from gis.crs import GEOGRAPHIC_SRID
from gis.database import read_frame
from gis.provenance import Mode, Provenance
from layers import catalogue
from layers.catalogue import LAYERS, LayerSpec
from layers.dossier import Dossier, Field, dossier
from layers.registers.sync import states as registers_now
from layers.rows import Then, belongs, standing, table_of
from layers.search import Hit, search
from layers.tables import Base

__all__ = [
    "Dossier", "Feed", "Field", "Hit", "Then", "alarms", "counts", "dossier", "facilities", "feeds", "hazard_sources",
    "people", "provenance", "risk_counts", "search", "shelters", "stock_history", "stores", "supplies", "teams",
    "weather", "world",
]  # fmt: skip

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def people(connection: Connection, bounds: Bounds | None = None, then: Then | None = None) -> gpd.GeoDataFrame:
    """Population cells that touch `bounds`: ``id, day, night, geometry``."""
    return PEOPLE.check(_frame(connection, "population_cell", ("id", "day", "night"), bounds, then))


def facilities(connection: Connection, bounds: Bounds | None = None, then: Then | None = None) -> gpd.GeoDataFrame:
    """Protection targets in `bounds`: ``id, name, kind, people, people_night, geometry``."""
    return FACILITIES.check(
        _frame(connection, "protection_target", ("id", "name", "kind", "people", "people_night"), bounds, then)
    )


def teams(connection: Connection, bounds: Bounds | None = None, then: Then | None = None) -> gpd.GeoDataFrame:
    """Response teams in `bounds`: ``id, name, kind, people, vehicles, status, geometry``."""
    return TEAMS.check(
        _frame(connection, "rescue_team", ("id", "name", "kind", "people", "vehicles", "status"), bounds, then)
    )


def shelters(connection: Connection, bounds: Bounds | None = None, then: Then | None = None) -> gpd.GeoDataFrame:
    """Shelters in `bounds`: ``id, name, kind, capacity, occupancy, indoor_gas_tight, geometry``."""
    return SHELTERS.check(
        _frame(connection, "shelter", ("id", "name", "kind", "capacity", "occupancy", "indoor_gas_tight"), bounds, then)
    )


def stores(connection: Connection, bounds: Bounds | None = None, then: Then | None = None) -> gpd.GeoDataFrame:
    """Supply stores in `bounds`: ``id, name, owner, geometry``."""
    return _frame(connection, "store", ("id", "name", "owner"), bounds, then)


def hazard_sources(connection: Connection, bounds: Bounds | None = None, then: Then | None = None) -> gpd.GeoDataFrame:
    """Major-hazard units in `bounds` with substance, quantities in t, R and level."""
    columns = (
        "id", "name", "enterprise_id", "enterprise_name", "unit_kind", "substance", "un_number", "cas_number",
        "design_max_t", "stock_t", "people_within_500m", "s_value", "r_value", "is_major", "hazard_level",
    )  # fmt: skip
    return _frame(connection, "hazard_source", columns, bounds, then)


def world(connection: Connection) -> Mode:
    """
    Which world the registers of this database speak of: live where it has divisions, else drill, else simulation.

    A command that is given no mode asks this; a page never does, because its sign-in says it.
    """
    table = Base.metadata.tables["layers.division"]
    found = set(connection.execute(select(table.c.mode).where(table.c.superseded_at.is_(None)).distinct()).scalars())
    modes: tuple[Mode, ...] = ("live", "drill", "sim")
    return next((mode for mode in modes if mode in found), "live")


def provenance(connection: Connection, layer: str) -> Provenance:
    """
    Where the layer's rows come from: source, oldest as-of, and the world they belong to.

    Raises
    ------
    MissingError
        No such layer, or not connected.
    """
    spec = catalogue.layer(layer)
    table = table_of(spec)
    row = connection.execute(
        select(func.min(table.c.source_system), func.min(table.c.as_of), func.min(table.c.mode), func.count()).where(
            belongs(spec, table)
        )
    ).one()
    mode: Mode = row[2] or "live"
    return Provenance(source=row[0] or spec.source, as_of=row[1], inputs={"layer": layer, "rows": row[3]}, mode=mode)


def counts(connection: Connection) -> dict[str, int]:
    """Standing rows of every connected layer; a layer that is not connected is absent, which is not the same as 0."""
    found: dict[str, int] = {}
    mirrored = {state.register.key: state for state in registers_now(connection)}
    for spec in LAYERS:
        if spec.mirrored:
            if mirrored[spec.key].connected:
                found[spec.key] = mirrored[spec.key].rows
        elif spec.connected:
            table = table_of(spec)
            found[spec.key] = connection.execute(
                select(func.count()).select_from(table).where(belongs(spec, table))
            ).scalar_one()
    return found


def risk_counts(connection: Connection) -> dict[int, int]:
    """Enterprises by four-colour level, 1 (重大) to 4 (低)."""
    table = Base.metadata.tables["layers.enterprise"]
    rows = connection.execute(
        select(table.c.risk_level, func.count())
        .where(standing(table) & table.c.risk_level.is_not(None))
        .group_by(table.c.risk_level)
    )
    return {int(level): number for level, number in rows}


@dataclass(frozen=True, slots=True)
class Feed:
    """
    State of one layer's source.

    Attributes
    ----------
    rows, answering
        Rows there are, and those whose source answers; equal where rows have no state of their own.
    newest
        Latest time a row speaks about; None for an empty layer.
    state
        ``live``, ``stale`` (older than twice the cadence), ``drill``, ``sim``, ``empty`` or ``not_connected``.
    """

    layer: str
    rows: int
    answering: int
    newest: datetime | None
    state: str


def feeds(connection: Connection, now: datetime) -> list[Feed]:
    """
    State of every layer's source at `now` (aware), in the order of the catalogue; drill and simulated rows say so.

    A sample city is dated to its own drill; its rows are marked by their mode and never called stale.
    """
    answer: list[Feed] = []
    mirrored = {state.register.key: state for state in registers_now(connection)}
    world = connection.execute(select(func.current_setting("onemap.mode", True))).scalar_one()
    for spec in LAYERS:
        if spec.mirrored:
            one = mirrored[spec.key]
            kind = _state(spec, one.rows, one.as_of, world, now) if one.connected else "not_connected"
            answer.append(Feed(spec.key, one.rows, one.rows, one.as_of, kind))
            continue
        if not spec.connected:
            answer.append(Feed(spec.key, 0, 0, None, "not_connected"))
            continue
        table = table_of(spec)
        spoke = table.c["last_at" if "last_at" in table.c else "observed_at" if "observed_at" in table.c else "as_of"]
        has_state = "status" in table.c and spec.table != "rescue_team"
        alive = func.count().filter(table.c.status == "live") if has_state else func.count()
        rows, answering, newest, mode = connection.execute(
            select(func.count(), alive, func.max(spoke), func.min(table.c.mode)).where(belongs(spec, table))
        ).one()
        answer.append(Feed(spec.key, rows, answering, newest, _state(spec, rows, newest, mode, now)))
    return answer


def _state(spec: LayerSpec, rows: int, newest: datetime | None, mode: str | None, now: datetime) -> str:
    if not rows or newest is None:
        return "empty"
    if mode in ("drill", "sim"):
        return mode
    return "stale" if now - newest > timedelta(seconds=2 * spec.cadence_s) else "live"


def alarms(connection: Connection, mode: Mode, limit: int = 50) -> gpd.GeoDataFrame:
    """
    Alarms of one world, newest first: ``id, kind, title, place, value, unit, threshold, severity, state, occurred_at,
    known_at, tag_id, geometry``; a drill never shows live alarms nor the other way round.
    """
    table = Base.metadata.tables["layers.alarm"]
    columns = (
        "id", "kind", "title", "place", "value", "unit", "threshold", "severity", "state", "occurred_at", "known_at",
            "tag_id",
        "geometry",
    )  # fmt: skip
    statement = (
        select(*[table.c[column] for column in columns])
        .where(standing(table) & (table.c.mode == mode))
        .order_by(table.c.occurred_at.desc(), table.c.id)
        .limit(limit)
    )
    return read_frame(connection, _raw(statement))


def weather(connection: Connection, longitude: float, latitude: float) -> Mapping[str, Any] | None:
    """Latest observation of the station nearest to a place that answers, as a plain mapping; None without stations."""
    table = Base.metadata.tables["layers.weather_observation"]
    place = func.ST_SetSRID(func.ST_MakePoint(longitude, latitude), GEOGRAPHIC_SRID)
    columns = [
        column for column in table.c if column.key not in ("geometry", "world_x", "world_y", "row_id", "risk_rank")
    ]
    row = connection.execute(
        select(*columns)
        .where(standing(table) & (table.c.status == "live"))
        .order_by(func.ST_Distance(table.c.geometry, place), table.c.observed_at.desc())
        .limit(1)
    ).mappings()
    found = row.first()
    return dict(found) if found is not None else None


def supplies(connection: Connection, store_id: str) -> list[dict[str, Any]]:
    """Stock of one store: ``code, name, quantity, unit, readiness, expires_on, counted_on``."""
    table = Base.metadata.tables["layers.supply_stock"]
    columns = ("code", "name", "quantity", "unit", "readiness", "expires_on", "counted_on")
    rows = connection.execute(
        select(*[table.c[column] for column in columns])
        .where(standing(table) & (table.c.store_id == store_id))
        .order_by(table.c.id)
    ).mappings()
    return [dict(row) for row in rows]


def stock_history(connection: Connection, hazard_source_id: str) -> list[dict[str, Any]]:
    """Ledger of one hazard source by day: ``ledger_day, in_t, out_t, stock_t``, oldest first."""
    table = Base.metadata.tables["layers.inventory_ledger"]
    columns = ("ledger_day", "in_t", "out_t", "stock_t")
    rows = connection.execute(
        select(*[table.c[column] for column in columns])
        .where(standing(table) & (table.c.hazard_source_id == hazard_source_id))
        .order_by(table.c.ledger_day)
    ).mappings()
    return [dict(row) for row in rows]


def _frame(
    connection: Connection,
    table_name: str,
    columns: tuple[str, ...],
    bounds: Bounds | None,
    then: Then | None = None,
) -> gpd.GeoDataFrame:
    table = Base.metadata.tables[f"layers.{table_name}"]
    statement = select(*[table.c[column] for column in columns], table.c.geometry).where(standing(table, then))
    if bounds is not None:
        # `&&` for the index, which row-level security lets it use; it compares boxes in single precision and lets in
        # places some decimetres outside, so the exact question follows.
        box = func.ST_MakeEnvelope(*bounds, GEOGRAPHIC_SRID)
        near = table.c.geometry.op("&&")(func.ST_Expand(box, 1e-6))
        statement = statement.where(near & func.ST_Intersects(table.c.geometry, box))
    return read_frame(connection, _raw(statement.order_by(table.c.id)))


def _raw(statement: Select[Any]) -> Select[Any]:
    """Hand geometry out as WKB bytes for shapely instead of GeoAlchemy's elements."""
    return statement.with_only_columns(
        *[
            func.ST_AsBinary(column).label("geometry") if column.key == "geometry" else column
            for column in statement.selected_columns
        ]
    )
