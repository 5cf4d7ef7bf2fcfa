"""Do the modules of the page name only what is there, and do they do what they say? Both are asked in JavaScript."""

import shutil
import subprocess
from pathlib import Path

import pytest

from command_ui import bundle

FOLDERS = ("map/page", "console/page", "field/page", "briefing", "console/theme")
PLANTED = {
    "used before it is declared": ("told(1)\nconst told = (text) => text", "TS2448"),
    "a name that is nowhere": ("shownn(1)", "TS2304"),
    "an argument too many": ('const two = (a) => a\ntwo("one", "two")', "TS2554"),
    "a module that has no such part": ('import {nothing} from "./dom.js"\nnothing()', "TS2305"),
    "a module that is not there": ('import {h} from "./doom.js"\nh("b")', "TS2307"),
    "a constant that is changed": ("const one = 1\none = 2", "TS2588"),
}


@pytest.fixture(scope="module")
def checks(repository: Path) -> Path:
    """The script that asks both, where the modules find the map library they import."""
    bundle._install_packages(lambda _step: None)
    return repository / ".ci/test-js"


@pytest.fixture
def copied(repository: Path, tmp_path: Path) -> Path:
    """Scripts of the page, to be spoilt."""
    for folder in FOLDERS:
        for source in (repository / "command_ui" / folder).glob("*.js*"):
            target = tmp_path / "command_ui" / folder / source.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    return tmp_path


def run(checks: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([checks, *arguments], capture_output=True, text=True, check=False, timeout=800)


def test_modules_of_the_page(checks: Path) -> None:
    done = run(checks)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "nothing used before or without its declaration" in done.stdout
    assert "passed" in done.stdout


def test_what_is_planted_in_a_page_is_found(checks: Path, copied: Path) -> None:
    whole = run(checks, "--types", copied)
    assert whole.returncode == 0, whole.stderr[-2000:]
    for number, (text, _) in enumerate(PLANTED.values()):
        planted = copied / f"command_ui/console/page/planted{number}.js"
        planted.write_text(f"{text}\nexport const done = true\n", encoding="utf-8")
    spoilt = run(checks, "--types", copied)
    assert spoilt.returncode == 1
    for number, (what, (_, code)) in enumerate(PLANTED.items()):
        assert [line for line in spoilt.stderr.splitlines() if f"planted{number}.js" in line and code in line], what


def test_a_part_of_the_consultation_named_too_early_is_found(checks: Path, copied: Path) -> None:
    room = copied / "command_ui/console/page/consult.js"
    text = room.read_text(encoding="utf-8")
    assert text.count("  const say = speaker(model)") == 1
    room.write_text(text.replace("  const say = ", "  say('x')\n  const say = "), encoding="utf-8")
    done = run(checks, "--types", copied)
    assert done.returncode == 1
    assert "consult.js" in done.stderr and "TS2448" in done.stderr


def test_a_script_that_is_no_javascript_is_found(checks: Path, copied: Path) -> None:
    (copied / "command_ui/map/page/half.js").write_text("export const half = (\n", encoding="utf-8")
    done = run(checks, "--types", copied)
    assert done.returncode == 1
    assert "half.js" in done.stderr and "TS1" in done.stderr
