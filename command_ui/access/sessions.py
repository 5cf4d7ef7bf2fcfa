"""Who is signed in right now, and for how long still?"""

import hashlib
import secrets
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from command_ui.access import audit, rules
from command_ui.access.roles import SignedIn
from gis.database import Caller, Database

WALL_IDLE_LIMIT = timedelta(hours=12)
"""The read-only duty screen 值守大屏 has nobody who touches it, and a phone at the scene lies in a pocket for hours."""
LONGEST = timedelta(hours=12)

_CACHED_FOR_S = 2.0
"""A revoked session is refused in every process after this at the latest (promise: 5 s)."""
_TOUCH_EVERY_S = 30.0
_CACHE_LIMIT = 5_000
_SHORTEST_IDLE = timedelta(minutes=rules.BOUNDS["idle_minutes"][0])


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the browser or program gets at sign-in; the token is shown this once and stored only as a hash."""

    token: str
    signed_in: SignedIn


class Sessions:
    """
    Server-side sessions. All methods block on the database: call them in a thread.

    Parameters
    ----------
    idle_limit, longest
        A session ends after `idle_limit` without a sign of life (None = as the rules of the door say at the sign-in),
        and after `longest` in any case.
    """

    def __init__(
        self, database: Database, *, idle_limit: timedelta | None = None, longest: timedelta = LONGEST
    ) -> None:
        self._database = database
        self._idle_limit = idle_limit
        self._longest = longest
        self._seen: dict[bytes, tuple[float, float, SignedIn]] = {}
        self._forgotten = 0
        self._lock = threading.Lock()

    def open(
        self,
        account_id: int,
        address: str,
        *,
        request_id: str = "",
        how: str = "password",
        two_factors: bool = False,
        outside: str = "",
    ) -> Ticket:
        """
        Sign an account in: a fresh token of 256 random bits at each sign-in, so none can be planted before.

        Parameters
        ----------
        how
            For the audit: password, recovery, program, openid, proxy.
        two_factors
            Whether a second factor was shown.
        outside
            Issuer and session at the identity provider, by which it can end this sign-in; empty for every other way.
        """
        token = secrets.token_urlsafe(32)
        handle = str(uuid.uuid4())
        with self._database.transaction(Caller.system()) as connection:
            connection.execute(text("DELETE FROM access.session WHERE ends_at < clock_timestamp() - interval '1 day'"))
            connection.execute(
                text(
                    "INSERT INTO access.session"
                    " (token_sha256, handle, account_id, csrf_token, address, second_factor, outside_session,"
                    " idle_limit, ends_at)"
                    " SELECT :digest, :handle, id, :csrf_token, :address, :two_factors, :outside,"
                    "   CASE WHEN role IN ('wall', 'field') THEN greatest(:wall, :idle) ELSE :idle END,"
                    "   clock_timestamp() + :longest FROM access.account WHERE id = :account_id"
                ),
                {
                    "digest": _digest(token),
                    "handle": handle,
                    "account_id": account_id,
                    "csrf_token": secrets.token_urlsafe(32),
                    "address": address,
                    "two_factors": two_factors,
                    "outside": outside[:800] or None,
                    "idle": self._idle_limit or rules.standing(connection).idle_limit,
                    "wall": WALL_IDLE_LIMIT,
                    "longest": self._longest,
                },
            )
            account = connection.execute(_SIGNED_IN, {"id": account_id}).one()
            audit.write(
                connection,
                "sign_in",
                actor=account.name,
                role=account.role,
                on=account.name,
                trace=audit.Trace(address, request_id),
                detail={"how": how, "two_factors": two_factors, "session": handle},
            )
        person = self.find(token)
        if person is None:
            raise AssertionError("a session that was just opened is not there")
        return Ticket(token, person)

    def remembered(self, token: str) -> SignedIn | None:
        """Give who held this token a moment ago, without asking the database; None = ask `find`."""
        with self._lock:
            read_at, _, person = self._seen.get(_digest(token), (-1e9, -1e9, None))
        return person if time.monotonic() - read_at < _CACHED_FOR_S else None

    def find(self, token: str) -> SignedIn | None:
        """Give who holds this token, or None; counts as a sign of life."""
        digest = _digest(token)
        now = time.monotonic()
        with self._lock:
            read_at, touched_at, person = self._seen.get(digest, (-1e9, -1e9, None))
            forgotten = self._forgotten
        if person is not None and now - read_at < _CACHED_FOR_S:
            return person
        touch = now - touched_at > min(_TOUCH_EVERY_S, (self._idle_limit or _SHORTEST_IDLE).total_seconds() / 4)
        with self._database.transaction(Caller.system()) as connection:
            row = connection.execute(_FIND, {"digest": digest}).mappings().first()
            if row is not None and touch:
                connection.execute(_TOUCH, {"handle": row["handle"]})
        person = None if row is None else SignedIn(**{**row, "handle": str(row["handle"])})
        with self._lock:
            if person is None:
                self._seen.pop(digest, None)
                return None
            if len(self._seen) >= _CACHE_LIMIT:
                self._seen.clear()
            if forgotten == self._forgotten:  # else what was read may be what was just taken away
                self._seen[digest] = (now, now if touch else touched_at, person)
        return person

    def touch(self, handle: str) -> None:
        """Take note of a sign of life by websocket."""
        with self._database.transaction(Caller.system()) as connection:
            connection.execute(_TOUCH, {"handle": handle})

    def alive(self, handles: Iterable[str]) -> frozenset[str]:
        """Say which of these sessions still hold."""
        with self._database.transaction(Caller.system()) as connection:
            rows = connection.execute(_ALIVE, {"handles": list(handles)})
            return frozenset(str(row.handle) for row in rows)

    def close(self, person: SignedIn, *, everywhere: bool = False, address: str = "", request_id: str = "") -> None:
        """Sign out: this session, or all sessions of the account."""
        with self._database.transaction(Caller.system()) as connection:
            connection.execute(
                text(
                    "DELETE FROM access.session WHERE handle = CAST(:handle AS uuid)"
                    " OR (:everywhere AND account_id = (SELECT id FROM access.account WHERE name = :name))"
                ),
                {"handle": person.handle, "everywhere": everywhere, "name": person.name},
            )
            audit.write(
                connection,
                "sign_out",
                actor=person.name,
                role=person.role,
                on=person.name,
                trace=audit.Trace(address, request_id),
                detail={"everywhere": everywhere, "session": person.handle},
            )
        self.forget()

    def close_others(self, person: SignedIn, address: str = "", request_id: str = "") -> None:
        """End all other sessions of an account; this one stays."""
        with self._database.transaction(Caller.system()) as connection:
            connection.execute(
                text(
                    "DELETE FROM access.session WHERE handle <> CAST(:handle AS uuid)"
                    " AND account_id = (SELECT id FROM access.account WHERE name = :name)"
                ),
                {"handle": person.handle, "name": person.name},
            )
            audit.write(
                connection,
                "session_ended",
                actor=person.name,
                role=person.role,
                on=person.name,
                trace=audit.Trace(address, request_id),
                detail={"which": "all others"},
            )
        self.forget()

    def forget(self) -> None:
        """Drop the short memory, so that the next request asks the database."""
        with self._lock:
            self._forgotten += 1
            self._seen.clear()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


_SIGNED_IN = text("UPDATE access.account SET last_sign_in_at = clock_timestamp() WHERE id = :id RETURNING name, role")
_FIND = text(
    "SELECT account.name, account.display_name, account.role, account.division_from, account.division_to,"
    " account.mode, account.unit_id, account.clearance, session.handle, session.csrf_token"
    " FROM access.session JOIN access.account ON account.id = session.account_id"
    " WHERE session.token_sha256 = :digest AND NOT account.disabled"
    " AND session.ends_at > clock_timestamp() AND session.last_seen_at + session.idle_limit > clock_timestamp()"
)
_TOUCH = text(
    "UPDATE access.session SET last_seen_at = clock_timestamp()"
    " WHERE handle = CAST(:handle AS uuid) AND last_seen_at + idle_limit > clock_timestamp()"
)
_ALIVE = text(
    "SELECT session.handle FROM access.session JOIN access.account ON account.id = session.account_id"
    " WHERE session.handle = ANY (CAST(:handles AS uuid[])) AND NOT account.disabled"
    " AND session.ends_at > clock_timestamp() AND session.last_seen_at + session.idle_limit > clock_timestamp()"
)
