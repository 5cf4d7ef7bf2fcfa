"""Where is the heat or the blast above a level? Zones around a fire or explosion, worst within the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.columns import ZONES
from gis.crs import GEOGRAPHIC, LocalFrame, LonLat
from gis.errors import InputError
from gis.provenance import Trust
from plume.fire.radiation import HeatSource, contours_m, reach_m

FloatArray = NDArray[np.float64]

PSI_PA = 6894.76
HEAT_EXPOSURE_S = 60.0
"""The thermal levels of ALOHA are for an exposure of a minute."""
CIRCLE_CORNERS = 96


@dataclass(frozen=True, slots=True)
class HazardLevel:
    """
    A level of heat or overpressure.

    Attributes
    ----------
    level
        3 is the worst.
    name
        What the legend says.
    threshold, unit
        kW/m2 or kPa.
    trust, source
        How far the threshold may be trusted, and where it was read.
    """

    level: int
    name: str
    threshold: float
    unit: Literal["kW/m2", "kPa"]
    trust: Trust = "one_source"
    source: str = "NOAA TM NOS OR&R 43"

    @property
    def si(self) -> float:
        """Threshold in W/m2 or Pa."""
        return self.threshold * 1000


HEAT_LEVELS = (
    HazardLevel(3, "10 kW/m2", 10.0, "kW/m2"),
    HazardLevel(2, "5 kW/m2", 5.0, "kW/m2"),
    HazardLevel(1, "2 kW/m2", 2.0, "kW/m2"),
)
"""Potentially lethal, second-degree burns, pain within 60 s."""
BLAST_LEVELS = (
    HazardLevel(3, "8 psi", 8.0 * PSI_PA / 1000, "kPa"),
    HazardLevel(2, "3.5 psi", 3.5 * PSI_PA / 1000, "kPa"),
    HazardLevel(1, "1 psi", 1.0 * PSI_PA / 1000, "kPa"),
)
"""Buildings destroyed, serious injury likely, glass shattered."""


class BlastSource(Protocol):
    """Anything with an overpressure around a centre that lies downwind of the source."""

    @property
    def centre_m(self) -> float:
        """Downwind distance of the centre."""
        ...

    def overpressure_pa(self, distance_m: ArrayLike) -> FloatArray:
        """Peak overpressure at distances from the centre, Pa."""
        ...


def own_levels(thresholds: Sequence[float], unit: Literal["kW/m2", "kPa"]) -> tuple[HazardLevel, ...]:
    """
    One to three levels of the user's own, worst first.

    Raises
    ------
    InputError
        None, more than three, or one not above 0.
    """
    values = sorted({float(value) for value in thresholds}, reverse=True)
    if not 1 <= len(values) <= 3 or values[-1] <= 0:
        raise InputError("levels: give one to three different thresholds above 0")
    return tuple(
        HazardLevel(level, f"{value:g} {unit}", value, unit, "unverified", "given by the user")
        for level, value in zip(range(len(values), 0, -1), values, strict=True)
    )


def heat_zones(
    source: HeatSource,
    origin: LonLat,
    wind_from_deg: float,
    *,
    levels: Sequence[HazardLevel] = HEAT_LEVELS,
    nearest_m: float = 0.5,
    exposure_s: float = HEAT_EXPOSURE_S,
) -> gpd.GeoDataFrame:
    """
    Zones of heat at the ground, in the columns of ``gis.columns.ZONES``, worst first; a level reached nowhere has no
    row.

    The flame leans away from `wind_from_deg`.
    """
    outlines = contours_m(source, [level.si for level in levels], nearest_m)
    return _frame("thermal", levels, outlines, origin, wind_from_deg, exposure_s)


def blast_zones(
    source: BlastSource,
    origin: LonLat,
    wind_from_deg: float,
    *,
    levels: Sequence[HazardLevel] = BLAST_LEVELS,
) -> gpd.GeoDataFrame:
    """Zones of overpressure, circles about the centre of the explosion, in the columns of ``gis.columns.ZONES``."""
    angle = np.arange(CIRCLE_CORNERS) * 2 * np.pi / CIRCLE_CORNERS
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    outlines = []
    for level in levels:
        radius = blast_reach_m(source, level.si)
        centre = np.array([source.centre_m, 0.0])
        outlines.append(radius * circle + centre if radius > 0 else np.empty((0, 2)))
    return _frame("overpressure", levels, outlines, origin, wind_from_deg, 0.0)


def blast_reach_m(source: BlastSource, level_pa: float) -> float:
    """Distance from the centre of the explosion at which the overpressure is `level_pa`, 0 where it is nowhere, m."""
    return reach_m(source.overpressure_pa, level_pa, 0.01)


def heat_reach_m(source: HeatSource, level_w_m2: float, nearest_m: float = 0.5) -> float:
    """Distance downwind of the source at which the flux is `level_w_m2`, 0 where it is nowhere, m."""

    def along(distance: FloatArray) -> FloatArray:
        nothing = np.zeros_like(distance)
        return source.flux_w_m2(np.column_stack([distance, nothing, nothing]))

    return reach_m(along, level_w_m2, nearest_m)


def to_places(outline_m: ArrayLike, origin: LonLat, wind_from_deg: float) -> FloatArray:
    """Downwind and across (to the left of the wind) of `origin`, ``(n, 2)`` m, to longitude and latitude ``(n, 2)``."""
    outline = np.atleast_2d(np.asarray(outline_m, float))
    to = np.radians(wind_from_deg + 180.0)
    east = outline[:, 0] * np.sin(to) - outline[:, 1] * np.cos(to)
    north = outline[:, 0] * np.cos(to) + outline[:, 1] * np.sin(to)
    return np.column_stack(LocalFrame(origin).to_degrees(east, north))


def _frame(
    kind: str,
    levels: Sequence[HazardLevel],
    outlines: Sequence[FloatArray],
    origin: LonLat,
    wind_from_deg: float,
    averaging_s: float,
) -> gpd.GeoDataFrame:
    rows, shapes = [], []
    inner = shapely.Polygon()
    for level, outline in sorted(zip(levels, outlines, strict=True), key=lambda pair: -pair[0].level):
        if len(outline) == 0:
            continue
        shape = shapely.union(shapely.make_valid(shapely.Polygon(outline)), inner)
        shape = inner = max(shapely.get_parts(shape), key=shapely.area)
        rows.append(
            {
                "kind": kind,
                "level": level.level,
                "level_name": level.name,
                "threshold": level.threshold,
                "unit": level.unit,
                "averaging_s": averaging_s,
                "trust": level.trust,
                "arrival_s": 0.0,
                "reach_m": float(np.hypot(*outline.T).max()),
            }
        )
        corners = to_places(shapely.get_coordinates(shape.exterior), origin, wind_from_deg)
        shapes.append(shapely.Polygon(corners))
    if not rows:
        return ZONES.empty(GEOGRAPHIC)
    return ZONES.check(gpd.GeoDataFrame(rows, geometry=shapes, crs=GEOGRAPHIC))
