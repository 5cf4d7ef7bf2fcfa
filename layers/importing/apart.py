"""What stands in a stranger's file? Read behind the limits of a process of its own, handed back as plain columns."""

import json
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely

from gis.crs import GEOGRAPHIC
from gis.errors import InputError, MissingError, OneMapError
from gis.sandbox import own_folder, run_apart
from layers.importing import reading
from layers.importing.reading import Sheet

KEPT = 2
"""Sheets remembered: a file is matched, examined and imported one after the other, and read once."""
_PLACE = "\x00place"
_kept: OrderedDict[tuple[str, str, int, int], Sheet] = OrderedDict()
_lock = threading.Lock()


def read(path: Path, name: str = "") -> Sheet:
    """
    Read a file as `reading.read` does, in a process of its own.

    Raises
    ------
    MissingError, InputError
        See `reading.read`; also when reading takes more memory or time than a true table needs.
    """
    said = Path(name or path.name).name
    try:
        state = path.stat()
    except OSError as error:
        raise MissingError(f"{said} is not there") from error
    key = (str(path.absolute()), said, state.st_size, state.st_mtime_ns)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    with own_folder() as folder:
        (folder / "asked.json").write_text(json.dumps([str(path.absolute()), said]), encoding="utf-8")
        run_apart(_work, folder, said, preload=__name__)
        sheet = _taken(folder, said)
    with _lock:
        _kept[key] = sheet
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return sheet


def _work(folder: Path) -> None:
    """Read, behind the limits, and leave the answer."""
    path, said = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    told: dict[str, Any]
    try:
        sheet = reading.read(Path(path), said)
    except OneMapError as error:
        told = {"fault": type(error).__name__, "text": str(error)}
    else:
        cells = (sheet.table.iloc[:, at].tolist() for at in range(sheet.table.shape[1]))
        columns = {str(at): pa.array(column, pa.string()) for at, column in enumerate(cells)}
        if sheet.places is not None:
            columns[_PLACE] = pa.array(shapely.to_wkb(sheet.places.to_numpy()).tolist(), pa.binary())
        table = pa.table(columns)
        with pa.OSFile(str(folder / "sheet.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        told = {
            "format": sheet.format, "headers": sheet.headers, "first_row": sheet.first_row,
            "says_datum": sheet.says_datum, "encoding": sheet.encoding,
            "formulas": [[row, cell] for row, cell in sheet.formulas.items()],
        }  # fmt: skip
    (folder / "told.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8", errors="surrogatepass")


def _taken(folder: Path, said: str) -> Sheet:
    """
    What was left, as a sheet. Arrow and JSON carry data only: nothing that was read can make us run anything.

    Raises
    ------
    MissingError, InputError
        What was told instead, or an answer that is none.
    """
    try:
        told = json.loads((folder / "told.json").read_text(encoding="utf-8", errors="surrogatepass"))
        if "fault" in told:
            raise (MissingError if told["fault"] == "MissingError" else InputError)(str(told["text"]))
        with pa.OSFile(str(folder / "sheet.arrow"), "rb") as file, pa.ipc.open_file(file) as source:
            table = source.read_all()
        headers = [str(header) for header in told["headers"]]
        frame = pd.DataFrame(
            {header: pd.Series(table[str(at)].to_pylist(), dtype=object) for at, header in enumerate(headers)}
        )
        places = None
        if _PLACE in table.column_names:
            shapes = shapely.from_wkb(table[_PLACE].to_pylist())
            places = gpd.GeoSeries(shapes, crs=GEOGRAPHIC if told["says_datum"] else None)
        formulas = {int(row): str(cell) for row, cell in told["formulas"]}
        return Sheet(
            told["format"], frame, int(told["first_row"]), places, bool(told["says_datum"]), str(told["encoding"]),
            formulas,
        )  # fmt: skip
    except (OSError, KeyError, TypeError, ValueError, pa.ArrowException, shapely.errors.ShapelyError) as error:
        raise InputError(f"{said}: it could not be read") from error
