"""What is wrong with a file of a plan, and where exactly? File, sheet, row and column of every fault, all at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from gis.errors import InputError

_SENTENCES = {
    "unreadable": "cannot be read: {value}",
    "form": "says form '{value}'; this program reads onemap-plan/1",
    "sheet": "the sheet '{value}' is missing",
    "section": "there is no section '{value}' in a plan",
    "unknown": "there is no such column; use {allowed}",
    "missing": "is empty; it must be filled",
    "allowed": "'{value}' is not one of {allowed}",
    "pattern": "'{value}' is malformed; write it like {allowed}",
    "date": "'{value}' is no date; write it like 2026-03-01",
    "whole": "'{value}' is no whole number",
    "number": "'{value}' is no number",
    "least": "'{value}' is too small; at least {allowed}",
    "levels": "'{value}' is no response level; 1 to 4",
    "cas": "'{value}' is no CAS number: its last digit does not fit",
    "double": "'{value}' stands here and in row {allowed}",
    "no_task": "there is no task '{value}'",
    "team": "'{value}' is no kind of team; use {allowed}",
    "supply": "'{value}' is no code of GB/T 38565: 1 to 7 digits beginning with 1, 2 or 3",
    "no_tasks": "a plan has at least one task",
    "order": "lies before the day it comes into force ({allowed})",
    "enterprise": "an enterprise's own plan names its enterprise",
}


@dataclass(frozen=True, slots=True)
class PlanFault:
    """One fault; ``row`` is the line of a YAML file or the row of a sheet, 0 where none can be named."""

    file: str
    sheet: str
    row: int
    column: str
    code: str
    value: str = ""
    allowed: str = ""

    @property
    def sentence(self) -> str:
        """Plain English: where, what, and what to do."""
        sheet = f" sheet '{self.sheet}'" if self.sheet else ""
        row = f" row {self.row}" if self.row else ""
        column = f" column '{self.column}'" if self.column else ""
        said = _SENTENCES[self.code].format(value=self.value, allowed=self.allowed)
        return f"{self.file}{sheet}{row}{column}: {said}"


class PlanFaultsError(InputError):
    """A file of a plan has faults; `found` holds them one by one."""

    def __init__(self, found: Iterable[PlanFault]) -> None:
        self.found = tuple(found)
        super().__init__(one.sentence for one in self.found)
