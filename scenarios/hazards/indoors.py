"""How bad is it indoors where people would stay? Peak outdoors and in a shut house for every block, once per run."""

import geopandas as gpd
import numpy as np

from gis.crs import as_geographic
from plume import dose, indoor
from plume import setting as plume_setting
from plume.case import Case
from plume.release_kinds import FireInput
from plume.zones import Cloud

SERIOUS_LEVEL = 2
"""From this level on harm may last (AEGL-2): a house in which it is passed is no shelter."""


def with_doses(blocks: gpd.GeoDataFrame, case: Case) -> gpd.GeoDataFrame:
    """
    Blocks with what staying there means, for ``routing.evacuation.plan`` and the list of those left over.

    Returns
    -------
    blocks
        With ``outdoor_ppm`` and ``indoor_dose`` (peak outdoors and in an average house with its windows shut, ppm),
        ``dose_limit`` (the serious level as ppm) and ``cloud_s``, when the cloud comes; unchanged for a fire or
        explosion, where a house is judged otherwise. NaN in ``cloud_s`` where nothing comes.
    """
    if isinstance(case.release, FireInput) or not len(blocks):
        return blocks
    setting = plume_setting.prepare(case)
    weather, cloud = setting.weather, plume_setting.choose(setting, "auto").cloud
    per_kg = weather.ppm_per_kg_m3(setting.release.substance.molar_mass_kg_mol)
    limits = [limit * per_kg for level, limit in zip(setting.levels.rows, setting.thresholds_kg_m3(), strict=True)
              if level.level >= SERIOUS_LEVEL and np.isfinite(limit)]  # fmt: skip
    points = as_geographic(blocks).geometry
    along, across = plume_setting.plume_coordinates(case, weather, points.x.to_numpy(), points.y.to_numpy(), None, None)
    if weather.calm:  # the direction is unknown: every place lies downwind
        along, across = np.hypot(along, across), np.zeros_like(along)
    constant_s = indoor.time_constant_s(indoor.Building(), weather)
    peaks = [_peaks(cloud, x, y, case.output.height_m, per_kg, constant_s) for x, y in zip(along, across, strict=True)]
    outside, inside, comes = (np.array(column, float) for column in zip(*peaks, strict=True))
    return blocks.assign(outdoor_ppm=outside, indoor_dose=inside, dose_limit=min(limits, default=np.nan), cloud_s=comes)


def _peaks(
    cloud: Cloud, along_m: float, across_m: float, height_m: float, per_kg: float, constant_s: float
) -> tuple[float, float, float]:
    """Peak outdoors and indoors, ppm, and when the cloud comes; zero and NaN where nothing comes."""
    if not float(cloud.concentration(along_m, across_m, height_m)) > 0:
        return 0.0, 0.0, float("nan")
    passage = dose.course(cloud, float(along_m), float(across_m), height_m)
    out = np.minimum(passage.concentration_kg_m3 * per_kg, plume_setting.PURE_PPM)
    time = passage.time_s
    if time[0] > 0:
        time, out = np.concatenate(([0.0], time)), np.concatenate(([0.0], out))
    inside = indoor.indoor_series(time, out, constant_s)
    return float(out.max()), float(inside.max()), float(cloud.arrival_s(along_m))
