"""How are places, closed areas and cloud frames read from files, with every fault named at once?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio.errors
import shapely

from gis import safe_json
from gis.crs import GEOGRAPHIC, LonLat, as_geographic
from gis.errors import InputError, MissingError

_MOST_FAULTS = 20


def read_places(
    path: Path | str, *, number: str | None = None, text: str | None = None, optional: tuple[str, ...] = ()
) -> gpd.GeoDataFrame:
    """
    Read a CSV (UTF-8, or GB 18030 as spreadsheets here write it) with ``id, longitude, latitude`` and maybe ``name``
    and further columns.

    Parameters
    ----------
    number
        A column of whole numbers >= 0 that must be there: ``people`` or ``capacity``.
    text
        A column that must be there as text, such as ``kind``; empty cells become "".
    optional
        Columns of numbers >= 0 that may be there; empty cells become NaN.

    Raises
    ------
    MissingError
        No such file.
    InputError
        Missing columns, doubled ids, cells that are no numbers, impossible coordinates: all of them, by line.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingError(f"there is no file {path}")
    frame = _table(path)
    frame.columns = [str(column).strip().lower() for column in frame.columns]
    needed = ["id", "longitude", "latitude", *([number] if number else [])]
    faults = [f"{path.name}: column '{column}' is missing" for column in needed if column not in frame.columns]
    if faults:
        raise InputError(faults)
    if frame.empty:
        raise InputError(f"{path.name}: the table has no rows")
    values = {column: pd.to_numeric(frame[column], errors="coerce") for column in needed if column != "id"}
    for line in range(2, len(frame) + 2):
        lon, lat = values["longitude"].iloc[line - 2], values["latitude"].iloc[line - 2]
        try:
            LonLat(float(lon), float(lat)).checked()
        except InputError as error:
            faults.append(f"{path.name} line {line}: {error}")
        if number:
            count = values[number].iloc[line - 2]
            if not (np.isfinite(count) and count >= 0 and float(count).is_integer()):
                faults.append(
                    f"{path.name} line {line}: {number} '{frame[number].iloc[line - 2]}' is no whole number >= 0"
                )
    for column in (name for name in optional if name in frame.columns):
        text_of = frame[column].str.strip()
        values[column] = pd.to_numeric(text_of.where(text_of != ""), errors="coerce")
        wrong = (text_of != "") & ~(values[column] >= 0)
        faults.extend(
            f"{path.name} line {line + 2}: {column} '{frame[column].iloc[line]}' is no number >= 0"
            for line in np.flatnonzero(wrong)
        )
    faults.extend(f"{path.name} line {line + 2}: the id is empty" for line in np.flatnonzero(frame["id"] == ""))
    doubled = sorted(set(frame.loc[frame["id"].duplicated(), "id"]) - {""})
    faults.extend(f"{path.name}: id '{key}' stands there more than once" for key in doubled)
    if faults:
        rest = len(faults) - _MOST_FAULTS
        raise InputError([*faults[:_MOST_FAULTS], *([f"and {rest} more"] if rest > 0 else [])])
    if number:
        frame[number] = values[number].astype(np.int64)
    for column in (name for name in optional if name in frame.columns):
        frame[column] = values[column]
    for label in ("name", text):
        if label and label not in frame.columns:
            frame[label] = frame["id"] if label == "name" else ""
    return gpd.GeoDataFrame(
        frame.drop(columns=["longitude", "latitude"]),
        geometry=gpd.points_from_xy(values["longitude"], values["latitude"]),
        crs=GEOGRAPHIC,
    )


def _table(path: Path) -> pd.DataFrame:
    """The cells of a CSV as text; a file that is not UTF-8 is taken as GB 18030 before it is refused."""
    fault: Exception | None = None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return pd.read_csv(path, dtype=str, keep_default_na=False, encoding=encoding, skipinitialspace=True)
        except UnicodeDecodeError as error:
            fault = error
        except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise InputError(f"{path.name}: not a CSV table ({str(error).strip()})") from error
    raise InputError(f"{path.name}: not a CSV table in UTF-8 or GB 18030 ({fault})") from fault


def read_areas(path: Path | str) -> gpd.GeoDataFrame:
    """
    Read polygons from GeoJSON (or another vector file), lon/lat.

    Raises
    ------
    MissingError
        No such file.
    InputError
        Not readable, empty, or coordinates that cannot be longitude and latitude.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingError(f"there is no file {path}")
    try:
        frame = gpd.read_file(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise InputError(f"{path.name}: no areas can be read from it; give GeoJSON polygons in lon/lat") from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise InputError(f"{path.name}: it holds no polygon")
    if frame.crs is None:
        frame = frame.set_crs(GEOGRAPHIC)
    frame = as_geographic(frame)
    coords = shapely.get_coordinates(frame.geometry.to_numpy())
    if len(coords) and (np.abs(coords[:, 0]).max() > 180 or np.abs(coords[:, 1]).max() > 90):
        raise InputError(f"{path.name}: coordinates outside -180..180, -90..90 degrees; GeoJSON is longitude, latitude")
    return frame


def read_all(*reads: Callable[[], Any]) -> list[Any]:
    """
    What each of some readers gives; the faults of all of them are told at once.

    Raises
    ------
    MissingError, InputError
        The one error of one reader as it is, or an InputError with the faults of several.
    """
    found: list[Any] = []
    faults: list[InputError | MissingError] = []
    for read in reads:
        try:
            found.append(read())
        except (InputError, MissingError) as error:
            faults.append(error)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise InputError([line for one in faults for line in getattr(one, "faults", (str(one),))])
    return found


def parse_place(text: str, option: str) -> LonLat:
    """
    Place from ``lon,lat``.

    Raises
    ------
    InputError
        Not two numbers, or numbers that cannot be longitude and latitude.
    """
    parts = text.replace("，", ",").split(",")
    try:
        longitude, latitude = (float(part) for part in parts)
    except ValueError:
        raise InputError(f"{option} '{text}': give longitude,latitude in degrees, for instance 121.47,31.23") from None
    try:
        return LonLat(longitude, latitude).checked()
    except InputError as error:
        raise InputError(f"{option} '{text}': {error}") from None


def read_json(path: Path | str) -> Any:
    """
    Any JSON document.

    Raises
    ------
    MissingError
        No such file.
    InputError
        Not JSON.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingError(f"there is no file {path}")
    return safe_json.read(path.read_bytes(), path.name)
