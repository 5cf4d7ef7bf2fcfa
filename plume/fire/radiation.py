"""How much heat from a flame reaches a place?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plume.source.weather import SourceWeather

FloatArray = NDArray[np.float64]

AXIAL_TILES, ROUND_TILES, END_RINGS = 20, 24, 4
RINGS = 28
FAR_M = 20_000.0
"""No contour is looked for beyond this."""
CHUNK = 400_000
"""Tile-receiver pairs held in memory at once."""


def water_vapour_pressure_pa(weather: SourceWeather) -> float:
    """Pw = 99.89 RH exp(21.66 - 5431.3/Ta), Pa (Thibodeaux 1979; NOAA TM NOS OR&R 43 section 6.3.3)."""
    return float(99.89 * weather.relative_humidity * np.exp(21.66 - 5431.3 / weather.air_temperature_k))


def transmissivity(weather: SourceWeather, path_m: ArrayLike) -> FloatArray:
    """
    Share of the heat the air lets through: 1.389 - 0.135 log10(Pw d), held to 0..1.

    Cook, Bahrami & Whitehouse (1990); NOAA TM NOS OR&R 43 section 6.3.3. Fog, smoke and CO2 are left out.
    """
    wet = np.maximum(water_vapour_pressure_pa(weather) * np.maximum(np.asarray(path_m, float), 1e-3), 1e-9)
    return np.asarray(np.clip(1.389 - 0.135 * np.log10(wet), 0.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """
    Surface of a flame cut into tiles; x downwind, y across, z up, m.

    Attributes
    ----------
    position_m, normal
        Middle and outward unit normal of each, shape ``(n, 3)``.
    area_m2
        Shape ``(n,)``.
    """

    position_m: FloatArray
    normal: FloatArray
    area_m2: FloatArray


def frustum(
    base_m: float,
    tip_m: float,
    length_m: float,
    *,
    tilt_rad: float = 0.0,
    foot_m: tuple[float, float, float] = (0.0, 0.0, 0.0),
    ends: tuple[bool, bool] = (False, True),
) -> Tiles:
    """
    Side and `ends` (base, tip) of a frustum, a cylinder when both diameters are equal, leaning downwind from `foot_m`.

    The ends radiate too: the emissive powers of pool and jet fires are defined over a surface that counts them. The
    lowest row of a flame that stands on the ground is taken at the ground, for receivers close by (NOAA TM NOS OR&R
    43 section 6.5.2, footnote).
    """
    slope = (tip_m - base_m) / (2 * length_m)
    share = (np.arange(AXIAL_TILES) + 0.5) / AXIAL_TILES
    angle = (np.arange(ROUND_TILES) + 0.5) * 2 * np.pi / ROUND_TILES
    axis = np.array([np.sin(tilt_rad), 0.0, np.cos(tilt_rad)])
    across, side = np.array([np.cos(tilt_rad), 0.0, -np.sin(tilt_rad)]), np.array([0.0, 1.0, 0.0])
    along, turn = (a.ravel() for a in np.meshgrid(share, angle, indexing="ij"))
    radius = 0.5 * (base_m + (tip_m - base_m) * along)
    outward = np.cos(turn)[:, None] * across + np.sin(turn)[:, None] * side
    place = np.where(along < 1 / AXIAL_TILES, 0.0, along) if foot_m[2] == 0 else along
    positions = [(place * length_m)[:, None] * axis + radius[:, None] * outward]
    normals = [(outward - slope * axis) / np.hypot(1.0, slope)]
    areas = [radius * (2 * np.pi / ROUND_TILES) * (length_m / AXIAL_TILES) * np.hypot(1.0, slope)]
    ring = (np.arange(END_RINGS) + 0.5) / END_RINGS
    inner, turn = (a.ravel() for a in np.meshgrid(ring, angle, indexing="ij"))
    spoke = np.cos(turn)[:, None] * across + np.sin(turn)[:, None] * side
    for wanted, diameter, height, direction in zip(ends, (base_m, tip_m), (0.0, length_m), (-1.0, 1.0), strict=True):
        if wanted:
            positions.append(height * axis + (inner * diameter / 2)[:, None] * spoke)
            normals.append(np.broadcast_to(direction * axis, spoke.shape))
            areas.append(inner * (diameter / 2) ** 2 / END_RINGS * (2 * np.pi / ROUND_TILES))
    return Tiles(np.asarray(foot_m) + np.concatenate(positions), np.concatenate(normals), np.concatenate(areas))


def view_factor(tiles: Tiles, points_m: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """
    Largest view factor over all orientations of a small receiver, and mean path to the flame (m), for ``(m, 3)``
    points.

    F = |sum over tiles facing the receiver of cos(beta) dA/(pi r^2) towards it| (Sparrow & Cess 1978; NOAA TM NOS
    OR&R 43 section 6.5.2). The path is the mean distance to those tiles, weighted as they are seen.
    """
    points = np.atleast_2d(np.asarray(points_m, float))
    factor, path = np.empty(len(points)), np.empty(len(points))
    size = max(1, CHUNK // len(tiles.area_m2))
    for start in range(0, len(points), size):
        part = slice(start, start + size)
        line = points[part, None, :] - tiles.position_m[None]
        distance = np.sqrt(np.maximum(np.einsum("ijk,ijk->ij", line, line), 1e-12))
        facing = np.maximum(np.einsum("ijk,jk->ij", line, tiles.normal), 0.0)
        weight = facing * tiles.area_m2 / (np.pi * distance**4)
        factor[part] = np.linalg.norm(np.einsum("ij,ijk->ik", weight, line), axis=1)
        seen = weight * distance
        path[part] = (seen * distance).sum(axis=1) / np.maximum(seen.sum(axis=1), 1e-300)
    return np.minimum(factor, 1.0), path


class HeatSource(Protocol):
    """Anything that gives a heat flux at places given downwind, across and up."""

    def flux_w_m2(self, points_m: ArrayLike) -> FloatArray:
        """Heat flux at ``(m, 3)`` points, W/m2."""
        ...


def reach_m(value_at: Callable[[FloatArray], FloatArray], level: float, nearest_m: float) -> float:
    """
    Largest distance at which a quantity that falls with distance is still at `level`; 0 where it never is, m.

    Parameters
    ----------
    value_at
        Distances ``(m,)`` to values ``(m,)``.
    """
    distance = np.geomspace(nearest_m, FAR_M, 160)
    above = np.flatnonzero(value_at(distance) >= level)
    if above.size == 0:
        return 0.0
    last = int(above[-1])
    if last == distance.size - 1:
        return FAR_M
    low, high = distance[last], distance[last + 1]
    for _ in range(40):
        middle = 0.5 * (low + high)
        if float(value_at(np.array([middle]))[0]) >= level:
            low = middle
        else:
            high = middle
    return float(0.5 * (low + high))


def contours_m(
    source: HeatSource, levels_w_m2: Sequence[float], nearest_m: float, *, directions: int = 48
) -> list[FloatArray]:
    """
    Outlines of the areas with at least each level at the ground, ``(directions, 2)`` each (downwind, across), m.

    The flame is the same on both sides of the wind. The outermost ring that still has the level is found in every
    direction and refined between the rings; ``(0, 2)`` where the level is reached nowhere.
    """
    angle = np.linspace(0.0, np.pi, directions // 2 + 1)
    unit = np.stack([np.cos(angle), np.sin(angle)], axis=1)

    def flux(radius: FloatArray) -> FloatArray:
        places = radius[..., None] * unit[:, None, :] if radius.ndim == 2 else radius[:, None] * unit
        flat = places.reshape(-1, 2)
        return source.flux_w_m2(np.column_stack([flat, np.zeros(len(flat))])).reshape(radius.shape)

    lowest = min(levels_w_m2)
    probe = np.geomspace(nearest_m, FAR_M, 30)
    along = np.concatenate([np.column_stack([sign * probe, 0 * probe, 0 * probe]) for sign in (1.0, -1.0)])
    strong = np.flatnonzero((source.flux_w_m2(along).reshape(2, -1) >= lowest).any(axis=0))
    if strong.size == 0:
        return [np.empty((0, 2)) for _ in levels_w_m2]
    rings = np.geomspace(nearest_m, probe[min(strong[-1] + 2, probe.size - 1)], RINGS)
    table = flux(np.broadcast_to(rings, (angle.size, RINGS)))
    return [_outline(table, rings, level, unit, flux) for level in levels_w_m2]


def _outline(
    table: FloatArray,
    rings: FloatArray,
    level: float,
    unit: FloatArray,
    flux: Callable[[FloatArray], FloatArray],
) -> FloatArray:
    """Outermost crossing of a level in every direction, mirrored to both sides."""
    above = table >= level
    if not above.any():
        return np.empty((0, 2))
    last = np.where(above.any(axis=1), rings.size - 1 - above[:, ::-1].argmax(axis=1), 0)
    after = np.minimum(last + 1, rings.size - 1)
    low, high = np.log(rings[last]), np.log(rings[after])
    row = np.arange(last.size)
    f_low, f_high = (np.log(np.maximum(table[row, at], 1e-12) / level) for at in (last, after))
    for _ in range(3):  # flux falls almost as a power of the distance: the secant in logs closes at once
        share = np.clip(f_low / np.maximum(f_low - f_high, 1e-12), 0.0, 1.0)
        middle = low + share * (high - low)
        f_middle = np.log(np.maximum(flux(np.exp(middle)), 1e-12) / level)
        inside = f_middle >= 0
        low, f_low = np.where(inside, middle, low), np.where(inside, f_middle, f_low)
        high, f_high = np.where(inside, high, middle), np.where(inside, f_high, f_middle)
    share = np.clip(f_low / np.maximum(f_low - f_high, 1e-12), 0.0, 1.0)
    radius = np.where(above.any(axis=1), np.exp(low + share * (high - low)), 0.0)
    half = radius[:, None] * unit
    return np.concatenate([half, half[-2:0:-1] * np.array([1.0, -1.0])])
