"""How does the cloud look on the map from minute to minute? Frames of a case on a grid."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import netcdf_file

from gis.crs import LocalFrame, LonLat
from plume import following, puff, zones
from plume.case import Case
from plume.clouds import ModelChoice
from plume.gaussian import GaussianPlume
from plume.puff import Grid, PuffSource
from plume.setting import PURE_PPM, Setting, choose, prepare
from plume.similarity import SimilarityPlume
from plume.zones import Cloud

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]

COUNT = 60
CELLS = 500
FARTHEST_M = 40_000.0
LEAST_EXTENT_M = 400.0
MARGIN = 1.15
AXIS_NODES = 3000
ROWS_AT_ONCE = 50


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """
    Concentration at breathing height on a grid around the source.

    Attributes
    ----------
    source
        The place the grid's metres count from.
    grid
        Cells, metres east and north of the source.
    times_s
        Seconds after the release began, shape ``(n,)``.
    concentration_mg_m3
        Shape ``(n, rows, columns)``, single precision.
    model, substance, notes
        What computed it and of what.
    """

    source: LonLat
    grid: Grid
    times_s: FloatArray
    concentration_mg_m3: Float32Array
    model: str
    substance: str
    notes: tuple[str, ...]

    def degrees(self) -> tuple[FloatArray, FloatArray]:
        """Longitude and latitude of the cell centres, each ``(rows, columns)``."""
        east, north = np.meshgrid(self.grid.east, self.grid.north)
        return LocalFrame(self.source).to_degrees(east, north)


def frames_of(case: Case, *, count: int = COUNT, cells: int = CELLS, model: ModelChoice = "auto") -> Frames:
    """
    Frames of a case from the release until the cloud has left the grid.

    Neutral clouds are summed from puffs, which follow a changing wind and rate; a heavy cloud is taken from its own
    model, its centreline bent along the wind series (``plume.following``). The grid holds the zone of the lowest level
    (at most 40 km).
    """
    setting = prepare(case)
    chosen = choose(setting, model)
    reach = reach_of(setting, chosen.cloud)
    times = _times(chosen.cloud, reach, count)
    grid = grid_of(setting, reach, float(times[-1]), cells)
    notes = [*setting.notes, *chosen.notes]
    if isinstance(chosen.cloud, GaussianPlume) and not isinstance(chosen.cloud, SimilarityPlume):
        plume = chosen.cloud
        source = PuffSource(0.0, 0.0, plume.release_height_m, plume.term, plume.spread)
        field = puff.frames([source], setting.weather, grid, times, height_m=case.output.height_m)
    elif setting.weather.series:
        field = following.on_grid(chosen.cloud.parts(), setting.weather, grid, times, case.output.height_m)
    else:
        field = _from_cloud(setting, chosen.cloud, grid, times)
    pure = PURE_PPM / setting.weather.ppm_per_kg_m3(setting.release.substance.molar_mass_kg_mol)
    np.minimum(field, np.float32(pure), out=field)
    field *= np.float32(1e6)
    return Frames(case.incident.place, grid, times, field, chosen.model, setting.release.substance.key, tuple(notes))


def reach_of(setting: Setting, cloud: Cloud) -> float:
    """How far from the source the picture must go: the reach of the lowest level with a margin, at most 40 km, m."""
    lowest = min(setting.thresholds_kg_m3())
    reach = zones.outlines(cloud, [lowest])[0].reach_m if math.isfinite(lowest) else 0.0
    return min(max(reach * MARGIN, LEAST_EXTENT_M), FARTHEST_M)


def _times(cloud: Cloud, reach: float, count: int) -> FloatArray:
    end = float(cloud.departure_s(np.array([reach]))[0])
    return np.asarray(np.linspace(end / count, end, count), float)


def grid_of(setting: Setting, reach: float, end_s: float, cells: int) -> Grid:
    """A square that holds the way of the cloud, with room to its sides."""
    run = puff.wind_run(setting.weather, setting.release.height_m, end_s)
    moments = np.linspace(0.0, end_s, 200)
    east, north, length = run.at(moments)
    first = int(np.searchsorted(length, reach)) + 1
    ends_e = [east[min(first, 199)], *(east[-1] - east)] if setting.weather.series else [0.0, east[min(first, 199)]]
    ends_n = [north[min(first, 199)], *(north[-1] - north)] if setting.weather.series else [0.0, north[min(first, 199)]]
    box_e = np.clip([min(0.0, *ends_e), max(0.0, *ends_e)], -reach, reach)
    box_n = np.clip([min(0.0, *ends_n), max(0.0, *ends_n)], -reach, reach)
    side = float(max(np.ptp(box_e), np.ptp(box_n), 0.3 * reach)) * MARGIN
    cell = side / cells
    west = float(box_e.mean()) - 0.5 * side + 0.5 * cell
    south = float(box_n.mean()) - 0.5 * side + 0.5 * cell
    return Grid(west, south, cell, cells, cells)


def _from_cloud(setting: Setting, cloud: Cloud, grid: Grid, times: FloatArray) -> Float32Array:
    """Frames of a cloud that knows its own course: a few rows at a time, so that memory stays small."""
    result = np.zeros((times.size, grid.rows, grid.columns), np.float32)
    towards = math.radians(setting.weather.wind_from_deg + 180.0)
    east, height = grid.east, setting.case.output.height_m
    # What is present of the passage's peak depends on the distance alone: one line of nodes serves every cell.
    far = math.hypot(np.abs(grid.east).max(), np.abs(grid.north).max())
    nodes = np.concatenate((np.linspace(min(cloud.start_m, 0.0), 0.0, 50)[:-1], np.geomspace(0.1, far, AXIS_NODES)))
    on_axis = cloud.concentration(nodes, 0.0, height)
    present = [cloud.concentration_at(nodes, 0.0, height, float(time)) for time in times]
    shares = [np.divide(now, on_axis, out=np.zeros(nodes.size), where=on_axis > 0) for now in present]
    for begin in range(0, grid.rows, ROWS_AT_ONCE):
        rows = slice(begin, begin + ROWS_AT_ONCE)
        e, n = np.meshgrid(east, grid.north[rows])
        along, across = e * math.sin(towards) + n * math.cos(towards), -e * math.cos(towards) + n * math.sin(towards)
        near = cloud.half_width(along, 1e-9, height) > 0
        if not near.any():
            continue
        x, target = along[near], np.flatnonzero(near)
        peak = cloud.concentration(x, across[near], height)
        for index, share in enumerate(shares):
            field = result[index, rows].reshape(-1)
            field[target] = peak * np.interp(x, nodes, share)
    return result


def write_netcdf(frames: Frames, path: Path) -> None:
    """Write frames as NetCDF 3 (64-bit offsets) with CF names: time, y, x, latitude, longitude, concentration."""
    longitude, latitude = frames.degrees()
    with netcdf_file(path, "w", version=2) as file:
        file.title = "Gas concentration forecast"
        file.Conventions = "CF-1.8"
        file.model, file.substance, file.notes = frames.model, frames.substance, " ".join(frames.notes)
        file.source_longitude, file.source_latitude = frames.source.longitude, frames.source.latitude
        for name, size in (("time", frames.times_s.size), ("y", frames.grid.rows), ("x", frames.grid.columns)):
            file.createDimension(name, size)
        columns = (
            ("time", frames.times_s, ("time",), "s", "seconds after the release began"),
            ("y", frames.grid.north, ("y",), "m", "metres north of the source"),
            ("x", frames.grid.east, ("x",), "m", "metres east of the source"),
            ("latitude", latitude, ("y", "x"), "degrees_north", "latitude, CGCS2000"),
            ("longitude", longitude, ("y", "x"), "degrees_east", "longitude, CGCS2000"),
            (
                "concentration",
                frames.concentration_mg_m3,
                ("time", "y", "x"),
                "mg m-3",
                "concentration at output height",
            ),
        )
        for name, values, dimensions, unit, title in columns:
            kind = "f4" if name == "concentration" else "f8"
            variable = file.createVariable(name, kind, dimensions)
            variable.units, variable.long_name = unit, title
            variable[:] = values
