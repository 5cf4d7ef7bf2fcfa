"""Where do our own style sheets, scripts and pictures come from?"""

import hashlib
import mimetypes
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import command_ui

_HOUSE = Path(command_ui.__file__).parent
_PLACES = ("server/assets", "console/assets", "map/assets", "guide/pictures", "dist")
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
    path = find(name)
    if path is None:
        return f"/assets/{name}"
    return f"/assets/{name}?v={_digest(path, path.stat().st_mtime_ns)}"


def content_type(path: Path | str) -> str:
    """Give the media type of a file by its name."""
    name = str(path)
    return TYPES.get(Path(name).suffix.lower()) or mimetypes.guess_type(name)[0] or "application/octet-stream"


@lru_cache(maxsize=256)
def _digest(path: Path, _changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
