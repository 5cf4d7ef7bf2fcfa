"""What do scripted players do, and when? Steps of ``players.toml``, for a drill that plays without people."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from scenarios.event import Json
from scenarios.exercise.drill import Condition, Drill, Strict

Act = Literal[
    "acknowledge", "report", "case", "assess", "grade", "level", "decide", "adopt", "order", "step", "send",
    "team", "close_road", "note", "answer", "close",
]  # fmt: skip
_TIME = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)")


def _seconds(value: Any) -> Any:
    matched = _TIME.fullmatch(value) if isinstance(value, str) else None
    if matched is None:
        raise ValueError("write exercise time as HH:MM:SS, such as 00:12:30")
    hours, minutes, seconds = (int(part) for part in matched.groups())
    return hours * 3600 + minutes * 60 + seconds


ExerciseTime = Annotated[int, BeforeValidator(_seconds)]


@dataclass(frozen=True, slots=True)
class Step(Strict):
    """
    One thing a scripted player does.

    Attributes
    ----------
    at, after, delay, done
        When: not before an exercise time; not before an inject fired, this much later; not before these expectations
        were met. At least one is given.
    who, act
        The role, and what it does; see `scenarios.exercise.acting` for what each act needs.
    title, text, unit, to, reason, plan, stage, channel, level, within, count, longitude, latitude
        Words and choices of the act: the order's unit and text, the step an order takes (``to``), to whom a report
        goes (``to``), how many orders or teams (``count``) …
    """

    who: str
    act: Act
    at: ExerciseTime | None = None
    after: str = ""
    delay: ExerciseTime = 0
    done: tuple[str, ...] = ()
    title: str = ""
    text: str = ""
    unit: str = ""
    to: str = ""
    reason: str = ""
    plan: str = ""
    stage: str = ""
    channel: str = ""
    level: int | None = None
    longitude: float | None = None
    latitude: float | None = None
    within: ExerciseTime | None = None
    count: int = 1

    @property
    def when(self) -> Condition:
        """The same in the form injects have."""
        return Condition(self.at, self.after, self.delay, self.done)


def steps_of(plain: Sequence[Json]) -> tuple[Step, ...]:
    """Steps of a checked drill."""
    return tuple(_adapter().validate_python(one) for one in plain)


def step_faults(plain: Sequence[Json], drill: Drill) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every fault of the steps, with the path of its key."""
    for at, one in enumerate(plain):
        try:
            step = _adapter().validate_python(one)
        except ValidationError as error:
            for fault in error.errors():
                yield ("step", at, *fault["loc"]), f"{fault['msg'][:1].lower()}{fault['msg'][1:]}"
            continue
        if drill.role(step.who) is None:
            yield ("step", at, "who"), f"there is no role '{step.who}'"
        if step.at is None and not step.after and not step.done:
            yield ("step", at, "at"), "says not when: give at, after or done"
        if step.after and drill.inject(step.after) is None:
            yield ("step", at, "after"), f"there is no inject '{step.after}'"
        for name in step.done:
            if drill.expectation(name) is None:
                yield ("step", at, "done"), f"there is no expectation '{name}'"


def _adapter() -> TypeAdapter[Step]:
    return TypeAdapter(Step)
