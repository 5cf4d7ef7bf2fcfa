"""What does each kind of source ask an officer, in which units, and between which bounds?"""

from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from plume.release_kinds import KINDS, ReleaseInput

Asking = Literal["number", "choice", "switch", "series"]

SCALE: dict[str, float] = {
    "duration_s": 60.0,  # minutes
    "time_s": 60.0,
    "hole_diameter_m": 1e-3,  # millimetres
    "pipe_diameter_m": 1e-3,
    "pressure_bar": 10.0,  # megapascals
    "fill_fraction": 0.01,  # per cent
    "sulfur_fraction": 0.01,
}
"""Value of the case = value on the page times this, where officers use another unit than the case."""

_NOT_ASKED = frozenset(
    {
        *("kind", "substance", "horizon_s", "method", "vapour_fraction", "heat_levels_kw_m2", "blast_levels_kpa"),
        *("hole_width_m", "hole_height_m", "incomplete_fraction", "carbon_fraction", "reactivity", "energy_j_kg"),
    }
)
"""Nobody in a duty room knows these in the first minutes; the case's own defaults hold."""
_NOT_ASKED_OF: dict[str, frozenset[str]] = {
    **dict.fromkeys(("continuous", "instantaneous", "table"), frozenset({"diameter_m", "temperature_c"})),
    **dict.fromkeys(("tank_liquid", "two_phase"), frozenset({"pipe_length_m"})),
    "pool_fire": frozenset({"diameter_m", "temperature_c"}),
    "fire_smoke": frozenset({"height_m"}),
}
_SUGGESTED: dict[str, Any] = {
    "rate_kg_s": 2.0,
    "duration_s": 10.0,
    "mass_kg": 1000.0,
    "time_s": "0, 5, 10",
    "tank_diameter_m": 2.4,
    "tank_length_m": 8.0,
    "hole_diameter_m": 50.0,
    "volume_m3": 10.0,
    "pressure_bar": 1.0,
    "phase": "gas",
    "pipe_diameter_m": 200.0,
    "pipe_length_m": 1000.0,
    "valve_closing_s": 120.0,
    "burning_rate_kg_s": 1.0,
    "flammable_mass_kg": 1000.0,
}
_SUGGESTED_OF: dict[tuple[str, str], Any] = {
    ("table", "rate_kg_s"): "2, 1, 0",
    ("tank_liquid", "fill_fraction"): 80.0,
    ("two_phase", "fill_fraction"): 80.0,
    ("fire_smoke", "sulfur_fraction"): 3.0,
    ("pool_fire", "area_m2"): 100.0,
    ("solid_explosion", "tnt_equivalence"): 1.0,
}
"""A first guess, on the page's units; it is shown to be changed."""
_OPTIONAL_SUGGESTED = frozenset({"tank_length_m", "hole_diameter_m", "valve_closing_s"})


@dataclass(frozen=True, slots=True)
class Asked:
    """
    One question.

    Attributes
    ----------
    low, high
        Bounds in the units of the page; None where there is none. ``low_open``: the bound itself is not allowed.
    suggested
        What stands in the field at first, in the units of the page; None = left empty, which only ``required`` forbids.
    """

    name: str
    asking: Asking
    required: bool
    suggested: Any
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    choices: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Fields of one key share what was typed: a list of rates is not a rate."""
        return f"{self.name}s" if self.asking == "series" else self.name


@cache
def models() -> dict[str, type[BaseModel]]:
    """Kind -> the model that reads it, in the order the case names them."""
    union = get_args(ReleaseInput)[0]
    found = {get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(union)}
    return {kind: found[kind] for kind in KINDS}


@cache
def asked(kind: str) -> tuple[Asked, ...]:
    """Questions of a kind, those that must be answered first."""
    left_out = _NOT_ASKED_OF.get(kind, frozenset()) | _NOT_ASKED
    fields = models()[kind].model_fields
    found = [_asked(kind, name, field) for name, field in fields.items() if name not in left_out]
    return tuple(sorted(found, key=lambda one: (not one.required, one.suggested is None, one.name == "height_m")))


def _asked(kind: str, name: str, field: FieldInfo) -> Asked:
    required, plain = field.is_required(), _without_none(field.annotation)
    scale = SCALE.get(name, 1.0)
    suggested = _SUGGESTED_OF.get((kind, name))
    if suggested is None and (required or name in _OPTIONAL_SUGGESTED):
        suggested = _SUGGESTED.get(name)
    if suggested is None and not required:
        suggested = field.default / scale if isinstance(field.default, float) else field.default
    if get_origin(plain) is Literal:
        return Asked(name, "choice", required, suggested, choices=get_args(plain))
    if plain is bool:
        return Asked(name, "switch", required, suggested)
    if get_origin(plain) is tuple:
        return Asked(name, "series", required, suggested)
    bounds: dict[str, Any] = {type(part).__name__: part for part in field.metadata}
    low = bounds.get("Gt") or bounds.get("Ge")
    high = bounds.get("Le")
    return Asked(
        name,
        "number",
        required,
        suggested,
        low=None if low is None else float(low.gt if "Gt" in bounds else low.ge) / scale,
        high=None if high is None else float(high.le) / scale,
        low_open="Gt" in bounds,
    )


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation


def answered(kind: str, answers: dict[str, Any]) -> dict[str, Any]:
    """
    Release table of a case from what stands in the fields (units of the page, by `Asked.key`).

    What is left empty is left out, so that the case's own default or its complaint holds; a text that should be numbers
    and is none stays a text, which the case refuses.
    """
    release: dict[str, Any] = {"kind": kind}
    for one in asked(kind):
        value = answers.get(one.key)
        if value is None or value == "":
            continue
        scale = SCALE.get(one.name, 1.0)
        if one.asking == "number":
            value = _number(str(value), scale)
        elif one.asking == "series":
            value = _numbers(str(value), scale)
        release[one.name] = value
    return release


def _number(text: str, scale: float) -> float | str:
    try:
        return float(text.replace(",", "")) * scale
    except ValueError:
        return text


def _numbers(text: str, scale: float) -> list[float] | str:
    try:
        return [float(part) * scale for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]
    except ValueError:
        return text
