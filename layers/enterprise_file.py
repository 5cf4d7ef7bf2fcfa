"""What is in the file of one enterprise: units worked out, ledgers, movements, surroundings, mirrored registers?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select

from gis.crs import LonLat
from gis.errors import InputError, MissingError
from layers import ledger, major_hazard
from layers.catalogue import LAYERS, LayerSpec
from layers.dossier import Dossier, dossier
from layers.holders import point
from layers.rows import of_this_world, standing
from layers.tables import Base

AROUND_M = 2000.0
AROUND_LIMIT = 60
FLOWS_LIMIT = 40
REGISTER_LIMIT = 50


@dataclass(frozen=True, slots=True)
class EnterpriseFile:
    """
    The whole file of an enterprise.

    Attributes
    ----------
    workings
        GB 18218 per unit, worst first; a unit whose substance is not in the tables is left out and named in `unknown`.
    balances
        Ledger per unit that has one.
    flows
        Consignments from and to its units, newest first: ``from_id, from_name, to_id, to_name, substance, quantity_t,
        moved_on``.
    around
        Protection targets within `AROUND_M`, the nearest first: ``id, name, kind, people, people_night, distance_m``.
    mirrored
        Register -> its rows of this enterprise; None where the register never delivered (未接入).
    versions
        Every version of the register row we ever held, newest first: ``valid_from, valid_to, recorded_at,
        superseded_at, source_system, as_of``.
    """

    dossier: Dossier
    workings: tuple[major_hazard.Working, ...]
    unknown: tuple[str, ...]
    balances: tuple[ledger.Balance, ...]
    flows: tuple[dict[str, Any], ...]
    around: tuple[dict[str, Any], ...]
    mirrored: dict[str, list[dict[str, Any]] | None]
    versions: tuple[dict[str, Any], ...]


def enterprise_of(connection: Connection, layer: str, row_id: str) -> str:
    """
    Enterprise a row belongs to: itself, or the owner of a unit, sensor or camera.

    Raises
    ------
    MissingError
        No such row, or it belongs to no enterprise.
    """
    if layer.startswith("enterprise") or layer == "four_colour":
        return row_id
    name = {"hazard_source": "hazard_source", "camera": "camera", "tag_gas": "tag", "tag_water": "tag"}.get(layer)
    if name is not None:
        table = Base.metadata.tables[f"layers.{name}"]
        owner = connection.execute(
            select(table.c.enterprise_id).where(standing(table) & (table.c.id == row_id))
        ).scalar_one_or_none()
        if owner:
            return str(owner)
    raise MissingError(f"'{row_id}' of layer '{layer}' belongs to no enterprise; open its card on the map")


def read(connection: Connection, enterprise_id: str) -> EnterpriseFile:
    """
    Read the file of an enterprise that stands now.

    Raises
    ------
    MissingError
        No such enterprise.
    """
    found = dossier(connection, "enterprise", enterprise_id)
    workings, unknown, balances = [], [], []
    for unit in found.units:
        try:
            workings.append(major_hazard.work_out(connection, unit["id"]))
        except InputError:
            unknown.append(str(unit["name"]))
        balances.append(ledger.balance(connection, unit["id"]))
    place = LonLat(found.longitude, found.latitude)
    return EnterpriseFile(
        dossier=found,
        workings=tuple(workings),
        unknown=tuple(unknown),
        balances=tuple(one for one in balances if one.days),
        flows=_flows(connection, [unit["id"] for unit in found.units]),
        around=_around(connection, place),
        mirrored=_mirrored(connection, enterprise_id),
        versions=_versions(connection, enterprise_id),
    )


def _flows(connection: Connection, units: list[str]) -> tuple[dict[str, Any], ...]:
    if not units:
        return ()
    table = Base.metadata.tables["layers.chemical_flow"]
    columns = ("id", "from_id", "from_name", "to_id", "to_name", "substance", "quantity_t", "moved_on")
    rows = connection.execute(
        select(*[table.c[name] for name in columns])
        .where(standing(table) & or_(table.c.from_id.in_(units), table.c.to_id.in_(units)))
        .order_by(table.c.moved_on.desc(), table.c.id)
        .limit(FLOWS_LIMIT)
    ).mappings()
    return tuple(dict(row) | {"outgoing": row["from_id"] in units} for row in rows)


def _around(connection: Connection, place: LonLat) -> tuple[dict[str, Any], ...]:
    table = Base.metadata.tables["layers.protection_target"]
    distance = func.ST_DistanceSpheroid(table.c.geometry, point(place))
    # Degrees first, for the index; a degree of longitude is never longer than one of latitude.
    near = func.ST_DWithin(table.c.geometry, point(place), AROUND_M / 80_000)
    columns = ("id", "name", "kind", "people", "people_night", "phone", "source_system", "as_of")
    rows = connection.execute(
        select(
            *[table.c[name] for name in columns],
            distance.label("distance_m"),
            func.ST_X(table.c.geometry).label("longitude"),
            func.ST_Y(table.c.geometry).label("latitude"),
        )
        .where(standing(table) & near & (distance <= AROUND_M))
        .order_by(distance, table.c.id)
        .limit(AROUND_LIMIT)
    ).mappings()
    return tuple(dict(row) for row in rows)


def _mirrored(connection: Connection, enterprise_id: str) -> dict[str, list[dict[str, Any]] | None]:
    table = Base.metadata.tables["layers.register_row"]
    delivered = {row[0] for row in connection.execute(select(table.c.register).where(of_this_world(table)).distinct())}
    rows = connection.execute(
        select(
            *[
                table.c[name]
                for name in (
                    "id",
                    "register",
                    "name",
                    "kind",
                    "state",
                    "due_on",
                    "attributes",
                    "source_system",
                    "as_of",
                )
            ]
        )
        .where(standing(table) & (table.c.enterprise_id == enterprise_id))
        .order_by(table.c.register, table.c.due_on.desc().nulls_last(), table.c.id)
    ).mappings()
    found: dict[str, list[dict[str, Any]] | None] = {
        spec.key: [] if spec.key in delivered else None for spec in LAYERS if is_mirror(spec)
    }
    for row in rows:
        kept = found.get(row["register"])
        if kept is not None and len(kept) < REGISTER_LIMIT:
            kept.append(dict(row))
    return found


def is_mirror(spec: LayerSpec) -> bool:
    """Whether a layer is the copy of another authority's register."""
    return spec.table == "register_row"


def _versions(connection: Connection, enterprise_id: str) -> tuple[dict[str, Any], ...]:
    table = Base.metadata.tables["layers.enterprise"]
    columns = ("valid_from", "valid_to", "recorded_at", "superseded_at", "source_system", "as_of")
    rows = connection.execute(
        select(*[table.c[name] for name in columns])
        .where(of_this_world(table) & (table.c.id == enterprise_id))
        .order_by(table.c.recorded_at.desc(), table.c.row_id.desc())
    ).mappings()
    return tuple(
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
        for row in rows
    )
