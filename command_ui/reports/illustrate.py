"""Which map goes into a report? That of the situation it was filled from: a seam where another map maker may stand."""

from datetime import UTC, datetime
from typing import Any

import shapely
from shapely.geometry import shape

from command_ui.reports import picture
from command_ui.reports.fonts import Faces
from command_ui.words import Language, say
from command_ui.words.titles import title_in
from gis.database import Caller
from layers.surroundings import around
from scenarios.desk import Desk
from scenarios.situation import Situation

_NEAR_DEG = 0.02
"""Half the side of the box drawn where an incident has no zones yet, about 2 km."""


def illustrate(
    desk: Desk, situation: Situation, code: str, caller: Caller, language: Language, faces: Faces
) -> bytes | None:
    """
    Draw the map of a situation as PNG; None where the incident has no place.

    Raises
    ------
    UnavailableError
        The database does not answer.
    """
    from command_ui.console.scene import scene_of

    if situation.place is None:
        return None
    scene = scene_of(situation, code=code, division="", mode=caller.mode, moment=None, can_run=False, can_note=False)
    with desk.database.transaction(caller) as connection:
        areas, lines, source = around(connection, _bounds(scene))
    sheet = picture.Sheet(
        title=say("map.figure.title", language, title=title_in(situation.title, language)),
        at=picture.moment_text(situation.updated_at or datetime.now(UTC), language),
        source=source,
        mark=say(f"mode.{caller.mode}.mark", language),
        language=language,
    )
    return picture.draw(scene, areas, lines, sheet, faces)


def _bounds(scene: dict[str, Any]) -> tuple[float, float, float, float]:
    drawn = [shape(zone["geometry"]) for zone in scene.get("zones", [])]
    if drawn:
        west, south, east, north = (float(one) for one in shapely.total_bounds(drawn))
        # The paper is wide: ground must reach to its sides even where the zones stand upright.
        wide, high = east - west, north - south
        grow = max(0.0, high * 1.9 - wide) / 2, max(0.0, wide * 0.8 - high) / 2
        return west - grow[0], south - grow[1], east + grow[0], north + grow[1]
    longitude, latitude = scene["incident"]["longitude"] or 0.0, scene["incident"]["latitude"] or 0.0
    return longitude - 2 * _NEAR_DEG, latitude - _NEAR_DEG, longitude + 2 * _NEAR_DEG, latitude + _NEAR_DEG
