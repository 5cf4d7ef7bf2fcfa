"""Do the set-up files agree with each other and name nobody's registry?"""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

LOCKS = ("requirements.lock", "requirements-test.lock")


@pytest.fixture(scope="module")
def project(repository: Path) -> dict[str, Any]:
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def locked(path: Path) -> dict[str, Version]:
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in pinned}


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_hold_every_requirement_with_hashes_and_no_address(
    repository: Path, project: dict[str, Any], lock: str
) -> None:
    text = (repository / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--find-links|--extra-index", text)
    versions = locked(repository / lock)
    wanted = list(project["dependencies"])
    if "test" in lock:
        wanted += project["optional-dependencies"]["test"] + project["optional-dependencies"]["bench"]
    for requirement in map(Requirement, wanted):
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in {lock}: run `make lock`"
        assert requirement.specifier.contains(version), f"{requirement} against {version}: run `make lock`"
    blocks = re.split(r"^(?=[A-Za-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(versions)
    assert all("--hash=sha256:" in block for block in blocks)


def test_both_locks_name_the_same_versions(repository: Path) -> None:
    runtime, test = (locked(repository / lock) for lock in LOCKS)
    assert {name: test.get(name) for name in runtime} == runtime


def test_conda_environment_gives_the_same(repository: Path, project: dict[str, Any]) -> None:
    environment = yaml.safe_load((repository / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge"]
    plain = [part for part in environment["dependencies"] if isinstance(part, str)]
    (pip,) = [part["pip"] for part in environment["dependencies"] if isinstance(part, dict)]
    # The project brings its own requirements, so that versions stand in pyproject.toml alone.
    assert pip == ["-e ."]
    names = {re.split(r"[=<>]", part)[0] for part in plain}
    assert {"python", "pip", "postgresql", "postgis"} <= names
    assert names & {canonicalize_name(Requirement(text).name) for text in project["dependencies"]} == set()
    (python,) = [part.split("=")[1] for part in plain if part.startswith("python=")]
    pinned = (repository / ".python-version").read_text(encoding="utf-8").strip()
    assert pinned == python
    assert Requirement(f"python{project['requires-python']}").specifier.contains(python)


@pytest.mark.parametrize("folder", ["command_ui", "tests/js"])
def test_javascript_lock_has_every_package_with_its_sum_and_no_address(repository: Path, folder: str) -> None:
    text = (repository / folder / "package-lock.json").read_text(encoding="utf-8")
    lock = json.loads(text)
    wanted = json.loads((repository / folder / "package.json").read_text(encoding="utf-8"))
    assert "resolved" not in text
    for name in {**wanted.get("dependencies", {}), **wanted["devDependencies"]}:
        assert f"node_modules/{name}" in lock["packages"]
    assert all(part.get("integrity") for path, part in lock["packages"].items() if path)


def test_continuous_integration_runs_the_tests_and_nothing_else(repository: Path) -> None:
    script = (repository / ".ci/run").read_text(encoding="utf-8")
    commands = [line for line in script.splitlines() if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make --no-print-directory test || exec make --no-print-directory again"]


@pytest.mark.parametrize("script", ["setup", "run", "test-js"])
def test_scripts_are_sound_shell(repository: Path, script: str) -> None:
    path = repository / ".ci" / script
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0


def test_built_files_are_not_committed(repository: Path) -> None:
    if not (repository / ".git").exists():
        pytest.skip("not a git work tree")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=repository, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [path for path in listed if "/dist/" in path or path.startswith(("data/", "build/", ".venv/"))] == []


def test_the_distribution_can_never_be_published(repository: Path, project: dict[str, Any]) -> None:
    assert "Private :: Do Not Upload" in project["classifiers"]
