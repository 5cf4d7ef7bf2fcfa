"""Who gets in by the door, and who does not?"""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from command_ui.access import accounts, audit, passwords
from command_ui.access.sessions import Sessions
from gis.database import Caller, Database
from gis.errors import InputError

Field = Callable[[str, str], str]


def knock(served: Any, field: Field, name: str, password: str, **more: str) -> Any:
    with served.client() as client:
        page = client.get("/sign-in")
        form = {"form_token": field(page.text, "form_token"), "name": name, "password": password} | more
        return client.post("/sign-in", data=form)


def account(database: Database, name: str, password: str = "correct-horse-battery") -> str:
    with database.transaction(Caller.system()) as connection:
        accounts.make(connection, accounts.NewAccount(name, "演练", "operator", "990100", "990200", "drill"), password)
    return password


@pytest.mark.protection("01", "28")
def test_password_digest_meets_owasp_minimum() -> None:
    # OWASP password storage cheat sheet: argon2id, m=19456 (19 MiB), t=2, p=1.
    assert passwords.digest("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_right_password_opens_and_cookie_is_closed_to_scripts(served: Any, field: Field) -> None:
    answer = knock(served, field, "duty", served.passwords["duty"])
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("egis="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert len(cookie.split(";")[0]) >= len("egis=") + 43  # 256 bits in base64


def test_name_is_folded(served: Any, field: Field) -> None:
    assert knock(served, field, "  DUTY ", served.passwords["duty"]).status_code == 303


@pytest.mark.parametrize(("name", "password"), [("duty", "wrong"), ("nobody", "wrong"), ("duty", ""), ("duty", "口令")])
def test_wrong_and_unknown_get_one_answer(served: Any, field: Field, name: str, password: str) -> None:
    answer = knock(served, field, name, password or " ")
    assert answer.status_code == 403
    assert "用户名或口令不正确" in answer.text
    assert not [line for line in answer.headers.get_list("set-cookie") if line.startswith("egis=")]


@pytest.mark.protection("02")
def test_unknown_name_takes_as_long_as_known(database: Database, served: Any) -> None:
    account(database, "timed")

    def seconds(name: str) -> float:
        began = time.perf_counter()
        accounts.open_door(database, name, "wrong-password", address="", request_id="")
        return time.perf_counter() - began

    seconds("warm-up")
    pairs = [(seconds("timed"), seconds(f"nobody{turn}")) for turn in range(4)]
    known, unknown = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert abs(known - unknown) < 0.5 * known


@pytest.mark.protection("02")
def test_fifth_failure_locks_and_the_right_password_does_not_help(
    database: Database, served: Any, field: Field
) -> None:
    password = account(database, "clumsy")
    for _ in range(accounts.FAILURES_ALLOWED):
        assert knock(served, field, "clumsy", "wrong").status_code == 403
    assert knock(served, field, "clumsy", password).status_code == 403
    with database.transaction(Caller.system()) as connection:
        connection.execute(text("UPDATE access.account SET locked_until = now() WHERE name = 'clumsy'"))
        lines = reversed(audit.read(connection, words="clumsy"))
        assert [one.detail.get("why", one.event) for one in lines] == ["account_made", *["wrong"] * 5, "locked"]
    assert knock(served, field, "clumsy", password).status_code == 303


def test_old_failures_do_not_count(database: Database, served: Any, field: Field) -> None:
    password = account(database, "slow")
    for _ in range(accounts.FAILURES_ALLOWED - 1):
        knock(served, field, "slow", "wrong")
    with database.transaction(Caller.system()) as connection:
        connection.execute(
            text("UPDATE access.account SET first_failure_at = now() - interval '16 minutes' WHERE name = 'slow'")
        )
    knock(served, field, "slow", "wrong")
    assert knock(served, field, "slow", password).status_code == 303


def test_disabled_account_is_out_at_once(database: Database, served: Any) -> None:
    password = account(database, "leaver")
    with served.sign_in("leaver", password) as client:
        with database.transaction(Caller.system()) as connection:
            connection.execute(text("UPDATE access.account SET disabled = true WHERE name = 'leaver'"))
        time.sleep(2.2)
        assert client.get("/api/v1/session").status_code == 401


def test_sign_in_gives_a_new_token_each_time(served: Any, field: Field) -> None:
    tokens = {
        next(line for line in answer.headers.get_list("set-cookie") if line.startswith("egis=")).split(";")[0]
        for answer in (knock(served, field, "duty", served.passwords["duty"]) for _ in range(3))
    }
    assert len(tokens) == 3


@pytest.mark.protection("28")
def test_database_holds_no_token_and_no_password(served: Any, database: Database) -> None:
    with served.sign_in() as client, database.transaction(Caller.system()) as connection:
        rows = connection.execute(text("SELECT row(session.*)::text FROM access.session")).scalars()
        accounts_text = connection.execute(text("SELECT row(account.*)::text FROM access.account")).scalars()
        everything = "\n".join([*rows, *accounts_text])
        assert client.cookies["egis"] not in everything
        assert served.passwords["duty"] not in everything


def test_form_without_its_cookie_is_refused(served: Any, field: Field) -> None:
    with served.client() as client:
        page = client.get("/sign-in")
        client.cookies.clear()
        form = {"form_token": field(page.text, "form_token"), "name": "duty", "password": served.passwords["duty"]}
        assert client.post("/sign-in", data=form).status_code == 403


@pytest.mark.parametrize(
    "next_path",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "evil"],
)
def test_next_leads_nowhere_else(served: Any, field: Field, next_path: str) -> None:
    assert knock(served, field, "duty", served.passwords["duty"], next=next_path).headers["location"] == "/"


def test_next_leads_back(served: Any, field: Field) -> None:
    answer = knock(served, field, "duty", served.passwords["duty"], next="/?incident=1")
    assert answer.headers["location"] == "/?incident=1"


@pytest.mark.parametrize("text_", ['"><script>alert(1)</script>', "{{7*7}}", "<img src=x onerror=alert(1)>"])
def test_typed_words_come_back_as_words(served: Any, field: Field, text_: str) -> None:
    answer = knock(served, field, text_, "wrong", next="/" + text_)
    assert text_ not in answer.text.replace("{{7*7}}", "") or text_ == "{{7*7}}"
    assert "<script>" not in answer.text
    assert "49" not in answer.text.split('id="name"')[1].split(">")[0]


@pytest.mark.protection("32")
def test_sign_out_ends_the_session(served: Any) -> None:
    with served.sign_in() as client:
        assert client.post("/sign-out", data={"csrf_token": "forged"}).status_code == 403
        assert client.get("/api/v1/session").status_code == 200
        token = client.cookies["egis"]
        out = client.post("/sign-out", data={"csrf_token": client.headers["x-csrf-token"]})
        assert out.headers["location"] == "/sign-in"
        assert client.get("/api/v1/session", headers={"cookie": f"egis={token}"}).status_code == 401


def test_sign_out_everywhere(served: Any) -> None:
    with served.sign_in("expert") as here, served.sign_in("expert") as there:
        here.post("/sign-out", data={"csrf_token": here.headers["x-csrf-token"], "everywhere": "true"})
        assert there.get("/api/v1/session").status_code == 401


@pytest.mark.protection("02")
def test_idle_session_ends_and_a_busy_one_does_not(serve: Any, database: Database) -> None:
    short = serve(sessions=Sessions(database, idle_limit=timedelta(seconds=3)))
    with short.sign_in() as idle, short.sign_in() as busy:
        for _ in range(6):
            time.sleep(0.8)
            assert busy.get("/api/v1/session").status_code == 200
        assert idle.get("/api/v1/session").status_code == 401


def test_session_ends_in_the_end(serve: Any, database: Database) -> None:
    short = serve(sessions=Sessions(database, longest=timedelta(seconds=2)))
    with short.sign_in() as client:
        time.sleep(4.2)
        assert client.get("/api/v1/session").status_code == 401


@pytest.mark.protection("01")
def test_weak_passwords_are_refused(database: Database) -> None:
    for password in ("short", "a-long-name-1"):
        with (
            pytest.raises(InputError, match=r"at least 12|made of the name"),
            database.transaction(Caller.system()) as connection,
        ):
            new = accounts.NewAccount("a-long-name-1", "演练", "viewer", "990100", "990200")
            accounts.make(connection, new, password)


def test_demo_passwords_are_kept_private_and_stay(database: Database, tmp_path: Any) -> None:
    first = accounts.prepare_demo(database, tmp_path)
    kept = tmp_path / "demo-accounts.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert accounts.prepare_demo(database, tmp_path) == first
    assert len({password for _, password in first}) == len(first)
    kept.unlink()
    assert accounts.prepare_demo(database, tmp_path) != first


def test_the_record_of_the_door_cannot_be_changed(database: Database) -> None:
    for statement in (
        "UPDATE access.audit_entry SET actor = ''",
        "DELETE FROM access.audit_entry",
        "TRUNCATE access.audit_entry",
        "INSERT INTO access.audit_entry SELECT * FROM access.audit_entry",
        "DELETE FROM access.audit_day",
        "UPDATE access.audit_day SET last_seq = 0",
        "DELETE FROM access.rule",
        "UPDATE access.rule SET value = 0",
    ):
        with pytest.raises(Exception, match="permission denied"), database.transaction(Caller.system()) as connection:
            connection.execute(text(statement))
