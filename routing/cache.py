"""How is a network kept on disk so that it loads in milliseconds and a damaged copy is never believed?"""

import glob
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from gis.errors import InputError, MissingError, UnavailableError
from gis.provenance import Provenance
from routing.network import ARRAY_FIELDS, Network

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
TOPOLOGY = "topology"
_LATER_FIELDS = frozenset({"guard_arc", "guard_hours"})


def save(network: Network, folder: Path, *, with_topology: bool = True, keep: int = 0) -> Path:
    """
    Write arrays, search topology, facilities, buildings and lines below `folder`, then rename into place.

    The manifest names the SHA-256 of every part; a reader sees the old network or the new one, never half of one.

    Parameters
    ----------
    keep
        How many earlier versions stay beside it as ``name@version``, to be used by that name.
    """
    folder = Path(folder)
    version = 1 + (int(read_manifest(folder).get("version", 1)) if (folder / MANIFEST).is_file() else 0)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for field in ARRAY_FIELDS:
            np.save(work / f"{field}.npy", np.ascontiguousarray(getattr(network, field)), allow_pickle=False)
        (work / "names.json").write_text(json.dumps(list(network.names), ensure_ascii=False), encoding="utf-8")
        frames: dict[str, Any] = network.report.get("frames", {})
        for name, frame in {**frames, "lines": network.lines_frame()}.items():
            frame.to_parquet(work / f"{name}.parquet")
        if with_topology:
            _save_topology(network, work / TOPOLOGY)
        _write_manifest(network.renamed(folder.name), work, version)
        _swap(work, folder, folder.with_name(f"{folder.name}@{version - 1}") if keep and version > 1 else None)
        for old in earlier(folder)[keep:]:
            shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def load(folder: Path, *, verify: bool = True) -> Network:
    """
    Load a network with its arrays memory-mapped; every part is verified against the manifest before it is opened.

    Raises
    ------
    MissingError
        No network there.
    UnavailableError
        A part is damaged or of another format version: build the network again.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    if manifest.get("format") != FORMAT_VERSION:
        raise UnavailableError(f"network {folder.name} was written by another version: build it again")
    if verify:
        _verify(folder, manifest)
    # Plain views of the mapped files: a memmap object costs four times as much at every index.
    arrays = {
        field: np.asarray(np.load(folder / f"{field}.npy", mmap_mode="r", allow_pickle=False))
        for field in ARRAY_FIELDS
        # A network written before turns had guards has none.
        if field not in _LATER_FIELDS or f"{field}.npy" in manifest["parts"]
    }
    origin = manifest["provenance"]
    network = Network(
        name=folder.name,
        **arrays,
        names=tuple(json.loads((folder / "names.json").read_text(encoding="utf-8"))),
        report=manifest["report"],
        provenance=Provenance(
            source=origin["source"],
            as_of=datetime.fromisoformat(origin["as_of"]) if origin.get("as_of") else None,
            model=origin["model"],
            version=origin["version"],
            inputs=origin["inputs"],
            notes=tuple(origin["notes"]),
            mode=origin.get("mode", "live"),
        ),
    )
    if (folder / TOPOLOGY).is_dir():
        network.__dict__["topology_folder"] = folder / TOPOLOGY
    return network


def frames(folder: Path) -> dict[str, Any]:
    """Facilities, buildings and areas stored beside a network, by name, as ``report["frames"]`` gave them to `save`."""
    import geopandas as gpd

    parts = (Path(part) for part in read_manifest(folder)["parts"])
    return {
        part.stem: gpd.read_parquet(folder / part)
        for part in parts
        if part.suffix == ".parquet" and part.stem != "lines"
    }


def read_manifest(folder: Path) -> dict[str, Any]:
    """
    Counts, report and provenance of a stored network.

    Raises
    ------
    MissingError
        No network there.
    UnavailableError
        The manifest is damaged.
    """
    path = Path(folder) / MANIFEST
    if not path.is_file():
        known = ", ".join(names(Path(folder).parent)) or "none yet"
        raise MissingError(
            f"no network '{Path(folder).name}' (known: {known}); build one with: onemap roads build FILE --name N"
        )
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UnavailableError(f"network {Path(folder).name}: its manifest is damaged, build it again") from error
    return manifest


def names(networks_dir: Path) -> list[str]:
    """Names of the networks stored below a folder, each in its newest version."""
    if not networks_dir.is_dir():
        return []
    found = (p.name for p in networks_dir.iterdir() if (p / MANIFEST).is_file())
    return sorted(name for name in found if not name.startswith(".") and "@" not in name)


def earlier(folder: Path) -> list[Path]:
    """Folders of the earlier versions kept beside a network, the newest first."""
    found = [p for p in folder.parent.glob(f"{glob.escape(folder.name)}@*") if p.name.rpartition("@")[2].isdigit()]
    return sorted(found, key=lambda p: -int(p.name.rpartition("@")[2]))


def versions(folder: Path) -> list[dict[str, Any]]:
    """The versions of a network that can be used, the newest first: ``version, use_as, built_at, sha256, counts``."""
    found = []
    for one in (folder, *earlier(folder)):
        manifest = read_manifest(one)
        found.append(
            {
                "version": manifest.get("version", 1),
                "use_as": one.name,
                "built_at": manifest.get("built_at"),
                "sha256": manifest["provenance"]["inputs"].get("sha256", ""),
                "counts": manifest["counts"],
            }
        )
    return found


def number(folder: Path, version: int) -> None:
    """Write the version the database counted into a stored network's manifest."""
    manifest = {**read_manifest(folder), "version": version}
    fresh = folder / f".{MANIFEST}"
    fresh.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(folder / MANIFEST)


def checked_name(name: str, *, new: bool = False) -> str:
    """
    Return `name`, or raise when it cannot be the name of a folder; a `new` one must not look like an old version.

    Raises
    ------
    InputError
        Empty, hidden, or with a path separator in it; new with an @.
    """
    if (new and "@" in name) or not name or name.startswith(".") or any(c in name for c in "/\\\0"):
        raise InputError(f"'{name}' cannot name a network: use letters, digits, - and _")
    return name


def delete(folder: Path) -> None:
    """Remove a stored network and its earlier versions; the rename makes it vanish at once."""
    read_manifest(folder)
    for old in earlier(folder):
        shutil.rmtree(old, ignore_errors=True)
    gone = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    Path(folder).rename(gone / "old")
    shutil.rmtree(gone, ignore_errors=True)


def _save_topology(network: Network, folder: Path) -> None:
    """Store the search topology where its engine is installed; without it the engine builds it on first use."""
    from routing.engine_cch import available, topology_of

    if available():
        folder.mkdir()
        topology_of(network).save(str(folder))


def _write_manifest(network: Network, work: Path, version: int) -> None:
    report = {key: value for key, value in network.report.items() if key != "frames"}
    parts = {
        str(path.relative_to(work)): {"sha256": _digest(path), "bytes": path.stat().st_size}
        for path in sorted(work.rglob("*"))
        if path.is_file()
    }
    manifest = {
        "format": FORMAT_VERSION,
        "name": network.name,
        "version": version,
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "counts": {"nodes": network.node_count, "arcs": network.arc_count, "segments": network.segment_count},
        "bounds": list(network.bounds),
        "report": report,
        "provenance": network.provenance.as_json(),
        "parts": parts,
    }
    with (work / MANIFEST).open("w", encoding="utf-8") as stream:
        json.dump(manifest, stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())


def _swap(work: Path, folder: Path, kept: Path | None) -> None:
    """
    Put the finished folder in its place; a folder cannot be renamed over a full one, so the old one steps aside.

    It is kept under the name `kept`, or removed.
    """
    aside = folder.parent / f".{folder.name}-old-{os.getpid()}"
    if folder.exists():
        folder.rename(aside)
    work.rename(folder)
    folder.chmod(0o755)
    if kept is not None and aside.exists() and not kept.exists():
        aside.rename(kept)
    shutil.rmtree(aside, ignore_errors=True)


def _verify(folder: Path, manifest: dict[str, Any]) -> None:
    """A truncated topology file would end the process inside native code: sizes and digests first."""
    needed: Callable[[str], bool] = lambda part: part.endswith((".npy", ".json")) or part.startswith(TOPOLOGY)  # noqa: E731
    for part, facts in manifest["parts"].items():
        if not needed(part):
            continue
        path = folder / part
        if not path.is_file() or path.stat().st_size != facts["bytes"] or _digest(path) != facts["sha256"]:
            raise UnavailableError(f"network {folder.name}: its part {part} is damaged or missing, build it again")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
