"""Which offline packages are there, and which of them has this tile?"""

import hashlib
import json
import re
import shutil
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gis.errors import ConflictError, InputError, MissingError
from gis.reader import Reader
from tianditu.catalogue import find
from tianditu.grids import MatrixSet, TileIndex
from tianditu.packages.archive import Archive, Contents
from tianditu.packages.opening import open_archive
from tianditu.verdict import is_whole

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ENDINGS = {"mbtiles": ".mbtiles", "geopackage": ".gpkg", "pmtiles": ".pmtiles"}
_COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Package:
    """
    One file of tiles that was taken in.

    Attributes
    ----------
    id
        Name it is removed by.
    layer, matrix
        Which base map it stands in for.
    bounds
        West, south, east, north in degrees.
    sha256
        Fingerprint of the file, for the receipt of whoever handed it over.
    """

    id: str
    layer: str
    matrix: MatrixSet
    form: str
    lowest_level: int
    highest_level: int
    bounds: tuple[float, float, float, float]
    tiles: int
    bytes: int
    sha256: str
    title: str
    attribution: str
    approval: str
    added_at: str


class Library:
    """A folder with one tile file and one card for each package; safe between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._open: dict[str, Archive] = {}
        self._known: tuple[float, tuple[Package, ...]] | None = None

    def add(self, file: Path, *, layer: str = "", name: str = "", approval: str = "") -> Package:
        """
        Take a file in; it is copied, so that the disk it came on may be taken away.

        Parameters
        ----------
        layer
            Base map it stands in for; read from the file's name (``img_w_….mbtiles``) when empty.
        name
            Id of the package; from the file's name when empty.
        approval
            Approval number 审图号 of its pictures.

        Raises
        ------
        InputError
            Not a file of tiles, damaged, another grid, or no base map named.
        ConflictError
            There is a package of this name.
        """
        chosen = layer or _layer_in(file.name)
        if not chosen:
            raise InputError(
                f"{file.name}: say which base map it stands in for, with --layer vec, cva, img, cia, ter …"
            )
        base_map = find(chosen)
        contents = _contents(file, file.name)
        if contents.matrix not in base_map.matrices:
            raise InputError(f"{file.name} is in matrix set '{contents.matrix}', which '{chosen}' is not published in")
        identity = name or _plain(file.stem)
        if not _NAME.fullmatch(identity):
            raise InputError(f"package name '{identity}': use small letters, digits, dot, dash and underscore")
        if any(one.id == identity for one in self.packages()):
            raise ConflictError(f"there is a package '{identity}' already: remove it first, or give another --name")
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / f"{identity}{_ENDINGS[contents.form]}"
        half = target.with_name(target.name + ".part")
        digest = _copy(file, half)
        package = Package(
            identity, chosen, contents.matrix, contents.form, contents.lowest_level, contents.highest_level,
            contents.bounds, contents.tiles, half.stat().st_size, digest, contents.title, contents.attribution,
            approval, datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        half.replace(target)
        # The card last: a file without a card is no package, so a broken copy leaves none behind.
        card = self._card(identity)
        card_half = card.with_suffix(".part")
        card_half.write_text(json.dumps(asdict(package), ensure_ascii=False, indent=1), encoding="utf-8")
        card_half.replace(card)
        return package

    def packages(self) -> tuple[Package, ...]:
        """Every package, by name; read again when the folder changed."""
        try:
            changed = self._folder.stat().st_mtime_ns / 1e9
        except OSError:
            return ()
        with self._lock:
            if self._known is None or self._known[0] != changed:
                found = [_read(card) for card in sorted(self._folder.glob("*.json"))]
                self._known = (changed, tuple(one for one in found if one is not None))
            return self._known[1]

    def remove(self, name: str) -> Package:
        """
        Remove a package.

        Raises
        ------
        MissingError
            There is none of this name.
        """
        for package in self.packages():
            if package.id == name:
                self._card(name).unlink()
                with self._lock:
                    archive = self._open.pop(name, None)
                if archive is not None:
                    archive.close()
                self._file(package).unlink(missing_ok=True)
                return package
        raise MissingError(f"there is no package '{name}'; see `onemap tianditu packages list`")

    def tile(self, layer: str, index: TileIndex) -> bytes | None:
        """Give a picture from the first package that has it; a damaged picture counts as none."""
        for package in self.packages():
            if (package.layer, package.matrix) != (layer, index.matrix):
                continue
            if not package.lowest_level <= index.level <= package.highest_level:
                continue
            try:
                picture = self._archive(package).tile(index)
            except (InputError, OSError):
                continue
            if picture and is_whole(picture):
                return picture
        return None

    def close(self) -> None:
        """Close every file."""
        with self._lock:
            for archive in self._open.values():
                archive.close()
            self._open.clear()

    def _archive(self, package: Package) -> Archive:
        with self._lock:
            archive = self._open.get(package.id)
            if archive is None:
                archive = self._open[package.id] = open_archive(self._file(package))
            return archive

    def _file(self, package: Package) -> Path:
        return self._folder / f"{package.id}{_ENDINGS[package.form]}"

    def _card(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def _looked_over(file: Path, _name: str) -> Contents:
    """
    Contents of a file whose pictures are pictures: some of them are looked at.

    It comes from outside, so this runs in a process of its own, behind limits.
    """
    archive = open_archive(file)
    try:
        contents = archive.contents()
        if not all(is_whole(picture) for picture in archive.samples()):
            raise InputError(f"{file.name} holds tiles that are no whole PNG, JPEG or WebP pictures")
        return contents
    finally:
        archive.close()


_contents = Reader(_looked_over, Contents)


def _copy(file: Path, target: Path) -> str:
    digest = hashlib.sha256()
    try:
        with file.open("rb") as source, target.open("wb") as sink:
            while part := source.read(_COPY_BYTES):
                digest.update(part)
                sink.write(part)
        shutil.copymode(file, target)
        target.chmod(0o644)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise InputError(f"{file.name} cannot be copied into {target.parent}: {error.strerror}") from error
    return digest.hexdigest()


def _layer_in(name: str) -> str:
    found = re.match(r"(vec|cva|img|cia|ter|cta|ibo|js-blue|js-img|jl-img)(?![a-z])", name.lower())
    return found[1] if found else ""


def _plain(stem: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-.") or "package"


def _read(card: Path) -> Package | None:
    try:
        read: dict[str, Any] = json.loads(card.read_text(encoding="utf-8"))
        return Package(**{**read, "bounds": tuple(read["bounds"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
