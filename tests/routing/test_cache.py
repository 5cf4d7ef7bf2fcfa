"""Is a stored network the one that was saved, and is a damaged one refused before native code sees it?"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from gis.errors import InputError, MissingError, UnavailableError
from routing import cache
from routing.closures import open_view
from routing.network import ARRAY_FIELDS, Network
from routing.rescue import route


def test_round_trip(tmp_path: Path, town: Network) -> None:
    loaded = cache.load(cache.save(town, tmp_path / "town"))
    for field in ARRAY_FIELDS:
        np.testing.assert_array_equal(getattr(loaded, field), getattr(town, field))
    held = loaded.head
    while isinstance(held.base, np.ndarray):
        held = held.base
    assert isinstance(held, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        town.head[0] = 7
    assert loaded.names == town.names
    a, b = (route(open_view(n), (118.7, 31.4), (118.719, 31.419)) for n in (town, loaded))
    assert a.travel_time_s == b.travel_time_s


def test_lines_and_facilities_lie_beside(tmp_path: Path, liechtenstein: Network) -> None:
    folder = cache.save(liechtenstein, tmp_path / "li")
    lines = gpd.read_parquet(folder / "lines.parquet")
    assert len(lines) == liechtenstein.segment_count
    assert {"class", "name", "bridge", "tunnel"} <= set(lines.columns)
    assert (gpd.read_parquet(folder / "facilities.parquet")["kind"] == "school").sum() == 19
    assert len(gpd.read_parquet(folder / "buildings.parquet")) > 8900


@pytest.mark.parametrize("part", ["head.npy", "names.json", "topology"])
def test_a_truncated_part_is_refused(tmp_path: Path, town: Network, part: str) -> None:
    folder = cache.save(town, tmp_path / "town")
    victim = folder / part if part != "topology" else next(p for p in (folder / part).iterdir() if p.stat().st_size > 8)
    victim.write_bytes(victim.read_bytes()[:-4])
    with pytest.raises(UnavailableError, match="damaged or missing, build it again"):
        cache.load(folder)


def test_a_flipped_byte_is_refused(tmp_path: Path, town: Network) -> None:
    folder = cache.save(town, tmp_path / "town")
    content = bytearray((folder / "time_ms.npy").read_bytes())
    content[-1] ^= 1
    (folder / "time_ms.npy").write_bytes(content)
    with pytest.raises(UnavailableError, match="time_ms"):
        cache.load(folder)


def test_saving_again_replaces_and_leaves_nothing_behind(tmp_path: Path, town: Network) -> None:
    cache.save(town, tmp_path / "town")
    cache.save(town, tmp_path / "town")
    assert [p.name for p in tmp_path.iterdir()] == ["town"]
    assert cache.names(tmp_path) == ["town"]


def test_names(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="known: none yet"):
        cache.load(tmp_path / "nowhere")
    for bad in ("", "../x", ".hidden", "a/b"):
        with pytest.raises(InputError, match="cannot name a network"):
            cache.checked_name(bad)
