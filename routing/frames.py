"""How do concentration frames (NetCDF) become areas that are covered for a time?"""

from pathlib import Path
from typing import Any

import numpy as np
import rasterio.features
import shapely
from affine import Affine
from scipy.io import netcdf_file

from gis.crs import LocalFrame, LonLat
from gis.errors import InputError, MissingError
from routing.hazard import Frame, Hazard

NEEDED = ("time", "x", "y", "concentration")


def read_frames(path: Path | str, level_mg_m3: float) -> Hazard:
    """
    Hazard from gridded concentrations: covered is where `level_mg_m3` is reached.

    Reads NetCDF 3 with ``time`` (s after departure), ``y``, ``x`` (m from ``source_longitude, source_latitude``) and
    ``concentration(time, y, x)`` in mg/m3. A frame holds from the frame before it to the frame after it, because nobody
    knows what lies between; the last one holds for good where the file ends while the cloud is still there.

    Raises
    ------
    MissingError
        No such file.
    InputError
        Not such a file, or a level not above 0.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingError(f"there is no file {path}")
    if not level_mg_m3 > 0:
        raise InputError(f"hazard level {level_mg_m3} mg/m3: give a number above 0")
    times, east, north, values, source = _read(path)
    frame = LocalFrame(source)
    order = np.argsort(north)
    step_x, step_y = float(np.diff(east).mean()), float(np.diff(north[order]).mean())
    # Row 0 of the picture is the southernmost, so y grows with the row.
    transform = Affine(step_x, 0, float(east[0]) - step_x / 2, 0, step_y, float(north[order][0]) - step_y / 2)
    frames = []
    for i in range(len(times)):
        field = values[i][order]
        covered = field >= level_mg_m3
        if not covered.any():
            continue
        rings = rasterio.features.shapes(covered.astype(np.uint8), mask=covered, transform=transform)
        area = shapely.union_all([shapely.geometry.shape(g) for g, value in rings if value])
        area = shapely.transform(area, lambda c: np.column_stack(frame.to_degrees(c[:, 0], c[:, 1])))
        shapely.prepare(area)
        since = float(times[i - 1]) if i else float(min(times[0], 0.0))
        until = float(times[i + 1]) if i + 1 < len(times) else float("inf")
        frames.append(Frame(area, since, until, float(field[covered].mean())))
    return Hazard(tuple(frames))


def substance_of(path: Path | str) -> str:
    """Name of the substance a frames file speaks of; empty where it says none."""
    with netcdf_file(path, "r", mmap=False) as file:
        return _text(getattr(file, "substance", b""))


def _read(path: Path) -> tuple[Any, Any, Any, Any, LonLat]:
    try:
        with netcdf_file(path, "r", mmap=False) as file:
            missing = [name for name in NEEDED if name not in file.variables]
            if missing:
                raise InputError(f"{path.name}: the frames lack {', '.join(missing)}")
            columns = [np.array(file.variables[name][:], float) for name in NEEDED]
            place = [getattr(file, f"source_{side}", None) for side in ("longitude", "latitude")]
    except (TypeError, ValueError, OSError, IndexError) as error:
        raise InputError(f"{path.name}: no frames in NetCDF 3 can be read from it ({error})") from error
    times, east, north, values = columns
    if place[0] is None or place[1] is None:
        raise InputError(f"{path.name}: the frames do not say where their grid lies (source_longitude …)")
    if values.shape != (len(times), len(north), len(east)) or len(east) < 2 or len(north) < 2:
        raise InputError(f"{path.name}: concentration has shape {values.shape}, not (time, y, x)")
    at = LonLat(float(np.ravel(place[0])[0]), float(np.ravel(place[1])[0])).checked()
    return times, east, north, values, at


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
