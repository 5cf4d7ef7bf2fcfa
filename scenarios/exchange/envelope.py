"""
What goes around a message between levels of government? An EDXL-DE 2.0 envelope: sender, status, content.

Element names follow OASIS EDXL-DE 2.0 (2013) as read in descriptions of it; its schema file was not at hand, so
validity against it is unverified. "Draft" is ours, as CAP 1.2 has it; DE 2.0 names no such status.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from lxml import etree

from gis import safe_xml
from gis.clock import DUTY_ZONE
from gis.errors import InputError
from gis.provenance import Mode
from scenarios.exchange import cap
from scenarios.exchange.alert import Alert, Status, status_in

NAMESPACE = "urn:oasis:names:tc:emergency:EDXL:DE:2.0"
_DE = f"{{{NAMESPACE}}}"
_LINK = "http://www.w3.org/1999/xlink"
Kind = Literal["Report", "Update", "Cancel", "Request", "Response", "Dispatch", "Ack", "Error"]
KINDS: tuple[Kind, ...] = ("Report", "Update", "Cancel", "Request", "Response", "Dispatch", "Ack", "Error")
STATUSES: tuple[Status, ...] = ("Actual", "Exercise", "System", "Test", "Draft")


_NEEDED = (
    "distributionID", "senderID", "dateTimeSent", "dateTimeExpires", "distributionStatus", "distributionKind",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Envelope:
    """
    One envelope.

    Attributes
    ----------
    receivers
        Addresses it is meant for, scheme and value.
    alert
        The CAP message in it, or None.
    text
        Other content as text, such as a report in JSON, with its media type.
    """

    distribution_id: str
    sender_id: str
    sent: datetime
    expires: datetime
    status: Status
    kind: Kind
    language: str = "zh-CN"
    receivers: tuple[tuple[str, str], ...] = ()
    description: str = ""
    alert: Alert | None = None
    text: str = ""
    media_type: str = "application/json"


def write(envelope: Envelope, mode: Mode) -> bytes:
    """
    Write an envelope in UTF-8; its status, and that of the alert in it, is that of the world it leaves.

    Element names follow the OASIS committee specification of 2013 as public implementations write it (unverified
    against its schema).

    Raises
    ------
    InputError
        It expires before it is sent, or the alert in it breaks a rule.
    """
    if envelope.expires <= envelope.sent:
        raise InputError("expires: an envelope must expire after it is sent")
    root = etree.Element(f"{_DE}edxlDistribution", nsmap={None: NAMESPACE, "xlink": _LINK})
    root.set(f"{{{_LINK}}}type", "extended")
    for name, text in (
        ("distributionID", envelope.distribution_id),
        ("senderID", envelope.sender_id),
        ("dateTimeSent", _moment(envelope.sent)),
        ("dateTimeExpires", _moment(envelope.expires)),
        ("distributionStatus", status_in(mode, envelope.status)),
        ("distributionKind", envelope.kind),
    ):
        _add(root, name, text)
    about = etree.SubElement(root, f"{_DE}descriptor")
    _add(about, "language", envelope.language)
    for scheme, value in envelope.receivers:
        address = etree.SubElement(about, f"{_DE}explicitAddress")
        _add(address, "explicitAddressScheme", scheme)
        _add(address, "explicitAddressValue", value)
    content = etree.SubElement(etree.SubElement(root, f"{_DE}content"), f"{_DE}contentObject")
    if envelope.description:
        _add(content, "contentDescription", envelope.description)
    if envelope.alert is not None:
        inside = etree.SubElement(etree.SubElement(content, f"{_DE}contentXML"), f"{_DE}embeddedXMLContent")
        inside.append(safe_xml.read(cap.write(envelope.alert, mode), "CAP message"))
    if envelope.text:
        other = etree.SubElement(content, f"{_DE}otherContent")
        _add(other, "mimeType", envelope.media_type)
        _add(other, "contentData", envelope.text)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return made


def read(content: bytes) -> Envelope:
    """
    Read an envelope and the alert in it.

    Raises
    ------
    InputError
        Not an EDXL-DE 2.0 envelope: every fault, or why the XML was refused.
    """
    root = safe_xml.read(content, "envelope")
    if root.tag not in (f"{_DE}edxlDistribution", f"{_DE}EDXLDistribution"):
        raise InputError(f"envelope: begins with {root.tag}, not with edxlDistribution of {NAMESPACE}")
    said = {name: _find(root, name) for name in _NEEDED}
    faults = [f"{name}: missing" for name, text in said.items() if not text]
    if said["distributionStatus"] and said["distributionStatus"] not in STATUSES:
        faults.append(f"distributionStatus: '{said['distributionStatus']}' is not one of {', '.join(STATUSES)}")
    if said["distributionKind"] and said["distributionKind"] not in KINDS:
        faults.append(f"distributionKind: '{said['distributionKind']}' is not one of {', '.join(KINDS)}")
    times = {name: _time(name, said[name], faults) for name in ("dateTimeSent", "dateTimeExpires")}
    sent, expires = times["dateTimeSent"], times["dateTimeExpires"]
    if faults or sent is None or expires is None:
        raise InputError(faults)
    held = next(root.iter(f"{{{cap.NAMESPACE}}}alert"), None)
    status: Any = said["distributionStatus"]
    kind: Any = said["distributionKind"]
    return Envelope(
        said["distributionID"], said["senderID"], sent, expires, status, kind,
        language=_deep(root, "language") or "zh-CN",
        receivers=tuple(
            (_deep(one, "explicitAddressScheme"), _deep(one, "explicitAddressValue"))
            for one in root.iter(f"{_DE}explicitAddress")
        ),
        description=_deep(root, "contentDescription"),
        alert=cap.read_element(held) if held is not None else None,
        text=_deep(root, "contentData"), media_type=_deep(root, "mimeType") or "application/json",
    )  # fmt: skip


def _find(root: Any, name: str) -> str:
    """Text of a child; some senders write its name with a capital, some its value in an element of its own."""
    for wanted in (name, name[0].upper() + name[1:]):
        found = root.find(f"{_DE}{wanted}")
        if found is not None:
            parts = [text.strip() for text in found.itertext() if text.strip()]
            return parts[-1] if parts else ""
    return ""


def _deep(root: Any, name: str) -> str:
    found = next(root.iter(f"{_DE}{name}"), None)
    return "" if found is None else (found.text or "").strip()


def _time(name: str, text: str, faults: list[str]) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        if text:
            faults.append(f"{name}: '{text}' is no time such as 2026-11-24T14:03:08+08:00")
        return None
    if when.tzinfo is None:
        faults.append(f"{name}: '{text}' has no time zone")
        return None
    return when


def _moment(when: datetime) -> str:
    return when.astimezone(DUTY_ZONE).isoformat(timespec="seconds")


def _add(parent: Any, name: str, text: str) -> None:
    try:
        etree.SubElement(parent, f"{_DE}{name}").text = text
    except ValueError as error:
        raise InputError(f"{name}: holds a character that XML cannot carry; remove it") from error
