"""Which accounts are there, and does this name with this password open the door?"""

import json
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from command_ui.access import audit, passwords, rules
from command_ui.access.roles import Label, Role
from gis.database import Caller, Database
from gis.errors import InputError
from gis.provenance import Mode

FAILURES_ALLOWED = 5
"""How many failures lock an account unless the security administrator set another number (see `rules`)."""
SHORTEST_PASSWORD = 12
LONG_PASSWORD = 16
"""From this length on a password need not mix kinds of characters."""
KINDS_WANTED = 3
REMEMBERED = 5
"""How many earlier passwords may not come back."""

_COMMON = ("password", "admin", "qwerty", "123456", "abc123", "iloveyou", "woaini", "5201314", "yingji", "onemap")

_FIND = text(
    "SELECT id, name, role, password_hash, disabled, demo, coalesce(locked_until > clock_timestamp(), false) AS locked,"
    " greatest(created_at, reopened_at, last_sign_in_at) AS used_at FROM access.account WHERE name = :name"
)
_FIND_AND_LOCK = text(f"{_FIND.text} FOR UPDATE")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """
    What an account is made from.

    Attributes
    ----------
    division_from, division_to
        Half-open range of 6-digit codes.
    unit_id
        Response team it stands for.
    clearance
        Highest label of rows it may see.
    person
        Number of the person behind it (工号); the three administrators must have one.
    """

    name: str
    display_name: str
    role: Role
    division_from: str
    division_to: str
    mode: Mode = "live"
    unit_id: str = ""
    clearance: Label = "restricted"
    person: str = ""


DEMO: tuple[NewAccount, ...] = (
    NewAccount("duty", "演练值班员", "operator", "990100", "990200", "drill"),
    NewAccount("commander", "演练指挥长", "commander", "990100", "990200", "drill"),
    NewAccount("expert", "演练专家", "expert", "990100", "990200", "drill"),
    NewAccount("binjiang", "演练滨江区值班员", "operator", "990102", "990103", "drill"),
    NewAccount("field", "演练园区消防站", "field", "990100", "990200", "drill", "DW-001"),
    NewAccount("wall", "演练值守大屏", "wall", "990100", "990200", "drill"),
    NewAccount("member", "演练成员单位", "viewer", "990100", "990200", "drill", clearance="internal"),
    NewAccount("controller", "演练导调员", "controller", "990100", "990200", "drill"),
    NewAccount("evaluator", "演练评估员", "evaluator", "990100", "990200", "drill"),
    NewAccount("sysadmin", "演练系统管理员", "system_admin", "990100", "990200", "drill", person="YL-0001"),
    NewAccount("secadmin", "演练安全管理员", "security_admin", "990100", "990200", "drill", person="YL-0002"),
    NewAccount("auditor", "演练审计管理员", "audit_admin", "990100", "990200", "drill", person="YL-0003"),
)
"""Accounts of the sample city; their passwords are invented on the spot."""


def plain_name(name: str) -> str:
    """Fold a typed name to the form it is stored in."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def faults_of(password: str, name: str) -> list[str]:
    """
    What is wrong with a password; empty when it will do.

    At least 12 characters; three of four kinds (a, A, 1, -) unless it has 16; not the name, nothing everybody tries.
    """
    kinds = (str.islower, str.isupper, str.isdigit, lambda one: not one.isalnum())
    mixed = sum(any(is_kind(one) for one in password) for is_kind in kinds)
    folded, own = plain_name(password), plain_name(name)
    found = []
    if len(password) < SHORTEST_PASSWORD:
        found.append(f"the password must have at least {SHORTEST_PASSWORD} characters")
    elif len(password) < LONG_PASSWORD and mixed < KINDS_WANTED and password.isascii():
        found.append(f"a password of fewer than {LONG_PASSWORD} characters must mix {KINDS_WANTED} of: a, A, 1, -")
    if own and own in folded and len(folded) < len(own) + SHORTEST_PASSWORD:
        found.append("the password must not be made of the name")
    for word in _COMMON:
        folded = folded.replace(word, "")
    if password and len(set(folded)) < 4:
        found.append("the password is one that everybody tries first")
    return found


def make(connection: Connection, account: NewAccount, password: str, *, by: str = "", demo: bool = False) -> None:
    """
    Add an account, or give an existing one of that name a new password and the fields of `account`.

    Raises
    ------
    InputError
        Every fault of the password (see `faults_of`).
    """
    if faults := faults_of(password, account.name):
        raise InputError(faults)
    name = plain_name(account.name)
    values = {**asdict(account), "name": name, "made_by": by, "demo": demo, "hash": passwords.digest(password)}
    connection.execute(_MAKE, values)
    detail = {"role": account.role, "divisions": f"{account.division_from}-{account.division_to}", "demo": demo}
    audit.write(connection, "account_made", actor=by or "system", on=name, detail=detail)


def open_door(database: Database, name: str, password: str, *, address: str, request_id: str) -> int | None:
    """
    Give the account id if name and password fit and the account is neither locked nor shut; else None.

    An unknown name, a wrong password and a locked account take the same time and get the same answer. What else is
    asked of the account, a second factor or a new password, `entering` says. Blocks for the password hash: call it in a
    thread.
    """
    name = plain_name(name)[:64]
    with database.transaction(Caller.system()) as connection:
        row = _find(connection, name)
    # The hash is checked outside the transaction, so that slow guesses hold no connection.
    fits = passwords.verify(password, row["password_hash"] if row else None)
    digest = passwords.digest(password) if fits and row and passwords.needs_new_digest(row["password_hash"]) else None
    with database.transaction(Caller.system()) as connection:
        row, held = _find(connection, name, lock=True), rules.standing(connection)
        why = why_shut(row, fits, held)
        if row is None or why:
            if row is not None and why == "wrong":
                count_failure(connection, row["id"], held)
            trace = audit.Trace(address, request_id)
            audit.write(connection, "sign_in", "refused", actor=name, on=name, trace=trace, detail={"why": why})
            return None
        connection.execute(
            text(
                "UPDATE access.account SET failures = 0, first_failure_at = NULL, locked_until = NULL,"
                " password_hash = coalesce(:digest, password_hash) WHERE id = :id"
            ),
            {"id": row["id"], "digest": digest},
        )
        return int(row["id"])


def why_shut(row: Mapping[str, Any] | None, fits: bool, held: rules.Rules) -> str:
    """Why this account does not open to a proof that fits or not, for the audit alone; empty when it does."""
    if row is None:
        return "unknown"
    if row["locked"] or row["disabled"]:
        return "locked" if row["locked"] else "closed"
    if not fits:
        return "wrong"
    unused = datetime.now(UTC) - row["used_at"]
    return "unused" if held.unused_days and not row["demo"] and unused > timedelta(days=held.unused_days) else ""


def set_password(connection: Connection, account_id: int, password: str, *, must_change: bool = False) -> None:
    """
    Give an account another password.

    Raises
    ------
    InputError
        Every fault of it, one it had before included.
    """
    row = connection.execute(
        text("SELECT name, password_hash FROM access.account WHERE id = :id FOR UPDATE"), {"id": account_id}
    ).one()
    past = connection.execute(
        text("SELECT password_hash FROM access.password_past WHERE account_id = :id ORDER BY id DESC LIMIT :most"),
        {"id": account_id, "most": REMEMBERED - 1},
    ).scalars()
    faults = faults_of(password, row.name)
    if not faults and any(passwords.verify(password, one) for one in [row.password_hash, *past]):
        faults = [f"the password is one of the last {REMEMBERED}"]
    if faults:
        raise InputError(faults)
    connection.execute(
        text("INSERT INTO access.password_past (account_id, password_hash) VALUES (:id, :hash)"),
        {"id": account_id, "hash": row.password_hash},
    )
    connection.execute(
        text(
            "UPDATE access.account SET password_hash = :hash, password_changed_at = clock_timestamp(),"
            " must_change = :must_change, failures = 0, first_failure_at = NULL, locked_until = NULL WHERE id = :id"
        ),
        {"id": account_id, "hash": passwords.digest(password), "must_change": must_change},
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
                make(connection, account, password, demo=True)
            elif not row["demo"]:
                connection.execute(text("UPDATE access.account SET demo = true WHERE id = :id"), {"id": row["id"]})
    return pairs


def _find(connection: Connection, name: str, *, lock: bool = False) -> Mapping[str, Any] | None:
    row = connection.execute(_FIND_AND_LOCK if lock else _FIND, {"name": name}).mappings().first()
    return dict(row) if row else None


def count_failure(connection: Connection, account_id: int, held: rules.Rules) -> None:
    """Count a wrong password or code; too many within the time lock the account."""
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
        {"id": account_id, "fresh": held.locked_for, "allowed": held.failures, "locked": held.locked_for},
    )


_MAKE = text(
    "INSERT INTO access.account (name, display_name, role, division_from, division_to, mode, unit_id, clearance,"
    " person, made_by, demo, password_hash)"
    " VALUES (:name, :display_name, :role, :division_from, :division_to, :mode, :unit_id, :clearance, :person,"
    " :made_by, :demo, :hash)"
    " ON CONFLICT (name) DO UPDATE SET display_name = excluded.display_name, role = excluded.role,"
    " division_from = excluded.division_from, division_to = excluded.division_to, mode = excluded.mode,"
    " unit_id = excluded.unit_id, clearance = excluded.clearance, person = excluded.person, demo = excluded.demo,"
    " password_hash = excluded.password_hash, password_changed_at = clock_timestamp(), must_change = false,"
    " failures = 0, first_failure_at = NULL, locked_until = NULL"
)
