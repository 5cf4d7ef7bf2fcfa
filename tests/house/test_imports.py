"""Can every module be imported with nothing around it, and does the command line stay quick?"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = ("gis", "layers", "scenarios", "routing", "plume", "command_ui", "tianditu")

IMPORT_ALL = """
import importlib, pkgutil, sys

def refuse(event, arguments):
    if event == "socket.connect":
        raise RuntimeError(f"a module connects at import: {arguments[1:]}")
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        name = str(arguments[0])
        if not name.startswith(("/dev/", "/proc/")) and "__pycache__" not in name:
            written.append(name)

written = []
sys.addaudithook(refuse)
sys.path.insert(0, sys.argv[1])
for room in sys.argv[2:]:
    package = importlib.import_module(room)
    for module in pkgutil.walk_packages(package.__path__, f"{room}."):
        if module.name.startswith("gis.migrations"):
            continue  # Alembic runs these files, it does not import them
        importlib.import_module(module.name)
        print(module.name)
"""


@pytest.fixture(scope="module")
def imported(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_ALL, str(repository), *ROOMS],
        cwd=elsewhere, env={}, capture_output=True, text=True, check=False, timeout=800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    assert list(elsewhere.iterdir()) == []
    return done.stdout.split()


def test_every_module_imports_with_an_empty_environment_and_no_database(imported: list[str], repository: Path) -> None:
    files = {
        ".".join(path.relative_to(repository).with_suffix("").parts)
        for room in ROOMS
        for path in (repository / room).rglob("*.py")
        if path.name != "__init__.py" and not {"migrations", "dist", "node_modules"} & set(path.parts)
    }
    assert files <= set(imported)


HEAVY = ("pandas", "geopandas", "numba", "panel", "bokeh", "scipy", "sqlalchemy", "ortools", "osmnx", "fastapi")


def test_the_command_line_loads_nothing_heavy(repository: Path) -> None:
    # Which modules are loaded is the same on a busy machine; how long it takes is not.
    script = (
        "import sys\nfrom command_ui.cli.main import app\nfrom typer.main import get_command\nget_command(app)\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=repository, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & set(HEAVY) == set()
