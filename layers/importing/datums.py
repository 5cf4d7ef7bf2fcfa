"""Were these coordinates made for another datum? Chinese web maps shift theirs by some 100 to 700 m (BD-09: more)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import (
    bd09_from_wgs84,
    gcj02_from_wgs84,
    wgs84_from_bd09,
    wgs84_from_gcj02,
)
from layers.importing.known import Known, in_metres, shapes_in_metres

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FITS_M = 60.0
"""A known row shifted by the datum's own offset must come this close, and closer than a third of the offset."""
LEAST_OFFSET_M = 100.0
MOST_OFFSET_M = 2500.0
LEAST_ROWS = 30
CLEARLY = 12.0
"""Natural logarithm of the ratio of likelihoods from which a whole group is suspected: 160 000 to 1."""
SAMPLE = 800
TURNS = 16
LENGTHS = (0.7, 1.0, 1.3)
PLAUSIBLE_SD = 5.0
_EDGES = np.array([0, 8, 16, 24, 32, 40, 50, 60, 75, 90, 110, 140, 180, 240, 320, 450, 650, 900, 1300, np.inf])

INTO = {
    "gcj02": gcj02_from_wgs84,
    "bd09": bd09_from_wgs84,
    # A file converted once too often lies the other way.
    "gcj02_twice": wgs84_from_gcj02,
    "bd09_twice": wgs84_from_bd09,
}
"""What the degrees of a true place become under each suspicion."""
OUT_OF = {
    "gcj02": wgs84_from_gcj02,
    "bd09": wgs84_from_bd09,
    "gcj02_twice": gcj02_from_wgs84,
    "bd09_twice": bd09_from_wgs84,
}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A row whose place fits another datum: which one, how far it lies off, and by what it was seen."""

    datum: str
    offset_m: float
    seen_by: str


def by_known_rows(
    known: Known, longitude: Floats, latitude: Floats, true_longitude: Floats, true_latitude: Floats
) -> dict[int, Suspicion]:
    """
    Compare each place with where the register has the same thing (NaN where it does not know it).

    A thing that moved lies anywhere; one in another datum lies exactly where that datum puts it.
    """
    here = in_metres(known, longitude, latitude)
    there = in_metres(known, true_longitude, true_latitude)
    offset = np.hypot(*(here - there).T)
    both = np.isfinite(offset) & (offset >= LEAST_OFFSET_M) & (offset <= MOST_OFFSET_M)
    rows = np.flatnonzero(both)
    found: dict[int, Suspicion] = {}
    best = np.full(len(rows), np.inf)
    for datum, into in INTO.items():
        put = in_metres(known, *into(true_longitude[rows], true_latitude[rows]))
        miss = np.hypot(*(here[rows] - put).T)
        fits = (miss <= FITS_M) & (miss <= offset[rows] / 3) & (miss < best)
        best = np.where(fits, miss, best)
        for at in np.flatnonzero(fits):
            found[int(rows[at])] = Suspicion(datum, float(offset[rows[at]]), "register")
    return found


def by_roads(known: Known, longitude: Floats, latitude: Floats, groups: Mapping[str, Bools]) -> dict[int, Suspicion]:
    """
    Ask of whole groups of rows whether they keep the distances from the roads that the layer's known rows keep.

    A group is suspected when undoing a datum's shift makes its distances far more likely than they are as they stand
    and than after shifts of the same length in other directions, which any chance would do as well.

    Parameters
    ----------
    groups
        Name -> rows: the whole file, and each reporting unit of it.
    """
    roads = known.roads
    reference = known.rows[["longitude", "latitude"]].to_numpy(float) if len(known.rows) else np.zeros((0, 2))
    if len(roads) == 0 or len(reference) < LEAST_ROWS:
        return {}
    tree = shapely.STRtree(shapes_in_metres(known, roads.to_numpy()))
    rng = np.random.default_rng(0)
    if len(reference) > SAMPLE:
        reference = reference[rng.choice(len(reference), SAMPLE, replace=False)]
    share = _profile(_distances(tree, in_metres(known, *reference.T)))
    found: dict[int, Suspicion] = {}
    for rows in (np.flatnonzero(group) for group in groups.values()):
        if len(rows) < LEAST_ROWS:
            continue
        tried = rows if len(rows) <= SAMPLE else rng.choice(rows, SAMPLE, replace=False)
        suspicion = _of_group(known, tree, share, longitude[tried], latitude[tried])
        if suspicion is not None:
            found.update({int(row): suspicion for row in rows if int(row) not in found})
    return found


def _of_group(
    known: Known, tree: shapely.STRtree, share: Floats, longitude: Floats, latitude: Floats
) -> Suspicion | None:
    here = in_metres(known, longitude, latitude)
    as_it_stands = _likelihood(tree, here, share)
    # What rows that do keep the layer's distances would score, and how far chance leads from it.
    usual = float((np.exp(share) * share).sum())
    spread = float(np.sqrt((np.exp(share) * (share - usual) ** 2).sum()))
    least = len(here) * usual - PLAUSIBLE_SD * np.sqrt(len(here)) * spread
    best: tuple[float, Suspicion] | None = None
    for datum, out_of in OUT_OF.items():
        there = in_metres(known, *out_of(longitude, latitude))
        likely = _likelihood(tree, there, share)
        if likely < least or likely - as_it_stands < CLEARLY:
            continue
        step = there - here
        angles = 2 * np.pi * np.arange(TURNS) / TURNS
        controls = [
            length * step @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
            for angle in angles
            for length in LENGTHS
            if angle or length != 1.0
        ]
        chance = max(_likelihood(tree, here + control, share) for control in controls)
        gain = likely - max(as_it_stands, chance)
        if gain > CLEARLY and (best is None or gain > best[0]):
            best = gain, Suspicion(datum, float(np.median(np.hypot(*step.T))), "roads")
    return best[1] if best else None


def _distances(tree: shapely.STRtree, places: Floats) -> Floats:
    good = places[np.isfinite(places).all(axis=1)]
    _, metres = tree.query_nearest(shapely.points(good), return_distance=True, all_matches=False)
    return np.asarray(metres, float)


def _profile(metres: Floats) -> Floats:
    counts = np.histogram(metres, _EDGES)[0] + 0.5
    return np.asarray(np.log(counts / counts.sum()), float)


def _likelihood(tree: shapely.STRtree, places: Floats, share: Floats) -> float:
    bins = np.clip(np.digitize(_distances(tree, places), _EDGES) - 1, 0, len(share) - 1)
    return float(share[bins].sum())
