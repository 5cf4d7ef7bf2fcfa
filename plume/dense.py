"""
What does a heavy gas bring to this place? A DEGADIS-type integral model behind the same face as the neutral plume.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf

from plume import dense_layer as layer
from plume import dense_source as over
from plume import mixing, sigma, similarity, wind
from plume.mixing import MixingLine
from plume.release import Release
from plume.source.series import SourceTerm
from plume.stability import StabilityClass, obukhov_of
from plume.weather import CALM_M_S, Weather

FloatArray = NDArray[np.float64]

KARMAN_DEGADIS = 0.35
"""The closure's own constant, used throughout when u* follows from a class; a measured u* comes with 0.4."""
KARMAN_MEASURED = 0.4
ROUGHEST_M = 0.10
"""The slumping layer feels no more than this (ALOHA's cap)."""
INSTANT_S = 60.0
"""ALOHA releases an instantaneous mass over one minute."""
POINT_RADIUS_M = 0.2
"""Where a source names no size: the blanket finds its own."""
FIT_LOWEST_M = 0.01
STEPS = 5
FARTHEST_M = 60_000.0
FAINTEST = 1e-9
"""The march ends at this concentration, kg/m3, far below any level."""
WARM_K = 1.0
THINNEST_M = 1e-6

# Upper-air constants by class: shortest averaging s, delta_y at 600 s (DEGADIS, plume.md 4.1).
_DELTA_Y = {
    "A": (18.4, 0.423),
    "B": (18.4, 0.313),
    "C": (18.4, 0.210),
    "D": (18.3, 0.136),
    "E": (11.4, 0.102),
    "F": (4.6, 0.0674),
}
_BASE_S = 600.0


@dataclass(frozen=True, slots=True, eq=False)
class DenseRun:
    """One steady step carried downwind: the rows of `dense_layer.march` and what they started from."""

    rows: FloatArray
    radius_m: float
    blanket_kg_m3: float
    duration_s: float
    take_up_kg_s: float
    delay_s: float
    blanket_height_m: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class DenseCloud:
    """
    A heavy cloud in its own coordinates: x downwind of the source's centre, y across, z up.

    Attributes
    ----------
    runs
        One per step of the release (at most five); each holds for as long as the release runs at its rate or above.
    alpha
        Exponent of the wind's power law.
    stability
        Class, for the spread along the wind.
    mixing
        The mixing line, for mole fractions within the cold cloud.
    start_s
        When the release begins.

    Notes
    -----
    Over the blanket the gas is well mixed up to the blanket's own height, as DEGADIS has it; above that, and beyond
    its edge, it thins upwards as exp(-(z/Sz)^(1 + alpha)), Sz growing along the fetch. A blanket of light wind may be
    a hand's breadth deep on flat ground: ALOHA therefore tells of a heavy gas what there is at the ground, and so
    should whoever asks for people.
    """

    runs: tuple[DenseRun, ...]
    alpha: float
    stability: StabilityClass
    mixing: MixingLine
    start_s: float

    @property
    def start_m(self) -> float:
        """Upwind edge of the blanket, m."""
        return -max(run.radius_m for run in self.runs)

    @property
    def source_m(self) -> float:
        """Radius of the blanket, m."""
        return max(run.radius_m for run in self.runs)

    def parts(self) -> tuple["DenseCloud", ...]:
        """Every step as a cloud of its own: each travels at its own speed."""
        return tuple(replace(self, runs=(run,)) for run in self.runs)

    def outline_at(self, downwind_m: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Half-width of the core and scale of the edge of a single step, m."""
        _, core, edge, _ = self._profile(self.runs[0], np.asarray(downwind_m, float))
        return core, edge

    def travel_s(self, downwind_m: ArrayLike) -> FloatArray:
        """Time a slice of a single step needs to get there, s."""
        return self._travel_s(self.runs[0], np.asarray(downwind_m, float))

    def concentration(self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
        """Largest concentration in time, kg/m3; arrays that broadcast together."""
        x, y, z = (np.asarray(value, float) for value in (downwind_m, crosswind_m, height_m))
        best = np.zeros(np.broadcast_shapes(x.shape, y.shape, z.shape))
        for run in self.runs:
            axis, core, edge, depth = self._profile(run, x)
            beyond = np.maximum(np.abs(y) - core, 0.0) / edge
            with np.errstate(under="ignore"):
                value = axis * np.exp(-(beyond**2)) * self._vertical(run, x, z, depth)
            best = np.maximum(best, np.where(x >= -run.radius_m, value, 0.0))
        return best

    def half_width(self, downwind_m: ArrayLike, threshold_kg_m3: ArrayLike, height_m: float = 0.0) -> FloatArray:
        """Half-width above a threshold, b + Sy sqrt(ln(c/L)), m; 0 where the axis stays below."""
        x = np.asarray(downwind_m, float)
        best = np.zeros(x.shape)
        for run in self.runs:
            axis, core, edge, depth = self._profile(run, x)
            ratio = axis * self._vertical(run, x, height_m, depth) / np.asarray(threshold_kg_m3, float)
            width = core + edge * np.sqrt(np.log(np.maximum(ratio, 1.0)))
            best = np.maximum(best, np.where((ratio > 1) & (x >= -run.radius_m), np.maximum(width, 1e-6), 0.0))
        return best

    def _profile(self, run: DenseRun, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Axis concentration at the passage's peak, core half-width, edge scale and depth at `x`."""
        rows = run.rows
        position = np.log(np.maximum(x, rows[0, layer.X]))
        stations = np.log(rows[:, layer.X])
        axis = np.exp(np.interp(position, stations, np.log(rows[:, layer.CENTRE])))
        core = np.interp(position, stations, rows[:, layer.CORE])
        edge = np.interp(position, stations, rows[:, layer.EDGE])
        depth = np.interp(position, stations, rows[:, layer.DEPTH])
        speed = np.interp(position, stations, rows[:, layer.SPEED])
        axis = axis * erf(speed * run.duration_s / (2 * math.sqrt(2) * self._sigma_x(x)))
        # Over the blanket: its own outline upwind of the centre, and from there straight to the width it leaves with.
        share = np.clip(x / run.radius_m, -1.0, 1.0)
        round_part = run.radius_m * np.sqrt(np.maximum(1 - share**2, 0.0))
        over = np.where(x < 0, round_part, run.radius_m + (core[()] - run.radius_m) * np.maximum(share, 0.0))
        core = np.where(x < run.radius_m, over, core)
        axis = np.where(x < run.radius_m, run.blanket_kg_m3, axis)
        # The layer the wind lifts off grows along its fetch: q* L = c u H, so Sz^(1 + alpha) ~ L (DEGADIS, its SZ).
        fetch = np.clip(0.5 * (1 + x / run.radius_m), 0.0, 1.0)
        depth = depth * fetch ** (1 / (1 + self.alpha))
        edge, depth = np.maximum(edge, 1e-6), np.maximum(depth, THINNEST_M)
        return np.asarray(axis, float), np.asarray(core), np.asarray(edge), np.asarray(depth)

    def _vertical(self, run: DenseRun, x: FloatArray, z: ArrayLike, depth: FloatArray) -> FloatArray:
        """Share of the ground value at height `z`."""
        above = np.maximum(np.asarray(z, float) - np.where(x < run.radius_m, run.blanket_height_m, 0.0), 0.0)
        with np.errstate(under="ignore"):
            return np.asarray(np.exp(-((above / depth) ** (1 + self.alpha))), float)

    def mole_fraction(self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
        """
        Largest share of the substance by moles, 0..1: what a sensor reads in a cloud still colder than the air.

        The heat the cloud took from the ground is shared out with the gas: T = T_mixed(w) + (T_axis - T_mixed(w_axis))
        w/w_axis.
        """
        x = np.asarray(downwind_m, float)
        value = self.concentration(x, crosswind_m, height_m)
        best = np.zeros(value.shape)
        for run in self.runs:
            position = np.maximum(x, run.rows[0, layer.X])
            axis, kelvin = (
                np.interp(position, run.rows[:, 0], run.rows[:, i]) for i in (layer.CENTRE, layer.TEMPERATURE)
            )
            warmth = mixing.warmth_of(self.mixing, axis, kelvin)
            best = np.maximum(best, mixing.mole_fraction(self.mixing, value, warmth))
        return best

    def _sigma_x(self, x: FloatArray) -> FloatArray:
        return np.asarray(np.maximum(sigma.along_wind(np.maximum(x, 1.0), self.stability), 1e-6))

    def _travel_s(self, run: DenseRun, x: FloatArray) -> FloatArray:
        rows = run.rows
        return np.asarray(np.interp(np.maximum(x, 0.0), rows[:, layer.X], rows[:, layer.TIME]), float)

    def arrival_s(self, downwind_m: ArrayLike) -> FloatArray:
        """When the front of the strongest step passes, s after the release began."""
        x = np.asarray(downwind_m, float)
        return np.asarray(self.start_s + np.min([run.delay_s + self._travel_s(run, x) for run in self.runs], axis=0))

    def departure_s(self, downwind_m: ArrayLike) -> FloatArray:
        """When the rear has passed, s."""
        x = np.asarray(downwind_m, float)
        ends = [run.delay_s + run.duration_s + self._travel_s(run, x) for run in self.runs]
        return self.start_s + np.max(ends, axis=0)

    def passage_s(self, downwind_m: ArrayLike) -> FloatArray:
        """How long the cloud stays over a place, duration + 2 sigma_x/u, s."""
        x = np.asarray(downwind_m, float)
        longest = max(self.runs, key=lambda run: run.duration_s)
        speed = np.interp(np.maximum(x, 0.0), longest.rows[:, layer.X], longest.rows[:, layer.SPEED])
        return np.asarray(longest.duration_s + 2 * self._sigma_x(x) / speed)

    def rate_at(self, run: DenseRun, downwind_m: ArrayLike, time_s: ArrayLike) -> FloatArray:
        """Share of the steady step present at `downwind_m` at `time_s`, 0..1."""
        x, time = np.asarray(downwind_m, float), np.asarray(time_s, float)
        speed = np.interp(np.maximum(x, 0.0), run.rows[:, layer.X], run.rows[:, layer.SPEED])
        scale = speed / (math.sqrt(2) * self._sigma_x(x))
        since = time - self.start_s - run.delay_s - self._travel_s(run, x)
        return np.asarray(0.5 * (erf(since * scale) - erf((since - run.duration_s) * scale)))

    def concentration_at(
        self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike, time_s: ArrayLike
    ) -> FloatArray:
        """Concentration at a moment after the release began, kg/m3: the largest of the steps present."""
        x = np.asarray(downwind_m, float)
        best: FloatArray = np.zeros(())
        for run in self.runs:
            single = replace(self, runs=(run,))
            speed = np.interp(np.maximum(x, 0.0), run.rows[:, layer.X], run.rows[:, layer.SPEED])
            peak = erf(speed * run.duration_s / (2 * math.sqrt(2) * self._sigma_x(x)))
            value = single.concentration(x, crosswind_m, height_m) * self.rate_at(run, x, time_s) / peak
            best = np.maximum(best, value)
        return best


def cloud(release: Release, weather: Weather, averaging_s: float) -> DenseCloud:
    """
    The heavy cloud of a release.

    Havens & Spicer's DEGADIS 2.1 closure (constants in plume.md 4.10, as read from degali): steady blanket over the
    source, slumping, entrainment by the bulk Richardson number, heat from the ground into a cold cloud, spread along
    the wind for a release that ends. When the Obukhov length was measured a cloud no longer heavy grows as the neutral
    plume of that air does; class-only weather keeps the closure as it is.

    Parameters
    ----------
    averaging_s
        Sets delta_y ~ t^0.2 from the class's shortest averaging to three minutes; more is not credited, as for a
        neutral plume (`sigma.averaging_factor`).
    """
    term = release.term.in_steps(STEPS)
    air = air_of(weather, averaging_s)
    runs = []
    line: MixingLine | None = None
    for index in _distinct_steps(term):
        rate, duration, delay = _held_for(term, index)
        mixed = mixing.line(release, weather, float(term.temperature_k[index]), float(term.vapour_fraction[index]))
        line = line or mixed
        runs.append(_run(rate, duration, delay, release, air, mixed))
    assert line is not None  # a term releases something
    return DenseCloud(tuple(runs), air.alpha, weather.stability, line, float(term.time_s[0]))


def _distinct_steps(term: SourceTerm) -> list[int]:
    return [int(index) for index in np.flatnonzero(term.rate_kg_s > 0)]


def _held_for(term: SourceTerm, index: int) -> tuple[float, float, float]:
    """Rate of a step, for how long the release runs at that rate or above without a break, and when that begins."""
    if term.instantaneous:
        return term.total_mass_kg / INSTANT_S, INSTANT_S, 0.0
    rate = float(term.rate_kg_s[index])
    at_least = term.rate_kg_s >= rate
    first = last = index
    while first > 0 and at_least[first - 1]:
        first -= 1
    while last < at_least.size - 1 and at_least[last + 1]:
        last += 1
    start = float(term.time_s[0])
    return rate, float(term.edges_s[last + 1] - term.edges_s[first]), float(term.edges_s[first]) - start


def _run(rate: float, duration: float, delay: float, release: Release, air: layer.Air, mixed: MixingLine) -> DenseRun:
    heated = mixed.by_fraction[1].min() < mixed.air_k - WARM_K
    air = air._replace(heated=bool(heated), ground_k=mixed.air_k)
    gas = layer.Gas(
        by_fraction=mixed.by_fraction,
        by_concentration=mixed.by_concentration,
        pure=mixed.pure_kg_m3,
        air=mixed.air_kg_m3,
        air_k=mixed.air_k,
        cp=mixed.heat_capacity_j_kg_k,
        molar=mixed.molar_mass_kg_mol * 1000,
    )
    radius = max(0.5 * release.diameter_m, POINT_RADIUS_M)
    flux = rate / (math.pi * radius**2)
    if over.take_up(gas.pure, gas.pure, 2 * radius, air, gas) > flux:
        concentration = over.over_source(rate, radius, air, gas)
        at = over.Blanket(rate, radius, concentration, 1.0, 0.0, 0.0)
    else:
        at = over.blanket(rate, duration, radius, air, gas)
    rows = layer.march(
        at.take_up, at.radius, at.concentration, at.share, at.warmth, air, gas, FAINTEST, FARTHEST_M
    )  # fmt: skip
    return DenseRun(rows, at.radius, at.concentration, duration * rate / at.take_up, at.take_up, delay, at.height)


def air_of(weather: Weather, averaging_s: float) -> layer.Air:
    """The wind as the layer feels it: power law fitted to the log profile, friction, averaging."""
    measured = weather.monin_obukhov_m is not None
    roughness = min(weather.roughness_m, ROUGHEST_M)
    obukhov = weather.obukhov_m if measured else obukhov_of(weather.stability, roughness)
    height = weather.wind_height_m
    speed = weather.wind_speed_m_s * max(1.0, CALM_M_S / weather.wind_speed_10m_m_s)
    karman = KARMAN_MEASURED if measured else KARMAN_DEGADIS
    friction = weather.friction_velocity_m_s
    if friction is None:
        friction = karman * speed / float(wind.profile(height, roughness, obukhov))
    alpha = power_of_profile(roughness, obukhov, height)
    shortest, delta = _DELTA_Y[weather.stability]
    counted_s = min(max(averaging_s, shortest), sigma.BASE_AVERAGING_S)
    return layer.Air(
        speed_m_s=speed,
        height_m=height,
        alpha=alpha,
        gamma=math.gamma(1 / (1 + alpha)),
        friction_m_s=float(friction),
        karman=karman,
        obukhov_m=obukhov if math.isfinite(obukhov) else 1e12,
        turbulent=measured,
        governing=governing_share(1 + alpha),
        delta_y=delta * (counted_s / _BASE_S) ** sigma.AVERAGING_EXPONENT,
        ground_k=weather.temperature_k,
        heated=False,
    )


def governing_share(shape: float) -> float:
    """
    Share p z/H of the effective depth H for a profile exp(-(z/Sz)^s): H = Sz G(1/s)/s, z = Sz G(2/s)/G(1/s).
    """
    return similarity.MEAN_SHARE * shape * math.gamma(2 / shape) / math.gamma(1 / shape) ** 2


def power_of_profile(roughness_m: float, obukhov_m: float, height_m: float) -> float:
    """
    Exponent of the power law nearest the log profile below `height_m`, weighted 1/(1 + z) (DEGADIS, ALPH); bisection.
    """
    z = np.geomspace(max(FIT_LOWEST_M, roughness_m), height_m, 200)
    shape = wind.profile(z, roughness_m, obukhov_m) / wind.profile(height_m, roughness_m, obukhov_m)
    ratio = z / height_m

    def residual(alpha: float) -> float:
        power = ratio**alpha
        return float(np.trapezoid((shape - power) * np.log(ratio) * power / (1 + z), z))

    low, high = 0.01, 1.0
    at_low = residual(low)
    for _ in range(50):
        middle = 0.5 * (low + high)
        if residual(middle) * at_low > 0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
