"""What did a look at a file against the register find? Its rows, their faults and which are kept aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.crs import Datum
from layers.importing import parsing
from layers.importing.fields import Field
from layers.importing.findings import Finding, Findings
from layers.importing.known import Known
from layers.importing.matching import Mapped
from layers.importing.quality import STALE_DAYS, Examined
from layers.importing.reading import Sheet


@dataclass(frozen=True)
class Wishes:
    """
    How a file is to be understood.

    Attributes
    ----------
    mapping
        Header -> column, for headers that name themselves badly.
    datum
        What the degrees mean; needed for formats that cannot say.
    accept
        Rules whose rows are let in all the same, such as ``stale``.
    """

    mapping: Mapping[str, str]
    datum: Datum | None = None
    accept: frozenset[str] = frozenset()
    stale_days: int = STALE_DAYS


@dataclass(frozen=True)
class Trial:
    """
    A file examined against the register, nothing written.

    Attributes
    ----------
    aside
        Rows that are kept aside.
    new, known
        Good rows the register does not have, and those it has (whether or not they say anything new).
    """

    layer: str
    file_name: str
    content_key: str
    sheet: Sheet
    fields: tuple[Field, ...]
    mapped: Mapped
    parsed: parsing.Parsed
    examined: Examined
    register: Known
    aside: NDArray[np.bool_]
    wishes: Wishes

    @property
    def findings(self) -> Findings:
        """Every reason."""
        return self.examined.findings

    @property
    def rows(self) -> int:
        """Rows of the file."""
        return len(self.aside)

    @property
    def new(self) -> int:
        """Good rows that would be added."""
        return int((~self.aside & (self.examined.known_row < 0)).sum())

    @property
    def known(self) -> int:
        """Good rows that speak of something the register has."""
        return int((~self.aside & (self.examined.known_row >= 0)).sum())

    def number(self, row: int) -> int:
        """Row number as a person counts it in the file."""
        return row + self.sheet.first_row

    def told(self) -> list[dict[str, Any]]:
        """Every reason with what tells the row apart, for the report and the page."""
        return [self._told(one) for one in self.findings.listed()]

    def _told(self, one: Finding) -> dict[str, Any]:
        facts = dict(one.facts)
        if "other_row" in facts:
            facts["other_row"] = self.number(facts["other_row"])
        values = self.parsed.values
        raw = self.parsed.raw_place[one.row]
        return {
            "row": self.number(one.row),
            "rule": one.rule,
            "column": one.column,
            "value": one.value,
            "facts": facts,
            "name": said(values, "name", one.row),
            "uscc": said(values, "uscc", one.row),
            "division_code": str(self.examined.division_code[one.row]),
            "longitude": None if np.isnan(raw[0]) else float(raw[0]),
            "latitude": None if np.isnan(raw[1]) else float(raw[1]),
        }


def said(values: pd.DataFrame, column: str, row: int) -> str:
    """What a cell says as text; empty where there is no such column, or nothing in it."""
    if column not in values:
        return ""
    value = values[column].iloc[row]
    return "" if value is None or value != value else str(value)
