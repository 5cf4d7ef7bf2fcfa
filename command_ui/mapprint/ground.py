"""What lies under the situation on paper? Our own vector base map, and the layers that are switched on."""

import math
from collections import Counter
from typing import Any

import geopandas as gpd
from shapely.geometry import box as box_of

from command_ui.mapprint.backdrop import Backdrop
from command_ui.mapprint.pen import PX
from command_ui.mapprint.subjects import Sheet
from layers import styles, unseen
from layers.catalogue import layer

_ROAD_PT = {"motorway": 3.0, "ring": 3.0, "primary": 2.3, "secondary": 1.6, "tertiary": 1.1, "rail": 0.9, "stream": 1.2}
_ROAD = {"motorway": "mHwy", "ring": "mRing", "stream": "mWaterLine", "rail": "mRail"}
_AREA = {"water": "mWater", "park": "mGreen", "green": "mGreen", "hill": "mGreen", "industrial": "mPark"}
FRAMED_MOST = 220
"""More points of one layer than this are drawn as small marks: framed signs would cover one another."""
DOTS_MOST = 3_000
"""More than this are counted by squares, whose figures add up to the whole."""
SQUARE_PT = 34.0
NAMED_MOST = 60
NAMES_MOST = 40

_LEVELLED = {"risk_unit": "risk.unit.level", "four_colour": "risk.firm.level"}
"""Layers of points that stand for a level of risk, and what the legend says of one."""


def draw_base(sheet: Sheet, areas: gpd.GeoDataFrame, lines: gpd.GeoDataFrame) -> None:
    """Draw water, green, built land, roads with their edges, and the names of what is large."""
    box, frame, paint = box_of(*sheet.frame.bounds), sheet.frame, sheet.paint
    left, bottom, right, top = frame.map_box
    sheet.pen.area([[(left, bottom), (right, bottom), (right, top), (left, top)]], paint["mLand"])
    for kind, geometry in zip(areas["kind"], areas.geometry, strict=True):
        for part in getattr(geometry.intersection(box), "geoms", [geometry.intersection(box)]):
            if part.geom_type == "Polygon" and not part.is_empty:
                rings = [frame.way(ring.coords) for ring in (part.exterior, *part.interiors)]
                sheet.pen.area(rings, paint[_AREA.get(str(kind), "mBuilt")])
    drawn = [
        (str(kind), frame.way(part.coords))
        for kind, geometry in zip(lines["kind"], lines.geometry.intersection(box), strict=True)
        for part in getattr(geometry, "geoms", [geometry])
        if part.geom_type == "LineString" and not part.is_empty
    ]
    for kind, way in drawn:
        if kind not in ("stream", "rail"):
            sheet.pen.line(way, paint["mCase"], _ROAD_PT.get(kind, 0.8) + 0.9)
    for kind, way in drawn:
        colour = paint[_ROAD.get(kind, "mArt")]
        sheet.pen.line(way, colour, _ROAD_PT.get(kind, 0.8), dash=(4.0, 2.5) if kind == "rail" else ())
    sheet.sign_for("ground")


def draw_backdrop(sheet: Sheet, backdrop: Backdrop) -> None:
    """Lay a national base map over our own, which shows where a tile is missing."""
    left, bottom, right, top = sheet.frame.map_box
    sheet.pen.picture(backdrop.picture, (left, bottom, right, top))
    sheet.sign_for(f"ground-{backdrop.choice}")


def draw_names(sheet: Sheet, areas: gpd.GeoDataFrame) -> None:
    """Write the names of the largest waters and greens, each once."""
    box = box_of(*sheet.frame.bounds)
    seen: set[str] = set()
    named = areas[areas["name"].fillna("").astype(bool)] if "name" in areas else areas.iloc[:0]
    for name, kind, geometry in zip(named["name"], named["kind"], named.geometry, strict=True):
        inside = geometry.intersection(box)
        if name in seen or inside.is_empty or len(seen) >= NAMES_MOST:
            continue
        seen.add(name)
        spot = inside.representative_point()
        colour = sheet.paint["mWaterText" if kind == "water" else "mGreenText" if kind in _AREA else "mText2"]
        sheet.pen.text(sheet.frame.spot((spot.x, spot.y)), str(name), 7, colour=colour, anchor="middle", halo=True)


def draw_layer(
    sheet: Sheet, key: str, rows: gpd.GeoDataFrame, title: str, opacity: float = 1.0, met: int | None = None,
    closed: gpd.GeoDataFrame | None = None,
) -> None:  # fmt: skip
    """
    Draw the rows of one layer of the catalogue as the screen does, as strongly as there.

    With `met` the layer is filtered and so many of its rows meet the filter anywhere: its title says so. One without
    a row on this sheet has no sign in the legend, as on the screen; it is named below it, for it was looked for.
    `closed` are the townships of a risk layer that who prints may not look into: hatched, whatever else is there.
    """
    spec = layer(key)
    placed = rows[rows.geometry.notna()] if len(rows) else rows
    count = "" if met is None else f"{met:,}"
    if placed.empty:
        sheet.bare.append(sheet.say("print.filtered.bare", title=title, count=count) if count else title)
        sheet.pen.strength = opacity
        _closed(sheet, closed)
        sheet.pen.strength = 1.0
        sheet.sign_for(f"layer-{key}")
        return
    title = sheet.say("print.filtered", title=title, count=count) if count else title
    sheet.pen.strength = opacity
    if spec.geometry == "area":
        _areas(sheet, key, placed, title)
    elif spec.geometry == "line":
        _lines(sheet, placed, title)
    elif key in _LEVELLED:
        _levelled(sheet, key, placed, title)
    else:
        _points(sheet, key, placed, title)
    _closed(sheet, closed)
    sheet.pen.strength = 1.0
    sheet.sign_for(f"layer-{key}")


def _areas(sheet: Sheet, key: str, rows: gpd.GeoDataFrame, title: str) -> None:
    """Fill areas by what they say of risk or people, as `layers.styles` has it; others are outlines."""
    plain = sheet.paint["text3"]
    said: dict[str, tuple[str, float]] = {}
    blank = 0
    for row in rows.itertuples():
        fill = _filled(sheet, key, row)
        blank += fill is None
        if fill is not None:
            text, token, strength = fill
            said.setdefault(text, (token, strength))
        for part in getattr(row.geometry, "geoms", [row.geometry]):
            if part.geom_type != "Polygon":
                continue
            rings = _rings(sheet, part)
            if fill is None and key in unseen.LAYERS:
                _blank(sheet, rings, styles.RISK_BLANKS["nothing"])
            elif fill is None:
                sheet.pen.line(rings[0], plain, 0.9, dash=(5.0, 2.0), closed=True)
            else:
                colour, edge = sheet.paint[fill[1]], styles.RISK_EDGE_OPACITY if key != "population_cell" else 0.0
                sheet.pen.area(rings, colour, alpha=fill[2], line=colour if edge else None, width=0.7, line_alpha=edge)
    if said or (blank and key in unseen.LAYERS):
        sheet.explain(f"{title} {len(rows):,}", "head")
        order = list(styles.RISK_FILL.values())
        for text, (token, strength) in sorted(
            said.items(), key=lambda one: (-one[1][1], order.index(one[1][0]) if one[1][0] in order else 0)
        ):
            sheet.explain(text, "zone", sheet.paint[token], sheet.paint[token], "none", (), strength)
        if blank and key in unseen.LAYERS:
            _told_blank(sheet, sheet.say("print.risk.nothing", count=f"{blank:,}"), styles.RISK_BLANKS["nothing"])
    else:
        sheet.explain(f"{title} {len(rows):,}", "line", plain, 0.9, (5.0, 2.0))


def _rings(sheet: Sheet, part: Any) -> list[list[tuple[float, float]]]:
    return [sheet.frame.way(ring.coords) for ring in (part.exterior, *part.interiors)]


def _closed(sheet: Sheet, closed: gpd.GeoDataFrame | None) -> None:
    """Hatch where who prints may not look, and say so in the legend once for all layers."""
    if closed is None or closed.empty:
        return
    style = styles.RISK_BLANKS["unseen"]
    for geometry in closed.geometry:
        for part in getattr(geometry, "geoms", [geometry]):
            if part.geom_type == "Polygon":
                _blank(sheet, _rings(sheet, part), style)
    _told_blank(sheet, sheet.say("print.risk.unseen", count=f"{len(closed):,}"), style)


def _blank(sheet: Sheet, rings: list[list[tuple[float, float]]], style: styles.BlankStyle) -> None:
    fill, line = sheet.paint[style.fill], sheet.paint[style.line]
    sheet.pen.area(
        rings, fill, alpha=style.fill_opacity, line=line, width=style.line_width_px * PX, line_alpha=style.line_opacity
    )
    if style.hatch != "none":
        gap = style.hatch_tile_px * PX / 1.25
        sheet.pen.hatch(rings, style.hatch, line, gap=gap, width=style.hatch_width_px * PX, alpha=style.hatch_opacity)


def _told_blank(sheet: Sheet, text: str, style: styles.BlankStyle) -> None:
    fill, line = sheet.paint[style.fill], sheet.paint[style.line]
    sheet.explain(text, "zone", fill, line, style.hatch, (), style.fill_opacity)


def _filled(sheet: Sheet, key: str, row: Any) -> tuple[str, str, float] | None:
    """Give words of the legend, token and opacity of an area, or None for one that is an outline."""
    if key == "population_cell":
        shade = next(strength for limit, strength in styles.PEOPLE_SHADES if (row.day or 0) <= limit)
        return sheet.say("print.people"), "over", shade
    if key == "risk_contour":
        step = next((one for one in styles.RISK_CONTOURS if row.frequency_per_year >= one[0] * 0.999), None)
        return None if step is None else (sheet.say("risk.contour", value=f"{step[0]:.0e}"), step[1], step[2])
    if key.startswith("risk_") and row.risk_level in styles.RISK_FILL:
        level = int(row.risk_level)
        return sheet.say(f"risk.level.{level}"), styles.RISK_FILL[level], styles.RISK_AREA_OPACITY
    return None


def _lines(sheet: Sheet, rows: gpd.GeoDataFrame, title: str) -> None:
    """Draw lines; a consignment is as wide as it is heavy."""
    colour = sheet.paint["primary"]
    masses = rows["quantity_t"].fillna(0).astype(float) if "quantity_t" in rows else [0.0] * len(rows)
    for geometry, mass in zip(rows.geometry, masses, strict=True):
        for part in getattr(geometry, "geoms", [geometry]):
            width = (1.2 + min(3.0, math.log10(1 + mass))) * PX
            sheet.pen.line(sheet.frame.way(part.coords), colour, width, alpha=0.85)
    sheet.explain(f"{title} {len(rows):,}", "line", colour, 1.4, ())


def _points(sheet: Sheet, key: str, rows: gpd.GeoDataFrame, title: str) -> None:
    spec = layer(key)
    symbol, column = spec.symbol, spec.symbol_column
    if len(rows) > DOTS_MOST:
        _counted(sheet, rows, title)
        return
    framed = len(rows) <= FRAMED_MOST
    first: Any = styles.SYMBOLS.get(symbol, styles.SYMBOLS["enterprise"])
    names = rows["name"] if "name" in rows else [""] * len(rows)
    kinds = rows[column] if column and column in rows else [symbol] * len(rows)
    states = rows["status"] if "status" in rows else [""] * len(rows)
    for geometry, name, kind, state in zip(rows.geometry, names, kinds, states, strict=True):
        style: Any = styles.SYMBOLS.get(spec.symbol_of.get(str(kind), str(kind)), first)
        spot = geometry.representative_point()
        at = sheet.frame.spot((spot.x, spot.y))
        if framed and style.frame != "none":
            sheet.pen.sign(at, styles.GLYPHS[style.glyph], style.frame, side=20 * PX)
        else:
            token = styles.STATUS_COLOUR.get(str(state), style.fill) if style.frame == "none" else style.fill
            sheet.pen.disc(at, 1.8, sheet.paint.get(token, "#586A80"), line="#FFFFFF", width=0.4)
        if len(rows) <= NAMED_MOST and name:
            sheet.names.append((at, str(name)))
    told = Counter(str(state) for state in states if state in styles.STATUS_COLOUR)
    if first.frame == "none" and told:
        sheet.explain(f"{title} {len(rows):,}", "head")
        for state, count in told.most_common():
            said = sheet.say("print.of", name=title, what=sheet.say(f"state.{state}"), count=f"{count:,}")
            sheet.explain(said, "disc", sheet.paint[styles.STATUS_COLOUR[state]])
    elif spec.symbol_of:
        sheet.explain(f"{title} {len(rows):,}", "head")
        for one, count in Counter(spec.symbol_of.get(str(kind), symbol) for kind in kinds).most_common():
            style = styles.SYMBOLS[one]
            sign = ("sign", style.frame, styles.GLYPHS[style.glyph]) if framed and style.frame != "none" else None
            said = sheet.say("print.of", name=title, what=sheet.say(f"symbol.{one}"), count=f"{count:,}")
            sheet.explain(said, *(sign or ("disc", sheet.paint[style.fill])))
    elif framed and first.frame != "none":
        sheet.explain(f"{title} {len(rows):,}", "sign", first.frame, styles.GLYPHS[first.glyph])
    else:
        sheet.explain(f"{title} {len(rows):,}", "disc", sheet.paint.get(first.fill, "#586A80"))


def _levelled(sheet: Sheet, key: str, rows: gpd.GeoDataFrame, title: str) -> None:
    """Draw units and enterprises by their four-colour level, the worst on top; each level told by a figure too."""
    if len(rows) > DOTS_MOST:
        _counted(sheet, rows, title)
        return
    signed, counts = len(rows) <= FRAMED_MOST, Counter(rows["risk_level"].astype(int).tolist())
    for row in rows.sort_values("risk_level", ascending=False).itertuples():
        spot, level = row.geometry.representative_point(), int(row.risk_level)
        at, colour = sheet.frame.spot((spot.x, spot.y)), sheet.paint[styles.RISK_FILL[level]]
        if signed:
            sheet.pen.level(at, level, colour, disc=key != "risk_unit")
            sheet.pen.take(at, 7.0)
        else:
            sheet.pen.disc(at, 1.8, colour, line="#FFFFFF", width=0.4)
        if len(rows) <= NAMED_MOST and row.name:
            sheet.names.append((at, str(row.name)))
    sheet.explain(f"{title} {len(rows):,}", "head")
    for level in sorted(counts):
        said = sheet.say(_LEVELLED[key], level=sheet.say(f"risk.{'level' if key == 'risk_unit' else 'word'}.{level}"))
        kind = ("level", level, key != "risk_unit") if signed else ("disc",)
        sheet.explain(f"{said} · {counts[level]:,}", *kind, sheet.paint[styles.RISK_FILL[level]])


def _counted(sheet: Sheet, rows: gpd.GeoDataFrame, title: str) -> None:
    """Count points by squares of the sheet."""
    spots = rows.geometry.representative_point()
    x, y = sheet.frame.at(spots.x.to_numpy(), spots.y.to_numpy())
    squares = Counter(zip((x // SQUARE_PT).astype(int).tolist(), (y // SQUARE_PT).astype(int).tolist(), strict=True))
    for (column, row), count in squares.items():
        at = ((column + 0.5) * SQUARE_PT, (row + 0.5) * SQUARE_PT)
        sheet.pen.disc(at, 4.5 + 1.5 * math.log10(count), "#FFFFFF", line=sheet.paint["primary"], width=0.8)
        sheet.pen.text((at[0], at[1] - 2.2), f"{count}", 6, anchor="middle")
    sheet.explain(sheet.say("print.counted", title=title, count=f"{len(rows):,}"), "disc", sheet.paint["primary"])
