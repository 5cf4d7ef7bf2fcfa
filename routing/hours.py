"""Which hours of the day does a condition name?"""

import re
from typing import NamedTuple

from routing.guards import DAY, HOURS

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_OTHER_TIME = re.compile(r"\d{1,2}:\d{2}|sunrise|sunset|dawn|dusk", re.IGNORECASE)
_EVERY_DAY = re.compile(r"^[\s,;()]*(?:24/7|mo-su)?[\s,;()]*$", re.IGNORECASE)


class Hours(NamedTuple):
    """Bits of the hours in which a condition may hold, and of those in which it holds from first to last, every day."""

    may: int
    must: int


def hours_named(condition: str) -> Hours | None:
    """
    Hours that OpenStreetMap opening hours name; None when they name no time of day.

    ``07:00-09:00,16:00-18:00``, ``Mo-Fr 22:00-06:00``, ``24/7``. Days, seasons and holidays are not told apart: what
    holds on some days may hold on any. Sunrise, sunset and open ends (``18:00+``) may be at any hour.
    """
    rest = _SPAN.sub("", condition)
    may = must = 0
    for first, minute, last, until in _SPAN.findall(condition):
        begin, end = 60 * int(first) + int(minute), 60 * int(last) + int(until)
        end += HOURS * 60 if end <= begin else 0
        may |= _bits(begin // 60, -(-end // 60))
        must |= _bits(-(-begin // 60), end // 60)
    if _OTHER_TIME.search(rest):
        return Hours(DAY, 0)
    if re.search(r"24/7", rest):
        return Hours(DAY, DAY if _EVERY_DAY.match(rest) else 0)
    if not may:
        return None
    return Hours(may, must if _EVERY_DAY.match(rest) else 0)


def _bits(begin: int, end: int) -> int:
    bits = 0
    for hour in range(begin, min(end, begin + HOURS)):
        bits |= 1 << hour % HOURS
    return bits
