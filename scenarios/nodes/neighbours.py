"""Which other nodes do we speak with, where are they reached, and with which key? Entered by an administrator only."""

import ipaddress
import os
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from pydantic import SecretStr
from sqlalchemy import Connection, text

from gis.errors import InputError, MissingError, UnavailableError

Level = Literal["province", "city", "county", "enterprise"]
Relation = Literal["above", "below", "beside"]
Label = Literal["public", "internal", "restricted"]
LEVELS: tuple[Level, ...] = ("province", "city", "county", "enterprise")
RELATIONS: tuple[Relation, ...] = ("above", "below", "beside")
LABELS: tuple[Label, ...] = ("public", "internal", "restricted")
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{1,62}")
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Own:
    """Who we are to other nodes; an empty name = this installation speaks with nobody."""

    name: str = ""
    title: str = ""
    level: Level = "city"
    division: str = "000000"

    @property
    def reach(self) -> tuple[str, str]:
        """Half-open range of division codes we answer for."""
        return reach_of(self.division)

    def covers(self, division: str) -> bool:
        """Tell whether a division is ours."""
        low, high = self.reach
        return low <= division[:6] < high


@dataclass(frozen=True, slots=True)
class Neighbour:
    """
    Another node.

    Attributes
    ----------
    relation
        Seen from here: it stands above us, below us, or beside us.
    division_from, division_to
        Half-open range of division codes it answers for.
    label
        The highest label that may go there.
    key
        Shared by the two of us; proves every request and every answer.
    witness_key
        Public key (PEM) its heads are signed with, as first seen; empty before the first exchange.
    """

    name: str
    title: str
    level: Level
    relation: Relation
    address: str
    division_from: str
    division_to: str
    label: Label
    key: SecretStr
    added_at: datetime
    witness_key: str = ""

    def covers(self, division: str) -> bool:
        """Tell whether it answers for a division."""
        return self.division_from <= division[:6] < self.division_to

    def may_have(self, label: Label) -> bool:
        """Tell whether something with this label may go there."""
        return LABELS.index(label) <= LABELS.index(self.label)


class Neighbours:
    """
    The neighbours of this installation.

    Parameters
    ----------
    house_key
        Secret of the installation, from which the key is derived that seals what lies in the database.
    """

    def __init__(self, house_key: bytes) -> None:
        self._box = ChaCha20Poly1305(house_key[:KEY_BYTES])

    def all(self, connection: Connection) -> list[Neighbour]:
        """Every neighbour in use, those above first."""
        return [self._read(row) for row in connection.execute(_ALL)]

    def one(self, connection: Connection, name: str) -> Neighbour:
        """
        Give one neighbour.

        Raises
        ------
        MissingError
            No such neighbour in use.
        """
        row = connection.execute(_ONE, {"name": name}).one_or_none()
        if row is None:
            raise MissingError(f"there is no neighbour '{name[:63]}'; `onemap nodes list` names them")
        return self._read(row)

    def add(
        self, connection: Connection, name: str, *, title: str, level: Level, relation: Relation, address: str,
        divisions: str, label: Label = "internal", key: str = "", plain: bool = False,
    ) -> str:  # fmt: skip
        """
        Enter a neighbour, or change a known one; return its key, made here where none is given.

        Parameters
        ----------
        divisions
            Code of the division it answers for (320000 the province, 320400 the city), or a range ``from-to``.
        key
            The shared key as the other side shows it.
        plain
            Allow an address without TLS beyond this machine, such as one inside a tunnel.

        Raises
        ------
        InputError
            Every fault of what was given.
        """
        faults = [] if NAME.fullmatch(name) else [f"name '{name[:63]}': 2 to 63 small letters, digits, points, dashes"]
        if not title.strip():
            faults.append("title: missing; say what people call it")
        for what, value, allowed in (
            ("level", level, LEVELS), ("relation", relation, RELATIONS), ("label", label, LABELS)
        ):  # fmt: skip
            if value not in allowed:
                faults.append(f"{what} '{value}': choose {', '.join(allowed)}")
        faults += _address_faults(address, plain=plain)
        low, _, high = divisions.partition("-")
        reach = (low, high) if high else reach_of(low)
        if not all(re.fullmatch(r"[0-9]{6}", code) for code in reach) or reach[0] >= reach[1]:
            faults.append(f"divisions '{divisions}': a code of six digits, or a range such as 320000-330000")
        shared = key.strip() or secrets.token_urlsafe(KEY_BYTES)
        if len(shared) < KEY_BYTES:
            faults.append(f"key: shorter than {KEY_BYTES} characters; let one be made")
        if faults:
            raise InputError(faults)
        connection.execute(
            _ADD,
            {
                "name": name, "title": title.strip()[:120], "level": level, "relation": relation,
                "address": address.rstrip("/"), "low": reach[0], "high": reach[1], "label": label,
                "sealed": self._seal(name, shared),
            },
        )  # fmt: skip
        connection.execute(
            text(
                "INSERT INTO nodes.line (name) VALUES (:name) ON CONFLICT (name) DO UPDATE SET failures = 0, "
                "open_until = NULL, trouble = ''"
            ),
            {"name": name},
        )
        return shared

    def remove(self, connection: Connection, name: str) -> None:
        """
        Take a neighbour out of use; what it sent and what it was sent stays.

        Raises
        ------
        MissingError
            No such neighbour in use.
        """
        self.one(connection, name)
        connection.execute(
            text("UPDATE nodes.neighbour SET removed_at = clock_timestamp() WHERE name = :name"), {"name": name}
        )

    def _seal(self, name: str, shared: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._box.encrypt(nonce, shared.encode(), name.encode())

    def _read(self, row: Any) -> Neighbour:
        sealed = bytes(row.key_sealed)
        try:
            shared = self._box.decrypt(sealed[:12], sealed[12:], row.name.encode()).decode()
        except InvalidTag as error:
            raise UnavailableError(
                f"the key of neighbour '{row.name}' was sealed by another installation: "
                f"`onemap nodes add {row.name}` enters it anew"
            ) from error
        return Neighbour(
            row.name, row.title, row.level, row.relation, row.address, row.division_from, row.division_to, row.label,
            SecretStr(shared), row.added_at, row.witness_key,
        )  # fmt: skip


def reach_of(division: str) -> tuple[str, str]:
    """
    Half-open range below a division: province 320000, city 320400, county 320402; 000000 is the whole country.

    Examples
    --------
    >>> reach_of("320400")
    ('320400', '320500')
    """
    if not re.fullmatch(r"[0-9]{6}", division):
        return division, division
    if division == "000000":
        return "000000", "999999"
    step = 10_000 if division.endswith("0000") else 100 if division.endswith("00") else 1
    return division, f"{min(int(division) + step, 999_999):06d}"


def _address_faults(address: str, *, plain: bool) -> list[str]:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return [f"address '{address[:80]}': write https://host:port"]
    if parts.scheme not in ("http", "https") or not host or len(address) > 200:
        return [f"address '{address[:80]}': write https://host:port"]
    if parts.username or parts.password or parts.query or parts.fragment or any(one.isspace() for one in address):
        return ["address: holds a user, a query or a space; write https://host:port"]
    if parts.scheme == "http" and not plain and not _is_here(host):
        return ["address: http beyond this machine can be read on the way; write https, or say --plain inside a tunnel"]
    return []


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_COLUMNS = "name, title, level, relation, address, division_from, division_to, label, key_sealed, added_at, witness_key"
_ALL = text(
    f"SELECT {_COLUMNS} FROM nodes.neighbour WHERE removed_at IS NULL "  # noqa: S608 - a constant of this module
    "ORDER BY array_position(ARRAY['above', 'beside', 'below'], relation), division_from, name"
)
_ONE = text(
    f"SELECT {_COLUMNS} FROM nodes.neighbour WHERE removed_at IS NULL AND name = :name"  # noqa: S608 - as above
)
_ADD = text(
    "INSERT INTO nodes.neighbour (name, title, level, relation, address, division_from, division_to, label, "
    "key_sealed) VALUES (:name, :title, :level, :relation, :address, :low, :high, :label, :sealed) "
    "ON CONFLICT (name) DO UPDATE SET title = excluded.title, level = excluded.level, relation = excluded.relation, "
    "address = excluded.address, division_from = excluded.division_from, division_to = excluded.division_to, "
    "label = excluded.label, key_sealed = excluded.key_sealed, witness_key = '', removed_at = NULL"
)
