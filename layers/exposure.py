"""
Who is in the way? People by disjoint band and cumulative zone, and protection targets in the order the cloud arrives.

People of a cell count by the share of its area inside a zone; that share is a ratio of two areas at one place, so it is
the same in degrees and in metres. Bands are disjoint, bands and outside together are the total, and whole heads
come from the method of largest remainders: nobody is lost and nobody counted twice.
"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.columns import FACILITIES, PEOPLE, ZONES
from gis.crs import GEOGRAPHIC, LocalFrame, LonLat, as_geographic
from gis.provenance import Provenance
from layers.apportion import largest_remainder

FloatArray = NDArray[np.float64]

MODEL = "area-weighted cells"
VERSION = "1"


@dataclass(frozen=True)
class Exposure:
    """
    Who is in the zones.

    Attributes
    ----------
    bands
        One row per level, the worst first: ``level, level_name, people_day, people_night`` in that band alone, and
        ``cumulative_day, cumulative_night`` in it and all worse ones.
    total_day, total_night
        Everybody in the population given.
    outside_day, outside_night
        Those in no zone; bands and outside add up to the total.
    facilities
        Protection targets in a zone, first arrival first: ``id, name, kind, people, level, level_name, arrival_s,
        distance_m, geometry``; arrival and distance are NaN where they could not be told.
    is_day
        Which of the two counts the decision looks at.
    """

    bands: pd.DataFrame
    total_day: int
    total_night: int
    outside_day: int
    outside_night: int
    facilities: gpd.GeoDataFrame
    is_day: bool
    provenance: Provenance

    @property
    def people(self) -> int:
        """People in any zone, by day or by night as `is_day` says."""
        return int(self.bands["people_day" if self.is_day else "people_night"].sum())

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, for the log and for files."""
        facilities = self.facilities.drop(columns="geometry").astype(object)
        facilities = facilities.where(facilities.notna(), None)
        points = shapely.get_coordinates(self.facilities.geometry.to_numpy())
        return {
            "bands": self.bands.to_dict("records"),
            "is_day": self.is_day,
            "people": self.people,
            "total_day": self.total_day,
            "total_night": self.total_night,
            "outside_day": self.outside_day,
            "outside_night": self.outside_night,
            "facilities": [
                {**row, "longitude": float(point[0]), "latitude": float(point[1])}
                for row, point in zip(facilities.to_dict("records"), points, strict=True)
            ],
            "provenance": self.provenance.as_json(),
        }


def count(
    zones: gpd.GeoDataFrame,
    people: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    day: bool,
    source: LonLat | None = None,
    cloud_speed_m_s: float | None = None,
) -> Exposure:
    """
    Count people and protection targets in hazard zones.

    Parameters
    ----------
    zones
        Cumulative zones with the columns of ``gis.columns.ZONES``; of several kinds the worst level counts.
    people
        Columns of ``gis.columns.PEOPLE``: cells (by share of area) or points (whole).
    facilities
        Columns of ``gis.columns.FACILITIES``.
    day
        Whether the decision looks at the day; both counts are always given.
    source, cloud_speed_m_s
        With these a target's arrival is its distance over the speed, never sooner than its zone begins; without them it
        is the zone's own first arrival.

    Raises
    ------
    InputError
        A frame does not carry its declared columns.

    Examples
    --------
    >>> cells = gpd.GeoDataFrame({"day": [100.0], "night": [7.0]}, geometry=[shapely.box(0, 0, 1, 1)], crs=GEOGRAPHIC)
    >>> zone = dict(kind="toxic", level=1, level_name="AEGL-1", threshold=0.5, unit="ppm", averaging_s=3600.0,
    ...             trust="one_source", arrival_s=0.0, reach_m=1.0)
    >>> zones = gpd.GeoDataFrame([zone], geometry=[shapely.box(0, 0, 0.25, 1)], crs=GEOGRAPHIC)
    >>> found = count(zones, cells, FACILITIES.empty(GEOGRAPHIC), day=True)
    >>> found.people, found.outside_day, found.total_day
    (25, 75, 100)
    """
    zones = as_geographic(ZONES.check(zones))
    people = as_geographic(PEOPLE.check(people))
    facilities = as_geographic(FACILITIES.check(facilities))
    levels = sorted({int(level) for level in zones["level"]}, reverse=True)
    # A worse zone lies within a milder one by definition; the union makes it so where drawing left a sliver.
    within: list[BaseGeometry] = [
        shapely.union_all(zones.geometry[zones["level"] >= level].to_numpy()) for level in levels
    ]
    cells = people.geometry.to_numpy()
    boxes = shapely.bounds(cells)
    shares = np.array([share_inside(cells, zone, boxes) for zone in within]).reshape(len(levels), len(cells))
    own = np.diff(np.vstack([np.zeros(shares.shape[1]), shares]), axis=0).clip(min=0.0)
    counted = {}
    for when in ("day", "night"):
        heads = people[when].to_numpy(float)
        inside = own @ heads if len(levels) else np.zeros(0)
        total = round(float(heads.sum()))
        counted[when] = largest_remainder([*inside, max(float(heads.sum() - inside.sum()), 0.0)], total)
    names = {int(level): str(name) for level, name in zip(zones["level"], zones["level_name"], strict=True)}
    bands = pd.DataFrame(
        {
            "level": levels,
            "level_name": [names[level] for level in levels],
            "people_day": counted["day"][:-1],
            "people_night": counted["night"][:-1],
            "cumulative_day": counted["day"][:-1].cumsum(),
            "cumulative_night": counted["night"][:-1].cumsum(),
        }
    )
    return Exposure(
        bands=bands,
        total_day=int(counted["day"].sum()),
        total_night=int(counted["night"].sum()),
        outside_day=int(counted["day"][-1]),
        outside_night=int(counted["night"][-1]),
        facilities=_facilities(zones, facilities, levels, within, names, source, cloud_speed_m_s),
        is_day=day,
        provenance=Provenance(
            source="layers.exposure",
            model=MODEL,
            version=VERSION,
            inputs={"day": day, "levels": levels, "cells": len(people), "facilities": len(facilities)},
        ),
    )


def share_inside(shapes: NDArray[Any], zone: BaseGeometry, bounds: FloatArray | None = None) -> FloatArray:
    """
    Share ``(n,)`` from 0 to 1 of each shape that lies in `zone`: by area for surfaces, all or nothing for points.

    Only shapes on the zone's edge are cut; those wholly inside are told by the index. `bounds` ``(n, 4)`` are those of
    the shapes, for a caller who asks about several zones: reading them is most of the work for a whole city.
    """
    share = np.zeros(len(shapes))
    if zone.is_empty or not len(shapes):
        return share
    shapely.prepare(zone)
    west, south, east, north = shapely.bounds(zone)
    if bounds is None:
        bounds = shapely.bounds(shapes)
    near = np.flatnonzero(
        (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    )
    touching = near[shapely.intersects(zone, shapes[near])]
    whole = shapely.covers(zone, shapes[touching])
    share[touching[whole]] = 1.0
    edge = touching[~whole]
    size = shapely.area(shapes[edge])
    cut = shapely.area(shapely.intersection(shapes[edge], zone))
    share[edge] = np.divide(cut, size, out=np.zeros(len(edge)), where=size > 0).clip(0.0, 1.0)
    return share


def _facilities(
    zones: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    levels: list[int],
    within: list[BaseGeometry],
    names: dict[int, str],
    source: LonLat | None,
    cloud_speed_m_s: float | None,
) -> gpd.GeoDataFrame:
    points = facilities.geometry.to_numpy()
    level = np.zeros(len(points), dtype=np.int64)
    for value, zone in zip(reversed(levels), reversed(within), strict=True):
        shapely.prepare(zone)
        level[shapely.intersects(zone, points)] = value
    hit = level > 0
    kept = facilities.loc[hit, ["id", "name", "kind", "people", "geometry"]].copy()
    kept.insert(4, "level", level[hit])
    kept.insert(5, "level_name", [names[int(value)] for value in level[hit]])
    earliest = {value: float(zones.loc[zones["level"] <= value, "arrival_s"].min()) for value in levels}
    arrival = np.array([earliest[int(value)] for value in level[hit]], dtype=float)
    distance = np.full(len(kept), np.nan)
    if source is not None:
        place = shapely.get_coordinates(kept.geometry.to_numpy())
        east, north = LocalFrame(source).to_metres(place[:, 0], place[:, 1])
        distance = np.hypot(east, north)
        if cloud_speed_m_s:
            arrival = np.fmax(arrival, distance / cloud_speed_m_s)
    kept.insert(6, "arrival_s", arrival)
    kept.insert(7, "distance_m", distance)
    return kept.sort_values(["arrival_s", "distance_m", "id"], kind="stable").set_crs(GEOGRAPHIC, allow_override=True)
