"""Where does the gas come by while the wind turns? Zones and receptors of a changing wind."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.columns import ZONES
from gis.crs import GEOGRAPHIC, LocalFrame
from plume import contours, dose, following, frames, probit, zones
from plume.case import Case
from plume.clouds import Chosen, ModelChoice
from plume.setting import PURE_PPM, Setting
from plume.weather import Weather

FloatArray = NDArray[np.float64]

FRAMES = 90
CELLS = 400


def follow(
    case: Case, rows: gpd.GeoDataFrame, thresholds_kg_m3: dict[str, float], model: ModelChoice = "auto"
) -> gpd.GeoDataFrame:
    """
    The zones of a case redrawn around everything the cloud passes over as the wind of the series turns.

    Parameters
    ----------
    rows
        Zones along the first wind (``gis.columns.ZONES``), worst first.
    thresholds_kg_m3
        Level name -> concentration.

    Returns
    -------
    rows
        The same rows with `geometry` and `reach_m` of the turning wind; a level too small for the grid keeps its own.
    """
    done = frames.frames_of(case, count=FRAMES, cells=CELLS, model=model)
    passed = done.concentration_mg_m3.max(axis=0).astype(float)
    frame = LocalFrame(case.incident.place)
    shapes: list[shapely.Geometry] = []
    reach: list[float] = []
    inner: shapely.Geometry = shapely.Polygon()
    for row in rows.itertuples():
        first = shapely.transform(row.geometry, lambda xy: np.column_stack(frame.to_metres(xy[:, 0], xy[:, 1])))
        area = contours.above(done.grid, passed, thresholds_kg_m3[row.level_name] * 1e6)
        whole = first if shapely.is_empty(area) else area
        if not shapely.is_empty(inner):
            whole = shapely.union(whole, shapely.buffer(inner, zones.NESTING_M))
        shapes.append(zones.to_degrees(whole, frame))
        reach.append(float(shapely.hausdorff_distance(whole, shapely.Point(0, 0))))
        inner = whole
    return rows.assign(geometry=gpd.GeoSeries(shapes, index=rows.index, crs=rows.crs), reach_m=reach)


def zones_at(case: Case, setting: Setting, chosen: Chosen, times_s: FloatArray) -> list[gpd.GeoDataFrame]:
    """
    Zones of a case as they stand at several moments of a turning wind: columns of ``gis.columns.ZONES`` and ``time_s``.

    Drawn from the cloud's slices on one grid; no row where there is none, or none as large as two cells of it.
    """
    weather, frame = setting.weather, LocalFrame(case.incident.place)
    reach = frames.reach_of(setting, chosen.cloud)
    grid = frames.grid_of(setting, reach, max(float(times_s.max()), float(chosen.cloud.departure_s(reach))), CELLS)
    fields = following.on_grid(chosen.cloud.parts(), weather, grid, times_s, case.output.height_m)
    found = []
    for time, field in zip(times_s, fields, strict=True):
        rows: list[dict[str, Any]] = []
        inner: shapely.Geometry = shapely.Polygon()
        for level, threshold in zip(setting.levels.rows, setting.thresholds_kg_m3(), strict=True):
            area = contours.above(grid, field.astype(float), threshold) if np.isfinite(threshold) else inner
            if not shapely.is_empty(inner):
                area = shapely.union(area, shapely.buffer(inner, zones.NESTING_M))
            if shapely.is_empty(area):
                continue
            reached = float(shapely.hausdorff_distance(area, shapely.Point(0, 0)))
            row = zones.row_of(level, setting.averaging_s, float(chosen.cloud.arrival_s(0.0)), reached)
            rows.append(row | {"geometry": zones.to_degrees(area, frame)})
            inner = area
        if rows:
            found.append(
                ZONES.check(gpd.GeoDataFrame(rows, geometry="geometry", crs=GEOGRAPHIC)).assign(time_s=float(time))
            )
    return found


def receptors(
    setting: Setting,
    chosen: Chosen,
    along_m: FloatArray,
    across_m: FloatArray,
    height_m: FloatArray,
    *,
    with_load: bool,
) -> dict[str, FloatArray]:
    """
    What ``forecast.concentration_at`` answers when the wind of a series turns; arrays of one shape.

    Ppm at ambient conditions; arrival and departure are the first and last moment with half of a place's peak.
    """
    weather, substance = setting.weather, setting.release.substance
    per_kg = weather.ppm_per_kg_m3(substance.molar_mass_kg_mol)
    east, north = map_coordinates(weather, along_m, across_m)
    time, course = following.at_places(chosen.cloud.parts(), weather, east.ravel(), north.ravel(), height_m.ravel())
    course = np.minimum(course, PURE_PPM / per_kg)
    found = np.array(list(following.passages(time, course))).reshape(-1, 3)
    peak, arrival, departure = (np.reshape(column, along_m.shape) for column in found.T)
    result = {
        "concentration_kg_m3": peak,
        "concentration_mg_m3": peak * 1e6,
        "concentration_ppm": peak * per_kg,
        "arrival_s": arrival,
        "departure_s": departure,
    }
    if with_load:
        response = probit.of(substance)
        loads: FloatArray = np.full(peak.size, np.nan)
        if response is not None:
            minutes = time / dose.SECONDS_PER_MINUTE
            loads = np.asarray(np.trapezoid((course * 1e6) ** response.n, minutes, axis=0))
        result["toxic_load"] = np.reshape(loads, along_m.shape)
    return result


def map_coordinates(weather: Weather, along_m: FloatArray, across_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Metres east and north of the source of places given downwind and to the left of the first wind."""
    towards = np.radians(weather.wind_from_deg + 180.0)
    return (
        np.asarray(along_m * np.sin(towards) - across_m * np.cos(towards)),
        np.asarray(along_m * np.cos(towards) + across_m * np.sin(towards)),
    )
