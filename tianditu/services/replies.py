"""What do Tianditu's place services say, and in which of their spellings?"""

import re
import xml.etree.ElementTree as ET

from gis.crs import LonLat
from gis.errors import InputError
from tianditu.services import dialects
from tianditu.services.dialects import Json, ServiceError, whole
from tianditu.services.places import Address, Division, Drive, Found, Located, Place

_COUNTRY = "156"
_LEVELS = {5: "country", 4: "province", 3: "city", 2: "county"}
_DISTANCE = re.compile(r"([\d.]+)\s*(k?m)", re.IGNORECASE)


def read_search(reply: Json) -> Found:
    """Read a reply of the place search, of any result type; what has no usable coordinates is left out."""
    places: list[Place] = []
    divisions: list[tuple[str, str]] = []
    words: list[str] = []
    total = 0
    for group in dialects.search_groups(reply):
        total += whole(group.get("count")) or 0
        for one in _dicts(group.get("pois")):
            place = _lonlat(one.get("lonlat"))
            if place is not None:
                kind, code = str(one.get("typeName") or ""), _gb(one.get("countyCode"))
                places.append(
                    Place(
                        str(one.get("name", "")), str(one.get("address") or ""), place, "tianditu", kind, code,
                        _metres(one.get("distance")), str(one.get("hotPointID") or ""),
                    )
                )  # fmt: skip
        # An object in live replies, a list in the documents.
        for one in _dicts(group.get("area")):
            place = _lonlat(one.get("lonlat"))
            if place is not None:
                code = _gb(one.get("adminCode"))
                places.append(Place(str(one.get("name", "")), "", place, "tianditu", "division", code))
        statistics = group.get("statistics")
        if isinstance(statistics, dict):
            admins = [*_dicts(statistics.get("priorityCitys")), *_dicts(statistics.get("allAdmins"))]
            divisions += [(_admin_name(one), _gb(one.get("adminCode"))) for one in admins]
        for prompt in _dicts(group.get("prompt")):
            divisions += [(_admin_name(one), _gb(one.get("adminCode"))) for one in _dicts(prompt.get("admins"))]
        words += [str(one.get("name", "")) for one in _dicts(group.get("suggests"))]
        words += [str(one.get("name", "")) for one in _dicts(group.get("lineData"))]
    return Found(tuple(places), total, tuple(dict.fromkeys(divisions)), tuple(dict.fromkeys(words)))


def read_geocode(reply: Json) -> Located | None:
    """Read a reply of the geocoder; longitude and latitude come as text or as numbers."""
    answer = dialects.geocoder_answer(reply)
    location = answer.get("location") if answer else None
    if not isinstance(location, dict):
        return None
    place = _lonlat(f"{location.get('lon')},{location.get('lat')}")
    if place is None:
        return None
    return Located(place, _number(location.get("score")) or 0.0, str(location.get("level") or ""), "tianditu")


def read_reverse(reply: Json) -> Address | None:
    """Read a reply of the reverse geocoder; an empty address means that there is none."""
    answer = dialects.geocoder_answer(reply)
    result = answer.get("result") if answer else None
    if not isinstance(result, dict) or not result.get("formatted_address"):
        return None
    part = result.get("addressComponent")
    component: Json = part if isinstance(part, dict) else {}

    def text(name: str) -> str:
        return str(component.get(name) or "")

    # Documents spell it "distince", live replies "distance".
    away = component.get("road_distance", component.get("road_distince"))
    return Address(
        str(result["formatted_address"]), text("province"), text("city"), text("county"), _gb(text("county_code")),
        text("town"), text("town_code").removeprefix(_COUNTRY), text("road"), _number(away), "tianditu",
    )  # fmt: skip


def read_divisions(reply: Json) -> tuple[Division, ...]:
    """Read a reply of the administrative service; suggestions stand in where no division is given."""
    data = dialects.divisions_data(reply)
    districts = tuple(_division(one) for one in _dicts(data.get("district")))
    if districts:
        return districts
    return tuple(
        Division(_gb(one.get("gb")), str(one.get("name", "")), "", None, "tianditu")
        for one in _dicts(data.get("suggestion"))
    )


def read_drive(body: bytes) -> Drive:
    """
    Read a reply of the driving service: XML although it says HTML; kilometres and seconds.

    Raises
    ------
    ServiceError
        Not XML, or without a way.
    """
    # Entities could swell or reach for files; this service never sends any.
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ServiceError("drive", "not_a_tile", "unexpected document type")
    try:
        root = ET.fromstring(body)  # noqa: S314 - refused above
    except ET.ParseError:
        raise ServiceError("drive", "not_a_tile", "no XML") from None
    distance_km, duration_s = _number(root.findtext("distance")), _number(root.findtext("duration"))
    line = tuple(
        place for part in (root.findtext("routelatlon") or "").split(";") if (place := _lonlat(part)) is not None
    )
    if distance_km is None or duration_s is None or len(line) < 2:
        raise ServiceError("drive", "broken", "no way in the answer")
    turns = tuple(guide.text.strip() for guide in root.iterfind("routes/item/strguide") if guide.text)
    return Drive(distance_km * 1000, duration_s, line, turns)


def _division(one: Json) -> Division:
    centre = one.get("center")
    place = _lonlat(f"{centre.get('lng')},{centre.get('lat')}") if isinstance(centre, dict) else None
    return Division(
        _gb(one.get("gb")),
        str(one.get("name", "")),
        _LEVELS.get(whole(one.get("level")) or 0, ""),
        place,
        "tianditu",
        _gb(one.get("pgb")),
        str(one.get("boundary") or ""),
        tuple(_division(child) for child in _dicts(one.get("children"))),
    )


def _dicts(value: object) -> list[Json]:
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, dict)]


def _admin_name(one: Json) -> str:
    return str(one.get("adminName") or one.get("name") or "")


def _gb(code: object) -> str:
    """6-digit code of GB/T 2260 from Tianditu's, which puts 156 in front."""
    return str(code or "").removeprefix(_COUNTRY)[:6]


def _lonlat(text: object) -> LonLat | None:
    parts = str(text or "").split(",")
    if len(parts) != 2:
        return None
    longitude, latitude = _number(parts[0]), _number(parts[1])
    if longitude is None or latitude is None:
        return None
    try:
        return LonLat(longitude, latitude).checked()
    except InputError:
        return None


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _metres(text: object) -> float | None:
    """Metres of ``"799m"`` or ``"1.5km"``."""
    found = _DISTANCE.fullmatch(str(text or "").strip())
    if not found:
        return None
    return float(found[1]) * (1000 if found[2].lower() == "km" else 1)
