"""Where do people, facilities, teams, shelters and hazards come from? Files, then our layers, then the map file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from sqlalchemy import Connection

from gis.columns import FACILITIES, PEOPLE, SHELTERS, TEAMS, Columns
from gis.crs import Datum, LocalFrame, LonLat
from gis.errors import InputError, OneMapError
from gis.provenance import Mode, Provenance
from scenarios.ground import Ground

if TYPE_CHECKING:
    from layers.rows import Then
    from routing.network import Network

Bounds = tuple[float, float, float, float]
MARGIN_M = 5000.0
"""Data count as covering a place when there are rows within this distance of its zones."""
TEAMS_WITHIN_M = 40_000.0
SHELTERS_WITHIN_M = 15_000.0
RASTERS = frozenset({".tif", ".tiff"})
COUNT_NAMES = ("people", "population", "value", "count", "人口", "人数")
TEAM_OF_FACILITY = {"fire_station": "fire"}
TARGETS = ("school", "kindergarten", "college", "hospital", "clinic", "nursing_home", "market")


@dataclass(frozen=True, slots=True)
class Files:
    """
    Files given by hand; they go before everything else.

    ``people`` may be a count raster (GeoTIFF) or cells and points with the columns day and night, or one count.
    ``datum`` says what the degrees of CSV and GeoJSON mean.
    """

    people: Path | None = None
    facilities: Path | None = None
    teams: Path | None = None
    shelters: Path | None = None
    datum: Datum = "wgs84"


def gather(
    bounds: Bounds,
    scene: LonLat,
    *,
    network: "Network | None" = None,
    network_folder: Path | None = None,
    connection: Connection | None = None,
    files: Files | None = None,
    mode: Mode = "live",
    then: "Then | None" = None,
) -> Ground:
    """
    Collect what is known about a place.

    Parameters
    ----------
    bounds
        West, south, east, north of the zones and their envelope.
    network_folder
        Folder of `network`; facilities found in the same map file lie there.
    connection
        Transaction on the layers, or None to do without.
    then
        The moment whose layers count; None = now.

    Raises
    ------
    InputError
        Every fault of the files given.
    """
    near = widened(bounds, MARGIN_M)
    given, faults = files or Files(), list[str]()
    found: dict[str, tuple[gpd.GeoDataFrame, Provenance]] = {}
    readers: Mapping[str, Callable[[Path], gpd.GeoDataFrame]] = {
        "people": lambda path: _people_file(path, near, given.datum),
        "facilities": lambda path: _placed_file(path, given.datum, FACILITIES, {"people": np.nan, "kind": "facility"}),
        "teams": lambda path: _placed_file(path, given.datum, TEAMS, {"kind": "team"}),
        "shelters": lambda path: _placed_file(path, given.datum, SHELTERS, {}),
    }
    for part, reader in readers.items():
        path: Path | None = getattr(given, part)
        if path is None:
            continue
        try:
            found[part] = (reader(path), Provenance(source=f"file:{path.name}", mode=mode))
        except OneMapError as error:
            faults.extend(error.faults if isinstance(error, InputError) else (str(error),))
    if faults:
        raise InputError(faults)
    if connection is not None:
        _add_layers(found, connection, near, scene, mode, then)
    if network_folder is not None:
        _add_map_file(found, network_folder, near)
    provenance = {part: origin for part, (_, origin) in found.items()}
    if network is not None:
        provenance["network"] = network.provenance
    frames = {part: frame for part, (frame, _) in found.items()}
    return Ground(**frames, network=network, provenance=provenance, mode=mode)


def widened(bounds: Bounds, margin_m: float) -> Bounds:
    """Bounds with `margin_m` added on every side."""
    west, south, east, north = bounds
    frame = LocalFrame(LonLat((west + east) / 2, (south + north) / 2))
    x, y = frame.to_metres([west, east], [south, north])
    lon, lat = frame.to_degrees([x[0] - margin_m, x[1] + margin_m], [y[0] - margin_m, y[1] + margin_m])
    return float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])


# -- files given by hand -------------------------------------------------------------------------------------------


def _people_file(path: Path, near: Bounds, datum: Datum) -> gpd.GeoDataFrame:
    if path.suffix.lower() in RASTERS:
        from gis import raster

        cells = raster.read(path, near).cells()
        frame = cells.rename(columns={"value": "night"}).assign(day=cells["value"])
        return frame[["day", "night", "geometry"]]
    from gis import files

    frame = files.read(path, datum=_needed(path, datum))
    if not {"day", "night"} <= set(frame.columns):
        column = next((name for name in COUNT_NAMES if name in frame.columns), None)
        if column is None:
            raise InputError(f"{path.name}: no columns day and night, nor one count among {', '.join(COUNT_NAMES)}")
        frame = frame.assign(day=frame[column], night=frame[column])
    return _numbers(PEOPLE.check(frame), ("day", "night"), path)


def _placed_file(path: Path, datum: Datum, columns: Columns, assumed: Mapping[str, object]) -> gpd.GeoDataFrame:
    from gis import files

    frame = files.read(path, datum=_needed(path, datum))
    missing = {name: value for name, value in assumed.items() if name not in frame.columns}
    if "id" not in frame.columns:
        missing["id"] = [str(number) for number in range(1, len(frame) + 1)]
    if "name" not in frame.columns:
        missing["name"] = frame["id"].astype(str) if "id" in frame.columns else missing["id"]
    frame = frame.assign(**missing)
    frame = frame.assign(id=frame["id"].astype(str), name=frame["name"].astype(str))
    if not frame.geometry.geom_type.eq("Point").all():
        frame = frame.set_geometry(frame.geometry.representative_point())
    counts = tuple(name for name in ("people", "capacity", "occupancy") if name in frame.columns)
    frame = _numbers(frame, counts, path)
    if "capacity" in frame.columns:
        frame = frame.assign(capacity=frame["capacity"].fillna(0).astype(np.int64))
    return columns.check(frame)


def _needed(path: Path, datum: Datum) -> Datum | None:
    """Datum only for the formats that do not say their own."""
    return datum if path.suffix.lower() in {".csv", ".geojson", ".json"} else None


def _numbers(frame: gpd.GeoDataFrame, columns: tuple[str, ...], path: Path) -> gpd.GeoDataFrame:
    """Frame with plain float columns; negative counts are refused."""
    plain = frame.assign(**{name: frame[name].astype("Float64").to_numpy(float, na_value=np.nan) for name in columns})
    faults = [f"{path.name}: column '{name}' has negative counts" for name in columns if (plain[name] < 0).any()]
    if faults:
        raise InputError(faults)
    return plain


# -- our layers, and what the map file holds -----------------------------------------------------------------------


def _add_layers(
    found: dict[str, tuple[gpd.GeoDataFrame, Provenance]],
    connection: Connection,
    near: Bounds,
    scene: LonLat,
    mode: Mode,
    then: "Then | None",
) -> None:
    """Rows of the layers near the place, for every part no file was given for."""
    from layers import store

    here = (*scene, *scene)
    askers: Mapping[str, tuple[str, Callable[..., gpd.GeoDataFrame], Bounds]] = {
        "people": ("population_cell", store.people, near),
        "facilities": ("protection_target", store.facilities, near),
        "teams": ("rescue_team", store.teams, widened(here, TEAMS_WITHIN_M)),
        "shelters": ("shelter", store.shelters, widened(here, SHELTERS_WITHIN_M)),
        "hazard_sources": ("hazard_source", store.hazard_sources, near),
    }
    for part, (layer, ask, bounds) in askers.items():
        if part in found:
            continue
        frame = ask(connection, bounds, then)
        # Rows of a drill city are not the ground of a real incident, nor the other way round.
        if len(frame) and (origin := store.provenance(connection, layer)).mode == mode:
            found[part] = (frame, origin)


def _add_map_file(found: dict[str, tuple[gpd.GeoDataFrame, Provenance]], folder: Path, near: Bounds) -> None:
    """Schools, hospitals and fire stations of the map file the network was built from, where nothing else is known."""
    path = folder / "facilities.parquet"
    if not path.exists() or {"facilities", "teams"} <= set(found):
        return
    west, south, east, north = near
    places = gpd.read_parquet(path)
    origin = Provenance(source="openstreetmap", notes=("odbl", "people_unknown"))
    if "facilities" not in found:
        targets = places[places["kind"].isin(TARGETS)].cx[west:east, south:north]
        if len(targets):
            found["facilities"] = (FACILITIES.check(targets.reset_index(drop=True)), origin)
    if "teams" not in found:
        stations = places[places["kind"].isin(list(TEAM_OF_FACILITY))]
        if len(stations):
            crews = stations.assign(kind=stations["kind"].map(TEAM_OF_FACILITY)).reset_index(drop=True)
            found["teams"] = (TEAMS.check(crews), Provenance(source="openstreetmap", notes=("odbl",)))
