"""What of the situation is drawn, and did all of it get onto the sheet? Every drawer signs for what it drew."""

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from command_ui.mapprint.page_frame import PageFrame
from command_ui.mapprint.pen import PX, Pen
from command_ui.words import Language, say
from command_ui.words.trust import marked
from layers import styles
from layers.signs.catalogue import CLASSES, signs
from layers.signs.glyphs import GLYPHS
from layers.signs.lines import LINES
from layers.signs.set_along import set_along

Json = dict[str, Any]
Point = tuple[float, float]
_DASH = {3: (), 2: (9.0, 4.0), 1: (4.0, 3.0)}


@dataclass
class Sheet:
    """
    The sheet while it is drawn.

    ``signed`` holds the codes of what was drawn, ``outside`` how many things of a code lie beyond the map's edge,
    ``legend`` what is explained beside the map, in the order it was drawn, ``bare`` the layers that were asked for and
    have nothing on this sheet: they have no sign in the legend, and are named below it.
    """

    pen: Pen
    frame: PageFrame
    paint: dict[str, str]
    language: Language
    signed: set[str] = field(default_factory=set)
    outside: dict[str, int] = field(default_factory=dict)
    legend: dict[str, tuple[str, tuple[Any, ...]]] = field(default_factory=dict)
    bare: list[str] = field(default_factory=list)
    words: list[tuple[Point, str, float, float, bool]] = field(default_factory=list)
    names: list[tuple[Point, str]] = field(default_factory=list)

    def sign_for(self, code: str, *, outside: int = 0) -> None:
        """Say that something is on the sheet."""
        self.signed.add(code)
        if outside:
            self.outside[code] = self.outside.get(code, 0) + outside

    def say(self, code: str, **values: object) -> str:
        """Words in the language of the sheet."""
        return say(code, self.language, **values)

    def explain(self, text: str, kind: str, *how: Any) -> None:
        """Put a line into the legend, once."""
        self.legend.setdefault(text, (kind, how))


def expected_of(scene: Json) -> set[str]:
    """Codes of everything a scene shows; a sheet that lacks one of them is not given out."""
    found = {"incident"} if scene["incident"].get("longitude") is not None else set()
    found |= {f"zone-{zone['level']}" for zone in scene.get("zones", [])}
    for code, there in (
        ("envelope", scene.get("envelope")),
        ("closed", (scene.get("closed") or {}).get("count")),
        ("evacuation", (scene.get("evacuation") or {}).get("moves")),
        ("rescue", [one for one in scene.get("routes", []) if one.get("drawn") and one.get("status") == "ok"]),
        ("targets", (scene.get("exposure") or {}).get("facilities")),
        ("shelters", [one for one in (scene.get("evacuation") or {}).get("shelters", []) if one.get("shown")]),
    ):
        if there:
            found.add(code)
    found |= {f"closure-{one['id']}" for one in scene.get("closures", [])}
    return found | {f"mark-{one['id']}" for one in scene.get("marks", []) if one["state"] != "later"}


def draw(sheet: Sheet, scene: Json) -> None:
    """Draw the scene from the ground up: zones, envelope, roads, ways, closures, places, marks, the event."""
    _zones(sheet, scene)
    _ways(sheet, scene)
    _closures(sheet, scene)
    _places(sheet, scene)
    for mark in scene.get("marks", []):
        if mark["state"] != "later":
            _mark(sheet, mark)
    one = scene["incident"]
    if one.get("longitude") is not None:
        at = sheet.frame.spot((one["longitude"], one["latitude"]))
        sheet.pen.sign(at, styles.GLYPHS["skull"], "A", side=38 * PX)
        sheet.words.append((at, str(one.get("place") or one["title"]), 8, 20 * PX, True))
        sheet.pen.take(at, 20 * PX)
        sheet.explain(sheet.say("print.incident"), "sign", "A", styles.GLYPHS["skull"])
        sheet.sign_for("incident", outside=0 if sheet.frame.holds(*at) else 1)
    # Words last, the weightiest first, so that none is covered by a sign and few by one another.
    for at, text, size, gap, strong in sorted(sheet.words, key=lambda one: not one[4]):
        if sheet.frame.holds(*at):
            sheet.pen.label(at, text, size, gap=gap, strong=strong)
    for at, name in sheet.names:
        if sheet.frame.holds(*at):
            sheet.pen.label(at, name, 6, gap=11 * PX, must=False)


def _zones(sheet: Sheet, scene: Json) -> None:
    zones = sorted(scene.get("zones", []), key=lambda zone: int(zone["level"]))
    by_level = {style.level: style for style in styles.ZONES}
    for zone in zones:
        level, style = int(zone["level"]), by_level[int(zone["level"])]
        fire = {"thermal": "thermal", "overpressure": "over"}.get(str(zone.get("kind")))
        fill, line = sheet.paint[fire or style.fill], sheet.paint[fire or style.line]
        outside = 1
        for part in _parts(shape(zone.get("band") or zone["geometry"])):
            rings = [sheet.frame.way(ring.coords) for ring in (part.exterior, *part.interiors)]
            sheet.pen.area(rings, fill, alpha=style.fill_opacity * 0.7)
            sheet.pen.hatch(rings, style.hatch, line, gap=style.hatch_tile_px * 0.6, width=style.hatch_width_px * 0.55)
        for part in _parts(shape(zone["geometry"])):
            ring = sheet.frame.way(part.exterior.coords)
            sheet.pen.line(ring, line, 1.6, dash=_DASH[level], closed=True)
            outside = 0 if any(sheet.frame.holds(*point) for point in ring) else outside
        name = marked(zone["name"], zone.get("trust"), sheet.language)
        text = f"{name} · {zone['threshold']:g} {zone['unit']} · {zone['reach_m'] / 1000:.2f} km"
        sheet.explain(text, "zone", fill, line, style.hatch, _DASH[level], style.fill_opacity * 0.7)
        sheet.sign_for(f"zone-{level}", outside=outside)
    for zone in zones:
        if zone.get("label_at"):
            at = sheet.frame.spot(zone["label_at"])
            name = marked(zone["name"], zone.get("trust"), sheet.language)
            sheet.words.append((at, f"{name} {zone['threshold']:g} {zone['unit']}", 7.5, 0.0, True))
    for one in scene.get("envelope") or []:
        for part in _parts(shape(one["geometry"])):
            sheet.pen.line(sheet.frame.way(part.exterior.coords), sheet.paint["env"], 1.4, dash=(1.2, 3.0), closed=True)
        sheet.explain(sheet.say("print.envelope"), "line", sheet.paint["env"], 1.4, (1.2, 3.0))
        sheet.sign_for("envelope")


def _ways(sheet: Sheet, scene: Json) -> None:
    closed = scene.get("closed") or {}
    for part in ("minor", "major"):
        if closed.get(part):
            for line in _lines(shape(closed[part])):
                _crosses(sheet, sheet.frame.way(line.coords), sheet.paint["closed"], gap=9 if part == "major" else 14)
    if closed.get("count"):
        sheet.explain(sheet.say("print.closed"), "crosses", sheet.paint["closed"])
        sheet.sign_for("closed")
    for move in (scene.get("evacuation") or {}).get("moves", []):
        for line in _lines(shape(move["geometry"])):
            _arrowed(sheet, sheet.frame.way(line.coords), sheet.paint["evac"], 2.2)
        sheet.explain(sheet.say("print.evacuation"), "arrow", sheet.paint["evac"], 2.2)
        sheet.sign_for("evacuation")
    for route in scene.get("routes", []):
        if route.get("drawn") and route.get("status") == "ok":
            for line in _lines(shape(route["geometry"])):
                _arrowed(sheet, sheet.frame.way(line.coords), sheet.paint["rescue"], 2.6)
            at = sheet.frame.spot((route["longitude"], route["latitude"]))
            sheet.pen.sign(at, styles.GLYPHS["truck"], "D", side=26 * PX)
            sheet.pen.take(at, 14 * PX)
            sheet.words.append((at, f"{route['rank']} {route['name']}", 7, 14 * PX, False))
            sheet.explain(sheet.say("print.rescue"), "arrow", sheet.paint["rescue"], 2.6)
            sheet.sign_for("rescue")


def _closures(sheet: Sheet, scene: Json) -> None:
    for one in scene.get("closures", []):
        drawn, colour = shape(one["geometry"]), sheet.paint["closed"]
        for part in _parts(drawn):
            ring = sheet.frame.way(part.exterior.coords)
            sheet.pen.area([ring], colour, alpha=0.14, line=colour, width=1.2)
            _crosses(sheet, ring, colour, gap=10)
        for line in _lines(drawn):
            _crosses(sheet, sheet.frame.way(line.coords), colour, gap=10)
        sheet.explain(sheet.say("print.closure"), "crosses", colour)
        sheet.sign_for(f"closure-{one['id']}")


def _places(sheet: Sheet, scene: Json) -> None:
    def place(one: Json, symbol: str, code: str, text: str, *, barred: bool = False) -> None:
        style = styles.SYMBOLS.get(symbol, styles.SYMBOLS["school"])
        at = sheet.frame.spot((one["longitude"], one["latitude"]))
        sheet.pen.sign(at, styles.GLYPHS[style.glyph], style.frame, side=26 * PX)
        if barred:
            sheet.pen.cross(at, 13 * PX, "#D81E1E", 2.0)
        if sheet.frame.holds(*at):
            sheet.pen.take(at, 14 * PX)
            sheet.words.append((at, text, 7, 14 * PX, False))
        sheet.sign_for(code, outside=0 if sheet.frame.holds(*at) else 1)
        sheet.explain(sheet.say(f"print.{code}"), "sign", style.frame, styles.GLYPHS[style.glyph])

    for one in (scene.get("exposure") or {}).get("facilities", []):
        place(one, str(one["kind"]), "targets", str(one["name"]))
    for one in (scene.get("evacuation") or {}).get("shelters", []):
        if one.get("shown"):
            people = f"{one['name']} {one.get('assigned') or 0}/{one['capacity']}"
            place(one, "shelter", "shelters", people, barred=bool(one.get("excluded")))


def _mark(sheet: Sheet, mark: Json) -> None:
    sign, code = signs()[mark["symbol"]], f"mark-{mark['id']}"
    name = sign.en if sheet.language == "en" else sign.zh
    words = mark["label"] or mark["subtype"] or (sign.en if sheet.language == "en" else sign.label)
    alpha = float(mark["opacity"]) * (0.5 if mark["state"] == "expired" else 1.0)
    if mark["standing"] == "shown":
        words = f"{words}（{sheet.say('mark.shown')}）"
    if sign.kind == "point":
        at = sheet.frame.spot(mark["geometry"]["coordinates"])
        sheet.pen.sign(at, GLYPHS[sign.code], sign.letter, side=32 * PX, turn_deg=mark["rotation_deg"], alpha=alpha)
        sheet.pen.take(at, 17 * PX)
        sheet.words.append((at, words, 7.5, 17 * PX, True))
        sheet.explain(sheet.say("print.mark", name=name), "sign", sign.letter, GLYPHS[sign.code])
        sheet.sign_for(code, outside=0 if sheet.frame.holds(*at) else 1)
        return
    look, line = CLASSES[sign.letter], LINES[sign.code]
    coordinates = mark["geometry"]["coordinates"]
    rings = [sheet.frame.way(part) for part in (coordinates if sign.kind == "area" else [coordinates])]
    dash = tuple(part * PX for part in line.dash)
    if sign.kind == "area":
        sheet.pen.area(
            rings, look.ink, alpha=line.fill_opacity * alpha, line=look.ink, width=1.4, dash=dash, line_alpha=alpha
        )
    elif line.width_px:
        sheet.pen.line(rings[0], look.ink, 1.4, dash=dash, alpha=alpha)
    for ornament, strokes in set_along(rings[0], line, unit=PX):
        for stroke in strokes:
            if ornament.closed:
                fill = look.ink if ornament.solid else "#FFFFFF"
                sheet.pen.area(
                    [stroke], fill, alpha=alpha, line=look.ink, width=ornament.width_px * PX, line_alpha=alpha
                )
            else:
                sheet.pen.line(stroke, look.ink, ornament.width_px * PX, alpha=alpha)
    middle = shape(mark["geometry"])
    middle = middle.representative_point() if sign.kind == "area" else middle.interpolate(0.5, normalized=True)
    x, y = sheet.frame.spot((middle.x, middle.y))
    sheet.words.append(((x, y), words, 7.5, 0.0 if sign.kind == "area" else 8.0, True))
    sheet.explain(sheet.say("print.mark", name=name), "way", sign.code)
    inside = any(sheet.frame.holds(*point) for point in rings[0])
    sheet.sign_for(code, outside=0 if inside else 1)


def _arrowed(sheet: Sheet, way: list[Point], colour: str, width: float) -> None:
    sheet.pen.line(way, "#FFFFFF", width + 2.0)
    sheet.pen.line(way, colour, width)
    for (x, y), angle in _along(way, 52.0):
        c, s = math.cos(angle), math.sin(angle)
        tip = [(-3.5, 3.2), (4.5, 0.0), (-3.5, -3.2)]
        sheet.pen.area(
            [[(x + px * c - py * s, y + px * s + py * c) for px, py in tip]], colour, line="#FFFFFF", width=0.5
        )


def _crosses(sheet: Sheet, way: list[Point], colour: str, *, gap: float) -> None:
    sheet.pen.line(way, colour, 0.8, alpha=0.5)
    for at, _ in _along(way, gap):
        sheet.pen.cross(at, 2.4, colour, 1.3)


def _along(way: list[Point], gap: float) -> Iterable[tuple[Point, float]]:
    """Points every `gap` on a way, from half a gap on; one in the middle where it is shorter."""
    lengths = [math.dist(a, b) for a, b in itertools.pairwise(way)]
    total = sum(lengths)
    if total <= 0:
        return
    wanted = gap / 2 if total > gap else total / 2
    gone = 0.0
    for (x0, y0), (x1, y1), length in zip(way[:-1], way[1:], lengths, strict=True):
        while length > 0 and gone + length >= wanted:
            share = (wanted - gone) / length
            yield (x0 + share * (x1 - x0), y0 + share * (y1 - y0)), math.atan2(y1 - y0, x1 - x0)
            wanted += gap
        gone += length


def _parts(geometry: BaseGeometry) -> list[Any]:
    parts = getattr(geometry, "geoms", [geometry])
    return [one for one in parts if one.geom_type == "Polygon" and not one.is_empty]


def _lines(geometry: BaseGeometry) -> list[Any]:
    parts = getattr(geometry, "geoms", [geometry])
    return [one for one in parts if one.geom_type == "LineString" and not one.is_empty]
