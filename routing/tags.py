"""What does an OpenStreetMap tag say in numbers?"""

import math
import re
from collections.abc import Mapping

from routing import flags
from routing.classes import NATIONAL_SPEED_KMH
from routing.guards import HOURS
from routing.hours import hours_named

_NUMBER = re.compile(r"^\s*([0-9]+(?:[.,][0-9]+)?)\s*([a-z/'\"]*)", re.IGNORECASE)
_FEET = re.compile(r"^\s*([0-9]+)\s*(?:'|ft|feet)\s*(?:([0-9]+(?:\.[0-9]+)?)\s*(?:\"|in)?)?\s*$", re.IGNORECASE)
_TRUE = frozenset({"yes", "true", "1"})
_FALSE = frozenset({"no", "false", "0"})
_SPEED_UNIT = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}
_LENGTH_UNIT = {"": 1.0, "m": 1.0, "meter": 1.0, "meters": 1.0, "metres": 1.0, "cm": 0.01, "mm": 0.001}
_WEIGHT_UNIT = {
    "": 1.0,
    "t": 1.0,
    "tonnes": 1.0,
    "tons": 1.0,
    "kg": 0.001,
    "st": 0.90718474,
    "lbs": 0.00045359237,
    "lb": 0.00045359237,
}


def speed_kmh(text: str | None) -> float:
    """
    Speed in km/h of a maxspeed value; NaN when it says nothing usable ("signals", "none", "variable").

    ``50``, ``30 mph``, ``CN:urban``, ``DE:zone30``, ``walk``; of several values the lowest.
    """
    if not text:
        return math.nan
    found = [_one_speed(part.strip()) for part in re.split(r"[;|,]", text)]
    usable = [value for value in found if value == value and value > 0]
    return min(usable) if usable else math.nan


def _one_speed(text: str) -> float:
    match = _NUMBER.match(text)
    if match:
        factor = _SPEED_UNIT.get(match[2].lower())
        return float(match[1].replace(",", ".")) * factor if factor else math.nan
    kind = text.rpartition(":")[2].lower()
    zone = re.match(r"zone:?(\d+)$", kind)
    if zone:
        return float(zone[1])
    return NATIONAL_SPEED_KMH.get(kind, math.nan)


def metres(text: str | None) -> float:
    """Length in metres of a maxheight or maxwidth value; NaN for "default", "none" and the like."""
    if not text:
        return math.nan
    feet = _FEET.match(text)
    if feet:
        return float(feet[1]) * 0.3048 + (float(feet[2]) * 0.0254 if feet[2] else 0.0)
    match = _NUMBER.match(text)
    if not match or match[2].lower() not in _LENGTH_UNIT:
        return math.nan
    return float(match[1].replace(",", ".")) * _LENGTH_UNIT[match[2].lower()]


def tonnes(text: str | None) -> float:
    """Mass in tonnes of a maxweight value; NaN when it says nothing usable."""
    match = _NUMBER.match(text) if text else None
    if not match or match[2].lower() not in _WEIGHT_UNIT:
        return math.nan
    return float(match[1].replace(",", ".")) * _WEIGHT_UNIT[match[2].lower()]


def lanes_per_direction(tags: Mapping[str, str], oneway: int) -> int:
    """Lanes in one direction; 0 when not tagged."""
    match = _NUMBER.match(tags.get("lanes") or "")
    if not match:
        return 0
    lanes = float(match[1].replace(",", "."))
    return max(1, min(20, int(lanes if oneway else lanes / 2)))


def oneway(tags: Mapping[str, str]) -> tuple[int, bool]:
    """
    Direction of a way: 1 along its nodes, -1 against them, 0 both; and whether that was inferred.

    Motorways, their links and roundabouts are one-way unless a tag says no.
    """
    value = (tags.get("oneway") or "").lower()
    if value in _TRUE:
        return 1, False
    if value in {"-1", "reverse"}:
        return -1, False
    if value in _FALSE:
        return 0, False
    if tags.get("highway") in {"motorway", "motorway_link"} or tags.get("junction") in {"roundabout", "circular"}:
        return 1, True
    return 0, False


_BUSINESS = frozenset({"no", "private", "destination", "delivery", "agricultural", "forestry", "permit"})


def _lorry_flags(tags: Mapping[str, str]) -> int:
    """
    Where and when lorries may not pass: ``hgv`` (else ``goods``), ``hgv:conditional``, ``hazmat``.

    Times of a condition are rounded outwards to two hours and hold every day; a condition without times (a weight, a
    season) holds always: who cannot check it keeps out.
    """
    bits = 0
    if (tags.get("hgv") or tags.get("goods") or "") in _BUSINESS:
        bits |= flags.LORRY_NO
    for clause in re.split(r";(?![^(]*\))", tags.get("hgv:conditional") or ""):
        value, _, condition = clause.partition("@")
        if value.strip() in _BUSINESS:
            bits |= _hours(condition) or flags.LORRY_NO
    if tags.get("hazmat") == "no":
        bits |= flags.HAZMAT_NO
    return bits


def _hours(condition: str) -> int:
    """Bits of the hours a condition names; 0 when it names none."""
    named = hours_named(condition)
    bits = 0
    for hour in range(HOURS):
        if named is not None and named.may >> hour & 1:
            bits |= flags.lorry_hour(hour)
    return bits


def way_flags(tags: Mapping[str, str]) -> int:
    """Bits of `routing.flags` that the tags of a way set."""
    bits = 0
    if (tags.get("bridge") or "no") not in _FALSE:
        bits |= flags.BRIDGE
    if (tags.get("tunnel") or "no") not in _FALSE:
        bits |= flags.TUNNEL
    if tags.get("junction") in {"roundabout", "circular"}:
        bits |= flags.ROUNDABOUT
    if tags.get("toll") in _TRUE:
        bits |= flags.TOLL
    motor = tags.get("motorcar") or tags.get("motor_vehicle") or tags.get("vehicle") or tags.get("access") or ""
    if motor in {"no", "agricultural", "forestry", "military", "psv", "bus", "bicycle", "foot"}:
        bits |= flags.ACCESS_NO
    elif motor in {"private", "customers", "delivery", "destination", "permit"}:
        bits |= flags.ACCESS_PRIVATE
    if (tags.get("foot") or tags.get("access") or "") in {"no", "private"}:
        bits |= flags.FOOT_NO
    if tags.get("emergency") in {"yes", "designated", "official"}:
        bits |= flags.EMERGENCY_YES
    if (tags.get("bus") or tags.get("psv") or "") in {"yes", "designated"} or motor in {"psv", "bus"}:
        bits |= flags.BUS_YES
    return bits | _lorry_flags(tags)


_PASSABLE = frozenset({
    "no", "entrance", "cattle_grid", "border_control", "checkpoint", "toll_booth", "sally_port", "kerb", "arch",
    "height_restrictor", "spikes",
})  # fmt: skip
_GATES = frozenset({"gate", "lift_gate", "swing_gate", "sliding_gate", "chain", "rope", "bump_gate", "wicket_gate"})


def barrier_flag(tags: Mapping[str, str]) -> int:
    """
    Which barrier bit a node sets; 0 when vehicles pass.

    An untagged gate or lift gate passes; one with access no or private is shut; bollards and blocks stop every vehicle.
    """
    kind = tags.get("barrier")
    if not kind or kind in _PASSABLE:
        return 0
    motor = tags.get("motorcar") or tags.get("motor_vehicle") or tags.get("vehicle") or tags.get("access") or ""
    if motor in {"yes", "permissive", "designated", "destination"}:
        return 0
    if kind in _GATES:
        return flags.BARRIER_GATE if motor in {"no", "private"} or kind in {"chain", "rope"} else 0
    return flags.BARRIER_HARD
