"""
How is each thing drawn, on screen, in print, in the legend and over the API?

Colours are names of the design tokens, never values, so that dark and light grounds share one table. Frame letters
follow GB/T 35649 (A event, B hazard, C protected, D resource); the glyphs are our own.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Frame = Literal["A", "B", "C", "D", "none"]

GLYPHS: Mapping[str, tuple[str, ...]] = {
    # Stroked paths on a 24 x 24 box, round caps and joins, width 2.2.
    "skull": (
        "M12 3.2a7.8 7.8 0 0 0-7.8 7.8c0 2.9 1.4 4.8 3.4 5.9v2.9h8.8v-2.9c2-1.1 3.4-3 3.4-5.9A7.8 7.8 0 0 0 12 3.2z",
        "M8.6 10.4v1.6M15.4 10.4v1.6M10.8 19.8v-2.2M13.2 19.8v-2.2",
    ),
    "tank": ("M7 6.5h10V20H7z", "M9.5 6.5V4h5v2.5M7 11.5h10"),
    "factory": ("M4 20V9.5l5.5 3.5V9.5l5.5 3.5V4.5h5V20z",),
    "school": ("M2.5 9.5 12 5l9.5 4.5L12 14z", "M6.5 11.6v5c2.9 2.3 8.1 2.3 11 0v-5"),
    "hospital": ("M5 5h14v14H5z", "M12 8.2v7.6M8.2 12h7.6"),
    "people": (
        "M9 4.7a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4z",
        "M2.7 19.5c.6-4.2 2.9-6 6.3-6s5.7 1.8 6.3 6M15.8 5a3.2 3.2 0 0 1 0 6.1M17.8 14c2.1.8 3.3 2.6 3.7 5.5",
    ),
    "market": ("M4 9.5 5.5 4.5h13L20 9.5", "M5 9.5V20h14V9.5M4 9.5h16M10 20v-5.5h4V20"),
    "home": ("M4 20V10.5L12 4l8 6.5V20z", "M10 20v-5.5h4V20"),
    "shelter": ("M3 11.2 12 3.5l9 7.7", "M6 9.5V20h12V9.5"),
    "truck": (
        "M2.5 6.5H14V17H2.5zM14 10h4l3.5 3.6V17H14z",
        "M7 16.2a1.9 1.9 0 1 1 0 3.8 1.9 1.9 0 0 1 0-3.8zM17.3 16.2a1.9 1.9 0 1 1 0 3.8 1.9 1.9 0 0 1 0-3.8z",
    ),
    "flask": ("M9.5 3.5h5M10.5 3.5v6L5 19.5h14L13.5 9.5v-6", "M7.5 15h9"),
    "cross": ("M12 5v14M5 12h14",),
    "box": ("M4 8 12 4l8 4v8.5L12 20.5 4 16.5z", "M4 8l8 4 8-4M12 12v8.5"),
    "camera": ("M3 7h12v10H3z", "M15 10.5 21 7.5v9l-6-3z"),
    "diamond": ("M12 4.5 19.5 12 12 19.5 4.5 12z",),
    "vane": ("M5 19 19 5M19 5h-6.5M19 5v6.5",),
    "drop": ("M12 3.5c3.5 4.3 5.5 7 5.5 10a5.5 5.5 0 0 1-11 0c0-3 2-5.7 5.5-10z",),
    "paper": ("M7 3.5h7l4 4v13H7z", "M13.5 3.5V8H18M9.5 12h6M9.5 16h6"),
    "flag": ("M5.5 21V4h12l-2.2 4 2.2 4h-12",),
    "expert": (
        "M9.5 5a3.3 3.3 0 1 1 0 6.6 3.3 3.3 0 0 1 0-6.6z",
        "M3 20c.6-4.4 3-6.2 6.5-6.2s5.9 1.8 6.5 6.2M15.4 6.6l2.1 2.2 4-4.6",
    ),
    "gear": (
        "M12 6.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z",
        "M12 2.8v3.7M12 17.5v3.7M2.8 12h3.7M17.5 12h3.7",
        "M5.5 5.5l2.6 2.6M15.9 15.9l2.6 2.6M18.5 5.5l-2.6 2.6M8.1 15.9l-2.6 2.6",
    ),
    "barrier": ("M3 8h18v6.5H3z", "M7 14.5 10.5 8M13.5 14.5 17 8M6 14.5V20M18 14.5V20"),
    "one_way": ("M12 16.5V4.5M7 9.5l5-5.3 5 5.3", "M4.5 20h15"),
    "alarm": ("M12 4 2.5 20h19z", "M12 10v4.5M12 17.2v.4"),
}


@dataclass(frozen=True, slots=True)
class Symbol:
    """
    A point symbol.

    Attributes
    ----------
    frame
        Class letter of the frame; ``none`` is a bare glyph or mark.
    glyph
        Key of `GLYPHS`.
    fill
        Token that fills the mark when it is drawn small (below `frame_zoom`) or has no frame.
    shape
        Small mark: ``square``, ``circle`` or ``diamond``.
    frame_zoom
        Zoom from which the framed 32 px symbol replaces the small mark.
    """

    key: str
    frame: Frame
    glyph: str
    fill: str
    shape: Literal["square", "circle", "diamond"] = "square"
    frame_zoom: float = 12.0


@dataclass(frozen=True, slots=True)
class ZoneStyle:
    """A hazard zone: fill, hatch, outline and words always go together."""

    level: int
    fill: str
    line: str
    fill_opacity: float
    hatch: Literal["cross", "diagonal", "dots", "none"]
    hatch_tile_px: float
    hatch_width_px: float
    line_width_px: float
    dash: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BlankStyle:
    """A surface without a colour of its own, drawn so that why it has none is told apart."""

    key: str
    fill: str
    fill_opacity: float
    line: str
    line_opacity: float
    hatch: Literal["back", "none"] = "none"
    hatch_tile_px: float = 0.0
    hatch_width_px: float = 0.0
    hatch_opacity: float = 0.0
    line_width_px: float = 0.8


@dataclass(frozen=True, slots=True)
class LineStyle:
    """A line that stands for something decided, computed or seen."""

    key: str
    colour: str
    width_px: float
    dash: tuple[float, ...] = ()
    mark: Literal["none", "arrow", "cross", "double"] = "none"


@dataclass(frozen=True, slots=True)
class BaseArea:
    """A surface of the base map; `order` counts from the bottom."""

    kind: str
    fill: str
    line: str
    order: int
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class BaseLine:
    """A line of the base map: (zoom, width) pairs in px; the casing adds `casing_px` on each side."""

    kind: str
    colour: str
    casing: str
    order: int
    widths: tuple[tuple[float, float], ...]
    casing_px: float = 0.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class BaseLabel:
    """A name on the base map."""

    kind: str
    colour: str
    size_px: int
    bold: bool = False
    spacing_px: float = 0.0


SYMBOLS: Mapping[str, Symbol] = {
    symbol.key: symbol
    for symbol in (
        Symbol("incident", "A", "skull", "z3", frame_zoom=0),
        Symbol("hazard_source", "B", "tank", "fillY", frame_zoom=13),
        Symbol("enterprise", "none", "factory", "primary", frame_zoom=15),
        Symbol("enterprise_hazmat", "none", "factory", "fillO", frame_zoom=14),
        Symbol("enterprise_dust", "none", "factory", "fillY", frame_zoom=15),
        Symbol("enterprise_ammonia", "none", "factory", "fillB", frame_zoom=14),
        Symbol("enterprise_smelting", "none", "factory", "fillO", frame_zoom=15),
        Symbol("enterprise_confined", "none", "factory", "stale", frame_zoom=15),
        Symbol("school", "C", "school", "evac", frame_zoom=13),
        Symbol("kindergarten", "C", "school", "evac", frame_zoom=13),
        Symbol("hospital", "C", "hospital", "evac", frame_zoom=13),
        Symbol("nursing_home", "C", "people", "evac", frame_zoom=13),
        Symbol("market", "C", "market", "evac", frame_zoom=14),
        Symbol("shelter", "D", "shelter", "rescue"),
        Symbol("fire", "D", "truck", "rescue"),
        Symbol("hazmat", "D", "flask", "rescue"),
        Symbol("medical", "D", "cross", "rescue"),
        Symbol("rescue", "D", "truck", "rescue"),
        Symbol("store", "D", "box", "rescue"),
        Symbol("equipment", "D", "gear", "rescue", frame_zoom=13),
        Symbol("expert", "D", "expert", "rescue", frame_zoom=13),
        Symbol("command_post", "D", "flag", "rescue", frame_zoom=0),
        Symbol("camera", "none", "camera", "text3", "square", 14),
        Symbol("tag_gas", "none", "diamond", "ok", "diamond", 30),
        Symbol("tag_water", "none", "drop", "fillB", "circle", 30),
        Symbol("weather", "none", "vane", "fillB", "circle", 12),
        Symbol("road_closed", "A", "barrier", "closed", frame_zoom=12),
        Symbol("road_one_way", "A", "one_way", "closed", frame_zoom=12),
        Symbol("road_open", "none", "barrier", "ok", "circle", 30),
        Symbol("register", "none", "paper", "text3", "square", 15),
        Symbol("alarm", "none", "alarm", "danger", "diamond", 30),
    )
}

ZONES: tuple[ZoneStyle, ...] = (
    ZoneStyle(3, "z3", "z3l", 0.35, "cross", 8, 1.1, 2.2, ()),
    ZoneStyle(2, "z2", "z2l", 0.25, "diagonal", 9, 2.2, 2.2, (12, 5)),
    ZoneStyle(1, "z1", "z1l", 0.17, "dots", 11, 1.25, 2.2, (5, 4)),
)

LINES: Mapping[str, LineStyle] = {
    line.key: line
    for line in (
        LineStyle("confidence", "env", 2.6, (0.1, 6.5)),
        LineStyle("history", "history", 2.0, (9, 5)),
        LineStyle("rescue", "rescue", 4.5, (), "arrow"),
        LineStyle("evacuation", "evac", 4.5, (), "arrow"),
        LineStyle("review", "warn", 4.5, (10, 7), "arrow"),
        LineStyle("closed", "closed", 2.6, (2, 4), "cross"),
        LineStyle("thermal", "thermal", 2.2, (), "double"),
        LineStyle("overpressure", "over", 2.2, (), "double"),
        LineStyle("cordon", "closed", 2.0, (10, 3, 1.5, 3)),
    )
}

RISK_FILL: Mapping[int, str] = {1: "fillR", 2: "fillO", 3: "fillY", 4: "fillB"}
"""Four-colour risk 重大/较大/一般/低; drawn at 20 % with its word beside it."""
RISK_OPACITY = 0.2
RISK_AREA_OPACITY = RISK_OPACITY + 0.08
"""Of a square or a township, with its edge at `RISK_EDGE_OPACITY`."""
RISK_EDGE_OPACITY = 0.8
RISK_BLANKS: Mapping[str, BlankStyle] = {
    blank.key: blank
    for blank in (
        BlankStyle("nothing", "text3", 0.06, "text3", 0.45),
        # Leaning the other way than any zone, and in no colour of risk; a tile of the map is a multiple of its tile.
        BlankStyle("unseen", "text3", 0.1, "text3", 0.75, "back", 16, 1.3, 0.5, 1.4),
    )
}
"""Areas of the risk map without a colour: nothing counts there, or it is not the reader's to see."""
RISK_CONTOURS: tuple[tuple[float, str, float], ...] = (
    (3e-5, "fillR", 0.34), (1e-5, "fillO", 0.26), (3e-6, "fillY", 0.2), (3e-7, "fillB", 0.14),
)  # fmt: skip
"""Individual risk per year from which a colour holds; the worst is drawn strongest. Steps of GB 36894 (unverified)."""
PEOPLE_SHADES: tuple[tuple[int, float], ...] = ((50, 0.12), (150, 0.22), (400, 0.34), (10**9, 0.5))
"""People by day in a cell up to which a shade of ``over`` holds."""

STATUS_COLOUR: Mapping[str, str] = {
    "live": "ok",
    "stale": "stale",
    "offline": "stale",
    "sim": "sim",
    "drill": "drill",
    "alarm": "danger",
}

BASE_AREAS: tuple[BaseArea, ...] = (
    BaseArea("built", "mBuilt", "mBuilt", 1),
    BaseArea("hill", "mGreen", "mGreen", 2),
    BaseArea("contour", "none", "mGreenLine", 3),
    BaseArea("park", "mGreen", "mGreenLine", 4),
    BaseArea("industrial", "mPark", "mParkLine", 5, (7, 4)),
    BaseArea("plot", "mBuilt", "mParkLine", 6),
    BaseArea("building", "mBldg", "mBldg", 7),
    BaseArea("tank", "mBldg", "mParkLine", 8),
    BaseArea("water", "mWater", "mWaterLine", 9),
)

BASE_LINES: tuple[BaseLine, ...] = (
    BaseLine("stream", "mWater", "none", 1, ((10, 0.8), (12, 2.0), (14, 5.0), (16, 10.0))),
    BaseLine("minor", "mMinor", "none", 2, ((12, 0.5), (13, 1.2), (14, 3.0), (16, 8.0))),
    BaseLine("park_road", "mMinor", "none", 3, ((12, 0.8), (13, 1.6), (14, 3.5), (16, 9.0))),
    BaseLine("tertiary", "mMid", "mCase", 4, ((11, 0.6), (12, 1.4), (14, 3.2), (16, 9.0)), 1.6),
    BaseLine("secondary", "mMid", "mCase", 5, ((10, 0.8), (12, 2.0), (14, 3.8), (16, 11.0)), 1.6),
    BaseLine("rail", "mRail", "mLand", 6, ((8, 0.8), (12, 2.0), (14, 4.0), (16, 5.0)), 0.0, (12, 10)),
    BaseLine("primary", "mArt", "mCase", 7, ((8, 0.7), (11, 1.8), (12, 2.6), (14, 4.5), (16, 13.0)), 1.6),
    BaseLine("ring", "mRing", "mCase", 8, ((8, 1.2), (11, 3.0), (12, 4.2), (14, 7.0), (16, 17.0)), 2.0),
    BaseLine("motorway_link", "mHwy", "mCase", 9, ((10, 0.7), (12, 1.6), (14, 3.5), (16, 9.0)), 1.5),
    BaseLine("motorway", "mHwy", "mCase", 10, ((8, 1.4), (11, 3.0), (12, 4.0), (14, 6.0), (16, 16.0)), 2.0),
    BaseLine("boundary", "borderStrong", "none", 11, ((8, 1.0), (14, 1.6)), 0.0, (9, 4, 1.5, 4)),
)

BASE_LABELS: Mapping[str, BaseLabel] = {
    label.kind: label
    for label in (
        BaseLabel("city", "mText", 18, True, 6),
        BaseLabel("district", "mText", 16, True, 4),
        BaseLabel("town", "mText", 13),
        BaseLabel("zone", "mText", 13, True),
        BaseLabel("water", "mWaterText", 14),
        BaseLabel("lake", "mWaterText", 13),
        BaseLabel("green", "mGreenText", 12),
        BaseLabel("hill", "mGreenText", 13),
        BaseLabel("peak", "mGreenText", 12),
        BaseLabel("road", "mText2", 12),
        BaseLabel("station", "mText", 12),
        BaseLabel("bridge", "mText2", 12),
    )
}


def line_width(style: BaseLine, zoom: float) -> float:
    """
    Width in px of a base-map line at `zoom`, linear between the given zooms and held outside them.

    Examples
    --------
    >>> line_width(BaseLine("x", "mRing", "mCase", 1, ((10, 2.0), (12, 4.0))), 11)
    3.0
    """
    zooms = [pair[0] for pair in style.widths]
    if zoom <= zooms[0]:
        return style.widths[0][1]
    for (low, thin), (high, thick) in zip(style.widths, style.widths[1:], strict=False):
        if zoom <= high:
            return thin + (thick - thin) * (zoom - low) / (high - low)
    return style.widths[-1][1]


def as_json() -> dict[str, Any]:
    """Everything above in plain JSON: what the map component, the print and the API read."""
    return {
        "glyphs": {key: list(paths) for key, paths in GLYPHS.items()},
        "symbols": {key: asdict(symbol) for key, symbol in SYMBOLS.items()},
        "zones": [asdict(zone) for zone in ZONES],
        "lines": {key: asdict(line) for key, line in LINES.items()},
        "risk": {str(level): token for level, token in RISK_FILL.items()},
        "risk_opacity": RISK_OPACITY,
        "risk_area_opacity": RISK_AREA_OPACITY,
        "risk_edge_opacity": RISK_EDGE_OPACITY,
        "risk_blanks": {key: asdict(blank) for key, blank in RISK_BLANKS.items()},
        "risk_contours": [list(step) for step in RISK_CONTOURS],
        "people_shades": [list(step) for step in PEOPLE_SHADES],
        "status": dict(STATUS_COLOUR),
        "base_areas": [asdict(area) for area in BASE_AREAS],
        "base_lines": [asdict(line) for line in BASE_LINES],
        "base_labels": {kind: asdict(label) for kind, label in BASE_LABELS.items()},
    }
