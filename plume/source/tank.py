"""How much liquid lies in a tank, how high does it stand, and how much of the hole does it cover?"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InputError

FloatArray = NDArray[np.float64]
TankShape = Literal["horizontal_cylinder", "vertical_cylinder", "sphere"]
GRAVITY_M_S2 = 9.80665


@dataclass(frozen=True, slots=True)
class Tank:
    """
    A tank without heads or fittings.

    Attributes
    ----------
    shape
        Horizontal cylinder, vertical cylinder or sphere.
    diameter_m, length_m
        Inner size; the length is the height of a vertical cylinder and unused for a sphere.
    """

    shape: TankShape
    diameter_m: float
    length_m: float = 0.0

    def __post_init__(self) -> None:
        faults = []
        if not self.diameter_m > 0:
            faults.append(f"tank: diameter {self.diameter_m:g} m must be above 0")
        if self.shape != "sphere" and not self.length_m > 0:
            faults.append(f"tank: length {self.length_m:g} m must be above 0; only a sphere does without")
        if faults:
            raise InputError(faults)

    @property
    def height_m(self) -> float:
        """Height of the inside, m."""
        return self.length_m if self.shape == "vertical_cylinder" else self.diameter_m

    @property
    def volume_m3(self) -> float:
        """Volume of the inside, m3."""
        return float(self.volume_below_m3(self.height_m))

    def volume_below_m3(self, level_m: ArrayLike) -> FloatArray:
        """Volume of liquid standing at `level_m` above the bottom (any shape), m3."""
        level = np.clip(np.asarray(level_m, float), 0.0, self.height_m)
        radius = self.diameter_m / 2
        if self.shape == "vertical_cylinder":
            return np.asarray(np.pi * radius**2 * level)
        if self.shape == "sphere":
            return np.asarray(np.pi * level**2 * (3 * radius - level) / 3)
        segment = radius**2 * np.arccos((radius - level) / radius) - (radius - level) * np.sqrt(
            np.maximum(2 * radius * level - level**2, 0.0)
        )
        return np.asarray(self.length_m * segment)

    def level_of_m(self, volume_m3: ArrayLike) -> FloatArray:
        """Level at which `volume_m3` of liquid stands (any shape), m; bisection to 1e-9 of the height."""
        volume = np.asarray(volume_m3, float)
        low, high = np.zeros_like(volume), np.full_like(volume, self.height_m)
        for _ in range(34):
            middle = 0.5 * (low + high)
            short = self.volume_below_m3(middle) < volume
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return np.asarray(0.5 * (low + high))


@dataclass(frozen=True, slots=True)
class Hole:
    """
    An opening in the wall.

    Attributes
    ----------
    area_m2
        Area of the whole opening.
    bottom_m
        Height of its lower edge above the bottom of the tank.
    height_m
        Vertical extent; 0 for a slit.
    round
        Round (else a rectangle); matters for the covered share.
    pipe_length_m
        Length of pipe the contents pass through; 0 for a hole in the wall.
    """

    area_m2: float
    bottom_m: float = 0.0
    height_m: float = 0.0
    round: bool = True
    pipe_length_m: float = 0.0

    def __post_init__(self) -> None:
        faults = []
        if not self.area_m2 > 0:
            faults.append(f"hole: area {self.area_m2:g} m2 must be above 0")
        if self.bottom_m < 0 or self.height_m < 0 or self.pipe_length_m < 0:
            faults.append("hole: its height above the tank bottom, its extent and its pipe length must not be negative")
        if faults:
            raise InputError(faults)

    @classmethod
    def circle(cls, diameter_m: float, bottom_m: float = 0.0, pipe_length_m: float = 0.0) -> "Hole":
        """Round hole of `diameter_m`."""
        return cls(np.pi * diameter_m**2 / 4, bottom_m, diameter_m, True, pipe_length_m)

    @classmethod
    def slot(cls, width_m: float, height_m: float, bottom_m: float = 0.0) -> "Hole":
        """Rectangular hole, `width_m` along the tank and `height_m` up."""
        return cls(width_m * height_m, bottom_m, height_m, False)

    def covered(self, level_m: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """
        Covered area (m2) and head above the middle of the covered part (m) for liquid at `level_m` (any shape).

        Both are 0 where the liquid stands below the hole.
        """
        depth = np.maximum(np.asarray(level_m, float) - self.bottom_m, 0.0)
        wet = np.minimum(depth, self.height_m) if self.height_m > 0 else depth
        if self.height_m == 0:
            return np.where(depth > 0, self.area_m2, 0.0), depth
        if self.round:
            radius = self.height_m / 2
            segment = radius**2 * np.arccos(np.clip((radius - wet) / radius, -1, 1)) - (radius - wet) * np.sqrt(
                np.maximum(2 * radius * wet - wet**2, 0.0)
            )
            share = segment / (np.pi * radius**2)
        else:
            share = wet / self.height_m
        return self.area_m2 * share, depth - wet / 2
