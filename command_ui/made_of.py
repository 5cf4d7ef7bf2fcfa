"""Which libraries does the product run on, in which versions and under which licences? (CycloneDX 1.6)"""

import json
import re
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import uuid4

PRODUCT = "onemap"
NPM_LOCK = Path(__file__).parent / "package-lock.json"
_NAME = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)(\[([^\]]*)\])?")


def bill() -> dict[str, Any]:
    """List what is installed here for the product, and what its page's scripts are bundled from."""
    parts = [_python(one) for one in sorted(_needed(), key=lambda one: one.metadata["Name"].lower())]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "component": {
                "type": "application", "bom-ref": PRODUCT, "name": PRODUCT, "version": metadata.version(PRODUCT),
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": [*parts, *_scripts()],
    }  # fmt: skip


def _needed() -> list[metadata.Distribution]:
    """Everything the product requires, and what that requires; extras of our own (tests, benchmarks) left out."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [(line, frozenset({""})) for line in metadata.requires(PRODUCT) or []]
    while waiting:
        line, extras = waiting.pop()
        wanted = _NAME.match(line)
        if wanted is None or not _applies(line, extras):
            continue
        name = re.sub(r"[-_.]+", "-", wanted[1]).lower()
        inner = frozenset({"", *(one.strip() for one in (wanted[3] or "").split(",") if one.strip())})
        if name in found and inner == {""}:
            continue
        try:
            found[name] = metadata.distribution(wanted[1])
        except metadata.PackageNotFoundError:
            continue  # for another system or another Python
        waiting += [(one, inner) for one in found[name].requires or []]
    return list(found.values())


def _applies(line: str, extras: frozenset[str]) -> bool:
    from packaging.requirements import Requirement

    marker = Requirement(line).marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras)


def _python(one: metadata.Distribution) -> dict[str, Any]:
    name = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
    part: dict[str, Any] = {
        "type": "library", "bom-ref": f"pypi:{name}@{one.version}", "name": name, "version": one.version,
        "purl": f"pkg:pypi/{name}@{one.version}",
    }  # fmt: skip
    words = one.metadata.get("License-Expression") or one.metadata.get("License") or ""
    licence = words.strip().splitlines()[0][:120] if words.strip() else ""
    if licence:
        part["licenses"] = [{"license": {"name": licence}}]
    return part


def _scripts() -> list[dict[str, Any]]:
    """What the scripts of the page are bundled from, as their lock has it."""
    if not NPM_LOCK.is_file():
        return []
    parts = []
    for place, told in sorted(json.loads(NPM_LOCK.read_text(encoding="utf-8"))["packages"].items()):
        if not place or told.get("dev") or told.get("link") or "version" not in told:
            continue
        name = place.rpartition("node_modules/")[2]
        part = {
            "type": "library", "bom-ref": f"npm:{name}@{told['version']}#{place}", "name": name,
            "version": told["version"], "purl": f"pkg:npm/{name.replace('@', '%40')}@{told['version']}",
        }  # fmt: skip
        if isinstance(told.get("license"), str):
            part["licenses"] = [{"license": {"name": told["license"]}}]
        parts.append(part)
    return parts
