"""What draws on the page? Lines, areas, hatches, glyphs and words as vectors, with fonts that travel in the file."""

import io
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from reportlab.lib.colors import Color
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from command_ui.mapprint.strokes import polylines
from command_ui.reports.fonts import Face, Faces, cut
from layers.signs.catalogue import CLASSES

Point = tuple[float, float]
Box = tuple[float, float, float, float]
PX = 0.62
"""Points on paper for one pixel of a sign: 32 px become 7 mm, which is read at arm's length."""


class Pen:
    """
    One page being drawn. Without `faces` nothing but the characters used is kept: the first of two rounds.

    Fonts are cut to the characters of the page, so a page is drawn twice: once to know them, once for good.
    """

    def __init__(
        self, size_pt: tuple[float, float], faces: Faces | None, characters: frozenset[str], title: str
    ) -> None:
        self._out = io.BytesIO()
        self.characters: set[str] = set()
        self.clip_box: Box = (0.0, 0.0, *size_pt)
        self._taken: list[Box] = []
        self._names = ("Helvetica", "Helvetica-Bold")
        if faces is not None:
            self._names = (_registered(faces.text, characters), _registered(faces.strong, characters))
        self.strength = 1.0  # of all ink from here on: the opacity of the layer being drawn
        self.canvas = Canvas(self._out, pagesize=size_pt, pageCompression=1, initialFontName=self._names[0])
        self.canvas.setTitle(title)
        self.canvas.setCreator("EGIS One Map")

    def done(self) -> bytes:
        """Finish the page; the PDF."""
        self.canvas.showPage()
        self.canvas.save()
        return self._out.getvalue()

    # -- strokes ---------------------------------------------------------------------------------------------------

    def line(
        self, points: Sequence[Point], colour: str, width: float, *, dash: Sequence[float] = (), alpha: float = 1.0,
        closed: bool = False,
    ) -> None:  # fmt: skip
        """Draw a line."""
        if len(points) < 2:
            return
        self._stroke(colour, width, dash, alpha)
        self.canvas.drawPath(self._path([points], closed=closed), stroke=1, fill=0)

    def area(
        self, rings: Iterable[Sequence[Point]], fill: str | None, *, alpha: float = 1.0, line: str | None = None,
        width: float = 1.0, dash: Sequence[float] = (), line_alpha: float = 1.0,
    ) -> None:  # fmt: skip
        """Fill an area with its holes (even-odd), and draw its edge."""
        path = self._path(rings, closed=True)
        if fill is not None:
            self.canvas.setFillColor(self._ink(fill, alpha))
        if line is not None:
            self._stroke(line, width, dash, line_alpha)
        self.canvas.drawPath(path, stroke=int(line is not None), fill=int(fill is not None), fillMode=0)

    def hatch(
        self, rings: Sequence[Sequence[Point]], kind: str, colour: str, *, gap: float, width: float, alpha: float = 0.9
    ) -> None:  # fmt: skip
        """Hatch an area: ``cross``, ``diagonal``, ``back`` or ``dots``, so that no zone is told by its colour alone."""
        if kind == "none" or not rings:
            return
        xs = [x for ring in rings for x, _ in ring]
        ys = [y for ring in rings for _, y in ring]
        box = self.clip_box
        west, south = max(min(xs), box[0]), max(min(ys), box[1])
        east, north = min(max(xs), box[2]), min(max(ys), box[3])
        if west >= east or south >= north:
            return
        self.canvas.saveState()
        self.canvas.clipPath(self._path(rings, closed=True), stroke=0, fill=0, fillMode=0)
        self._stroke(colour, width, (), alpha)
        high = north - south
        if kind == "dots":
            self.canvas.setFillColor(self._ink(colour, 0.9))
            for row in range(int(high / gap) + 2):
                y = south + row * gap
                x = west + (gap / 2 if row % 2 else 0.0)
                while x <= east:
                    self.canvas.circle(x, y, width * 0.75, stroke=0, fill=1)
                    x += gap
        else:
            x = west - high
            while x <= east:
                if kind != "back":
                    self.canvas.line(x, south, x + high, north)
                if kind in ("cross", "back"):
                    self.canvas.line(x, north, x + high, south)
                x += gap * 1.25
        self.canvas.restoreState()

    def disc(self, at: Point, radius: float, fill: str, *, line: str | None = None, width: float = 1.0) -> None:
        """Draw a disc."""
        self.canvas.setFillColor(self._ink(fill))
        if line is not None:
            self._stroke(line, width, (), 1.0)
        self.canvas.circle(*at, radius, stroke=int(line is not None), fill=1)

    def cross(self, at: Point, half: float, colour: str, width: float) -> None:
        """Draw a diagonal cross."""
        x, y = at
        self.line([(x - half, y - half), (x + half, y + half)], colour, width)
        self.line([(x - half, y + half), (x + half, y - half)], colour, width)

    def sign(
        self, at: Point, strokes: Iterable[str], letter: str, *, side: float, turn_deg: float = 0.0, alpha: float = 1.0
    ) -> None:
        """Draw a framed sign: white inside, frame in the colour of its class, glyph on a box of 24."""
        look = CLASSES.get(letter)
        edge, ink, radius = (look.edge, look.ink, look.radius_px) if look else ("#7D8FA3", "#33445A", 3.0)
        canvas = self.canvas
        canvas.saveState()
        canvas.translate(*at)
        canvas.rotate(-turn_deg)
        canvas.setFillColor(self._ink("#FFFFFF", alpha))
        self._stroke("#0A1424", side / 32 * 4, (), 0.45 * alpha)
        box = (-side / 2, -side / 2, side, side, max(0.6, radius * side / 32))
        canvas.roundRect(*box, stroke=1, fill=1)
        self._stroke(edge, side / 32 * 2.4, (), alpha)
        canvas.roundRect(*box, stroke=1, fill=1)
        self._stroke(ink, side / 32 * 1.9, (), alpha)
        canvas.setLineCap(1)
        unit = side / 32 * 0.92
        for data in strokes:
            for line in polylines(data):
                points = [((x - 12) * unit, (12 - y) * unit) for x, y in line]
                canvas.drawPath(self._path([points], closed=False), stroke=1, fill=0)
        canvas.restoreState()

    def level(self, at: Point, level: int, fill: str, *, disc: bool = False) -> None:
        """Draw a level of risk: its colour, and the level in figures no count is written in."""
        x, y = at
        self.canvas.setFillColor(self._ink(fill))
        self._stroke("#FFFFFF", 0.9, (), 1.0)
        if disc:
            self.canvas.circle(x, y, 4.6, stroke=1, fill=1)
        else:
            self.canvas.roundRect(x - 6.2, y - 5.0, 12.4, 10.0, 1.6, stroke=1, fill=1)
        ink, size = "#11233A" if level in (2, 3) else "#FFFFFF", 5.5 if disc else 7.0
        self.text(
            (x, y - size * 0.36), ("I", "II", "III", "IV")[level - 1], size, colour=ink, strong=True, anchor="middle"
        )

    # -- words -----------------------------------------------------------------------------------------------------

    def picture(self, pixels: NDArray[np.uint8], box: Box) -> None:
        """Set a picture, shape ``(h, w, 4)``, into a box of points; it may be clear in places."""
        whole = bool((pixels[..., 3] == 255).all())
        image = Image.fromarray(pixels, "RGBA")
        read = ImageReader(image.convert("RGB") if whole else image)
        self.canvas.drawImage(read, box[0], box[1], box[2] - box[0], box[3] - box[1], mask=None if whole else "auto")

    def width(self, text: str, size: float, *, strong: bool = False) -> float:
        """Width of a text in points."""
        if self._names[0] == "Helvetica":
            return size * sum(1.0 if ord(one) > 0x2E80 else 0.55 for one in text)
        return float(pdfmetrics.stringWidth(text, self._names[strong], size))

    def text(
        self, at: Point, text: str, size: float, *, colour: str = "#11233A", strong: bool = False,
        anchor: str = "start", halo: bool = False, alpha: float = 1.0,
    ) -> None:  # fmt: skip
        """Write a line of words; with a white halo where it stands on the map."""
        self.characters |= set(text)
        x = at[0] - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * self.width(text, size, strong=strong)
        if self._names[0] == "Helvetica":
            return
        for mode, ink in ((1, "#FFFFFF"), (0, colour)) if halo else ((0, colour),):
            words = self.canvas.beginText(x, at[1])
            words.setFont(self._names[strong], size)
            words.setTextRenderMode(mode)
            words.setFillColor(self._ink(ink, alpha))
            words.setStrokeColor(self._ink(ink, alpha))
            self.canvas.setLineWidth(2.4)
            self.canvas.setDash()
            self.canvas.setLineJoin(1)
            words.textOut(text)
            words.setTextRenderMode(0)
            self.canvas.drawText(words)

    def take(self, at: Point, half: float) -> None:
        """Keep words off the square round a point."""
        self._taken.append((at[0] - half, at[1] - half, at[0] + half, at[1] + half))

    def label(
        self, at: Point, text: str, size: float, *, gap: float = 0.0, strong: bool = False, must: bool = True
    ) -> None:
        """Write words below a point, or above or beside it where others stand; what need not be said gives way."""
        wide = self.width(text, size, strong=strong)
        x, y = at
        below, above = (x - wide / 2, y - gap - size), (x - wide / 2, y + gap + 2)
        places = [below, above, (x + gap + 1, y - size / 3), (x - gap - 1 - wide, y - size / 3)]
        # Words stay on the map: what would run over its edge is moved in.
        west, east = self.clip_box[0] + 2, self.clip_box[2] - wide - 2
        places = [(max(west, min(left, east)), low) for left, low in places]
        boxes = [(left, low - 1.5, left + wide, low + size) for left, low in places]
        free = next((one for one in boxes if not any(_meet(one, other) for other in self._taken)), None)
        if free is None and not must:
            self.characters |= set(text)
            return
        chosen = free or boxes[0]
        self._taken.append(chosen)
        self.text((chosen[0], chosen[1] + 1.5), text, size, strong=strong, halo=True)

    def cut_to(self, text: str, size: float, most: float, *, strong: bool = False) -> str:
        """The text, ended by an ellipsis where it would be wider than `most` points."""
        # All of them: the round that learns the characters measures roughly, and may cut where the next does not.
        self.characters |= set(text) | {"…"}
        if self.width(text, size, strong=strong) <= most:
            return text
        while text and self.width(text + "…", size, strong=strong) > most:
            text = text[:-1]
        return text + "…"

    # -- the map's own box -------------------------------------------------------------------------------------------

    def begin_map(self, box: Box) -> None:
        """Draw only inside the box until `end_map`."""
        self.clip_box = box
        left, bottom, right, top = box
        self.canvas.saveState()
        path = self.canvas.beginPath()
        path.rect(left, bottom, right - left, top - bottom)
        self.canvas.clipPath(path, stroke=0, fill=0)

    def end_map(self) -> None:
        """Draw on the whole page again."""
        self.canvas.restoreState()

    def _ink(self, value: str, alpha: float = 1.0) -> Color:
        return _colour(value, alpha * self.strength)

    def _stroke(self, colour: str, width: float, dash: Sequence[float], alpha: float) -> None:
        self.canvas.setStrokeColor(self._ink(colour, alpha))
        self.canvas.setLineWidth(width)
        self.canvas.setLineJoin(1)
        self.canvas.setLineCap(0)
        self.canvas.setDash(*([list(dash)] if dash else []))

    def _path(self, rings: Iterable[Sequence[Point]], *, closed: bool) -> Any:
        path = self.canvas.beginPath()
        for ring in rings:
            if len(ring) < 2:
                continue
            path.moveTo(*ring[0])
            for point in ring[1:]:
                path.lineTo(*point)
            if closed:
                path.close()
        return path


_cuts: dict[Face, tuple[frozenset[str], str]] = {}
"""Face -> the characters it was cut to last, and its name. Cutting costs seconds, so the next sheet shares the cut."""
_turn = Lock()


def _registered(face: Face, characters: frozenset[str]) -> str:
    with _turn:
        known, name = _cuts.get(face, (frozenset(), ""))
        if not characters <= known:
            known |= characters
            name = f"print-{face.path.stem}-{face.number}-{len(known)}"
            pdfmetrics.registerFont(TTFont(name, io.BytesIO(cut(face, known))))
            _cuts[face] = (known, name)
        return name


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _colour(value: str, alpha: float = 1.0) -> Color:
    red, green, blue = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return Color(red, green, blue, alpha=alpha)
