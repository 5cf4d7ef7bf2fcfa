"""Has every reliability test been shown to fail on a planted fault, and is that fault a test that is still there?"""

import re
from pathlib import Path

from benchmarks.reliability import ALWAYS, PLANTED

ROOT = Path(__file__).resolve().parents[2]


def test_every_id_has_its_planted_fault() -> None:
    wanted = {f"R{number}" for number in range(1, 14)} | {f"S{number}" for number in range(1, 13)}
    assert set(PLANTED | ALWAYS) >= wanted
    missing = [
        f"{identity}: {path} has no test that ends in {words}"
        for identity, (path, words) in (PLANTED | ALWAYS).items()
        if f"{words}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert not missing, "\n".join(missing)


def test_every_id_leaves_a_line_in_the_report() -> None:
    files = [*(ROOT / "tests").rglob("test_*.py")]
    told = "".join(path.read_text(encoding="utf-8") for path in files)
    silent = [one for one in PLANTED if not re.search(rf'told\(\s*"{one}"', told)]
    assert not silent, silent
