"""Which account is behind somebody another system vouches for, and with which rights? Sign-ins from outside."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import Connection, text

from command_ui.access import accounts, audit, once, passwords, rules
from command_ui.access.administration import Grant
from command_ui.access.audit import Trace
from command_ui.access.roles import ADMINISTRATORS
from gis.database import LOWEST_DIVISION, Caller, Database

Way = Literal["openid", "proxy"]
Unknown = Literal["refuse", "create"]

GIVER = "identity provider"
"""Who gave rights that follow from the provider's claims; no account's name holds a space."""
NOTHING = Grant("pending", LOWEST_DIVISION, "000001", "public")
"""Rights of somebody nobody gave any."""


@dataclass(frozen=True, slots=True)
class Identity:
    """
    Whom another system vouches for.

    Attributes
    ----------
    subject
        Who it is there, for good: issuer and subject, or the name a proxy sent.
    person
        Number of the person in the service, when the other system is trusted to know it; else empty.
    follows
        Whether rights follow from what the other system says; then `grant` None means that it gives none.
    """

    way: Way
    subject: str
    name: str
    display_name: str = ""
    person: str = ""
    grant: Grant | None = None
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """The account that opens, or why none does."""

    account_id: int | None
    why: str = ""


def arrive(database: Database, identity: Identity, unknown: Unknown, trace: Trace) -> Arrival:
    """
    Find the account of somebody, or make one without rights where the setting says so; refusals go to the audit.

    Known is who came before, who has the number of an account's person, and with a proxy who has an account's name. An
    account that a person of this house gave rights keeps them; those the provider gave follow what it says.
    """
    with database.transaction(Caller.system()) as connection:
        row, why = _known(connection, identity, trace)
        if row is None and why == "unknown" and unknown == "create":
            row, why = _created(connection, identity)
        if row is not None:
            why = accounts.why_shut(row, True, rules.standing(connection))
        if row is None or why:
            detail = {"how": identity.way, "why": why, "subject": identity.subject[:300]}
            name = row["name"] if row else identity.name
            audit.write(connection, "sign_in", "refused", actor=name, on=name, trace=trace, detail=detail)
            return Arrival(None, why)
        if identity.follows:
            _follow(connection, row, identity.grant or NOTHING, trace)
        return Arrival(int(row["id"]))


def turned_away(database: Database, way: Way, why: str, trace: Trace, subject: str = "") -> None:
    """Write down that an answer from outside did not hold."""
    with database.transaction(Caller.system()) as connection:
        detail = {"how": way, "why": why, "subject": subject[:300]}
        audit.write(connection, "sign_in", "refused", actor="", on="outside", trace=trace, detail=detail)


def farewell(database: Database, issuer: str, subject: str, session: str, number: str, trace: Trace) -> int | None:
    """End the sign-ins the provider says have ended; None when this farewell was heard before."""
    with database.transaction(Caller.system()) as connection:
        if not once.first_time(connection, "farewell", f"{issuer} {number}", timedelta(hours=1)):
            return None
        names = connection.execute(
            _END, {"session": f"{issuer} {session}", "named": bool(session), "subject": f"{issuer} {subject}"}
        ).scalars()
        ended = list(names)
        for name in ended:
            detail = {"which": "signed out at the provider"}
            audit.write(connection, "session_ended", actor=GIVER, on=name, trace=trace, detail=detail)
        return len(ended)


def _known(connection: Connection, identity: Identity, trace: Trace) -> tuple[Mapping[str, Any] | None, str]:
    found = _rows(connection, "outside_subject = :value", identity.subject)
    if not found and identity.way == "proxy":
        found = _rows(connection, "name = :value", accounts.plain_name(identity.name))
    if not found and identity.person:
        found = _rows(connection, "person = :value AND outside_subject IS NULL", identity.person)
        if len(found) == 1:
            connection.execute(
                text("UPDATE access.account SET outside_subject = :subject WHERE id = :id"),
                {"subject": identity.subject[:500], "id": found[0]["id"]},
            )
            detail = {"how": identity.way, "subject": identity.subject[:300], "person": identity.person}
            name = found[0]["name"]
            audit.write(connection, "account_linked", actor=GIVER, on=name, trace=trace, detail=detail)
    if len(found) > 1:
        return None, "ambiguous"  # one person, several accounts: nobody guesses which was meant
    return (found[0], "") if found else (None, "unknown")


def _created(connection: Connection, identity: Identity) -> tuple[Mapping[str, Any] | None, str]:
    name = accounts.plain_name(identity.name)
    if not 1 <= len(name) <= 64 or any(one.isspace() or not one.isprintable() for one in name):
        return None, "no_name"
    if _rows(connection, "name = :value", name):
        return None, "name_taken"  # a name is not proof of being the one who has the account
    new = accounts.NewAccount(
        name, identity.display_name or name, NOTHING.role, NOTHING.division_from, NOTHING.division_to,
        clearance="public", person=identity.person,
    )  # fmt: skip
    # Nobody ever learns this password: the account opens from outside only, until an administrator resets it.
    accounts.make(connection, new, passwords.invent(), by=GIVER)
    subject = identity.subject if identity.way == "openid" else None
    connection.execute(
        text("UPDATE access.account SET outside_subject = :subject WHERE name = :name"),
        {"subject": subject, "name": name},
    )
    return _rows(connection, "name = :value", name)[0], ""


def _follow(connection: Connection, row: Mapping[str, Any], grant: Grant, trace: Trace) -> None:
    """Give the account the rights the provider's claims stand for; nobody's hand-given rights are touched."""
    if row["granted_by"] not in ("", GIVER) or row["role"] in ADMINISTRATORS or row["demo"]:
        return
    wanted = asdict(grant)
    before = {name: row[name] for name in wanted}
    if wanted == before:
        return
    connection.execute(_GRANT, {**wanted, "by": GIVER, "id": row["id"]})
    connection.execute(text("DELETE FROM access.session WHERE account_id = :id"), {"id": row["id"]})
    detail = {"before": before, "after": wanted}
    audit.write(connection, "rights_granted", actor=GIVER, on=row["name"], trace=trace, detail=detail)


def _rows(connection: Connection, where: str, value: str) -> list[Mapping[str, Any]]:
    return [dict(row) for row in connection.execute(text(_ROWS[where]), {"value": value}).mappings()]


_COLUMNS = (
    "SELECT id, name, role, division_from, division_to, clearance, mode, unit_id, granted_by, demo, disabled,"
    " coalesce(locked_until > clock_timestamp(), false) AS locked,"
    " greatest(created_at, reopened_at, last_sign_in_at) AS used_at FROM access.account WHERE "
)
_ROWS = {
    where: f"{_COLUMNS}{where} FOR UPDATE"
    for where in ("outside_subject = :value", "name = :value", "person = :value AND outside_subject IS NULL")
}
_GRANT = text(
    "UPDATE access.account SET role = :role, division_from = :division_from, division_to = :division_to,"
    " clearance = :clearance, mode = :mode, unit_id = :unit_id, granted_by = :by WHERE id = :id"
)
_END = text(
    "DELETE FROM access.session USING access.account WHERE account.id = session.account_id"
    " AND session.outside_session IS NOT NULL AND CASE WHEN :named THEN session.outside_session = :session"
    " ELSE account.outside_subject = :subject END RETURNING account.name"
)
