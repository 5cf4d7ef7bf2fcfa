"""Marks as GeoJSON (RFC 7946) and back."""

import json
from collections.abc import Iterable
from typing import Any

from command_ui.plotting.notes import Drawn, Read, facts_of, gathered, mark_from
from gis import safe_json
from gis.errors import InputError

Json = dict[str, Any]


def collection(marks: Iterable[Drawn]) -> Json:
    """Marks as a FeatureCollection; the code of the sign is the property ``symbol``."""
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": one.geometry, "properties": facts_of(one)} for one in marks],
    }


def write(marks: Iterable[Drawn]) -> str:
    """Marks as the text of a GeoJSON file."""
    return json.dumps(collection(marks), ensure_ascii=False, indent=1)


def read(content: bytes) -> Read:
    """
    Marks of a GeoJSON file.

    Raises
    ------
    InputError
        It is no GeoJSON FeatureCollection.
    """
    return of_collection(safe_json.read(content, "GeoJSON file"))


def of_collection(whole: Any) -> Read:
    """
    Marks of a FeatureCollection already read.

    Raises
    ------
    InputError
        It is none.
    """
    if (
        not isinstance(whole, dict)
        or whole.get("type") != "FeatureCollection"
        or not isinstance(whole.get("features"), list)
    ):
        raise InputError("this is not GeoJSON: it should be a FeatureCollection with features")
    found = []
    for one in whole["features"]:
        properties = one.get("properties") if isinstance(one, dict) else None
        geometry = one.get("geometry") if isinstance(one, dict) else None
        found.append(mark_from(geometry, properties if isinstance(properties, dict) else {}))
    return gathered(found)
