"""Why can a source not be computed, in one sentence beside the field to correct?"""

from typing import Any

from pydantic import ValidationError

from command_ui.console.fault_words import sentence, worded
from command_ui.console.source_fields import Asked, asked
from command_ui.words import Language, say
from gis.errors import OneMapError
from plume.case import Case

Json = dict[str, Any]

_KNOWN: tuple[tuple[str, str, str], ...] = (
    # what the rooms say (a piece of it) -> our sentence, and the field to mark
    ("give either fill_fraction", "fault.fill_or_content", "content_kg"),
    ("give either hole_diameter_m", "fault.hole", "hole_diameter_m"),
    ("give tank_length_m", "fault.tank_length", "tank_length_m"),
    ("below the top of the tank", "fault.hole_high", "hole_bottom_m"),
    ("than the tank's content_kg", "fault.too_much", "content_kg"),
    ("kg there are", "fault.too_much", "content_kg"),
    ("give either area_m2", "fault.pool_area", "area_m2"),
    ("give either tnt_equivalence", "fault.tnt", "tnt_equivalence"),
    ("release table", "fault.table", "time_ss"),
    ("does not flash", "fault.no_flash", "kind"),
    ("not above the air's", "fault.pressure_low", "pressure_bar"),
    ("is liquid above", "fault.is_liquid", "kind"),
    ("do not fit", "fault.not_fit", "content_kg"),
    ("nothing would", "fault.no_outflow", "hole_bottom_m"),
    ("no heat of combustion", "fault.no_fire", "substance"),
    ("smoke is computed for", "fault.smoke_of", "substance"),
    ("output.levels: no", "fault.no_levels", "levels"),
    ("is needed for sulfur dioxide", "fault.sulfur", "sulfur_fraction"),
)


def faults_of(case: Json, language: Language) -> dict[str, str]:
    """Field (by its key on the page) -> sentence, for every fault the case would be refused for; empty when none."""
    try:
        Case.model_validate(case)
    except ValidationError as error:
        kind = str(case["release"]["kind"])
        questions = {one.name: one for one in asked(kind)}
        found: dict[str, str] = {}
        for fault in error.errors():
            for key, sentence in _said(fault, questions, language):
                found.setdefault(key, sentence)
        return found
    return {}


def refusal_of(case: Json, language: Language) -> dict[str, str]:
    """The same for what only shows when the source is computed; may take a moment, so run it off the event loop."""
    from plume.release_kinds import FireInput, SolidExplosionInput
    from plume.setting import prepare

    try:
        read = Case.model_validate(case)
        if not isinstance(read.release, FireInput):
            prepare(read)
        elif not isinstance(read.release, SolidExplosionInput) and read.release.fuel is not None:
            read.release.fuel.need_heat_of_combustion()
    except OneMapError as error:
        text = str(error)
        said = worded(error, language)
        marks = [key for piece, _code, key in _KNOWN if piece in text] or [""]
        return {key: _readable(said, text, language) for key in marks}
    return {}


def _readable(said: str, text: str, language: Language) -> str:
    """The sentence with its figures where there is one, else ours; the rooms' own English carries a lead."""
    known = _whole(text, language)
    if known and said in (text, say("why.bad_input", language)):
        return known[0][1]
    return say("fault.other", language, reason=said) if said == text else said


def _whole(text: str, language: Language) -> list[tuple[str, str]]:
    return [(key, say(code, language)) for piece, code, key in _KNOWN if piece in text]


def _said(fault: Any, questions: dict[str, Asked], language: Language) -> list[tuple[str, str]]:
    names = [str(part) for part in fault["loc"]]
    question = next((questions[name] for name in reversed(names) if name in questions), None)
    if names[:1] != ["release"] or question is None:
        text = str(fault["msg"]).removeprefix("Value error, ")
        if known := _whole(text, language):
            return [(key, _readable(sentence(text, language), text, language)) for key, _said in known]
        reason = sentence(text, language)
        return [(names[-1] if len(names) > 1 else "", say("fault.other", language, reason=reason))]
    return [(question.key, sentence_of(question, str(fault["type"]), language))]


def sentence_of(question: Asked, fault: str, language: Language) -> str:
    """One sentence for one fault of one field, with its bounds in the units of the page."""
    label = say(f"source.{question.key}", language)
    if question.asking == "series":
        return say("fault.needed" if fault == "missing" else "fault.series", language, field=label)
    if fault == "missing" or question.low is None:
        return say("fault.needed", language, field=label)
    high = f"{question.high:,.10g}" if question.high is not None else "—"
    code = "fault.above" if question.low_open else "fault.between"
    return say(code, language, field=label, low=f"{question.low:g}", high=high)
