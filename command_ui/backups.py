"""What belongs into a backup, and is what came back what was there?"""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from command_ui.bootstrap import migration_url
from command_ui.settings import Settings
from gis import backup, migrate
from gis.cluster import PrivateCluster
from gis.database import libpq_conninfo
from gis.errors import ConflictError, InputError
from scenarios import verify, verify_rows, verify_witness
from scenarios.witness import FILE, PUBLIC_KEY

MANIFEST = "backup.json"
FOLDERS = ("keys", "networks", "preferences")
"""Of the data folder, beside the database: without the keys nobody's sign-in and no signature fits any more."""
WITNESS = "witness"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Restored:
    """
    What came back.

    Attributes
    ----------
    incidents, entries
        In the database now.
    compared
        Heads of the backup and of the witness that were held against it.
    later
        Entries the witness saw after the moment that was asked for: left behind on purpose.
    faults
        One sentence for whatever is not as it was.
    """

    incidents: int
    entries: int
    compared: int
    later: int = 0
    faults: list[str] = field(default_factory=list)


def back_up(settings: Settings, target: Path, tell: Tell) -> dict[str, Any]:
    """
    Copy the running database and the files that belong to it into the folder `target`; return what its manifest says.

    Raises
    ------
    ConflictError
        `target` is there and not empty.
    UnavailableError
        The database does not answer or may not be copied.
    """
    if target.exists() and any(target.iterdir()):
        raise ConflictError(f"{target} is not empty: a backup is never written over another one")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.chmod(0o700)  # the copy holds everything the database guards
    address = migration_url(settings)
    if address is not None:
        return _copy(settings, address, target, tell)
    with PrivateCluster(settings.cluster_dir, archive=settings.archive_dir, tell=tell) as cluster:
        return _copy(settings, cluster.url(), target, tell)


def _copy(settings: Settings, address: str, target: Path, tell: Tell) -> dict[str, Any]:
    # Read before the copy begins: whatever is said here must be in it.
    with verify_rows.database_rows(libpq_conninfo(address)) as (heads, _):
        known = [
            {"incident": str(one.incident), "code": one.code, "seq": one.last_seq, "hash": one.last_hash.hex()}
            for one in heads
        ]
    began = datetime.now(UTC)
    tell(f"copying the database to {target / 'base'}")
    backup.take(address, target / "base")
    whole = datetime.now(UTC)
    places = {name: settings.data_dir / name for name in FOLDERS} | {WITNESS: settings.witness_folder}
    for name, place in places.items():
        if place.is_dir():
            shutil.copytree(place, target / "files" / name)
    manifest = {
        "made_at": began.isoformat(),
        "whole_at": whole.isoformat(),
        "migration": migrate.current(address),
        "heads": known,
        "files": {
            str(path.relative_to(target)): _digest(path)
            for path in sorted((target / "files").rglob("*"))
            if path.is_file()
        },
        "size_bytes": sum(path.stat().st_size for path in target.rglob("*") if path.is_file()),
        "seconds": round((datetime.now(UTC) - began).total_seconds(), 1),
    }
    (target / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    return manifest


def restore(
    settings: Settings, source: Path, tell: Tell, *, archive: Path | None = None, until: datetime | None = None,
    witness: Path | None = None,
) -> Restored:  # fmt: skip
    """
    Make database and files of a data folder out of a backup, and hold the record against backup and witness.

    Parameters
    ----------
    archive, until
        See `gis.backup.put_back`.
    witness
        File of signed heads, best from elsewhere; None = that of this data folder, else the backup's own.

    Raises
    ------
    InputError
        `source` is no backup, not whole, or of after the moment asked for; or a real server is set, which has tools
        of its own.
    ConflictError
        The data folder holds a database.
    """
    if settings.database_url is not None:
        raise InputError("ONEMAP_DATABASE_URL names a server of its own: restore it with its own tools")
    try:
        manifest = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        heads = {(str(one["incident"]), int(one["seq"])): frozenset({str(one["hash"])}) for one in manifest["heads"]}
        whole = datetime.fromisoformat(manifest.get("whole_at") or manifest["made_at"])
        wrong = [name for name, digest in manifest["files"].items() if _digest(source / name) != digest]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{source} is not a whole backup: {error}") from error
    if wrong:
        raise InputError(f"{source} is not what was written: {', '.join(wrong[:5])} changed")
    if until is not None and until.tzinfo is not None and until < whole:
        raise InputError(
            f"{until.isoformat()} lies before the copy was whole, {whole.isoformat()}: take an older backup"
        )
    backup.check(source / "base")
    cluster = PrivateCluster(settings.cluster_dir, archive=settings.archive_dir, tell=tell)
    backup.put_back(cluster, source / "base", archive=archive, until=until)
    try:
        _bring_files(settings, source)
        migrate.upgrade(cluster.url(), tell=tell)
        seen, faults = _witnessed(settings, witness)
        # An incident of no entry has nothing but its head.
        receipts = {
            place: heads.get(place, frozenset()) | seen.get(place, frozenset())
            for place in {**heads, **seen}
            if place[1] > 0
        }
        with verify_rows.database_rows(cluster.conninfo()) as (rows, entries):
            found = verify.verify(rows, entries, receipts)
    finally:
        cluster.stop()
    later = [fault for fault in found.faults if fault.code == "receipt_lost"] if until is not None else []
    faults += [f"{fault.code}: incident {fault.incident}: {fault.text}" for fault in found.faults if fault not in later]
    return Restored(found.incidents, found.entries, len(receipts), len(later), faults)


def _bring_files(settings: Settings, source: Path) -> None:
    """Put back what is not there: what a data folder has is newer, and a witness is never written over."""
    for name in (*FOLDERS, WITNESS):
        place = settings.witness_folder if name == WITNESS else settings.data_dir / name
        saved = source / "files" / name
        for path in sorted(saved.rglob("*")):
            to = place / path.relative_to(saved)
            if path.is_dir():
                to.mkdir(parents=True, exist_ok=True)
            elif not to.exists():
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, to)


def _witnessed(settings: Settings, witness: Path | None) -> tuple[dict[tuple[str, int], frozenset[str]], list[str]]:
    file = witness or settings.witness_folder / FILE
    if not file.is_file():
        if witness is not None:
            raise InputError(f"{witness} is not there")
        return {}, []
    try:
        read = verify_witness.read_witness(file, file.parent / PUBLIC_KEY)
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: the witness cannot be read: {error}") from error
    return read.receipts, list(read.faults)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
