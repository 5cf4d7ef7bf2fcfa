"""How does a plan come out of a YAML file or a workbook? Cells with their places first; then one check for both."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import yaml

from scenarios.plans.columns import COLUMNS, SHEETS, Section
from scenarios.plans.faults import PlanFault, PlanFaultsError

FORM = "onemap-plan/1"
LARGEST = 8 * 1024 * 1024
LARGEST_TEXT = 512 * 1024
"""Bytes of YAML; a plan of three hundred tasks has a hundred thousand, and reading eight million takes a minute."""
MOST_FAULTS = 500
"""Whoever hands in another kind of file is not told of each of its lines."""
UNPACKED = 64 * 1024 * 1024
"""Bytes of a workbook once unpacked; a plan of three hundred tasks has two or three hundred thousand."""
MOST_ROWS = 5_000


_LISTS: dict[str, Section] = {"triggers": "triggers", "tasks": "tasks", "contacts": "contacts"}


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a file, as text; several values of a list are parted by ``;``."""

    text: str
    row: int


@dataclass
class Row:
    """One row of a section: its cells by the code of their column."""

    row: int
    cells: dict[str, Cell] = field(default_factory=dict)


@dataclass
class Sheets:
    """Everything a file says about a plan, section by section, with what could not be placed."""

    file: str
    rows: dict[Section, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    faults: list[PlanFault] = field(default_factory=list)
    is_workbook: bool = False

    def fault(
        self, section: Section | None, row: int, column: str, code: str, value: str = "", allowed: str = ""
    ) -> None:
        """Note a fault, up to a number; a workbook's sheets and columns are called by their Chinese titles."""
        if len(self.faults) >= MOST_FAULTS:
            return
        sheet = SHEETS[section] if self.is_workbook and section else section or ""
        known = COLUMNS[section].get(column) if section else None
        shown = known.title if known and self.is_workbook else column
        self.faults.append(PlanFault(self.file, sheet, row, shown, code, value[:80], allowed))


def read(content: bytes, name: str) -> Sheets:
    """
    Read the cells of a YAML file or an Excel workbook; which it is, its content says.

    Raises
    ------
    PlanFaultsError
        It is neither, or too large.
    """
    if len(content) > LARGEST:
        raise PlanFaultsError([PlanFault(name, "", 0, "", "unreadable", f"larger than {LARGEST // 1048576} MB")])
    if content[:2] == b"PK":
        return _workbook(content, name)
    if len(content) > LARGEST_TEXT:
        raise PlanFaultsError([PlanFault(name, "", 0, "", "unreadable", f"larger than {LARGEST_TEXT // 1024} kB")])
    return _yaml(content, name)


def _yaml(content: bytes, name: str) -> Sheets:
    try:
        root = yaml.compose(content.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except RecursionError as error:
        raise PlanFaultsError([PlanFault(name, "", 0, "", "unreadable", "nested too deeply")]) from error
    except UnicodeDecodeError as error:
        raise PlanFaultsError([PlanFault(name, "", 0, "", "unreadable", "it is not UTF-8 text")]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or "it is no YAML"
        raise PlanFaultsError([PlanFault(name, "", mark.line + 1 if mark else 0, "", "unreadable", said)]) from error
    if not isinstance(root, yaml.MappingNode):
        raise PlanFaultsError([PlanFault(name, "", 1, "", "unreadable", "it holds no sections")])
    sheets = Sheets(name)
    said_form = ""
    for key, value in root.value:
        section, line = str(key.value), key.start_mark.line + 1
        if section == "form":
            said_form = str(value.value)
        elif section == "plan" and isinstance(value, yaml.MappingNode):
            sheets.rows["plan"].append(_mapped(value, line, sheets, "plan"))
        elif section in _LISTS and isinstance(value, yaml.SequenceNode):
            for item in value.value:
                _listed(item, _LISTS[section], sheets)
        else:
            sheets.fault(None, line, "", "section", section)
    if said_form != FORM:
        sheets.fault(None, 1, "form", "form", said_form)
    return sheets


def _listed(item: yaml.Node, section: Section, sheets: Sheets) -> None:
    line = item.start_mark.line + 1
    if not isinstance(item, yaml.MappingNode):
        sheets.fault(section, line, "", "unreadable", "not a list of fields")
        return
    needs = [value for key, value in item.value if key.value == "needs" and section == "tasks"]
    row = _mapped(item, line, sheets, section)
    sheets.rows[section].append(row)
    for inner in (one for value in needs if isinstance(value, yaml.SequenceNode) for one in value.value):
        if not isinstance(inner, yaml.MappingNode):
            sheets.fault("needs", inner.start_mark.line + 1, "", "unreadable", "not a list of fields")
            continue
        asked = _mapped(inner, inner.start_mark.line + 1, sheets, "needs")
        asked.cells.setdefault("task", Cell(row.cells["code"].text if "code" in row.cells else "", line))
        sheets.rows["needs"].append(asked)


def _mapped(node: yaml.MappingNode, line: int, sheets: Sheets, section: Section) -> Row:
    row = Row(line)
    for key, value in node.value:
        column, at = str(key.value), key.start_mark.line + 1
        if section == "tasks" and column == "needs":
            continue
        if column not in COLUMNS[section]:
            sheets.fault(section, at, column, "unknown", column, ", ".join(COLUMNS[section]))
        elif isinstance(value, yaml.ScalarNode):
            row.cells[column] = Cell("" if value.tag.endswith(":null") else value.value.strip(), at)
        elif isinstance(value, yaml.SequenceNode):
            row.cells[column] = Cell(";".join(str(one.value).strip() for one in value.value), at)
        else:
            sheets.fault(section, at, column, "unreadable", "no value")
    return row


def _workbook(content: bytes, name: str) -> Sheets:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    unreadable = PlanFaultsError([PlanFault(name, "", 0, "", "unreadable", "it is no Excel workbook")])
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            # A few kilobytes can unpack to gigabytes, and its texts are read whole.
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                said = f"it unpacks to more than {UNPACKED // 1048576} MB"
                raise PlanFaultsError([PlanFault(name, "", 0, "", "unreadable", said)])
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, SyntaxError) as error:
        raise unreadable from error
    sheets = Sheets(name, is_workbook=True)
    try:
        for section, title in SHEETS.items():
            found = next((one for one in book.sheetnames if one in (title, section)), None)
            if found is None:
                if section in ("plan", "tasks"):
                    sheets.fault(None, 0, "", "sheet", title)
                continue
            rows = list(_filled(book[found]))
            if section == "plan":
                _fields(rows, sheets)
            else:
                _table(section, rows, sheets)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, SyntaxError, EOFError) as error:
        raise unreadable from error  # a damaged sheet shows only when it is read; a ParseError is a SyntaxError
    finally:
        book.close()
    return sheets


def _filled(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows with anything in them: number and texts."""
    for number, values in enumerate(sheet.iter_rows(values_only=True, max_row=MOST_ROWS), 1):
        texts = [_text(one) for one in values]
        if any(texts):
            yield number, texts


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _fields(rows: list[tuple[int, list[str]]], sheets: Sheets) -> None:
    """The first sheet: a field a row, its name in the first column."""
    row = Row(1)
    names = _names("plan")
    for number, texts in rows:
        key, value = texts[0], texts[1] if len(texts) > 1 else ""
        if key in ("字段", "field"):
            continue
        if key not in names:
            sheets.fault("plan", number, key, "unknown", key, "、".join(one.title for one in COLUMNS["plan"].values()))
        else:
            row.cells[names[key]] = Cell(value, number)
    sheets.rows["plan"].append(row)


def _table(section: Section, rows: list[tuple[int, list[str]]], sheets: Sheets) -> None:
    """Every other sheet: headers first, then a row each."""
    names = _names(section)
    columns: dict[int, str] = {}
    for at, (number, texts) in enumerate(rows):
        if at == 0:
            for place, header in enumerate(texts):
                if header and header not in names:
                    titles = "、".join(one.title for one in COLUMNS[section].values())
                    sheets.fault(section, number, header, "unknown", header, titles)
                elif header:
                    columns[place] = names[header]
            continue
        cells = {code: Cell(texts[place], number) for place, code in columns.items() if place < len(texts)}
        sheets.rows[section].append(Row(number, cells))


def _names(section: Section) -> dict[str, str]:
    return {name: code for code, one in COLUMNS[section].items() for name in (code, one.title)}
