"""How many people are where, by day and by night?"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gis.crs import GEOGRAPHIC
from layers.apportion import largest_remainder
from layers.sample import plan, sheet

FloatArray = NDArray[np.float64]

CELLS = 48_212
NIGHT_TOTAL = 2_386_400
DAY_AT_HOME_TOTAL = 1_103_200
"""By day those who do not work in the enterprises are at home, at school or in the shops."""

CELL_NORTH_DEG = 0.0009
CELL_EAST_DEG = 0.00105
"""About 100 m each way at this latitude."""


def settle(rng: np.random.Generator, firms: pd.DataFrame, villages: FloatArray) -> gpd.GeoDataFrame:
    """
    Population cells of about 100 m, in degrees.

    Returns
    -------
    cells
        Columns ``id, day, night, workers, x, y, geometry``; night sums to `NIGHT_TOTAL`,
            day to `DAY_AT_HOME_TOTAL` plus
        all employees of `firms`, each counted in the cell the firm stands in.
    """
    west, south, east, north = plan.EXTENT_M
    corners = plan.frame().to_degrees([west, east, west, east], [south, south, north, north])
    left = np.floor(corners[0].min() / CELL_EAST_DEG) * CELL_EAST_DEG
    bottom = np.floor(corners[1].min() / CELL_NORTH_DEG) * CELL_NORTH_DEG
    columns = int((corners[0].max() - left) / CELL_EAST_DEG) + 1
    rows = int((corners[1].max() - bottom) / CELL_NORTH_DEG) + 1
    row, column = (grid.ravel() for grid in np.indices((rows, columns)))
    longitude = left + (column + 0.5) * CELL_EAST_DEG
    latitude = bottom + (row + 0.5) * CELL_NORTH_DEG
    x, y = plan.frame().to_metres(longitude, latitude)
    weight = _weight(rng, x, y, villages)
    firm_longitude, firm_latitude = plan.frame().to_degrees(firms["x"], firms["y"])
    cell_of = ((firm_latitude - bottom) // CELL_NORTH_DEG).astype(int) * columns
    cell_of += ((firm_longitude - left) // CELL_EAST_DEG).astype(int)
    workers = np.bincount(cell_of, weights=firms["people"], minlength=len(column)).astype(np.int64)
    # Cells with a workplace are always kept; the most lived-in ones fill up the number.
    keep = np.argsort(-(weight + 1e3 * (workers > 0)), kind="stable")[:CELLS]
    keep.sort()
    weight, workers = weight[keep], workers[keep]
    by_day = weight * rng.uniform(0.7, 1.3, CELLS)
    boxes = shapely.box(
        np.round(longitude[keep] - CELL_EAST_DEG / 2, 7),
        np.round(latitude[keep] - CELL_NORTH_DEG / 2, 7),
        np.round(longitude[keep] + CELL_EAST_DEG / 2, 7),
        np.round(latitude[keep] + CELL_NORTH_DEG / 2, 7),
    )
    return gpd.GeoDataFrame(
        {
            "id": [f"RK-{at:05d}" for at in range(1, CELLS + 1)],
            "day": largest_remainder(by_day, DAY_AT_HOME_TOTAL) + workers,
            "night": largest_remainder(weight, NIGHT_TOTAL),
            "workers": workers,
            "x": x[keep],
            "y": y[keep],
        },
        geometry=gpd.GeoSeries(boxes, crs=GEOGRAPHIC),
    )


def _weight(rng: np.random.Generator, x: FloatArray, y: FloatArray, villages: FloatArray) -> FloatArray:
    """Relative number of residents per cell."""
    weight: FloatArray = np.zeros(len(x))
    for quarter in sheet.QUARTERS:
        shape = plan.quarter_shape(quarter)
        shapely.prepare(shape)
        inside = shapely.contains_xy(shape, x, y)
        weight[inside] = np.maximum(weight[inside], quarter.density)
    weight *= np.exp(rng.normal(-0.08, 0.4, len(x)))
    distance, _ = cKDTree(villages).query(np.column_stack([x, y]))
    country = 0.12 * np.exp(-((distance / 150) ** 2)) + 0.006 * np.exp(-distance / 350)
    weight = np.asarray(np.maximum(weight, country * rng.uniform(0.6, 1.4, len(x))))
    empty = plan.wet_or_green()
    shapely.prepare(empty)
    weight[shapely.contains_xy(empty, x, y)] = 0.0
    park = plan.chemical_park().buffer(60)
    shapely.prepare(park)
    weight[shapely.contains_xy(park, x, y)] *= 0.02
    return weight
