"""Who is not sent to a shelter, why, and what should they do instead?"""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.crs import FloatArray
from gis.errors import InputError
from routing.evacuation_plan import LEFT_COLUMNS
from routing.hazard import Hazard
from routing.leaving import Ways
from routing.profiles import Profile
from routing.rescue import why_not
from routing.view import View


def staying(blocks: gpd.GeoDataFrame, leave_from_level: int) -> NDArray[np.bool_]:
    """
    Blocks that stay indoors by policy: those with a ``level`` below the one from which people leave.

    Raises
    ------
    InputError
        A level to leave from outside 0..3, a level that is no number, a negative dose or limit.
    """
    faults = []
    if leave_from_level not in range(4):
        faults.append(f"leave_from_level {leave_from_level}: give 0 to 3")
    values: dict[str, FloatArray] = {}
    for column in ("level", "indoor_dose", "dose_limit"):
        numbers = _column(blocks, column)
        if numbers is None:
            faults.append(f"blocks: column '{column}' must hold numbers")
        else:
            values[column] = numbers
            if (numbers < 0).any():
                faults.append(f"blocks: column '{column}' holds a number below 0")
    if faults:
        raise InputError(faults)
    return np.asarray(values["level"] < leave_from_level)


def left_over_rows(
    view: View,
    blocks: gpd.GeoDataFrame,
    left: NDArray[np.integer],
    late: NDArray[np.integer],
    times: FloatArray,
    found: Ways,
    kind: Profile,
    hazard: Hazard | None,
    homes_ms: NDArray[np.integer],
    *,
    stays: NDArray[np.bool_],
) -> pd.DataFrame:
    """
    Everybody without a place, with the reason and what to do instead.

    ``shelter_in_place`` where no way beats the cloud, or where policy says so; ``rescue_first`` where staying indoors
    is no answer either, because the indoor dose handed in passes its limit; ``more_shelters`` where only room lacks.
    """
    rows = []
    dose, limit = _column(blocks, "indoor_dose"), _column(blocks, "dose_limit")
    assert dose is not None and limit is not None
    for b in np.flatnonzero(np.asarray(left) + np.asarray(late)):
        who = {"block_id": str(blocks["id"].iloc[b]), "name": str(blocks["name"].iloc[b]), "indoor_dose": dose[b]}
        indoors = "rescue_first" if dose[b] > limit[b] else "shelter_in_place"
        if left[b]:
            reason = "stays:below_policy_level"
            if not stays[b]:
                reason = _reason(view, int(b), times, found, kind, moving=hazard is not None, covered=homes_ms[b] <= 0)
            advice = "more_shelters" if reason in {"no_capacity", "no_shelter_open"} else indoors
            rows.append({**who, "people": int(left[b]), "reason": reason, "advice": advice})
        if late[b]:
            reason = "no_capacity" if hazard is None else "cut_off:roads_full_before_hazard"
            advice = "more_shelters" if hazard is None else indoors
            rows.append({**who, "people": int(late[b]), "reason": reason, "advice": advice})
    return pd.DataFrame(rows, columns=LEFT_COLUMNS)


def _column(blocks: gpd.GeoDataFrame, name: str) -> FloatArray | None:
    """Numbers of an optional column, NaN where it is silent; None where it holds something else."""
    if name not in blocks.columns:
        return np.full(len(blocks), np.nan)
    try:
        return np.asarray(blocks[name].replace("", np.nan), float)
    except (TypeError, ValueError):
        return None


def _reason(view: View, b: int, times: FloatArray, found: Ways, kind: Profile, *, moving: bool, covered: bool) -> str:
    placed = found.blocks[b]
    if np.isfinite(times[b]).any():
        return "no_capacity"
    if covered:
        return "origin_closed:inside_hazard"
    if moving and np.isfinite(found.times_s[b]).any():
        return "cut_off:hazard_arrives_first"
    if placed.snap is None:
        return f"{placed.status}:{placed.reason}"
    if found.inside[b]:
        return "origin_closed:inside_closed_area"
    end = next((p.snap for p in found.shelters if p.snap is not None), None)
    return ":".join(why_not(view, placed.snap, end, kind)) if end is not None else "no_shelter_open"
