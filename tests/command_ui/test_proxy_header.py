"""Is a name in a header believed from the reverse proxy alone, and from nobody who says that he is it?"""

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from command_ui.access import audit, ways
from command_ui.access.ways import TrustedProxy
from command_ui.settings import load_settings
from gis.database import Caller, Database
from gis.errors import InputError

NAME = "x-remote-user"


@pytest.fixture(scope="module")
def behind(serve: Any) -> Any:
    """A server whose proxy is this machine."""
    return serve(console=lambda **_: None, proxy_from="127.0.0.1", proxy_header="X-Remote-User")


@pytest.fixture(scope="module")
def elsewhere(serve: Any) -> Any:
    """A server whose proxy is another machine: nothing that comes from here may name anybody."""
    return serve(console=lambda **_: None, proxy_from="10.9.9.9, 10.20.0.0/16", proxy_header="X-Remote-User")


def newest(database: Database, event: str) -> audit.Line:
    with database.transaction(Caller.system()) as connection:
        return audit.read(connection, event=event, limit=1)[0]


@pytest.mark.protection("01")
def test_whom_the_proxy_names_is_in_and_the_audit_says_how(behind: Any, database: Database) -> None:
    with behind.client() as client:
        client.headers[NAME] = "Duty"
        sent = client.get("/?incident=7", headers={"accept": "text/html"})
        assert sent.headers["location"] == "/sign-in?next=%2F%3Fincident%3D7"
        opened = client.get(sent.headers["location"])
        assert (opened.status_code, opened.headers["location"]) == (303, "/?incident=7")
        assert client.get("/api/v1/session").json()["name"] == "duty"
    line = newest(database, "sign_in")
    assert (line.actor, line.outcome, line.detail["how"]) == ("duty", "ok", "proxy")


def test_the_header_alone_opens_nothing_but_the_door(behind: Any) -> None:
    with behind.client() as client:
        client.headers[NAME] = "duty"
        assert client.get("/api/v1/session").status_code == 401
        assert client.get("/api/v1/incidents").status_code == 401


def test_after_signing_out_nobody_is_in_again_at_once(behind: Any) -> None:
    with behind.client() as client:
        client.headers[NAME] = "duty"
        client.get("/sign-in")
        token = client.get("/api/v1/session").json()["csrf_token"]
        out = client.post("/sign-out", data={"csrf_token": token})
        assert out.headers["location"] == "/sign-in?left=true"
        page = client.get(out.headers["location"])
        assert (page.status_code, "以 duty 的身份继续" in page.text) == (200, True)


def test_a_second_factor_is_asked_all_the_same(behind: Any, database: Database) -> None:
    from command_ui.access import accounts

    with database.transaction(Caller.system()) as connection:
        new = accounts.NewAccount("chief-p", "演练", "commander", "990100", "990200", "drill", person="T-chief-p")
        accounts.make(connection, new, "correct-horse-battery")
    with behind.client() as client:
        client.headers[NAME] = "chief-p"
        page = client.get("/sign-in")
        assert (page.status_code, "绑定双因素设备" in page.text) == (200, True)
        assert client.get("/api/v1/session").status_code == 401


def test_somebody_unknown_is_told_so(behind: Any, database: Database) -> None:
    with behind.client() as client:
        client.headers[NAME] = "nobody"
        told = client.get("/sign-in")
        assert told.status_code == 403
        assert "没有您的账号" in told.text
    assert newest(database, "sign_in").detail["why"] == "unknown"


def test_a_cookie_of_one_and_the_name_of_another_do_not_go_together(behind: Any, database: Database) -> None:
    with behind.sign_in("expert") as client:
        client.headers[NAME] = "duty"
        refused = client.get("/api/v1/session")
        assert (refused.status_code, refused.json()["code"]) == (403, "refused")
        assert newest(database, "denied").detail["why"] == "the proxy names another person"
        client.headers[NAME] = "expert"
        assert client.get("/api/v1/session").status_code == 200


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (["duty", "commander"], "several names"),
        (["a" * 65], "name that cannot be read"),
        ([b"\xff\xfe"], "name that cannot be read"),
        ([b"du\x85ty".decode("latin-1").encode()], "name that cannot be read"),
    ],
)
def test_a_name_that_cannot_be_meant_is_refused(behind: Any, database: Database, values: Any, why: str) -> None:
    with behind.client() as client:
        named = [(NAME.encode(), one if isinstance(one, bytes) else one.encode()) for one in values]
        refused = client.get("/sign-in", headers=named)
        assert refused.status_code == 403
    assert newest(database, "denied").detail["why"] == why


@pytest.mark.protection("01")
@pytest.mark.parametrize("told", ["", "10.9.9.9", "10.20.3.4, 10.9.9.9", "127.0.0.1"])
def test_from_elsewhere_the_header_is_refused_whatever_else_is_told(
    elsewhere: Any, database: Database, told: str
) -> None:
    with elsewhere.sign_in("duty") as client, elsewhere.client() as stranger:
        for one in (client, stranger):
            one.headers[NAME] = "sysadmin"
            if told:
                one.headers["x-forwarded-for"] = told
            for path in ("/sign-in", "/api/v1/session", "/healthz"):
                assert one.get(path).status_code == 403, path
        line = newest(database, "denied")
        assert line.detail["why"] == "name from an address that is not trusted"
        assert line.outcome == "refused"
        del client.headers[NAME]
        assert client.get("/api/v1/session").json()["name"] == "duty"


def test_a_websocket_that_brings_the_header_from_elsewhere_is_turned_away(elsewhere: Any) -> None:
    with elsewhere.sign_in("duty") as client:
        cookie = client.cookies["egis"]

    async def attempt() -> int:
        try:
            async with connect(
                elsewhere.origin.replace("http", "ws") + "/ws",
                origin=elsewhere.origin,
                additional_headers={"cookie": f"egis={cookie}", NAME: "sysadmin"},
            ):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    assert asyncio.run(attempt()) == 403


def test_without_the_setting_the_header_means_nothing(served: Any) -> None:
    with served.client() as client:
        client.headers[NAME] = "sysadmin"
        page = client.get("/sign-in")
        assert (page.status_code, "sysadmin" in page.text) == (200, False)


def test_a_check_taken_out_lets_the_stranger_in(elsewhere: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # The test of the tests: a server that trusts every address opens to the very request refused above.
    monkeypatch.setattr(TrustedProxy, "trusts", lambda *_: True)
    with elsewhere.client() as stranger:
        stranger.headers[NAME] = "duty"
        assert stranger.get("/sign-in").status_code == 303


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"PROXY_HEADER": "X-Remote-User"}, "named addresses only"),
        ({"PROXY_HEADER": "X-Remote-User", "PROXY_FROM": " , "}, "named addresses only"),
        ({"PROXY_HEADER": "X-Remote-User", "PROXY_FROM": "proxy.example"}, "no address"),
        ({"PROXY_HEADER": "X-Remote-User", "PROXY_FROM": "0.0.0.0/0"}, "half the world"),
        ({"PROXY_HEADER": "Cookie", "PROXY_FROM": "10.0.0.5"}, "cannot be the name"),
        ({"PROXY_HEADER": "X Remote", "PROXY_FROM": "10.0.0.5"}, "cannot be the name"),
    ],
)
def test_half_a_setting_is_refused_at_the_start(given: dict[str, str], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        ways.of(load_settings({f"ONEMAP_{name}": value for name, value in given.items()}))


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [("10.9.9.9", True), ("10.9.9.8", False), ("10.20.200.1", True), ("::ffff:10.9.9.9", True), ("", False)],
)
def test_addresses_are_compared_as_addresses(peer: str, trusted: bool) -> None:
    proxy = ways.of(load_settings({"ONEMAP_PROXY_HEADER": "X-U-N", "ONEMAP_PROXY_FROM": "10.9.9.9,10.20.0.0/16"})).proxy
    assert proxy is not None
    assert proxy.trusts(peer) is trusted
