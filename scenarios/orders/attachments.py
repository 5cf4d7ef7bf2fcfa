"""Where do photographs and papers lie? Each under its own hash, small enough, and of a kind its first bytes prove."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from gis import papers
from gis.errors import InputError, MissingError
from scenarios.orders.events import Attachment

LIMIT_BYTES = 10 * 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BRAND = slice(8, 12)
"""Place of the brand in a file of the ISO base media form (ISO/IEC 14496-12): after size and ``ftyp``."""
_HEIC = frozenset({b"heic", b"heix", b"mif1", b"msf1"})
_MP4 = frozenset({b"isom", b"iso2", b"iso5", b"mp41", b"mp42", b"avc1", b"M4V "})

SUFFIX = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "video/mp4": ".mp4",
    "application/pdf": ".pdf",
}
"""Kinds that are taken. Nothing a browser would run: no SVG, no HTML."""


def kind_of(content: bytes) -> str | None:
    """Media type by the first bytes, whatever a name or header says; None for what is not taken."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"RIFF") and content[_BRAND] == b"WEBP":
        return "image/webp"
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content[4:8] == b"ftyp":
        return "image/heic" if content[_BRAND] in _HEIC else "video/mp4" if content[_BRAND] in _MP4 else None
    return None


class Attachments:
    """A folder of files named after their SHA-256; the same file twice is kept once, and none is ever changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes, name: str = "") -> Attachment:
        """
        Keep a file; on disk when this returns.

        Raises
        ------
        InputError
            Empty, larger than `LIMIT_BYTES`, of a kind that is not taken, or refused by `gis.papers.examine`.
        """
        if not content:
            raise InputError("the file is empty")
        if len(content) > LIMIT_BYTES:
            raise InputError(f"the file has {len(content)} bytes; at most {LIMIT_BYTES} are taken")
        media_type = kind_of(content)
        if media_type is None:
            raise InputError("the file is none of JPEG, PNG, WebP, HEIC, MP4 and PDF by its first bytes")
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not path.exists():
            papers.examine(content, media_type)
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(path)
        return Attachment(digest, media_type, len(content), _plain(name))

    def read(self, sha256: str) -> bytes:
        """
        Content of a file, checked against its hash.

        Raises
        ------
        MissingError
            It is not here, or no longer what it was.
        """
        path = self._path(sha256)
        if not path.is_file():
            raise MissingError(f"there is no attachment {sha256}")
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise MissingError(f"attachment {sha256} is no longer what was kept: ask whoever keeps the backups")
        return content

    def holds(self, one: Attachment) -> bool:
        """Whether the file is here with this size."""
        path = self._path(one.sha256)
        return path.is_file() and path.stat().st_size == one.size_bytes

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise MissingError("there is no such attachment: its name is 64 hexadecimal digits")
        return self.folder / sha256[:2] / sha256


def _plain(name: str) -> str:
    """Last part of a file name without what could mislead: no folders, no control characters."""
    last = re.split(r"[\\/]", name)[-1]
    return "".join(one for one in last if one.isprintable())[:120]
