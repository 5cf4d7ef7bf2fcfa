"""Where on the page does a place lie? Paper, map frame and scale; true to scale in the middle of the map."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gis.crs import LocalFrame, LonLat
from gis.errors import InputError

MM = 72 / 25.4
PAPERS_MM: dict[str, tuple[float, float]] = {
    "A4": (297.0, 210.0), "A4-portrait": (210.0, 297.0), "A3": (420.0, 297.0), "A3-portrait": (297.0, 420.0),
    "A2": (594.0, 420.0),
}  # fmt: skip
SCALES = (
    1_000,
    2_000,
    2_500,
    5_000,
    10_000,
    15_000,
    20_000,
    25_000,
    30_000,
    40_000,
    50_000,
    75_000,
    100_000,
    200_000,
    500_000,
)
SMALLEST, LARGEST = 500, 1_000_000
MARGIN, HEAD, FOOT, SIDE = 22.0, 51.0, 36.0, 172.0
SIGN = 26.0
"""Points that what must be seen keeps from the map's edge: half a sign and its words."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class PageFrame:
    """
    One sheet: paper, the middle of the map, and its scale.

    Attributes
    ----------
    scale
        Denominator: 25000 for 1:25 000.
    """

    paper: str
    centre: LonLat
    scale: int

    def __post_init__(self) -> None:
        """Refuse what is no paper and no scale."""
        faults = []
        if self.paper not in PAPERS_MM:
            faults.append(f"paper: '{self.paper}'; use one of {', '.join(PAPERS_MM)}")
        if not SMALLEST <= self.scale <= LARGEST:
            faults.append(f"scale: 1:{self.scale}; between 1:{SMALLEST} and 1:{LARGEST}")
        if faults:
            raise InputError(faults)

    @property
    def size_pt(self) -> tuple[float, float]:
        """Width and height of the paper in points."""
        wide, high = PAPERS_MM[self.paper]
        return wide * MM, high * MM

    @property
    def map_box(self) -> Box:
        """Left, bottom, right, top of the map on the paper, points."""
        wide, high = self.size_pt
        return MARGIN, MARGIN + FOOT, wide - MARGIN - SIDE, high - MARGIN - HEAD

    @property
    def m_per_pt(self) -> float:
        """Metres on the ground for one point on the paper."""
        return self.scale * 0.0254 / 72

    @cached_property
    def _local(self) -> LocalFrame:
        return LocalFrame(self.centre)

    def at(self, longitude: Any, latitude: Any) -> tuple[Any, Any]:
        """Points on the paper of places in degrees (scalars or arrays)."""
        east_m, north_m = self._local.to_metres(longitude, latitude)
        left, bottom, right, top = self.map_box
        return (left + right) / 2 + east_m / self.m_per_pt, (bottom + top) / 2 + north_m / self.m_per_pt

    def spot(self, place: Any) -> tuple[float, float]:
        """Point on the paper of one place (longitude, latitude)."""
        x, y = self.at(place[0], place[1])
        return float(x), float(y)

    def way(self, coordinates: Any) -> list[tuple[float, float]]:
        """Points on the paper of a line of places."""
        points = np.asarray(coordinates, float)
        x, y = self.at(points[:, 0], points[:, 1])
        return list(zip(x.tolist(), y.tolist(), strict=True))

    @property
    def bounds(self) -> Box:
        """West, south, east, north of what the map shows, degrees."""
        left, bottom, right, top = self.map_box
        half = (right - left) / 2 * self.m_per_pt, (top - bottom) / 2 * self.m_per_pt
        longitude, latitude = self._local.to_degrees(
            [-half[0], half[0], -half[0], half[0]], [-half[1], -half[1], half[1], half[1]]
        )
        return float(longitude.min()), float(latitude.min()), float(longitude.max()), float(latitude.max())

    def places_of_dots(self, wide: int, high: int, begin: int, end: int) -> tuple[Any, Any]:
        """
        Longitude and latitude of the middle of each dot when the map's box is cut into dots.

        Parameters
        ----------
        wide, high
            Dots of the whole box; rows count from its upper edge.
        begin, end
            Rows asked for; both results have the shape ``(end - begin, wide)``.
        """
        left, bottom, right, top = self.map_box
        east = ((np.arange(wide) + 0.5) / wide - 0.5) * (right - left) * self.m_per_pt
        north = (0.5 - (np.arange(begin, end) + 0.5) / high) * (top - bottom) * self.m_per_pt
        return self._local.to_degrees(*np.meshgrid(east, north))

    def holds(self, x: float, y: float) -> bool:
        """Whether a point on the paper lies in the map."""
        left, bottom, right, top = self.map_box
        return left <= x <= right and bottom <= y <= top


def fitting_scale(paper: str, bounds: Box) -> int:
    """The largest usual scale at which a box of degrees fits into the map of a paper, off its edge by `SIGN`."""
    west, south, east, north = bounds
    centre = LonLat((west + east) / 2, (south + north) / 2)
    for scale in SCALES:
        frame = PageFrame(paper, centre, scale)
        left, bottom, right, top = frame.map_box
        spots = [frame.spot((x, y)) for x in (west, east) for y in (south, north)]
        if all(left + SIGN <= x <= right - SIGN and bottom + SIGN <= y <= top - SIGN for x, y in spots):
            return scale
    return SCALES[-1]
