"""Where does a network come from? The file, its digest and the licence of what is in it."""

import hashlib
from pathlib import Path

from gis.provenance import Provenance
from routing.network import ATTRIBUTION


def origin(path: Path, model: str, version: str = "1", source: str = ATTRIBUTION) -> Provenance:
    """Provenance of a network read from an OpenStreetMap file or one derived from it."""
    return Provenance(
        source=source,
        model=model,
        version=version,
        inputs={"file": path.name, "sha256": sha256_of(path)},
        notes=("odbl",),
    )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
