"""How does a new installation get its first accounts without a default password? By a link that works once."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

from command_ui.access import accounts, audit
from command_ui.access.audit import Trace
from command_ui.access.roles import Role
from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller, Database
from gis.errors import InputError, RefusedError

HOLDS_FOR = timedelta(hours=24)
OFFICES: tuple[Role, ...] = ("system_admin", "security_admin", "audit_admin")


@dataclass(frozen=True, slots=True)
class Officer:
    """One of the three administrators as typed into the page of the link."""

    name: str
    display_name: str
    person: str
    password: str


def link(database: Database, address: str) -> str | None:
    """
    Make the link of the first start while there is no account at all; None afterwards.

    Each call makes a new one and ends those before it, so what an old terminal shows opens nothing.
    """
    with database.transaction(Caller.system()) as connection:
        connection.execute(_ONE_AT_A_TIME)
        if _has_accounts(connection):
            return None
        token = secrets.token_urlsafe(32)
        connection.execute(text("UPDATE access.set_up_link SET ends_at = clock_timestamp() WHERE used_at IS NULL"))
        connection.execute(
            text(
                "INSERT INTO access.set_up_link (token_sha256, ends_at)"
                " VALUES (:digest, clock_timestamp() + :holds_for)"
            ),
            {"digest": _digest(token), "holds_for": HOLDS_FOR},
        )
        audit.write(connection, "first_start", actor="system", on="link", detail={"how": "printed"})
    return f"{address}/set-up?token={token}"


def holds(database: Database, token: str) -> bool:
    """Tell whether a link still opens."""
    with database.transaction(Caller.system()) as connection:
        return _open(connection, token)


def make_officers(database: Database, token: str, officers: Sequence[Officer], trace: Trace) -> None:
    """
    Make the three administrators and use the link up, all or nothing.

    Raises
    ------
    RefusedError
        The link was used, has ended, or never was.
    InputError
        Every fault of the three; persons and names must differ.
    """
    with database.transaction(Caller.system()) as connection:
        connection.execute(_ONE_AT_A_TIME)
        if not _open(connection, token) or _has_accounts(connection):
            raise RefusedError("this link was used or has ended; start the server again to get a new one")
        faults = [f"{office}: {fault}" for office, one in zip(OFFICES, officers, strict=True) for fault in _faults(one)]
        if len({one.person.strip() for one in officers}) < len(OFFICES):
            faults.append("the three administrators must be three persons: their numbers must differ")
        if len({accounts.plain_name(one.name) for one in officers}) < len(OFFICES):
            faults.append("the three accounts need three names")
        if faults:
            raise InputError(faults)
        for office, one in zip(OFFICES, officers, strict=True):
            new = accounts.NewAccount(
                one.name,
                one.display_name.strip(),
                office,
                LOWEST_DIVISION,
                HIGHEST_DIVISION,
                clearance="public",
                person=one.person.strip(),
            )
            accounts.make(connection, new, one.password, by="first start")
        connection.execute(
            text("UPDATE access.set_up_link SET used_at = clock_timestamp() WHERE token_sha256 = :digest"),
            {"digest": _digest(token)},
        )
        audit.write(connection, "first_start", actor="system", on="link", trace=trace, detail={"how": "used"})


def _faults(one: Officer) -> list[str]:
    found = [f"{name} is empty" for name in ("name", "display_name", "person") if not getattr(one, name).strip()]
    found += [f"{name} is too long" for name in ("name", "display_name", "person") if len(getattr(one, name)) > 64]
    return found + accounts.faults_of(one.password, one.name)


def _open(connection: Connection, token: str) -> bool:
    row = connection.execute(
        text(
            "SELECT 1 FROM access.set_up_link"
            " WHERE token_sha256 = :digest AND used_at IS NULL AND ends_at > clock_timestamp()"
        ),
        {"digest": _digest(token)},
    ).first()
    return row is not None


def _has_accounts(connection: Connection) -> bool:
    return bool(connection.execute(text("SELECT EXISTS (SELECT 1 FROM access.account)")).scalar_one())


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('onemap first start'))")
