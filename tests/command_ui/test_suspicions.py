"""Does an attack reach the duty desk and the audit administrator by itself, once, and does nothing else?"""

from datetime import UTC, datetime, timedelta
from typing import cast

import psycopg
import pytest
from sqlalchemy import text

from command_ui.access import accounts, audit, suspicions
from command_ui.access.audit import Trace
from command_ui.access.roles import Role, SignedIn
from command_ui.access.suspicions import RULES, Rule, Suspicions
from command_ui.console.alarms import Alarms
from gis.database import Caller, Database, libpq_conninfo


def said(database: Database) -> list[str]:
    with database.transaction(Caller.system()) as connection:
        return [one.object for one in audit.read(connection, event="suspicion")]


def person(role: str) -> SignedIn:
    return SignedIn("x", "x", cast(Role, role), "990100", "990200", "drill", "h", "t")


def leave(database: Database, rule: Rule, count: int, name: str) -> None:
    """Leave `count` lines as the rule counts them; the last stands for two, as merged refusals do."""
    with database.transaction(Caller.system()) as connection:
        for number in range(count - 1):
            detail = {"times": 2} if number == 0 and rule.code == "scanning" else {}
            audit.write(
                connection, rule.events[0], rule.outcome, actor=name if rule.column == "actor" else f"{name} {number}",
                on="planted", trace=Trace(name if rule.column == "address" else f"192.0.2.{number}"), detail=detail,
            )  # fmt: skip
        if rule.code != "scanning":
            audit.write(
                connection, rule.events[-1], rule.outcome, actor=name, on="planted",
                trace=Trace(name if rule.column == "address" else "192.0.2.99"),
            )  # fmt: skip


@pytest.mark.protection("22")
def test_guessed_passwords_are_told_of_at_once_and_once(database: Database) -> None:
    watch = Suspicions(database)
    for _ in range(4):
        accounts.open_door(database, "nobody-here", "wrong", address="198.51.100.7", request_id="r")
    assert watch.look() == 0, "four tries are no attack"
    accounts.open_door(database, "nobody-here", "wrong", address="198.51.100.7", request_id="r")
    with psycopg.connect(database.conninfo, autocommit=True) as listening:
        listening.execute("LISTEN onemap_alarm")
        assert watch.look() == 1
        assert list(listening.notifies(timeout=60, stop_after=1)), "every desk hears of it, by the channel of alarms"
    assert watch.look() == 0, "the same attack is said once"
    assert said(database) == ["guessing nobody-here"]
    found = Alarms(database, person("operator")).queue("zh")["watch"]
    assert [one["code"] for one in found] == ["guessing"]
    assert "nobody-here" not in str(found), "whose account it is, is the auditor's to see"
    assert Alarms(database, person("viewer")).queue("zh")["watch"] == []
    assert [one["code"] for one in Alarms(database, person("wall")).watch()] == ["guessing"], "the room sees it too"


@pytest.mark.protection("22")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_rule_counts_from_its_number_on(database: Database, rule: Rule) -> None:
    name = f"{rule.code}-below"
    leave(database, rule, rule.least - 1, name)
    Suspicions(database).look()
    assert f"{rule.code} {name}" not in said(database)
    name = f"{rule.code}-reached"
    leave(database, rule, rule.least, name)
    Suspicions(database).look()
    assert said(database).count(f"{rule.code} {name}") == 1


def test_what_happened_long_ago_is_no_attack_now(database: Database) -> None:
    rule = RULES[0]
    leave(database, rule, rule.least, "long-ago")
    before = len(said(database))
    assert Suspicions(database).look(datetime.now(UTC) + 2 * suspicions.WITHIN) == 0
    assert len(said(database)) == before
    with database.transaction(Caller.system()) as connection:
        assert suspicions.standing(connection, datetime.now(UTC) + suspicions.STANDS + timedelta(minutes=1)) == []


@pytest.mark.protection("22")
def test_an_altered_line_of_the_audit_is_an_alarm(database: Database, superuser_url: str) -> None:
    with database.transaction(Caller.system()) as connection:
        audit.write(connection, "act", actor="duty", on="before")
        audit.write(connection, "act", actor="duty", on="after")
    Suspicions(database).look()
    assert "altered audit" not in said(database)
    with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as superuser:
        superuser.execute("ALTER TABLE access.audit_entry DISABLE TRIGGER ALL")
        superuser.execute("UPDATE access.audit_entry SET object = 'another' WHERE object = 'before'")
        superuser.execute("ALTER TABLE access.audit_entry ENABLE TRIGGER ALL")
    Suspicions(database).look()
    assert "altered audit" in said(database)


def test_two_processes_do_not_say_it_twice(database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        assert connection.execute(text("SELECT pg_try_advisory_xact_lock(hashtext('onemap suspicions'))")).scalar_one()
        assert Suspicions(database).look() == 0, "another process is looking just now"
