"""Where did a number come from?"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import rfc8785

Mode = Literal["live", "drill", "sim"]
Trust = Literal["two_sources", "one_source", "unverified", "measured", "derived", "sources_differ"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """
    Origin of a value: source, age, model with its version, inputs, and what the reader must be told.

    Attributes
    ----------
    source
        Register, model or file the value came from.
    as_of
        Time the source speaks about (aware), or None where it has none.
    model, version
        Name and version of the model; empty for plain data.
    inputs
        JSON-able parameters the result follows from.
    notes
        Codes of limits and warnings; ``command_ui.words`` turns them into sentences.
    mode
        Which world the value belongs to.
    """

    source: str
    as_of: datetime | None = None
    model: str = ""
    version: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    mode: Mode = "live"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON form, written into the log and into every export."""
        return {
            "source": self.source,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "model": self.model,
            "version": self.version,
            "inputs": dict(self.inputs),
            "notes": list(self.notes),
            "mode": self.mode,
            "inputs_sha256": self.fingerprint(),
        }

    def fingerprint(self) -> str:
        """SHA-256 over model, version and inputs in RFC 8785 form: the same inputs give the same text."""
        canonical = rfc8785.dumps({"model": self.model, "version": self.version, "inputs": dict(self.inputs)})
        return hashlib.sha256(canonical).hexdigest()
