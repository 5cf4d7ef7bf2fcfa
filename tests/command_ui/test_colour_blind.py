"""Are zones, ways and closures told apart by people who do not see red or green, and is there a second cue?"""

import itertools
import math

import pytest

from command_ui.console.theme import colours
from layers import styles

# Machado, Oliveira, Fernandes (2009), IEEE TVCG 15(6), table 1, severity 1.0; linear RGB
SIMULATED = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}
LAND = "mLand"
LEAST = 10.0
"""CIE76 difference; 2.3 is just noticeable (Mahy et al. 1994), ten is seen at a glance."""


def _lab(colour: str, sight: str) -> tuple[float, float, float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    red, green, blue = (
        min(1.0, max(0.0, sum(weight * part for weight, part in zip(row, linear, strict=True))))
        for row in SIMULATED[sight]
    )
    # IEC 61966-2-1 and D65
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def difference(one: str, other: str, sight: str) -> float:
    return math.dist(_lab(one, sight), _lab(other, sight))


def test_the_simulation_leaves_greys_alone_and_confuses_what_it_should() -> None:
    for sight in ("protanopia", "deuteranopia"):
        seen = difference("#808080", "#000000", "normal")
        assert difference("#808080", "#000000", sight) == pytest.approx(seen, abs=0.5)
        red_green = difference("#CC3311", "#557700", sight)
        assert red_green < 0.5 * difference("#CC3311", "#557700", "normal")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("sight", list(SIMULATED))
def test_zones_and_ways_stay_apart_for_every_eye(theme: str, sight: str) -> None:
    paint = colours(theme)  # type: ignore[arg-type]
    zones = [paint[style.line] for style in styles.ZONES]
    for one, other in itertools.combinations(zones, 2):
        assert difference(one, other, sight) >= LEAST
    for line in zones:
        assert difference(line, paint[LAND], sight) >= LEAST
    for one, other in (("rescue", "evac"), ("rescue", "closed"), ("evac", "closed"), ("thermal", "over")):
        assert difference(paint[one], paint[other], sight) >= LEAST, (one, other)


def test_no_zone_or_way_is_told_by_its_colour_alone() -> None:
    assert len({style.hatch for style in styles.ZONES}) == len({style.dash for style in styles.ZONES}) == 3
    marks = {key: styles.LINES[key].mark for key in ("rescue", "closed", "thermal")}
    assert len(set(marks.values())) == 3
