"""What is wrong with which row, and how sure are we?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Rule = Literal[
    "missing", "value", "formula", "uscc", "coordinate", "swapped", "outside_division", "unknown_division",
    "jurisdiction", "datum", "duplicate_id", "duplicate_uscc", "duplicate_name", "duplicate_near", "stale", "older",
]  # fmt: skip
RULES: tuple[Rule, ...] = (
    "missing", "value", "formula", "uscc", "coordinate", "swapped", "outside_division", "unknown_division",
    "jurisdiction", "datum", "duplicate_id", "duplicate_uscc", "duplicate_name", "duplicate_near", "stale", "older",
)  # fmt: skip
"""In the order of the report. A row with any of them is kept aside, unless the caller accepts the rule."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One reason against one row.

    Attributes
    ----------
    row
        Position in the file, from 0.
    column
        Column it is about; empty when it is about the row.
    value
        What stands there.
    facts
        Numbers and names the sentence needs: ``other`` (row number or id of a known row), ``distance_m``, ``datum``,
        ``expected``, ``days``.
    """

    row: int
    rule: Rule
    column: str = ""
    value: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Findings:
    """All reasons against the rows of one file, gathered rule by rule."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._all: list[Finding] = []
        self._hit: dict[Rule, NDArray[np.bool_]] = {}

    def add(
        self, rule: Rule, rows: Sequence[int] | NDArray[np.int64], column: str = "", values: Sequence[Any] = (),
        facts: Sequence[Mapping[str, Any]] = (),
    ) -> None:  # fmt: skip
        """Note `rule` against some rows, with a value and facts for each where there are any."""
        marks = self._hit.setdefault(rule, np.zeros(self.rows, bool))
        for at, row in enumerate(rows):
            value = str(values[at]) if len(values) else ""
            self._all.append(Finding(int(row), rule, column, value[:200], facts[at] if len(facts) else {}))
        if len(rows):
            marks[np.asarray(rows, int)] = True

    def of(self, *rules: Rule) -> NDArray[np.bool_]:
        """Which rows have one of these rules against them."""
        answer = np.zeros(self.rows, bool)
        for rule in rules:
            answer |= self._hit.get(rule, answer)
        return answer

    def against(self, accepted: frozenset[str] = frozenset()) -> NDArray[np.bool_]:
        """Which rows are kept aside."""
        return self.of(*[rule for rule in RULES if rule not in accepted])

    def counts(self) -> dict[str, int]:
        """Rule -> rows, only those found, in the order of the report."""
        return {rule: int(self._hit[rule].sum()) for rule in RULES if rule in self._hit and self._hit[rule].any()}

    def listed(self) -> list[Finding]:
        """Every reason, by row, then in the order of the report."""
        order = {rule: at for at, rule in enumerate(RULES)}
        return sorted(self._all, key=lambda one: (one.row, order[one.rule], one.column))
