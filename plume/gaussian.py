"""
What does a neutral plume bring to this place? Gaussian plume with ground and lid, finite release, averaging, area
source.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf

from plume import sigma
from plume.sigma import SigmaSet
from plume.source.series import SourceTerm
from plume.stability import StabilityClass

FloatArray = NDArray[np.float64]

LID_IMAGES = 5
MIXED_SIGMAS = 2.0
"""From sigma_z = 2 lid heights the plume is taken as evenly mixed below the lid (ALOHA, plume.md 4.2)."""
AT_ONCE = 1_000_000
"""Numbers of a temporary array; beyond it the moments of a passage are taken one by one."""
LEAST_EDGE_M = 1e-6
STEPS = 5
"""A changing rate is reduced to at most five steady steps, as in ALOHA (mass conserved)."""


def concentration(
    emission_rate_kg_s: float,
    wind_speed_m_s: float,
    crosswind_m: ArrayLike,
    height_m: ArrayLike,
    release_height_m: float,
    sigma_y_m: ArrayLike,
    sigma_z_m: ArrayLike,
    mixing_height_m: float | None = None,
) -> FloatArray:
    """
    Concentration of a steady Gaussian plume with full reflection at the ground and, when given, at a lid.

    Parameters
    ----------
    crosswind_m, height_m, sigma_y_m, sigma_z_m
        Arrays that broadcast together.

    Returns
    -------
    concentration_kg_m3
        Broadcast shape, kg/m3; 0 where a sigma is 0.

    Notes
    -----
    C = Q/(2 pi u sy sz) exp(-y^2/2sy^2) [exp(-(z-h)^2/2sz^2) + exp(-(z+h)^2/2sz^2)], Turner (1994) eq. 2.1.

    On the ground, 0.1 kg/s at 2 m/s with sigmas of 19.52 m and 6.957 m: 0.1/(pi 2 19.52 6.957) = 1.172e-4.

    >>> f"{float(concentration(0.1, 2.0, 0.0, 0.0, 0.0, 19.52, 6.957)):.3e}"
    '1.172e-04'
    """
    across = crosswind_factor(crosswind_m, sigma_y_m)
    return (
        emission_rate_kg_s
        / wind_speed_m_s
        * across
        * vertical_factor(height_m, release_height_m, sigma_z_m, mixing_height_m)
    )


def crosswind_factor(crosswind_m: ArrayLike, sigma_y_m: ArrayLike) -> FloatArray:
    """exp(-y^2/2 sy^2)/(sqrt(2 pi) sy), 1/m; 0 where sigma is 0."""
    sigma_y = np.asarray(sigma_y_m, float)
    safe = np.where(sigma_y > 0, sigma_y, 1.0)
    value = np.exp(-0.5 * (np.asarray(crosswind_m, float) / safe) ** 2) / (math.sqrt(2 * math.pi) * safe)
    return np.where(sigma_y > 0, value, 0.0)


def vertical_factor(
    height_m: ArrayLike, release_height_m: float, sigma_z_m: ArrayLike, mixing_height_m: float | None = None
) -> FloatArray:
    """
    Vertical distribution with reflection, 1/m; integrates to 1 from the ground to the lid (or to infinity).

    Images at +-2 n lid, n = 1...5; evenly mixed once sigma_z reaches twice the lid.
    """
    z, sigma_z = np.broadcast_arrays(np.asarray(height_m, float), np.asarray(sigma_z_m, float))
    safe = np.where(sigma_z > 0, sigma_z, 1.0)
    shifts = [0.0]
    if mixing_height_m is not None:
        shifts = [2 * n * mixing_height_m for n in range(-LID_IMAGES, LID_IMAGES + 1)]
        safe = np.minimum(safe, MIXED_SIGMAS * mixing_height_m)
    total = np.zeros(safe.shape)
    for shift in shifts:
        total += np.exp(-0.5 * ((z - release_height_m + shift) / safe) ** 2)
        total += np.exp(-0.5 * ((z + release_height_m + shift) / safe) ** 2)
    value = total / (math.sqrt(2 * math.pi) * safe)
    if mixing_height_m is not None:
        value = np.where(sigma_z >= MIXED_SIGMAS * mixing_height_m, 1 / mixing_height_m, value)
        value = np.where(z > mixing_height_m, 0.0, value)
    return np.where(sigma_z > 0, value, 0.0)


@dataclass(frozen=True, slots=True)
class Spread:
    """
    Growth of a plume with distance: class, coefficient set, averaging and the size it starts with.

    Attributes
    ----------
    averaging_factor
        Factor on sigma_y (see `sigma.averaging_factor`).
    initial_y_m
        Initial sigma_y of an area source, added in quadrature.
    """

    stability: StabilityClass
    which: SigmaSet = "briggs"
    urban: bool = False
    averaging_factor: float = 1.0
    initial_y_m: float = 0.0

    def y(self, distance_m: ArrayLike) -> FloatArray:
        """sigma_y, m."""
        grown = self.averaging_factor * sigma.crosswind(distance_m, self.stability, self.which)
        return np.asarray(np.hypot(grown, self.initial_y_m))

    def z(self, distance_m: ArrayLike) -> FloatArray:
        """sigma_z, m."""
        return sigma.vertical(distance_m, self.stability, self.which, urban=self.urban)

    def x(self, distance_m: ArrayLike) -> FloatArray:
        """sigma_x, m."""
        return sigma.along_wind(distance_m, self.stability)


@dataclass(frozen=True, slots=True)
class GaussianPlume:
    """
    A neutral plume of a release of any length, in its own coordinates: x downwind, y across, z up.

    Attributes
    ----------
    term
        Airborne release; more than five steps are reduced to five, mass conserved.
    speed_m_s
        Wind that carries the plume.
    release_height_m, mixing_height_m
        Heights above ground; no lid when None.
    spread
        Growth with distance.
    """

    term: SourceTerm
    speed_m_s: float
    release_height_m: float
    spread: Spread
    mixing_height_m: float | None = None
    steps: SourceTerm = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", self.term.in_steps(STEPS))

    @property
    def start_m(self) -> float:
        """Where the plume begins: the source."""
        return 0.0

    @property
    def source_m(self) -> float:
        """A plume travels from the source's middle on, m."""
        return 0.0

    def parts(self) -> tuple["GaussianPlume", ...]:
        """Itself: nothing of it travels apart."""
        return (self,)

    def outline_at(self, downwind_m: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """No core, and the scale of exp(-(y/edge)^2), m."""
        edge = math.sqrt(2) * np.maximum(self.sigma_y(downwind_m), LEAST_EDGE_M)
        return np.zeros(edge.shape), edge

    def travel_s(self, downwind_m: ArrayLike) -> FloatArray:
        """Time to get there, x/u, s."""
        return np.asarray(np.maximum(np.asarray(downwind_m, float), 0.0) / self.speed_m_s)

    def sigma_y(self, downwind_m: ArrayLike) -> FloatArray:
        """Width, m."""
        return self.spread.y(downwind_m)

    def per_rate(self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
        """Steady concentration of 1 kg/s, s/m3; 0 upwind."""
        x = np.asarray(downwind_m, float)
        value = concentration(
            1.0,
            self.speed_m_s,
            crosswind_m,
            height_m,
            self.release_height_m,
            self.spread.y(x),
            self.spread.z(x),
            self.mixing_height_m,
        )
        return np.where(x > 0, value, 0.0)

    def effective_rate(self, downwind_m: ArrayLike) -> FloatArray:
        """
        Rate of the steady plume that would give the largest concentration passing `downwind_m`, kg/s.

        Palazzi: Q erf(u tr/(2 sqrt2 sigma_x)), the passage's peak at x/u + tr/2, not at shut-off; an instantaneous
        mass gives
        its limit M u/(sqrt(2 pi) sigma_x); several steps are summed at the best moment.
        """
        x = np.maximum(np.asarray(downwind_m, float), 1e-9)
        sigma_x = self.spread.x(x)
        if self.term.instantaneous:
            return np.asarray(self.term.total_mass_kg * self.speed_m_s / (math.sqrt(2 * math.pi) * sigma_x))
        edges = self.steps.edges_s
        starts, ends = np.triu_indices(edges.size, 1)
        moments = np.unique(np.concatenate((0.5 * (edges[starts] + edges[ends]), edges)))
        if x.size * moments.size * edges.size <= AT_ONCE:
            return np.asarray(self._passing_rate(sigma_x[..., None], moments).max(axis=-1))
        best = np.zeros(x.shape)
        for moment in moments:
            best = np.maximum(best, self._passing_rate(sigma_x, moment))
        return best

    def _passing_rate(self, sigma_x: FloatArray, delay_s: ArrayLike) -> FloatArray:
        """
        Rate seen where the spread is `sigma_x` a time `delay_s` after a parcel without spread would arrive: sum over
        steps of erf differences, that is over the edges of the erf times the change of the rate there.
        """
        scale = self.speed_m_s / (math.sqrt(2) * sigma_x)
        change = 0.5 * np.diff(self.steps.rate_kg_s, prepend=0.0, append=0.0)
        since = np.asarray(delay_s, float)[..., None] - self.steps.edges_s
        return np.asarray(np.maximum(erf(since * scale[..., None]) @ change, 0.0))

    def rate_at(self, downwind_m: ArrayLike, time_s: ArrayLike) -> FloatArray:
        """Rate of the steady plume that equals what passes `downwind_m` at `time_s` after the release began, kg/s."""
        x = np.maximum(np.asarray(downwind_m, float), 1e-9)
        time, sigma_x = np.asarray(time_s, float), self.spread.x(x)
        if self.term.instantaneous:
            gap = (x - self.speed_m_s * time) / sigma_x
            return np.asarray(
                self.term.total_mass_kg * self.speed_m_s / (math.sqrt(2 * math.pi) * sigma_x) * np.exp(-0.5 * gap**2)
            )
        return self._passing_rate(sigma_x, time - x / self.speed_m_s)

    def concentration(self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
        """Largest concentration in time, kg/m3; arrays that broadcast together."""
        return self.per_rate(downwind_m, crosswind_m, height_m) * self.effective_rate(downwind_m)

    def concentration_at(
        self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike, time_s: ArrayLike
    ) -> FloatArray:
        """Concentration at a moment after the release began, kg/m3; arrays that broadcast together."""
        return self.per_rate(downwind_m, crosswind_m, height_m) * self.rate_at(downwind_m, time_s)

    def half_width(self, downwind_m: ArrayLike, threshold_kg_m3: ArrayLike, height_m: float = 0.0) -> FloatArray:
        """Half-width of the zone above a threshold, y = sy sqrt(2 ln(C0/L)), m; 0 where the axis stays below."""
        x = np.asarray(downwind_m, float)
        ratio = self.concentration(x, 0.0, height_m) / np.asarray(threshold_kg_m3, float)
        return np.asarray(self.spread.y(x) * np.sqrt(2 * np.log(np.maximum(ratio, 1.0))))

    def arrival_s(self, downwind_m: ArrayLike) -> FloatArray:
        """When the middle of the front passes, x/u after the release begins, s."""
        return np.asarray(float(self.steps.time_s[0]) + np.maximum(np.asarray(downwind_m, float), 0.0) / self.speed_m_s)

    def departure_s(self, downwind_m: ArrayLike) -> FloatArray:
        """When the middle of the rear passes, s."""
        end = 0.0 if self.term.instantaneous else self.term.end_s
        return np.asarray(end + np.maximum(np.asarray(downwind_m, float), 0.0) / self.speed_m_s)

    def passage_s(self, downwind_m: ArrayLike) -> FloatArray:
        """How long the cloud stays over a place: the release and the spread along the wind, tr + 2 sigma_x/u, s."""
        length = 0.0 if self.term.instantaneous else self.term.duration_s
        return np.asarray(length + 2 * self.spread.x(downwind_m) / self.speed_m_s)
