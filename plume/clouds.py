"""Which cloud answers for this release: neutral, measured-air, heavy, or the larger of two?"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plume import sigma, similarity
from plume.following import Strand
from plume.gaussian import GaussianPlume, Spread
from plume.regime import Regime, regime
from plume.release import Release
from plume.sigma import SigmaChoice
from plume.weather import Weather
from plume.zones import Cloud

FloatArray = NDArray[np.float64]
ModelChoice = Literal["auto", "gaussian", "dense"]


class Travelling(Cloud, Protocol):
    """A cloud that can also follow a wind that turns."""

    def parts(self) -> tuple[Strand, ...]:
        """What of it travels apart."""


@dataclass(frozen=True, slots=True)
class LargerOf:
    """The larger of several clouds at every place: what HJ 169 asks for near the limit."""

    clouds: tuple[Travelling, ...]

    def parts(self) -> tuple[Strand, ...]:
        """What travels apart."""
        return tuple(part for cloud in self.clouds for part in cloud.parts())

    @property
    def start_m(self) -> float:
        """Where the first of them begins, m."""
        return min(cloud.start_m for cloud in self.clouds)

    def half_width(self, downwind_m: ArrayLike, threshold_kg_m3: ArrayLike, height_m: float = 0.0) -> FloatArray:
        """Largest half-width, m."""
        return np.asarray(
            np.max([cloud.half_width(downwind_m, threshold_kg_m3, height_m) for cloud in self.clouds], axis=0)
        )

    def concentration(self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
        """Largest concentration, kg/m3."""
        return np.asarray(
            np.max([cloud.concentration(downwind_m, crosswind_m, height_m) for cloud in self.clouds], axis=0)
        )

    def concentration_at(
        self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike, time_s: ArrayLike
    ) -> FloatArray:
        """Largest concentration at a moment, kg/m3."""
        values = [cloud.concentration_at(downwind_m, crosswind_m, height_m, time_s) for cloud in self.clouds]
        return np.asarray(np.max(values, axis=0))

    def arrival_s(self, downwind_m: ArrayLike) -> FloatArray:
        """Earliest arrival, s."""
        return np.asarray(np.min([cloud.arrival_s(downwind_m) for cloud in self.clouds], axis=0))

    def departure_s(self, downwind_m: ArrayLike) -> FloatArray:
        """Latest departure, s."""
        return np.asarray(np.max([cloud.departure_s(downwind_m) for cloud in self.clouds], axis=0))

    def passage_s(self, downwind_m: ArrayLike) -> FloatArray:
        """Longest stay, s."""
        return np.asarray(np.max([cloud.passage_s(downwind_m) for cloud in self.clouds], axis=0))


def ppm(
    cloud: Cloud,
    downwind_m: ArrayLike,
    crosswind_m: ArrayLike,
    height_m: ArrayLike,
    per_kg_m3: float,
) -> FloatArray:
    """
    Largest share by volume in time, ppm, at most 1e6; arrays that broadcast together.

    `per_kg_m3` is the ppm of 1 kg/m3 at ambient conditions: exact for gas at the air's temperature. A heavy cloud that
    is still cold knows its own moles and answers with them.
    """
    if isinstance(cloud, LargerOf):
        return np.asarray(np.max([ppm(one, downwind_m, crosswind_m, height_m, per_kg_m3) for one in cloud.clouds], 0))
    if isinstance(cloud, GaussianPlume):
        return np.minimum(cloud.concentration(downwind_m, crosswind_m, height_m) * per_kg_m3, 1e6)
    from plume.dense import DenseCloud  # compiled code: loaded only when a heavy gas is at hand

    assert isinstance(cloud, DenseCloud)  # there are no others
    return cloud.mole_fraction(downwind_m, crosswind_m, height_m) * 1e6


@dataclass(frozen=True, slots=True)
class Chosen:
    """
    The cloud that answers, why, and the clouds of the other models for comparison.

    Attributes
    ----------
    cloud, model
        What answers; ``gaussian``, ``similarity``, ``dense`` or ``larger_of_both``.
    regime
        Outcome of the Richardson test.
    notes
        Codes on the choice.
    """

    cloud: Travelling
    model: str
    regime: Regime
    notes: tuple[str, ...]


def neutral(release: Release, weather: Weather, averaging_s: float, which: SigmaChoice = "auto") -> GaussianPlume:
    """
    The neutral plume: by similarity when u*, L and the wind vane were measured, else by class.

    `which` names the curves of a class; ``auto`` leaves it to `sigma.resolved` and to what was measured.
    """
    spread = Spread(
        stability=weather.stability,
        which=sigma.resolved(which, release.height_m, weather.roughness_m),
        urban=weather.urban,
        averaging_factor=sigma.averaging_factor(averaging_s),
        initial_y_m=sigma.area_source(release.diameter_m),
    )
    speed = weather.transport_speed_m_s(release.height_m)
    if not weather.measured or which != "auto":
        return GaussianPlume(release.term, speed, release.height_m, spread, weather.mixing_height_m)
    assert weather.sigma_azimuth_deg is not None  # `measured` says so
    air = similarity.MeasuredAir(
        weather.friction_velocity, weather.obukhov_m, weather.roughness_m, weather.sigma_azimuth_deg
    )
    return similarity.SimilarityPlume(
        release.term,
        speed,
        release.height_m,
        spread,
        weather.mixing_height_m,
        air=air,
        growth=similarity.grow(air, release.height_m),
    )


def choose(
    release: Release, weather: Weather, averaging_s: float, model: ModelChoice, which: SigmaChoice = "auto"
) -> Chosen:
    """
    The cloud for a release.

    ``auto`` takes the dense model where HJ 169's test says so, both (the larger at every place) within a factor of
    1.1 of its
    limit, and the neutral plume otherwise.
    """
    tested = regime(release, weather)
    notes: list[str] = []
    use_dense = model == "dense" or (model == "auto" and (tested.dense or tested.near))
    use_neutral = model == "gaussian" or (model == "auto" and (not tested.dense or tested.near))
    clouds: list[Travelling] = []
    if use_dense:
        from plume import dense  # compiled code: loaded only when a heavy gas is at hand

        heavy = dense.cloud(release, weather, averaging_s)
        clouds.append(heavy)
        notes += heavy.mixing.notes
        if release.height_m > 0:
            notes.append("dense_release_taken_at_ground")
        if release.term.instantaneous:
            notes.append("instantaneous_released_over_60_s")
    if use_neutral:
        plume = neutral(release, weather, averaging_s, which)
        clouds.append(plume)
    if len(clouds) > 1:
        return Chosen(LargerOf(tuple(clouds)), "larger_of_both", tested, (*notes, "near_dense_limit_larger_taken"))
    by_similarity = isinstance(clouds[0], similarity.SimilarityPlume)
    name = "dense" if use_dense else "similarity" if by_similarity else "gaussian"
    if model == "gaussian" and tested.dense:
        notes.append("gaussian_forced_on_dense_gas")
    return Chosen(clouds[0], name, tested, tuple(notes))
