"""How much does a person at this place breathe in while the cloud passes, and when does it come and go?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plume.zones import Cloud

FloatArray = NDArray[np.float64]

MOMENTS = 160
MARGIN_PASSAGES = 0.75
"""The passage is followed from this share of its length before the front to as much after the rear."""
CHUNK = 20_000
SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """
    Concentration at one place over time.

    Attributes
    ----------
    time_s, concentration_kg_m3
        Shape ``(n,)``.
    """

    time_s: FloatArray
    concentration_kg_m3: FloatArray


def course(cloud: Cloud, downwind_m: float, crosswind_m: float, height_m: float, moments: int = MOMENTS) -> Course:
    """Concentration at one place from before the cloud arrives until it has gone."""
    times = _moments(cloud, np.array([downwind_m]), moments)[0]
    value = cloud.concentration_at(downwind_m, crosswind_m, height_m, times)
    return Course(times, np.asarray(value))


def toxic_load(
    cloud: Cloud, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike, exponent: float
) -> FloatArray:
    """
    Integral of C^n over the passage, (mg/m3)^n min; arrays of one shape.

    The trapezoid rule over 160 moments around the passage; the error for a flat-topped passage is below 1 %.
    """
    x, y, z = np.broadcast_arrays(*(np.asarray(value, float) for value in (downwind_m, crosswind_m, height_m)))
    flat_x, flat_y, flat_z = x.ravel(), y.ravel(), z.ravel()
    load = np.empty(flat_x.size)
    for begin in range(0, flat_x.size, CHUNK):
        part = slice(begin, begin + CHUNK)
        times = _moments(cloud, flat_x[part], MOMENTS)
        value = cloud.concentration_at(flat_x[part, None], flat_y[part, None], flat_z[part, None], times)
        load[part] = np.trapezoid((value * 1e6) ** exponent, times / SECONDS_PER_MINUTE, axis=1)
    return load.reshape(x.shape)


def _moments(cloud: Cloud, downwind_m: FloatArray, count: int) -> FloatArray:
    arrival, departure = cloud.arrival_s(downwind_m), cloud.departure_s(downwind_m)
    margin = MARGIN_PASSAGES * (cloud.passage_s(downwind_m) - (departure - arrival)).clip(min=1.0) * 3
    begin, end = np.maximum(arrival - margin, 0.0), departure + margin
    return np.asarray(begin[:, None] + (end - begin)[:, None] * np.linspace(0.0, 1.0, count))
