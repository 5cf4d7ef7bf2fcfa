"""Does what the audit holds look like an attack? Guessed passwords, scanning, mass export, a line that was altered."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, text

from command_ui.access import audit, audit_verify
from gis.database import Caller, Database
from scenarios.watch import Watch

WATCH = "watch"
"""Who wrote a line of suspicion: the house itself; no rights hang on the name."""
EVERY_S = 20.0
WITHIN = timedelta(minutes=15)
"""What happened in so long a time is counted together, and said once."""
STANDS = timedelta(hours=1)
"""How long a suspicion stays on the screens of the duty; the audit keeps it for good."""
CHECKED_EVERY = timedelta(minutes=10)
"""How often the hashes of the last two days are computed anew; all of them when the auditor asks."""
LATELY = timedelta(days=1)

Code = Literal["guessing", "spraying", "scanning", "export", "altered"]

_log = logging.getLogger("onemap.suspicions")


@dataclass(frozen=True, slots=True)
class Rule:
    """At least `least` lines of one kind and outcome with the same value of a column, within `WITHIN`."""

    code: Code
    column: Literal["actor", "address"]
    events: tuple[str, ...]
    outcome: audit.Outcome
    least: int


RULES = (
    Rule("guessing", "actor", ("sign_in",), "refused", 5),  # as many as lock an account
    Rule("spraying", "address", ("sign_in",), "refused", 10),
    Rule("scanning", "address", ("denied",), "refused", 40),
    Rule("export", "actor", ("export", "unmasked"), "ok", 30),
)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What was found, when (aware), and how often it happened."""

    code: str
    at: datetime
    count: int


class Suspicions:
    """
    Looks at the audit from time to time; what is suspicious becomes a line of it, and every duty desk hears of it.

    Of several processes one looks at a time; the same thing is said once in `WITHIN`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._checked_at = datetime.min.replace(tzinfo=UTC)
        self._watch = Watch("suspicions", self._again, EVERY_S)
        self.start, self.stop = self._watch.start, self._watch.stop

    def look(self, now: datetime | None = None) -> int:
        """Look once; give how many suspicions are new."""
        now = now or datetime.now(UTC)
        new = 0
        with self._database.transaction(Caller.system()) as connection:
            if not connection.execute(_TURN).scalar_one():
                return 0
            since = now - WITHIN
            for rule in RULES:
                values = {"events": list(rule.events), "outcome": rule.outcome, "least": rule.least, "since": since}
                for name, times in connection.execute(_COUNT[rule.column], values).all():
                    new += self._say(connection, rule.code, str(name), int(times), since)
            if now - self._checked_at >= CHECKED_EVERY:
                self._checked_at = now
                faults = audit_verify.check_lately(connection, (now - LATELY).date()).faults
                new += self._say(connection, "altered", "audit", len(faults), since) if faults else 0
            if new:
                connection.execute(_TELL)
        return new

    def _again(self) -> float:
        self.look()
        return EVERY_S

    @staticmethod
    def _say(connection: Connection, code: Code, name: str, times: int, since: datetime) -> int:
        on = f"{code} {name}"[: audit.LONGEST_OBJECT]
        if connection.execute(_KNOWN, {"on": on, "since": since}).scalar_one():
            return 0
        detail = {"rule": code, "count": times, "minutes": int(WITHIN.total_seconds() / 60)}
        audit.write(connection, "suspicion", "failed", actor=WATCH, on=on, detail=detail)
        _log.warning("suspicion of an attack: %s, %d times in %d min", on, times, detail["minutes"])
        return 1


def standing(connection: Connection, now: datetime) -> list[Suspicion]:
    """Give what was found lately, one of each kind, newest first, without whose it is: that is the auditor's to see."""
    return [Suspicion(**row) for row in connection.execute(_STANDING, {"since": now - STANDS}).mappings()]


_TURN = text("SELECT pg_try_advisory_xact_lock(hashtext('onemap suspicions'))")
_TELL = text("SELECT pg_notify('onemap_alarm', '')")
_COUNT = {
    column: text(
        f"SELECT {column} AS name, sum(coalesce((detail::jsonb ->> 'times')::bigint, 1)) AS times"  # noqa: S608 - own
        " FROM access.audit_entry WHERE at >= :since AND event = ANY (:events) AND outcome = :outcome"
        f" AND {column} <> ''"
        " GROUP BY 1 HAVING sum(coalesce((detail::jsonb ->> 'times')::bigint, 1)) >= :least ORDER BY 2 DESC LIMIT 20"
    )
    for column in ("actor", "address")
}
_KNOWN = text("SELECT count(*) > 0 FROM access.audit_entry WHERE event = 'suspicion' AND object = :on AND at >= :since")
_STANDING = text(
    "SELECT split_part(object, ' ', 1) AS code, max(at) AS at, count(*)::int AS count FROM access.audit_entry"
    " WHERE event = 'suspicion' AND at >= :since GROUP BY 1 ORDER BY 2 DESC"
)
