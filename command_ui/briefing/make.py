"""Which situation is written out, and what lies around it? Reads as the caller; nothing is recorded by reading."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import shapely
from shapely.geometry import shape
from sqlalchemy import Connection

from command_ui.briefing.sheet import Ground, brief
from command_ui.console.scene import scene_of
from command_ui.console.scene_marks import marks_of
from command_ui.words import Language
from command_ui.words.titles import title_in
from gis.database import Caller
from gis.errors import MissingError
from layers import store
from layers.surroundings import around
from scenarios import log
from scenarios.desk import Desk

_NEAR_DEG = 0.02
"""Half the side of the box drawn where an incident has no zones yet, about 2 km."""


def make(desk: Desk, incident_id: UUID, caller: Caller, *, language: Language, author: str) -> tuple[str, str]:
    """
    Write the briefing of an incident as it is known now.

    Returns
    -------
    name, html
        A file name (number and time, ASCII), and the file.

    Raises
    ------
    MissingError
        No such incident, or one of another division or world.
    UnavailableError
        The database is away, or the map library was never bundled.
    """
    made_at = datetime.now(UTC)
    situation = desk.situation(incident_id, caller=caller)
    with desk.database.transaction(caller) as connection:
        head = log.head(connection, incident_id)
        if head.mode != caller.mode:
            raise MissingError(f"there is no incident {incident_id}")
        scene = scene_of(
            situation,
            code=head.code,
            division=division_of(connection, situation.division_code),
            mode=head.mode,
            moment=None,
            can_run=False,
            can_note=False,
        ) | marks_of(situation, None, can_draw=False)
        areas, lines, source = around(connection, bounds_of(scene))
    scene["incident"]["title"] = title_in(scene["incident"]["title"], language)
    html = brief(
        scene,
        ground=Ground(areas, lines, source),
        language=language,
        author=author,
        made_at=made_at,
        head_hash=situation.head_hash,
        seq=situation.seq,
    )
    return f"{head.code}-{made_at:%Y%m%dT%H%M%SZ}.html", html


def division_of(connection: Connection, code: str) -> str:
    """Name of a division; empty where none is known."""
    try:
        return store.dossier(connection, "division", code).title if code else ""
    except MissingError:
        return ""


def bounds_of(scene: dict[str, Any]) -> tuple[float, float, float, float]:
    """West, south, east, north of what is drawn of a scene, or of a box around its place."""
    drawn = [shape(zone["geometry"]) for zone in scene.get("zones", [])]
    drawn += [shape(route["geometry"]) for route in scene.get("routes", []) if route.get("drawn")]
    if drawn:
        west, south, east, north = shapely.total_bounds(drawn)
        return float(west), float(south), float(east), float(north)
    longitude, latitude = scene["incident"]["longitude"] or 0.0, scene["incident"]["latitude"] or 0.0
    return longitude - _NEAR_DEG, latitude - _NEAR_DEG, longitude + _NEAR_DEG, latitude + _NEAR_DEG
