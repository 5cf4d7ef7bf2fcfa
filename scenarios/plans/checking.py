"""Is what a file says a plan? Every cell is read by its column; what hangs together is compared; all faults at once."""

import re
from datetime import date
from typing import Any

from scenarios.plans import reading
from scenarios.plans.columns import COLUMNS, TEAM_KINDS, Column, Section
from scenarios.plans.faults import PlanFaultsError
from scenarios.plans.plan import Contact, Need, Plan, Task, Trigger
from scenarios.plans.reading import Row, Sheets

Values = dict[str, Any]
_PARTS = re.compile(r"[;；、,，\s]+")
_SUPPLY = re.compile(r"[123]\d{0,6}")
_CAS = re.compile(r"(\d{2,7})-(\d{2})-(\d)")


def plan_in(content: bytes, name: str) -> Plan:
    """
    Give the plan a YAML file or a workbook holds.

    Raises
    ------
    PlanFaultsError
        Every fault, with file, sheet, row and column.
    """
    sheets = reading.read(content, name)
    rows: dict[Section, list[tuple[Row, Values]]] = {
        section: [(row, _values(section, row, sheets)) for row in sheets.rows[section]] for section in COLUMNS
    }
    if not rows["plan"]:
        sheets.fault("plan", 0, "", "missing")
    _together(rows, sheets)
    if sheets.faults:
        raise PlanFaultsError(sorted(sheets.faults, key=lambda one: (one.sheet, one.row)))
    head = rows["plan"][0][1]
    needs: dict[str, list[Need]] = {}
    for _, values in rows["needs"]:
        needs.setdefault(values.pop("task"), []).append(Need(**values))
    return Plan(
        **head,
        triggers=tuple(Trigger(**values) for _, values in rows["triggers"]),
        tasks=tuple(Task(**values, needs=tuple(needs.get(values["code"], ()))) for _, values in rows["tasks"]),
        contacts=tuple(Contact(**values) for _, values in rows["contacts"]),
    )


def is_cas(text: str) -> bool:
    """
    Whether the check digit of a CAS registry number fits.

    Examples
    --------
    >>> is_cas("7782-50-5"), is_cas("7782-50-6")
    (True, False)
    """
    found = _CAS.fullmatch(text)
    if found is None:
        return False
    digits = found[1] + found[2]
    return sum(weight * int(one) for weight, one in enumerate(reversed(digits), 1)) % 10 == int(found[3])


def _values(section: Section, row: Row, sheets: Sheets) -> Values:
    """Values of one row; empty optional cells are left to the defaults of the record."""
    values: Values = {}
    for code, column in COLUMNS[section].items():
        cell = row.cells.get(code)
        text, at = (cell.text, cell.row) if cell else ("", row.row)
        if not text:
            if column.needed:
                sheets.fault(section, at, code, "missing")
            continue
        value = _value(section, code, column, text, at, sheets)
        if value is not None:
            values[code] = value
    return values


def _value(section: Section, code: str, column: Column, text: str, at: int, sheets: Sheets) -> Any:
    def wrong(what: str, value: str = text, allowed: str = "") -> None:
        sheets.fault(section, at, code, what, value, allowed)

    parts = tuple(one for one in _PARTS.split(text) if one)
    match column.kind:
        case "list":
            bad = [one for one in parts if one not in column.allowed]
            for one in bad:
                wrong("allowed", one, ", ".join(column.allowed))
            return None if bad else parts
        case "levels":
            bad = [one for one in parts if one not in ("1", "2", "3", "4")]
            for one in bad:
                wrong("levels", one)
            return None if bad else tuple(sorted({int(one) for one in parts}))
        case "cas":
            bad = [one for one in parts if not is_cas(one)]
            for one in bad:
                wrong("cas", one)
            return None if bad else parts
        case "date":
            try:
                return date.fromisoformat(text)
            except ValueError:
                wrong("date")
                return None
        case "whole" | "number":
            number = _number(text)
            if number is None or (column.kind == "whole" and number % 1):
                wrong(column.kind)
                return None
            if column.least is not None and number < column.least:
                wrong("least", text, f"{column.least:g}")
                return None
            return int(number) if column.kind == "whole" else number
        case _:
            if column.allowed and text not in column.allowed:
                wrong("allowed", text, ", ".join(column.allowed))
                return None
            if column.pattern and not re.fullmatch(column.pattern, text):
                wrong("pattern", text, column.hint or column.pattern)
                return None
            return text


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e12 else None  # also not a number, and infinite


def _together(rows: dict[Section, list[tuple[Row, Values]]], sheets: Sheets) -> None:
    """What no single cell shows."""
    for _, head in rows["plan"]:
        row = rows["plan"][0][0]
        if head.get("review_by") and head.get("issued_on") and head["review_by"] <= head["issued_on"]:
            sheets.fault("plan", _row(row, "review_by"), "review_by", "order", "", head["issued_on"].isoformat())
        if head.get("kind") == "enterprise" and not head.get("enterprise_id"):
            sheets.fault("plan", _row(row, "enterprise_id"), "enterprise_id", "enterprise")
    seen: dict[str, int] = {}
    for row, values in rows["tasks"]:
        code = values.get("code")
        if code in seen:
            sheets.fault("tasks", _row(row, "code"), "code", "double", code, str(seen[code]))
        elif code:
            seen[code] = row.row
    if not rows["tasks"]:
        sheets.fault("tasks", 0, "", "no_tasks")
    for row, values in rows["needs"]:
        if values.get("task") and values["task"] not in seen:
            sheets.fault("needs", _row(row, "task"), "task", "no_task", values["task"])
        code = values.get("code", "")
        if code and values.get("kind") == "team" and code not in TEAM_KINDS:
            sheets.fault("needs", _row(row, "code"), "code", "team", code, ", ".join(TEAM_KINDS))
        if code and values.get("kind") == "supply" and not _SUPPLY.fullmatch(code):
            sheets.fault("needs", _row(row, "code"), "code", "supply", code)


def _row(row: Row, column: str) -> int:
    cell = row.cells.get(column)
    return cell.row if cell else row.row
