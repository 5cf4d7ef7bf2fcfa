"""Which fields does each report have, in which order, and which of them can only a person fill?"""

from collections.abc import Mapping
from dataclasses import dataclass

from scenarios.event import Json
from scenarios.reports.events import Form, Stage


@dataclass(frozen=True, slots=True)
class Line:
    """
    One sentence of a report before it is worded.

    Attributes
    ----------
    say
        Code of the sentence, worded for people as ``line.<say>``.
    values
        What stands in it: numbers and names as they are in the record; ``{"at": iso}`` is a moment, ``{"term": code}``
        a word, ``{"zh": …, "en": …}`` a name known in both languages.
    sources
        Numbers of the entries the sentence says again.
    """

    say: str
    values: Json
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FieldKind:
    """
    One field of a form.

    Attributes
    ----------
    code
        Its name; worded as ``report.field.<code>``.
    block
        Number of the block on an ICS-209 form, or "".
    by_hand
        Whether the record can fill nothing here.
    needed
        Whether a report should not go up without it; the page says so and lets the officer decide.
    stages
        Stages in which it stands; empty = all.
    """

    code: str
    block: str = ""
    by_hand: bool = False
    needed: bool = False
    stages: tuple[Stage, ...] = ()


_FINAL: tuple[Stage, ...] = ("final",)

FORMS: Mapping[Form, tuple[FieldKind, ...]] = {
    # Order 493 art. 12: 单位概况; 时间、地点、现场情况; 简要经过; 伤亡(含下落不明)与初步直接经济损失; 已采取措施; 其他.
    "incident": (
        FieldKind("unit", needed=True),
        FieldKind("when_where", needed=True),
        FieldKind("course", needed=True),
        FieldKind("toll", needed=True),
        FieldKind("grade"),
        FieldKind("impact"),
        FieldKind("measures", needed=True),
        FieldKind("trend", by_hand=True),
        FieldKind("support", by_hand=True),
        FieldKind("handling", by_hand=True, needed=True, stages=_FINAL),
        FieldKind("lessons", by_hand=True, stages=_FINAL),
        FieldKind("other", by_hand=True),
    ),
    "daily": (
        FieldKind("major", needed=True),
        FieldKind("warnings"),
        FieldKind("in_hand", needed=True),
        FieldKind("deadlines"),
        FieldKind("on_duty", by_hand=True, needed=True),
        FieldKind("other", by_hand=True),
    ),
    "minutes": (
        FieldKind("meeting", needed=True),
        FieldKind("participants", needed=True),
        FieldKind("presenter"),
        FieldKind("situation_now", needed=True),
        FieldKind("statements"),
        FieldKind("options"),
        FieldKind("decisions", needed=True),
        FieldKind("orders"),
        FieldKind("open_items"),
        FieldKind("next_meeting"),
    ),
    # ICS 209, Incident Status Summary (FEMA): the blocks of product.md 9.8.
    "ics209": (
        FieldKind("incident_name", block="1–2"),
        FieldKind("commander", block="5", by_hand=True),
        FieldKind("start", block="6"),
        FieldKind("size", block="7"),
        FieldKind("contained", block="8", by_hand=True),
        FieldKind("definition", block="9–10"),
        FieldKind("period", block="11"),
        FieldKind("location", block="16–27"),
        FieldKind("events", block="28", needed=True),
        FieldKind("materials", block="29"),
        FieldKind("damage", block="30", by_hand=True),
        FieldKind("toll", block="31", needed=True),
        FieldKind("responders", block="32", by_hand=True),
        FieldKind("life_safety", block="33–34"),
        FieldKind("weather", block="35"),
        FieldKind("projection", block="36, 38"),
        FieldKind("objectives", block="37, 40", by_hand=True),
        FieldKind("needs", block="39"),
        FieldKind("planned", block="41–46", by_hand=True),
        FieldKind("remarks", block="47"),
        FieldKind("resources", block="48"),
    ),
}


def fields_of(form: Form, stage: Stage) -> tuple[FieldKind, ...]:
    """Fields of a form at a stage, in their order."""
    return tuple(kind for kind in FORMS[form] if not kind.stages or stage in kind.stages)
