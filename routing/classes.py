"""Which classes of road are there, and what is assumed where tags are silent?"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

CLASSES: Final = (
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "road",
    "pedestrian",
    "footway",
    "path",
    "steps",
    "cycleway",
    "track",
    "barrier",
)
"""Road classes by code; the first fifteen carry cars, the rest only people on foot, "barrier" is a gate or bollard."""

CODE: Final = {name: code for code, name in enumerate(CLASSES)}
CAR_CLASSES: Final = frozenset(CLASSES[:15])
FOOT_CLASSES: Final = frozenset(CLASSES[15:21])
FIRST_FOOT_CODE: Final = 15
BARRIER_CODE: Final = CODE["barrier"]

ASSUMED_SPEED_KMH: Final = {
    "motorway": 90.0,
    "motorway_link": 50.0,
    "trunk": 70.0,
    "trunk_link": 40.0,
    "primary": 55.0,
    "primary_link": 35.0,
    "secondary": 45.0,
    "secondary_link": 30.0,
    "tertiary": 35.0,
    "tertiary_link": 30.0,
    "pedestrian": 5.0,
    "footway": 5.0,
    "path": 5.0,
    "steps": 2.0,
    "cycleway": 5.0,
    "track": 15.0,
    "barrier": 5.0,
}
"""Travelling speed where no maxspeed is tagged: an assumption for urban China, printed as such, not a law."""

OTHER_SPEED_KMH: Final = 25.0

NATIONAL_SPEED_KMH: Final = {
    "urban": 50.0,
    "rural": 70.0,
    "trunk": 80.0,
    "motorway": 120.0,
    "living_street": 20.0,
    "walk": 5.0,
}
"""``CN:urban`` and its like: Implementing Regulations of the Road Traffic Safety Law of the PRC, articles 45, 78."""

VEHICLES_PER_LANE_HOUR: Final = 1200.0
"""Assumed capacity of a lane in a disordered evacuation; the reference scenario uses the same figure."""


def assumed_speed_table() -> NDArray[np.float32]:
    """Assumed speed in km/h by class code, shape ``(n_classes,)``."""
    return np.asarray([ASSUMED_SPEED_KMH.get(name, OTHER_SPEED_KMH) for name in CLASSES], np.float32)


def assumed_lanes(speed_kmh: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Lanes per direction where none are tagged: 3 above 60 km/h, 2 above 40, else 1."""
    return np.where(speed_kmh > 60, 3, np.where(speed_kmh > 40, 2, 1)).astype(np.uint8)
