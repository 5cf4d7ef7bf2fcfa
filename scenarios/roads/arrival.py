"""When does the cloud come to each part of its zone? The moving cloud as roads can respect it."""

import itertools
from dataclasses import replace
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.crs import FloatArray, LocalFrame
from plume import setting as plume_setting
from plume.case import Case
from plume.release_kinds import FireInput
from plume.zones import Cloud
from routing.hazard import Frame, Hazard
from scenarios.hazards.indoors import SERIOUS_LEVEL

BANDS = 32
"""Slices of the zone, each with one time of arrival: the earliest of any place in it."""
NODES_A_BAND = 4
MOMENTS = 400
AFTER = 1.5
"""The passage is followed this many times as long as the rear takes to the end of the zone."""
ROUND = 1.001
"""A ring is drawn this much wider, because its straight edges lie inside the circle."""
SLOWEST = 0.5
"""Where the wind turns, the cloud may come to a place in this share of the time it takes to go as far straight on."""


def cloud_on_roads(case: Case, zones: gpd.GeoDataFrame) -> Hazard | None:
    """
    The ground on which nobody may drive, with its times in seconds after the release began.

    A place counts as covered from the first to the last moment at which the axis of its slice holds the serious level
    (AEGL-2, from which on escape is impaired; the highest level there is where none is so called). Early rather than
    late: slices take the earliest arrival and the latest end in them. In a calm, and in a wind that turns, slices are
    rings, because nobody knows the direction, or the way is longer than the distance.

    Parameters
    ----------
    zones
        As recorded: ``level`` and geometry, lon/lat; slices are cut from these, so that both tell the same ground.

    Returns
    -------
    hazard
        None for a fire, which is there at once, and where the serious level is not reached.
    """
    if isinstance(case.release, FireInput) or not len(zones):
        return None
    setting = plume_setting.prepare(case)
    known = [level.level for level in setting.levels.rows]
    serious = min((level for level in known if level >= SERIOUS_LEVEL), default=max(known, default=SERIOUS_LEVEL))
    inside = zones.geometry[zones["level"] >= serious].to_numpy()
    if not len(inside):
        return None
    limits = [limit for level, limit in zip(known, setting.thresholds_kg_m3(), strict=True) if level >= serious]
    cloud = plume_setting.choose(setting, "auto").cloud
    turning = bool(setting.weather.series)
    rings = turning or setting.weather.calm
    towards = None if rings else np.radians(setting.weather.wind_from_deg + 180.0)
    edges, parts = _slices(shapely.union_all(inside), LocalFrame(case.incident.place), towards)
    first_s, last_s = _times(cloud, edges, min(limits), case.output.height_m)
    if turning:
        first_s, last_s = first_s * SLOWEST, np.full(BANDS, last_s.max() / SLOWEST)
    frames = [
        Frame(part, float(since), float(until))
        for part, since, until in zip(parts, first_s, last_s, strict=True)
        if not part.is_empty
    ]
    return Hazard(tuple(frames))


def seconds_since(case: Case, moment: datetime | None) -> float:
    """From the release to `moment`; 0 without one, and where the clock of the case lies ahead of it."""
    return 0.0 if moment is None else max(0.0, (moment - case.incident.occurred_at).total_seconds())


def seen_from(hazard: Hazard, departs_s: float, early_s: float = 0.0) -> Hazard | None:
    """
    The same cloud on a clock that starts `departs_s` after the release; None when it has gone by then.

    It comes `early_s` before it really does, so that whoever keeps ahead of it has at least that much to spare.
    """
    ahead = [
        replace(frame, from_s=max(0.0, frame.from_s - departs_s - early_s), until_s=frame.until_s - departs_s)
        for frame in hazard.frames
        if frame.until_s > departs_s
    ]
    return Hazard(tuple(ahead)) if ahead else None


def _slices(area: Any, frame: LocalFrame, towards: float | None) -> tuple[FloatArray, list[Any]]:
    """Edges in m from the source, along the wind or all round, and the part of the area between each two."""
    local = shapely.transform(area, lambda xy: np.column_stack(frame.to_metres(xy[:, 0], xy[:, 1])))
    points = shapely.get_coordinates(local)
    if towards is None:
        along = np.hypot(points[:, 0], points[:, 1])
        least = 0.0
    else:
        along = points @ np.array([np.sin(towards), np.cos(towards)])
        least = float(along.min())
    edges = np.linspace(least, float(along.max()), BANDS + 1)
    # Slices overlap by nothing and leave nothing out: the outer edges reach beyond the area.
    wide = np.concatenate(([least - 1.0], edges[1:-1], [edges[-1] + 1.0]))
    if towards is None:
        discs = [shapely.Point(0.0, 0.0).buffer(radius * ROUND, quad_segs=32) for radius in wide[1:]]
        cuts = [discs[0], *(shapely.difference(b, a) for a, b in itertools.pairwise(discs))]
    else:
        ahead, aside = np.array([np.sin(towards), np.cos(towards)]), np.array([np.cos(towards), -np.sin(towards)])
        far = float(np.abs(points).max()) * 2
        cuts = [
            shapely.Polygon([a * ahead - far * aside, a * ahead + far * aside, b * ahead + far * aside,
                             b * ahead - far * aside])
            for a, b in itertools.pairwise(wide)
        ]  # fmt: skip
    parts = shapely.intersection(local, np.asarray(cuts, object))
    back = [shapely.transform(part, lambda xy: np.column_stack(frame.to_degrees(xy[:, 0], xy[:, 1]))) for part in parts]
    for part in back:
        shapely.prepare(part)
    return edges, back


def _times(cloud: Cloud, edges: FloatArray, limit: float, height_m: float) -> tuple[FloatArray, FloatArray]:
    """First and last moment at which the axis of each slice holds the limit, rounded outwards to the moments tried."""
    nodes = np.linspace(edges[:-1], edges[1:], NODES_A_BAND, axis=1)
    arrives, leaves = np.asarray(cloud.arrival_s(nodes)), np.asarray(cloud.departure_s(nodes))
    end_s = float(leaves[np.isfinite(leaves)].max()) * AFTER
    moments = np.linspace(0.0, end_s, MOMENTS)
    value = np.asarray(cloud.concentration_at(nodes[..., None], 0.0, height_m, moments))
    held = value >= limit
    step = float(moments[1])
    some = held.any(axis=2)
    first = np.where(some, np.maximum(moments[held.argmax(axis=2)] - step, 0.0), arrives)
    last = np.where(some, moments[MOMENTS - 1 - held[..., ::-1].argmax(axis=2)] + step, leaves)
    # Still there at the last moment tried: nobody knows the end.
    last = np.where(held[..., -1], np.inf, last)
    return first.min(axis=1), last.max(axis=1)
