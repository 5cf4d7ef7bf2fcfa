"""Which other hazard sources does the fire or explosion reach, as the map and the inspector show them?"""

from typing import Any

from gis.errors import InputError
from plume import substances

Json = dict[str, Any]

LISTED = 12
"""Rows in the inspector and marks on the map, the most endangered first; the record holds all of them."""


def domino_of(domino: Json) -> Json:
    """Rows with their level of concern, how many there are in all, and what the verdict rests on, as codes."""
    reached = domino.get("reached", [])
    criteria = [
        {
            "code": f"domino.criterion.{one['kind']}",
            "values": {"value": f"{one['threshold']:.3g}"},
            "unverified": one.get("trust") == "unverified",
        }
        for one in domino.get("criteria", [])
    ]
    return {
        "status": domino.get("status"),
        "criteria": criteria,
        "reached": [one | {"substance": names_of(one.get("substance"))} for one in reached[:LISTED]],
        "count": len(reached),
        "escalating": sum(1 for one in reached if one.get("escalates")),
        "burns_s": domino.get("burns_s"),
        "notes": [{"code": code, "values": {}} for code in domino.get("notes", [])],
    }


def names_of(text: str | None) -> Json | str | None:
    """A substance in both languages, or as it was written when nobody knows it."""
    if not text:
        return text
    try:
        known = substances.find(text)
    except InputError:
        return text
    return {"zh": known.name_zh, "en": known.key}
