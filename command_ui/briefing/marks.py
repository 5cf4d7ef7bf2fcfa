"""How do the marks drawn by hand stand on the sheet? Our own signs, and lines with the ornaments of the standard."""

from html import escape
from typing import Any

import folium
import numpy as np
from shapely.geometry import shape

from command_ui.plotting.svg import sign_svg
from command_ui.words import Language, say
from gis.crs import LocalFrame, LonLat
from layers.signs.catalogue import CLASSES, signs
from layers.signs.lines import LINES
from layers.signs.set_along import set_along

Json = dict[str, Any]
SIDE_PX = 34
ACROSS_PX = 900
"""Pixels across the situation as the sheet opens: at that zoom ornaments have the sizes of the standard."""


def add_marks(sheet: folium.Map, scene: Json, language: Language) -> None:
    """Add the marks of a scene as a layer a reader can put away; nothing is added where there are none."""
    marks = [one for one in scene.get("marks", []) if one["state"] != "later"]
    if not marks:
        return
    group = folium.FeatureGroup(name=escape(say("mark.layer", language))).add_to(sheet)
    unit_m = _unit_m(scene, marks)
    for mark in marks:
        sign = signs()[mark["symbol"]]
        name = sign.en if language == "en" else sign.zh
        short = name if language == "en" else sign.label
        words = str(mark["label"] or mark["subtype"] or short)
        if mark["standing"] == "shown":
            words += f"（{say('mark.shown', language)}）"
        tip = _quiet(f"{sign.code} {name} · {words}" + (f" · {mark['text']}" if mark["text"] else ""))
        if sign.kind == "point":
            _point(mark, words, tip).add_to(group)
        else:
            for one in _way(mark, unit_m, tip, words):
                one.add_to(group)


def _point(mark: Json, words: str, tip: str) -> folium.Marker:
    longitude, latitude = mark["geometry"]["coordinates"]
    turn = f"transform:rotate({float(mark['rotation_deg']):g}deg)" if mark["rotation_deg"] else ""
    picture = f'<div style="width:{SIDE_PX}px;height:{SIDE_PX}px;{turn}">{sign_svg(mark["symbol"], size=SIDE_PX)}</div>'
    half = SIDE_PX // 2
    return folium.Marker(
        (latitude, longitude),
        tooltip=tip,
        icon=folium.DivIcon(
            html=f'<div class="drawn" style="opacity:{float(mark["opacity"]):g}">{picture}{_words(words)}</div>',
            icon_size=(SIDE_PX, SIDE_PX), icon_anchor=(half, half),
        ),
    )  # fmt: skip


def _quiet(text: str) -> str:
    """Text that is neither markup nor a way out of the template literal folium writes tooltips into."""
    return (
        escape(text)
        .replace("\\", "&#92;")
        .replace("`", "&#96;")
        .replace("$", "&#36;")
        .replace("{", "&#123;")
        .replace("\n", " ")
    )


def _words(words: str) -> str:
    return (
        '<div style="position:absolute;left:50%;top:100%;transform:translateX(-50%);white-space:nowrap;'
        'font:700 13px/16px sans-serif;text-shadow:0 0 3px #fff,0 0 3px #fff,0 0 3px #fff">'
        f"{_quiet(words)}</div>"
    )


def _way(mark: Json, unit_m: float, tip: str, words: str) -> list[Any]:
    sign, area = LINES[mark["symbol"]], mark["geometry"]["type"] == "Polygon"
    ink, alpha = CLASSES[mark["symbol"][0]].ink, float(mark["opacity"])
    rings = mark["geometry"]["coordinates"] if area else [mark["geometry"]["coordinates"]]
    degrees = [[(point[1], point[0]) for point in ring] for ring in rings]
    made: list[Any] = []
    dash = " ".join(f"{part:g}" for part in sign.dash) or None
    if area:
        made.append(
            folium.Polygon(
                degrees, color=ink, weight=2, opacity=alpha, dash_array=dash, fill=True, fill_color=ink,
                fill_opacity=sign.fill_opacity * alpha, tooltip=tip,
            )
        )  # fmt: skip
    else:
        line = {"color": ink, "weight": max(1.0, sign.width_px), "opacity": alpha, "dash_array": dash}
        made.append(folium.PolyLine(degrees[0], tooltip=tip, **line))  # type: ignore[no-untyped-call]
    frame = LocalFrame(LonLat(float(rings[0][0][0]), float(rings[0][0][1])))
    points = np.asarray(rings[0], float)
    x, y = frame.to_metres(points[:, 0], points[:, 1])
    for ornament, strokes in set_along(list(zip(x.tolist(), y.tolist(), strict=True)), sign, unit=unit_m):
        for stroke in strokes:
            places = np.asarray(stroke, float)
            longitude, latitude = frame.to_degrees(places[:, 0], places[:, 1])
            way = list(zip(latitude.tolist(), longitude.tolist(), strict=True))
            look: dict[str, Any] = {"color": ink, "weight": ornament.width_px, "opacity": alpha, "interactive": False}
            if ornament.closed:
                fill = ink if ornament.solid else "#FFFFFF"
                made.append(folium.Polygon(way, fill=True, fill_color=fill, fill_opacity=alpha, **look))
            else:
                made.append(folium.PolyLine(way, **look))  # type: ignore[no-untyped-call]
    drawn = shape(mark["geometry"])
    spot = drawn.representative_point() if area else drawn.interpolate(0.5, normalized=True)
    middle = (spot.y, spot.x)
    made.append(folium.Marker(middle, icon=folium.DivIcon(html=_words(words), icon_size=(1, 1)), interactive=False))
    return made


def _unit_m(scene: Json, marks: list[Json]) -> float:
    """Metres that are one pixel when the sheet opens."""
    places = [place for zone in scene.get("zones", []) for place in _places(zone["geometry"]["coordinates"])]
    places += [place for mark in marks for place in _places(mark["geometry"]["coordinates"])]
    points = np.asarray(places, float)
    west, south = points[:, :2].min(axis=0)
    east, north = points[:, :2].max(axis=0)
    (x,), (y,) = LocalFrame(LonLat(float(west), float(south))).to_metres([east], [north])
    return max(float(x), float(y), 300.0) / ACROSS_PX


def _places(coordinates: Any) -> list[Any]:
    if isinstance(coordinates[0], int | float):
        return [coordinates]
    return [place for part in coordinates for place in _places(part)]
