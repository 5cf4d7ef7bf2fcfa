"""Which accounts are there, and does this name with this password open the door?"""

import json
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from command_ui.access import passwords
from command_ui.access.roles import Role
from gis.database import Caller, Database
from gis.errors import InputError
from gis.provenance import Mode

FAILURES_ALLOWED = 5
FAILURE_WINDOW = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)
SHORTEST_PASSWORD = 12

_FIND = text(
    "SELECT id, password_hash, disabled, coalesce(locked_until > clock_timestamp(), false) AS locked"
    " FROM access.account WHERE name = :name"
)
_FIND_AND_LOCK = text(f"{_FIND.text} FOR UPDATE")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is made from; divisions are a half-open range of 6-digit codes, ``unit_id`` a response team."""

    name: str
    display_name: str
    role: Role
    division_from: str
    division_to: str
    mode: Mode = "live"
    unit_id: str = ""


DEMO: tuple[NewAccount, ...] = (
    NewAccount("duty", "演练值班员", "operator", "990100", "990200", "drill"),
    NewAccount("commander", "演练指挥长", "commander", "990100", "990200", "drill"),
    NewAccount("expert", "演练专家", "expert", "990100", "990200", "drill"),
    NewAccount("binjiang", "演练滨江区值班员", "operator", "990102", "990103", "drill"),
    NewAccount("field", "演练园区消防站", "field", "990100", "990200", "drill", "DW-001"),
    NewAccount("wall", "演练值守大屏", "wall", "990100", "990200", "drill"),
)
"""Accounts of the sample city; their passwords are invented on the spot."""


def plain_name(name: str) -> str:
    """Fold a typed name to the form it is stored in."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def make(connection: Connection, account: NewAccount, password: str) -> None:
    """
    Add an account, or give an existing one of that name a new password and the fields of `account`.

    Raises
    ------
    InputError
        The password is too short or equals the name.
    """
    if len(password) < SHORTEST_PASSWORD or plain_name(password) == plain_name(account.name):
        raise InputError(f"the password must have at least {SHORTEST_PASSWORD} characters and not be the name")
    connection.execute(
        text(
            "INSERT INTO access.account"
            " (name, display_name, role, division_from, division_to, mode, unit_id, password_hash)"
            " VALUES (:name, :display_name, :role, :division_from, :division_to, :mode, :unit_id, :password_hash)"
            " ON CONFLICT (name) DO UPDATE SET display_name = excluded.display_name, role = excluded.role,"
            " division_from = excluded.division_from, division_to = excluded.division_to, mode = excluded.mode,"
            " unit_id = excluded.unit_id,"
            " password_hash = excluded.password_hash, password_changed_at = clock_timestamp(),"
            " failures = 0, first_failure_at = NULL, locked_until = NULL"
        ),
        {
            "name": plain_name(account.name),
            "display_name": account.display_name,
            "role": account.role,
            "division_from": account.division_from,
            "division_to": account.division_to,
            "mode": account.mode,
            "unit_id": account.unit_id,
            "password_hash": passwords.digest(password),
        },
    )
    record(connection, "account_made", plain_name(account.name), "", "")


def open_door(database: Database, name: str, password: str, *, address: str, request_id: str) -> int | None:
    """
    Give the account id if name and password fit and the account is neither locked nor disabled; else None.

    An unknown name, a wrong password and a locked account take the same time and get the same answer.
    Blocks for the password hash: call it in a thread.
    """
    name = plain_name(name)[:64]
    with database.transaction(Caller.system()) as connection:
        row = _find(connection, name)
    # The hash is checked outside the transaction, so that slow guesses hold no connection.
    fits = passwords.verify(password, row["password_hash"] if row else None)
    with database.transaction(Caller.system()) as connection:
        row = _find(connection, name, lock=True)
        if row is None or row["disabled"] or row["locked"]:
            record(connection, "locked" if row and row["locked"] else "refused", name, address, request_id)
            return None
        if not fits:
            _count_failure(connection, row["id"])
            record(connection, "refused", name, address, request_id)
            return None
        connection.execute(
            text(
                "UPDATE access.account SET failures = 0, first_failure_at = NULL, locked_until = NULL,"
                " last_sign_in_at = clock_timestamp() WHERE id = :id"
            ),
            {"id": row["id"]},
        )
        if passwords.needs_new_digest(row["password_hash"]):
            connection.execute(
                text("UPDATE access.account SET password_hash = :hash WHERE id = :id"),
                {"hash": passwords.digest(password), "id": row["id"]},
            )
        record(connection, "sign_in", name, address, request_id)
        return int(row["id"])


def record(connection: Connection, what: str, name: str, address: str, request_id: str) -> None:
    """Add a line to the record of the door."""
    connection.execute(
        text("INSERT INTO access.door (what, name, address, request_id) VALUES (:what, :name, :address, :request_id)"),
        {"what": what, "name": name, "address": address, "request_id": request_id},
    )


def prepare_demo(database: Database, folder: Path) -> list[tuple[str, str]]:
    """
    Make sure the sample city's accounts exist; return (name, password), the first one being the ready sign-in.

    Passwords are invented at the first call and kept in `folder` readable by its owner only, so that the next start
    shows the same ones. For the sample city only: a real installation never calls this.
    """
    path = folder / "demo-accounts.json"
    kept: dict[str, str] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    pairs = [(account.name, kept.get(account.name) or passwords.invent()) for account in DEMO]
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        json.dump(dict(pairs), file, indent=1)
    with database.transaction(Caller.system()) as connection:
        for account, (name, password) in zip(DEMO, pairs, strict=True):
            row = _find(connection, name)
            # A password changed by hand in between is set back: the printed sign-in must work.
            if row is None or not passwords.verify(password, row["password_hash"]):
                make(connection, account, password)
    return pairs


def _find(connection: Connection, name: str, *, lock: bool = False) -> Mapping[str, Any] | None:
    row = connection.execute(_FIND_AND_LOCK if lock else _FIND, {"name": name}).mappings().first()
    return dict(row) if row else None


def _count_failure(connection: Connection, account_id: int) -> None:
    connection.execute(
        text(
            "UPDATE access.account SET"
            " failures = CASE WHEN first_failure_at > clock_timestamp() - :fresh THEN failures + 1 ELSE 1 END,"
            " first_failure_at = CASE WHEN first_failure_at > clock_timestamp() - :fresh"
            "   THEN first_failure_at ELSE clock_timestamp() END,"
            " locked_until = CASE WHEN first_failure_at > clock_timestamp() - :fresh AND failures + 1 >= :allowed"
            "   THEN clock_timestamp() + :locked ELSE locked_until END"
            " WHERE id = :id"
        ),
        {"id": account_id, "fresh": FAILURE_WINDOW, "allowed": FAILURES_ALLOWED, "locked": LOCKED_FOR},
    )
