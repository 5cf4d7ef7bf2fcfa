"""Who gets in by the door, and who does not?"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from command_ui.access import accounts, audit, passwords
from command_ui.access import sessions as sessions_module
from command_ui.access.sessions import Sessions
from command_ui.server import threshold
from gis.database import Caller, Database
from gis.errors import InputError

Field = Callable[[str, str], str]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything here comes from one address and fails on purpose; the limit for one address has a test elsewhere."""
    monkeypatch.setattr(threshold, "TRIES_PER_ADDRESS", 10_000)


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
def test_unknown_wrong_locked_and_closed_cost_the_same_work(
    database: Database, served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Time on a busy machine says nothing; the only costly step is counted. benchmarks/SIGNIN.md has the times.
    for name in ("w-wrong", "w-locked", "w-closed"):
        account(database, name)
    with database.transaction(Caller.system()) as connection:
        connection.execute(
            text("UPDATE access.account SET locked_until = now() + interval '1 hour' WHERE name = 'w-locked'")
        )
        connection.execute(text("UPDATE access.account SET disabled = true WHERE name = 'w-closed'"))
    hasher, work = passwords._hasher(), list[str]()

    class Counting:
        def verify(self, known: str, offered: str) -> bool:
            work.append(known.split("$")[3])  # the parameters that make the cost
            return hasher.verify(known, offered)

        def hash(self, password: str) -> str:
            work.append("digest")
            return hasher.hash(password)

        def check_needs_rehash(self, known: str) -> bool:
            return hasher.check_needs_rehash(known)

    passwords._nobody()
    monkeypatch.setattr(passwords, "_hasher", Counting)

    def work_of(name: str, password: str = "wrong-password") -> list[str]:
        work.clear()
        assert accounts.open_door(database, name, password, address="", request_id="") is None
        return list(work)

    expected = ["m=19456,t=2,p=1"]
    assert [work_of(name) for name in ("nobody-at-all", "w-wrong", "w-locked", "w-closed")] == [expected] * 4
    assert work_of("w-locked", "correct-horse-battery") == work_of("w-closed", "correct-horse-battery") == expected
    # The test of the test: whoever answers early for a name nobody has does no work.
    with monkeypatch.context() as planted:
        planted.setattr(accounts.passwords, "verify", lambda _password, known: known is not None and False)
        assert work_of("nobody-at-all") == []


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
    sessions = Sessions(database, idle_limit=timedelta(minutes=10))
    short = serve(sessions=sessions)

    with short.sign_in() as idle, short.sign_in() as busy:
        handles = [sessions.find(client.cookies["egis"]).handle for client in (idle, busy)]  # a sign of life itself

        def let_six_minutes_pass() -> None:
            with database.transaction(Caller.system()) as connection:
                for handle in handles:
                    connection.execute(AGED, {"age": timedelta(minutes=6), "handle": handle})
            sessions.forget()

        let_six_minutes_pass()
        assert busy.get("/api/v1/session").status_code == 200
        let_six_minutes_pass()
        assert busy.get("/api/v1/session").status_code == 200
        assert idle.get("/api/v1/session").status_code == 401


def test_a_request_that_was_under_way_does_not_bring_a_session_back_that_was_ended_meanwhile(
    served: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(database)
    with served.sign_in("expert") as client:
        token = client.cookies["egis"]
        person = sessions.find(token)
        sessions.forget()
        real = sessions_module.SignedIn

        def ended_meanwhile(**row: Any) -> Any:
            monkeypatch.setattr(sessions_module, "SignedIn", real)
            sessions.close(person)  # after the slow request has read its row, before it has noted it
            return real(**row)

        monkeypatch.setattr(sessions_module, "SignedIn", ended_meanwhile)
        assert sessions.find(token) is not None, "it came before the end"
        assert sessions.find(token) is None
        assert sessions.remembered(token) is None


def test_whoever_was_put_out_is_told_and_whoever_left_is_not(served: Any) -> None:
    def asks_again(client: Any) -> str:
        return str(client.get("/sign-in").text)

    with served.sign_in("expert") as here, served.sign_in("expert") as there:
        here.post("/sign-out", data={"csrf_token": here.headers["x-csrf-token"], "everywhere": "true"})
        assert "上次登录已结束" in asks_again(there)
        assert "上次登录已结束" not in asks_again(here)


def test_session_ends_in_the_end(serve: Any, database: Database) -> None:
    sessions = Sessions(database, longest=timedelta(hours=1))
    short = serve(sessions=sessions)
    with short.sign_in() as client:
        handle = sessions.find(client.cookies["egis"]).handle
        for age, status in ((timedelta(minutes=50), 200), (timedelta(minutes=11), 401)):
            with database.transaction(Caller.system()) as connection:
                connection.execute(ENDED_SOONER, {"age": age, "handle": handle})
            sessions.forget()
            assert client.get("/api/v1/session").status_code == status


@pytest.mark.protection("01")
def test_weak_passwords_are_refused(database: Database) -> None:
    for password in ("short", "a-long-name-1"):
        with (
            pytest.raises(InputError, match=r"at least 12|made of the name"),
            database.transaction(Caller.system()) as connection,
        ):
            new = accounts.NewAccount("a-long-name-1", "演练", "viewer", "990100", "990200")
            accounts.make(connection, new, password)


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


AGED = text("UPDATE access.session SET last_seen_at = last_seen_at - :age WHERE handle = CAST(:handle AS uuid)")
ENDED_SOONER = text("UPDATE access.session SET ends_at = ends_at - :age WHERE handle = CAST(:handle AS uuid)")
IDLE = text("UPDATE access.session SET last_seen_at = now() - :idle WHERE handle = CAST(:handle AS uuid)")


def check_idle(served: Any, database: Database, name: str, idle: timedelta, status: int) -> None:
    with served.sign_in(name) as client:
        handle = served.app.state.sessions.find(client.cookies["egis"]).handle
        with database.transaction(Caller.system()) as connection:
            connection.execute(IDLE, {"idle": idle, "handle": handle})
        served.app.state.sessions.forget()
        assert client.get("/api/v1/session").status_code == status, (name, idle)


@pytest.mark.protection("02")
def test_thirty_idle_minutes_end_a_session_and_twelve_hours_that_of_the_duty_screen(
    served: Any, database: Database
) -> None:
    check_idle(served, database, "duty", timedelta(minutes=29), 200)
    check_idle(served, database, "duty", timedelta(minutes=31), 401)
    check_idle(served, database, "wall", timedelta(hours=11, minutes=59), 200)
    check_idle(served, database, "wall", timedelta(hours=12, minutes=1), 401)


def test_the_duty_screen_reads_and_does_nothing_else(served: Any) -> None:
    with served.sign_in("wall") as wall:
        assert wall.get("/api/v1/incidents").status_code == 200
        made = wall.post("/api/v1/incidents", json={}, headers={"idempotency-key": "x" * 36})
        assert made.status_code == 403
        for path in ("/api/v1/accounts", "/api/v1/audit", "/api/v1/uploads/x"):
            assert wall.get(path).status_code == 403, path


# The tests of the tests: each with the fault it is for planted into the program.


def test_without_counting_failures_the_test_of_the_lock_fails(
    database: Database, served: Any, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "count_failure", lambda *_: None)
    with pytest.raises(AssertionError, match="303 == 403"):
        test_fifth_failure_locks_and_the_right_password_does_not_help(database, served, field)


def test_with_failures_that_never_age_the_test_of_old_ones_fails(
    database: Database, served: Any, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = accounts.count_failure

    def for_ever(connection: Any, account_id: int, held: Any) -> None:
        connection.execute(
            text("UPDATE access.account SET first_failure_at = now() WHERE id = :id AND failures > 0"),
            {"id": account_id},
        )
        real(connection, account_id, held)

    monkeypatch.setattr(accounts, "count_failure", for_ever)
    with pytest.raises(AssertionError, match="403 == 303"):
        test_old_failures_do_not_count(database, served, field)


def test_without_looking_at_idle_time_the_test_of_it_fails(
    served: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lax = sessions_module._FIND.text.replace("AND session.last_seen_at + session.idle_limit > clock_timestamp()", "")
    assert lax != sessions_module._FIND.text
    monkeypatch.setattr(sessions_module, "_FIND", text(lax))
    with pytest.raises(AssertionError, match="200 == 401"):
        check_idle(served, database, "duty", timedelta(minutes=31), 401)


def test_without_ending_the_row_the_test_of_signing_out_fails(
    served: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sessions, "close", lambda *_, **__: None)
    with pytest.raises(AssertionError, match="200 == 401"):
        test_sign_out_ends_the_session(served)


def test_without_looking_whether_an_account_is_shut_the_test_of_it_fails(
    served: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lax = sessions_module._FIND.text.replace(" AND NOT account.disabled", "")
    assert lax != sessions_module._FIND.text
    with database.transaction(Caller.system()) as connection:
        connection.execute(text("UPDATE access.account SET disabled = false WHERE name = 'leaver'"))
    monkeypatch.setattr(sessions_module, "_FIND", text(lax))
    with pytest.raises(AssertionError, match="200 == 401"):
        test_disabled_account_is_out_at_once(database, served)


def test_with_one_password_for_all_the_test_of_kinds_fails(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "faults_of", lambda *_: [])
    with pytest.raises(pytest.fail.Exception):
        test_weak_passwords_are_refused(database)


# Last: it invents new passwords, and nobody who signed in by the old ones comes in after it.


def test_demo_passwords_are_kept_private_and_stay(database: Database, tmp_path: Any) -> None:
    first = accounts.prepare_demo(database, tmp_path)
    kept = tmp_path / "demo-accounts.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert accounts.prepare_demo(database, tmp_path) == first
    assert len({password for _, password in first}) == len(first)
    kept.unlink()
    assert accounts.prepare_demo(database, tmp_path) != first
