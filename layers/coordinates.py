"""Is what a person typed a coordinate, and which place does it mean? Degrees in any common notation, or grid metres."""

import re

import pyproj

from gis.crs import GEOGRAPHIC, LonLat, gauss_kruger

WEST, SOUTH, EAST, NORTH = 73.0, 3.0, 136.0, 54.0
"""Degrees of the country; longitudes and latitudes do not overlap there, so their order need not be known."""

_NUMBER = r"\d+(?:\.\d+)?"
_PART = re.compile(
    rf"""
    (?P<before>[NSEW北南东西]|北纬|南纬|东经|西经|[经纬]度)?\s*[:：]?\s*
    (?P<sign>[-+−])?
    (?P<degrees>{_NUMBER})\s*(?:[°º度]|d(?=\s*\d))?\s*
    (?:(?P<minutes>{_NUMBER})\s*[′'’分m]\s*)?
    (?:(?P<seconds>{_NUMBER})\s*(?:[″"”秒s]|''|′′)\s*)?
    (?P<after>[NSEW](?!\d)|[北南东西](?![纬经]))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SPACED = re.compile(rf"(\d{{1,3}})[\s°:]+(\d{{1,2}})[\s′':]+({_NUMBER})[\s″\"]*")
_GRID = re.compile(rf"[XYxy=:：\s]*({_NUMBER})\s*(?:m|米)?[\s,，;；/]+[XYxy=:：\s]*({_NUMBER})\s*(?:m|米)?")


def place_in(text: str) -> LonLat | None:
    """
    Place that `text` names in CGCS2000 degrees; None when it is not a coordinate or not in the country.

    Understood are decimal degrees (``118.7124, 31.4087``, either order), degrees with minutes and seconds
    (``118°42′44.6″E 31°24′31.3″N``, ``东经118度42分 北纬31度24分``, ``118 42 44.6 31 24 31.3``) and Gauss-Krueger
    metres with the zone before the easting (``40377123 3476543``; 3-degree zones 25 to 45, 6-degree zones 13 to 23).

    Examples
    --------
    >>> place_in("31.4087, 118.7124")
    LonLat(longitude=118.7124, latitude=31.4087)
    >>> place_in("东经118度30分 北纬31度15分")
    LonLat(longitude=118.5, latitude=31.25)
    >>> place_in("演练化工一厂") is None
    True
    """
    plain = text.strip().translate(_FULL_WIDTH)
    return _grid(plain) or _spaced(plain) or _degrees(plain)


_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，", "0123456789.,")


def _degrees(text: str) -> LonLat | None:
    parts: list[float] = []
    at = 0
    for found in _PART.finditer(text):
        if found.start() > at and text[at : found.start()].strip(" ,，;；、/()（）"):
            return None
        at = found.end()
        minutes, seconds = float(found["minutes"] or 0), float(found["seconds"] or 0)
        if minutes >= 60 or seconds >= 60:
            return None
        value = float(found["degrees"]) + minutes / 60 + seconds / 3600
        mark = (found["before"] or "") + (found["after"] or "")
        if found["sign"] in ("-", "−") or any(letter in "SWsw南西" for letter in mark):
            value = -value
        parts.append(value)
    if len(parts) != 2 or text[at:].strip(" ,，;；()（）"):
        return None
    return _paired(parts)


def _spaced(text: str) -> LonLat | None:
    """Six numbers: degrees, minutes, seconds of each."""
    found = _SPACED.findall(text)
    if len(found) != 2 or _SPACED.sub("", text).strip(" ,，;；NSEWnsew北南东西经纬:："):
        return None
    values = []
    for degrees, minutes, seconds in found:
        if float(minutes) >= 60 or float(seconds) >= 60:
            return None
        values.append(float(degrees) + float(minutes) / 60 + float(seconds) / 3600)
    return _paired(values)


def _paired(parts: list[float]) -> LonLat | None:
    """Which of the two is the longitude? The one that can be: the ranges of the country do not overlap."""
    return _inside(parts[0], parts[1]) or _inside(parts[1], parts[0])


def _inside(longitude: float, latitude: float) -> LonLat | None:
    if WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH:
        return LonLat(round(longitude, 9), round(latitude, 9))
    return None


def _grid(text: str) -> LonLat | None:
    """Metres: an easting of eight digits begins with its zone, a northing has seven (or six in the far south)."""
    found = _GRID.fullmatch(text)
    if found is None:
        return None
    numbers = [float(found[1]), float(found[2])]
    easting = next((value for value in numbers if value >= 1e7), None)
    northing = next((value for value in numbers if 3e5 <= value < 6.1e6), None)
    if easting is None or northing is None:
        return None
    zone = int(easting // 1e6)
    if 25 <= zone <= 45:
        meridian = 3.0 * zone
    elif 13 <= zone <= 23:
        meridian = 6.0 * zone - 3.0
    else:
        return None
    # The 3-degree system of that meridian without zone number: a 6-degree zone is the same projection, only wider.
    system = gauss_kruger(meridian)
    turn = pyproj.Transformer.from_crs(system, GEOGRAPHIC, always_xy=True)
    longitude, latitude = turn.transform(easting - zone * 1e6, northing)
    return _inside(longitude, latitude)
