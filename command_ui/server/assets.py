"""Where do our own style sheets, scripts and pictures come from?"""

import hashlib
import json
import mimetypes
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import cast

import command_ui
from command_ui.server import made

_HOUSE = Path(command_ui.__file__).parent
_PLACES = ("server/assets", "console/assets", "map/assets", "guide/pictures", "dist", "console/dist")
PARTS = "parts/"
"""Files below this carry the hash of their content in their name."""
ROOTS: tuple[Path, ...] = tuple(_HOUSE / place for place in _PLACES)
"""Folders served below `/assets/`, first match wins. Never `/static`: that address belongs to Bokeh."""

TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
"""Kinds of file that may leave the house this way; everything else is not found."""


def find(name: str) -> Path | None:
    """Give the file behind `/assets/<name>`, or None; a name can never lead out of the folders."""
    if Path(name).suffix.lower() not in TYPES or "\\" in name or "\0" in name:
        return None
    for root in ROOTS:
        path = (root / name).resolve()
        if path.is_relative_to(root) and path.is_file():
            return path
    return None


def address(name: str) -> str:
    """Give the address of an asset with the hash of its content, so that browsers may keep it for a year."""
    if name in made.NAMES:
        return f"/assets/{name}?v={made.digest(name)}"
    path = find(name)
    if path is None:
        return f"/assets/{name}"
    return f"/assets/{name}?v={_digest(path, path.stat().st_mtime_ns)}"


def needed(bundles: Iterable[str]) -> list[str]:
    """Give the addresses of what these bundles need at once, in their order; nothing before they are built."""
    manifest = _HOUSE / "console" / "dist" / PARTS / "manifest.json"
    if not manifest.is_file():
        return []
    listed = _manifest(manifest, manifest.stat().st_mtime_ns)
    return list(dict.fromkeys(f"/assets/{PARTS}{part}" for name in bundles for part in listed.get(name, ())))


def content_type(path: Path | str) -> str:
    """Give the media type of a file by its name."""
    name = str(path)
    return TYPES.get(Path(name).suffix.lower()) or mimetypes.guess_type(name)[0] or "application/octet-stream"


@lru_cache(maxsize=2)
def _manifest(path: Path, _changed_ns: int) -> Mapping[str, list[str]]:
    return cast(Mapping[str, list[str]], json.loads(path.read_text(encoding="utf-8")))


@lru_cache(maxsize=256)
def _digest(path: Path, _changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
