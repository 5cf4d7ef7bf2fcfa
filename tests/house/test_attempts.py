"""Does .ci/run try again what raced with a server, and only that, and say so?"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

RACES = """
import pytest
from pathlib import Path

@pytest.fixture
def served():
    return None

def attempt(tmp_path_factory, name):
    place = tmp_path_factory.getbasetemp() / name
    place.write_text(place.read_text() + "x" if place.exists() else "x")
    return len(place.read_text())

def test_late_once(served, tmp_path_factory):
    assert attempt(tmp_path_factory, "late") == 2

def test_wrong(served, tmp_path_factory):
    assert attempt(tmp_path_factory, "wrong") > 3

def test_computes(tmp_path_factory):
    assert attempt(tmp_path_factory, "computes") == 2
"""


def outcome(folder: Path, repository: Path, attempts: dict[str, str]) -> tuple[str, int]:
    """What pytest says of three tests of which one raced, one is wrong and one only computes."""
    place = folder / "tests"
    place.mkdir(exist_ok=True)
    shutil.copy(repository / "tests" / "conftest.py", place)
    (place / "test_races.py").write_text(RACES, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "ONEMAP_"))}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-raR", "-p", "no:cacheprovider", "--color=no", str(place)],
        cwd=folder, env=environment | {"PYTHONPATH": str(repository)} | attempts, capture_output=True, text=True,
    )  # fmt: skip
    return ran.stdout, ran.returncode


def test_only_what_talks_over_a_line_is_tried_again_and_is_named(tmp_path: Path, repository: Path) -> None:
    said, code = outcome(tmp_path, repository, {"ONEMAP_ATTEMPTS": "3"})
    assert code == 1, said
    assert set(re.findall(r"^RERUN \S*::(\w+)", said, re.MULTILINE)) == {"test_late_once", "test_wrong"}, said
    assert set(re.findall(r"^FAILED \S*::(\w+)", said, re.MULTILINE)) == {"test_wrong", "test_computes"}, said


def test_by_hand_everything_has_one_attempt(tmp_path: Path, repository: Path) -> None:
    said, code = outcome(tmp_path, repository, {})
    assert code == 1 and "RERUN" not in said
    assert "3 failed" in said, said
