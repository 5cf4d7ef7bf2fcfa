"""How does the situation look as a picture in a report? Ground, zones, ways and places, with scale, legend and time."""

import io
import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas as gpd
from PIL import Image, ImageDraw, ImageFont
from shapely.geometry import MultiLineString, MultiPolygon, shape
from shapely.geometry.base import BaseGeometry

from command_ui.console.theme import colours
from command_ui.reports.fonts import Face, Faces
from command_ui.words import Language, say
from command_ui.words.trust import marked

Json = dict[str, Any]
Point = tuple[float, float]

WIDTH, HEIGHT = 1600, 1060
_FINE = 2
"""Everything is drawn twice as large and made smaller, so that edges are smooth."""
_M_PER_DEG = 111_320.0
_MARGIN = 0.12
_ROAD_PX = {"motorway": 5.0, "ring": 5.0, "primary": 4.0, "secondary": 2.6, "tertiary": 1.8, "rail": 1.4}
_ROAD_COLOUR = {"motorway": "mHwy", "ring": "mRing", "stream": "mWaterLine", "rail": "mRail"}
_AREA_COLOUR = {"water": "mWater", "park": "mGreen", "green": "mGreen", "hill": "mGreen", "industrial": "mPark"}
_TARGET = {"school": "校", "kindergarten": "幼", "hospital": "医", "nursing_home": "老", "market": "市"}
_SCALES_M = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands around the map: title, moment, who made the ground, and the mark of the world."""

    title: str
    at: str
    source: str
    mark: str
    language: Language


def draw(scene: Json, areas: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, sheet: Sheet, faces: Faces) -> bytes:
    """
    Draw the map of a situation.

    Parameters
    ----------
    scene
        As `command_ui.console.scene.scene_of` gives it.
    areas, lines
        The ground in EPSG:4490 with ``kind``, coarse first; either may be empty.

    Returns
    -------
    png
        1600 x 1060 pixels.
    """
    page = _Page(scene, faces, sheet.language)
    page.ground(areas, lines)
    page.zones()
    page.ways()
    page.places()
    page.surround(sheet)
    return page.png()


class _Page:
    """One picture being drawn; positions in degrees become points of the fine drawing."""

    def __init__(self, scene: Json, faces: Faces, language: Language) -> None:
        self.scene, self.faces, self.language = scene, faces, language
        self.paint = colours("light")
        self.size = (WIDTH * _FINE, HEIGHT * _FINE)
        self.image = Image.new("RGB", self.size, self.paint["mLand"])
        self.pen = ImageDraw.Draw(self.image, "RGBA")
        self._fonts: dict[tuple[bool, int], Any] = {}
        self.legend: dict[str, Callable[[int, int], None]] = {}
        self._plates: list[tuple[Point, str, str]] = []
        west, south, east, north = _bounds(scene)
        middle = math.radians((south + north) / 2)
        self._narrow = math.cos(middle)
        wide_m, high_m = (east - west) * _M_PER_DEG * self._narrow, (north - south) * _M_PER_DEG
        self.m_per_px = max(wide_m / self.size[0], high_m / self.size[1]) * (1 + 2 * _MARGIN)
        self._middle = ((west + east) / 2, (south + north) / 2)

    def at(self, longitude: float, latitude: float) -> Point:
        """Point of the drawing where a place lies."""
        east_m = (longitude - self._middle[0]) * _M_PER_DEG * self._narrow
        north_m = (latitude - self._middle[1]) * _M_PER_DEG
        return self.size[0] / 2 + east_m / self.m_per_px, self.size[1] / 2 - north_m / self.m_per_px

    def font(self, px: int, *, strong: bool = False) -> Any:
        """Font of a size on the finished picture."""
        if (strong, px) not in self._fonts:
            face: Face = self.faces.strong if strong else self.faces.text
            self._fonts[strong, px] = ImageFont.truetype(face.path, px * _FINE, index=face.number)
        return self._fonts[strong, px]

    # -- layers ----------------------------------------------------------------------------------------------------

    def ground(self, areas: gpd.GeoDataFrame, lines: gpd.GeoDataFrame) -> None:
        """Water, green, roads."""
        for kind, geometry in zip(areas.get("kind", ()), areas.geometry if len(areas) else (), strict=False):
            fill = self.paint.get(_AREA_COLOUR.get(str(kind), "mBuilt"), self.paint["mBuilt"])
            for ring, _ in self._rings(geometry):
                self.pen.polygon(ring, fill=fill)
        for kind, geometry in zip(lines.get("kind", ()), lines.geometry if len(lines) else (), strict=False):
            colour = self.paint[_ROAD_COLOUR.get(str(kind), "mArt")]
            for line in self._lines(geometry):
                self.pen.line(line, fill=colour, width=round(_ROAD_PX.get(str(kind), 1.2) * _FINE), joint="curve")

    def zones(self) -> None:
        """Zones from the widest to the narrowest, hatched so that no colour stands alone, and the envelope."""
        for zone in sorted(self.scene.get("zones", []), key=lambda one: int(one["level"])):
            level = int(zone["level"])
            colour = self.paint[f"z{level}l"]
            layer = Image.new("RGBA", self.size, (0, 0, 0, 0))
            pen = ImageDraw.Draw(layer)
            for ring, holes in self._rings(shape(zone["geometry"])):
                pen.polygon(ring, fill=_rgba(colour, 78))
                for hole in holes:
                    pen.polygon(hole, fill=(0, 0, 0, 0))
            self.image.paste(layer, mask=layer)
            for ring, holes in self._rings(shape(zone["geometry"])):
                for edge in (ring, *holes):
                    self._dashed([*edge, edge[0]], colour, 3, {3: None, 2: (18, 9), 1: (5, 8)}.get(level))
            name = marked(zone["name"], zone.get("trust"), self.language)
            text = f"{name} {zone['threshold']:g} {zone['unit']} · {round(zone['reach_m'])} m"
            self.legend[text] = self._swatch(colour)
            if zone.get("label_at"):
                self._plates.append((self.at(*zone["label_at"][:2]), text, colour))
        for one in self.scene.get("envelope") or []:
            for ring, _ in self._rings(shape(one["geometry"])):
                self._dashed([*ring, ring[0]], self.paint["env"], 2, (3, 9))
            self.legend[say("map.figure.envelope", self.language)] = self._stroke(self.paint["env"], 2, (3, 9))

    def ways(self) -> None:
        """Closed roads, evacuation, rescue."""
        for part, width in (("major", 5), ("minor", 3)):
            geometry = (self.scene.get("closed") or {}).get(part)
            if geometry:
                for line in self._lines(shape(geometry)):
                    self._dashed(line, self.paint["closed"], width, (4, 9))
                self.legend[say("map.figure.closed", self.language)] = self._stroke(self.paint["closed"], 4, (4, 9))
        for move in (self.scene.get("evacuation") or {}).get("moves", []):
            for line in self._lines(shape(move["geometry"])):
                self.pen.line(line, fill=self.paint["evac"], width=3 * _FINE, joint="curve")
            self.legend[say("map.figure.evacuation", self.language)] = self._stroke(self.paint["evac"], 3, None)
        for route in self.scene.get("routes", []):
            if not route.get("drawn"):
                continue
            for line in self._lines(shape(route["geometry"])):
                self.pen.line(line, fill=self.paint["rescue"], width=5 * _FINE, joint="curve")
            self._mark(self.at(route["longitude"], route["latitude"]), str(route["rank"]), self.paint["rescue"])
            self.legend[say("map.figure.team", self.language)] = self._stroke(self.paint["rescue"], 5, None)

    def places(self) -> None:
        """Targets, shelters in use, the scene on top."""
        for one in (self.scene.get("exposure") or {}).get("facilities", []):
            self._mark(self.at(one["longitude"], one["latitude"]), _TARGET.get(one["kind"], "敏"), "#1D4ED8")
            self.legend[say("map.figure.target", self.language)] = self._sign("敏", "#1D4ED8")
        for one in (self.scene.get("evacuation") or {}).get("shelters", []):
            if one.get("assigned") and one.get("longitude") is not None and not one.get("excluded"):
                self._mark(self.at(one["longitude"], one["latitude"]), "安", "#0A8F43")
                self.legend[say("map.figure.shelter", self.language)] = self._sign("安", "#0A8F43")
        place = self.scene["incident"]
        if place.get("longitude") is not None:
            self._scene_mark(self.at(place["longitude"], place["latitude"]))
            self.legend = {say("map.figure.scene", self.language): self._scene_sign, **self.legend}
        for (x, y), text, colour in self._plates:
            self._plate((x + 96 * _FINE, y - 24 * _FINE), text, colour)  # beside the marks that stand in the zone

    def surround(self, sheet: Sheet) -> None:
        """Title and time above, legend, scale and north, the mark across a drill."""
        wide, high = self.size
        bar = 46 * _FINE
        self.pen.rectangle((0, 0, wide, bar), fill="#FFFFFF")
        self.pen.line((0, bar, wide, bar), fill="#11233A", width=_FINE)
        self.pen.text((18 * _FINE, bar / 2), sheet.title, font=self.font(22, strong=True), fill="#11233A", anchor="lm")
        self.pen.text((wide - 18 * _FINE, bar / 2), sheet.at, font=self.font(17), fill="#11233A", anchor="rm")
        self._scale(18 * _FINE, high - 20 * _FINE)
        self._legend(wide - 14 * _FINE, high - 14 * _FINE)
        self._north(wide - 46 * _FINE, bar + 56 * _FINE)
        if sheet.source:
            self._note((190 * _FINE, high - 24 * _FINE), sheet.source)
        if sheet.mark:
            # A stamp in the map, large enough to survive a photocopy.
            box = (16 * _FINE, bar + 14 * _FINE, 130 * _FINE, bar + 66 * _FINE)
            self.pen.rounded_rectangle(box, 6 * _FINE, fill=(255, 255, 255, 225), outline="#9C1C6B", width=3 * _FINE)
            centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
            self.pen.text(centre, sheet.mark, font=self.font(30, strong=True), fill="#9C1C6B", anchor="mm")
        self.pen.rectangle((0, 0, wide - 1, high - 1), outline="#11233A", width=2 * _FINE)

    def png(self) -> bytes:
        """Give the finished picture."""
        out = io.BytesIO()
        self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(out, "PNG")
        return out.getvalue()

    # -- strokes ---------------------------------------------------------------------------------------------------

    def _rings(self, geometry: BaseGeometry) -> Iterable[tuple[list[Point], list[list[Point]]]]:
        several = isinstance(geometry, MultiPolygon) or geometry.geom_type == "GeometryCollection"
        parts = geometry.geoms if several else [geometry]  # type: ignore[attr-defined]
        for part in parts:
            if part.geom_type == "Polygon" and not part.is_empty:
                outer = [self.at(*point[:2]) for point in part.exterior.coords]  # type: ignore[union-attr]
                yield outer, [[self.at(*point[:2]) for point in ring.coords] for ring in part.interiors]  # type: ignore[union-attr]

    def _lines(self, geometry: BaseGeometry) -> Iterable[list[Point]]:
        parts = geometry.geoms if isinstance(geometry, MultiLineString) else [geometry]
        for part in parts:
            if part.geom_type == "LineString" and not part.is_empty:
                yield [self.at(*point[:2]) for point in part.coords]

    def _dashed(self, line: list[Point], colour: str, width: int, dash: tuple[int, int] | None) -> None:
        if dash is None:
            self.pen.line(line, fill=colour, width=width * _FINE, joint="curve")
            return
        on, off = dash[0] * _FINE, dash[1] * _FINE
        drawn, left = True, float(on)
        for (x0, y0), (x1, y1) in itertools.pairwise(line):
            length = math.hypot(x1 - x0, y1 - y0)
            along = 0.0
            while along < length:
                step = min(left, length - along)
                if drawn:
                    a, b = along / length, (along + step) / length
                    ends = (x0 + (x1 - x0) * a, y0 + (y1 - y0) * a, x0 + (x1 - x0) * b, y0 + (y1 - y0) * b)
                    self.pen.line(ends, fill=colour, width=width * _FINE)
                along, left = along + step, left - step
                if left <= 0:
                    drawn = not drawn
                    left = float(on if drawn else off)

    def _plate(self, at: Point, text: str, colour: str) -> None:
        font = self.font(15, strong=True)
        left, top, right, bottom = self.pen.textbbox(at, text, font=font, anchor="mm")
        pad = 5 * _FINE
        box = (left - pad, top - pad, right + pad, bottom + pad)
        self.pen.rounded_rectangle(box, 4 * _FINE, fill=(255, 255, 255, 235), outline=colour, width=2 * _FINE)
        self.pen.text(at, text, font=font, fill="#11233A", anchor="mm")

    def _note(self, at: Point, text: str) -> None:
        font = self.font(13)
        left, top, right, bottom = self.pen.textbbox(at, text, font=font, anchor="ls")
        self.pen.rectangle((left - 4, top - 4, right + 4, bottom + 4), fill=(255, 255, 255, 205))
        self.pen.text(at, text, font=font, fill="#3D5068", anchor="ls")

    def _mark(self, at: Point, sign: str, colour: str) -> None:
        x, y = at
        half = 13 * _FINE
        box = (x - half, y - half, x + half, y + half)
        self.pen.rounded_rectangle(box, 5 * _FINE, fill="#FFFFFF", outline=colour, width=2 * _FINE)
        self.pen.text(at, sign, font=self.font(16, strong=True), fill=colour, anchor="mm")

    def _scene_mark(self, at: Point) -> None:
        x, y = at
        for radius, fill in ((17, "#FFFFFF"), (14, "#D0262B"), (6, "#FFFFFF")):
            r = radius * _FINE
            self.pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)

    # -- what lies around --------------------------------------------------------------------------------------------

    def _scale(self, x: float, y: float) -> None:
        aim_px = 150 * _FINE
        length_m = max((one for one in _SCALES_M if one / self.m_per_px <= aim_px), default=_SCALES_M[0])
        long_px = length_m / self.m_per_px
        text = f"{length_m} m" if length_m < 1000 else f"{length_m // 1000} km"
        box = (x - 6 * _FINE, y - 34 * _FINE, x + max(long_px, 60 * _FINE) + 10 * _FINE, y + 8 * _FINE)
        self.pen.rectangle(box, fill=(255, 255, 255, 225))
        tick = 7 * _FINE
        self.pen.line(
            ((x, y - tick), (x, y), (x + long_px, y), (x + long_px, y - tick)), fill="#11233A", width=2 * _FINE
        )
        self.pen.text((x + 2, y - 10 * _FINE), text, font=self.font(15, strong=True), fill="#11233A", anchor="ls")

    def _legend(self, right: float, bottom: float) -> None:
        if not self.legend:
            return
        row, key, pad = 29 * _FINE, 44 * _FINE, 10 * _FINE
        font = self.font(15)
        wide = max(self.pen.textlength(text, font=font) for text in self.legend) + key + 2 * pad
        top = bottom - row * len(self.legend) - 2 * pad
        box = (right - wide, top, right, bottom)
        self.pen.rectangle(box, fill=(255, 255, 255, 238), outline="#7D8FA3", width=_FINE)
        for number, (text, sign) in enumerate(self.legend.items()):
            y = round(top + pad + row * (number + 0.5))
            sign(round(right - wide + pad), y)
            self.pen.text((right - wide + pad + key, y), text, font=font, fill="#11233A", anchor="lm")

    def _north(self, x: float, y: float) -> None:
        tall, wide = 26 * _FINE, 11 * _FINE
        self.pen.polygon(((x, y - tall), (x + wide, y + tall / 2), (x, y + tall / 4)), fill="#11233A")
        self.pen.polygon(
            ((x, y - tall), (x - wide, y + tall / 2), (x, y + tall / 4)), outline="#11233A", fill="#FFFFFF"
        )
        said = say("map.figure.north", self.language)
        self.pen.text((x, y + tall), said, font=self.font(15, strong=True), fill="#11233A", anchor="mm")

    def _swatch(self, colour: str) -> Callable[[int, int], None]:
        def sign(x: int, y: int) -> None:
            box = (x, y - 8 * _FINE, x + 32 * _FINE, y + 8 * _FINE)
            self.pen.rectangle(box, fill=_rgba(colour, 110), outline=colour, width=2 * _FINE)

        return sign

    def _stroke(self, colour: str, width: int, dash: tuple[int, int] | None) -> Callable[[int, int], None]:
        return lambda x, y: self._dashed([(x, y), (x + 32 * _FINE, y)], colour, width, dash)

    def _sign(self, sign: str, colour: str) -> Callable[[int, int], None]:
        return lambda x, y: self._mark((x + 16 * _FINE, y), sign, colour)

    def _scene_sign(self, x: int, y: int) -> None:
        self._scene_mark((x + 16 * _FINE, y))


def _bounds(scene: Json) -> tuple[float, float, float, float]:
    shapes = [shape(zone["geometry"]) for zone in scene.get("zones", [])]
    found = [one.bounds for one in shapes if not one.is_empty]
    place = scene["incident"]
    if not found:
        longitude, latitude = place.get("longitude") or 0.0, place.get("latitude") or 0.0
        return longitude - 0.015, latitude - 0.01, longitude + 0.015, latitude + 0.01
    return (
        min(one[0] for one in found), min(one[1] for one in found), max(one[2] for one in found),
        max(one[3] for one in found),
    )  # fmt: skip


def _rgba(colour: str, alpha: int) -> tuple[int, int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), alpha


def moment_text(when: datetime, language: Language) -> str:
    """Write the moment of a picture."""
    from command_ui.reports.wording import date_time

    return date_time(when, language, full=True)
