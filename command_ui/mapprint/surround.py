"""What stands around the map on paper? Title, legend, scale, north, who and when, sources, and the mark of a drill."""

from dataclasses import dataclass
from typing import Any

from command_ui.mapprint.page_frame import MARGIN, SIDE
from command_ui.mapprint.pen import PX
from command_ui.mapprint.subjects import Sheet
from layers.signs.catalogue import CLASSES
from layers.signs.lines import LINES
from layers.signs.set_along import set_along

ROW = 17.0
NOTE = 10.0
"""Height of a line below the legend."""
BELOW, SCALE_PT = 44.0, 90.0
"""Room that scale and north take below the legend, and how long the scale's bar may be."""
_NICE_M = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
_INK, _QUIET = "#11233A", "#3D5068"


@dataclass(frozen=True, slots=True)
class Imprint:
    """Words around the map, already in the language of the sheet."""

    title: str
    number: str
    made: str
    situation: str
    basis: str
    author: str
    ground: str
    approval: str
    record: str
    world: str


def surround(sheet: Sheet, imprint: Imprint) -> None:
    """Draw everything around the map; the legend must hold every line of it."""
    pen, (wide, high) = sheet.pen, sheet.frame.size_pt
    left, bottom, right, top = sheet.frame.map_box
    pen.line([(left, bottom), (right, bottom), (right, top), (left, top)], _INK, 1.2, closed=True)
    pen.text(
        (left, high - MARGIN - 18), pen.cut_to(imprint.title, 17, wide - 2 * MARGIN - 130, strong=True), 17, strong=True
    )
    room = wide - 2 * MARGIN - pen.width(imprint.number, 8.5) - 12
    pen.text((left, high - MARGIN - 33), pen.cut_to(imprint.situation, 8.5, room), 8.5, colour=_QUIET)
    pen.text((left, high - MARGIN - 44), pen.cut_to(imprint.basis, 8.5, wide - 2 * MARGIN), 8.5)
    pen.text((wide - MARGIN, high - MARGIN - 33), imprint.number, 8.5, colour=_QUIET, anchor="end")
    if imprint.world:
        box = (wide - MARGIN - 92, high - MARGIN - 22, wide - MARGIN, high - MARGIN)
        pen.area(
            [[(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])]],
            "#FBE3F1",
            line="#9C1C6B",
            width=1.4,
        )
        pen.text(((box[0] + box[2]) / 2, box[1] + 6), imprint.world, 13, colour="#9C1C6B", strong=True, anchor="middle")
    foot = [imprint.made, imprint.author, imprint.ground, imprint.approval]
    pen.text((left, MARGIN + 16), pen.cut_to(" · ".join(part for part in foot if part), 7.5, wide - 2 * MARGIN), 7.5)
    pen.text((left, MARGIN + 5), pen.cut_to(imprint.record, 7, wide - 2 * MARGIN), 7, colour=_QUIET)
    _legend(sheet, right + 12, top, bottom)
    _scale(sheet, right + 14, bottom + 2)
    _north(sheet, wide - MARGIN - 20, bottom + 16)


def watermark(sheet: Sheet, word: str) -> None:
    """Set the mark of a drill across the map, so that no piece cut out of it could be taken for real."""
    if not word:
        return
    canvas, (left, bottom, right, top) = sheet.pen.canvas, sheet.frame.map_box
    y = bottom + 60
    while y < top:
        x = left + (50 if int((y - bottom) / 130) % 2 else 120)
        while x < right:
            canvas.saveState()
            canvas.translate(x, y)
            canvas.rotate(24)
            sheet.pen.text((0, 0), word, 30, colour="#9C1C6B", strong=True, anchor="middle", alpha=0.09)
            canvas.restoreState()
            x += 190
        y += 130


def _legend(sheet: Sheet, x: float, top: float, bottom: float) -> None:
    pen = sheet.pen
    pen.text((x, top - 11), sheet.say("legend.title"), 10.5, strong=True)
    notes = [(line, _QUIET) for line in _bare(sheet)]
    if sheet.outside:
        notes.append((sheet.say("print.outside", count=sum(sheet.outside.values())), "#9C1C6B"))
    low = bottom + BELOW
    room = top - low - 20 - NOTE * len(notes) - (4 if notes else 0)
    row = min(ROW, room / max(1, len(sheet.legend)))
    y = top - 20
    size = 7.5 if row >= 11 else 6.5
    for text, (kind, how) in sheet.legend.items():
        y -= row
        if kind == "head":
            pen.text((x, y + row / 2 - 2.6), pen.cut_to(text, size, SIDE - 14, strong=True), size, strong=True)
            continue
        _swatch(sheet, (x + 13, y + row / 2), kind, how, min(row, ROW))
        pen.text((x + 32, y + row / 2 - 2.6), pen.cut_to(text, size, SIDE - 46), size)
    for at, (line, colour) in enumerate(reversed(notes)):
        pen.text((x, low + at * NOTE), line, 7, colour=colour)


def _bare(sheet: Sheet) -> list[str]:
    """What was asked for and has nothing on this sheet, in as many lines as it takes."""
    if not sheet.bare:
        return []
    join = "、" if sheet.language == "zh" else ", "
    lines = [""]
    whole = sheet.say("print.bare", names=join.join(sheet.bare))
    for piece in whole.split(join):
        longer = f"{lines[-1]}{join if lines[-1] else ''}{piece}"
        if lines[-1] and sheet.pen.width(longer, 7) > SIDE - 14:
            lines[-1] += join.rstrip()
            lines.append(piece)
        else:
            lines[-1] = longer
    return [sheet.pen.cut_to(line, 7, SIDE - 14) for line in lines]


def _swatch(sheet: Sheet, at: tuple[float, float], kind: str, how: tuple[object, ...], row: float) -> None:
    pen, (x, y) = sheet.pen, at
    half = min(5.5, row * 0.36)
    box = [(x - 13, y - half), (x + 13, y - half), (x + 13, y + half), (x - 13, y + half)]
    given: list[Any] = list(how)
    match kind:
        case "zone":
            fill, line, hatch, dash, alpha = given
            pen.clip_box = (x - 13, y - half, x + 13, y + half)
            pen.area([box], fill, alpha=alpha)
            pen.hatch([box], hatch, line, gap=4.4, width=0.6)
            pen.line(box, line, 1.1, dash=dash, closed=True)
        case "line":
            pen.line([(x - 13, y), (x + 13, y)], given[0], given[1], dash=given[2])
        case "arrow":
            pen.line([(x - 13, y), (x + 11, y)], given[0], given[1])
            pen.area([[(x + 6, y + 3.4), (x + 13, y), (x + 6, y - 3.4)]], given[0])
        case "crosses":
            pen.line([(x - 13, y), (x + 13, y)], given[0], 0.8, alpha=0.5)
            for step in (-9, 0, 9):
                pen.cross((x + step, y), 2.4, given[0], 1.3)
        case "level":
            pen.level(at, given[0], given[2], disc=given[1])
        case "disc":
            pen.disc(at, 2.4, given[0], line="#FFFFFF", width=0.4)
        case "sign":
            pen.sign(at, given[1], given[0], side=min(20 * PX, row * 0.86))
        case "way":
            sign = LINES[given[0]]
            ink = CLASSES[given[0][0]].ink
            way = [(x - 13, y), (x + 13, y)] if given[0][0] == "E" else [*box, box[0]]
            if sign.width_px or given[0][0] == "F":
                pen.line(way, ink, 1.0, dash=tuple(one * 0.4 for one in sign.dash))
            for ornament, strokes in set_along(way, sign, unit=0.32 if given[0][0] == "E" else 0.2):
                for stroke in strokes:
                    fill = (ink if ornament.solid else "#FFFFFF") if ornament.closed else None
                    if fill:
                        pen.area([stroke], fill, line=ink, width=0.5)
                    else:
                        pen.line(stroke, ink, max(0.5, ornament.width_px * 0.35))


def _scale(sheet: Sheet, x: float, y: float) -> None:
    """Scale beside the map, so that it hides nothing of it."""
    pen, per_pt = sheet.pen, sheet.frame.m_per_pt
    length_m = max((one for one in _NICE_M if one / per_pt <= SCALE_PT), default=_NICE_M[0])
    long = length_m / per_pt
    for part in range(4):
        box = [
            (x + long * part / 4, y),
            (x + long * (part + 1) / 4, y),
            (x + long * (part + 1) / 4, y + 4),
            (x + long * part / 4, y + 4),
        ]
        pen.area([box], _INK if part % 2 == 0 else "#FFFFFF", line=_INK, width=0.7)
    unit = f"{length_m} m" if length_m < 1000 else f"{length_m // 1000} km"
    pen.text((x, y + 8), "0", 7)
    pen.text((x + long, y + 8), unit, 7, anchor="middle")
    pen.text((x, y + 20), f"1:{sheet.frame.scale:,}", 10, strong=True)


def _north(sheet: Sheet, x: float, y: float) -> None:
    pen = sheet.pen
    pen.disc((x, y + 4), 19, "#FFFFFF", line="#7D8FA3", width=0.6)
    pen.area([[(x, y + 18), (x + 6, y - 7), (x, y - 2)]], _INK)
    pen.area([[(x, y + 18), (x - 6, y - 7), (x, y - 2)]], "#FFFFFF", line=_INK, width=0.8)
    pen.text((x, y - 13), sheet.say("map.north"), 8, strong=True, anchor="middle")
