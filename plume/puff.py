"""
Where is the gas at this moment when rate and wind change? Gaussian puffs from any number of sources on a map grid.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError
from plume.gaussian import Spread, vertical_factor
from plume.source.series import SourceTerm
from plume.weather import Weather

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]

PUFF_S = 10.0
LEAST_SPEED_M_S = 0.1
NEAREST_M, FARTHEST_M, NODES = 0.1, 300_000.0, 3000


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells: centre of the south-west cell (metres east and north), size of a cell, columns and rows."""

    east_m: float
    north_m: float
    cell_m: float
    columns: int
    rows: int

    @property
    def east(self) -> FloatArray:
        """Centres of the columns, m."""
        return np.asarray(self.east_m + self.cell_m * np.arange(self.columns), float)

    @property
    def north(self) -> FloatArray:
        """Centres of the rows, m."""
        return np.asarray(self.north_m + self.cell_m * np.arange(self.rows), float)


@dataclass(frozen=True, slots=True, eq=False)
class PuffSource:
    """One source: metres east and north of the grid's origin, what it releases, how its puffs grow, its height."""

    east_m: float
    north_m: float
    height_m: float
    term: SourceTerm
    spread: Spread


@dataclass(frozen=True, slots=True, eq=False)
class WindRun:
    """
    Distance the air has been carried since the release began: what a puff's path is the difference of.

    Attributes
    ----------
    time_s, east_m, north_m, run_m
        Shape ``(n,)``; straight between the times, the last wind holds on.
    """

    time_s: FloatArray
    east_m: FloatArray
    north_m: FloatArray
    run_m: FloatArray

    def at(self, time_s: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
        """East, north and length of the run at these times, m."""
        time = np.asarray(time_s, float)
        return (
            np.interp(time, self.time_s, self.east_m),
            np.interp(time, self.time_s, self.north_m),
            np.interp(time, self.time_s, self.run_m),
        )


def wind_steps(weather: Weather) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Beginning (s), speed at the weather's wind height (m/s) and heading (radians) of every wind of a weather.

    Raises
    ------
    InputError
        The series begins after the release.
    """
    samples = weather.series
    if not samples:
        return np.zeros(1), np.array([weather.wind_speed_m_s]), np.radians([weather.wind_from_deg + 180.0])
    if samples[0].time_s > 0:
        raise InputError(
            f"weather.series: the first row is at {samples[0].time_s:g} s; it must begin with the release, at 0"
        )
    return (
        np.array([sample.time_s for sample in samples]),
        np.array([max(sample.speed_m_s, LEAST_SPEED_M_S) for sample in samples]),
        np.radians([sample.from_deg + 180.0 for sample in samples]),
    )


def wind_run(weather: Weather, release_height_m: float, until_s: float) -> WindRun:
    """
    Cumulative run of the transport wind of a steady or changing weather.

    Raises
    ------
    InputError
        The series begins after the release.
    """
    times, speed, towards = wind_steps(weather)
    speed = speed * weather.transport_speed_m_s(release_height_m) / weather.wind_speed_m_s
    edges = np.append(times, max(until_s, times[-1]) + 1.0)
    step = np.diff(edges)

    def total(rate: FloatArray) -> FloatArray:
        return np.concatenate(([0.0], np.cumsum(rate * step)))

    return WindRun(edges, total(speed * np.sin(towards)), total(speed * np.cos(towards)), total(speed))


def frames(
    sources: Sequence[PuffSource],
    weather: Weather,
    grid: Grid,
    times_s: ArrayLike,
    *,
    puff_s: float = PUFF_S,
    height_m: float = 0.0,
) -> Float32Array:
    """
    Concentration on a grid at several moments.

    Every source sends one puff each `puff_s`, carried by differences of the cumulative wind run. While a puff is
    smaller than
    the piece of wind it fills it is summed as a slug with the width of its own distance (so a steady release gives
    the steady
    plume, without gaps near the source), later as an elliptic puff; neighbours of one rate are joined when small
    against their
    width.

    Returns
    -------
    concentration_kg_m3
        Shape ``(n_times, rows, columns)``, single precision.

    Raises
    ------
    InputError
        A grid without cells, or a cell or puff interval not above 0.
    """
    from plume import puff_kernel  # compiled code: loaded only when frames are asked for

    if grid.columns < 1 or grid.rows < 1 or not grid.cell_m > 0 or not puff_s > 0:
        raise InputError("frames: give a grid of at least one cell, and a cell size and puff interval above 0")
    times = np.atleast_1d(np.asarray(times_s, float))
    result = np.zeros((times.size, grid.rows, grid.columns), np.float32)
    per_log = (NODES - 1) / math.log(FARTHEST_M / NEAREST_M)
    distance = np.geomspace(NEAREST_M, FARTHEST_M, NODES)
    for source in sources:
        run = wind_run(weather, source.height_m, float(times.max()))
        upright = vertical_factor(height_m, source.height_m, source.spread.z(distance), weather.mixing_height_m)
        table = np.ascontiguousarray(np.stack([source.spread.y(distance), source.spread.x(distance), upright]))
        starts, ends, masses = puffs_of(source.term, puff_s)
        for index, time in enumerate(times):
            born = starts < time
            begin, end = starts[born], np.minimum(ends[born], time)
            share = (end - begin) / (ends[born] - begin)
            here = run.at(time)
            head, tail = run.at(begin), run.at(end)
            heads = np.column_stack((source.east_m + here[0] - head[0], source.north_m + here[1] - head[1]))
            tails = np.column_stack((source.east_m + here[0] - tail[0], source.north_m + here[1] - tail[1]))
            runs = np.column_stack((here[2] - tail[2], here[2] - head[2]))
            amounts = masses[born] * share
            count = puff_kernel.merged(heads, tails, runs, amounts, table, NEAREST_M, per_log)
            puff_kernel.add_puffs(
                result[index],
                grid.east_m,
                grid.north_m,
                grid.cell_m,
                heads,
                tails,
                runs,
                amounts,
                count,
                table,
                NEAREST_M,
                per_log,
            )
    return result


def puffs_of(term: SourceTerm, puff_s: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Start, end and mass of every puff of a term; together they hold the term's mass.

    Never longer than 10 s each: what a longer interval would save is saved by joining puffs once they have grown.
    """
    if term.instantaneous:
        return np.zeros(1), np.full(1, 1e-3), np.array([term.total_mass_kg])
    puff_s = min(puff_s, PUFF_S)
    first = float(term.time_s[0])
    count = max(1, math.ceil((term.end_s - first) / puff_s - 1e-9))
    edges = np.minimum(first + puff_s * np.arange(count + 1), term.end_s)
    masses = np.diff(term.released_kg(edges))
    return edges[:-1], edges[1:], masses
