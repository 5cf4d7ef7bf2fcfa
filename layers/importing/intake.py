"""How does a file come into a layer? Looked at, examined, written; every bad row kept aside; undone if need be."""

import hashlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, insert, select, update

from gis.copying import copy_frame
from gis.crs import GEOGRAPHIC, LonLat
from gis.database import Caller
from gis.errors import ConflictError, MissingError
from layers import catalogue
from layers.importing import parsing, writing
from layers.importing.apart import read
from layers.importing.fields import UNIQUE_BY_NAME, fields_of
from layers.importing.known import read_register, with_roads
from layers.importing.matching import Mapped, match
from layers.importing.quality import examine
from layers.importing.reading import Sheet
from layers.importing.trial import Trial, Wishes, said
from layers.revision import take_back
from layers.tables import Base

Progress = Callable[[str, float], None]
ROADS_AROUND_DEG = 0.03


def look(path: Path, layer: str, name: str = "", mapping: Mapping[str, str] | None = None) -> tuple[Sheet, Mapped]:
    """
    Read a file and match its headers; nothing is judged yet.

    Raises
    ------
    InputError, MissingError
        See `apart.read`, `fields.fields_of` and `matching.match`.
    """
    fields = fields_of(layer)
    sheet = read(path, name)
    return sheet, match(sheet.headers, fields, mapping, placed=sheet.places is not None)


def examine_file(
    connection: Connection,
    path: Path,
    layer: str,
    wishes: Wishes,
    caller: Caller,
    *,
    name: str = "",
    now: datetime | None = None,
    progress: Progress = lambda _step, _share: None,
) -> Trial:
    """
    Dry run: examine every row of a file against the register, in the transaction of `connection`.

    Raises
    ------
    InputError, MissingError
        The file, its headers or the mapping cannot be used; every fault is named.
    """
    progress("reading", 0.05)
    fields = fields_of(layer)
    spec = catalogue.layer(layer)
    with ThreadPoolExecutor(1) as pool:
        # The file is read by another process, and the register meanwhile by this one.
        looking = pool.submit(look, path, layer, name, wishes.mapping)
        known = read_register(connection, spec.table, fields)
        sheet, mapped = looking.result()
    progress("typing", 0.35)
    parsed = parsing.parse(sheet, mapped, fields, wishes.datum)
    progress("register", 0.5)
    register = with_roads(connection, known, *_reach(parsed.raw_place))
    progress("rules", 0.6)
    examined = examine(
        parsed.values, parsed.blank, parsed.wrong, parsed.texts,
        frozenset(field.column for field in fields if field.needed),
        register, caller, now or datetime.now(UTC),
        raw_place=parsed.raw_place,
        formulas={row: cell for row, cell in sheet.formulas.items() if row < len(sheet.table)},
        unique_names=spec.table in UNIQUE_BY_NAME, stale_days=wishes.stale_days,
    )  # fmt: skip
    said = Path(name or path.name).name
    return Trial(
        layer, said, _content_key(path, layer, wishes), sheet, fields, mapped, parsed, examined, register,
        examined.findings.against(wishes.accept), wishes,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; a repeated one names the first and did nothing."""

    import_id: UUID
    rows: int
    added: int
    changed: int
    unchanged: int
    aside: int
    aside_new: int
    repeated: bool = False


def commit(
    connection: Connection, trial: Trial, caller: Caller, *, progress: Progress = lambda _step, _share: None
) -> Imported:
    """Write the good rows of an examined file and keep the bad ones aside, in the transaction of `connection`."""
    spec = catalogue.layer(trial.layer)
    import_id = uuid4()
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("onemap import"))))
    progress("writing", 0.7)
    good = np.flatnonzero(~trial.aside)
    revised = writing.write(connection, trial, good, caller)
    progress("aside", 0.9)
    fresh = _unseen(connection, trial, caller)
    if not (revised.added or revised.changed or len(fresh)):
        first = _first_of(connection, trial, caller)
        if first is not None:
            aside = int(trial.aside.sum())
            return Imported(first, trial.rows, 0, 0, revised.unchanged, aside, 0, repeated=True)
    connection.execute(
        insert(Base.metadata.tables["layers.data_import"]).values(
            id=import_id, layer=trial.layer, mode=caller.mode, file_name=trial.file_name[:200],
            content_key=trial.content_key, datum=trial.wishes.datum or "file", mapping=dict(trial.mapped.columns),
            rows=trial.rows, added=revised.added, changed=revised.changed, unchanged=revised.unchanged,
            aside=len(fresh), actor=caller.actor, began_at=func.clock_timestamp(),
        )
    )  # fmt: skip
    if revised.pairs:
        connection.exec_driver_sql(
            "INSERT INTO layers.import_change (import_id, new_row, old_row) "
            "SELECT %s, new_row, old_row FROM unnest(%s::bigint[], %s::bigint[]) AS pair (new_row, old_row)",
            (import_id, [new for new, _ in revised.pairs], [old for _, old in revised.pairs]),
        )
    _keep_aside(connection, trial, fresh, import_id, spec.owner, caller)
    progress("done", 1.0)
    return Imported(
        import_id, trial.rows, revised.added, revised.changed, revised.unchanged, int(trial.aside.sum()), len(fresh)
    )


def undo(connection: Connection, import_id: UUID, caller: Caller) -> int:
    """
    Take an import back: close what it added, stand again what it replaced; the rows it kept aside are settled.

    Returns the number of rows closed. Rows changed again since then are left alone.

    Raises
    ------
    MissingError
        No such import in the caller's world.
    ConflictError
        It was taken back before.
    """
    table = Base.metadata.tables["layers.data_import"]
    row = connection.execute(
        select(table.c.layer, table.c.undone_at)
        .where((table.c.id == import_id) & (table.c.mode == caller.mode))
        .with_for_update()
    ).first()
    if row is None:
        raise MissingError(f"there is no import {import_id}")
    if row.undone_at is not None:
        raise ConflictError(f"import {import_id} was taken back at {row.undone_at:%Y-%m-%d %H:%M} UTC already")
    changes = connection.exec_driver_sql(
        "SELECT new_row, old_row FROM layers.import_change WHERE import_id = %s", (import_id,)
    ).fetchall()
    closed, again = take_back(connection, catalogue.layer(row.layer).table, [(new, old) for new, old in changes])
    # What stands again is the work of the import that brought it, which can then be taken back in its turn.
    connection.exec_driver_sql(
        "INSERT INTO layers.import_change (import_id, new_row) SELECT change.import_id, pair.fresh "
        "FROM unnest(%s::bigint[], %s::bigint[]) AS pair (old, fresh) "
        "JOIN layers.import_change AS change ON change.new_row = pair.old",
        (list(again), list(again.values())),
    )
    aside = Base.metadata.tables["layers.import_aside"]
    connection.execute(
        update(aside)
        .where((aside.c.import_id == import_id) & aside.c.settled_at.is_(None))
        .values(settled_at=func.clock_timestamp())
    )
    connection.execute(
        update(table).where(table.c.id == import_id).values(undone_at=func.clock_timestamp(), undone_by=caller.actor)
    )
    return closed


# -- inside ---------------------------------------------------------------------------------------------------------


def _reach(places: NDArray[np.float64]) -> tuple[LonLat, tuple[float, float, float, float]]:
    good = np.isfinite(places).all(axis=1) & (np.abs(places[:, 0]) <= 180) & (np.abs(places[:, 1]) <= 85)
    if not good.any():
        return LonLat(105.0, 35.0), (0.0, 0.0, 0.0, 0.0)
    # Without the one place in the sea that would stretch the ground over half the world.
    west, south = np.quantile(places[good], 0.02, axis=0)
    east, north = np.quantile(places[good], 0.98, axis=0)
    around = ROADS_AROUND_DEG
    return LonLat((west + east) / 2, (south + north) / 2), (
        west - around,
        south - around,
        east + around,
        north + around,
    )


def _content_key(path: Path, layer: str, wishes: Wishes) -> str:
    seal = hashlib.sha256(json.dumps([layer, dict(wishes.mapping), wishes.datum, sorted(wishes.accept)]).encode())
    seal.update(path.read_bytes())
    return seal.hexdigest()


def _row_key(trial: Trial, row: int) -> str:
    cells = "\x1f".join(trial.sheet.table.iloc[row].tolist())
    place = "" if trial.sheet.places is None else trial.sheet.places.iloc[row]
    return hashlib.sha256(f"{trial.layer}\x1e{cells}\x1e{place}".encode()).hexdigest()[:40]


def _unseen(connection: Connection, trial: Trial, caller: Caller) -> dict[str, int]:
    """Key -> row of bad rows that are not aside already; the same line twice in a file is one line aside."""
    table = Base.metadata.tables["layers.import_aside"]
    keys = {_row_key(trial, int(row)): int(row) for row in np.flatnonzero(trial.aside)[::-1]}
    seen = set(
        connection.execute(
            select(table.c.row_key).where(
                (table.c.mode == caller.mode) & (table.c.layer == trial.layer) & table.c.settled_at.is_(None)
            )
        ).scalars()
    )
    return {key: row for key, row in sorted(keys.items(), key=lambda pair: pair[1]) if key not in seen}


def _first_of(connection: Connection, trial: Trial, caller: Caller) -> UUID | None:
    table = Base.metadata.tables["layers.data_import"]
    found: UUID | None = connection.execute(
        select(table.c.id)
        .where((table.c.content_key == trial.content_key) & (table.c.mode == caller.mode) & table.c.undone_at.is_(None))
        .order_by(table.c.began_at)
        .limit(1)
    ).scalar_one_or_none()
    return found


def _keep_aside(
    connection: Connection, trial: Trial, fresh: Mapping[str, int], import_id: UUID, owner: str, caller: Caller
) -> None:
    if not fresh:
        return
    reasons: dict[int, list[dict[str, Any]]] = {}
    for one, told in zip(trial.findings.listed(), trial.told(), strict=True):
        reasons.setdefault(one.row, []).append({name: told[name] for name in ("rule", "column", "value", "facts")})
    rows = list(fresh.values())
    values = trial.parsed.values
    lon, lat = values["longitude"].to_numpy(float), values["latitude"].to_numpy(float)
    points = [
        place if np.isfinite([place.x, place.y]).all() and abs(place.x) <= 180 and abs(place.y) <= 90 else None
        for place in gpd.points_from_xy(np.nan_to_num(lon[rows], nan=1e6), lat[rows])
    ]
    frame = gpd.GeoDataFrame(
        {
            "import_id": str(import_id),
            "layer": trial.layer,
            "mode": caller.mode,
            "row_key": list(fresh),
            "row_number": [trial.number(row) for row in rows],
            "name": [said(values, "name", row) for row in rows],
            "division_code": [str(trial.examined.division_code[row]) for row in rows],
            "owner": [said(values, "source_system", row) or owner for row in rows],
            "rules": [sorted({one["rule"] for one in reasons[row]}) for row in rows],
            "reasons": [json.dumps(reasons[row], ensure_ascii=False) for row in rows],
            "raw": [dict(trial.sheet.table.iloc[row]) for row in rows],
        },
        geometry=gpd.GeoSeries(points, crs=GEOGRAPHIC),
    )
    copy_frame(connection, "layers.import_aside", frame)
