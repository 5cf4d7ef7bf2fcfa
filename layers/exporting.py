"""How do the rows a filter shows leave the house? As many as were counted, and none that runs as a formula."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, null, select

from gis.clock import DUTY_ZONE
from gis.crs import WGS84
from gis.database import read_frame
from gis.errors import InputError
from layers import catalogue
from layers.catalogue import LayerSpec
from layers.filters import Filter, meets
from layers.importing.fields import fields_of, importable
from layers.rows import Then, table_of

Format = Literal["csv", "xlsx", "geojson", "gpkg"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "geojson", "gpkg")
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
Say = Callable[[str, Any], Any]
"""Column and code -> what people call it; what has no word stays."""
_RISKY = tuple("=+-@\t\r\n")
_OF_THE_ROW: dict[str, tuple[str, str]] = {
    "division_code": ("行政区划", "Division"),
    "source_system": ("数据来源", "Source"),
    "as_of": ("数据时间", "As of"),
    "mode": ("模式", "Mode"),
}


def count(connection: Connection, layer: str, wanted: Filter, then: Then | None = None) -> int:
    """
    How many rows a filter shows.

    Raises
    ------
    InputError, MissingError
        The filter does not fit the layer, or there is no such layer.
    """
    spec = catalogue.layer(layer)
    where = meets(spec, wanted, then)
    return int(connection.execute(select(func.count()).select_from(table_of(spec)).where(where)).scalar_one())


def rows(
    connection: Connection, layer: str, wanted: Filter, then: Then | None = None, limit: int | None = None
) -> gpd.GeoDataFrame:
    """
    Rows a filter shows: ``id``, the layer's columns, what every row says of itself, ``geometry`` (EPSG:4490).

    Raises
    ------
    InputError, MissingError
        See `count`.
    """
    spec = catalogue.layer(layer)
    source = table_of(spec)
    names = list(dict.fromkeys(["id", *spec.columns, *_OF_THE_ROW]))
    columns = [source.c[name] if name in source.c else source.c.attributes[name].astext.label(name) for name in names]
    place = func.ST_AsBinary(source.c.geometry) if "geometry" in source.c else null()
    statement = select(*columns, place.label("geometry")).where(meets(spec, wanted, then)).order_by(source.c.id)
    return read_frame(connection, statement if limit is None else statement.limit(limit))


def write(
    frame: gpd.GeoDataFrame,
    layer: str,
    path: Path,
    kind: Format,
    language: Literal["zh", "en"] = "zh",
    say: Say | None = None,
) -> None:
    """
    Write exported rows; tables carry titles and words in the language, GIS formats the column
    names and codes.

    CSV and Excel put an apostrophe before text a spreadsheet would run (OWASP ASVS 5.0, 1.2.10); CSV begins with a BOM
    so that Excel reads Chinese. GeoJSON is WGS 84 by its standard, GeoPackage says CGCS2000.

    Raises
    ------
    InputError
        No such format, or a GIS format for a layer without places.
    """
    spec = catalogue.layer(layer)
    if kind in ("csv", "xlsx"):
        titled = table(frame, spec, language, say)
        if kind == "csv":
            titled.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        else:
            _write_excel(titled, spec, path, language)
        return
    if kind not in FORMATS:
        raise InputError(f"'{kind}' is no export format; choose one of {', '.join(FORMATS)}")
    if spec.geometry == "none":
        raise InputError(f"layer '{spec.key}' has no places; export it as csv or xlsx")
    places = _flat(frame)
    if kind == "gpkg":
        places.to_file(path, driver="GPKG", layer=layer, engine="pyogrio")
    else:
        places.set_crs(WGS84, allow_override=True).to_file(path, driver="GeoJSON", engine="pyogrio", RFC7946="YES")


def _flat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lists and days as text: GIS formats know neither lists nor, everywhere, days."""
    flat = frame.copy()
    for name in flat.columns.drop("geometry"):
        values = flat[name]
        if values.map(lambda value: isinstance(value, list | tuple)).any():
            flat[name] = [";".join(map(str, value)) if value is not None else None for value in values]
        elif values.map(lambda value: isinstance(value, date) and not isinstance(value, datetime)).any():
            flat[name] = [value.isoformat() if value is not None and value == value else None for value in values]
        elif values.isna().all():
            flat[name] = values.astype("string")
    return flat


def table(
    frame: gpd.GeoDataFrame, spec: LayerSpec, language: Literal["zh", "en"], say: Say | None = None
) -> pd.DataFrame:
    """
    Rows under the titles of their columns, every text harmless to a spreadsheet.

    Codes are said in the words an import understands; `say` words those of layers no file is brought into.
    """
    at = 0 if language == "zh" else 1
    titles = {"id": ("编号", "Id")[at]}
    titles |= {name: pair[at] for name, pair in {**spec.columns, **_OF_THE_ROW}.items()}
    words = _words(spec, at)
    titled = pd.DataFrame(
        {
            titles[name]: [
                _plain(_worded(name, _said(value, words.get(name, {}), at), say if name not in words else None))
                for value in frame[name]
            ]
            for name in titles
            if name in frame
        }
    )
    if spec.geometry == "point":
        # 7 digits are a centimetre.
        titled[("经度", "Longitude")[at]] = frame.geometry.x.round(7).to_numpy()
        titled[("纬度", "Latitude")[at]] = frame.geometry.y.round(7).to_numpy()
    return titled


def _words(spec: LayerSpec, at: int) -> dict[str, dict[Any, str]]:
    """Column -> code -> what people call it; an import understands all of these."""
    if spec.table not in {catalogue.layer(key).table for key in importable()}:
        return {}
    base = next(key for key in importable() if catalogue.layer(key).table == spec.table)
    return {one.column: {code: titles[at] for code, titles in one.choices.items()} for one in fields_of(base)}


def _said(value: Any, words: Mapping[Any, str], at: int) -> Any:
    if isinstance(value, bool | np.bool_):
        return (("否", "是"), ("no", "yes"))[at][int(value)]
    if isinstance(value, list | tuple):
        return [words.get(one, one) for one in value]
    # A level read by pandas beside blanks is 2.0.
    code = int(value) if isinstance(value, float) and value == value and value.is_integer() else value
    return words.get(code, value) if words and isinstance(code, str | int) else value


def _worded(column: str, value: Any, say: Say | None) -> Any:
    if say is None or column == "id":
        return value
    if isinstance(value, list | tuple):
        return [_worded(column, one, say) for one in value]
    # A level read by pandas beside blanks is 2.0.
    code = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(code, bool) or not isinstance(code, str | int | np.integer):
        return value
    said = say(column, code)
    return value if said == code else said


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, list | tuple):
        return guarded(";".join(map(str, value)))
    if isinstance(value, datetime):
        return value.astimezone(DUTY_ZONE).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return guarded(value) if isinstance(value, str) else value


def guarded(text: str) -> str:
    """
    Text that no spreadsheet runs.

    Examples
    --------
    >>> guarded("=1+1"), guarded("+86 519"), guarded("演练")
    ("'=1+1", "'+86 519", '演练')
    """
    return f"'{text}" if text.startswith(_RISKY) else text


def _write_excel(table: pd.DataFrame, spec: LayerSpec, path: Path, language: Literal["zh", "en"]) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = Workbook(write_only=True)
    sheet = book.create_sheet((spec.title_zh if language == "zh" else spec.title_en)[:31].replace("/", " "))
    sheet.freeze_panes = "A2"
    sheet.append([str(column) for column in table.columns])
    for row in table.itertuples(index=False):
        cells = []
        for value in row:
            value = None if value is None or value != value else value.item() if hasattr(value, "item") else value
            try:
                cell = WriteOnlyCell(sheet, value=value)
            except IllegalCharacterError:
                cell = WriteOnlyCell(sheet, value="".join(letter for letter in str(value) if letter.isprintable()))
            if isinstance(value, str):
                # A text stays a text whatever it begins with.
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    book.save(path)
