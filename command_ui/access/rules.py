"""Which rules hold at the door: how old a password may be, how many guesses, how long somebody may sit idle?"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

from gis.errors import InputError

BOUNDS: Mapping[str, tuple[int, int]] = {
    "password_days": (0, 365),
    "unused_days": (0, 365),
    "failures": (3, 10),
    "locked_minutes": (15, 1440),
    "idle_minutes": (5, 30),
}
"""Lowest and highest value; 0 days = never. Idle beyond 30 minutes and fewer lock minutes would miss level 3."""


@dataclass(frozen=True, slots=True)
class Rules:
    """
    Rules of the door (GB/T 22239-2019 8.1.4.1: periodic change, failure handling, automatic end).

    Attributes
    ----------
    password_days
        Age after which a password must be changed; NIST SP 800-63B advises against, level 3 wants it: 0 = never.
    unused_days
        Time without a sign-in after which an account is shut.
    """

    password_days: int = 90
    unused_days: int = 90
    failures: int = 5
    locked_minutes: int = 15
    idle_minutes: int = 30

    @property
    def locked_for(self) -> timedelta:
        """How long an account is locked after too many failures; failures count within the same time."""
        return timedelta(minutes=self.locked_minutes)

    @property
    def idle_limit(self) -> timedelta:
        """How long a session may lie idle."""
        return timedelta(minutes=self.idle_minutes)


def standing(connection: Connection) -> Rules:
    """Rules as they stand now: the newest of each name, else the usual one."""
    rows = connection.execute(text("SELECT DISTINCT ON (name) name, value FROM access.rule ORDER BY name, id DESC"))
    return Rules(**{**asdict(Rules()), **{row.name: row.value for row in rows}})


def put(connection: Connection, changed: Mapping[str, int], by: str) -> Rules:
    """
    Set rules; return those that stand then.

    Raises
    ------
    InputError
        Every fault: an unknown name, a value out of bounds.
    """
    faults = []
    for name, value in changed.items():
        low, high = BOUNDS.get(name, (1, 0))
        if low > high:
            faults.append(f"{name}: there is no such rule; the rules are {', '.join(BOUNDS)}")
        elif not low <= value <= high:
            faults.append(f"{name}: {value} is not between {low} and {high}")
    if faults:
        raise InputError(faults)
    for name, value in changed.items():
        connection.execute(
            text("INSERT INTO access.rule (name, value, set_by) VALUES (:name, :value, :by)"),
            {"name": name, "value": value, "by": by},
        )
    return standing(connection)
