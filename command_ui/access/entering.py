"""What is still asked of somebody whose password fitted: a code, a new password, a device to enrol, or nothing?"""

import base64
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, text

from command_ui.access import accounts, audit, keys, rules, second_factor
from command_ui.access.roles import TWO_FACTORS
from gis.database import Caller, Database
from gis.errors import RefusedError

Step = Literal["code", "new_password", "enrol", "open"]
HALFWAY_S = 300
"""How long somebody may take from the password to the end of the sign-in."""


@dataclass(frozen=True, slots=True)
class Halfway:
    """
    How far a sign-in has come; carried by the form, signed, tied to the form's cookie, and worth nothing after minutes.

    Attributes
    ----------
    passed
        What was shown so far: ``password``, ``openid`` or ``proxy``, then ``code``, ``recovery`` or, of the identity
        provider, ``factor``.
    drawn
        Secret of a device that is being enrolled, sealed; empty otherwise.
    session
        Issuer and session at the identity provider this sign-in hangs on; empty otherwise.
    """

    account_id: int
    passed: tuple[str, ...]
    drawn: str = ""
    session: str = ""

    def token(self, key: bytes, cookie: str) -> str:
        """Write it down for the form."""
        ends_at = int(time.time()) + HALFWAY_S
        plain = json.dumps([self.account_id, list(self.passed), self.drawn, self.session, ends_at]).encode()
        return f"{base64.urlsafe_b64encode(plain).decode()}.{_mark(key, plain, cookie)}"

    @classmethod
    def of(cls, key: bytes, token: str, cookie: str) -> "Halfway | None":
        """Read it back; None when it is not ours, of another browser, or too old."""
        body, _, mark = token.partition(".")
        try:
            plain = base64.urlsafe_b64decode(body.encode())
        except ValueError:
            return None
        if not cookie or not hmac.compare_digest(_mark(key, plain, cookie).encode(), mark.encode()):
            return None
        account_id, passed, drawn, session, ends_at = json.loads(plain)
        return cls(account_id, tuple(passed), drawn, session) if time.time() < ends_at else None

    @property
    def two_factors(self) -> bool:
        """Whether a second factor was shown."""
        return not {"code", "recovery", "factor"}.isdisjoint(self.passed)

    @property
    def how(self) -> str:
        """How the sign-in came about, for the audit."""
        return next((one for one in ("openid", "proxy", "recovery") if one in self.passed), "password")

    def further(self, shown: str, drawn: str = "") -> "Halfway":
        """Give the same sign-in with one thing more shown."""
        return replace(self, passed=(*self.passed, shown), drawn=drawn)


def _mark(key: bytes, plain: bytes, cookie: str) -> str:
    return hmac.new(keys.derived(key, "halfway"), plain + b"\0" + cookie.encode(), "sha256").hexdigest()


def next_step(connection: Connection, halfway: Halfway) -> Step:
    """
    Say what comes next.

    The code comes before a new password, so that a stolen password alone changes nothing; whoever must have a second
    factor and has none enrols before anything opens.
    """
    row, held = _row(connection, halfway.account_id), rules.standing(connection)
    if row["second_factor"] is not None and not halfway.two_factors:
        return "code"
    by_password = "password" in halfway.passed
    aged = datetime.now(UTC) - row["password_changed_at"] > timedelta(days=held.password_days)
    if by_password and (row["must_change"] or (held.password_days and aged and not row["demo"])):
        return "new_password"
    if row["second_factor"] is None and row["role"] in TWO_FACTORS and not row["demo"]:
        return "enrol"
    return "open"


def show_code(database: Database, key: bytes, halfway: Halfway, code: str, trace: audit.Trace) -> Halfway | None:
    """
    Take a code of the device, or one of the recovery codes; None when neither fits, which counts as a failure.

    A code opens once: the time step used last is kept with the account.
    """
    with database.transaction(Caller.system()) as connection:
        row, held = _row(connection, halfway.account_id, lock=True), rules.standing(connection)
        if row["second_factor"] is not None and not row["locked"] and not row["disabled"]:
            secret = second_factor.unseal(key, row["name"], bytes(row["second_factor"]))
            step = second_factor.accepted_step(secret, code, time.time(), row["second_factor_step"])
            if step is not None:
                connection.execute(
                    text("UPDATE access.account SET second_factor_step = :step WHERE id = :id"),
                    {"step": step, "id": halfway.account_id},
                )
                return halfway.further("code")
            if _use_recovery(connection, halfway.account_id, code):
                detail = {"how": "recovery code used"}
                audit.write(connection, "second_factor", actor=row["name"], on=row["name"], trace=trace, detail=detail)
                return halfway.further("recovery")
            accounts.count_failure(connection, halfway.account_id, held)
        why = {"why": "locked" if row["locked"] else "wrong code"}
        audit.write(connection, "sign_in", "refused", actor=row["name"], on=row["name"], trace=trace, detail=why)
    return None


def begin_enrolment(database: Database, key: bytes, halfway: Halfway) -> tuple[Halfway, bytes]:
    """Draw a secret for a new device; it is kept only once a code of it was shown."""
    with database.transaction(Caller.system()) as connection:
        name = _row(connection, halfway.account_id)["name"]
    if halfway.drawn:
        return halfway, second_factor.unseal(key, name, base64.b64decode(halfway.drawn))
    secret = second_factor.new_secret()
    drawn = base64.b64encode(second_factor.seal(key, name, secret)).decode()
    return replace(halfway, drawn=drawn), secret


def enrol(
    database: Database, key: bytes, halfway: Halfway, code: str, trace: audit.Trace
) -> tuple[Halfway, list[str]] | None:
    """
    Keep the device whose code was shown; give the recovery codes, shown this once. None = the code is wrong.

    Raises
    ------
    RefusedError
        The account has a device: whoever knows only the password must not exchange it.
    """
    with database.transaction(Caller.system()) as connection:
        row = _row(connection, halfway.account_id, lock=True)
        if row["second_factor"] is not None:
            raise RefusedError("this account has a second factor already; have it reset to enrol another device")
        secret = second_factor.unseal(key, row["name"], base64.b64decode(halfway.drawn)) if halfway.drawn else b""
        step = second_factor.accepted_step(secret, code, time.time(), 0) if secret else None
        if step is None:
            return None
        codes = second_factor.new_recovery_codes()
        connection.execute(
            text("UPDATE access.account SET second_factor = :sealed, second_factor_step = :step WHERE id = :id"),
            {"sealed": second_factor.seal(key, row["name"], secret), "step": step, "id": halfway.account_id},
        )
        connection.execute(text("DELETE FROM access.recovery_code WHERE account_id = :id"), {"id": halfway.account_id})
        connection.execute(
            text("INSERT INTO access.recovery_code (account_id, code_sha256) VALUES (:id, :digest)"),
            [{"id": halfway.account_id, "digest": second_factor.recovery_digest(one)} for one in codes],
        )
        detail = {"how": "enrolled"}
        audit.write(
            connection, "second_factor", actor=row["name"], role=row["role"], on=row["name"], trace=trace, detail=detail
        )
    return halfway.further("code"), codes


def change_password(database: Database, account_id: int, password: str, trace: audit.Trace) -> None:
    """
    Take the new password of somebody who is halfway in, or in.

    Raises
    ------
    InputError
        Every fault of the password.
    """
    with database.transaction(Caller.system()) as connection:
        accounts.set_password(connection, account_id, password)
        row = _row(connection, account_id)
        detail = {"by": "owner"}
        audit.write(
            connection, "password_set", actor=row["name"], role=row["role"], on=row["name"], trace=trace, detail=detail
        )


def _use_recovery(connection: Connection, account_id: int, code: str) -> bool:
    used = connection.execute(
        text(
            "UPDATE access.recovery_code SET used_at = clock_timestamp()"
            " WHERE account_id = :id AND code_sha256 = :digest AND used_at IS NULL RETURNING 1"
        ),
        {"id": account_id, "digest": second_factor.recovery_digest(code)},
    )
    return used.first() is not None


def _row(connection: Connection, account_id: int, *, lock: bool = False) -> Mapping[str, Any]:
    return dict(connection.execute(_ROW_LOCKED if lock else _ROW, {"id": account_id}).mappings().one())


_ROW = text(
    "SELECT name, role, demo, must_change, password_changed_at, second_factor, second_factor_step, disabled,"
    " coalesce(locked_until > clock_timestamp(), false) AS locked FROM access.account WHERE id = :id"
)
_ROW_LOCKED = text(f"{_ROW.text} FOR UPDATE")
