"""How does the list of injects become a workbook and come back? One row an inject; every fault with its place."""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from command_ui.exercises.speaking import in_language
from command_ui.words import Language, say
from command_ui.words.speaking import both
from gis.errors import InputError
from gis.reader import Reader
from scenarios.exercise.clock import shown
from scenarios.exercise.drill import KINDS, Drill, Inject
from scenarios.exercise.faults import DrillFaultsError
from scenarios.exercise.fold import InjectState
from scenarios.exercise.reading import Folder, read_texts

COLUMNS = (
    "id", "at", "after", "delay", "done", "not_done", "kind", "title", "title_en", "text", "text_en", "source",
    "source_en", "to", "expected", "expected_en", "objective", "controller", "longitude", "latitude", "data",
)  # fmt: skip
NEEDED = ("id", "kind", "title", "to")
ORIGIN = "origin"
"""Column an exercise's list has besides: what was improvised or changed in play. Coming in it says nothing."""
_LISTS = frozenset({"done", "not_done", "to"})
_WHEN = frozenset({"after", "delay", "done", "not_done"})
_NUMBERS = frozenset({"longitude", "latitude"})
_PROSE = frozenset({"title", "title_en", "text", "text_en", "source", "source_en", "expected", "expected_en"})
_WIDTHS = {
    "text": 48, "text_en": 40, "expected": 36, "expected_en": 32, "title": 26, "title_en": 24, "data": 34, "to": 18,
}  # fmt: skip
_RISKY = tuple("=+-@\t\r\n'")
"""First characters that make a spreadsheet run a text (OWASP ASVS 5.0, 1.2.10), and the mark that guards it."""
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PART = re.compile(r'\s*([a-z_]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;；]*?)\s*(?:[;；]|$)')
LARGEST = 4 * 1024 * 1024
UNPACKED = 64 * 1024 * 1024
MOST_ROWS = 1_000
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class MselFault:
    """One fault of a workbook; ``row`` 0 where none can be named, ``column`` as its title stands there."""

    sheet: str
    row: int
    column: str
    said: str

    @property
    def sentence(self) -> str:
        """Plain English: where, and what to do."""
        place = " ".join(part for part in (self.sheet, f"row {self.row}" if self.row else "", self.column) if part)
        return f"{place}: {self.said}" if place else self.said


class MselFaultsError(InputError):
    """A workbook has faults; `found` holds all of them one by one."""

    def __init__(self, found: list[MselFault]) -> None:
        self.found = tuple(found)
        super().__init__(one.sentence for one in self.found)


# -- out ---------------------------------------------------------------------------------------------------------------


def write(drill: Drill, language: Language, states: Iterable[InjectState] = ()) -> bytes:
    """
    Write the injects of a drill as a workbook: the list, and a sheet that says how it is filled in.

    With the states of an exercise it says of each inject whether it was improvised or changed in play.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = say("msel.sheet", language)
    origins = {one.inject_id: _origin(one, language) for one in states}
    for at, name in enumerate((*COLUMNS, ORIGIN) if origins else COLUMNS, 1):
        cell = sheet.cell(1, at)
        _put(cell, say(f"msel.col.{name}", language))
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="FBE3F1")
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(name, 14)
    for row, inject in enumerate(drill.injects, 2):
        for at, value in enumerate((*_cells(inject), *([origins[inject.id]] if origins else ())), 1):
            cell = sheet.cell(row, at)
            _put(cell, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    _help(book.create_sheet(say("msel.help", language)), drill, language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _origin(one: InjectState, language: Language) -> str:
    code = "improvised" if one.is_improvised else "changed" if one.is_changed else "msel"
    return say(f"msel.origin.{code}", language)


def _cells(one: Inject) -> Iterator[str | float | None]:
    when = one.when
    at = "00:00:00" if when.by_hand else shown(when.at_s) if when.at_s is not None else ""
    special = {
        "at": at, "after": when.after, "delay": shown(when.delay_s) if when.delay_s else "",
        "done": ";".join(when.done), "not_done": ";".join(when.not_done), "to": ";".join(one.to),
        "data": _data_text(one),
    }  # fmt: skip
    for name in COLUMNS:
        yield special[name] if name in special else getattr(one, name)


def _data_text(one: Inject) -> str:
    """Table of the kind, as ``name=value`` parted by semicolons; what stands at its default is left out."""
    table = getattr(one, one.kind, None)
    if table is None:
        return ""
    parts = [(field.name, getattr(table, field.name)) for field in fields(table)]
    said = [f"{name}={_value_text(value)}" for name, value in parts if value is not None and value != ""]
    return "; ".join(said)


def _value_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A text that would be read as something else, or be cut, stands in quotes.
        plain = _typed(value) == value and not re.search(r'[;；"=\n]', value) and value == value.strip()
        return value if plain else json.dumps(value, ensure_ascii=False)
    return repr(value)


def _put(cell: Any, value: str | float | None) -> None:
    if isinstance(value, str):
        text = _UNWRITABLE.sub("", value)
        cell.value = f"'{text}" if text.startswith(_RISKY) else text
        cell.data_type, cell.number_format = "s", "@"
        if not text:
            cell.value = None
    else:
        cell.value = value


def _help(sheet: Any, drill: Drill, language: Language) -> None:
    names = [f"{one.id} {in_language(one, 'name', language)}" for one in drill.roles]
    hopes = [f"{one.id} {in_language(one, 'title', language)}" for one in drill.expectations]
    kinds = [f"{kind} {say(f'drill.kind.{kind}', language)}" for kind in KINDS]
    lines = [
        *(say(f"msel.help.{code}", language) for code in ("title", "row", "at", "list", "data")),
        say("msel.help.kinds", language, list="；".join(kinds)),
        say("msel.help.roles", language, list="；".join(names)),
        say("msel.help.expectations", language, list="；".join(hopes)),
        say("msel.help.drill", language, name=drill.name, hash=drill.sha256), say("mode.drill.mark", language),
    ]  # fmt: skip
    for row, line in enumerate(lines, 1):
        _put(sheet.cell(row, 1), line)
    sheet.column_dimensions["A"].width = 120


# -- in ----------------------------------------------------------------------------------------------------------------


def read(content: bytes, name: str, base: Mapping[str, str]) -> tuple[Folder, dict[str, str]]:
    """
    Make a drill of a workbook's injects and the other files of another drill.

    Parameters
    ----------
    name
        Name of the new drill.
    base
        File -> text of the drill whose roles, expectations and sheets it keeps.

    Returns
    -------
    tuple
        The drill, whole and checked, and the texts of its files.

    Raises
    ------
    MselFaultsError
        Every fault: of the workbook, and of what it says.
    """
    sheet, rows, faults = _list(content)
    text, places = _toml(rows, sheet, faults)
    texts = {**base, "injects.toml": text}
    try:
        folder = read_texts(name, texts)
    except DrillFaultsError as error:
        for one in error.found:
            row, column = places.get(one.line, (0, "")) if one.file == "injects.toml" else (0, "")
            where = sheet if one.file == "injects.toml" else one.file
            key = column or ("" if one.file == "injects.toml" and row else one.key)
            faults.append(MselFault(where, row, key, one.said))
        raise MselFaultsError(sorted(set(faults), key=lambda one: (one.row, one.column))) from error
    if faults:
        raise MselFaultsError(faults)
    return folder, texts


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    column: str


_Rows = tuple[str, list[tuple[int, dict[str, _Cell]]], list[MselFault]]


def _list(content: bytes) -> _Rows:
    """`_rows` of a stranger's workbook: read behind limits, in a process of its own."""
    if len(content) > LARGEST:
        raise MselFaultsError([MselFault("", 0, "", f"the workbook is larger than {LARGEST // 1048576} MB")])
    found = _workbook(content, "workbook")
    if isinstance(found, list):
        raise MselFaultsError(found)
    return found


def _read(path: Path, _name: str) -> _Rows | list[MselFault]:
    try:
        return _rows(path.read_bytes())
    except MselFaultsError as error:
        return list(error.found)


_workbook = Reader(_read, _Rows | list[MselFault])


def _rows(content: bytes) -> _Rows:
    """Rows of the list by the code of their columns; the sheet's name, and what is wrong with the workbook."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    unreadable = MselFaultsError([MselFault("", 0, "", "this is no Excel workbook (.xlsx), or it is damaged")])
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > UNPACKED:
                raise MselFaultsError([MselFault("", 0, "", "unpacked, the workbook is far too large for a list")])
        book = load_workbook(io.BytesIO(content), read_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError, EOFError) as error:
        raise unreadable from error
    try:
        names = both("msel.sheet").values()
        title = next((one for one in book.sheetnames if one in names), book.sheetnames[0])
        found = list(book[title].iter_rows(max_row=MOST_ROWS + 2))
    except (KeyError, ValueError, TypeError, AttributeError, SyntaxError) as error:
        raise unreadable from error
    finally:
        book.close()
    faults: list[MselFault] = []
    heads = _heads(found[0] if found else (), title, faults)
    rows = []
    for number, cells in enumerate(found[1:], 2):
        row = {}
        for code, cell in zip(heads, cells, strict=False):
            column = str(found[0][heads.index(code)].value).strip() if code else ""
            if not code or cell.value is None:
                continue
            if cell.data_type == "f" or (isinstance(cell.value, str) and cell.value.startswith("=")):
                faults.append(MselFault(title, number, column, "a formula stands here; write its value"))
            elif (text := _text(cell.value)) != "":
                row[code] = _Cell(text if code in _PROSE else text.strip(), column)
        if row:
            rows.append((number, row))
    if len(rows) > MOST_ROWS:
        faults.append(MselFault(title, 0, "", f"more than {MOST_ROWS} injects"))
    if not rows:
        faults.append(MselFault(title, 0, "", "there is no inject; one row each below the titles"))
    return title, rows, faults


def _heads(cells: Any, title: str, faults: list[MselFault]) -> list[str]:
    """Code of each column by its title in either language; unknown, double and missing ones are faults."""
    by_title = {said.casefold(): name for name in COLUMNS for said in (*both(f"msel.col.{name}").values(), name)}
    besides = {one.casefold() for one in (*both(f"msel.col.{ORIGIN}").values(), ORIGIN)}
    heads = []
    for cell in cells:
        said = str(cell.value).strip() if cell.value is not None else ""
        code = by_title.get(said.casefold(), "")
        if said and not code and said.casefold() not in besides:
            faults.append(MselFault(title, 1, said[:40], "there is no such column in a list of injects"))
        elif code and code in heads:
            faults.append(MselFault(title, 1, said, "this column stands there twice"))
        heads.append(code if code not in heads else "")
    missing = [both(f"msel.col.{name}")["zh"] for name in NEEDED if name not in heads]
    faults.extend(MselFault(title, 1, name, "this column is missing") for name in missing)
    return heads


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        value = value.time()
    if isinstance(value, timedelta):
        return shown(value.total_seconds())
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).removeprefix("'")


def _toml(
    rows: list[tuple[int, dict[str, _Cell]]], sheet: str, faults: list[MselFault]
) -> tuple[str, dict[int, tuple[int, str]]]:
    """Write ``injects.toml``; for each line of it the row and the column it came from."""
    lines: list[str] = []
    places: dict[int, tuple[int, str]] = {}

    def say_line(text: str, row: int, column: str) -> None:
        lines.append(text)
        places[len(lines)] = (row, column)

    for number, row in rows:
        say_line("[[inject]]", number, "")
        for code, cell in row.items():
            if code not in _WHEN and code != "data":
                say_line(f"{code} = {_literal(code, cell, number, sheet, faults)}", number, cell.column)
        say_line("[inject.when]", number, "")
        for code, cell in row.items():
            if code in _WHEN:
                say_line(f"{code} = {_literal(code, cell, number, sheet, faults)}", number, cell.column)
        kind, data = row.get("kind"), row.get("data")
        if data is not None:
            say_line(f"[inject.{kind.text if kind and kind.text in KINDS else 'data'}]", number, data.column)
            for name, value in _parts(data, number, sheet, faults):
                say_line(f"{name} = {_plain(value)}", number, data.column)
    return "\n".join(lines) + "\n", places


def _literal(code: str, cell: _Cell, row: int, sheet: str, faults: list[MselFault]) -> str:
    if code in _LISTS:
        parts = [one.strip() for one in re.split(r"[;；,，、\n]", cell.text) if one.strip()]
        return json.dumps(parts, ensure_ascii=False)
    if code in _NUMBERS:
        try:
            return repr(float(cell.text))
        except ValueError:
            faults.append(MselFault(sheet, row, cell.column, f"'{cell.text[:40]}' is no number of degrees"))
            return "0.0"
    return _plain(cell.text)


def _parts(cell: _Cell, row: int, sheet: str, faults: list[MselFault]) -> Iterator[tuple[str, Any]]:
    """Names and values of the column of data."""
    at, names = 0, set()
    text = cell.text.strip()
    while at < len(text):
        found = _PART.match(text, at)
        if found is None or found.end() == at:
            faults.append(MselFault(sheet, row, cell.column, f"'{text[at : at + 40]}' is not name=value"))
            return
        if found[1] in names:
            faults.append(MselFault(sheet, row, cell.column, f"'{found[1]}' stands there twice"))
        else:
            names.add(found[1])
            yield found[1], _typed(found[2])
        at = found.end()


def _typed(text: str) -> Any:
    if text.startswith('"'):
        try:
            return json.loads(text)
        except ValueError:
            return text
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"[+-]?\d{1,15}", text):
        return int(text)
    if re.fullmatch(r"[+-]?\d+\.\d+(?:[eE][+-]?\d+)?", text):
        return float(text)
    return text


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    # A JSON text is a TOML text, but for the one control character JSON leaves as it is.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
