"""Do the three administrators keep each other in check, and does what they take away end at once?"""

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from command_ui.access import accounts, first_start, sessions
from command_ui.server import guard
from gis.database import Caller, Database

GRANT = {
    "role": "operator",
    "division_from": "990102",
    "division_to": "990103",
    "clearance": "internal",
    "mode": "drill",
}


def new_account(served: Any, name: str, person: str = "") -> str:
    with served.sign_in("sysadmin") as system:
        body = {"name": name, "display_name": "演练人员", "person": person or f"P-{name}"}
        made = system.post("/api/v1/accounts", json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["password"])


@pytest.mark.protection("08", "09")
def test_an_account_is_made_by_one_and_given_rights_by_another(served: Any, field: Any) -> None:
    password = new_account(served, "fresh")
    with served.client() as client:
        form = {"form_token": field(client.get("/sign-in").text, "form_token"), "name": "fresh", "password": password}
        page = client.post("/sign-in", data=form)
        assert "设置新口令" in page.text
        own = "my-own-long-password"
        opened = client.post(
            "/sign-in/password", data={"halfway": field(page.text, "halfway"), "password": own, "again": own}
        )
        assert opened.headers["location"] == "/account"
        assert "待安全管理员授权" in client.get("/account").text
        assert client.get("/api/v1/incidents").status_code == 403
    with served.sign_in("sysadmin") as system:
        assert system.put("/api/v1/accounts/fresh/rights", json=GRANT).status_code == 403
    with served.sign_in("secadmin") as security:
        assert (
            security.post("/api/v1/accounts", json={"name": "x", "display_name": "x", "person": "x"}).status_code == 403
        )
        assert security.post("/api/v1/accounts/fresh/reset", json={}).status_code == 403
        assert security.put("/api/v1/accounts/fresh/rights", json=GRANT).status_code == 204
        listed = {one["name"]: one for one in security.get("/api/v1/accounts").json()}["fresh"]
        assert (listed["role"], listed["granted_by"], listed["made_by"]) == ("operator", "secadmin", "sysadmin")
    with served.sign_in("fresh", own) as client:
        assert client.get("/api/v1/incidents").status_code == 200


@pytest.mark.protection("08")
def test_one_person_never_holds_two_offices(served: Any, database: Database) -> None:
    new_account(served, "second", person="YL-0001")  # the person of the sample's system administrator
    with served.sign_in("secadmin") as security:
        for role in ("system_admin", "security_admin", "audit_admin"):
            answer = security.put("/api/v1/accounts/second/rights", json=GRANT | {"role": role})
            assert (answer.status_code, answer.json()["code"]) == (409, "conflict"), role
    # Not even past the program: the index is the database's.
    with pytest.raises(IntegrityError), database.transaction(Caller.system()) as connection:
        connection.execute(text("UPDATE access.account SET role = 'audit_admin' WHERE name = 'second'"))
    with pytest.raises(IntegrityError), database.transaction(Caller.system()) as connection:
        connection.execute(text("UPDATE access.account SET role = 'audit_admin' WHERE name = 'duty'"))


def test_nobody_administers_himself_and_no_office_is_left_empty(served: Any) -> None:
    with served.sign_in("secadmin") as security:
        assert security.put("/api/v1/accounts/secadmin/rights", json=GRANT).status_code == 403
        assert security.put("/api/v1/accounts/auditor/rights", json=GRANT).status_code == 409
    with served.sign_in("sysadmin") as system:
        assert system.put("/api/v1/accounts/sysadmin/state", json={"closed": True}).status_code == 403
        assert system.put("/api/v1/accounts/auditor/state", json={"closed": True}).status_code == 409
        assert system.put("/api/v1/accounts/nobody/state", json={"closed": True}).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"division_from": "990103", "division_to": "990102"},
        {"division_from": "99010"},
        {"role": "device"},
        {"role": "pending"},
        {"role": "root"},
        {"role": "field"},
        {"role": "enterprise"},
        {"clearance": "top"},
        {"mode": "both"},
    ],
    ids=str,
)
def test_a_grant_that_cannot_be_is_refused(served: Any, wrong: dict[str, str]) -> None:
    with served.sign_in("secadmin") as security:
        assert security.put("/api/v1/accounts/binjiang/rights", json=GRANT | wrong).status_code == 422


def test_rules_have_bounds_and_one_who_sets_them(served: Any) -> None:
    with served.sign_in("secadmin") as security:
        usual = security.get("/api/v1/accounts/rules").json()
        assert security.put("/api/v1/accounts/rules", json={"failures": 3}).json()["failures"] == 3
        for wrong in ({"idle_minutes": 31}, {"failures": 0}, {"locked_minutes": 1}, {"nonsense": 1}):
            assert security.put("/api/v1/accounts/rules", json=wrong).status_code == 422, wrong
        assert security.put("/api/v1/accounts/rules", json=usual).json() == usual
    with served.sign_in("sysadmin") as system:
        assert system.put("/api/v1/accounts/rules", json={"failures": 10}).status_code == 403


@pytest.mark.protection("02")
@pytest.mark.parametrize("how", ["ended", "granted", "closed", "reset"])
def test_a_live_websocket_is_gone_within_five_seconds(served: Any, database: Database, how: str) -> None:
    password, name = "correct-horse-battery", f"live-{how}"
    with database.transaction(Caller.system()) as connection:
        new = accounts.NewAccount(name, "演练", "operator", "990100", "990200", "drill", person=f"P-{name}")
        accounts.make(connection, new, password)
    with served.sign_in(name, password) as client, served.sign_in("sysadmin") as system:
        token = re.search(r'"token":"([^"]+)"', client.get("/", headers={"accept": "text/html"}).text)[1]

        def take_away() -> None:
            if how == "ended":
                handle = next(
                    one["handle"] for one in system.get("/api/v1/accounts/sessions").json() if one["name"] == name
                )
                assert system.delete(f"/api/v1/accounts/sessions/{handle}").status_code == 204
            elif how == "granted":
                with served.sign_in("secadmin") as security:
                    assert security.put(f"/api/v1/accounts/{name}/rights", json=GRANT).status_code == 204
            elif how == "closed":
                assert system.put(f"/api/v1/accounts/{name}/state", json={"closed": True}).status_code == 204
            else:
                assert system.post(f"/api/v1/accounts/{name}/reset", json={}).status_code == 200

        async def stay() -> int:
            async with connect(
                served.origin.replace("http", "ws") + "/ws",
                origin=served.origin,
                subprotocols=["bokeh", token],
                additional_headers={"cookie": f"egis={client.cookies['egis']}"},
                open_timeout=60,
            ) as socket:
                await asyncio.wait_for(socket.recv(), 60)
                await asyncio.to_thread(take_away)
                try:
                    while True:
                        await asyncio.wait_for(socket.recv(), 60)
                except ConnectionClosed as closed:
                    return closed.rcvd.code

        assert asyncio.run(stay()) == 4401
        # What a busy machine needs is no fault of the program; what the program waits is.
        assert guard._LOOK_EVERY_S + sessions._CACHED_FOR_S <= 5
        assert client.get("/api/v1/session").status_code == 401


def test_administrators_come_to_their_page_and_not_to_the_map(served: Any) -> None:
    for name, home in {"sysadmin": "/accounts", "secadmin": "/accounts", "auditor": "/audit"}.items():
        with served.sign_in(name) as client:
            led = client.get("/", headers={"accept": "text/html"})
            assert (led.status_code, led.headers["location"]) == (303, home)
            assert client.get("/api/v1/incidents").status_code == 403
            assert client.get("/tiles/enterprise/5/26/12.mvt").status_code == 403


OFFICERS = {
    f"{office}.{name}": value
    for number, office in enumerate(first_start.OFFICES, start=1)
    for name, value in {
        "name": f"officer{number}",
        "display_name": f"管理员{number}",
        "person": f"G-{number}",
        "password": f"a-long-password-{number}",
    }.items()
}


@pytest.fixture(scope="module")
def bare(cluster: Any) -> Any:
    """A migrated database without any account."""
    import uuid

    import psycopg

    from gis.database import APPLICATION_ROLE

    name = f"bare_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(cluster.conninfo(database="postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE onemap_template".encode())
    opened = Database(cluster.url(APPLICATION_ROLE, database=name))
    yield opened
    opened.close()
    with psycopg.connect(cluster.conninfo(database="postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.protection("06")
def test_the_first_start_makes_no_account_and_a_link_that_works_once(bare: Database) -> None:
    from command_ui.access.audit import Trace
    from gis.errors import InputError, RefusedError

    def token_of(link: str | None) -> str:
        assert link is not None
        return link.partition("token=")[2]

    old = token_of(first_start.link(bare, "http://127.0.0.1:5006"))
    token = token_of(first_start.link(bare, "http://127.0.0.1:5006"))
    with bare.transaction(Caller.system()) as connection:
        assert connection.execute(text("SELECT count(*) FROM access.account")).scalar_one() == 0
        kept = connection.execute(text("SELECT row(set_up_link.*)::text FROM access.set_up_link")).scalars().all()
        assert token not in "\n".join(kept)
    assert first_start.holds(bare, token)
    assert not first_start.holds(bare, old)
    fields = ("name", "display_name", "person", "password")
    officers = [
        first_start.Officer(*(OFFICERS[f"{office}.{name}"] for name in fields)) for office in first_start.OFFICES
    ]
    same = [first_start.Officer(one.name, one.display_name, "G-1", one.password) for one in officers]
    with pytest.raises(InputError, match="three persons"):
        first_start.make_officers(bare, token, same, Trace())
    with pytest.raises(RefusedError):
        first_start.make_officers(bare, old, officers, Trace())
    first_start.make_officers(bare, token, officers, Trace())
    with pytest.raises(RefusedError):
        first_start.make_officers(bare, token, officers, Trace())
    assert first_start.link(bare, "http://127.0.0.1:5006") is None
    with bare.transaction(Caller.system()) as connection:
        roles = connection.execute(text("SELECT role FROM access.account ORDER BY name")).scalars().all()
    assert tuple(roles) == first_start.OFFICES


def test_the_page_of_the_link_is_not_there_without_it(served: Any) -> None:
    with served.client() as stranger:
        assert stranger.get("/set-up").status_code == 404
        assert stranger.get("/set-up", params={"token": "guess"}).status_code == 404
        assert stranger.post("/set-up", data=OFFICERS | {"token": "guess"}).status_code == 404


def test_own_account_page(served: Any, database: Database) -> None:
    password = "correct-horse-battery"
    with database.transaction(Caller.system()) as connection:
        accounts.make(connection, accounts.NewAccount("self", "演练", "viewer", "990100", "990200", "drill"), password)
    with served.sign_in("self", password) as here, served.sign_in("self", password) as there:
        token = here.headers["x-csrf-token"]
        form = {
            "csrf_token": token,
            "present": password,
            "password": "another-long-password",
            "again": "another-long-password",
        }
        assert here.post("/account/password", data=form | {"csrf_token": "forged"}).status_code == 403
        assert here.post("/account/password", data=form | {"present": "wrong"}).status_code == 403
        assert here.post("/account/password", data=form | {"again": "differs"}).status_code == 422
        assert "口令已更换" in here.post("/account/password", data=form).text
        assert here.get("/api/v1/session").status_code == 200
        assert there.get("/api/v1/session").status_code == 401
        assert "otpauth" in here.post("/account/device", data={"csrf_token": token}).text
