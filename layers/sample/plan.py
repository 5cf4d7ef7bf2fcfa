"""
Where do the river, the hills, the big roads and the districts of the fictional city lie?

The plan is drawn by hand on a sheet whose unit is 1/134 km, x to the right and y down, as on a plan on paper; `metres`
turns it into metres east and north of the chlorine store of the chemical park.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gis.crs import LocalFrame, LonLat

FloatArray = NDArray[np.float64]
Pairs = tuple[tuple[float, float], ...]

PLANT = LonLat(118.7124, 31.4087)
SHEET_ORIGIN = (600.0, 760.0)
METRES_PER_UNIT = 1000.0 / 134.0
EXTENT_M = (-15000.0, -12500.0, 25000.0, 17500.0)
"""West, south, east, north of the drawn land."""


def metres(points: Pairs) -> FloatArray:
    """Sheet points ``(n, 2)`` -> metres east and north of the plant ``(n, 2)``."""
    array = np.asarray(points, float)
    return np.column_stack(
        [(array[:, 0] - SHEET_ORIGIN[0]) * METRES_PER_UNIT, (SHEET_ORIGIN[1] - array[:, 1]) * METRES_PER_UNIT]
    )


def smooth(points: FloatArray, step_m: float = 90.0, closed: bool = False) -> FloatArray:
    """Catmull-Rom curve through `points`, sampled about every `step_m`."""
    if closed:
        ring = np.vstack([points[-1], points, points[0], points[1]])
    else:
        ring = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    parts: list[FloatArray] = []
    for p0, p1, p2, p3 in zip(ring[:-3], ring[1:-2], ring[2:-1], ring[3:], strict=True):
        count = max(2, int(np.hypot(*(p2 - p1)) / step_m))
        t = np.linspace(0, 1, count, endpoint=False)[:, None]
        parts.append(
            0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
        )
    end = points[0] if closed else points[-1]
    return np.vstack([*parts, end[None, :]])


def curve(points: Pairs, closed: bool = False, step_m: float = 90.0) -> LineString:
    """Smooth line through sheet points, in metres."""
    return LineString(smooth(metres(points), step_m, closed))


def blob(points: Pairs) -> Polygon:
    """Smooth closed shape through sheet points, in metres."""
    return Polygon(smooth(metres(points), closed=True))


def place(x: float, y: float) -> Point:
    """One sheet point, in metres."""
    return Point(metres(((x, y),))[0])


RIVER_NAME = "练江"
RIVER_LINE: Pairs = (
    (930, -1640), (850, -1350), (740, -1050), (745, -760), (800, -480), (762, -240), (700, -36), (684, 166), (733, 346),
    (811, 507), (851, 661), (870, 823), (934, 1010), (985, 1200), (968, 1450), (1040, 1760), (1150, 2100), (1180, 2480),
)  # fmt: skip
RIVER_WIDTH: tuple[float, ...] = (58, 60, 56, 60, 66, 58, 54, 62, 66, 60, 62, 72, 60, 60, 64, 70, 66, 70)
STREAMS: tuple[tuple[str, Pairs], ...] = (
    ("柳溪", ((-1400, 380), (-900, 520), (-450, 640), (-20, 600), (170, 600), (340, 590), (480, 540), (600, 470), (690, 405), (745, 372))),
    ("白渚河", ((2500, -1500), (2250, -1150), (1900, -800), (1500, -640), (1100, -600), (790, -520))),
    ("东溪", ((3900, 640), (3300, 560), (2750, 690), (2300, 820), (1900, 960), (1450, 1120), (1200, 1180), (985, 1220))),
    ("南圩河", ((-1350, 1300), (-800, 1180), (-300, 1260), (200, 1300), (640, 1250), (970, 1330))),
)  # fmt: skip

HILL: Pairs = ((120, 60), (250, 20), (380, 70), (430, 180), (390, 290), (280, 350), (150, 330), (60, 220))
WEST_RANGE: tuple[Pairs, ...] = (
    ((-1380, -360), (-1150, -520), (-900, -430), (-780, -200), (-860, 40), (-1060, 130), (-1280, 40)),
    ((-560, -420), (-380, -520), (-220, -430), (-200, -260), (-330, -160), (-500, -220)),
    ((2900, -1380), (3150, -1500), (3480, -1400), (3620, -1150), (3420, -960), (3080, -1010), (2890, -1170)),
    ((3250, 1500), (3480, 1380), (3760, 1480), (3820, 1760), (3600, 1950), (3320, 1840)),
)
LAKE: Pairs = ((1112, 404), (1135, 372), (1188, 356), (1246, 358), (1292, 378), (1306, 408), (1284, 438), (1232, 452), (1172, 450), (1130, 434))  # fmt: skip
LAKES: tuple[tuple[str, Pairs], ...] = (
    ("东湖", LAKE),
    ("云泽", ((-420, 1330), (-330, 1280), (-200, 1300), (-150, 1380), (-220, 1450), (-360, 1440))),
    ("青荡", ((2900, 980), (3010, 930), (3140, 970), (3170, 1070), (3060, 1130), (2930, 1090))),
    ("月塘", ((1770, 690), (1810, 660), (1850, 680), (1852, 730), (1810, 760), (1772, 738))),
)
PARKS: tuple[tuple[str, Pairs], ...] = (
    ("东湖公园", ((1096, 330), (1290, 318), (1320, 400), (1300, 470), (1120, 482), (1080, 420))),
    ("西岸公园", ((395, 365), (480, 352), (520, 400), (505, 462), (430, 480), (380, 430))),
    ("南环绿地", ((905, 905), (1010, 880), (1060, 930), (1030, 1000), (940, 1010))),
    ("高新中央公园", ((1650, 640), (1780, 610), (1880, 640), (1920, 740), (1850, 830), (1700, 820), (1640, 740))),
    ("北渚公园", ((1150, -470), (1260, -500), (1320, -420), (1270, -340), (1160, -360))),
    ("滨江绿带", ((600, 250), (625, 245), (655, 330), (700, 430), (745, 520), (735, 540), (690, 460), (640, 360))),
)
CHEMICAL_PARK_NAME = "演练化工园区"
CHEMICAL_PARK: Pairs = ((430, 652), (640, 668), (700, 742), (716, 850), (640, 905), (440, 905), (400, 780))
INDUSTRIAL: tuple[tuple[str, Pairs], ...] = (
    ("演练高新产业园", ((2060, 330), (2420, 280), (2460, 620), (2100, 680))),
    ("演练城南工业园", ((1240, 1240), (1700, 1180), (1760, 1480), (1300, 1540))),
    ("演练北渚工业园", ((1480, -560), (1860, -620), (1900, -320), (1520, -260))),
    ("演练西郊工业园", ((-260, 760), (120, 740), (140, 1000), (-240, 1030))),
    ("演练临泽工业园", ((2600, 1220), (2900, 1180), (2930, 1420), (2630, 1460))),
    ("演练沙渚工业园", ((150, -900), (430, -930), (450, -720), (180, -690))),
)


@dataclass(frozen=True, slots=True)
class Street:
    """A named road of the plan."""

    name: str
    highway: str
    points: Pairs
    smooth: bool = False
    closed: bool = False


RING: Pairs = (
    (1460, 560), (1432, 744), (1350, 846), (1212, 900), (959, 907), (801, 865), (705, 776), (662, 632), (653, 515),
    (675, 413), (742, 297), (864, 230), (1096, 210), (1283, 239), (1394, 315), (1452, 441),
)  # fmt: skip
EXPRESSWAY: Pairs = (
    (151, 401), (275, 421), (375, 404), (451, 348), (523, 264), (600, 170), (704, 99), (837, 51), (1004, 32), (1207, 37),
    (1442, 61), (1692, 29), (2040, -30), (2370, 40), (2560, 300), (2580, 640), (2460, 960), (2150, 1130), (1820, 1130),
    (1500, 1190), (1180, 1330), (880, 1420), (520, 1440), (160, 1360), (-110, 1200), (-260, 900), (-250, 640), (-90, 470),
)  # fmt: skip
RAILWAY: Pairs = (
    (-1410, 1160), (-900, 1105), (-420, 1060), (-100, 1020), (47, 1011), (242, 1002), (401, 1000), (543, 1004), (690, 1015),
    (845, 1039), (1000, 1050), (1156, 1028), (1305, 992), (1427, 956), (1528, 919), (1643, 894), (1790, 884), (2100, 890),
    (2500, 850), (3000, 790), (3500, 860), (3950, 980),
)  # fmt: skip

STREETS: tuple[Street, ...] = (
    Street("环城路", "trunk", RING, True, True),
    Street("民生路", "primary", ((120, 712), (408, 663), (1554, 482), (2070, 400), (2600, 330), (3260, 300), (3930, 330))),
    Street("和平大道", "primary", ((569.9, 789.5), (1547.7, 634.6), (2050, 560), (2620, 520), (3320, 650), (3900, 700))),
    Street("北园路", "secondary", ((735, 358), (1485, 239.6), (1900, 170), (2300, 150))),
    Street("东湖路", "secondary", ((835, 494), (1518, 386), (1900, 325), (2080, 300))),
    Street("建设路", "secondary", ((940, 882.7), (1521.8, 790.6), (1960, 720), (2440, 700))),
    Street("江东路", "secondary", ((853, 210), (860, 257), (965.8, 924), (1010, 1200), (1090, 1600))),
    Street("人民路", "primary", ((960, -260), (1005, 20), (1023.9, 140), (1155, 970), (1215, 1330), (1300, 1700), (1500, 1960), (1620, 2400))),
    Street("文昌路", "secondary", ((1150, -300), (1191.8, 114), (1320, 924), (1390, 1260))),
    Street("迎宾大道", "primary", ((1300, -330), (1334.3, 182), (1432.9, 805), (1500, 1200), (1600, 1500), (2100, 1640), (2640, 1560))),
    Street("科技路", "primary", ((660, -330), (640, -20), (630, 78), (616, 182), (602, 271), (580, 351), (548, 422), (508, 485), (475, 556), (445, 641), (410, 746), (402, 845), (425, 941), (493, 1038), (540, 1136), (560, 1300), (640, 1600), (700, 1980), (760, 2400)), True),
    Street("滨江西路", "secondary", ((612, 196), (640, 216), (655, 262), (671, 310), (706, 390), (744, 470), (777, 550), (798, 630), (809, 710), (818, 790), (828, 870), (836, 912)), True),
    Street("滨江东路", "secondary", ((802, -405), (788, -300), (752, -150), (738, 0), (740, 100), (745, 160), (758, 240), (778, 300), (800, 360), (825, 420), (855, 480), (882, 540), (900, 600), (912, 660), (918, 720), (922, 780), (930, 840), (944, 925)), True),
    Street("园区南路", "secondary", ((404, 780), (404, 867), (425, 930), (471, 950), (560, 950), (646, 942), (713, 925), (742, 905), (765, 880), (790, 860)), True),
    Street("园区北路", "secondary", ((445, 641), (520, 646), (600, 650), (668, 640)), True),
    Street("滨湖路", "secondary", ((1046, 306), (1090, 306), (1200, 300), (1300, 306), (1345, 345), (1345, 470), (1300, 498), (1200, 502), (1076, 500)), True),
    Street("北渚大道", "primary", ((-330, -640), (60, -560), (400, -450), (660, -410), (780, -420), (960, -430), (1300, -480), (1700, -500), (2200, -560), (2700, -700), (3300, -640), (3930, -560)), True),
    Street("南圩路", "primary", ((-1400, 900), (-900, 880), (-420, 1080), (-60, 1095), (260, 1080), (500, 1090), (560, 1240), (760, 1480), (970, 1500), (1100, 1500), (1360, 1420), (1700, 1340), (2100, 1300), (2640, 1320), (3300, 1240), (3930, 1300)), True),
    Street("西岭路", "primary", ((475, 556), (330, 530), (120, 470), (-120, 300), (-280, 250), (-600, 200), (-720, 320), (-1000, 380), (-1400, 300)), True),
    Street("石埠路", "secondary", ((120, 712), (-120, 700), (-420, 690), (-700, 700), (-1050, 760), (-1400, 640)), True),
    Street("沙渚路", "secondary", ((640, -20), (520, -220), (360, -500), (300, -760), (260, -1050), (220, -1560)), True),
    Street("云岭路", "secondary", ((-330, -640), (-440, -900), (-420, -1150), (-300, -1560)), True),
    Street("柳溪路", "secondary", ((-720, 320), (-700, 60), (-690, -160), (-640, -480), (-330, -640)), True),
    Street("白渚路", "secondary", ((1300, -330), (1340, -620), (1560, -860), (1900, -1000), (2150, -1250), (2250, -1560)), True),
    Street("东墩路", "secondary", ((2600, 330), (2640, 60), (2700, -260), (2660, -700), (2560, -1080), (2520, -1560)), True),
    Street("临泽路", "secondary", ((2620, 520), (2700, 860), (2720, 1080), (2740, 1320), (2640, 1560), (2500, 1900), (2450, 2420)), True),
    Street("青埂路", "secondary", ((3320, 650), (3300, 900), (3260, 1100), (3300, 1240), (3120, 1560), (3050, 1950), (3000, 2420)), True),
    Street("马埠路", "secondary", ((-420, 1060), (-380, 1250), (-300, 1500), (100, 1580), (640, 1600), (764, 1484)), True),
    Street("双渚路", "secondary", ((-300, 1500), (-620, 1560), (-1050, 1500), (-1400, 1540)), True),
    Street("大泽路", "secondary", ((-300, 1500), (-260, 1800), (-300, 2420)), True),
    Street("高新一路", "secondary", ((1690, 60), (1720, 330), (1760, 600), (1640, 840), (1700, 1180), (1700, 1340)), True),
    Street("高新二路", "primary", ((1900, 0), (1930, 300), (1990, 600), (2040, 900), (2090, 1120), (2100, 1300)), True),
    Street("高新三路", "secondary", ((2230, 30), (2260, 300), (2310, 620), (2340, 860)), True),
)  # fmt: skip

RIVER_CROSSINGS: tuple[tuple[str, float, float], ...] = (
    ("练江一桥", 828, 596),
    ("练江二桥", 860, 743),
    ("北环大桥", 716, 322),
    ("南环大桥", 892, 898),
    ("练江三桥", 785, -420),
    ("泽南大桥", 968, 1500),
    ("绕城北练江特大桥", 690, 105),
    ("绕城南练江特大桥", 968, 1400),
)
"""The only places where a road may cross the river."""

INTERCHANGES: tuple[str, ...] = (
    "民生路", "和平大道", "科技路", "人民路", "迎宾大道", "南圩路", "西岭路", "石埠路", "高新二路",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quarter:
    """
    A built-up part with its own street grid.

    Attributes
    ----------
    turn_deg
        Rotation of the grid, counter-clockwise.
    across_m, along_m
        Mean spacing of the streets.
    density
        Relative density of homes by night; 1 is the inner city.
    work
        Relative density of workplaces.
    """

    name: str
    shape: Pairs
    turn_deg: float
    across_m: float
    along_m: float
    density: float
    work: float
    is_smooth: bool = False


def _round(x: float, y: float, radius: float) -> Pairs:
    angle = np.linspace(0, 2 * np.pi, 9)[:-1]
    wobble = radius * (1 + 0.22 * np.sin(3 * angle + x) + 0.12 * np.cos(2 * angle + y))
    return tuple(
        (float(x + r * np.cos(a)), float(y + 0.85 * r * np.sin(a))) for a, r in zip(angle, wobble, strict=True)
    )


TOWNS: tuple[tuple[str, float, float, float, float], ...] = (
    ("南圩镇", 420, 1085, 105, 6), ("西岭镇", -280, 250, 95, 20), ("石埠镇", -720, 700, 115, -14), ("柳溪镇", -720, 300, 80, 4),
    ("沙渚镇", 300, -620, 105, 12), ("云岭镇", -400, -1080, 95, -22), ("北岗镇", -330, -640, 90, 8), ("白渚镇", 1860, -960, 110, 28),
    ("东墩镇", 2680, -640, 130, -6), ("临泽镇", 2720, 1080, 120, 3), ("港桥镇", 2690, 170, 140, -8), ("青埂镇", 3300, 860, 125, 10),
    ("永圩镇", 2600, 1640, 115, -18), ("马埠镇", 650, 1620, 120, -4), ("大泽镇", -290, 1540, 105, 15), ("双渚镇", -1050, 1500, 85, -9),
    ("江埠镇", 1480, 1960, 115, -20), ("西圩镇", -1030, 880, 90, 5), ("龙埂镇", 3300, -640, 105, 9), ("林泽镇", 3250, 300, 95, -3),
    ("云浦镇", 230, -1300, 85, 11), ("荷塘镇", 3050, 1980, 85, -7), ("田墩镇", 2480, -1200, 80, 16), ("沙洲镇", 2450, 2150, 80, -11),
)  # fmt: skip

QUARTERS: tuple[Quarter, ...] = (
    Quarter("江东老城", ((735, 110), (900, 80), (1180, 90), (1440, 190), (1560, 330), (1575, 700), (1480, 920), (1240, 1010), (975, 1010), (920, 890), (903, 780), (885, 610), (836, 480), (796, 400), (764, 330), (728, 200)), 9, 175, 240, 0.45, 0.4),
    Quarter("滨江新城", ((470, 330), (540, 230), (640, 205), (672, 240), (702, 330), (742, 420), (785, 510), (804, 570), (818, 640), (830, 760), (838, 850), (720, 862), (716, 760), (655, 650), (455, 630), (430, 560), (520, 470)), 9, 170, 230, 0.27, 0.2),
    Quarter("南圩片", ((250, 930), (390, 930), (430, 970), (700, 960), (845, 920), (880, 985), (906, 1040), (930, 1150), (640, 1180), (300, 1150)), 9, 200, 270, 0.5, 0.7),
    Quarter("城北新区", ((765, -120), (900, -560), (1420, -600), (1480, -180), (1400, 60), (1000, 20), (760, 40)), 3, 190, 260, 0.62, 0.5),
    Quarter("高新区", ((1590, 150), (2060, 60), (2420, 90), (2480, 380), (2460, 820), (2060, 960), (1620, 880), (1600, 500)), 9, 215, 300, 0.55, 1.1),
    Quarter("城南新区", ((1010, 1080), (1300, 1020), (1560, 960), (1760, 960), (1780, 1110), (1480, 1180), (1150, 1320), (1010, 1350)), 14, 200, 270, 0.5, 0.7),
    Quarter("城西片", ((150, 560), (330, 545), (440, 575), (430, 640), (395, 760), (150, 790)), 7, 190, 250, 0.55, 0.5),
    Quarter("科技路北", ((500, -330), (690, -330), (668, -60), (655, 60), (545, 190), (500, 60)), 5, 190, 260, 0.5, 0.4),
    *(Quarter(name, pairs, 9 if name == CHEMICAL_PARK_NAME else 9, 240, 330, 0.02, 1.9) for name, pairs in INDUSTRIAL),
    *(Quarter(name, _round(x, y, r), turn, 165, 220, 0.55, 0.6, True) for name, x, y, r, turn in TOWNS),
)  # fmt: skip


@cache
def river() -> BaseGeometry:
    """The river's water, in metres."""
    line = metres(RIVER_LINE)
    centre = smooth(line, 60.0)
    # Width follows the same parameter as the curve: nearest control point's width, smoothed along the line.
    path = LineString(centre)
    at = shapely.line_locate_point(path, shapely.points(line))
    along = shapely.line_locate_point(path, shapely.points(centre))
    half = np.interp(along, at, np.asarray(RIVER_WIDTH) * METRES_PER_UNIT / 2)
    tangent = np.gradient(centre, axis=0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / np.hypot(tangent[:, 0], tangent[:, 1])[:, None]
    left, right = centre + normal * half[:, None], centre - normal * half[:, None]
    return shapely.make_valid(Polygon(np.vstack([left, right[::-1]])))


@cache
def river_line() -> LineString:
    """The river's middle, north to south, in metres."""
    return curve(RIVER_LINE, step_m=60.0)


@cache
def lakes() -> dict[str, Polygon]:
    """Lakes by name, in metres."""
    return {name: blob(points) for name, points in LAKES}


@cache
def parks() -> dict[str, Polygon]:
    """Parks by name, in metres."""
    return {name: blob(points) for name, points in PARKS}


@cache
def hills() -> tuple[Polygon, ...]:
    """The western hill first, then the farther ranges, in metres."""
    return tuple(blob(points) for points in (HILL, *WEST_RANGE))


@cache
def chemical_park() -> Polygon:
    """The chemical park, in metres."""
    return Polygon(metres(CHEMICAL_PARK))


@cache
def industrial() -> dict[str, Polygon]:
    """Industrial parks other than the chemical one, in metres."""
    return {name: Polygon(metres(points)) for name, points in INDUSTRIAL}


def quarter_shape(quarter: Quarter) -> Polygon:
    """Outline of a quarter, in metres."""
    return blob(quarter.shape) if quarter.is_smooth else Polygon(metres(quarter.shape))


@cache
def wet_or_green() -> BaseGeometry:
    """Everything nobody builds on, in metres."""
    return shapely.union_all([river(), *lakes().values(), *parks().values(), *hills()])


@cache
def frame() -> LocalFrame:
    """Metres around the plant, and back."""
    return LocalFrame(PLANT)


def to_degrees(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Geometries in metres -> longitude/latitude."""

    def project(points: FloatArray) -> FloatArray:
        longitude, latitude = frame().to_degrees(points[:, 0], points[:, 1])
        return np.column_stack([np.round(longitude, 7), np.round(latitude, 7)])

    answer: NDArray[np.object_] = np.asarray(shapely.transform(shapes, project), dtype=object)
    return answer
