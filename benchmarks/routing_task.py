"""What is the task every road engine is measured on: a random area, 200 teams, a clock?"""

import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.crs import GEOGRAPHIC, LonLat
from routing.network import Network

Rows = list[tuple[str, str]]


def plume(network: Network, rng: np.random.Generator) -> tuple[gpd.GeoDataFrame, LonLat]:
    """A spindle of 2 to 6 km somewhere in the network, and its source."""
    node = int(rng.integers(network.node_count))
    at = np.asarray([network.node_lon[node], network.node_lat[node]], float)
    length = rng.uniform(2000, 6000) / 100_000
    along = np.linspace(0, 1, 33)
    side = 0.21 * length * np.sin(np.pi * along) ** 0.6
    points = np.vstack([np.column_stack([along * length, side]), np.column_stack([along * length, -side])[::-1]])
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.asarray([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return gpd.GeoDataFrame(geometry=[shapely.Polygon(points @ turn.T + at)], crs=GEOGRAPHIC), LonLat(*at)


def team_frame(network: Network, rng: np.random.Generator, count: int = 200) -> gpd.GeoDataFrame:
    """Teams at random crossings."""
    nodes = rng.choice(network.node_count, count, replace=False)
    places = gpd.points_from_xy(np.asarray(network.node_lon)[nodes], np.asarray(network.node_lat)[nodes])
    data = {"id": [str(i) for i in range(count)], "name": "", "kind": "fire"}
    return gpd.GeoDataFrame(data, geometry=places, crs=GEOGRAPHIC)


def clock(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds and answer."""
    start = time.perf_counter()
    answer = work()
    return 1000 * (time.perf_counter() - start), answer


def spread(values: list[float]) -> str:
    """Median and 90th percentile."""
    return f"{np.median(values):.1f} ms (p90 {np.percentile(values, 90):.1f})"
