"""Does `make again` try what failed, and only that, and fail where it fails again?"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

RACES = """
from pathlib import Path

PLACE = Path(__file__).parent

def attempt(name):
    place = PLACE / name
    place.write_text(place.read_text() + "x" if place.exists() else "x")
    return len(place.read_text())

def test_holds():
    assert attempt("holds") == 1

def test_late_once():
    assert attempt("late") == 2
"""
WRONG = """
def test_wrong():
    assert attempt("wrong") > 2
"""


def tried(folder: Path, repository: Path, text: str) -> tuple[int, str]:
    """What the second of two runs comes to: the first as `make test`, the second with the words of `make again`."""
    rule = re.search(r"^again:\n\t@exec \S+ (.*) \$\(PYTEST\)$", (repository / "Makefile").read_text(), re.MULTILINE)
    assert rule is not None
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "test_races.py").write_text(text, encoding="utf-8")
    for words in (["-m", "pytest", "-n", "2", "--dist", "loadfile"], shlex.split(rule[1])):
        done = subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_race_passes_the_second_time(tmp_path: Path, repository: Path) -> None:
    code, said = tried(tmp_path, repository, RACES)
    assert code == 0 and "1 passed" in said, said


def test_what_is_wrong_fails_again(tmp_path: Path, repository: Path) -> None:
    code, said = tried(tmp_path, repository, RACES + WRONG)
    assert code == 1 and "1 failed, 1 passed" in said, said


def test_nothing_to_try_again_is_no_pass(tmp_path: Path, repository: Path) -> None:
    code, said = tried(tmp_path, repository, "def test_holds():\n    pass\n")
    assert code == 5, said
