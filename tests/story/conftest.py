"""What do the stories share? A duty room: a migrated PostGIS, road networks built from real files, the drill city."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gis.database import Caller, Database
from gis.provenance import Provenance
from scenarios import verify, verify_rows
from scenarios.desk import Desk
from scenarios.log import Receipt
from scenarios.verify import Verification

DRILL = Caller("演练导调", "990100", "990200", "drill")


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the road networks of this session."""
    return tmp_path_factory.mktemp("networks")


@pytest.fixture(scope="session")
def shanghai(shared_data: Path, networks: Path) -> str:
    """Name of a network built from the real OpenStreetMap extract of central Shanghai."""
    from routing import cache
    from routing.importing import read

    cache.save(read(shared_data / "routing" / "shanghai_center.osm", name="shanghai"), networks / "shanghai")
    return "shanghai"


@pytest.fixture(scope="session")
def sample_roads(city: Any, networks: Path) -> str:
    """Name of the drill city's network."""
    from routing import cache
    from routing.importing import from_lines

    origin = Provenance("layers.sample", as_of=city.moment, inputs={"seed": city.seed}, mode="drill")
    cache.save(from_lines(city.roads, "sample", provenance=origin), networks / "sample")
    return "sample"


@pytest.fixture(scope="module")
def drill_city(database: Database, city: Any, sample_roads: str, networks: Path) -> Iterator[Desk]:
    """A desk in a database that holds the drill city."""
    from layers.sample.load import load

    with database.transaction(DRILL) as connection:
        load(connection, city)
    assert sample_roads
    yield Desk(database, networks)


@pytest.fixture
def verified(database: Database) -> Callable[..., Verification]:
    """Run the independent verifier over the whole record, with receipts to compare."""

    def run(*receipts: Receipt) -> Verification:
        seen = {(str(receipt.incident_id), receipt.seq): frozenset({receipt.hash}) for receipt in receipts}
        with verify_rows.database_rows(database.conninfo) as (heads, entries):
            return verify.verify(heads, entries, seen)

    return run


@pytest.fixture
def area_of() -> Callable[[Any], BaseGeometry]:
    """Union of the features of a GeoJSON collection."""

    def union(collection: Any) -> BaseGeometry:
        return shapely.union_all([shape(feature["geometry"]) for feature in collection["features"]])

    return union
