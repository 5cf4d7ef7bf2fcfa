"""Where is the cloud now? Zones of a case as they stand at a moment of its passage."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from gis.columns import ZONES
from gis.crs import GEOGRAPHIC
from plume import turning, zones
from plume.case import Case
from plume.clouds import ModelChoice
from plume.setting import choose, prepare
from plume.zones import Cloud

FloatArray = NDArray[np.float64]


def zones_at(case: Case, times_s: ArrayLike, *, model: ModelChoice = "auto") -> gpd.GeoDataFrame:
    """
    Zones as they stand at several moments: columns of ``gis.columns.ZONES`` and ``time_s``; no row where there is none.

    All round in a calm; a wind that turns bends them (``plume.turning``).
    """
    setting = prepare(case)
    chosen = choose(setting, model)
    cloud = chosen.cloud
    thresholds = setting.thresholds_kg_m3()
    times = np.atleast_1d(np.asarray(times_s, float))
    parts = []
    if setting.weather.series and not setting.weather.calm:
        parts, times = turning.zones_at(case, setting, chosen, times), np.empty(0)
    for time in times:
        rows, _ = zones.frame_of(
            Moment(cloud, float(time)),
            setting.levels.rows,
            thresholds,
            case.incident.place,
            setting.weather.wind_from_deg,
            setting.averaging_s,
            case.output.height_m,
            all_round=setting.weather.calm,
        )
        parts.append(rows.assign(time_s=float(time)))
    found = [part for part in parts if len(part)]
    if not found:
        return ZONES.empty(GEOGRAPHIC).assign(time_s=0.0)
    return gpd.GeoDataFrame(pd.concat(found, ignore_index=True), geometry="geometry", crs=GEOGRAPHIC)


@dataclass(frozen=True, slots=True)
class Moment:
    """A cloud as it stands at one moment, with the face of a cloud."""

    whole: Cloud
    time_s: float

    @property
    def start_m(self) -> float:
        """Where the cloud begins, m."""
        return self.whole.start_m

    def concentration(self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
        """Concentration at the moment, kg/m3."""
        return self.whole.concentration_at(downwind_m, crosswind_m, height_m, self.time_s)

    def concentration_at(
        self, downwind_m: ArrayLike, crosswind_m: ArrayLike, height_m: ArrayLike, _time_s: ArrayLike
    ) -> FloatArray:
        """Concentration at the moment, whatever time is asked."""
        return self.concentration(downwind_m, crosswind_m, height_m)

    def half_width(self, downwind_m: ArrayLike, threshold_kg_m3: ArrayLike, height_m: float = 0.0) -> FloatArray:
        """
        Half-width of the zone at the moment, m: that of the passage with the threshold raised by what has not come.
        """
        x = np.asarray(downwind_m, float)
        now = self.concentration(x, 0.0, height_m)
        peak = self.whole.concentration(x, 0.0, height_m)
        share = np.where(peak > 0, now / np.where(peak > 0, peak, 1.0), 0.0)
        raised = np.divide(threshold_kg_m3, share, out=np.full(x.shape, np.inf), where=share > 0)
        return self.whole.half_width(x, raised, height_m)

    def arrival_s(self, downwind_m: ArrayLike) -> FloatArray:
        """When the front passes, s."""
        return self.whole.arrival_s(downwind_m)

    def departure_s(self, downwind_m: ArrayLike) -> FloatArray:
        """When the rear has passed, s."""
        return self.whole.departure_s(downwind_m)

    def passage_s(self, downwind_m: ArrayLike) -> FloatArray:
        """How long the cloud stays, s."""
        return self.whole.passage_s(downwind_m)
