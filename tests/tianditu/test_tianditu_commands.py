"""Does an administrator get a table, a JSON answer, packages in and out, and never a key back?"""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

KEY = "0123456789abcdef" * 2
PNG = bytes.fromhex(  # one transparent pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def onemap(tmp_path: Path) -> Run:
    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).parent / "onemap"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ONEMAP_")}
        return subprocess.run(
            [program, "tianditu", *arguments],
            env={**kept, "ONEMAP_DATA_DIR": str(tmp_path / "data"), **environment},
            capture_output=True, text=True, check=False, timeout=800,
        )  # fmt: skip

    return run


def test_check_with_a_good_and_a_wrong_key(fake_tianditu: Any, onemap: Run, shared_data: Path) -> None:
    where = {"ONEMAP_TIANDITU_TILES_URL": fake_tianditu.base, "ONEMAP_TIANDITU_API_URL": fake_tianditu.base}
    good = onemap("check", "--json", ONEMAP_TIANDITU_KEYS=KEY, **where)
    assert good.returncode == 0, good.stdout + good.stderr
    answer = json.loads(good.stdout)
    assert answer["good"] and len(answer["rows"]) == 1 + 14 + 2 + 6
    wrong = onemap("check", ONEMAP_TIANDITU_KEYS="b0" * 16, **where)
    assert wrong.returncode == 1
    assert "密钥类型不符" in wrong.stdout and "a server key is needed" in wrong.stdout and "申请" in wrong.stdout
    assert "b0" * 16 not in wrong.stdout + wrong.stderr


def test_packages_go_in_and_out(onemap: Run, tmp_path: Path) -> None:
    file = tmp_path / "img_w_drill.mbtiles"
    with closing(sqlite3.connect(file)) as made, made:
        made.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        made.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
        made.execute("INSERT INTO tiles VALUES (5, 26, 18, ?)", (PNG,))
    assert "No package yet" in onemap("packages", "list").stdout
    added = onemap("packages", "add", str(file), "--approval", "演S(2026)001号")
    assert added.returncode == 0 and "img_w, levels 5-5, 1 tiles" in added.stdout
    (listed,) = json.loads(onemap("packages", "list", "--json").stdout)
    assert (listed["id"], listed["approval"]) == ("img_w_drill", "演S(2026)001号")
    assert onemap("packages", "remove", "img_w_drill").returncode == 0
    refused = onemap("packages", "add", str(Path(__file__)))
    assert refused.returncode == 2 and "which base map" in refused.stderr and "Traceback" not in refused.stderr
