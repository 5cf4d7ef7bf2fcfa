"""Is everything written down, is it whole, and is every way of altering it found?"""

import copy
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from command_ui.access import acts, audit, audit_verify
from command_ui.access.audit_keep import as_rows
from command_ui.access.repeats import LOOK_S, MANY, Repeats
from command_ui.access.roles import SignedIn
from gis.database import Caller, Database, libpq_conninfo

REPORT = {"title": "演练", "longitude": 118.7, "latitude": 31.4, "occurred_at": "2026-11-24T14:00:00+08:00"}
Field = Callable[[str, str], str]


def lines(database: Database, **asked: Any) -> list[audit.Line]:
    with database.transaction(Caller.system()) as connection:
        return audit.read(connection, **asked)


def rows(database: Database) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    with database.transaction(Caller.system()) as connection:
        heads = connection.execute(text("SELECT * FROM access.audit_day ORDER BY day")).mappings().all()
        found = connection.execute(text("SELECT * FROM access.audit_entry ORDER BY day, seq")).mappings()
        # The server may write a line of its own between the two looks: that one is left out.
        last = {head["day"]: head["last_seq"] for head in heads}
        return [dict(one) for one in heads], [dict(one) for one in found if one["seq"] <= last.get(one["day"], 0)]


@pytest.mark.protection("12", "13")
def test_each_kind_of_request_leaves_its_line(served: Any, database: Database) -> None:
    with served.sign_in() as duty:
        made = duty.post("/api/v1/incidents", json=REPORT, headers={"idempotency-key": str(uuid.uuid4())})
        assert made.status_code == 201
        assert duty.get("/api/v1/layers/enterprise/export").status_code == 200
        assert duty.get("/api/v1/accounts").status_code == 403
        assert duty.get("/api/v1/incidents").status_code == 200
    with served.sign_in("expert") as expert:
        key = {"idempotency-key": str(uuid.uuid4())}
        assert expert.post("/api/v1/incidents", json=REPORT, headers=key).status_code == 403
    written = [(one.event, one.outcome, one.actor, one.object) for one in lines(database)]
    assert ("change", "ok", "duty", "POST /api/v1/incidents") in written
    assert ("export", "ok", "duty", "GET /api/v1/layers/enterprise/export") in written
    assert ("denied", "refused", "duty", "GET /api/v1/accounts") in written
    assert ("denied", "refused", "expert", "POST /api/v1/incidents") in written
    assert not [one for one in written if one[3] == "GET /api/v1/incidents"], "a mere look is no line"
    for one in lines(database, event="change"):
        assert all((one.actor, one.role, one.object, one.address, one.request_id, one.outcome)), one


@pytest.mark.protection("15")
def test_what_cannot_be_written_down_does_not_go_out(served: Any, owner_url: str) -> None:
    with served.sign_in() as duty:
        key = {"idempotency-key": str(uuid.uuid4())}
        assert duty.get("/api/v1/layers/enterprise/export").status_code == 200
        with psycopg.connect(libpq_conninfo(owner_url), autocommit=True) as owner:
            owner.execute("ALTER TABLE access.audit_day RENAME TO audit_day_away")
            try:
                assert duty.get("/api/v1/layers/enterprise/export").status_code == 503
                assert duty.post("/api/v1/incidents", json=REPORT, headers=key).status_code == 503
                assert duty.get("/api/v1/incidents").status_code == 200
            finally:
                owner.execute("ALTER TABLE access.audit_day_away RENAME TO audit_day")
        # The same request sent again is answered from its key, and now it is written down.
        assert duty.post("/api/v1/incidents", json=REPORT, headers=key).status_code in (200, 201)


def test_the_audit_is_read_by_its_administrator_alone(served: Any) -> None:
    with served.sign_in("auditor") as auditor:
        found = auditor.get("/api/v1/audit", params={"event": "sign_in", "limit": 5})
        assert found.status_code == 200
        assert {one["event"] for one in found.json()} == {"sign_in"}
        assert auditor.get("/api/v1/audit/verification").json()["ok"] is True
        file = auditor.get("/api/v1/audit/file")
        assert file.text.startswith("\ufeffday,seq,at,actor")
        assert auditor.get("/api/v1/audit", params={"event": "audit_read"}).json()[0]["actor"] == "auditor"
        newest = auditor.get("/api/v1/audit", params={"limit": 1}).json()[0]
        older = auditor.get("/api/v1/audit", params={"before_day": newest["day"], "before_seq": newest["seq"]}).json()
        assert older[0]["seq"] < newest["seq"]
    for name in ("duty", "commander", "sysadmin", "secadmin"):
        with served.sign_in(name) as other:
            assert other.get("/api/v1/audit").status_code == 403, name


def test_a_formula_in_a_name_stays_text_in_the_file(served: Any, field: Field) -> None:
    with served.client() as stranger:
        token = field(stranger.get("/sign-in").text, "form_token")
        stranger.post("/sign-in", data={"form_token": token, "name": "=cmd|' /c calc'!a", "password": "x"})
    with served.sign_in("auditor") as auditor:
        assert "'=cmd|" in auditor.get("/api/v1/audit/file").text


def test_python_computes_what_the_database_hashed(served: Any, database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        for name in ("张三", "a\nb", "", "=1+1", "x" * 300):
            audit.write(connection, "denied", "refused", actor=name, on=name, detail={"why": name, "数": 1.5})
        found = audit_verify.check_database(connection)
    assert found.faults == []
    assert found.lines >= 5


def test_two_writers_never_take_one_number(database: Database) -> None:
    import threading

    def write() -> None:
        for _ in range(20):
            with database.transaction(Caller.system()) as connection:
                audit.write(connection, "change", actor="racer")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert audit_verify.check(*rows(database)).faults == []
    assert len(lines(database, actor="racer")) == 80


def test_a_line_written_while_one_looks_is_no_fault(database: Database) -> None:
    from sqlalchemy import event

    written: list[str] = []

    def after(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "access.audit_day WHERE day >=" in statement and not written:
            written.append(statement)
            with database.transaction(Caller.system()) as other:
                audit.write(other, "change", actor="meanwhile")

    event.listen(database.engine, "after_cursor_execute", after)
    try:
        with database.transaction(Caller.system()) as connection:
            lately = audit_verify.check_lately(connection, datetime.now(UTC).date() - timedelta(days=1))
            whole = audit_verify.check_database(connection)
    finally:
        event.remove(database.engine, "after_cursor_execute", after)
    assert written
    assert lately.faults == whole.faults == []
    assert whole.lines > lately.lines


TAMPERING: dict[str, Callable[[list[dict[str, Any]], list[dict[str, Any]]], None]] = {
    "actor": lambda _, found: found[3].update(actor="mallory"),
    "outcome": lambda _, found: found[3].update(outcome="ok" if found[3]["outcome"] != "ok" else "failed"),
    "time": lambda _, found: found[3].update(at=found[3]["at"] + timedelta(microseconds=1)),
    "detail": lambda _, found: found[3].update(detail=found[3]["detail"] + " "),
    "bytes moved between fields": lambda _, found: found[3].update(
        actor=found[3]["actor"] + found[3]["role"][:1], role=found[3]["role"][1:] or "x"
    ),
    "middle cut": lambda _, found: found.pop(3),
    "two swapped": lambda _, found: found.insert(2, found.pop(3)),
    "doubled": lambda _, found: found.insert(3, dict(found[3])),
    "tail cut": lambda _, found: found.pop(),
    "head set back": lambda heads, _: heads[-1].update(last_seq=heads[-1]["last_seq"] - 1),
    "day begun anew": lambda heads, _: heads[-1].update(before_hash=b"\1" * 32),
    "day dropped": lambda heads, _: heads.pop(),
}


@pytest.mark.protection("14", "26")
@pytest.mark.parametrize("kind", TAMPERING)
def test_every_alteration_is_found(served: Any, database: Database, kind: str) -> None:
    heads, found = copy.deepcopy(rows(database))
    assert audit_verify.check(heads, found).faults == []
    TAMPERING[kind](heads, found)
    assert audit_verify.check(heads, found).faults, kind


def test_a_tail_cut_with_its_head_is_found_by_what_was_given_out(served: Any, database: Database) -> None:
    heads, found = copy.deepcopy(rows(database))
    last = found[-1]
    published = {(last["day"].isoformat(), last["seq"]): bytes(last["hash"]).hex()}
    found.pop()
    heads[-1].update(last_seq=found[-1]["seq"], last_hash=found[-1]["hash"], last_at=found[-1]["at"])
    assert audit_verify.check(heads, found).faults == [], "the chain alone cannot see it"
    assert audit_verify.check(heads, found, published).faults


@pytest.mark.protection("14")
def test_nothing_younger_than_half_a_year_is_forgotten(database: Database, superuser_url: str) -> None:
    with pytest.raises(Exception, match="180 days"), database.transaction(Caller.system()) as connection:
        audit.forget(connection, "auditor", 179)
    with database.transaction(Caller.system()) as connection:
        assert audit.forget(connection, "auditor", 180) == 0
    # The superuser plays a day long ago; not even the owner could.
    with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as connection:
        for statement in ("DELETE FROM access.audit_entry", "UPDATE access.audit_entry SET actor = 'x'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                connection.execute(statement)
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                connection.execute(f"SET session_replication_role = replica; {statement}")
            connection.execute("SET session_replication_role = origin")


def test_the_command_says_whether_it_is_whole(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import contextlib

    from typer.testing import CliRunner

    from command_ui.cli.main import app

    monkeypatch.setattr("command_ui.bootstrap.open_house", lambda _settings: contextlib.nullcontext(served.house))
    told = CliRunner().invoke(app, ["audit", "verify"])
    assert told.exit_code == 0, told.output
    assert "审计完整" in told.output
    assert "change" in CliRunner().invoke(app, ["audit", "show"]).output


@pytest.mark.protection("12")
def test_a_stranger_who_is_turned_away_leaves_one_line_however_often_he_knocks(
    served: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who knocks often is written every few seconds as well, so a slow machine would see more lines.
    monkeypatch.setattr("command_ui.access.repeats.MANY", 1_000)

    def told() -> list[audit.Line]:
        return lines(database, event="denied", words="/api/v1/incidents/{incident_id}/orders", outcome="refused")

    before = len(told())
    with served.client() as stranger:
        for number in range(40):
            assert stranger.get(f"/api/v1/incidents/0190a5a0-0000-7000-8000-{number:012}/orders").status_code == 401
    first = told()[0]
    assert len(told()) == before + 1, "forty knocks at forty numbers are one line"
    assert (first.actor, first.detail["status"], first.detail["why"]) == ("", 401, "not signed in")
    assert first.address == "127.0.0.1"
    with served.client() as stranger:
        foreign = {"origin": "https://evil.example"}
        assert stranger.post("/sign-in", data={"name": "x"}, headers=foreign).status_code == 403
    assert lines(database, event="denied", words="POST /sign-in")[0].detail["why"] == "foreign origin"


def test_equal_refusals_are_counted_and_written_when_their_time_is_over() -> None:
    now = 0.0
    repeats = Repeats("flood", window_s=60, most=3, clock=lambda: now)
    assert [repeats.note("a") for _ in range(5)] == ["a", None, None, None, None]
    assert repeats.note("b") == "b"
    assert repeats.due() == []
    now = 61.0
    assert repeats.due() == [("a", 4)], "what came once needs no second line"
    assert repeats.note("a") == "a", "a new window begins with a line"
    # More different ones than are followed: all further ones are one, and nothing grows without end.
    assert [repeats.note(f"c{number}") for number in range(6)] == ["c0", "c1", "flood", None, None, None]
    assert dict(repeats.due(all_of_them=True)) == {"flood": 3}
    assert repeats.next_s is None


def test_who_hammers_at_one_address_is_written_before_his_window_ends() -> None:
    now = 0.0
    repeats = Repeats("flood", window_s=300, clock=lambda: now)
    assert [repeats.note("a") for _ in range(MANY)] == ["a"] + [None] * (MANY - 1)
    assert repeats.next_s == LOOK_S, "somebody looks again within seconds"
    assert repeats.due() == [], "one less than many waits for the end of its window"
    repeats.note("a")
    assert repeats.due() == [("a", MANY)]
    repeats.note("a")
    assert repeats.due() == [], "counted on from nought"
    now = 301.0
    assert repeats.due() == [("a", 1)]


def test_what_was_counted_is_written_when_the_server_stops(served: Any, database: Database) -> None:
    import asyncio

    from command_ui.server.auditing import Auditor

    async def turned_away_often() -> None:
        auditor = Auditor(database)
        scope = {"type": "http", "method": "GET", "path": "/planted", "client": ("192.0.2.7", 1)}
        for _ in range(9):
            await auditor.turned_away(scope, 401, "not signed in")
        await auditor.stop()

    asyncio.run(turned_away_often())
    found = [one.detail.get("times") for one in lines(database, words="192.0.2.7")]
    assert found == [8, None]


@pytest.mark.protection("12")
def test_what_a_page_was_refused_is_written_once_and_counted(database: Database) -> None:
    wall = SignedIn("wall-p", "演练", "wall", "990100", "990200", "drill", "handle", "token")
    denials = acts.Denials(database, wall)
    for kind in ("order_issue", "order_issue", "order_issue", "close_road"):
        denials.note(kind)
    assert [(one.object, one.role) for one in lines(database, actor="wall-p")] == [
        ("close_road", "wall"),
        ("order_issue", "wall"),
    ]


@pytest.mark.protection("12")
def test_whatever_goes_out_as_a_file_is_an_export(served: Any, database: Database) -> None:
    with served.sign_in() as duty:
        key = {"idempotency-key": str(uuid.uuid4())}
        number = duty.post("/api/v1/incidents", json=REPORT, headers=key).json()["incident_id"]
        taken = []
        for path in ("marks.geojson", "marks.kml", "routes.geojson", "routes.gpx", "closing-points.csv", "briefing"):
            answer = duty.get(f"/api/v1/incidents/{number}/{path}")
            if answer.status_code == 200 and answer.headers.get("content-disposition", "").startswith("attachment"):
                taken.append(f"GET /api/v1/incidents/{number}/{path}")
    assert taken, "none of them is sent as a file"
    written = {one.object for one in lines(database, event="export", limit=1000)}
    assert set(taken) <= written


def test_the_chart_counts_what_the_list_shows(served: Any, database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        for number in range(3):
            trace = audit.Trace("198.51.100.9")
            audit.write(connection, "denied", "refused", actor="charted", on=f"/c{number}", trace=trace)
        audit.write(connection, "denied", "refused", actor="charted", on="/c0", detail={"times": 40})
    with served.sign_in("auditor") as auditor:
        found = auditor.get("/api/v1/audit/counts", params={"actor": "charted"}).json()
        assert found["unit"] == "day"
        assert len(found["slots"]) in (7, 8)
        assert sum(one["refused"] for one in found["slots"]) == 43, "merged ones count as often as they happened"
        assert found["accounts"] == [{"name": "charted", "times": 43}]
        assert found["objects"][0] == {"name": "/c0", "times": 41}
        assert found["addresses"] == [{"name": "198.51.100.9", "times": 3}]
        since = next(one["at"] for one in found["slots"] if one["refused"])
        hours = auditor.get("/api/v1/audit/counts", params={"actor": "charted", "since": since}).json()
        assert hours["unit"] == "hour"
        assert sum(one["refused"] for one in hours["slots"]) == 43
        assert auditor.get("/api/v1/audit/copy").json() is None
        file = auditor.get("/api/v1/audit/file", params={"actor": "charted"}).text
        assert file.count("charted") == 4, "the file holds what was filtered and nothing else"
    with served.sign_in("duty") as duty:
        assert duty.get("/api/v1/audit/counts").status_code == 403


def test_the_command_exports_what_can_be_verified_elsewhere(
    database: Database, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, served: Any
) -> None:
    import contextlib

    from typer.testing import CliRunner

    from command_ui.cli.main import app

    monkeypatch.setattr("command_ui.bootstrap.open_house", lambda _settings: contextlib.nullcontext(served.house))
    file = tmp_path / "audit.jsonl"
    told = CliRunner().invoke(app, ["audit", "export", str(file), "--days", "1"])
    assert told.exit_code == 0, told.output
    assert audit_verify.check_copy(as_rows(file)).faults == []
    assert lines(database, event="audit_read")[0].detail["how"] == "command"
    altered = file.read_text("utf-8").replace('"outcome": "refused"', '"outcome": "ok"', 1)
    file.write_text(altered, "utf-8")
    told = CliRunner().invoke(app, ["audit", "verify", "--copy", str(file)])
    assert told.exit_code == 1
    assert "审计被改动" in told.output


@pytest.mark.protection("14")
def test_half_a_year_stays_and_what_is_older_goes_with_its_heads_kept(
    database: Database, owner_url: str, served: Any
) -> None:
    with database.transaction(Caller.system()) as connection:
        old = connection.execute(text("SELECT * FROM access.audit_day ORDER BY day LIMIT 1")).mappings().one()
    with psycopg.connect(libpq_conninfo(owner_url), autocommit=True) as owner:
        # Days of long ago, before the first: the owner may add lines, and take none away.
        for age in (179, 180, 181, 400):
            day, at = old["day"] - timedelta(days=age), old["opened_at"] - timedelta(days=age)
            owner.execute(
                "INSERT INTO access.audit_day (day, opened_at, before_hash, genesis_hash, last_seq, last_hash, last_at)"
                " VALUES (%s, %s, %s, %s, 1, %s, %s)",
                (day, at, b"\0" * 32, b"\1" * 32, b"\2" * 32, at + timedelta(seconds=1)),
            )
            owner.execute(
                "INSERT INTO access.audit_entry"
                " VALUES (%s, 1, %s, 'old', '', 'change', 'ok', '', '', '', '{}', %s, %s)",
                (day, at + timedelta(seconds=1), b"\1" * 32, b"\2" * 32),
            )
    ages = "SELECT (SELECT max(day) FROM access.audit_day) - day FROM access.audit_entry WHERE actor = 'old' ORDER BY 1"

    def left() -> list[int]:
        with database.transaction(Caller.system()) as connection:
            return list(connection.execute(text(ages)).scalars())

    assert left() == [179, 180, 181, 400]
    with database.transaction(Caller.system()) as connection:
        assert audit.forget(connection, "auditor", 365) == 1
    assert left() == [179, 180, 181]
    with database.transaction(Caller.system()) as connection:
        assert audit.forget(connection, "auditor", 180) == 1
    assert left() == [179, 180]
    with database.transaction(Caller.system()) as connection:
        heads = connection.execute(text("SELECT count(*) FROM access.audit_day")).scalar_one()
        assert heads >= 5, "a head was dropped with its lines"
        gone = connection.execute(text("SELECT count(*) FROM access.audit_day WHERE forgotten_at IS NOT NULL"))
        assert gone.scalar_one() == 2
    # Not even the owner takes a line of the last half year away.
    with (
        psycopg.connect(libpq_conninfo(owner_url), autocommit=True) as owner,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"),
    ):
        owner.execute("DELETE FROM access.audit_entry WHERE actor = 'old'")
