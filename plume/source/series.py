"""How much reaches the air, when, how warm and in which phase? The one form every source kind ends in."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError

FloatArray = NDArray[np.float64]
Shape = Literal["point", "puddle", "jet"]

MASS_TOLERANCE = 1e-6
"""Relative error allowed between the integral of the rate and the total mass."""
AMBIENT_K = 288.15
ALOHA_STEPS = 5
"""ALOHA reduces a changing rate to at most five steady steps (NOAA TM NOS OR&R 43)."""
INSTANT_S = 1.0
"""Nominal length of an instantaneous release, only so that its rate is finite."""


@dataclass(frozen=True, slots=True, eq=False)
class SourceTerm:
    """
    Airborne release as consecutive steps of constant rate.

    Attributes
    ----------
    time_s
        Start of each step after the release began, shape ``(n,)``, rising, ``time_s[0] >= 0``.
    rate_kg_s
        Airborne rate within each step, shape ``(n,)``, kg/s, never negative.
    temperature_k
        Temperature of what becomes airborne, shape ``(n,)``, K.
    vapour_fraction
        Share of the airborne mass that is vapour, the rest is aerosol, shape ``(n,)``, 0..1.
    end_s
        End of the last step, s.
    total_mass_kg
        Airborne mass; equals the integral of the rate within 1e-6.
    method
        Code of the method, for provenance.
    reference
        Publication and equation numbers.
    notes
        Codes of limits; sentences live in ``command_ui.words``.
    instantaneous
        True: all of `total_mass_kg` at once; the rate is then nominal (over `INSTANT_S`).
    shape, diameter_m
        Point, puddle (area source of that diameter) or jet.
    spilled_mass_kg
        What left the container, airborne or not; at least `total_mass_kg`.
    """

    time_s: FloatArray
    rate_kg_s: FloatArray
    temperature_k: FloatArray
    vapour_fraction: FloatArray
    end_s: float
    total_mass_kg: float
    method: str
    reference: str = ""
    notes: tuple[str, ...] = ()
    instantaneous: bool = False
    shape: Shape = "point"
    diameter_m: float = 0.0
    spilled_mass_kg: float = field(default=-1.0)

    def __post_init__(self) -> None:
        for name in ("time_s", "rate_kg_s", "temperature_k", "vapour_fraction"):
            array = np.atleast_1d(np.asarray(getattr(self, name), dtype=np.float64)).copy()
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if self.spilled_mass_kg < 0:
            object.__setattr__(self, "spilled_mass_kg", self.total_mass_kg)
        if faults := self._faults():
            raise InputError(faults)

    def _faults(self) -> list[str]:
        arrays = (self.time_s, self.rate_kg_s, self.temperature_k, self.vapour_fraction)
        if len({array.shape for array in arrays}) != 1 or self.time_s.ndim != 1:
            return ["release: time, rate, temperature and vapour fraction must have one length; give one row per step"]
        if not all(np.isfinite(array).all() for array in arrays) or not np.isfinite(self.end_s):
            return ["release: every time, rate, temperature and vapour fraction must be a finite number"]
        faults = []
        edges = self.edges_s
        if edges[0] < 0 or (np.diff(edges) <= 0).any():
            faults.append("release: times must rise from 0 and the end must follow the last step")
        if (self.rate_kg_s < 0).any():
            faults.append(f"release: rate {self.rate_kg_s.min():g} kg/s is negative; give a rate of 0 or more")
        if not self.rate_kg_s.any():
            faults.append("release: nothing is released; give a rate or mass above 0")
        if (self.temperature_k <= 0).any():
            faults.append("release: temperature must be above absolute zero; give kelvin")
        if ((self.vapour_fraction < 0) | (self.vapour_fraction > 1)).any():
            faults.append("release: the vapour fraction must lie between 0 and 1")
        if not faults and abs(self.integral_kg() - self.total_mass_kg) > MASS_TOLERANCE * self.total_mass_kg:
            faults.append(
                f"release: the rate adds up to {self.integral_kg():.6g} kg but the total mass is "
                f"{self.total_mass_kg:.6g} kg; they must agree"
            )
        if not faults and self.spilled_mass_kg < self.total_mass_kg * (1 - MASS_TOLERANCE):
            faults.append(
                f"release: {self.total_mass_kg:.6g} kg airborne is more than the {self.spilled_mass_kg:.6g} kg spilled"
            )
        return faults

    @property
    def edges_s(self) -> FloatArray:
        """Edges of the steps, shape ``(n + 1,)``, s."""
        return np.append(self.time_s, self.end_s)

    @property
    def step_s(self) -> FloatArray:
        """Length of each step, shape ``(n,)``, s."""
        return np.diff(self.edges_s)

    @property
    def duration_s(self) -> float:
        """From the first to the last moment with a rate above 0, s."""
        running = np.flatnonzero(self.rate_kg_s > 0)
        return float(self.edges_s[running[-1] + 1] - self.time_s[running[0]])

    @property
    def peak_rate_kg_s(self) -> float:
        """Largest rate of any step, kg/s."""
        return float(self.rate_kg_s.max())

    def integral_kg(self) -> float:
        """Integral of the rate over time, kg."""
        return float(self.rate_kg_s @ self.step_s)

    def released_kg(self, time_s: ArrayLike) -> FloatArray:
        """Mass released until `time_s` (any shape), kg."""
        cumulative = np.concatenate(([0.0], np.cumsum(self.rate_kg_s * self.step_s)))
        return np.asarray(np.interp(np.asarray(time_s, float), self.edges_s, cumulative))

    def rate_at(self, time_s: ArrayLike) -> FloatArray:
        """Rate at `time_s` (any shape), kg/s; 0 before the start and after the end."""
        time = np.asarray(time_s, float)
        index = np.searchsorted(self.time_s, time, side="right") - 1
        inside = (index >= 0) & (time < self.end_s)
        return np.where(inside, self.rate_kg_s[np.clip(index, 0, self.time_s.size - 1)], 0.0)

    def sustained_rate_kg_s(self, window_s: float = 60.0) -> float:
        """Largest mean rate over any `window_s` (ALOHA: "maximum average sustained release rate"), kg/s."""
        window = min(window_s, self.end_s - float(self.time_s[0]))
        starts = np.concatenate((self.edges_s, self.edges_s - window))
        starts = starts[(starts >= self.time_s[0]) & (starts + window <= self.end_s * (1 + 1e-12))]
        return float(((self.released_kg(starts + window) - self.released_kg(starts)) / window).max())

    def cut_at(self, end_s: float) -> "SourceTerm":
        """Same source, stopped at `end_s` (ALOHA stops at one hour); returns self when it ends earlier."""
        if end_s >= self.end_s:
            return self
        keep = self.time_s < end_s
        steps = np.diff(np.append(self.time_s[keep], end_s))
        mass = float(self.rate_kg_s[keep] @ steps)
        return replace(
            self,
            time_s=self.time_s[keep],
            rate_kg_s=self.rate_kg_s[keep],
            temperature_k=self.temperature_k[keep],
            vapour_fraction=self.vapour_fraction[keep],
            end_s=end_s,
            total_mass_kg=mass,
            notes=(*self.notes, "cut_at_horizon"),
        )

    def in_steps(self, count: int = ALOHA_STEPS) -> "SourceTerm":
        """
        Same mass in at most `count` steps of constant rate.

        The edges are those (among at most 200 candidates) which leave the smallest mass-weighted spread of the rate;
        mass is conserved, temperature and vapour fraction are averaged by mass.
        """
        if self.time_s.size <= count:
            return self
        candidates = _candidates(self)
        masses = np.diff(self.released_kg(candidates))
        lengths = np.diff(candidates)
        edges = candidates[_best_cuts(masses, lengths, count)]
        steps = np.diff(edges)
        released = np.diff(self.released_kg(edges))
        mass = self.rate_kg_s * self.step_s
        owner = np.clip(np.searchsorted(edges, self.time_s + 0.5 * self.step_s, side="right") - 1, 0, steps.size - 1)
        weight = np.bincount(owner, mass, steps.size)
        safe = np.where(weight > 0, weight, 1.0)

        def mean(values: FloatArray) -> FloatArray:
            return np.where(weight > 0, np.bincount(owner, mass * values, steps.size) / safe, values[0])

        return replace(
            self,
            time_s=edges[:-1],
            rate_kg_s=released / steps,
            temperature_k=mean(self.temperature_k),
            vapour_fraction=np.clip(mean(self.vapour_fraction), 0.0, 1.0),
            end_s=float(edges[-1]),
        )


def _candidates(term: SourceTerm, limit: int = 200) -> FloatArray:
    """Edges of the term, thinned to about `limit` evenly by index; the ends stay."""
    edges = term.edges_s
    if edges.size <= limit + 1:
        return edges
    kept: NDArray[np.intp] = np.unique(np.linspace(0, edges.size - 1, limit + 1).round().astype(np.intp))
    return np.asarray(edges[kept])


def _best_cuts(masses: FloatArray, lengths: FloatArray, count: int) -> NDArray[np.intp]:
    """Indices of the edges of the best piecewise-constant fit of `count` pieces (dynamic programme, least squares)."""
    m, t = np.concatenate(([0.0], masses.cumsum())), np.concatenate(([0.0], lengths.cumsum()))
    power = np.concatenate(([0.0], (masses**2 / lengths).cumsum()))
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = (power[None, :] - power[:, None]) - (m[None, :] - m[:, None]) ** 2 / (t[None, :] - t[:, None])
    n = masses.size
    cost[np.tril_indices(n + 1)] = np.inf
    best, back = cost[0].copy(), []
    for _ in range(1, count):
        total = best[:, None] + cost
        back.append(total.argmin(axis=0))
        best = total.min(axis=0)
    cuts = [n]
    for pointers in reversed(back):
        cuts.append(int(pointers[cuts[-1]]))
    return np.array([0, *sorted(set(cuts) - {0})], dtype=np.intp)


def continuous(
    rate_kg_s: float, duration_s: float, temperature_k: float = AMBIENT_K, *, vapour_fraction: float = 1.0
) -> SourceTerm:
    """
    Constant rate for a duration.

    Raises
    ------
    InputError
        Rate or duration is not above 0.
    """
    faults = [
        f"release: {name} {value:g} {unit} must be above 0"
        for name, value, unit in (("rate", rate_kg_s, "kg/s"), ("duration", duration_s, "s"))
        if not value > 0
    ]
    if faults:
        raise InputError(faults)
    return steps(
        [0.0],
        [rate_kg_s],
        duration_s,
        temperature_k,
        vapour_fraction,
        method="continuous",
        reference="given by the user",
    )


def instantaneous(mass_kg: float, temperature_k: float = AMBIENT_K, *, vapour_fraction: float = 1.0) -> SourceTerm:
    """
    All of `mass_kg` at once.

    Raises
    ------
    InputError
        Mass is not above 0.
    """
    if not mass_kg > 0:
        raise InputError(f"release: mass {mass_kg:g} kg must be above 0")
    term = steps([0.0], [mass_kg / INSTANT_S], INSTANT_S, temperature_k, vapour_fraction, method="instantaneous")
    return replace(term, instantaneous=True, reference="given by the user")


def table(
    time_s: ArrayLike, rate_kg_s: ArrayLike, temperature_k: ArrayLike = AMBIENT_K, *, vapour_fraction: ArrayLike = 1.0
) -> SourceTerm:
    """
    Rate changing in time: row i holds from ``time_s[i]`` to ``time_s[i + 1]``; the last row ends the release, its
    rate must be 0.

    Raises
    ------
    InputError
        Fewer than two rows, times not rising, a negative rate, or a last rate other than 0.
    """
    time, rate = np.asarray(time_s, float), np.asarray(rate_kg_s, float)
    if time.ndim != 1 or time.size < 2 or time.shape != rate.shape:
        raise InputError("release table: give at least two rows of time_s and rate_kg_s, as many times as rates")
    if rate[-1] != 0:
        raise InputError(f"release table: the last rate {rate[-1]:g} kg/s must be 0, it marks the end of the release")

    def per_step(values: ArrayLike) -> FloatArray:
        array = np.asarray(values, float)
        return np.broadcast_to(array, time.shape)[:-1] if array.shape in ((), (1,), time.shape) else array

    return steps(
        time[:-1],
        rate[:-1],
        float(time[-1]),
        per_step(temperature_k),
        per_step(vapour_fraction),
        method="table",
        reference="given by the user",
    )


def steps(
    time_s: ArrayLike,
    rate_kg_s: ArrayLike,
    end_s: float,
    temperature_k: ArrayLike,
    vapour_fraction: ArrayLike = 1.0,
    *,
    method: str,
    reference: str = "",
    notes: Sequence[str] = (),
    shape: Shape = "point",
    diameter_m: float = 0.0,
    spilled_mass_kg: float = -1.0,
) -> SourceTerm:
    """
    Build a term from step starts and rates; scalars for temperature and phase are spread; the total follows from the
    rate.
    """
    time = np.atleast_1d(np.asarray(time_s, float))
    rate = np.atleast_1d(np.asarray(rate_kg_s, float))
    total = float(rate @ np.diff(np.append(time, end_s))) if rate.shape == time.shape else 0.0
    return SourceTerm(
        time_s=time,
        rate_kg_s=rate,
        temperature_k=_spread(temperature_k, time),
        vapour_fraction=_spread(vapour_fraction, time),
        end_s=float(end_s),
        total_mass_kg=total,
        method=method,
        reference=reference,
        notes=tuple(notes),
        shape=shape,
        diameter_m=diameter_m,
        spilled_mass_kg=spilled_mass_kg,
    )


def _spread(values: ArrayLike, like: FloatArray) -> FloatArray:
    array = np.asarray(values, float)
    return np.full(like.shape, float(array)) if array.ndim == 0 else array
