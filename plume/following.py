"""
Where is a cloud while the wind turns, and what does it bring to a place? Its centreline bent along the wind series.

A cloud is computed once, in the first wind, and then cut into slices. A slice keeps the way it has made: it leaves the
source in the wind of that moment and afterwards goes wherever the wind of the series takes it, as fast as the cloud
itself goes at that distance, times the wind's speed over the first one's. Its width and depth are those of the distance
travelled; what it holds is shared out over the wind it left in (mass per metre). So do the puff models with a neutral
plume (path as the difference of cumulative wind runs), and so does DEGADIS send observers along a heavy cloud at the
cloud's own speed; but DEGADIS keeps one wind for all of them: bending a heavy cloud is an approximation of ours, its
slumping and entrainment stay those of the first wind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plume.puff import Grid, wind_steps
from plume.weather import Weather

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]

NODES = 240
NEAREST_M = 1.0
LONG_S = 1e8
EARLY_MOMENTS, LATE_MOMENTS = 240, 60
"""A passing puff is about a tenth as long as its way: moments 4 % apart miss its peak by a few per cent at most."""
FAR_TIMES = 3.0
"""Receptors are followed until slices that made this many times their distance have passed: a bent way is longer."""
HALF = 0.5


class Strand(Protocol):
    """A cloud, or one step of it, that can be bent; x along its way, m."""

    @property
    def source_m(self) -> float:
        """Radius of what lies over the source and does not travel, m."""

    @property
    def start_m(self) -> float:
        """Where it begins, m."""

    def outline_at(self, downwind_m: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Half-width of the even core and scale of the edge exp(-((|y| - core)/edge)^2), m."""

    def travel_s(self, downwind_m: ArrayLike) -> FloatArray:
        """Time a slice needs to get there in the first wind, s; 0 over the source."""

    def concentration_at(
        self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike, time_s: ArrayLike
    ) -> FloatArray:
        """Concentration at a moment, kg/m3."""

    def departure_s(self, downwind_m: ArrayLike) -> FloatArray:
        """When the rear has passed, s."""


@dataclass(frozen=True, slots=True, eq=False)
class Slices:
    """The slices of one strand at one moment: nodes ``(n, 2)`` east and north of the source, m, and what they hold."""

    nodes: FloatArray
    value_kg_m3: FloatArray
    core_m: FloatArray
    edge_m: FloatArray


class Course:
    """The wind of a series: its run in seconds of the first wind, and back."""

    def __init__(self, weather: Weather) -> None:
        times, speed, towards = wind_steps(weather)
        self.edges_s = np.concatenate(([-LONG_S], times[1:], [LONG_S]))
        self.ratio = speed / weather.wind_speed_m_s
        self.direction = np.column_stack((np.sin(towards), np.cos(towards)))
        run = np.concatenate(([0.0], np.cumsum(np.diff(self.edges_s) * self.ratio)))
        self.run_s = run - LONG_S * self.ratio[0]

    def run_at(self, time_s: FloatArray | float) -> FloatArray:
        """Run of the wind since the release began, s of the first wind."""
        return np.asarray(np.interp(time_s, self.edges_s, self.run_s))

    def time_of(self, run_s: FloatArray | float) -> FloatArray:
        """When the wind had run so far, s."""
        return np.asarray(np.interp(run_s, self.run_s, self.edges_s))

    def step_at(self, time_s: FloatArray) -> NDArray[np.intp]:
        """Which wind of the series blows."""
        return np.clip(np.searchsorted(self.edges_s, time_s, side="right") - 1, 0, self.ratio.size - 1)


def slices(strand: Strand, course: Course, time_s: float, height_m: float, far_m: float) -> Slices:
    """
    The slices of a strand as they lie at a moment, out to `far_m` of their way.

    Returns
    -------
    slices
        Nodes from the upwind rim of the source outwards; 0 kg/m3 where nothing has come yet or all has passed.
    """
    over = np.linspace(strand.start_m, strand.source_m, 20)[:-1] if strand.source_m > 0 else np.zeros(1)
    x = np.concatenate((over, strand.source_m + np.geomspace(NEAREST_M, far_m, NODES)))
    travel = strand.travel_s(x)
    now = float(course.run_at(time_s))
    left_s = course.time_of(now - travel)
    # What has been travelled in each wind of the series, in metres of the cloud's own way.
    since = course.run_s[None, :] - (now - travel)[:, None]
    made = np.interp(np.clip(since, 0.0, travel[:, None]), travel, np.maximum(x, strand.source_m))
    nodes = np.diff(made, axis=1) @ course.direction
    first = course.direction[course.step_at(left_s)]
    nodes = nodes + np.minimum(x, strand.source_m)[:, None] * first
    value = np.asarray(strand.concentration_at(x, 0.0, height_m, left_s + travel), float)
    travelled = x > strand.source_m
    value = np.where(travelled, value / course.ratio[course.step_at(left_s)], value)
    core, edge = strand.outline_at(x)
    return Slices(np.ascontiguousarray(nodes), value, np.ascontiguousarray(core), np.ascontiguousarray(edge))


def on_grid(
    strands: tuple[Strand, ...], weather: Weather, grid: Grid, times_s: FloatArray, height_m: float
) -> Float32Array:
    """Concentration on a grid at several moments, kg/m3, shape ``(n_times, rows, columns)``, single precision."""
    from plume import following_kernel  # compiled code: loaded only when a wind turns

    course = Course(weather)
    corners = np.hypot(np.abs(grid.east).max(), np.abs(grid.north).max())
    result = np.zeros((times_s.size, grid.rows, grid.columns), np.float32)
    for index, time in enumerate(times_s):
        for strand in strands:
            at = slices(strand, course, float(time), height_m, FAR_TIMES * float(corners))
            following_kernel.add_to_grid(
                result[index],
                grid.east_m,
                grid.north_m,
                grid.cell_m,
                at.nodes,
                at.value_kg_m3,
                at.core_m,
                at.edge_m,
            )
    return result


def at_places(
    strands: tuple[Strand, ...], weather: Weather, east_m: ArrayLike, north_m: ArrayLike, height_m: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """
    Concentration at places while the cloud passes.

    Parameters
    ----------
    east_m, north_m, height_m
        Metres from the source and above ground, arrays of one shape ``(n,)``.

    Returns
    -------
    time_s, concentration_kg_m3
        Shapes ``(moments,)`` and ``(moments, n)``.
    """
    from plume import following_kernel  # compiled code: loaded only when a wind turns

    course = Course(weather)
    places = np.ascontiguousarray(np.column_stack((np.ravel(east_m), np.ravel(north_m))).astype(float))
    heights = np.broadcast_to(np.asarray(height_m, float), np.shape(east_m)).ravel()
    far = max(FAR_TIMES * float(np.hypot(places[:, 0], places[:, 1]).max(initial=0.0)), 10 * NEAREST_M)
    end = max(float(course.time_of(strand.departure_s(np.array([far]))[0])) for strand in strands)
    times = moments(end)
    found = np.zeros((times.size, places.shape[0]))
    for height in np.unique(heights):
        here = np.flatnonzero(heights == height)
        part, row = np.ascontiguousarray(places[here]), np.zeros(here.size)
        for index, time in enumerate(times):
            row[:] = 0.0
            for strand in strands:
                at = slices(strand, course, float(time), float(height), far)
                following_kernel.add_to_places(row, part, at.nodes, at.value_kg_m3, at.core_m, at.edge_m)
            found[index, here] = row
    return times, found


def moments(end_s: float) -> FloatArray:
    """Moments close together at first, when things go fast near the source, and even later, s."""
    early = np.geomspace(1.0, max(end_s, 2.0), EARLY_MOMENTS)
    return np.unique(np.concatenate(([0.0], early, np.linspace(0.0, end_s, LATE_MOMENTS)[1:])))


def passages(time_s: FloatArray, value: FloatArray) -> Iterator[tuple[float, float, float]]:
    """Peak, arrival and departure of every column: first and last moment with half of the place's peak; nan, nan."""
    for column in value.T:
        peak = float(column.max(initial=0.0))
        there = np.flatnonzero(column >= HALF * peak) if peak > 0 else np.empty(0, int)
        yield (peak, float(time_s[there[0]]), float(time_s[there[-1]])) if there.size else (0.0, np.nan, np.nan)
