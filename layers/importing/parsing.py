"""How does a sheet of texts become typed rows in CGCS2000 degrees?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.crs import GEOGRAPHIC, Datum, from_datum
from gis.errors import InputError
from layers.importing.fields import Field
from layers.importing.matching import Mapped
from layers.importing.reading import Sheet
from layers.importing.values import read_column

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Parsed:
    """
    The rows of a file, typed.

    Attributes
    ----------
    values
        One column per matched column, always with ``longitude`` and ``latitude`` in CGCS2000 degrees.
    blank, wrong, texts
        Column -> rows with nothing, rows that cannot be read, and the cells as written.
    raw_place
        Longitude and latitude as the file has them, shape ``(n, 2)``.
    """

    values: pd.DataFrame
    blank: Mapping[str, Bools]
    wrong: Mapping[str, Bools]
    texts: Mapping[str, NDArray[Any]]
    raw_place: NDArray[np.float64]


def parse(sheet: Sheet, mapped: Mapped, fields: tuple[Field, ...], datum: Datum | None) -> Parsed:
    """
    Read every matched column.

    Parameters
    ----------
    datum
        What the degrees mean; needed where the file cannot say.

    Raises
    ------
    InputError
        Columns the layer must have are not in the file, or nobody says what the degrees mean.
    """
    faults = [
        f"no header is '{field.title_zh}' ({field.title_en}, column {field.column}); add it, or name it in the mapping"
        for field in mapped.absent
    ]
    if datum is None and not sheet.says_datum:
        faults.append("the file does not say what its degrees mean; say cgcs2000, wgs84, gcj02 or bd09")
    if faults:
        raise InputError(faults)
    values: dict[str, pd.Series] = {}
    blank: dict[str, Bools] = {}
    wrong: dict[str, Bools] = {}
    texts: dict[str, NDArray[Any]] = {}
    by_column = {field.column: field for field in fields}
    for column, header in mapped.columns.items():
        cells = sheet.table[header]
        values[column], blank[column], wrong[column] = read_column(cells, by_column[column])
        texts[column] = cells.to_numpy(object)
    count = len(sheet.table)
    if sheet.places is not None:
        points = sheet.places.to_numpy()
        empty = sheet.places.isna().to_numpy() | sheet.places.is_empty.to_numpy()
        raw = np.column_stack([gpd.GeoSeries(points).x.to_numpy(float), gpd.GeoSeries(points).y.to_numpy(float)])
        for column in ("longitude", "latitude"):
            blank[column], wrong[column], texts[column] = empty, np.zeros(count, bool), np.full(count, "", object)
    else:
        raw = np.column_stack(
            [pd.to_numeric(values[column], errors="coerce").to_numpy(float) for column in ("longitude", "latitude")]
        )
    place = _in_cgcs2000(raw, datum)
    values["longitude"] = pd.Series(place[:, 0], index=sheet.table.index)
    values["latitude"] = pd.Series(place[:, 1], index=sheet.table.index)
    return Parsed(pd.DataFrame(values), blank, wrong, texts, raw)


def _in_cgcs2000(raw: NDArray[np.float64], datum: Datum | None) -> NDArray[np.float64]:
    if datum is None:
        return raw
    answer = raw.copy()
    good = np.isfinite(raw).all(axis=1) & (np.abs(raw[:, 0]) <= 180) & (np.abs(raw[:, 1]) <= 90)
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(raw[good, 0], raw[good, 1], crs=GEOGRAPHIC))
    moved = from_datum(frame, datum).geometry
    answer[good] = np.column_stack([moved.x, moved.y])
    return answer
