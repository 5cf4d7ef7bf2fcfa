"""
Where do things pile up, when, and is it more than chance? Counts of a filter as hexagons, clusters, months and hours.

Every part is drawn from the same rows, so that every total is the filter's. Clusters are Getis-Ord Gi* over
neighbouring hexagons (Ord and Getis 1995) with the false discoveries of Benjamini and Hochberg (1995) held at 5 %.
"""

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select, text

from gis.errors import InputError
from layers.codes import SECTORS, SIZE_CLASSES
from layers.rows import standing
from layers.tables import Base

FloatArray = NDArray[np.float64]

Subject = Literal["enterprise", "event"]
CHINA = timezone(timedelta(hours=8))
SMALL_N = 30
"""Fewer than this many are said to be few: no share and no cluster of them is worth a decision."""
LEAST_CELLS = 30
"""Gi* is normal only over enough neighbours; below this many hexagons no cluster is named."""
FALSE_DISCOVERY = 0.05
RESOLUTIONS = (6, 7, 8)
"""H3: edges of about 3.7, 1.4 and 0.5 km."""

# Register -> its column with the time it happened; registers that give a day alone have no hour.
EVENTS: tuple[tuple[str, str], ...] = (
    ("accident", "happened_at"), ("hotline_12350", "reported_at"), ("warning", "issued_at"),
    ("hidden_danger", "found_on"), ("inspection", "checked_on"), ("enforcement", "decided_on"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cut:
    """
    What is looked at.

    Attributes
    ----------
    subject
        Enterprises of the register, or events: alarms, accidents, reports, warnings, hidden dangers, inspections.
    sector, size_class
        Of enterprises; empty takes all.
    kind
        Of events: a register or ``alarm``; empty takes all.
    county
        Division code; empty takes all the caller sees.
    """

    subject: Subject = "enterprise"
    sector: str = ""
    size_class: str = ""
    kind: str = ""
    county: str = ""

    def checked(self) -> "Cut":
        """
        Return self.

        Raises
        ------
        InputError
            A code that there is not.
        """
        faults = []
        if self.subject not in ("enterprise", "event"):
            faults.append(f"subject is '{self.subject}'; choose enterprise or event")
        if self.sector and self.sector not in SECTORS:
            faults.append(f"sector is '{self.sector}'; choose one of {', '.join(SECTORS)}")
        if self.size_class and self.size_class not in SIZE_CLASSES:
            faults.append(f"size is '{self.size_class}'; choose one of {', '.join(SIZE_CLASSES)}")
        if self.kind and self.kind not in ("alarm", *(name for name, _ in EVENTS)):
            faults.append(f"kind is '{self.kind}'; choose alarm or a register with a time")
        if faults:
            raise InputError(faults)
        return self


@dataclass(frozen=True, slots=True)
class Analysis:
    """
    What a cut holds.

    Attributes
    ----------
    total, unplaced, untimed, undated
        All rows; those without a place (in no hexagon); without an hour (not in the matrix); without even a month.
    cells
        H3 cell, count, Gi* score, and its class: 2 hot, 1 warm, 0 not significant, -1 and -2 cold.
    groups
        Sector or kind -> rows; an enterprise of two sectors counts in both.
    months, sector_months
        Month -> kind, or sector of the enterprise it happened at, -> rows, oldest first; of two sectors counts in both.
    matrix
        ``(7, 24)`` rows by weekday (Monday first) and hour, in the clock of China.
    few, few_cells
        Too few rows, or hexagons, to conclude anything.
    """

    cut: Cut
    resolution: int
    total: int
    unplaced: int
    untimed: int
    undated: int
    cells: tuple[tuple[str, int, float, int], ...]
    groups: dict[str, int]
    months: dict[str, dict[str, int]]
    sector_months: dict[str, dict[str, int]]
    matrix: tuple[tuple[int, ...], ...]
    few: bool
    few_cells: bool


def analyse(connection: Connection, cut: Cut, resolution: int = 7) -> Analysis:
    """
    Analyse what `cut` holds in the caller's world.

    Raises
    ------
    InputError
        A code or resolution that there is not.
    """
    if resolution not in RESOLUTIONS:
        raise InputError(f"resolution is {resolution}; choose one of {', '.join(map(str, RESOLUTIONS))}")
    rows = _enterprises(connection, cut.checked()) if cut.subject == "enterprise" else _events(connection, cut)
    placed = rows["longitude"].notna()
    counted = hexagons(rows.loc[placed, "longitude"].to_numpy(), rows.loc[placed, "latitude"].to_numpy(), resolution)
    scores, classes = significance(counted)
    groups: Counter[str] = Counter(name for names in rows["groups"] for name in names)
    timed = rows[rows["hour"].notna()]
    matrix = np.zeros((7, 24), dtype=int)
    np.add.at(matrix, (timed["weekday"].astype(int), timed["hour"].astype(int)), 1)
    dated = rows[rows["month"] != ""]
    return Analysis(
        cut=cut,
        resolution=resolution,
        total=len(rows),
        unplaced=int((~placed).sum()),
        untimed=len(rows) - len(timed),
        undated=len(rows) - len(dated),
        cells=tuple((cell, number, scores[cell], classes[cell]) for cell, number in sorted(counted.items())),
        groups=dict(groups.most_common()),
        months=_by_month((month, [kind]) for month, kind in zip(dated["month"], dated["kind"], strict=True)),
        sector_months=_by_month(zip(dated["month"], dated["sectors"], strict=True)),
        matrix=tuple(tuple(int(value) for value in row) for row in matrix),
        few=len(rows) < SMALL_N,
        few_cells=len(counted) < LEAST_CELLS,
    )


def _by_month(dated: Iterable[tuple[str, Sequence[str]]]) -> dict[str, dict[str, int]]:
    """Month -> name -> rows, oldest first; a month without any stands empty between two that have some."""
    months: dict[str, dict[str, int]] = {}
    for (month, name), number in Counter((month, name) for month, names in dated for name in names).items():
        months.setdefault(month, {})[name] = number
    every = [str(month) for month in pd.period_range(min(months), max(months), freq="M")] if months else []
    return {month: months.get(month, {}) for month in every}


def counties(connection: Connection) -> list[tuple[str, str]]:
    """Codes and names of the counties that stand, by code."""
    table = Base.metadata.tables["layers.division"]
    rows = connection.execute(
        select(table.c.id, table.c.name).where(standing(table) & (table.c.level == "county")).order_by(table.c.id)
    )
    return [(row[0], row[1]) for row in rows]


def hexagons(
    longitude: Sequence[float] | FloatArray, latitude: Sequence[float] | FloatArray, resolution: int
) -> dict[str, int]:
    """
    Count points per H3 cell.

    Examples
    --------
    >>> sum(hexagons([118.7, 118.7, 118.9], [31.4, 31.4, 31.5], 7).values())
    3
    """
    import h3

    return dict(Counter(h3.latlng_to_cell(y, x, resolution) for x, y in zip(longitude, latitude, strict=True)))


def significance(counted: dict[str, int]) -> tuple[dict[str, float], dict[str, int]]:
    """
    Gi* score of every cell, and its class: 2 and -2 pass the false-discovery test, 1 and -1 only 5 % alone.

    The study area is every cell that holds something and its neighbours, so that emptiness beside a cluster counts too.
    """
    none = dict.fromkeys(counted, 0.0), dict.fromkeys(counted, 0)
    if len(counted) < LEAST_CELLS or len(set(counted.values())) == 1:
        return none
    import h3
    from esda.getisord import G_Local
    from libpysal.weights import W

    area = sorted({near for cell in counted for near in h3.grid_disk(cell, 1)})
    known = set(area)
    near_by = {cell: [one for one in h3.grid_disk(cell, 1) if one != cell and one in known] for cell in area}
    with warnings.catch_warnings():
        # Islands of hexagons are what a city has; the library warns of them each time.
        warnings.simplefilter("ignore")
        weights = W(near_by, silence_warnings=True)
        values = np.array([counted.get(cell, 0) for cell in weights.id_order], dtype=float)
        found = G_Local(values, weights, transform="b", permutations=0, star=True)
    chance = 2 * found.p_norm  # one tail as it comes
    order = np.argsort(chance)
    below = np.flatnonzero(chance[order] <= FALSE_DISCOVERY * np.arange(1, len(chance) + 1) / len(chance))
    passed = np.zeros(len(chance), dtype=bool)
    if len(below):
        passed[order[: below[-1] + 1]] = True
    scores, classes = none
    for cell, score, sure, single in zip(weights.id_order, found.Zs, passed, chance <= FALSE_DISCOVERY, strict=True):
        if cell in counted:
            scores[cell] = float(score)
            classes[cell] = int(np.sign(score)) * (2 if sure else 1 if single else 0)
    return scores, classes


def _enterprises(connection: Connection, cut: Cut) -> pd.DataFrame:
    table = Base.metadata.tables["layers.enterprise"]
    wanted = standing(table)
    if cut.sector:
        wanted = wanted & table.c.sectors.contains([cut.sector])
    if cut.size_class:
        wanted = wanted & (table.c.size_class == cut.size_class)
    if cut.county:
        wanted = wanted & (table.c.division_code == cut.county)
    rows = connection.execute(
        select(func.ST_X(table.c.geometry), func.ST_Y(table.c.geometry), table.c.sectors).where(wanted)
    ).all()
    frame = pd.DataFrame(
        {
            "longitude": [row[0] for row in rows],
            "latitude": [row[1] for row in rows],
            "groups": [tuple(row[2]) or ("none",) for row in rows],
        }
    )
    return frame.assign(kind="enterprise", month="", sectors=frame["groups"], weekday=np.nan, hour=np.nan)


# An alarm that came back has an end, and happened all the same.
_EVENTS = text(
    """
    SELECT kind, happened, ST_X(place) AS longitude, ST_Y(place) AS latitude, has_hour, sectors FROM (
        SELECT own.register AS kind, own.division_code, coalesce(own.geometry, firm.geometry) AS place,
            own.attributes ->> named.attribute AS happened, named.attribute LIKE '%\\_at' AS has_hour, firm.sectors
        FROM layers.register_row AS own
        JOIN unnest(CAST(:registers AS text[]), CAST(:attributes AS text[])) AS named (register, attribute)
            ON named.register = own.register
        LEFT JOIN layers.enterprise AS firm ON firm.id = own.enterprise_id AND firm.mode = own.mode
            AND firm.superseded_at IS NULL AND firm.valid_to IS NULL
        WHERE own.superseded_at IS NULL AND own.valid_to IS NULL AND own.mode = current_setting('onemap.mode', true)
        UNION ALL
        SELECT 'alarm', own.division_code, own.geometry,
            to_char(own.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\\:MI\\:SS"Z"'), true, firm.sectors
        FROM layers.alarm AS own
        LEFT JOIN layers.tag AS tag ON tag.id = own.tag_id AND tag.mode = own.mode
            AND tag.superseded_at IS NULL AND tag.valid_to IS NULL
        LEFT JOIN layers.enterprise AS firm ON firm.id = tag.enterprise_id AND firm.mode = own.mode
            AND firm.superseded_at IS NULL AND firm.valid_to IS NULL
        WHERE own.superseded_at IS NULL AND own.mode = current_setting('onemap.mode', true)
    ) AS event
    WHERE (:kind = '' OR kind = :kind) AND (:county = '' OR left(division_code, 6) = :county)
    """
)


def _events(connection: Connection, cut: Cut) -> pd.DataFrame:
    values = {
        "registers": [name for name, _ in EVENTS],
        "attributes": [attribute for _, attribute in EVENTS],
        "kind": cut.kind,
        "county": cut.county,
    }
    rows: Any = connection.execute(_EVENTS, values).mappings().all()
    when = pd.to_datetime([row["happened"] for row in rows], errors="coerce", utc=True, format="mixed")
    has_hour = np.array([bool(row["has_hour"]) for row in rows], dtype=bool)
    local = when.tz_convert(CHINA) if len(rows) else when
    # A day without an hour is a day of the calendar, not midnight in Greenwich.
    months = [
        "" if pd.isna(moment) else (str(row["happened"])[:7] if not hour else f"{moment:%Y-%m}")
        for row, moment, hour in zip(rows, local, has_hour, strict=True)
    ]
    known = has_hour & ~pd.isna(when)
    return pd.DataFrame(
        {
            "longitude": pd.Series([row["longitude"] for row in rows], dtype=float),
            "latitude": pd.Series([row["latitude"] for row in rows], dtype=float),
            "groups": [(row["kind"],) for row in rows],
            "kind": [row["kind"] for row in rows],
            "month": months,
            "sectors": [tuple(row["sectors"] or ()) or ("none",) for row in rows],
            "weekday": np.where(known, local.day_of_week if len(rows) else [], np.nan),
            "hour": np.where(known, local.hour if len(rows) else [], np.nan),
        }
    )
