"""Is the tile cache bounded, does it expire, and does it survive a kill and a damaged file?"""

import io
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from gis.errors import UnavailableError
from tianditu.grids import TileIndex
from tianditu.tilecache import TileCache

DAY_S = 86_400.0


def picture(number: int, size: int = 0) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (2, 2), (number % 256, number // 256 % 256, 7)).save(sink, "PNG")
    whole = sink.getvalue()
    return whole[:-12] + b"\0" * max(0, size - len(whole)) + whole[-12:]


def at(number: int) -> TileIndex:
    return TileIndex("w", 12, number, 5)


def test_what_was_kept_comes_back_and_grows_old(tmp_path: Path) -> None:
    now = [1e9]
    cache = TileCache(tmp_path / "tiles.sqlite", 10**6, 7 * DAY_S, clock=lambda: now[0])
    assert cache.get("vec", at(1)) is None
    cache.keep("vec", at(1), picture(1))
    kept = cache.get("vec", at(1))
    assert kept is not None and kept.fresh and kept.picture == picture(1) and kept.kind == "png"
    assert cache.get("vec", TileIndex("c", 12, 1, 5)) is None
    assert cache.get("img", at(1)) is None
    now[0] += 8 * DAY_S
    kept = cache.get("vec", at(1))
    assert kept is not None and not kept.fresh and kept.age_s == pytest.approx(8 * DAY_S)
    cache.keep("vec", at(1), picture(2))
    kept = cache.get("vec", at(1))
    assert kept is not None and kept.fresh and kept.picture == picture(2)
    cache.close()


def test_the_least_recently_used_go_when_it_is_full(tmp_path: Path) -> None:
    now = [1e9]
    cache = TileCache(tmp_path / "tiles.sqlite", 100_000, DAY_S, clock=lambda: now[0])
    for number in range(90):
        cache.keep("vec", at(number), picture(number, 1000))
        now[0] += 10
    now[0] += 4000  # being used is written down once an hour
    assert cache.get("vec", at(0)) is not None
    for number in range(90, 140):
        cache.keep("vec", at(number), picture(number, 1000))
        now[0] += 10
        assert cache.size()[1] <= 100_000
    assert cache.get("vec", at(0)) is not None, "used in between"
    assert cache.get("vec", at(1)) is None
    assert cache.get("vec", at(139)) is not None
    cache.close()


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"code":301001}', picture(1)[:30]])
def test_what_is_no_whole_picture_cannot_be_kept_by_any_caller(tmp_path: Path, body: bytes) -> None:
    cache = TileCache(tmp_path / "tiles.sqlite", 10**6, DAY_S)
    with pytest.raises(ValueError, match="not a whole picture"):
        cache.keep("vec", at(1), body)
    assert cache.size() == (0, 0)
    cache.close()


def test_a_writer_killed_at_any_moment_leaves_whole_pictures(tmp_path: Path) -> None:
    file = tmp_path / "tiles.sqlite"
    program = (
        "import sys; from pathlib import Path; from tianditu.tilecache import TileCache\n"
        "from tianditu.grids import TileIndex\n"
        "cache = TileCache(Path(sys.argv[1]), 10**8, 1e6); whole = bytes.fromhex(sys.argv[2])\n"
        "print('ready', flush=True)\n"
        "for n in range(10**6):\n"
        "    cache.keep('vec', TileIndex('w', 18, n, 5), whole)\n"
        "    if n == 20: print('under way', flush=True)\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", program, str(file), picture(3, 20_000).hex()], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
    assert writer.stdout.readline() == "under way\n"
    time.sleep(0.2)
    writer.kill()
    writer.wait()
    writer.stdout.close()
    cache = TileCache(file, 10**8, 1e6)
    count, total = cache.size()
    assert count > 10 and total == count * len(picture(3, 20_000))
    for number in range(count):
        kept = cache.get("vec", TileIndex("w", 18, number, 5))
        assert kept is not None and kept.picture == picture(3, 20_000)
    cache.close()


def test_a_damaged_file_is_said_once_and_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "tiles.sqlite"
    file.write_bytes(b"not a database at all" * 100)
    cache = TileCache(file, 10**6, DAY_S)
    with pytest.raises(UnavailableError, match="only a cache"):
        cache.get("vec", at(1))
    cache.keep("vec", at(1), picture(1))
    assert cache.get("vec", at(1)) is not None
    cache.close()
