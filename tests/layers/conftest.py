"""What do the tests of layers share? One database with the sample city loaded."""

import sys
import time

import pytest
from sqlalchemy import Connection

from gis.database import Caller, Database
from layers.sample import load
from layers.sample.city import SampleCity

DRILL = Caller("test", "990100", "990200", "drill")


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
