"""Which gateways may speak, and whose token is this?"""

import hashlib
import re
import secrets
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.crs import LonLat
from gis.errors import InputError, MissingError
from gis.provenance import Mode

TOKEN_PREFIX = "omd_"  # noqa: S105 - what every token begins with, so that the door knows whom to ask
_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Device:
    """A gateway; `clock_ahead_s` is its clock minus ours, None when it never said its time."""

    id: str
    name: str
    enterprise_code: str
    division_code: str
    mode: Mode
    disabled: bool
    interval_s: int
    last_seen_at: datetime | None
    clock_ahead_s: float | None
    status: str
    longitude: float
    latitude: float


def register(
    connection: Connection,
    device_id: str,
    name: str,
    *,
    division_code: str,
    mode: Mode,
    place: LonLat,
    interval_s: int = 300,
    enterprise_code: str = "",
) -> str:
    """
    Make a gateway known, or give a known one a new token; return the token, which is shown this once.

    Raises
    ------
    InputError
        A field that cannot be kept.
    """
    if not _ID.fullmatch(device_id):
        raise InputError(f"gateway '{device_id[:64]}': use 1 to 64 letters, digits, points, dashes or underscores")
    if not name.strip():
        raise InputError(f"gateway '{device_id}' needs a name people know it by")
    place.checked()
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    connection.execute(
        text(
            "INSERT INTO sensing.device (id, name, enterprise_code, token_sha256, division_code, mode, interval_s,"
            " longitude, latitude) VALUES (:id, :name, :enterprise_code, :digest, :division_code, :mode, :interval_s,"
            " :longitude, :latitude) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
            " token_sha256 = excluded.token_sha256, interval_s = excluded.interval_s, disabled = false"
        ),
        {
            "id": device_id,
            "name": name.strip()[:120],
            "enterprise_code": enterprise_code,
            "digest": digest(token),
            "division_code": division_code,
            "mode": mode,
            "interval_s": interval_s,
            "longitude": place.longitude,
            "latitude": place.latitude,
        },
    )
    return token


def find_by_token(connection: Connection, token: str) -> Device | None:
    """Gateway whose token this is, unless it is unknown or disabled."""
    row = connection.execute(
        text("SELECT * FROM sensing.device WHERE token_sha256 = :digest AND NOT disabled"),
        {"digest": digest(token)},
    ).first()
    return _device(row) if row is not None else None


def find(connection: Connection, device_id: str) -> Device:
    """
    Give one gateway.

    Raises
    ------
    MissingError
        No such gateway, or a disabled one.
    """
    row = connection.execute(
        text("SELECT * FROM sensing.device WHERE id = :id AND NOT disabled"), {"id": device_id}
    ).first()
    if row is None:
        raise MissingError(f"there is no gateway '{device_id[:64]}'; `onemap sensors device` registers one")
    return _device(row)


def disable(connection: Connection, device_id: str) -> None:
    """Close the door to a gateway; what it said before stays."""
    connection.execute(text("UPDATE sensing.device SET disabled = true WHERE id = :id"), {"id": device_id})


def digest(token: str) -> bytes:
    """What is stored instead of a token."""
    return hashlib.sha256(token.encode()).digest()


def _device(row: Any) -> Device:
    return Device(**{one.name: getattr(row, one.name) for one in fields(Device)})
