"""Which rows does an import write? New things whole, known things where the file says something new."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from gis.crs import GEOGRAPHIC
from gis.database import Caller
from layers import catalogue, pinyin
from layers.importing.fields import NAMED, Field
from layers.importing.trial import Trial
from layers.importing.twins import plain_name
from layers.importing.values import moments
from layers.revision import Revised, append, revise
from layers.tables import Base

SAME_PLACE_DEG = 2e-7
"""Two centimetres: what rounding a coordinate to seven digits may move."""
MANY = 2000
TOGETHER = 5000
"""New rows made ready while as many before them are being written."""
_OF_THE_FILE = frozenset({"longitude", "latitude", "id", "division_code", "as_of", "source_system"})


def write(connection: Connection, trial: Trial, rows: NDArray[np.int64], caller: Caller) -> Revised:
    """Write some rows of a trial into its layer's table."""
    spec = catalogue.layer(trial.layer)
    if len(rows) > MANY:
        # Seven trigram and word indexes a row: gathered first and merged once by the next vacuum, not 4 MB at a time.
        connection.execute(text("SET LOCAL gin_pending_list_limit = '64MB'"))
        connection.execute(text("SET LOCAL work_mem = '128MB'"))
    known_at = trial.examined.known_row[rows]
    fresh, again = rows[known_at < 0], rows[known_at >= 0]
    done = [Revised(0, 0, 0)]
    if len(again):
        done.append(revise(connection, spec.table, _again(trial, again, caller), since=True))
    if len(fresh):
        done.append(append(connection, spec.table, _by_parts(trial, fresh, caller)))
    return Revised(
        sum(one.added for one in done), sum(one.changed for one in done), sum(one.unchanged for one in done), 0,
        tuple(pair for one in done for pair in one.pairs),
    )  # fmt: skip


def _again(trial: Trial, rows: NDArray[np.int64], caller: Caller) -> pd.DataFrame:
    """Rows of known things: only the columns the file has, a blank cell meaning that it says nothing."""
    known = trial.register.rows.iloc[trial.examined.known_row[rows]].reset_index(drop=True)
    frame = _common(trial, rows, caller)
    frame["id"] = known["id"].to_numpy(object)
    for field in _own(trial):
        if field.column not in trial.mapped.columns:
            continue
        said = trial.parsed.values[field.column].iloc[rows].reset_index(drop=True)
        kept = (
            said.notna().to_numpy() & ~trial.parsed.blank[field.column][rows] & ~trial.parsed.wrong[field.column][rows]
        )
        frame[field.column] = _typed(said.where(pd.Series(kept), known[field.column]), field)
    # The register's own place where the file's differs by rounding alone.
    place = trial.parsed.values[["longitude", "latitude"]].to_numpy(float)[rows]
    stands = known[["longitude", "latitude"]].to_numpy(float)
    same = (np.abs(place - stands) <= SAME_PLACE_DEG).all(axis=1) | ~np.isfinite(place).all(axis=1)
    place = np.where(same[:, None], stands, place)
    if "division_code" not in trial.mapped.columns:
        frame["division_code"] = known["division_code"].to_numpy(object)
    _add_sounds(frame, trial, known)
    answer: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*place.T, crs=GEOGRAPHIC))
    return answer


def _by_parts(trial: Trial, rows: NDArray[np.int64], caller: Caller) -> Iterator[pd.DataFrame]:
    """New rows part by part, so that the next is made while the database writes the last."""
    for at in range(0, len(rows), TOGETHER):
        yield _fresh(trial, rows[at : at + TOGETHER], caller)


def _fresh(trial: Trial, rows: NDArray[np.int64], caller: Caller) -> pd.DataFrame:
    """Rows of new things: every column of the layer, with the standard value where the file does not have it."""
    spec = catalogue.layer(trial.layer)
    values = trial.parsed.values.iloc[rows].reset_index(drop=True)
    frame = _common(trial, rows, caller)
    frame["id"] = _ids(trial, values, frame["division_code"])
    for field in _own(trial):
        given = values[field.column] if field.column in values else pd.Series([None] * len(rows), dtype=object)
        standard = tuple(field.standard) if isinstance(field.standard, tuple) else field.standard
        filled = given.astype(object)
        missing = filled.isna().to_numpy()
        if field.column not in Base.metadata.tables[f"layers.{spec.table}"].c:
            continue
        if missing.any() and standard is not None:
            filled = pd.Series(
                [standard if gone else value for value, gone in zip(filled, missing, strict=True)], dtype=object
            )
        frame[field.column] = _typed(filled, field)
    if spec.table == "enterprise":
        _complete_enterprise(frame)
    _add_sounds(frame, trial, None)
    place = values[["longitude", "latitude"]].to_numpy(float)
    answer: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*place.T, crs=GEOGRAPHIC))
    return answer


def _own(trial: Trial) -> list[Field]:
    return [field for field in trial.fields if field.column not in _OF_THE_FILE]


def _common(trial: Trial, rows: NDArray[np.int64], caller: Caller) -> pd.DataFrame:
    values = trial.parsed.values.iloc[rows].reset_index(drop=True)
    spec = catalogue.layer(trial.layer)
    now = pd.Timestamp(datetime.now(UTC))
    as_of = moments(values["as_of"]).fillna(now) if "as_of" in values else now
    source = values["source_system"].fillna(trial.file_name) if "source_system" in values else trial.file_name
    return pd.DataFrame(
        {
            "division_code": trial.examined.division_code[rows],
            "source_system": source,
            "as_of": as_of,
            "valid_from": as_of,
            "label": spec.audience,
            "mode": caller.mode,
        },
        index=values.index,
    )


def _ids(trial: Trial, values: pd.DataFrame, division: pd.Series) -> list[str]:
    """The file's own id; else the credit code; else one that follows from name and division, so that it stays."""
    given = values["id"] if "id" in values else pd.Series([None] * len(values), dtype=object)
    codes = values.get("uscc", given)
    answer = []
    for own, code, name, where in zip(given, codes, values["name"], division, strict=True):
        answer.append(str(own or code or f"{trial.layer[:2].upper()}-{_seal(str(name), str(where))}"))
    return answer


def _seal(name: str, division: str) -> str:
    return hashlib.sha256(f"{plain_name(name)}|{division}".encode()).hexdigest()[:12]


def _typed(values: pd.Series, field: Field) -> pd.Series:
    if field.kind == "codes":
        return pd.Series(
            [list(value) if value is not None else [] for value in values], index=values.index, dtype=object
        )
    if field.kind == "integer" or (field.kind == "code" and all(isinstance(code, int) for code in field.choices)):
        return pd.to_numeric(values, errors="coerce").astype("Int64")
    return values.astype(object)


def _complete_enterprise(frame: pd.DataFrame) -> None:
    """What a register needs and a file may leave out, from what it says."""
    people = frame["people"].astype(float).fillna(0)
    # Employees alone, of the classes for industry of 工信部联企业〔2011〕300号; turnover would be needed for more.
    by_people = np.select([people >= 1000, people >= 300, people >= 20], ["large", "medium", "small"], "micro")
    frame["size_class"] = frame["size_class"].where(
        frame["size_class"].notna(), pd.Series(by_people, index=frame.index)
    )
    frame["short_name"] = frame["short_name"].where(frame["short_name"].notna(), frame["name"])
    frame["on_shift"] = frame["on_shift"].fillna(frame["people"])
    risk = frame["risk_level"].astype("Float64")
    hazard = frame["hazard_level"].astype("Float64")
    # The rank by which a thinned tile keeps the riskiest, as the sample city has it.
    rank = (60 - 10 * hazard).fillna(0) + (40 - 8 * risk).fillna(0) + frame["sectors"].map(len)
    frame["risk_rank"] = rank.astype(int)


def _add_sounds(frame: pd.DataFrame, trial: Trial, known: pd.DataFrame | None) -> None:
    """Pinyin and initials, read again only where the name is new."""
    if catalogue.layer(trial.layer).table not in NAMED or "name" not in frame:
        return
    names = [str(name) for name in frame["name"]]
    if known is None:
        sounds = pinyin.of_names(names)
    else:
        same = (frame["name"] == known["name"]).to_numpy(bool)
        fresh = iter(pinyin.of_names([name for name, old in zip(names, same, strict=True) if not old]))
        kept = zip(same, known["pinyin"], known["initials"], strict=True)
        sounds = [(full, short) if old else next(fresh) for old, full, short in kept]
    frame["pinyin"] = [full for full, _ in sounds]
    frame["initials"] = [short for _, short in sounds]
