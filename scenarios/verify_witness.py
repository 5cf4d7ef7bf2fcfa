"""
Is the witness itself whole? Checks signatures and the order of its lines; shares no code with its writer.

Its heads then serve `scenarios.verify` as receipts: an entry the witness saw must still be there, with the same hash.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_TAG = b"onemap:witness:1\x00"


@dataclass(frozen=True, slots=True)
class WitnessReading:
    """
    What a witness file says.

    Attributes
    ----------
    receipts
        (incident, seq) -> hashes, of the lines whose signature holds.
    faults
        One sentence for every line that is not what was written.
    lines
        Whole lines read; a torn last line counts as not written.
    notes
        One sentence for every time the lines begin anew, with another database; the heads before are left out.
    """

    receipts: dict[tuple[str, int], frozenset[str]]
    faults: tuple[str, ...]
    lines: int
    notes: tuple[str, ...] = ()


def read_witness(path: Path, public_key: Path) -> WitnessReading:
    """
    Read the heads a witness published.

    Raises
    ------
    OSError
        A file cannot be read.
    ValueError
        `public_key` is not an Ed25519 public key in PEM.
    """
    key = serialization.load_pem_public_key(public_key.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(f"{public_key}: not an Ed25519 public key")
    receipts: dict[tuple[str, int], set[str]] = {}
    newest: dict[str, int] = {}
    faults: list[str] = []
    notes: list[str] = []
    before = "0" * 64
    lines = path.read_bytes().split(b"\n")[:-1]
    for number, line in enumerate(lines, 1):
        try:
            head = json.loads(line)
            signature = base64.b64decode(head.pop("signature"), validate=True)
            began = str(head["began"]) if "began" in head else ""
            if not began:
                incident, seq, seen = str(UUID(head["incident"])), int(head["seq"]), str(head["hash"])
            previous = head["previous"]
        except (AttributeError, KeyError, TypeError, ValueError):
            faults.append(f"{path.name}, line {number}: not a signed head")
            before = hashlib.sha256(line).hexdigest()
            continue
        text = json.dumps(head, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        try:
            key.verify(signature, _TAG + text.encode())
        except InvalidSignature:
            faults.append(f"{path.name}, line {number}: the signature does not fit what stands there")
        else:
            if began:
                left = len(newest)
                notes.append(
                    f"{path.name}, line {number}: at {began} the database was another one than before; the {left} "
                    f"incidents the witness saw until then are not looked for"
                )
                receipts.clear()
                newest.clear()
            else:
                receipts.setdefault((incident, seq), set()).add(seen)
                if seq < newest.get(incident, 0):
                    faults.append(f"{path.name}, line {number}: {head.get('code')} went back to entry {seq}")
                newest[incident] = max(seq, newest.get(incident, 0))
        if previous != before:
            faults.append(f"{path.name}, line {number}: a line before it was taken out, changed or put in")
        before = hashlib.sha256(line).hexdigest()
    seen_outside = {place: frozenset(hashes) for place, hashes in receipts.items()}
    return WitnessReading(seen_outside, tuple(faults), len(lines), tuple(notes))
