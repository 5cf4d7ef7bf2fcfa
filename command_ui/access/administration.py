"""Who may make, open, shut and reset accounts, and who gives them rights? Two administrators, never the same one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from command_ui.access import accounts, audit, passwords, rules
from command_ui.access.audit import Trace
from command_ui.access.roles import ADMINISTRATORS, Label, Role, SignedIn
from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION
from gis.errors import ConflictError, InputError, MissingError, RefusedError
from gis.provenance import Mode

GIVEN: tuple[Role, ...] = tuple(role for role in get_args(Role) if role not in ("device", "pending"))
"""Roles an account can be given; gateways of sensors have credentials of their own."""
_RIGHTS = ("role", "division_from", "division_to", "clearance", "mode", "unit_id")


@dataclass(frozen=True, slots=True)
class Account:
    """One account as the administrators see it: never a hash, never a secret."""

    name: str
    display_name: str
    person: str
    role: Role
    division_from: str
    division_to: str
    clearance: Label
    mode: Mode
    unit_id: str
    demo: bool
    disabled: bool
    locked_until: datetime | None
    must_change: bool
    second_factor: bool
    created_at: datetime
    made_by: str
    granted_by: str
    password_changed_at: datetime
    last_sign_in_at: datetime | None
    sessions: int
    outside: str
    """Issuer and subject at the identity provider that vouches for the person; empty for everybody else."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One sign-in that holds."""

    handle: str
    name: str
    display_name: str
    role: Role
    address: str
    second_factor: bool
    opened_at: datetime
    last_seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """Role x division x label, as the security administrator gives it; divisions are a half-open range."""

    role: Role
    division_from: str
    division_to: str
    clearance: Label
    mode: Mode = "live"
    unit_id: str = ""

    def faults(self) -> list[str]:
        """Give every fault of it."""
        found = []
        if self.role not in GIVEN:
            found.append(f"role: there is no role '{self.role}' to give; choose one of {', '.join(GIVEN)}")
        codes = (self.division_from, self.division_to)
        if any(len(code) != 6 or not code.isascii() or not code.isdigit() for code in codes):
            found.append("divisions: give two codes of six digits (GB/T 2260)")
        elif not LOWEST_DIVISION <= self.division_from < self.division_to <= HIGHEST_DIVISION:
            found.append("divisions: the first code must lie before the second, which is no longer part of the range")
        if self.role == "field" and not self.unit_id:
            found.append("unit_id: a field account stands for a response team; name it")
        if self.role == "enterprise" and self.clearance != "public":
            found.append("clearance: an enterprise sees what is labelled public")
        return found


def listing(connection: Connection) -> list[Account]:
    """Every account by name."""
    return [Account(**row) for row in connection.execute(_LISTING).mappings()]


def sessions(connection: Connection) -> list[OpenSession]:
    """Every sign-in that holds, newest first."""
    return [OpenSession(**{**row, "handle": str(row["handle"])}) for row in connection.execute(_SESSIONS).mappings()]


def create(connection: Connection, by: SignedIn, *, name: str, display_name: str, person: str) -> str:
    """
    Make an account without any right; return its first password, which must be changed at the first sign-in.

    Raises
    ------
    InputError
        The name is taken or cannot be one.
    """
    by.require("keep_accounts")
    folded = accounts.plain_name(name)
    faults = []
    if not 1 <= len(folded) <= 64 or any(one.isspace() or not one.isprintable() for one in folded):
        faults.append("name: 1 to 64 characters without spaces")
    if not 1 <= len(display_name.strip()) <= 64 or not display_name.strip().isprintable():
        faults.append("display_name: 1 to 64 characters")
    if not 1 <= len(person.strip()) <= 64 or not person.strip().isprintable():
        faults.append("person: the number of the person in the service; accounts are not shared")
    if not faults and connection.execute(text("SELECT 1 FROM access.account WHERE name = :n"), {"n": folded}).first():
        faults.append(f"name: '{folded}' is taken")
    if faults:
        raise InputError(faults)
    password = passwords.invent()
    new = accounts.NewAccount(
        folded, display_name.strip(), "pending", LOWEST_DIVISION, "000001", clearance="public", person=person.strip()
    )
    accounts.make(connection, new, password, by=by.name)
    connection.execute(text("UPDATE access.account SET must_change = true WHERE name = :name"), {"name": folded})
    return password


def grant(connection: Connection, by: SignedIn, trace: Trace, name: str, given: Grant) -> None:
    """
    Give an account role, divisions and label; its sessions end, so that nothing of the old rights lives on.

    Raises
    ------
    InputError
        Every fault of the grant.
    RefusedError
        It is one's own account.
    ConflictError
        The person holds another of the three offices, or the last holder of an office would be gone.
    """
    by.require("grant")
    row = _other(connection, by, name)
    faults = given.faults()
    if given.role in ADMINISTRATORS and not row["person"]:
        faults.append("role: an administrator's account must carry the number of its person")
    if faults:
        raise InputError(faults)
    if given.role != row["role"]:
        _keep_one(connection, row)
    try:
        with connection.begin_nested():
            connection.execute(_GRANT, {**asdict(given), "by": by.name, "id": row["id"]})
    except IntegrityError as error:
        raise ConflictError(
            "this person holds another of the three administrators' offices; they are never the same person"
        ) from error
    _end_sessions(connection, row["id"])
    detail = {"before": {key: row[key] for key in _RIGHTS}, "after": asdict(given)}
    audit.write(connection, "rights_granted", actor=by.name, role=by.role, on=row["name"], trace=trace, detail=detail)


def shut(connection: Connection, by: SignedIn, trace: Trace, name: str, *, closed: bool) -> None:
    """Close an account and end its sessions, or open it: a lock for failures and a rest for lack of use end too."""
    by.require("keep_accounts")
    row = _other(connection, by, name)
    if closed:
        _keep_one(connection, row)
        _end_sessions(connection, row["id"])
    connection.execute(
        text(
            "UPDATE access.account SET disabled = :closed, failures = 0, first_failure_at = NULL, locked_until = NULL,"
            " reopened_at = CASE WHEN :closed THEN reopened_at ELSE clock_timestamp() END WHERE id = :id"
        ),
        {"closed": closed, "id": row["id"]},
    )
    event = "account_closed" if closed else "account_opened"
    audit.write(connection, event, actor=by.name, role=by.role, on=row["name"], trace=trace)


def reset(connection: Connection, by: SignedIn, trace: Trace, name: str, *, device_too: bool) -> str:
    """Set a new first password, and with `device_too` forget the second factor; return the password, shown once."""
    by.require("keep_accounts")
    row = _other(connection, by, name)
    password = passwords.invent()
    accounts.set_password(connection, row["id"], password, must_change=True)
    if device_too:
        connection.execute(
            text("UPDATE access.account SET second_factor = NULL, second_factor_step = 0 WHERE id = :id"),
            {"id": row["id"]},
        )
        connection.execute(text("DELETE FROM access.recovery_code WHERE account_id = :id"), {"id": row["id"]})
    _end_sessions(connection, row["id"])
    detail = {"by": "administrator", "device_too": device_too}
    audit.write(connection, "password_set", actor=by.name, role=by.role, on=row["name"], trace=trace, detail=detail)
    return password


def end_session(connection: Connection, by: SignedIn, trace: Trace, handle: str) -> None:
    """
    End one sign-in of anybody; its websockets close within seconds.

    Raises
    ------
    MissingError
        There is no such sign-in.
    """
    by.require("see_accounts")
    ended = connection.execute(_END_ONE, {"handle": handle}).first()
    if ended is None:
        raise MissingError("there is no such session")
    detail = {"session": handle}
    audit.write(connection, "session_ended", actor=by.name, role=by.role, on=ended.name, trace=trace, detail=detail)


def set_rules(connection: Connection, by: SignedIn, trace: Trace, changed: Mapping[str, int]) -> rules.Rules:
    """Set rules of the door; see `rules.put`."""
    by.require("grant")
    standing = rules.put(connection, changed, by.name)
    audit.write(connection, "rule_set", actor=by.name, role=by.role, on="rules", trace=trace, detail=dict(changed))
    return standing


def _other(connection: Connection, by: SignedIn, name: str) -> Mapping[str, Any]:
    """Row of somebody else's account, locked."""
    found = connection.execute(_OTHER, {"name": accounts.plain_name(name)}).mappings().first()
    if found is None:
        raise MissingError("there is no such account")
    if found["name"] == by.name:
        raise RefusedError("nobody administers their own account; ask another administrator")
    return dict(found)


def _keep_one(connection: Connection, row: Mapping[str, Any]) -> None:
    """Refuse to take away the last account of an office: nobody could undo it."""
    if row["role"] not in ADMINISTRATORS:
        return
    left = connection.execute(
        text("SELECT count(*) FROM access.account WHERE role = :role AND NOT disabled AND id <> :id"),
        {"role": row["role"], "id": row["id"]},
    ).scalar_one()
    if not left:
        raise ConflictError(f"this is the last account with the role '{row['role']}'; appoint another one first")


def _end_sessions(connection: Connection, account_id: int) -> None:
    connection.execute(text("DELETE FROM access.session WHERE account_id = :id"), {"id": account_id})


_GRANT = text(
    "UPDATE access.account SET role = :role, division_from = :division_from, division_to = :division_to,"
    " clearance = :clearance, mode = :mode, unit_id = :unit_id, granted_by = :by WHERE id = :id"
)
_OTHER = text(
    "SELECT id, name, role, person, division_from, division_to, clearance, mode, unit_id FROM access.account"
    " WHERE name = :name FOR UPDATE"
)
_LISTING = text(
    "SELECT name, display_name, person, role, division_from, division_to, clearance, mode, unit_id, demo, disabled,"
    " CASE WHEN locked_until > clock_timestamp() THEN locked_until END AS locked_until, must_change,"
    " second_factor IS NOT NULL AS second_factor, created_at, made_by, granted_by, password_changed_at,"
    " last_sign_in_at, (SELECT count(*) FROM access.session WHERE account_id = account.id"
    "   AND ends_at > clock_timestamp() AND last_seen_at + idle_limit > clock_timestamp())::int AS sessions,"
    " coalesce(outside_subject, '') AS outside FROM access.account ORDER BY name"
)
_SESSIONS = text(
    "SELECT session.handle, account.name, account.display_name, account.role, session.address,"
    " session.second_factor, session.opened_at, session.last_seen_at, session.ends_at"
    " FROM access.session JOIN access.account ON account.id = session.account_id"
    " WHERE session.ends_at > clock_timestamp() AND session.last_seen_at + session.idle_limit > clock_timestamp()"
    " ORDER BY session.opened_at DESC LIMIT 2000"
)
_END_ONE = text(
    "DELETE FROM access.session USING access.account WHERE account.id = session.account_id"
    " AND session.handle = CAST(:handle AS uuid) RETURNING account.name"
)
