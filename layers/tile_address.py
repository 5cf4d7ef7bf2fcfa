"""Which tile is meant, and where on the ground does it lie?"""

import math
from dataclasses import dataclass

from gis.errors import InputError

MAX_ZOOM = 20
CELLS_BITS = 8
CELLS = 1 << CELLS_BITS
"""Points per tile edge at most."""


@dataclass(frozen=True, slots=True)
class Address:
    """A tile: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    def checked(self) -> "Address":
        """
        Return self.

        Raises
        ------
        InputError
            No such tile.
        """
        edge = 1 << self.z if 0 <= self.z <= MAX_ZOOM else 0
        if not (0 <= self.x < edge and 0 <= self.y < edge):
            raise InputError(f"there is no tile {self.z}/{self.x}/{self.y}: zoom 0 to {MAX_ZOOM}, x and y below 2^zoom")
        return self

    def bounds(self) -> tuple[float, float, float, float]:
        """
        West, south, east, north in degrees.

        Examples
        --------
        >>> Address(0, 0, 0).bounds()[0], round(Address(0, 0, 0).bounds()[3], 4)
        (-180.0, 85.0511)
        """
        edge = 1 << self.z

        def latitude(row: int) -> float:
            return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / edge))))

        return (
            self.x / edge * 360 - 180,
            latitude(self.y + 1),
            (self.x + 1) / edge * 360 - 180,
            latitude(self.y),
        )
