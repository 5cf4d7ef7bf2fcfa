"""How does a situation become one HTML file? A folium map with everything inside it, and the figures beside it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

import branca
import folium
import geopandas as gpd
from shapely.geometry import shape

from command_ui.briefing.facts import clock, facts, far, whole, zone_name
from command_ui.briefing.library import Verbatim, leaflet
from command_ui.briefing.marks import add_marks
from command_ui.console.theme import colours
from command_ui.words import Language, say

Json = dict[str, Any]

_ZONE_DASH = {3: None, 2: "9 5", 1: "3 4"}
_ROAD_PX = {"motorway": 4.0, "ring": 4.0, "primary": 3.0, "secondary": 2.0, "tertiary": 1.4, "rail": 1.2}
_ROAD_COLOUR = {"motorway": "mHwy", "ring": "mRing", "stream": "mWater", "rail": "mRail"}
_AREA_COLOUR = {"water": "mWater", "park": "mGreen", "green": "mGreen", "hill": "mGreen", "industrial": "mPark"}
TARGET_SIGN = {"school": "校", "kindergarten": "幼", "hospital": "医", "nursing_home": "老", "market": "市"}


@dataclass(frozen=True, slots=True)
class Ground:
    """
    What lies under the incident.

    Attributes
    ----------
    areas, lines
        Frames in EPSG:4490 with ``kind`` (and ``name``), already cut to the neighbourhood; either may be empty.
    source
        Who made them, for the attribution.
    """

    areas: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    source: str = ""


def brief(
    scene: Json, *, ground: Ground, language: Language, author: str, made_at: datetime, head_hash: str, seq: int
) -> str:
    """
    Write the briefing of one situation.

    Parameters
    ----------
    scene
        As `command_ui.console.scene.scene_of` gives it.
    ground
        The base map of the neighbourhood; the file asks no server for tiles.
    author, made_at
        Who let it be made, and when (with a time zone).
    head_hash, seq
        Last entry of the record the file rests on; a reader can hold it against the log.

    Returns
    -------
    html
        One file that needs no other; every text that came from outside is escaped.

    Raises
    ------
    UnavailableError
        The map library was never bundled.
    """
    paint = colours("light")
    figure = branca.element.Figure(title=f"{scene['incident']['title']} · {say('app.name', language)}")
    sheet = folium.Map(tiles=None, control_scale=True, prefer_canvas=False, zoom_control=True)
    # folium would fetch these from elsewhere; the file carries the one it needs.
    sheet.default_js, sheet.default_css = [], []
    figure.add_child(sheet)
    script, style = leaflet()
    figure.header.add_child(Verbatim(style), name="library_style")
    figure.header.add_child(Verbatim(script), name="library")
    figure.header.add_child(Verbatim(style_sheet(paint, scene["incident"]["mode"])), name="style")
    _ground(sheet, ground, paint)
    _incident(sheet, scene, paint, language)
    add_marks(sheet, scene, language)
    folium.LayerControl(collapsed=False, position="topright").add_to(sheet)
    _frame(sheet, scene)
    figure.html.add_child(Verbatim(hatches(paint)), name="hatches")
    figure.html.add_child(Verbatim(_head(scene, language, author, made_at)), name="head")
    figure.html.add_child(Verbatim(f"<aside>{facts(scene, language)}</aside>"), name="facts")
    figure.html.add_child(Verbatim(_foot(scene, ground, language, head_hash, seq)), name="foot")
    return str(figure.render())


def _ground(sheet: folium.Map, ground: Ground, paint: Mapping[str, str]) -> None:
    for frame, style in (
        (ground.areas, lambda kind: area_style(kind, paint)),
        (ground.lines, lambda kind: line_style(kind, paint)),
    ):
        if len(frame):
            layer = folium.GeoJson(
                frame.__geo_interface__, style_function=_by_kind(style), control=False, interactive=False, name="ground"
            )
            layer.add_to(sheet)


def _by_kind(style: Callable[[str], Json]) -> Callable[[Json], Json]:
    return lambda feature: style(str(feature["properties"].get("kind")))


def area_style(kind: str, paint: Mapping[str, str]) -> Json:
    """How a surface of the base map is painted, in Leaflet's words."""
    fill = paint.get(_AREA_COLOUR.get(kind, "mBuilt"), paint["mBuilt"])
    return {"stroke": False, "fillColor": fill, "fillOpacity": 0.9}


def line_style(kind: str, paint: Mapping[str, str]) -> Json:
    """How a line of the base map is drawn, in Leaflet's words."""
    return {"color": paint[_ROAD_COLOUR.get(kind, "mCase")], "weight": _ROAD_PX.get(kind, 1.0), "opacity": 0.9}


def _incident(sheet: folium.Map, scene: Json, paint: Mapping[str, str], language: Language) -> None:
    """Add everything of the incident, each kind as a layer a reader can put away."""
    zones = folium.FeatureGroup(name=escape(say("brief.layer.zones", language))).add_to(sheet)
    for zone in sorted(scene.get("zones", []), key=lambda one: int(one["level"])):
        level = int(zone["level"])
        line = {"color": paint[f"z{level}l"], "weight": 2, "dashArray": _ZONE_DASH[level]}
        text = f"{zone_name(zone, language)} · {zone['threshold']:g} {zone['unit']} · {far(zone['reach_m'])}"
        _shape(zone["geometry"], line | {"className": f"zone-{level}"}, text).add_to(zones)
        if zone.get("label_at"):
            _label(zone["label_at"], text, paint[f"z{level}l"]).add_to(zones)
    for one in scene.get("envelope", []) or []:
        style = {"color": paint["env"], "weight": 2.5, "dashArray": "1 7", "fill": False}
        _shape(one["geometry"], style, say("brief.layer.envelope", language)).add_to(zones)
    _ways(sheet, scene, paint, language)
    _places(sheet, scene, language)


def _ways(sheet: folium.Map, scene: Json, paint: Mapping[str, str], language: Language) -> None:
    closed = folium.FeatureGroup(name=escape(say("legend.closed", language))).add_to(sheet)
    for part in ("major", "minor"):
        geometry = (scene.get("closed") or {}).get(part)
        if geometry:
            line = {"color": paint["closed"], "weight": 4 if part == "major" else 2, "dashArray": "2 7"}
            _shape(geometry, line, say("legend.closed", language)).add_to(closed)
    evacuation = folium.FeatureGroup(name=escape(say("legend.evacuation", language))).add_to(sheet)
    moves = (scene.get("evacuation") or {}).get("moves", [])
    most = max((int(move["people"]) for move in moves), default=1) or 1
    for move in moves:
        style: Json = {"color": paint["evac"], "weight": 3 + 4 * (int(move["people"]) / most) ** 0.5, "opacity": 0.9}
        text = say("label.people", language, people=whole(move["people"]))
        _shape(move["geometry"], style, text).add_to(evacuation)
    rescue = folium.FeatureGroup(name=escape(say("legend.rescue", language))).add_to(sheet)
    for route in scene.get("routes", []):
        if not route.get("drawn"):
            continue
        text = f"{route['rank']} {route['name']} · {max(1, round(route['travel_time_s'] / 60))} min"
        _shape(route["geometry"], {"color": paint["rescue"], "weight": 5, "opacity": 0.95}, text).add_to(rescue)
        _mark(route["longitude"], route["latitude"], str(route["rank"]), text, "team").add_to(rescue)


def _places(sheet: folium.Map, scene: Json, language: Language) -> None:
    targets = folium.FeatureGroup(name=escape(say("brief.layer.targets", language))).add_to(sheet)
    for one in (scene.get("exposure") or {}).get("facilities", []):
        text = f"{one['name']} · {whole(one.get('people'))} · {clock(one.get('arrival_at'), '%H:%M')}"
        _mark(one["longitude"], one["latitude"], TARGET_SIGN.get(one["kind"], "·"), text, "target").add_to(targets)
    shelters = folium.FeatureGroup(name=escape(say("shelter.title", language))).add_to(sheet)
    for one in (scene.get("evacuation") or {}).get("shelters", []):
        if not one.get("shown") or one.get("longitude") is None:
            continue
        sign, kind = ("✕", "shelter out") if one.get("excluded") else ("安", "shelter")
        text = f"{one['name']} · {whole(one.get('assigned'))} / {whole(one.get('capacity'))}"
        _mark(one["longitude"], one["latitude"], sign, text, kind).add_to(shelters)
    place = scene["incident"]
    if place.get("longitude") is not None:
        _mark(place["longitude"], place["latitude"], "☠", str(place["title"]), "scene").add_to(sheet)


def _shape(geometry: Json, style: Json, text: str) -> folium.GeoJson:
    kept = {name: value for name, value in style.items() if value is not None}
    feature = {"type": "Feature", "properties": {"said": escape(text)}, "geometry": geometry}
    drawn = folium.GeoJson(feature, style_function=lambda _feature, style=kept: style, smooth_factor=0.5)
    folium.GeoJsonTooltip(fields=["said"], labels=False, sticky=True).add_to(drawn)
    return drawn


def _mark(longitude: float, latitude: float, sign: str, text: str, kind: str) -> folium.Marker:
    icon = folium.DivIcon(html=f'<i class="mark {kind}">{escape(sign)}</i>', icon_size=(30, 30), icon_anchor=(15, 15))
    return folium.Marker((latitude, longitude), icon=icon, tooltip=folium.Tooltip(_safe(text)))


def _label(at: list[float], text: str, colour: str) -> folium.Marker:
    icon = folium.DivIcon(
        html=f'<b class="plate" style="border-color:{colour}">{_safe(text)}</b>', icon_size=(0, 0), icon_anchor=(0, 0)
    )
    return folium.Marker((at[1], at[0]), icon=icon, z_index_offset=1000)


def _safe(text: str) -> str:
    """Escape for HTML, and for the quotes of the script folium writes it into."""
    return escape(text).replace("\\", "&#92;").replace("`", "&#96;").replace("$", "&#36;").replace("{", "&#123;")


def _frame(sheet: folium.Map, scene: Json) -> None:
    shapes = [shape(zone["geometry"]) for zone in scene.get("zones", [])]
    bounds = [one.bounds for one in shapes if not one.is_empty]
    place = scene["incident"]
    if bounds:
        west, south = min(one[0] for one in bounds), min(one[1] for one in bounds)
        east, north = max(one[2] for one in bounds), max(one[3] for one in bounds)
        sheet.fit_bounds([[south, west], [north, east]], padding_top_left=(40, 60), padding_bottom_right=(230, 60))
    elif place.get("longitude") is not None:
        sheet.location, sheet.options["zoom"] = [place["latitude"], place["longitude"]], 14


def _head(scene: Json, language: Language, author: str, made_at: datetime) -> str:
    one = scene["incident"]
    made = say("brief.made", language, time=clock(made_at, "%Y-%m-%d %H:%M:%S"), author=author)
    return (
        f"<header><span class='mode {escape(one['mode'])}'>{escape(say('mode.' + one['mode'], language))}</span>"
        f"<div><h1>{escape(one['title'])}</h1>"
        f"<p>{escape(str(one.get('number') or ''))} · {escape(made)}</p></div></header>"
    )


def _foot(scene: Json, ground: Ground, language: Language, head_hash: str, seq: int) -> str:
    mark = say(f"mode.{scene['incident']['mode']}.mark", language)
    water = "".join(f"<span>{escape(mark)}</span>" for _ in range(15)) if mark else ""
    said = say("brief.foot", language, seq=seq, hash=head_hash, source=ground.source or "—")
    return f"<div class='water' aria-hidden='true'>{water}</div><footer>{escape(said)}</footer>"


def hatches(paint: Mapping[str, str]) -> str:
    """Patterns of the zones, as the desk draws them: cross, slanted lines, dots."""
    cross = f"M0 0L10 10M10 0L0 10' stroke='{paint['z3']}' stroke-width='1.2"
    slant = f"M-2 10L10 -2M4 14L14 4' stroke='{paint['z2']}' stroke-width='1.6"
    return (
        "<svg width='0' height='0' style='position:absolute'><defs>"
        f"<pattern id='hatch-3' width='10' height='10' patternUnits='userSpaceOnUse'><rect width='10' height='10' "
        f"fill='{paint['z3']}' fill-opacity='.3'/><path d='{cross}'/></pattern>"
        f"<pattern id='hatch-2' width='10' height='10' patternUnits='userSpaceOnUse'><rect width='10' height='10' "
        f"fill='{paint['z2']}' fill-opacity='.25'/><path d='{slant}'/></pattern>"
        f"<pattern id='hatch-1' width='9' height='9' patternUnits='userSpaceOnUse'><rect width='9' height='9' "
        f"fill='{paint['z1']}' fill-opacity='.22'/><circle cx='4.5' cy='4.5' r='1.4' fill='{paint['z1l']}'/></pattern>"
        "</defs></svg>"
    )


def style_sheet(paint: Mapping[str, str], mode: str) -> str:
    """Style element of a file that opens without a network: head, facts to the left, map, foot."""
    tone = json.dumps(paint["drill"] if mode != "live" else paint["dangerFill"])[1:-1]
    return f"""<meta name="viewport" content="width=device-width, initial-scale=1"><style>
html, body {{ height: 100%; margin: 0; overflow: hidden; font: 14px/1.6 "Noto Sans SC", "Noto Sans CJK SC", sans-serif; color: {paint["text"]}; background: {paint["page"]}; }}
header {{ position: fixed; inset: 0 0 auto 0; height: 64px; display: flex; gap: 16px; align-items: center; padding: 0 20px; background: {paint["surface"]}; border-bottom: 1px solid {paint["border"]}; z-index: 3; }}
h1 {{ font-size: 20px; line-height: 28px; margin: 0; }} header p {{ margin: 0; font-size: 12px; color: {paint["text2"]}; }} .mode {{ padding: 4px 14px; border-radius: 6px; font-weight: 700; color: #fff; background: {tone}; }}
aside {{ position: fixed; top: 65px; bottom: 29px; left: 0; width: 372px; overflow-y: auto; background: {paint["surface"]}; border-right: 1px solid {paint["border"]}; z-index: 2; }}
section {{ padding: 10px 16px; border-bottom: 1px solid {paint["border"]}; }} h2 {{ font-size: 14px; margin: 0 0 4px; }}
dl {{ display: grid; grid-template-columns: 76px 1fr; gap: 2px 8px; margin: 0; }} dt {{ color: {paint["text3"]}; }} dd {{ margin: 0; overflow-wrap: anywhere; }}
table {{ width: 100%; border-collapse: collapse; font-size: 13px; }} th {{ text-align: left; font-weight: 400; font-size: 12px; color: {paint["text3"]}; }} td {{ border-top: 1px solid {paint["border"]}; padding: 2px 4px 2px 0; }} td:nth-child(n+3), th:nth-child(n+3) {{ text-align: right; font-variant-numeric: tabular-nums; }}
section p {{ margin: 2px 0; }} .t3 {{ color: {paint["text3"]}; font-size: 12px; }} .left {{ color: {paint["danger"]}; font-weight: 700; }} .none {{ color: {paint["text2"]}; }} ul {{ margin: 4px 0; padding-left: 18px; font-size: 12px; color: {paint["text2"]}; }} .mono {{ font: 12px monospace; overflow-wrap: anywhere; color: {paint["text3"]}; }}
.folium-map {{ position: fixed !important; top: 65px !important; left: 373px !important; width: auto !important; right: 0; bottom: 29px; height: auto !important; background: {paint["mLand"]}; }}
footer {{ position: fixed; inset: auto 0 0 0; height: 28px; line-height: 28px; padding: 0 16px; font-size: 12px; color: {paint["text2"]}; background: {paint["surface"]}; border-top: 1px solid {paint["border"]}; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; z-index: 3; }}
.zone-3 {{ fill: url(#hatch-3); fill-opacity: 1; }} .zone-2 {{ fill: url(#hatch-2); fill-opacity: 1; }} .zone-1 {{ fill: url(#hatch-1); fill-opacity: 1; }}
.mark {{ display: grid; place-items: center; width: 26px; height: 26px; border-radius: 5px; background: #fff; border: 2px solid #1D4ED8; color: #1D4ED8; font: 700 14px/1 "Noto Sans SC", "Noto Sans CJK SC", sans-serif; }} .mark.team {{ border-color: {paint["rescue"]}; color: {paint["rescue"]}; border-radius: 14px; }} .mark.shelter {{ border-color: #0A8F43; color: #0A8F43; }} .mark.out {{ border-color: {paint["closed"]}; color: {paint["closed"]}; }} .mark.scene {{ border-color: #D0262B; color: #D0262B; width: 32px; height: 32px; font-size: 20px; }}
.plate {{ display: inline-block; white-space: nowrap; background: #fff; border: 1px solid; border-left-width: 4px; border-radius: 4px; padding: 1px 8px; font-size: 12px; color: {paint["text"]}; transform: translate(8px, -28px); }}
.water {{ position: fixed; inset: 64px 0 28px 0; display: grid; grid-template-columns: repeat(5, 1fr); place-items: center; pointer-events: none; z-index: 1200; }} .water span {{ font-size: 40px; font-weight: 700; color: {paint["drill"]}; opacity: .09; transform: rotate(-24deg); }}
.leaflet-control-layers {{ font-size: 13px; }} .leaflet-control-attribution {{ display: none; }}
@media (max-width: 800px) {{ html, body {{ overflow: auto; }} aside {{ position: static; width: auto; margin-top: calc(65px + 60vh); }} .folium-map {{ position: absolute !important; left: 0 !important; height: 60vh !important; bottom: auto; }} footer {{ position: static; white-space: normal; height: auto; }} }}
@media print {{ @page {{ size: A3 landscape; margin: 8mm; }} html, body {{ overflow: visible; }} .leaflet-control-zoom {{ display: none; }} * {{ -webkit-print-color-adjust: exact; print-color-adjust: exact; }} }}
</style>"""  # noqa: E501 - a style sheet
