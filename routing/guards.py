"""Whom does a turn restriction bind, and at which hours? A guard is one whole number with a bit for each answer."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

VEHICLES: Final = ("car", "lorry", "bus", "emergency")
"""Kinds of vehicle a restriction can tell apart; people on foot are bound by none."""
HOURS: Final = 24
DAY: Final = (1 << HOURS) - 1
"""All hours of a day: bit h stands for the hour that begins at h."""
UNKNOWN_HOUR: Final = HOURS
"""One more bit: the hour is not known. Who does not know keeps to whatever holds at any hour."""
_BITS = HOURS + 1
ALWAYS: Final = (1 << _BITS * len(VEHICLES)) - 1
"""The guard of a restriction that binds all vehicles at all hours."""


def cells(vehicles: Iterable[str], hours: int = DAY) -> int:
    """Guard of some vehicles at some hours (bits of `DAY`)."""
    bits = hours | (1 << UNKNOWN_HOUR if hours else 0)
    found = 0
    for name in vehicles:
        found |= bits << _BITS * VEHICLES.index(name)
    return found


def for_any_hour(guard: int) -> int:
    """The guard with the bit for an unknown hour set where a vehicle is bound at any hour, and nowhere else."""
    found = 0
    for name, hours in zip(VEHICLES, hours_by_vehicle([guard])[0].tolist(), strict=True):
        found |= cells([name], hours & DAY)
    return found


def hours_by_vehicle(guards: Sequence[int]) -> NDArray[np.uint32]:
    """Hours of each vehicle, the bit `UNKNOWN_HOUR` with them, shape ``(n_guards, n_vehicles)``."""
    one = (1 << _BITS) - 1
    rows = [[guard >> _BITS * i & one for i in range(len(VEHICLES))] for guard in guards]
    return np.asarray(rows, np.uint32).reshape(len(rows), len(VEHICLES))


def shut(arcs: NDArray[np.integer], hours: NDArray[np.uint32], vehicle: str, hour: int | None) -> NDArray[np.integer]:
    """Those of the guarded arcs that are shut to a vehicle at an hour; `hours` as `hours_by_vehicle` gives them."""
    bit = np.uint32(1 << (UNKNOWN_HOUR if hour is None else hour))
    return np.asarray(arcs[(hours[:, VEHICLES.index(vehicle)] & bit) != 0])
