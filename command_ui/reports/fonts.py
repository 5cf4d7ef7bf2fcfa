"""Which fonts go into the paper? Chinese ones found on this machine, cut to the characters used, and embedded."""

import hashlib
import io
import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from gis.errors import UnavailableError

SETTING = "ONEMAP_REPORT_FONT"
NONE_FOUND = (
    "no font with Chinese characters was found for the paper: install Noto Serif CJK (package fonts-noto-cjk), or set "
    f"{SETTING} to a TTF, OTF or TTC file"
)

_TEXT = (
    "NotoSerifCJK-Regular.ttc", "NotoSerifCJKsc-Regular.otf", "NotoSerifSC-Regular.otf", "NotoSerifSC-Regular.ttf",
    "SourceHanSerifSC-Regular.otf", "SourceHanSerif-Regular.ttc", "simfang.ttf", "simsun.ttc", "Songti.ttc",
    "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf", "NotoSansSC-Regular.ttf",
    "SourceHanSansSC-Regular.otf", "wqy-microhei.ttc", "wqy-zenhei.ttc", "msyh.ttc", "PingFang.ttc",
)  # fmt: skip
"""Faces for running text, the best first; letters with serifs read better on paper."""
_STRONG = (
    "NotoSansCJK-Bold.ttc", "NotoSansCJKsc-Bold.otf", "NotoSansSC-Bold.otf", "NotoSansSC-Bold.ttf",
    "SourceHanSansSC-Bold.otf", "NotoSerifCJK-Bold.ttc", "simhei.ttf", "msyhbd.ttc", "wqy-zenhei.ttc",
)  # fmt: skip
"""Faces for headings."""
_SIMPLIFIED = ("SC", "GB", "CN")
_POSTSCRIPT = 6
"""Number of the PostScript name in a font's table of names."""
_TOLERANCE = 0.001
"""How far a curve may move when cubic outlines become quadratic ones, in parts of the em."""


@dataclass(frozen=True, slots=True)
class Face:
    """A font file, and which of the fonts in it."""

    path: Path
    number: int = 0


@dataclass(frozen=True, slots=True)
class Faces:
    """What a paper is set in."""

    text: Face
    strong: Face


def faces(given: Path | None = None) -> Faces:
    """
    Fonts for the paper: the file that is set, else the best found on this machine.

    Raises
    ------
    UnavailableError
        None is found, or the one that is set cannot be read.
    """
    if given is not None:
        if not given.is_file():
            raise UnavailableError(f"{SETTING} names {given.name}, which is not there; {NONE_FOUND}")
        face = _face(given)
        return Faces(face, face)
    found = _files()
    text = next((found[name] for name in _TEXT if name in found), None)
    if text is None:
        raise UnavailableError(NONE_FOUND)
    strong = next((found[name] for name in _STRONG if name in found), text)
    return Faces(_face(text), _face(strong))


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    """Font files by name in the folders where systems keep them."""
    home = Path.home()
    places = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts"]
    if sys.platform == "darwin":
        places += [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if sys.platform == "win32":
        places.append(Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts")
    wanted = {*_TEXT, *_STRONG}
    return {
        name: Path(folder) / name
        for place in places
        for folder, _, names in os.walk(place)
        for name in names
        if name in wanted
    }


@lru_cache(maxsize=16)
def _face(path: Path) -> Face:
    """The Simplified Chinese font of a collection; the only one of a single file."""
    from fontTools.ttLib import TTCollection, TTLibError

    if path.suffix.lower() not in (".ttc", ".otc"):
        return Face(path)
    try:
        with TTCollection(path, lazy=True) as held:
            names = [str(font["name"].getDebugName(1) or "") for font in held.fonts]
    except (TTLibError, OSError) as error:
        raise UnavailableError(f"{path.name} cannot be read as a font; {NONE_FOUND}") from error
    plain = [at for at, name in enumerate(names) if name.split()[-1] in _SIMPLIFIED and "Mono" not in name]
    return Face(path, plain[0] if plain else 0)


@lru_cache(maxsize=32)
def cut(face: Face, characters: frozenset[str]) -> bytes:
    """
    The part of a font that holds these characters, as TrueType with its outlines: a few hundred kilobytes at most.

    Raises
    ------
    UnavailableError
        The file cannot be read, or has none of the characters.
    """
    from fontTools import subset
    from fontTools.ttLib import TTFont, TTLibError

    options = subset.Options()
    options.layout_features = []
    options.drop_tables = ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG", "kern", "morx"]
    options.notdef_outline = True
    options.name_IDs = [1, 2, 4, 6]
    options.hinting = False
    try:
        with TTFont(face.path, fontNumber=face.number, lazy=True) as font:
            return _cut(font, subset.Subsetter(options), characters)
    except (TTLibError, OSError, subset.Subsetter.SubsettingError) as error:
        raise UnavailableError(f"{face.path.name} cannot be used as a font; {NONE_FOUND}") from error


def _cut(font: Any, cutter: Any, characters: frozenset[str]) -> bytes:
    cutter.populate(text="".join(sorted(characters | set(" 0"))))
    cutter.subset(font)
    if "glyf" not in font:
        _to_truetype(font)
    # Libraries keep fonts by name, and no two cuts hold the same characters.
    mark = hashlib.sha256("".join(sorted(characters)).encode()).hexdigest()[:8]
    for record in font["name"].names:
        if record.nameID == _POSTSCRIPT:
            record.string = f"{record.toUnicode()}-{mark}"
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _to_truetype(font: Any) -> None:
    """Turn the cubic outlines of an OpenType font into the quadratic ones every reader of PDF can embed."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    order, glyphs = font.getGlyphOrder(), font.getGlyphSet()
    outlines = {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, _TOLERANCE * font["head"].unitsPerEm, reverse_direction=True))
        outlines[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, outlines
    metrics = font["hmtx"].metrics
    for name in order:
        outlines[name].recalcBounds(font["glyf"])
        metrics[name] = (metrics[name][0], getattr(outlines[name], "xMin", 0))
    most = font["maxp"]
    most.tableVersion = 0x00010000
    for name in (
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
        "maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours", "maxCompositePoints",
        "maxCompositeContours", "maxComponentDepth",
    ):  # fmt: skip
        setattr(most, name, 0)
    most.maxZones = 1
    font["post"].formatType = 3.0
    del font["CFF "]
    font.sfntVersion = "\000\001\000\000"
