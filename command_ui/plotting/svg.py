"""Marks as one SVG drawing that carries its own facts, and back."""

import json
import math
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from command_ui.plotting import geojson
from command_ui.plotting.notes import Drawn, Read, title_of
from gis import safe_xml
from gis.errors import InputError
from layers.signs.catalogue import CLASSES, signs
from layers.signs.glyphs import GLYPHS
from layers.signs.lines import LINES
from layers.signs.set_along import set_along

Json = dict[str, Any]
WIDTH, MARGIN = 1000.0, 60.0
SIZE = 32
_FONT = "font-family=\"'Noto Sans SC','Noto Sans CJK SC',SimHei,sans-serif\""


def sign_svg(code: str, *, label: str | None = None, size: float = 32) -> str:
    """
    One point sign as a complete SVG picture.

    Parameters
    ----------
    label
        Words in the bottom quarter of the frame, as the standard has them; None leaves the strip out.
    """
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size:g}" height="{size:g}" viewBox="-1 -1 34 34">'
        f"{_point(code, label)}</svg>"
    )


def write(marks: Iterable[Drawn], *, title: str) -> str:
    """Marks as the text of an SVG file, north up; its metadata holds them as GeoJSON, so that nothing is lost."""
    placed = list(marks)
    facts = json.dumps(geojson.collection(placed), ensure_ascii=False)
    project, height = _plane(placed)
    body = "".join(_mark(one, project) for one in sorted(placed, key=lambda one: -ord(one.symbol[0])))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}" height="{height:.0f}" '
        f'viewBox="0 0 {WIDTH:g} {height:.0f}"><title>{escape(title)}</title>'
        f'<metadata id="onemap-marks">{escape(facts)}</metadata>'
        f'<rect width="100%" height="100%" fill="#FFFFFF"/>\n{body}'
        f'<text x="12" y="24" font-size="16" font-weight="700" fill="#333333">{escape(title)}</text></svg>\n'
    )


def read(content: bytes) -> Read:
    """
    Marks of an SVG file written here.

    Raises
    ------
    InputError
        It is no SVG, not safe to read, or carries no marks.
    """
    root = safe_xml.read(content, "SVG file")
    held = next((one for one in root.iter() if one.get("id") == "onemap-marks"), None)
    if held is None:
        raise InputError("this SVG carries no marks: only drawings exported here can be read back")
    return geojson.read((held.text or "").encode())


def _plane(placed: list[Drawn]) -> tuple[Any, float]:
    points = [point for one in placed for point in _flat(one.geometry["coordinates"])] or [[0.0, 0.0]]
    west, east = min(point[0] for point in points), max(point[0] for point in points)
    south, north = min(point[1] for point in points), max(point[1] for point in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    span = max((east - west) * squeeze, north - south, 1e-4)
    scale = (WIDTH - 2 * MARGIN) / span
    height = (north - south) * scale + 2 * MARGIN + SIZE
    left = (WIDTH - (east - west) * squeeze * scale) / 2

    def project(point: list[float]) -> tuple[float, float]:
        return left + (point[0] - west) * squeeze * scale, MARGIN + (north - point[1]) * scale

    return project, max(height, 200.0)


def _flat(coordinates: Any) -> list[list[float]]:
    if isinstance(coordinates[0], int | float):
        return [coordinates]
    return [point for part in coordinates for point in _flat(part)]


def _mark(mark: Drawn, project: Any) -> str:
    words = escape(title_of(mark))
    if mark.geometry["type"] == "Point":
        x, y = project(mark.geometry["coordinates"])
        turn = f" rotate({mark.rotation_deg:g} 16 16)" if mark.rotation_deg else ""
        return (
            f'<g opacity="{mark.opacity:g}"><g transform="translate({x - 16:.1f} {y - 16:.1f}){turn}">'
            f"{_point(mark.symbol, None)}</g>{_words(x, y + 32, words)}</g>\n"
        )
    sign, ink, area = LINES[mark.symbol], CLASSES[mark.symbol[0]].ink, mark.geometry["type"] == "Polygon"
    coordinates = mark.geometry["coordinates"]
    rings = [[project(point) for point in part] for part in (coordinates if area else [coordinates])]
    parts = []
    if sign.width_px or area:
        dash = f' stroke-dasharray="{" ".join(f"{one:g}" for one in sign.dash)}"' if sign.dash else ""
        fill = f'fill="{ink}" fill-opacity="{sign.fill_opacity:g}" fill-rule="evenodd"' if area else 'fill="none"'
        way = "".join(_path(ring, closed=area) for ring in rings)
        parts.append(f'<path d="{way}" {fill} stroke="{ink}" stroke-width="{max(2.0, sign.width_px):g}"{dash}/>')
    for ornament, strokes in set_along(rings[0], sign, y_down=True):
        fill = (ink if ornament.solid else "#FFFFFF") if ornament.closed else "none"
        way = "".join(_path(stroke, closed=ornament.closed) for stroke in strokes)
        parts.append(f'<path d="{way}" fill="{fill}" stroke="{ink}" stroke-width="{ornament.width_px:g}"/>')
    x, y = rings[0][len(rings[0]) // 2]
    return f'<g opacity="{mark.opacity:g}">{"".join(parts)}{_words(x, y + 26, words)}</g>\n'


def _words(x: float, y: float, words: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="13" font-weight="700" text-anchor="middle" fill="#11233A" '
        f'stroke="#FFFFFF" stroke-width="3" paint-order="stroke" {_FONT}>{words}</text>'
    )


def _path(points: Iterable[tuple[float, float]], *, closed: bool) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("z" if closed else "")


def _point(code: str, label: str | None) -> str:
    look = CLASSES[signs()[code].letter]
    strokes = "".join(f'<path d="{stroke}"/>' for stroke in GLYPHS[code])
    place = "translate(7 2.2) scale(.75)" if label else "translate(5 5) scale(.917)"
    strip = (
        f'<text x="16" y="29.6" font-size="7" font-weight="700" text-anchor="middle" fill="{look.ink}" {_FONT}>'
        f"{escape(label)}</text>"
        if label
        else ""
    )
    return (
        f'<rect x="0.5" y="0.5" width="31" height="31" rx="{look.radius_px:g}" fill="#FFFFFF" stroke="{look.edge}" '
        f'stroke-width="2"/><g transform="{place}" fill="none" stroke="{look.ink}" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round">{strokes}</g>{strip}'
    )
