"""How do the sign-ins of a day fall? Many accounts made for the run, and the moments at which they come to the door."""

import secrets
from dataclasses import replace

from sqlalchemy import text

from command_ui.access import accounts
from command_ui.access.accounts import NewAccount
from gis.database import Caller, Database

HOURLY = (1, 1, 1, 1, 1, 2, 4, 18, 30, 14, 8, 6, 5, 9, 7, 5, 4, 5, 6, 14, 9, 3, 2, 1)
"""
Share of each hour from midnight on: the morning, the afternoon's return and the hand-over at 20 o'clock stand out.

An assumption of ours; the busiest hour is 4.6 times the mean of the day.
"""
NAME = "load-{:04d}"


def moments(sign_ins: int, seconds: float) -> list[float]:
    """Give when each sign-in of a day is due, s from the beginning, with the day compressed to `seconds`."""
    whole, due = float(sum(HOURLY)), list[float]()
    for number in range(sign_ins):
        left, hour = (number + 0.5) / sign_ins * whole, 0
        while left > HOURLY[hour]:
            left -= HOURLY[hour]
            hour += 1
        due.append((hour + left / HOURLY[hour]) / len(HOURLY) * seconds)
    return due


def open_accounts(database: Database, count: int) -> str:
    """Make `count` viewers of the drill, named `NAME`, with one password, which is returned; 演练 accounts."""
    password = f"load-{secrets.token_urlsafe(18)}"
    first = NewAccount(NAME.format(0), "演练压测", "viewer", "990100", "990200", mode="drill")
    with database.transaction(Caller.system()) as connection:
        accounts.make(connection, first, password, by="benchmark", demo=True)
        for number in range(1, count):
            one = replace(first, name=NAME.format(number))
            connection.execute(_LIKE_THE_FIRST, {"name": one.name, "first": first.name})
        connection.execute(_OPEN, {"like": "load-%", "closed": False})
    return password


def close_accounts(database: Database) -> None:
    """Close them; nobody signs in by them any more, and who was signed in is not."""
    with database.transaction(Caller.system()) as connection:
        connection.execute(_OPEN, {"like": "load-%", "closed": True})


# One digest for all: a thousand and more argon2 computations would only measure themselves.
_LIKE_THE_FIRST = text(
    "INSERT INTO access.account (name, display_name, role, division_from, division_to, mode, clearance, demo,"
    " password_hash, person, made_by) SELECT :name, display_name, role, division_from, division_to, mode, clearance,"
    " demo, password_hash, person, made_by FROM access.account WHERE name = :first"
    " ON CONFLICT (name) DO UPDATE SET password_hash = excluded.password_hash"
)
_OPEN = text("UPDATE access.account SET disabled = :closed WHERE name LIKE :like AND made_by = 'benchmark'")
