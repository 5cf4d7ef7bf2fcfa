"""Where will the map of the next desk open? Remembered by jurisdiction from what the last one drew."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from command_ui.access.roles import SignedIn
    from command_ui.console.preferences import Preferences

Json = dict[str, Any]


class FirstLook:
    """
    Place the desk opens at: around the zones of the incident looked at, or home.

    It goes into the page itself, so that the ground is drawn while everything else still travels. A place that is no
    longer right costs a few tiles and nothing else: the desk frames what it really shows.
    """

    def __init__(self, preferences: "Preferences", person: "SignedIn") -> None:
        caller = person.caller()
        self._preferences = preferences
        self._name = f"first look {caller.division_from} {caller.division_to} {caller.mode}"
        self._kept = preferences.of(self._name).get("look", "")
        self._about: tuple[str | None, str | None] | None = None

    def read(self, theme: str) -> str:
        """Give the place and the theme as JSON; empty when nothing is known yet."""
        try:
            look = json.loads(self._kept)
            numbers = [*look["centre"], look["zoom"], *(look.get("extent") or [])]
        except (ValueError, TypeError, KeyError):
            return ""
        if not all(isinstance(number, int | float) for number in numbers):
            return ""
        known = {key: look[key] for key in ("centre", "zoom", "extent") if key in look}
        return json.dumps({**known, "theme": theme})

    def keep(self, home: Json, scene: Json | None) -> None:
        """Remember where a page that follows the present looks; blocking, and idle while nothing changed."""
        about = ((scene or {}).get("incident", {}).get("id"), (scene or {}).get("run", {}).get("id"))
        if about == self._about:
            return
        self._about = about
        look: Json = {"centre": home["centre"], "zoom": home["zoom"]}
        extent = _extent((scene or {}).get("zones") or [])
        if extent is not None:
            look["extent"] = extent
        written = json.dumps(look)
        if written != self._kept:
            self._kept = written
            self._preferences.keep(self._name, look=written)


def _extent(zones: list[Json]) -> list[float] | None:
    """West, south, east, north of all zones, rounded to a metre."""
    places = [place for zone in zones if zone.get("geometry") for place in _places(zone["geometry"]["coordinates"])]
    if not places:
        return None
    east, north = zip(*places, strict=True)
    return [round(one, 5) for one in (min(east), min(north), max(east), max(north))]


def _places(coordinates: Any) -> list[tuple[float, float]]:
    if coordinates and isinstance(coordinates[0], int | float):
        return [(float(coordinates[0]), float(coordinates[1]))]
    return [place for part in coordinates for place in _places(part)]
