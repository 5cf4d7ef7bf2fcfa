"""Which rows of a file cannot be right, and why? Rules that hold for any register, held against what is known."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.database import Caller
from layers import uscc
from layers.importing import datums, twins
from layers.importing.findings import Findings
from layers.importing.known import Known, in_metres, shapes_in_metres
from layers.importing.values import moments

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

STALE_DAYS = 365
EDGE_M = 50.0
"""A place this far over the border may be a border drawn coarsely."""
NEAR_CITY_DEG = 0.5
CHINA = (73.0, 3.0, 136.0, 54.0)


@dataclass(frozen=True)
class Examined:
    """
    A file after all rules.

    Attributes
    ----------
    findings
        Every reason against every row.
    division_code
        Division of each row, declared or from its place; empty where neither says.
    known_row
        Position of the row of the register that is the same thing; -1 for a new one.
    """

    findings: Findings
    division_code: NDArray[Any]
    known_row: NDArray[np.int64]


def examine(
    values: pd.DataFrame,
    blank: Mapping[str, Bools],
    wrong: Mapping[str, Bools],
    texts: Mapping[str, Any],
    needed: frozenset[str],
    known: Known,
    caller: Caller,
    now: datetime,
    *,
    raw_place: Floats,
    formulas: Mapping[int, str],
    unique_names: bool,
    stale_days: int = STALE_DAYS,
) -> Examined:
    """
    Hold every row against every rule.

    Parameters
    ----------
    values
        Typed columns; ``longitude`` and ``latitude`` in CGCS2000 degrees.
    blank, wrong
        Column -> rows that have nothing there, or something that cannot be read.
    texts
        Column -> the cells as they stand in the file.
    needed
        Columns a row cannot be without.
    raw_place
        Longitude and latitude as they stand in the file, shape ``(n, 2)``.
    """
    count = len(values)
    findings = Findings(count)
    findings.add("formula", sorted(formulas), facts=[{"cell": formulas[row]} for row in sorted(formulas)])
    for column, rows in blank.items():
        if column in needed:
            findings.add("missing", np.flatnonzero(rows), column)
    for column, rows in wrong.items():
        rule = (
            "coordinate"
            if column in ("longitude", "latitude")
            else "unknown_division"
            if column == "division_code"
            else "value"
        )
        bad = np.flatnonzero(rows)
        if rule != "unknown_division":
            findings.add(
                "coordinate" if rule == "coordinate" else "value", bad, column, [texts[column][row] for row in bad]
            )
    sound_code = _codes(values, blank, findings)
    placed = _places(values, raw_place, known, findings)
    division = _divisions(values, blank, texts, placed, known, caller, findings)
    names = twins.name_keys(values, known, division, unique_names=unique_names)
    same = twins.same_thing(values, known, names, sound_code)
    with ThreadPoolExecutor(1) as pool:
        # Distances from roads are reckoned outside Python's lock, names within it: both at once.
        suspected = pool.submit(_suspected, values, known, same, placed, texts)
        twins.repeated(values, known, names, same, sound_code, placed, findings)
        _datums(values, suspected.result(), findings)
    _ages(values, blank, known, same, now, stale_days, findings)
    return Examined(findings, division, same)


def _codes(values: pd.DataFrame, blank: Mapping[str, Bools], findings: Findings) -> Bools:
    """Rows with a sound credit code; those with another are named."""
    if "uscc" not in values:
        return np.zeros(len(values), bool)
    codes = values["uscc"].fillna("").to_numpy(object)
    sound = uscc.are_valid([str(code) for code in codes])
    bad = np.flatnonzero(~sound & ~blank["uscc"])
    facts = [{"expected": _check_of(str(codes[row]))} for row in bad]
    findings.add("uscc", bad, "uscc", [codes[row] for row in bad], facts)
    return sound


def _check_of(code: str) -> str:
    """What the check character of an otherwise sound code would be."""
    if len(code) != 18 or any(character not in uscc.ALPHABET for character in code[:17]):
        return ""
    return uscc.check_character(code[:17])


def _places(values: pd.DataFrame, raw: Floats, known: Known, findings: Findings) -> Bools:
    """Rows with a place on this ground; impossible and swapped ones are named."""
    lon, lat = raw.T
    there = np.isfinite(lon) & np.isfinite(lat)
    possible = there & (np.abs(lon) <= 180) & (np.abs(lat) <= 90) & ~((np.abs(lon) < 0.01) & (np.abs(lat) < 0.01))
    if len(known.divisions):
        west, south, east, north = known.divisions.total_bounds
        box = (west - NEAR_CITY_DEG, south - NEAR_CITY_DEG, east + NEAR_CITY_DEG, north + NEAR_CITY_DEG)
    else:
        box = CHINA
    swapped = there & _inside(box, lat, lon) & ~_inside(box, lon, lat)
    text = (
        [f"{lon[row]:g}, {lat[row]:g}" for row in range(len(lon))] if swapped.any() or (there & ~possible).any() else []
    )
    rows = np.flatnonzero(swapped)
    findings.add("swapped", rows, "longitude", [text[row] for row in rows])
    rows = np.flatnonzero(there & ~possible & ~swapped)
    findings.add("coordinate", rows, "longitude", [text[row] for row in rows])
    del values
    return np.asarray(possible & ~swapped, bool)


def _inside(box: tuple[float, float, float, float], x: Floats, y: Floats) -> Bools:
    return np.asarray((x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3]), bool)


def _divisions(
    values: pd.DataFrame,
    blank: Mapping[str, Bools],
    texts: Mapping[str, Any],
    placed: Bools,
    known: Known,
    caller: Caller,
    findings: Findings,
) -> NDArray[Any]:
    """Division of each row; where it is declared, whether the place lies in it."""
    count = len(values)
    counties = known.divisions[known.divisions["id"].str.len() == 6]
    counties = counties[counties["level"] != "city"] if (counties["level"] != "city").any() else counties
    code = np.full(count, "", object)
    lon = values["longitude"].to_numpy(float, na_value=np.nan)
    lat = values["latitude"].to_numpy(float, na_value=np.nan)
    if "division_code" in values:
        said = values["division_code"].fillna("").to_numpy(object)
        places, different = pd.factorize(said)
        meant = [_code_of(str(text), known) for text in different]
        code = np.array([one or "" for one in meant], object)[places]
        lost = np.flatnonzero(np.array([one is None for one in meant], bool)[places] & ~blank["division_code"])
        if len(known.divisions):
            findings.add("unknown_division", lost, "division_code", [texts["division_code"][row] for row in lost])
    found = _containing(counties, lon, lat, placed)
    if len(counties):
        _outside(code, found, lon, lat, placed, known, findings)
    code = np.where(
        (code == "") | (np.char.str_len(code.astype(str)) != 6) & (found != ""),
        np.where(found != "", found, code),
        code,
    )
    known_codes = code != ""
    theirs = (
        np.array([not caller.division_from <= str(one)[:6] < caller.division_to for one in code], bool) & known_codes
    )
    rows = np.flatnonzero(theirs)
    findings.add("jurisdiction", rows, "division_code", [code[row] for row in rows])
    return np.where(known_codes, np.array([str(one)[:6] for one in code], object), caller.division_from)


def _code_of(text: str, known: Known) -> str | None:
    """Code of a division as written: a code, a name, or names from the city down; empty text has none."""
    text = text.strip()
    if not text:
        return ""
    ids = set(known.divisions["id"])
    if text.isdigit():
        return next((part for part in (text, text[:9], text[:6]) if part in ids), None)
    named = known.divisions.assign(size=known.divisions["id"].str.len()).sort_values("size", kind="stable")
    exact = named[named["name"] == text]
    if len(exact):
        return str(exact["id"].iloc[0])
    ends = [(len(name), code) for code, name in zip(named["id"], named["name"], strict=True) if text.endswith(name)]
    if ends:
        return str(max(ends)[1])
    counties = named[(named["level"] == "county")]
    held = [
        (text.rfind(name), code) for code, name in zip(counties["id"], counties["name"], strict=True) if name in text
    ]
    if held:
        return str(max(held)[1])
    # 滨江 for 滨江区
    short = [code for code, name in zip(counties["id"], counties["name"], strict=True) if name[:-1] == text]
    return str(short[0]) if len(short) == 1 else None


def _containing(counties: Any, lon: Floats, lat: Floats, placed: Bools) -> NDArray[Any]:
    found = np.full(len(lon), "", object)
    for code, shape in zip(counties["id"], counties.geometry, strict=True):
        shapely.prepare(shape)
        found[placed & (found == "") & shapely.contains_xy(shape, lon, lat)] = code
    return found


def _outside(
    code: NDArray[Any], found: NDArray[Any], lon: Floats, lat: Floats, placed: Bools, known: Known, findings: Findings
) -> None:
    """Name places outside what their row declares, or outside every division there is."""
    shapes = dict(zip(known.divisions["id"], shapes_in_metres(known, known.divisions.geometry.to_numpy()), strict=True))
    whole = shapely.union_all([shape for one, shape in shapes.items() if len(one) == 6])
    names = dict(zip(known.divisions["id"], known.divisions["name"], strict=True))
    names[""] = str(
        min(zip(known.divisions["id"].str.len(), known.divisions["id"], known.divisions["name"], strict=True))[2]
    )
    xy = in_metres(known, lon, lat)
    for one in pd.unique(code[placed]):
        # A row that declares nothing lies outside only where no division holds it.
        rows = np.flatnonzero(placed & (code == one) & ((found != one) if one else (found == "")))
        if len(rows) == 0:
            continue
        shape = shapes.get(one, whole)
        shapely.prepare(shape)
        metres = np.asarray(shapely.distance(shape, shapely.points(xy[rows])), float)
        far = metres > EDGE_M
        rows, metres = rows[far], metres[far]
        facts = [
            {
                "distance_m": round(float(away)),
                "division": str(names.get(one, one)),
                "found": str(names.get(found[row], "")),
            }
            for row, away in zip(rows, metres, strict=True)
        ]
        findings.add("outside_division", rows, "division_code", [one] * len(rows), facts)


def _suspected(
    values: pd.DataFrame, known: Known, same: NDArray[np.int64], placed: Bools, texts: Mapping[str, Any]
) -> dict[int, datums.Suspicion]:
    """Rows whose place fits another datum."""
    lon = np.where(placed, values["longitude"].to_numpy(float, na_value=np.nan), np.nan)
    lat = np.where(placed, values["latitude"].to_numpy(float, na_value=np.nan), np.nan)
    true = np.full((len(values), 2), np.nan)
    old = same >= 0
    if old.any():
        true[old] = known.rows[["longitude", "latitude"]].to_numpy(float)[same[old]]
    suspicions = datums.by_known_rows(known, lon, lat, *true.T)
    unknown = placed & ~old
    groups = {"file": unknown}
    for column in ("source_system", "division_code"):
        if column in texts:
            labels = np.asarray(texts[column], object)
            groups |= {f"{column}={label}": unknown & (labels == label) for label in pd.unique(labels)[:200]}
    return datums.by_roads(known, lon, lat, groups) | suspicions


def _datums(values: pd.DataFrame, suspicions: Mapping[int, datums.Suspicion], findings: Findings) -> None:
    lon, lat = (values[column].to_numpy(float, na_value=np.nan) for column in ("longitude", "latitude"))
    rows = sorted(suspicions)
    facts = [
        {
            "datum": suspicions[row].datum,
            "distance_m": round(suspicions[row].offset_m),
            "seen_by": suspicions[row].seen_by,
        }
        for row in rows
    ]
    findings.add("datum", rows, "longitude", [f"{lon[row]:.6f}, {lat[row]:.6f}" for row in rows], facts)


def _ages(
    values: pd.DataFrame,
    blank: Mapping[str, Bools],
    known: Known,
    same: NDArray[np.int64],
    now: datetime,
    stale_days: int,
    findings: Findings,
) -> None:
    """Rows too old to be believed, and rows older than what the register already says."""
    if "as_of" not in values:
        return
    said = moments(values["as_of"])
    age = (pd.Timestamp(now) - said).dt.total_seconds().to_numpy(float) / 86400
    there = np.isfinite(age) & ~blank["as_of"]
    rows = np.flatnonzero(there & (age > stale_days))
    findings.add(
        "stale", rows, "as_of", [f"{said.iloc[row]:%Y-%m-%d}" for row in rows],
        [{"days": int(age[row]), "limit": stale_days} for row in rows],
    )  # fmt: skip
    if len(known.rows):
        newest = moments(known.rows["as_of"])
        holds = pd.Series(pd.NaT, index=values.index, dtype=newest.dtype)
        old = same >= 0
        holds[old] = newest.to_numpy()[same[old]] if newest.dt.tz is None else newest.iloc[same[old]].array
        late = (holds - said) > timedelta(days=1)
        rows = np.flatnonzero(late.to_numpy(bool) & there & ~findings.of("stale"))
        findings.add(
            "older", rows, "as_of", [f"{said.iloc[row]:%Y-%m-%d}" for row in rows],
            [{"holds": f"{holds.iloc[row]:%Y-%m-%d}"} for row in rows],
        )  # fmt: skip
