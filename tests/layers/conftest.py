"""What do the tests of layers share? One generated city, and one database with it loaded."""

import sys
import time

import pytest
from sqlalchemy import Connection

from gis.database import Caller, Database
from layers.sample import load
from layers.sample.city import SampleCity, generate

DRILL = Caller("test", "990100", "990200", "drill")


@pytest.fixture(scope="session")
def city() -> SampleCity:
    """The sample city of the default seed."""
    began = time.perf_counter()
    made = generate()
    sys.stdout.write(f"\nsample city generated in {time.perf_counter() - began:.1f} s\n")
    return made


@pytest.fixture(scope="module")
def ground(database: Database, city: SampleCity):  # type: ignore[no-untyped-def]
    """A connection to a database that holds the city, written by the program's own role."""
    with database.transaction(DRILL) as connection:
        began = time.perf_counter()
        load.load(connection, city)
        sys.stdout.write(f"\nsample city loaded in {time.perf_counter() - began:.1f} s\n")
    with database.transaction(DRILL) as connection:
        yield connection


@pytest.fixture
def reader(ground: Connection) -> Connection:
    """The same connection, by the name of what it is used for."""
    return ground
