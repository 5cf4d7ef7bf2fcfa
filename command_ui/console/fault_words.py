"""How is an error of the rooms said in the language of the page? Rooms write plain English; officers read Chinese."""

import logging
import re
from functools import cache
from typing import Any

from command_ui.words import Language, say, texts
from gis.errors import InputError, OneMapError
from plume import substances

_LOG = logging.getLogger(__name__)
_N = r"[-+\d.,e]+"
BAR_PER_MPA = 10.0
_SENTENCES: tuple[tuple[str, str], ...] = (
    # what a room says -> our code; named parts become values of the text
    (rf"release: (?P<released>{_N}) kg is more than the (?P<content>{_N}) kg there are", "why.too_much"),
    (rf"mass_kg (?P<released>{_N}) is more than the tank's content_kg (?P<content>{_N})", "why.too_much"),
    (
        rf"tank: (?P<content>{_N}) kg of (?P<name>\S+) do not fit, .* at most (?P<most>{_N}) kg",
        "why.no_fit",
    ),
    (rf"tank: (?P<name>\S+) at (?P<at>{_N}) C is below its boiling point (?P<limit>{_N}) C", "why.no_flash"),
    (rf"vessel: (?P<name>\S+) at (?P<at>{_N}) C is liquid above (?P<mpa>{_N}) bar", "why.is_liquid"),
    (rf"(vessel|pipe): (?P<mpa>{_N}) bar absolute is not above the air's", "why.pressure_low"),
    (rf"tank: the liquid stands at (?P<level>{_N}) m, not above the hole at (?P<hole>{_N}) m", "why.no_outflow"),
    (r"tank: (no liquid and no pressure|the pressure at the hole is below)", "why.no_pressure"),
    (r"(?P<name>[\w -]+): no heat of combustion", "why.no_fire"),
    (r"(?P<name>[\w -]+): no flammable limits", "why.no_flammable"),
    (r"(?P<name>[\w -]+): no physical properties on record", "why.no_properties"),
    (r"output\.levels: no (?P<system>\w+) value for (?P<name>[\w -]+)", "why.no_level"),
    (rf"(?P<name>[\w -]+): (?P<at>{_N}) K is above its critical temperature (?P<limit>{_N}) K", "why.critical"),
    (
        rf"(?P<name>[\w -]+): the vapour pressure is known down to (?P<limit>{_N}) K, .* (?P<at>{_N}) K",
        "why.too_cold",
    ),
    (rf"(?P<name>[\w -]+): no boiling point at (?P<mpa>{_N}) bar", "why.no_boiling"),
    (rf"weather\.mixing_height_m: (?P<lid>{_N}) m is not above the release at (?P<height>{_N}) m", "why.lid"),
    (r"puddle: the wind is 0 m/s", "why.puddle_calm"),
    (r"puddle: HJ 169 has no values", "why.puddle_surface"),
    (r"give area_m2: HJ 169", "why.puddle_area"),
    (r"output\.levels: no", "why.no_levels"),
    (r"smoke is computed for|kind fire_smoke", "why.smoke_of"),
    (r".*is needed for sulfur dioxide", "why.sulfur"),
    (r"release: its cloud is nowhere within flammable limits", "why.not_flammable_cloud"),
    (r"release\.kind: a fire or explosion has no concentration", "why.fire_no_concentration"),
    (rf"fireball: mass (?P<value>{_N}) kg must lie", "why.fireball_mass"),
    (r"release\.substance: '(?P<value>[^']*)' is not known; nearest: (?P<nearest>.*)", "why.substance"),
    (r"nothing is known about the release yet", "why.no_case"),
    (r"the note is empty", "why.empty_note"),
    (r"a correction needs its reason", "why.no_reason"),
    (rf"(?P<where>[\w.]+): '?(?P<value>{_N})'? must be (above|at least|below|at most) (?P<limit>{_N})", "why.range"),
    (r"(?P<where>[\w.]+): missing", "why.missing"),
    (
        r"supply (?P<what>.+) \(\S+\): (?P<asked>\S+) would be held and there is (?P<there>.+); "
        r"held by (?P<holders>.+)\. Return some",
        "why.overdrawn",
    ),
    (r"supply (?P<what>.+) \(\S+\) is (?P<state>\w+): take another", "why.not_usable"),
    (r"the incident holds (?P<holds>\S+) of \S+, not (?P<asked>\S+)", "why.holds_less"),
    (r"message (?P<what>T-\d+) is \w+: (that is known already|there is nothing to send again)", "why.message_done"),
    (r"message (?P<what>T-\d+) goes out by hand", "why.message_by_hand"),
    (r"phone: 2 to 25 digits", "why.phone"),
)


def worded(error: OneMapError, language: Language) -> str:
    """
    The sentence of an error in the language of the page.

    What no text is there for is said by the kind of error, and stands whole in the service log.
    """
    faults = error.faults if isinstance(error, InputError) else (str(error),)
    said = dict.fromkeys(sentence(one, language, error.code) for one in faults)
    return ("；" if language == "zh" else "; ").join(said)


def sentence(fault: str, language: Language, kind: str = "bad_input") -> str:
    """One fault of a room in the language of the page."""
    for pattern, code in _patterns():
        found = pattern.match(fault)
        if found:
            return say(
                code, language, **{name: _value(name, part, language) for name, part in found.groupdict().items()}
            )
    if language == "en":
        return fault
    _LOG.info("said by its kind only: %s", fault)
    return say(f"why.{kind}" if f"why.{kind}" in texts("zh") else "why.error", language)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), code) for pattern, code in _SENTENCES)


def _value(name: str, part: str, language: Language) -> Any:
    if name == "name":
        try:
            known = substances.find(part)
            return known.name_zh if language == "zh" else known.key
        except InputError:
            return part
    if name == "nearest":
        return "、".join(one.rpartition(" ")[2] for one in part.split(", ")) if language == "zh" else part
    if name == "where":
        return _field(part, language)
    if name == "mpa":  # officers read pressures in MPa, as the form asks for them
        return f"{float(part) / BAR_PER_MPA:.3g}"
    return part.rstrip(".,")


def _field(where: str, language: Language) -> str:
    key = where.rpartition(".")[2]
    for code in (f"source.{key}", f"intake.field.{_WEATHER.get(key, key)}"):
        if code in texts("zh"):
            return say(code, language)
    return say("why.field", language)


_WEATHER = {
    "wind_speed_m_s": "wind_speed",
    "wind_from_deg": "wind_from",
    "temperature_c": "temperature",
    "relative_humidity": "humidity",
}
