"""Which accident grade does the table of Order 493 give, and which figure decided it?"""

from dataclasses import dataclass

from scenarios.events import GRADES, CasualtiesReported, Grade, GradeSuggested

RULE = "order_493_art_3"
"""《生产安全事故报告和调查处理条例》 (State Council Order 493) art. 3: 以上 includes the bound, 以下 excludes it."""

LOWEST: dict[str, tuple[int, int, int]] = {
    "dead": (3, 10, 30),
    "seriously_injured": (10, 50, 100),
    "loss_yuan": (10_000_000, 50_000_000, 100_000_000),
}
"""Smallest figure of 较大, 重大 and 特别重大 by column; below the first it is 一般. The worst column decides."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One figure and the bound it reached: "死亡 3 人 >= 3 -> 较大"."""

    column: str
    value: int
    bound: int
    grade: Grade


def grade(dead: int, seriously_injured: int, loss_yuan: int) -> tuple[Grade, tuple[Reason, ...]]:
    """
    Worst grade of the three columns and the columns that reach it (none for 一般).

    Parameters
    ----------
    seriously_injured
        People; acute industrial poisoning counts here.
    loss_yuan
        Direct loss in whole yuan.

    Examples
    --------
    >>> grade(2, 100, 0)[0]
    'extraordinary'
    """
    values = {"dead": dead, "seriously_injured": seriously_injured, "loss_yuan": loss_yuan}
    steps = {column: sum(value >= bound for bound in LOWEST[column]) for column, value in values.items()}
    worst = max(steps.values())
    reasons = tuple(
        Reason(column, values[column], LOWEST[column][worst - 1], GRADES[worst])
        for column, step in steps.items()
        if worst and step == worst
    )
    return GRADES[worst], reasons


def suggest(casualties: CasualtiesReported) -> GradeSuggested:
    """
    Suggestion for a person to confirm.

    Some provincial plans count the missing as dead (死亡含失踪), so both results are given.
    """
    found, reasons = grade(casualties.dead, casualties.seriously_injured, casualties.loss_yuan)
    with_missing, _ = grade(casualties.dead + casualties.missing, casualties.seriously_injured, casualties.loss_yuan)
    return GradeSuggested(
        found,
        with_missing,
        RULE,
        tuple({"column": r.column, "value": r.value, "bound": r.bound, "grade": r.grade} for r in reasons),
    )
