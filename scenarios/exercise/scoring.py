"""How well was it done? A table computed from the record alone, with what people judged beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from scenarios.exercise import deeds as deeds_
from scenarios.exercise.deeds import Deed
from scenarios.exercise.drill import Capability, Expectation, Rating, SheetItem
from scenarios.exercise.fold import Exercise, Said

Result = Literal["met", "late", "missed", "not_called", "open"]
"""Done in time | too late | not done | never asked for | there is still time."""
LATE_COUNTS = 0.5
"""Part of the points a deed done too late brings; a house rule."""


@dataclass(frozen=True, slots=True)
class Scored:
    """
    One line of the score table.

    Attributes
    ----------
    result, computed
        What stands, and what follows from the record; they differ where a person judged.
    called_s, due_s, done_s
        Exercise times: when it was asked for, until when, and when it was done; None where unknown.
    evidence
        The deeds that show it.
    points, possible
        Points it brings and could bring; an expectation never asked for, or still open, could bring none.
    judged
        The judgement of a person, where there is one.
    """

    expectation: Expectation
    result: Result
    computed: Result
    called_s: float | None
    due_s: float | None
    done_s: float | None
    evidence: tuple[Deed, ...]
    points: float
    possible: float
    judged: Said | None = None


@dataclass(frozen=True, slots=True)
class Rated:
    """
    One capability, or one critical task of it (``task_id``): the rating suggested by the table and the one given.
    """

    capability_id: str
    task_id: str
    suggested: Rating | None
    given: Said | None


@dataclass(frozen=True, slots=True)
class Marked:
    """One line of the table-top sheet: points its evidence suggests (None without any), and the mark given."""

    item: SheetItem
    suggested: float | None
    given: Said | None


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """
    The whole table; screens may rely on the order of ``rows`` (that of the drill) and on every part being there.

    ``missed`` names the essential expectations that were missed: with any of them the drill is not passed.
    """

    rows: tuple[Scored, ...]
    capabilities: tuple[Rated, ...]
    sheet: tuple[Marked, ...]
    points: float
    possible: float
    missed: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Whether no essential expectation was missed."""
        return not self.missed

    @property
    def share(self) -> float | None:
        """Points reached of those possible, 0..1; None while nothing was asked for."""
        return self.points / self.possible if self.possible else None

    def counts(self) -> dict[Result, int]:
        """How many lines have which result."""
        found: dict[Result, int] = {"met": 0, "late": 0, "missed": 0, "not_called": 0, "open": 0}
        for one in self.rows:
            found[one.result] += 1
        return found


def score(exercise: Exercise, deeds: tuple[Deed, ...], elapsed_s: float) -> ScoreTable:
    """
    Score an exercise as it stands at an exercise time.

    Parameters
    ----------
    deeds
        Of all its incidents, see `scenarios.exercise.deeds.deeds_of`.
    """
    rows = tuple(_scored(one, exercise, deeds, elapsed_s) for one in exercise.drill.expectations)
    by_id = {one.expectation.id: one for one in rows}
    return ScoreTable(
        rows=rows,
        capabilities=tuple(
            rated for one in exercise.drill.capabilities for rated in _rated(one, exercise, by_id)
        ),
        sheet=tuple(
            Marked(item, _evidenced(item, by_id), exercise.marked(item.id)) for item in exercise.drill.sheet
        ),
        points=sum(one.points for one in rows),
        possible=sum(one.possible for one in rows),
        missed=tuple(one.expectation.id for one in rows if one.expectation.essential and one.result == "missed"),
    )  # fmt: skip


def suggested_rating(results: Iterable[Result]) -> Rating | None:
    """
    P where all was done in time, S where something came late, M where something was missed, U where more than half was.

    A suggestion by a house rule; HSEEP leaves the rating to the evaluator. None where nothing was asked for yet.
    """
    asked = [one for one in results if one not in ("not_called", "open")]
    if not asked:
        return None
    missed = asked.count("missed")
    if missed * 2 > len(asked):
        return "U"
    if missed:
        return "M"
    return "S" if "late" in asked else "P"


def _scored(one: Expectation, exercise: Exercise, deeds: tuple[Deed, ...], elapsed_s: float) -> Scored:
    called_s = deeds_.called_s(one, exercise)
    due_s = called_s + one.within_s if called_s is not None else None
    evidence = deeds_.evidence(one, exercise, deeds)
    done_s = evidence[-1].at_s if len(evidence) == one.does.count else None
    computed = _result(done_s, due_s, elapsed_s, exercise.status == "ended")
    judged = exercise.judged(one.id)
    result: Result = judged.event.verdict if judged is not None else computed  # type: ignore[union-attr]
    possible = 0.0 if result in ("not_called", "open") else float(one.points)
    part = {"met": 1.0, "late": LATE_COUNTS}.get(result, 0.0)
    return Scored(one, result, computed, called_s, due_s, done_s, evidence, part * possible, possible, judged)


def _result(done_s: float | None, due_s: float | None, elapsed_s: float, ended: bool) -> Result:
    if due_s is None:
        return "not_called"
    if done_s is not None:
        return "met" if done_s <= due_s else "late"
    return "missed" if ended or elapsed_s > due_s else "open"


def _rated(one: Capability, exercise: Exercise, by_id: dict[str, Scored]) -> list[Rated]:
    tasks = [
        Rated(
            one.id, task.id, suggested_rating(by_id[name].result for name in task.expectations),
            exercise.rated(one.id, task.id),
        )
        for task in one.tasks
    ]  # fmt: skip
    every = [by_id[name].result for task in one.tasks for name in task.expectations]
    return [Rated(one.id, "", suggested_rating(every), exercise.rated(one.id)), *tasks]


def _evidenced(item: SheetItem, by_id: dict[str, Scored]) -> float | None:
    """Points of a line in the measure its evidence reached its own points."""
    rows = [by_id[name] for name in item.expectations]
    possible = sum(one.possible for one in rows)
    return round(item.points * sum(one.points for one in rows) / possible, 1) if possible else None
