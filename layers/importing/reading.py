"""What stands in this file? Text tables and places, read without trusting its name, its size or its insides."""

import re
import sqlite3
import tempfile
import warnings
import zipfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from gis.crs import as_geographic
from gis.errors import InputError, MissingError

Format = Literal["csv", "xlsx", "geojson", "gpkg", "shapefile"]
FORMATS: dict[str, Format] = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".geojson": "geojson",
    ".json": "geojson", ".gpkg": "gpkg", ".zip": "shapefile",
}  # fmt: skip

LARGEST_FILE_BYTES = 200 * 1024 * 1024
LARGEST_UNPACKED_BYTES = 600 * 1024 * 1024
STEEPEST_PACKING = 200
"""Unpacked bytes for one packed byte; a table of numbers packs some 10 : 1, a bomb 1000 : 1."""
MOST_PARTS = 2000
MOST_ROWS = 1_000_000
MOST_COLUMNS = 200
LONGEST_CELL = 5000
SHAPEFILE_PARTS = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})

_FORMULA_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<f[ >/]')


@dataclass(frozen=True)
class Sheet:
    """
    The rows of a file, all as text.

    Attributes
    ----------
    table
        One column per header; blank cells are empty texts.
    first_row
        Number of the first data row as a person counts it: 2 under a header line, 1 for features.
    places
        Geometry of each row in CGCS2000 degrees where the file has its own; else None.
    says_datum
        Whether the file says itself what its degrees mean.
    formulas
        Position of a row -> name of a cell in it that holds a formula.
    """

    format: Format
    table: pd.DataFrame
    first_row: int
    places: gpd.GeoSeries | None = None
    says_datum: bool = False
    encoding: str = ""
    formulas: dict[int, str] = field(default_factory=dict)

    @property
    def headers(self) -> list[str]:
        """Headers as the file has them."""
        return [str(column) for column in self.table.columns]


def read(path: Path, name: str = "") -> Sheet:
    """
    Read a CSV (UTF-8 with or without BOM, UTF-16, GB 18030), Excel, GeoJSON, GeoPackage or zipped Shapefile.

    Parameters
    ----------
    name
        Name the person gave it, used in sentences and for its ending; the file's own by default.

    Raises
    ------
    MissingError
        No such file.
    InputError
        One clear sentence: unknown format, too large, packed like a bomb, empty, a cell too long, not readable.
    """
    said = Path(name or path.name).name
    if not path.is_file():
        raise MissingError(f"{said} is not there")
    kind = FORMATS.get(Path(said).suffix.lower())
    if kind is None:
        raise InputError(f"{said}: this kind of file is not read; hand in {', '.join(sorted(FORMATS))}")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{said}: the file is empty")
    if size > LARGEST_FILE_BYTES:
        raise InputError(f"{said}: {size / 1e6:.0f} MB is more than {LARGEST_FILE_BYTES / 1e6:.0f} MB; split the file")
    if kind == "csv":
        return _checked(_csv(path, said), said)
    if kind == "xlsx":
        _unpacks_soundly(path, said)
        return _checked(_xlsx(path, said), said)
    if kind == "shapefile":
        return _checked(_shapefile(path, said), said)
    return _checked(_features(path, kind, said), said)


def _checked(sheet: Sheet, said: str) -> Sheet:
    rows, columns = sheet.table.shape
    if rows == 0:
        raise InputError(f"{said}: there are headers but no rows")
    if rows > MOST_ROWS:
        raise InputError(f"{said}: {rows:,} rows are more than {MOST_ROWS:,}; split the file")
    _not_too_wide(columns, said)
    for column in sheet.table.columns:
        lengths = np.fromiter(map(len, sheet.table[column].tolist()), np.int64, rows)
        longest = int(lengths.max())
        if longest > LONGEST_CELL:
            row = int(lengths.argmax()) + sheet.first_row
            raise InputError(
                f"{said}: the cell in row {row}, column '{column}' is {longest:,} characters long; "
                f"at most {LONGEST_CELL:,} are read"
            )
    return sheet


def _not_too_wide(columns: int, said: str) -> None:
    """Asked before a table is made too: fifty thousand columns of nothing take minutes."""
    if columns > MOST_COLUMNS:
        raise InputError(f"{said}: {columns} columns are more than {MOST_COLUMNS}; keep those the layer needs")


# -- text -----------------------------------------------------------------------------------------------------------


def _decoded(content: bytes, said: str) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise InputError(f"{said}: its text is neither UTF-8 nor GB 18030; save it again as CSV UTF-8")


def _csv(path: Path, said: str) -> Sheet:
    content = path.read_bytes()
    text, encoding = _decoded(content, said)
    if "\0" in text:
        raise InputError(f"{said}: it holds zero bytes and is not a text table; save it again as CSV UTF-8")
    header = text.split("\n", 1)[0]
    if not header.strip():
        raise InputError(f"{said}: the first line is blank; the headers must stand in it")
    separator = max((",", "\t", ";"), key=header.count)
    _not_too_wide(header.count(separator) + 1, said)
    try:
        with warnings.catch_warnings():
            # Cells beyond the last header: they would be dropped, and nobody told.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                StringIO(text), sep=separator, dtype=object, keep_default_na=False, skip_blank_lines=True,
                index_col=False,
            )  # fmt: skip
    except pd.errors.ParserWarning as error:
        raise InputError(f"{said}: rows have more cells than there are headers; give every column a header") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise InputError(f"{said}: not readable as a table: {str(error).splitlines()[0]}") from error
    table = _named(table)
    return Sheet("csv", table, 2, encoding=encoding, formulas=_text_formulas(table))


def _text_formulas(table: pd.DataFrame) -> dict[int, str]:
    """Cells a spreadsheet would run; + and - alone begin numbers and telephone numbers and are let be."""
    found: dict[int, str] = {}
    for column in table.columns:
        for row, cell in enumerate(table[column].tolist()):
            if cell[:1] in ("=", "@"):
                found.setdefault(row, str(column))
    return found


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """Strip cells and headers; drop columns without a header."""
    columns: dict[str, pd.Series] = {}
    for at, name in enumerate(table.columns):
        header = str(name).strip().strip("\ufeff")
        if header and not re.fullmatch(r"Unnamed: \d+", header):
            # Plain Python texts: every later step looks at them one by one.
            cells = ["" if cell is None or cell != cell else str(cell).strip() for cell in table.iloc[:, at].tolist()]
            columns[header] = pd.Series(cells, index=table.index, dtype=object)
    return pd.DataFrame(columns, index=table.index)


# -- Excel ----------------------------------------------------------------------------------------------------------


def _unpacks_soundly(path: Path, said: str) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise InputError(f"{said}: it is damaged or not what its ending says; save it again") from error
    if len(parts) > MOST_PARTS:
        raise InputError(f"{said}: it packs {len(parts):,} files; a table has a few")
    unpacked = sum(part.file_size for part in parts)
    steep = max(
        (part.file_size / max(part.compress_size, 1) for part in parts if part.file_size > 10_000_000), default=0
    )
    if unpacked > LARGEST_UNPACKED_BYTES or steep > STEEPEST_PACKING:
        raise InputError(
            f"{said}: it unpacks to {unpacked / 1e6:,.0f} MB from {path.stat().st_size / 1e6:,.1f} MB and is refused; "
            "if it is a true table, save it as CSV"
        )
    return parts


def _xlsx(path: Path, said: str) -> Sheet:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        sheet = next((one for one in map(book.get_sheet_by_name, book.sheet_names) if one.total_height > 0), None)
        rows: list[list[Any]] = sheet.to_python(skip_empty_area=False) if sheet is not None else []
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(f"{said}: not readable as Excel: {str(error).splitlines()[0]}") from error
    if sheet is None or len(rows) < 2:
        raise InputError(f"{said}: no sheet has headers and rows")
    _not_too_wide(len(rows[0]), said)
    headers = [str(cell).strip() for cell in rows[0]]
    if not any(headers):
        raise InputError(f"{said}: the first row of sheet '{sheet.name}' is blank; the headers must stand in it")
    table = pd.DataFrame(
        [[_cell_text(cell) for cell in row] for row in rows[1:]],
        columns=[header or f"Unnamed: {at}" for at, header in enumerate(headers)],
    )
    formulas = _sheet_formulas(path, book.sheet_names.index(sheet.name))
    blank = (table == "").all(axis=1)
    if blank.any():
        kept = np.flatnonzero(~blank.to_numpy())
        if len(kept) == 0:
            raise InputError(f"{said}: there are headers but no rows")
        # Blank rows at the end are an editor's habit; blank rows between would shift the numbers people see.
        table = table.iloc[: kept[-1] + 1]
    return Sheet("xlsx", _named(table), 2, formulas=formulas)


def _cell_text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)


def _sheet_formulas(path: Path, index: int) -> dict[int, str]:
    """Formulas of one sheet, by the position of their row; what a formula shows depends on who opened it last."""
    found: dict[int, str] = {}
    with zipfile.ZipFile(path) as archive:
        sheets = sorted(
            (name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)),
            key=lambda name: int(re.findall(r"\d+", name)[-1]),
        )
        if index < len(sheets):
            for letters, number in _FORMULA_CELL.findall(archive.read(sheets[index])):
                found.setdefault(int(number) - 2, f"{letters.decode()}{int(number)}")
    return found


# -- places ---------------------------------------------------------------------------------------------------------


def _shapefile(path: Path, said: str) -> Sheet:
    parts = _unpacks_soundly(path, said)
    wanted = [part for part in parts if Path(part.filename).suffix.lower() in SHAPEFILE_PARTS and not part.is_dir()]
    shapes = [part for part in wanted if part.filename.lower().endswith(".shp")]
    if len(shapes) != 1:
        raise InputError(f"{said}: it packs {len(shapes)} shapefiles; one with its .dbf, .shx and .prj is needed")
    stem = Path(shapes[0].filename).stem
    with tempfile.TemporaryDirectory(prefix="onemap-shape-") as folder, zipfile.ZipFile(path) as archive:
        for part in wanted:
            if Path(part.filename).stem == stem:
                # Under a name of ours: the archive's own could lead anywhere.
                target = Path(folder) / f"shape{Path(part.filename).suffix.lower()}"
                target.write_bytes(archive.read(part))
        if not (Path(folder) / "shape.dbf").is_file():
            raise InputError(f"{said}: the shapefile comes without its .dbf, so its rows have no columns")
        encoding = None if (Path(folder) / "shape.cpg").is_file() else "gb18030"
        return _features(Path(folder) / "shape.shp", "shapefile", said, encoding)


_BEGINS: dict[str, tuple[bytes, ...]] = {
    "geojson": (b"{", b"["), "gpkg": (b"SQLite format 3\0",), "shapefile": (b"\0\0\x27\x0a",)
}  # fmt: skip
"""First bytes of each format. What opens files goes by their insides and would follow other ones to other places."""
DEEPEST = 64
"""Levels of a JSON file; a feature with its polygon has seven."""


def _is_what_it_says(path: Path, kind: Format, said: str) -> None:
    with path.open("rb") as file:
        begin = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n" if kind == "geojson" else b"")
    if not begin.startswith(_BEGINS[kind]):
        raise InputError(f"{said}: it is not what its ending says; save it again as {kind}")
    if kind == "geojson":
        _not_too_deep(path, said)
    if kind == "gpkg":
        _holds_tables_only(path, said)


def _not_too_deep(path: Path, said: str) -> None:
    depth = deepest = 0
    within = False
    for token in re.finditer(rb'\\.|["\[\]{}]', path.read_bytes(), re.DOTALL):
        mark = token[0]
        if mark == b'"':
            within = not within
        elif not within and mark in b"[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEEPEST:
                raise InputError(f"{said}: it is nested more than {DEEPEST} deep; no file of places is")
        elif not within and mark in b"]}":
            depth -= 1


def _holds_tables_only(path: Path, said: str) -> None:
    """Refuse a database whose tables are programs: virtual ones other than the index of places, and views."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            file.execute("PRAGMA trusted_schema=OFF")
            made = file.execute("SELECT type, coalesce(sql, '') FROM sqlite_master").fetchall()
    except (sqlite3.Error, UnicodeError) as error:
        raise InputError(f"{said}: it is damaged: {error}") from error
    for kind, sql in made:
        is_program = re.match(r"\s*CREATE\s+VIRTUAL\s+TABLE\b(?!.*\bUSING\s+rtree\b)", sql, re.IGNORECASE | re.DOTALL)
        if kind == "view" or is_program:
            raise InputError(f"{said}: it holds views or virtual tables; save the layer alone as a new GeoPackage")


def _features(path: Path, kind: Format, said: str, encoding: str | None = None) -> Sheet:
    _is_what_it_says(path, kind, said)
    try:
        options = {"encoding": encoding} if encoding else {}
        frame = gpd.read_file(path, engine="pyogrio", **options)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, OSError) as error:
        # The library tells the file by our name for it, which is nobody's business, and what a programmer may try.
        told = str(error).splitlines()[0].partition("; It might help")[0].replace(str(path), said)
        raise InputError(f"{said}: not readable as {kind}: {told}") from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.geometry.isna().all():
        raise InputError(f"{said}: its features have no geometry")
    _not_too_wide(len(frame.columns) - 1, said)
    kinds = sorted(set(frame.geometry.geom_type.dropna()) - {"Point"})
    if kinds == ["MultiPoint"]:
        frame = frame.set_geometry(frame.geometry.representative_point())
    elif kinds:
        raise InputError(f"{said}: it holds {', '.join(kinds)}; this import takes points")
    # GeoJSON is WGS 84 by its standard, but files from web maps say so whatever they hold.
    says = kind != "geojson" and frame.crs is not None
    places = (as_geographic(frame) if says else frame).geometry.reset_index(drop=True)
    table = pd.DataFrame({str(name): _texts(frame[name]) for name in frame.columns if name != frame.geometry.name})
    table = _named(table)
    return Sheet(kind, table, 1, places=places, says_datum=says, formulas=_text_formulas(table))


def _texts(values: Iterable[Any]) -> list[str]:
    return ["" if value is None or value != value else _cell_text(value) for value in values]
