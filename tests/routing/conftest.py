"""What do the routing tests share? The real networks, read once, and a small town of our own."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.crs import GEOGRAPHIC
from routing.importing import from_lines, read
from routing.network import Network


@pytest.fixture(scope="session")
def shanghai(shared_data: Path) -> Network:
    """Centre of Shanghai, real OpenStreetMap roads with full tags."""
    return read(shared_data / "routing" / "shanghai_center.osm")


@pytest.fixture(scope="session")
def liechtenstein(shared_data: Path) -> Network:
    """A whole small country with buildings and facilities."""
    return read(shared_data / "routing" / "liechtenstein.osm.pbf")


@pytest.fixture(scope="session")
def wuhan(shared_data: Path) -> Network:
    """Wuhan urban core: every street segment, no tags."""
    return read(shared_data / "routing" / "wuhan_8989_original.parquet")


def _grid_frame(columns: int, rows: int, step: float, west: float, south: float) -> gpd.GeoDataFrame:
    lines, names = [], []
    for r in range(rows):
        for c in range(columns):
            x, y = west + c * step, south + r * step
            if c + 1 < columns:
                lines.append(shapely.LineString([(x, y), (x + step, y)]))
                names.append(f"演练东西路{r}")
            if r + 1 < rows:
                lines.append(shapely.LineString([(x, y), (x, y + step)]))
                names.append(f"演练南北路{c}")
    tags = {"highway": "residential", "name": names, "maxspeed": "36", "lanes": "2"}
    return gpd.GeoDataFrame(tags, geometry=lines, crs=GEOGRAPHIC)


@pytest.fixture(scope="session")
def town_frame() -> Callable[..., gpd.GeoDataFrame]:
    """Makes a town of square blocks, 36 km/h everywhere: 10 m a second, so times can be worked out by hand."""

    def make(columns: int = 11, rows: int = 11, step: float = 0.002) -> gpd.GeoDataFrame:
        return _grid_frame(columns, rows, step, 118.70, 31.40)

    return make


@pytest.fixture(scope="session")
def town(town_frame: Callable[..., gpd.GeoDataFrame]) -> Network:
    """Eleven by eleven crossings about 190 x 222 m apart."""
    return from_lines(town_frame(), "演练")


@pytest.fixture
def random_zone() -> Callable[[np.random.Generator, Network], gpd.GeoDataFrame]:
    """Makes a random polygon, sometimes with a hole, sometimes of two parts, somewhere in a network."""

    def make(rng: np.random.Generator, network: Network) -> gpd.GeoDataFrame:
        west, south, east, north = network.bounds
        parts = []
        for _ in range(rng.integers(1, 3)):
            x, y = rng.uniform(west, east), rng.uniform(south, north)
            angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(5, 12)))
            radius = rng.uniform(0.02, 0.15, len(angle)) * (east - west)
            shape = shapely.Polygon(np.column_stack([x + radius * np.cos(angle), y + 0.8 * radius * np.sin(angle)]))
            shape = shapely.make_valid(shape)
            if rng.random() < 0.4:
                shape = shape.difference(shapely.Point(x, y).buffer(0.01 * (east - west)))
            parts.append(shape)
        return gpd.GeoDataFrame(geometry=[shapely.union_all(parts)], crs=GEOGRAPHIC)

    return make
