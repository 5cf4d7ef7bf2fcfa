"""How does the cloud pass? The zones of a case at regular moments, small enough to travel to a map."""

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import shapely

from gis.crs import LocalFrame
from plume import forecast as plume_forecast
from plume import frames, moments
from plume import setting as plume_setting
from plume.case import Case
from plume.case import read as read_case
from plume.release_kinds import FireInput
from scenarios import drawing
from scenarios.events import Json

MOST_FRAMES = 24
STEPS_S = (10, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 14_400)
CASES_KEPT = 32
CELLS = 240
"""Cells on a side of the grid from which a cloud in a turning wind is contoured."""
FINENESS = 0.002
"""A frame is simplified by this share of the cloud's reach: less than a pixel where the whole cloud is seen."""
METRES_A_DEGREE = 111_320.0
GRID_DEG = 10.0**-drawing.DECIMALS
"""Areas are made valid on the grid on which they travel: rounding afterwards would let thin tips cross themselves."""

Moment = tuple[float, list[tuple[int, str, Any]]]


def passing(case: Mapping[str, Any]) -> Json:
    """
    Frames of a passing cloud; computed once for each case and kept. Read only: the same value is given to everybody.

    Parameters
    ----------
    case
        For ``plume.case.read``: the case of the run shown.

    Returns
    -------
    passage
        ``frames``, at most `MOST_FRAMES`: each ``time_s`` after the release began and ``zones`` (level, name, geometry,
        and the band the level adds), lowest level first; ``occurred_at``; ``notes``. No frames for a fire, or where
        no level is reached.

    Raises
    ------
    InputError
        The case cannot be computed.
    """
    return _passing(json.dumps(case, sort_keys=True, ensure_ascii=False))


@lru_cache(maxsize=CASES_KEPT)
def _passing(written: str) -> Json:
    case = read_case(json.loads(written))
    answer: Json = {"occurred_at": case.incident.occurred_at.isoformat(), "frames": [], "notes": []}
    if isinstance(case.release, FireInput):
        return answer | {"notes": ["frames_not_for_fire"]}
    zones = plume_forecast.forecast(case).zones
    if not len(zones):
        return answer | {"notes": ["no_level_reached"]}
    reach_m = float(zones["reach_m"].max())
    turning = bool(case.resolved_weather().series)
    moments = _in_turning_wind(case) if turning else _along_one_wind(case, reach_m)
    tolerance = FINENESS * reach_m / METRES_A_DEGREE
    answer["frames"] = _trimmed([_frame(time_s, areas, tolerance) for time_s, areas in moments])
    return answer


def moments_s(until_s: float) -> list[float]:
    """
    Round moments up to the first after `until_s`, never more than `MOST_FRAMES`.

    Examples
    --------
    >>> moments_s(5000.0)[:2], len(moments_s(5000.0))
    ([300.0, 600.0], 17)
    """
    step = next((step for step in STEPS_S if until_s <= step * MOST_FRAMES), math.ceil(until_s / MOST_FRAMES))
    return [float(step * count) for count in range(1, max(1, math.ceil(until_s / step)) + 1)]


def _along_one_wind(case: Case, reach_m: float) -> Iterator[Moment]:
    there = plume_forecast.concentration_at(case, downwind_m=reach_m, crosswind_m=0.0, height_m=case.output.height_m)
    gone_s = float(there["departure_s"])
    times = moments_s(gone_s if math.isfinite(gone_s) else float(STEPS_S[3] * MOST_FRAMES))
    rows = moments.zones_at(case, times)
    for time_s in times:
        now = rows[rows["time_s"] == time_s]
        yield time_s, [(int(row.level), str(row.level_name), row.geometry) for row in now.itertuples()]


def _in_turning_wind(case: Case) -> Iterator[Moment]:
    from contourpy import FillType, contour_generator

    setting = plume_setting.prepare(case)
    drawn = frames.frames_of(case, count=MOST_FRAMES, cells=CELLS)
    to_map = LocalFrame(drawn.source)
    for time_s, field in zip(drawn.times_s, drawn.concentration_mg_m3, strict=True):
        lines = contour_generator(drawn.grid.east, drawn.grid.north, field, fill_type=FillType.OuterOffset)
        areas = []
        for level, threshold in zip(setting.levels.rows, setting.thresholds_kg_m3(), strict=True):
            limit = threshold * 1e6
            if not float(field.max()) > limit:
                continue
            filled: Any = lines.filled(limit, float(field.max()) * 2)
            parts = [_rings(xy, cut, to_map) for xy, cut in zip(*filled, strict=True)]
            areas.append((level.level, level.name, shapely.union_all(parts)))
        yield float(time_s), areas


def _rings(metres: Any, offsets: Any, to_map: LocalFrame) -> Any:
    longitude, latitude = to_map.to_degrees(metres[:, 0], metres[:, 1])
    places = np.column_stack((longitude, latitude))
    outer, *holes = [places[begin:end] for begin, end in itertools.pairwise(offsets)]
    return shapely.make_valid(shapely.Polygon(outer, holes))


def _frame(time_s: float, areas: list[tuple[int, str, Any]], tolerance_deg: float) -> Json:
    zones, inner = [], None
    for level, name, area in sorted(areas, key=lambda one: one[0], reverse=True):
        whole = _on_grid(shapely.make_valid(shapely.simplify(area, tolerance_deg)))
        whole = whole if inner is None else _on_grid(shapely.union(whole, inner))
        band = whole if inner is None else _on_grid(shapely.difference(whole, inner))
        inner = whole
        zones.append(
            {"level": level, "name": name, "geometry": drawing.geometry(whole), "band": drawing.geometry(band)}
        )
    return {"time_s": time_s, "zones": zones[::-1]}


def _on_grid(area: Any) -> Any:
    """Areas alone, valid at the precision of what is sent; slivers that collapse to lines are dropped."""
    snapped = shapely.set_precision(area, GRID_DEG)
    parts = shapely.get_parts(snapped)
    return shapely.union_all(parts[shapely.area(parts) > 0])


def _trimmed(made: list[Json]) -> list[Json]:
    """Without empty frames at the end, but for one that shows that the cloud has gone."""
    last = max((at for at, one in enumerate(made) if one["zones"]), default=-1)
    return made[: last + 2]
