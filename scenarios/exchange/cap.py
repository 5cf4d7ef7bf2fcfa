"""How is an alert written as CAP 1.2, and read back? Checked by a schema and by the rules a schema cannot hold."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, cast

from lxml import etree

from gis import safe_xml
from gis.clock import DUTY_ZONE
from gis.crs import LonLat
from gis.errors import InputError
from gis.provenance import Mode
from scenarios.exchange.alert import Alert, Area, Circle, Info, status_in

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_CAP = f"{{{NAMESPACE}}}"
_FORBIDDEN = re.compile(r"[\s,<&]")
"""Characters neither identifier nor sender may hold (CAP 1.2, 3.2.1)."""


def write(alert: Alert, mode: Mode) -> bytes:
    """
    Write an alert as CAP 1.2 in UTF-8.

    The status is that of the world it leaves (a drill: Exercise), whatever `alert` says.

    Raises
    ------
    InputError
        The alert breaks a rule of CAP; every fault is named.
    """
    root = etree.Element(f"{_CAP}alert", nsmap={None: NAMESPACE})
    _add(root, "identifier", alert.identifier)
    _add(root, "sender", alert.sender)
    _add(root, "sent", _moment(alert.sent))
    _add(root, "status", status_in(mode, alert.status))
    _add(root, "msgType", alert.message_type)
    _add(root, "scope", alert.scope)
    _some(root, ("restriction", alert.restriction), ("addresses", alert.addresses))
    for code in alert.codes:
        _add(root, "code", code)
    _some(root, ("note", alert.note), ("references", alert.references), ("incidents", alert.incidents))
    for one in alert.info:
        _info(root, one)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    faults = _faults(root)
    if faults:
        raise InputError(faults)
    return content


def read(content: bytes) -> Alert:
    """
    Read a CAP 1.2 message.

    Raises
    ------
    InputError
        Not CAP 1.2: the sentence of every fault, or why the XML was refused.
    """
    root = safe_xml.read(content, "CAP message")
    return read_element(root)


def read_element(root: Any) -> Alert:
    """
    Read a CAP 1.2 element, such as one out of an envelope.

    Raises
    ------
    InputError
        As `read`.
    """
    if root.tag != f"{_CAP}alert":
        raise InputError(f"CAP message: begins with {root.tag}, not with alert of {NAMESPACE}")
    faults = _faults(root)
    if faults:
        raise InputError(faults)
    return Alert(
        identifier=_text(root, "identifier"), sender=_text(root, "sender"),
        sent=datetime.fromisoformat(_text(root, "sent")), status=cast(Any, _text(root, "status")),
        message_type=cast(Any, _text(root, "msgType")), scope=cast(Any, _text(root, "scope")),
        info=tuple(_read_info(one) for one in root.findall(f"{_CAP}info")), restriction=_text(root, "restriction"),
        addresses=_text(root, "addresses"), note=_text(root, "note"), references=_text(root, "references"),
        incidents=_text(root, "incidents"), codes=_texts(root, "code"),
    )  # fmt: skip


# -- writing -----------------------------------------------------------------------------------------------------------


def _info(root: Any, one: Info) -> None:
    info = etree.SubElement(root, f"{_CAP}info")
    _add(info, "language", one.language)
    for category in one.categories:
        _add(info, "category", category)
    _add(info, "event", one.event)
    for response in one.responses:
        _add(info, "responseType", response)
    _add(info, "urgency", one.urgency)
    _add(info, "severity", one.severity)
    _add(info, "certainty", one.certainty)
    _some(info, ("audience", one.audience))
    _some(info, *((name, _moment(when)) for name, when in _times(one) if when is not None))
    _some(
        info, ("senderName", one.sender_name), ("headline", one.headline), ("description", one.description),
        ("instruction", one.instruction), ("web", one.web), ("contact", one.contact),
    )  # fmt: skip
    for name, value in one.parameters:
        _pair(info, "parameter", name, value)
    for area in one.areas:
        place = etree.SubElement(info, f"{_CAP}area")
        _add(place, "areaDesc", area.description)
        for ring in area.rings:
            _add(place, "polygon", " ".join(f"{point.latitude:.6f},{point.longitude:.6f}" for point in ring))
        for circle in area.circles:
            centre = f"{circle.centre.latitude:.6f},{circle.centre.longitude:.6f}"
            _add(place, "circle", f"{centre} {circle.radius_km:g}")
        for name, value in area.geocodes:
            _pair(place, "geocode", name, value)


def _times(one: Info) -> Iterable[tuple[str, datetime | None]]:
    return ("effective", one.effective), ("onset", one.onset), ("expires", one.expires)


def _moment(when: datetime) -> str:
    """Whole seconds with the offset written out: CAP knows no Z."""
    return when.astimezone(DUTY_ZONE).isoformat(timespec="seconds")


def _add(parent: Any, name: str, text: str) -> None:
    try:
        etree.SubElement(parent, f"{_CAP}{name}").text = text
    except ValueError as error:
        raise InputError(f"{name}: holds a character that XML cannot carry; remove it") from error


def _some(parent: Any, *pairs: tuple[str, str]) -> None:
    for name, text in pairs:
        if text:
            _add(parent, name, text)


def _pair(parent: Any, name: str, value_name: str, value: str) -> None:
    pair = etree.SubElement(parent, f"{_CAP}{name}")
    _add(pair, "valueName", value_name)
    _add(pair, "value", value)


# -- reading -----------------------------------------------------------------------------------------------------------


def _read_info(info: Any) -> Info:
    return Info(
        event=_text(info, "event"), categories=cast(Any, _texts(info, "category")),
        urgency=cast(Any, _text(info, "urgency")), severity=cast(Any, _text(info, "severity")),
        certainty=cast(Any, _text(info, "certainty")), language=_text(info, "language") or "en-US",
        responses=cast(Any, _texts(info, "responseType")), audience=_text(info, "audience"),
        effective=_read_moment(info, "effective"), onset=_read_moment(info, "onset"),
        expires=_read_moment(info, "expires"), sender_name=_text(info, "senderName"), headline=_text(info, "headline"),
        description=_text(info, "description"), instruction=_text(info, "instruction"), web=_text(info, "web"),
        contact=_text(info, "contact"), parameters=_pairs(info, "parameter"),
        areas=tuple(_read_area(one) for one in info.findall(f"{_CAP}area")),
    )  # fmt: skip


def _read_area(area: Any) -> Area:
    circles = []
    for text in _texts(area, "circle"):
        centre, radius = text.split()
        circles.append(Circle(_point(centre), float(radius)))
    rings = tuple(tuple(_point(pair) for pair in text.split()) for text in _texts(area, "polygon"))
    return Area(_text(area, "areaDesc"), rings, tuple(circles), _pairs(area, "geocode"))


def _point(pair: str) -> LonLat:
    latitude, longitude = (float(part) for part in pair.split(","))
    return LonLat(longitude, latitude)


def _read_moment(parent: Any, name: str) -> datetime | None:
    text = _text(parent, name)
    return datetime.fromisoformat(text) if text else None


def _text(parent: Any, name: str) -> str:
    return (parent.findtext(f"{_CAP}{name}") or "").strip()


def _texts(parent: Any, name: str) -> tuple[str, ...]:
    return tuple((one.text or "").strip() for one in parent.findall(f"{_CAP}{name}"))


def _pairs(parent: Any, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((_text(one, "valueName"), _text(one, "value")) for one in parent.findall(f"{_CAP}{name}"))


# -- rules -------------------------------------------------------------------------------------------------------------


@cache
def _schema() -> Any:
    return etree.XMLSchema(etree.fromstring(files("scenarios.exchange").joinpath("cap_1_2.xsd").read_bytes()))


def _faults(root: Any) -> list[str]:
    """Every fault: of the schema first; of the rules beyond it only where the schema has none."""
    schema = _schema()
    if not schema.validate(root):
        return [f"CAP line {one.line}: {one.message.replace(_CAP, '')}" for one in schema.error_log]
    faults = [
        f"{name}: '{_text(root, name)}' holds a space, a comma, < or &"
        for name in ("identifier", "sender")
        if _FORBIDDEN.search(_text(root, name)) or not _text(root, name)
    ]
    scope = _text(root, "scope")
    if scope == "Restricted" and not _text(root, "restriction"):
        faults.append("restriction: a restricted message says to whom")
    if scope == "Private" and not _text(root, "addresses"):
        faults.append("addresses: a private message names its receivers")
    if _text(root, "msgType") in ("Update", "Cancel", "Ack", "Error") and not _text(root, "references"):
        faults.append("references: a message that is no first alert names the one it refers to")
    for number, area in enumerate(root.iter(f"{_CAP}area"), 1):
        faults += _area_faults(number, area)
    return faults


def _area_faults(number: int, area: Any) -> list[str]:
    faults = []
    for text in _texts(area, "polygon"):
        pairs = text.split()
        if len(pairs) < 4:
            faults.append(f"area {number}: a polygon has at least four points, this one {len(pairs)}")
        elif pairs[0] != pairs[-1]:
            faults.append(f"area {number}: the last point of a polygon is its first; this one stays open")
        faults += _range_faults(number, pairs)
    for text in _texts(area, "circle"):
        faults += _range_faults(number, text.split()[:1])
    return faults


def _range_faults(number: int, pairs: list[str]) -> list[str]:
    for pair in pairs:
        latitude, longitude = (float(part) for part in pair.split(","))
        if abs(latitude) > 90 or abs(longitude) > 180:
            return [f"area {number}: {pair} is no latitude,longitude; latitude comes first"]
    return []
