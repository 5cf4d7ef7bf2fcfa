"""Which closures and edits hold now, and which versions of a network were built?"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import Connection, func, insert, literal, or_, select, update

from gis.crs import GEOGRAPHIC, GEOGRAPHIC_SRID
from gis.errors import ConflictError, InputError, MissingError
from routing.closures import RoadReport, close, open_view
from routing.network import Network
from routing.tables import closure, edit, version
from routing.view import View

EDITABLE = ("speed_kmh", "lanes", "max_height_m", "max_weight_t", "max_width_m", "capacity_veh_h")


@dataclass(frozen=True, slots=True)
class Version:
    """One build of a network."""

    network: str
    version: int
    source: str
    source_sha256: str
    counts: Mapping[str, Any]
    built_by: str
    built_at: datetime


@dataclass(frozen=True, slots=True)
class Closures:
    """What holds at a moment: areas (columns ``id, name``), reports on single roads, and the callers' names of both."""

    areas: gpd.GeoDataFrame
    reports: tuple[RoadReport, ...]
    known_as: tuple[str, ...] = ()


def record_version(connection: Connection, manifest: Mapping[str, Any]) -> Version:
    """Write down that a network was built, from the manifest of its cache; versions count up from 1."""
    name = str(manifest["name"])
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("roads " + name))))
    last = connection.execute(select(func.max(version.c.version)).where(version.c.network == name)).scalar()
    provenance = manifest["provenance"]
    row = connection.execute(
        insert(version)
        .values(
            network=name,
            # A network built before there was a database brings its own count along.
            version=int(manifest.get("version", 1)) if last is None else last + 1,
            source=provenance["source"],
            source_sha256=provenance["inputs"].get("sha256", ""),
            counts=manifest["counts"],
            report=manifest["report"],
        )
        .returning(*_VERSION)
    ).one()
    return Version(*row)


def versions(connection: Connection, network: str) -> list[Version]:
    """All builds of a network, the newest first."""
    rows = connection.execute(select(*_VERSION).where(version.c.network == network).order_by(version.c.version.desc()))
    return [Version(*row) for row in rows]


def add_closure(
    connection: Connection,
    network: str,
    reason: str,
    valid_from: datetime,
    *,
    area: Any = None,
    report: RoadReport | None = None,
    valid_until: datetime | None = None,
    known_as: str = "",
) -> int:
    """
    Record a closed area (lon/lat polygon) or a report on one road; gives its number.

    `known_as` is the caller's own name for it; several rows may share one, and are withdrawn by it together.

    Raises
    ------
    InputError
        No reason, neither or both of area and report, a time without zone, an end before the beginning.
    """
    faults = []
    if not reason.strip():
        faults.append("a closure needs a reason")
    if (area is None) == (report is None):
        faults.append("a closure is either an area or a report on one road")
    if area is not None and (area.geom_type not in {"Polygon", "MultiPolygon"} or not area.is_valid):
        faults.append("the closed area must be a valid polygon or multipolygon")
    if valid_from.tzinfo is None or (valid_until is not None and valid_until.tzinfo is None):
        faults.append("the time of a closure needs a time zone")
    elif valid_until is not None and valid_until <= valid_from:
        faults.append("a closure must end after it begins")
    if faults:
        raise InputError(faults)
    values: dict[str, Any] = {
        "network": network, "reason": reason, "valid_from": valid_from, "valid_until": valid_until,
        "known_as": known_as,
    }  # fmt: skip
    if area is not None:
        values["area"] = _geometry(area)
    elif report is not None:
        values["direction"], values["speed_factor"] = report.direction, report.speed_factor
        if report.way_id:
            values["way_id"] = report.way_id
        else:
            values["place"] = _geometry(shapely.Point(report.longitude, report.latitude))
    return int(connection.execute(insert(closure).values(**values).returning(closure.c.id)).scalar_one())


def withdraw_closure(connection: Connection, number: int) -> None:
    """
    Take a closure back; the row stays, with who and when.

    Raises
    ------
    MissingError, ConflictError
        No such closure; already withdrawn.
    """
    row = connection.execute(select(closure.c.withdrawn_at).where(closure.c.id == number)).first()
    if row is None:
        raise MissingError(f"there is no closure {number}")
    done = connection.execute(
        update(closure)
        .where(closure.c.id == number, closure.c.withdrawn_at.is_(None))
        .values(withdrawn_at=func.now(), withdrawn_by=func.current_setting(literal("onemap.actor")))
    )
    if done.rowcount == 0:
        raise ConflictError(f"closure {number} was already withdrawn")


def withdraw_known(connection: Connection, known_as: str) -> int:
    """Take back every closure the caller knows by this name; gives how many there were. None is no fault."""
    done = connection.execute(
        update(closure)
        .where(closure.c.known_as == known_as, closure.c.known_as != "", closure.c.withdrawn_at.is_(None))
        .values(withdrawn_at=func.now(), withdrawn_by=func.current_setting(literal("onemap.actor")))
    )
    return int(done.rowcount)


def closures_at(
    connection: Connection,
    network: str,
    moment: datetime | None = None,
    *,
    known_at: datetime | None = None,
    without: Sequence[str] = (),
) -> Closures:
    """
    What is closed at a moment (now when not given), in the caller's world (live, drill or sim).

    A closure withdrawn later counts at moments before its withdrawal: replay sees what was known then. With `known_at`
    only what had been recorded, and not yet withdrawn, by that time counts: the roads as somebody saw them then.
    Closures the callers name as in `without` are left out.
    """
    at = moment or datetime.now(UTC)
    seen = known_at or at
    recorded = literal(value=True) if known_at is None else closure.c.recorded_at <= known_at
    rows = connection.execute(
        select(
            closure.c.id, func.ST_AsBinary(closure.c.area), closure.c.way_id, func.ST_X(closure.c.place),
            func.ST_Y(closure.c.place), closure.c.direction, closure.c.speed_factor, closure.c.reason,
            closure.c.valid_from, closure.c.valid_until, closure.c.known_as,
        )
        .where(
            closure.c.network == network,
            closure.c.mode == func.current_setting(literal("onemap.mode")),
            closure.c.valid_from <= at,
            or_(closure.c.valid_until.is_(None), closure.c.valid_until > at),
            or_(closure.c.withdrawn_at.is_(None), closure.c.withdrawn_at > seen),
            recorded,
            or_(closure.c.known_as.is_(None), closure.c.known_as.not_in(list(without))),
        )
        .order_by(closure.c.id)
    ).all()  # fmt: skip
    areas = [(row[0], row[7], shapely.from_wkb(bytes(row[1]))) for row in rows if row[1] is not None]
    reports = tuple(
        RoadReport(
            way_id=row[2] or 0,
            longitude=float("nan") if row[3] is None else row[3],
            latitude=float("nan") if row[4] is None else row[4],
            direction=row[5],
            speed_factor=row[6],
            reason=row[7],
            valid_from=row[8],
            valid_until=row[9],
        )
        for row in rows
        if row[1] is None
    )
    frame = gpd.GeoDataFrame(areas, columns=["id", "name", "geometry"], geometry="geometry", crs=GEOGRAPHIC)
    return Closures(frame, reports, tuple(dict.fromkeys(row[10] for row in rows if row[10])))


def add_edit(connection: Connection, network: str, way_id: int, attribute: str, value: float, reason: str) -> int:
    """
    Record that a road is not as the file says; gives the number of the edit.

    Raises
    ------
    InputError
        An attribute that cannot be edited, a value not above 0, no reason, no way.
    """
    faults = []
    if attribute not in EDITABLE:
        faults.append(f"'{attribute}' cannot be edited: use {', '.join(EDITABLE)}")
    if not value > 0:
        faults.append(f"{attribute} {value}: give a number above 0")
    if not reason.strip():
        faults.append("an edit needs a reason")
    if way_id == 0:
        faults.append("name the way to edit")
    if faults:
        raise InputError(faults)
    statement = insert(edit).values(network=network, way_id=way_id, attribute=attribute, value=value, reason=reason)
    return int(connection.execute(statement.returning(edit.c.id)).scalar_one())


def with_edits(connection: Connection, network: Network, *, known_at: datetime | None = None) -> Network:
    """The network with every edit recorded (by `known_at`) applied in order; the stored files stay as they are."""
    wanted = select(edit.c.way_id, edit.c.attribute, edit.c.value).where(edit.c.network == network.name)
    if known_at is not None:
        wanted = wanted.where(edit.c.recorded_at <= known_at)
    rows = connection.execute(wanted.order_by(edit.c.id)).all()
    if not rows:
        return network
    changed: dict[str, Any] = {}
    ways = np.asarray(network.way_id)
    for way, attribute, value in rows:
        column = changed.setdefault(attribute, np.array(getattr(network, attribute)))
        column[ways == way] = value
    edited = dataclasses.replace(network, **changed)
    if "speed_kmh" in changed:
        seconds = np.asarray(network.length_m) / (changed["speed_kmh"].astype(float) / 3.6)
        whole = np.clip(np.rint(seconds * 1000), 1, 2**30).astype(np.uint32)
        edited = dataclasses.replace(edited, time_ms=whole[network.arc_segment])
    return edited


def view_at(
    connection: Connection, network: Network, moment: datetime | None = None, *, known_at: datetime | None = None
) -> View:
    """The network as it is to be driven at a moment: edits applied, closures closed, both as known at `known_at`."""
    edited = with_edits(connection, network, known_at=known_at)
    held = closures_at(connection, network.name, moment, known_at=known_at)
    if not len(held.areas) and not held.reports:
        return open_view(edited)
    return close(edited, held.areas if len(held.areas) else None, reports=held.reports)


_VERSION = (
    version.c.network, version.c.version, version.c.source, version.c.source_sha256, version.c.counts,
    version.c.built_by, version.c.built_at,
)  # fmt: skip


def _geometry(shape: Any) -> Any:
    return func.ST_GeomFromWKB(shapely.to_wkb(shape), GEOGRAPHIC_SRID)
