"""Do the colours of the map differ to an eye that lacks red or green cones, and if not, does a pattern?"""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from command_ui.console.theme.tokens import tokens

# Machado, Oliveira and Fernandes (2009), "A physiologically-based model for simulation of color vision deficiency",
# IEEE TVCG 15(6), table 1, severity 1.0; on linear RGB.
SEEN = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])
NOTICED = 10.0
"""CIE 1976 difference that is seen at a glance; 2.3 is just noticed (Mahy et al. 1994)."""
ZONES = ("z1", "z2", "z3")
SAME_SHAPE = [("rescue", "evac"), ("rescue", "closed"), ("evac", "closed"), ("thermal", "over")]
"""Lines drawn alike, so that colour carries much of the difference."""


def linear(colour: str) -> NDArray[np.float64]:
    """Linear RGB of ``#RRGGBB`` (IEC 61966-2-1)."""
    value = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE 1976 L*a*b* of linear RGB under D65."""
    ratio = TO_XYZ @ np.clip(rgb, 0, 1) / WHITE
    root = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def difference(one: str, two: str, eye: str) -> float:
    """CIE 1976 colour difference as this eye sees it."""
    matrix = np.array(SEEN[eye])
    return float(np.linalg.norm(lab(matrix @ linear(one)) - lab(matrix @ linear(two))))


def test_the_measure_itself_knows_white_from_black_and_takes_red_for_green() -> None:
    assert lab(linear("#FFFFFF")) == pytest.approx([100, 0, 0], abs=0.05)
    assert difference("#FFFFFF", "#000000", "deuteranopia") == pytest.approx(100, abs=0.1)
    # The classic pair: equally bright red and green, far apart to most eyes, nearly the same without green cones.
    assert (
        difference("#A04000", "#687000", "deuteranopia")
        < 20
        < np.linalg.norm(lab(linear("#A04000")) - lab(linear("#687000")))
    )


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("eye", sorted(SEEN))
def test_zones_differ_to_every_eye(theme: str, eye: str) -> None:
    colours = tokens()["color"][theme]
    for one, two in itertools.combinations(ZONES, 2):
        assert difference(colours[one], colours[two], eye) >= NOTICED, f"{one} and {two} of the {theme} theme"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("eye", sorted(SEEN))
def test_lines_that_are_drawn_alike_differ_to_every_eye(theme: str, eye: str) -> None:
    colours = tokens()["color"][theme]
    for one, two in SAME_SHAPE:
        assert difference(colours[one], colours[two], eye) >= NOTICED, f"{one} and {two} of the {theme} theme"


def test_zones_differ_without_any_colour() -> None:
    patterns = [tokens()["pattern"][f"plumeZone{level}"] for level in (1, 2, 3)]
    for part in ("hatch", "outline"):
        assert len({pattern[part] for pattern in patterns}) == len(patterns), f"two zones share their {part}"
