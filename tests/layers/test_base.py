"""The base map under any road network: nothing lost in merging, names that can be read, others left alone."""

from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text

from gis.crs import GEOGRAPHIC
from gis.database import Caller, Database
from gis.errors import InputError, MissingError
from layers import base

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def streets() -> gpd.GeoDataFrame:
    """Two pieces of one road, a street without a name, a bridge, a tram."""
    rows = [
        ("primary", "甲路", False, [(118.0, 31.0), (118.01, 31.0)]),
        ("primary", "甲路", False, [(118.01, 31.0), (118.03, 31.01)]),
        ("primary", "甲路", True, [(118.03, 31.01), (118.032, 31.01)]),
        ("living_street", "", False, [(118.0, 31.0), (118.0, 31.01)]),
        ("tram", "", False, [(118.0, 31.0), (118.02, 30.99)]),
        ("barrier", "", False, [(118.0, 31.0), (118.5, 31.0)]),
    ]
    return gpd.GeoDataFrame(
        {
            "class": [row[0] for row in rows],
            "name": [row[1] for row in rows],
            "bridge": [row[2] for row in rows],
            "tunnel": False,
        },
        geometry=[shapely.LineString(row[3]) for row in rows],
        crs=GEOGRAPHIC,
    )


def test_pieces_are_joined_and_no_stretch_is_lost(database: Database) -> None:
    """Four strokes remain of five; their length is that of the source without barriers."""
    with database.transaction(Caller.system()) as connection:
        written = base.replace(connection, "little", streets(), source="test", as_of=NOW)
        rows = connection.execute(
            text("SELECT class, sum(ST_Length(geometry)) FROM layers.base_line WHERE network = 'little' GROUP BY class")
        )
        lengths = {name: float(length) for name, length in rows}
    assert written["base_line"] == 4
    drawn = streets().query("`class` != 'barrier'")
    assert sum(lengths.values()) == pytest.approx(float(shapely.length(drawn.geometry.to_numpy()).sum()))
    assert set(lengths) == {"primary", "minor", "rail"}


def test_drawing_again_replaces_this_network_only(database: Database) -> None:
    """The neighbour keeps its rows."""
    with database.transaction(Caller.system()) as connection:
        base.replace(connection, "one", streets(), source="test", as_of=NOW)
        base.replace(connection, "two", streets(), source="test", as_of=NOW)
        base.replace(connection, "one", streets().iloc[:1], source="test", as_of=NOW)
        found = connection.execute(text("SELECT network, count(*) FROM layers.base_line GROUP BY network"))
        counts = {row[0]: row[1] for row in found}
    assert (counts["one"], counts["two"]) == (1, 4)


def test_names_are_never_upside_down(database: Database) -> None:
    """A road drawn from east to west is named from west to east, along its slope."""
    line = shapely.LineString([(118.1, 31.1), (118.0, 31.0)])
    frame = gpd.GeoDataFrame(
        {"class": ["primary"], "name": ["斜路"], "bridge": [False], "tunnel": [False]}, geometry=[line], crs=GEOGRAPHIC
    )
    with database.transaction(Caller.system()) as connection:
        base.replace(connection, "slope", frame, source="test", as_of=NOW)
        found = connection.execute(text("SELECT angle_deg FROM layers.base_label WHERE network = 'slope'"))
        angles = [float(row[0]) for row in found]
    # atan(1 / cos 31.05 degrees): a degree of latitude is longer than one of longitude.
    assert angles
    assert all(angle == pytest.approx(49.4, abs=0.3) for angle in angles)


def test_faults_are_said(database: Database, tmp_path: Path) -> None:
    """A time without a zone, a network that is not there."""
    with database.transaction(Caller.system()) as connection, pytest.raises(InputError, match="no time zone"):
        base.replace(connection, "x", streets(), source="test", as_of=NOW.replace(tzinfo=None))
    with pytest.raises(MissingError, match="no network 'nowhere'"):
        base.of_folder(tmp_path / "nowhere")
