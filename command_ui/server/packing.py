"""How small does an answer get before it leaves the house?"""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

import brotli

_WORTH_BYTES = 600
"""Below this the header costs more than packing saves."""

_PACKABLE = (
    "text/",
    "application/javascript",
    "application/json",
    "application/vnd.mapbox-vector-tile",
    "application/wasm",
    "image/svg+xml",
    "image/x-icon",
)


@dataclass(frozen=True, slots=True)
class Packed:
    """One body in every form a browser may ask for; forms that save nothing are None."""

    content_type: str
    etag: str
    plain: bytes
    gzip: bytes | None
    brotli: bytes | None

    def choose(self, accept_encoding: str) -> tuple[bytes, str]:
        """Give the smallest body the browser takes, with its content-encoding ('' = as it is)."""
        taken = accepted(accept_encoding)
        if self.brotli is not None and "br" in taken:
            return self.brotli, "br"
        if self.gzip is not None and "gzip" in taken:
            return self.gzip, "gzip"
        return self.plain, ""

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        return len(self.plain) + len(self.gzip or b"") + len(self.brotli or b"")


def is_packable(content_type: str) -> bool:
    """Tell whether bodies of this media type shrink; an event stream must flow, so it does not count."""
    return content_type.startswith(_PACKABLE) and not content_type.startswith("text/event-stream")


def accepted(accept_encoding: str) -> frozenset[str]:
    """Read an Accept-Encoding header; codings with q=0 are refused by the client."""
    found = set()
    for part in accept_encoding.split(","):
        coding, _, weight = part.partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            found.add(coding.strip().lower())
    return frozenset(found)


def squeeze(body: bytes, accept_encoding: str) -> tuple[bytes, str]:
    """Pack a body that is sent once: quick settings, brotli before gzip."""
    taken = accepted(accept_encoding)
    if len(body) < _WORTH_BYTES:
        return body, ""
    if "br" in taken:
        return brotli.compress(body, quality=4), "br"
    if "gzip" in taken:
        return gzip.compress(body, compresslevel=5, mtime=0), "gzip"
    return body, ""


def pack(body: bytes, content_type: str, folder: Path | None = None, *, hard: bool = False) -> Packed:
    """
    Pack a body that is sent many times.

    Parameters
    ----------
    folder
        Where packed forms are kept between starts, by content hash; None keeps nothing.
    hard
        Take seconds instead of a tenth of one, for some 9 % less: worth it once the first visitor is served.
    """
    digest = hashlib.sha256(body).hexdigest()
    etag = f'"{digest[:32]}"'
    if len(body) < _WORTH_BYTES or not is_packable(content_type):
        return Packed(content_type, etag, body, None, None)
    small = _kept(folder, f"{digest}.gz") or _keep(folder, f"{digest}.gz", gzip.compress(body, 9, mtime=0))
    smaller = _kept(folder, f"{digest}.br")
    if smaller is None:
        smaller = brotli.compress(body, quality=11 if hard else 9)
        if hard:
            _keep(folder, f"{digest}.br", smaller)
    return Packed(content_type, etag, body, small, smaller)


def _kept(folder: Path | None, name: str) -> bytes | None:
    path = folder / name if folder else None
    return path.read_bytes() if path and path.is_file() else None


def _keep(folder: Path | None, name: str, body: bytes) -> bytes:
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        # Written aside and moved, so that another process never reads half a file.
        draft = folder / f".{name}.{id(body)}"
        draft.write_bytes(body)
        draft.replace(folder / name)
    return body
