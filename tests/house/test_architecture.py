"""Do the rooms keep to their arrows, sizes, names and manners?"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = ("gis", "layers", "scenarios", "routing", "plume", "command_ui", "tianditu")
LONGEST = 450
BAD_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|manager|service|misc)(_|$)")


def sources(repository: Path, *endings: str, places: tuple[str, ...] = ROOMS) -> list[Path]:
    return [
        path
        for place in places
        for path in sorted((repository / place).rglob("*"))
        if path.suffix in endings and not {"dist", "node_modules", "__pycache__"} & set(path.parts)
    ]


def test_arrows(repository: Path) -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_package_doors_hold_a_docstring_and_names_only(repository: Path) -> None:
    # import-linter does not look inside __init__.py on the way, so nothing may happen there.
    faults = []
    for path in sources(repository, ".py"):
        if path.name != "__init__.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            is_names = isinstance(node, ast.Assign) and [getattr(t, "id", "") for t in node.targets] == ["__all__"]
            if not (is_docstring or is_names or isinstance(node, ast.Import | ast.ImportFrom)):
                faults.append(f"{path.relative_to(repository)}:{node.lineno}")
        if not ast.get_docstring(tree):
            faults.append(f"{path.relative_to(repository)}: no docstring")
    assert not faults


def test_no_file_is_too_long(repository: Path) -> None:
    long = {}
    for path in sources(repository, ".py", ".js", ".css", ".sql", places=(*ROOMS, "tests", "benchmarks")):
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > LONGEST:
            long[str(path.relative_to(repository))] = count
    assert not long


def test_files_are_named_by_what_they_answer(repository: Path) -> None:
    files = sources(repository, ".py", ".js", places=(*ROOMS, "tests", "benchmarks"))
    assert [str(path) for path in files if BAD_NAMES.search(path.stem)] == []


def test_every_module_says_what_it_answers(repository: Path) -> None:
    silent = [
        str(path.relative_to(repository))
        for path in sources(repository, ".py", places=(*ROOMS, "tests"))
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_package_below_tests(repository: Path) -> None:
    # tests/gis/__init__.py would shadow the room of that name.
    assert list((repository / "tests").rglob("__init__.py")) == []


def test_only_one_module_names_coordinate_systems(repository: Path) -> None:
    faults = []
    for path in sources(repository, ".py"):
        if path.relative_to(repository) == Path("gis/crs.py") or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            # A code by itself, not one inside a sentence for people.
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if re.fullmatch(r"\s*(EPSG:\d+|\+proj=.*)\s*", text, re.IGNORECASE):
                faults.append(f"{path.relative_to(repository)}:{node.lineno} {text!r}")
            if isinstance(node, ast.keyword) and node.arg == "epsg":
                faults.append(f"{path.relative_to(repository)}:{node.value.lineno} epsg=")
    assert faults == []


@pytest.mark.parametrize("call", ["create_engine", "Settings", "load_settings", "open_house", "getenv"])
def test_nothing_is_opened_or_read_at_import(repository: Path, call: str) -> None:
    faults = []
    for path in sources(repository, ".py"):
        if path.parts[-2:] == ("migrations", "env.py"):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If):
                continue
            for inner in ast.walk(node):
                name = getattr(getattr(inner, "func", None), "id", getattr(getattr(inner, "func", None), "attr", None))
                if isinstance(inner, ast.Call) and name == call:
                    faults.append(f"{path.relative_to(repository)}:{inner.lineno}")
    assert faults == []


def test_migrations_are_one_line(repository: Path) -> None:
    from gis import migrate

    found = []
    for path in sorted((repository / "gis/migrations/versions").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        revision = re.search(r'^revision(?:: str)? = "(\w+)"', text, re.MULTILINE)
        before = re.search(r'^down_revision(?::[^=]+)? = (?:"(\w+)"|None)', text, re.MULTILINE)
        assert revision, path
        assert before, path
        found.append((before[1], revision[1]))
    order = [revision for _, revision in found]
    assert [before for before, _ in found] == [None, *order[:-1]]
    assert migrate.newest() == order[-1]


def test_style(repository: Path) -> None:
    program = Path(sys.executable).parent / "ruff"
    for arguments in (["check", "--no-cache", "--output-format=concise"], ["format", "--check", "--no-cache"]):
        done = subprocess.run([program, *arguments, "."], cwd=repository, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_types(repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
