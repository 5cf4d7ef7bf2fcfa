"""Is this row something the file or the register already has under another line?"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from layers.importing.findings import Findings, Rule
from layers.importing.known import Known, in_metres

Bools = NDArray[np.bool_]

NEAR_M = 30.0
ALIKE = 0.5
"""Share of a name that must agree when the telephone agrees too."""
MISTYPED = 1
"""Characters by which two names may differ when the person or the address agrees: firms of one trade in one street
bear names that are alike in most of their characters."""
_FORM = re.compile(
    r"(股份有限公司|有限责任公司|有限公司|集团公司|分公司|子公司|总公司|公司|集团|总厂|分厂|工厂|老厂|新厂|厂区|厂|店|部|站)+(?=\0|$)"
)
_BRACKETS = re.compile(r"[（(【\[][^）)】\]\0]*[）)】\]]")
_MARKS = re.compile(r"[\s·•\-_.,，。、()（）\[\]【】\"'“”]")
_SAME_LINE = ("duty_phone", "phone")
_SAME_PERSON = ("safety_head", "manager", "address")
SHORTEST_CORE = 3


def plain_name(name: str) -> str:
    """
    Name without width, case, spaces and marks, as two clerks would write it alike.

    Examples
    --------
    >>> plain_name("演练 ＡＢ（化工）有限公司") == plain_name("演练ab(化工)有限公司")
    True
    """
    return _MARKS.sub("", unicodedata.normalize("NFKC", name)).lower()


def plain_names(names: Sequence[str]) -> list[str]:
    """`plain_name` of many."""
    return _together(lambda text: _MARKS.sub("", text).lower(), names)


def core_name(name: str) -> str:
    """
    Name without brackets and legal form.

    Examples
    --------
    >>> core_name("演练恒泽机械有限公司（二厂）"), core_name("演练恒泽机械厂")
    ('演练恒泽机械', '演练恒泽机械')
    """
    return core_names([name])[0]


def core_names(names: Sequence[str]) -> list[str]:
    """`core_name` of many."""
    plain = _together(lambda text: _MARKS.sub("", _BRACKETS.sub("", text)).lower(), names)
    return [
        core or whole for core, whole in zip(_together(lambda text: _FORM.sub("", text), plain), plain, strict=True)
    ]


def _together(change: Callable[[str], str], names: Sequence[str]) -> list[str]:
    """Change many names as one long text, which is a fraction of the work; a name may not hold what parts them."""
    folded = [unicodedata.normalize("NFKC", name.replace("\0", " ")) for name in names]
    return change("\0".join(folded)).split("\0") if names else []


@dataclass(frozen=True)
class NameKeys:
    """What tells things apart by name: of the rows of the file, and of those of the register."""

    file: pd.Series
    register: pd.Series


def name_keys(values: pd.DataFrame, known: Known, division: NDArray[Any], *, unique_names: bool) -> NameKeys:
    """Names as two clerks would write them alike, with the division where a name is unique in it only."""
    stored = pd.Series([], dtype=object)
    if len(known.rows):
        stored = _keys(known.rows["name"], known.rows["division_code"], unique_names)
    return NameKeys(_keys(values["name"], division, unique_names), stored)


def same_thing(values: pd.DataFrame, known: Known, names: NameKeys, sound_code: Bools) -> NDArray[np.int64]:
    """
    Position in ``known.rows`` of the thing each row speaks of, -1 where the register does not have it.

    By id, then by a sound credit code; by name only where the row has no sound code to go by.
    """
    count = len(values)
    answer = np.full(count, -1, np.int64)
    if len(known.rows) == 0:
        return answer
    if "id" in values:
        answer = _positions(known.rows["id"], values["id"])
    if "uscc" in known.rows and "uscc" in values:
        by_code = _positions(known.rows["uscc"], values["uscc"].where(sound_code))
        answer = np.where(answer < 0, by_code, answer)
    by_name = _positions(names.register, names.file)
    return np.asarray(np.where((answer < 0) & ~sound_code, by_name, answer), np.int64)


def repeated(
    values: pd.DataFrame,
    known: Known,
    names: NameKeys,
    same: NDArray[np.int64],
    sound_code: Bools,
    placed: Bools,
    findings: Findings,
) -> None:
    """Name rows that repeat another row of the file, or a row of the register that is not the one they speak of."""
    if "id" in values:
        _again(values["id"], "duplicate_id", "id", findings)
    if "uscc" in values:
        codes = values["uscc"].where(sound_code)
        _again(codes, "duplicate_uscc", "uscc", findings)
        if "uscc" in known.rows:
            _elsewhere(codes, known.rows["uscc"], same, known, "duplicate_uscc", "uscc", findings)
    _again(names.file, "duplicate_name", "name", findings, shown=values["name"])
    _elsewhere(names.file, names.register, same, known, "duplicate_name", "name", findings, shown=values["name"])
    _near(values, known, same, placed, findings)


def _keys(names: pd.Series, division: Sequence[Any] | NDArray[Any] | pd.Series, unique_names: bool) -> pd.Series:
    places, different = pd.factorize(names.astype(object))
    # -1 stands for a missing name, which repeats nothing.
    plain = np.array([*plain_names([str(name) for name in different]), ""], object)[places]
    keys = pd.Series(plain, index=names.index, dtype=object)
    if not unique_names:
        keys = keys + "|" + pd.Series(np.asarray(division, object), index=names.index).astype(str)
    return keys.where(pd.Series(plain != "", index=names.index))


def _positions(stored: pd.Series, wanted: pd.Series) -> NDArray[np.int64]:
    last_first = zip(reversed(stored.tolist()), range(len(stored) - 1, -1, -1), strict=True)
    first = {key: at for key, at in last_first if isinstance(key, str) and key}
    return np.fromiter((first.get(key, -1) for key in wanted.tolist()), np.int64, len(wanted))


def _again(keys: pd.Series, rule: Rule, column: str, findings: Findings, shown: pd.Series | None = None) -> None:
    """Every row but the first of each key."""
    there = keys.notna().to_numpy() & (keys != "").to_numpy()
    places, _ = pd.factorize(keys.where(there))
    later = pd.Series(places).duplicated().to_numpy() & there
    rows = np.flatnonzero(later)
    if len(rows) == 0:
        return
    first = pd.Series(np.arange(len(places)), index=places)
    first = first[~first.index.duplicated()]
    told = keys if shown is None else shown
    facts = [{"other_row": int(first[places[row]])} for row in rows]
    findings.add(rule, rows, column, [told.iloc[row] for row in rows], facts)


def _elsewhere(
    keys: pd.Series, stored: pd.Series, same: NDArray[np.int64], known: Known, rule: Rule, column: str,
    findings: Findings, shown: pd.Series | None = None,
) -> None:  # fmt: skip
    """Rows whose key the register has under another thing."""
    if len(known.rows) == 0:
        return
    at = _positions(stored, keys)
    rows = np.flatnonzero((at >= 0) & (at != same))
    told = keys if shown is None else shown
    facts = [
        {"other_id": str(known.rows["id"].iloc[at[row]]), "other_name": str(known.rows["name"].iloc[at[row]])}
        for row in rows
    ]
    findings.add(rule, rows, column, [told.iloc[row] for row in rows], facts)


def _mistyped(one: str, two: str) -> bool:
    """Whether two names differ by one character put in, left out or changed."""
    if abs(len(one) - len(two)) > MISTYPED:
        return False
    begin = next((at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    rest = len(one) - begin - 1, len(two) - begin - 1
    tails = (rest, (rest[0], rest[1] + 1), (rest[0] + 1, rest[1]))
    return any(one[len(one) - a :] == two[len(two) - b :] for a, b in tails if a == b and a >= 0)


def _near(values: pd.DataFrame, known: Known, same: NDArray[np.int64], placed: Bools, findings: Findings) -> None:
    """Rows that stand where another stands and bear nearly its name: the later one is named."""
    mine = np.flatnonzero(placed)
    if len(mine) == 0:
        return
    others = np.setdiff1d(np.arange(len(known.rows)), same[same >= 0])
    lon = values["longitude"].to_numpy(float, na_value=np.nan)
    lat = values["latitude"].to_numpy(float, na_value=np.nan)
    xy = in_metres(known, lon[mine], lat[mine])
    if len(others):
        place = known.rows[["longitude", "latitude"]].to_numpy(float)[others]
        there = in_metres(known, *place.T)
        # Of a large register only what stands near a row of the file.
        close = np.isfinite(cKDTree(xy).query(there, distance_upper_bound=NEAR_M)[0])
        others, there = others[close], there[close]
        # The register first: of a pair the later line is the one in question.
        xy = np.vstack([there, xy])
    if len(xy) < 2:
        return
    pairs = cKDTree(xy).query_pairs(NEAR_M, output_type="ndarray")
    if len(pairs) == 0:
        return
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    fresh = high >= len(others)
    low, high = low[fresh], high[fresh]

    def column(name: str) -> NDArray[Any]:
        blanks = pd.Series([""] * len(xy), dtype=object)
        theirs = known.rows[name].iloc[others] if name in known.rows else blanks[: len(others)]
        ours = values[name].iloc[mine] if name in values else blanks[len(others) :]
        return np.asarray(pd.concat([theirs, ours]).fillna(""), object)

    names = column("name")
    listed = core_names([str(name) for name in names.tolist()])
    cores = np.array(listed, object)
    long_enough = np.fromiter(map(len, listed), np.int64, len(listed)) >= SHORTEST_CORE
    code, _ = pd.factorize(cores)
    suspect = (code[low] == code[high]) & long_enough[low]

    def agree(columns: Sequence[str]) -> Bools:
        shared = np.zeros(len(low), bool)
        for name in columns:
            cells = column(name)
            number, _ = pd.factorize(cells)
            shared |= (number[low] == number[high]) & (cells[low] != "")
        return shared

    for at in np.flatnonzero(agree(_SAME_LINE) & ~suspect):
        one, two = str(names[low[at]]), str(names[high[at]])
        suspect[at] = SequenceMatcher(None, one, two, autojunk=False).ratio() >= ALIKE
    length = np.fromiter((len(str(name)) for name in names.tolist()), np.int64, len(names))
    as_long = np.abs(length[low] - length[high]) <= MISTYPED
    for at in np.flatnonzero(agree(_SAME_PERSON) & ~suspect & as_long):
        suspect[at] = _mistyped(str(names[low[at]]), str(names[high[at]]))
    # One name within the other: only pairs that begin or end alike are looked at one by one.
    begins, _ = pd.factorize(np.array([core[:4] for core in listed], object))
    ends, _ = pd.factorize(np.array([core[-4:] for core in listed], object))
    four = np.fromiter(map(len, listed), np.int64, len(listed)) >= 4
    alike = ((begins[low] == begins[high]) | (ends[low] == ends[high])) & (code[low] != code[high])
    looked_at = np.flatnonzero(~suspect & alike & four[low] & four[high])
    both = zip(cores[low[looked_at]].tolist(), cores[high[looked_at]].tolist(), strict=True)
    suspect[looked_at] = [one in two or two in one for one, two in both]
    facts, rows, shown = [], [], []
    for at in np.flatnonzero(suspect):
        first, row = int(low[at]), int(mine[high[at] - len(others)])
        metres = float(np.hypot(*(xy[low[at]] - xy[high[at]])))
        fact: dict[str, Any] = {"distance_m": round(metres, 1), "other_name": str(names[first])}
        if first >= len(others):
            fact["other_row"] = int(mine[first - len(others)])
        else:
            fact["other_id"] = str(known.rows["id"].iloc[others[first]])
        rows.append(row)
        facts.append(fact)
        shown.append(names[high[at]])
    # Of several neighbours the first is named.
    order = sorted({row: at for at, row in reversed(list(enumerate(rows)))}.values())
    findings.add(
        "duplicate_near", [rows[at] for at in order], "name", [shown[at] for at in order], [facts[at] for at in order]
    )
