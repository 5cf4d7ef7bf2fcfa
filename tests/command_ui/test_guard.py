"""Does the guard let in what is ours, and nothing else?"""

import asyncio
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from command_ui.access import sessions
from command_ui.access.keys import form_fits, form_token, installation_key
from command_ui.access.origins import Origins
from command_ui.access.policies import POLICIES, methods_of, policy_for
from command_ui.access.roles import RIGHTS
from command_ui.server import guard
from gis.errors import InputError

OURS = "https://map.example.gov.cn"


def page_token(client: Any) -> str:
    """The token Bokeh wrote into the page."""
    page = client.get("/", headers={"accept": "text/html"})
    assert page.status_code == 200
    return re.search(r'"token":"([^"]+)"', page.text)[1]


def try_websocket(served: Any, token: str, *, cookie: str = "", origin: str | None = "") -> str:
    """How a websocket attempt ends: 'open', or the status it was refused with."""
    headers = {"cookie": f"egis={cookie}"} if cookie else {}

    async def attempt() -> str:
        address = served.origin.replace("http", "ws") + "/ws"
        try:
            async with connect(
                address,
                origin=served.origin if origin == "" else origin,
                subprotocols=["bokeh", token],
                additional_headers=headers,
                open_timeout=60,
            ) as socket:
                await asyncio.wait_for(socket.recv(), 60)
                return "open"
        except InvalidStatus as refused:
            return str(refused.response.status_code)
        except ConnectionClosed as closed:
            return str(closed.rcvd.code)

    return asyncio.run(attempt())


# S3: only the exact match opens.
FOREIGN = [
    None,
    "null",
    "",
    "https://map.example.gov.cn.evil.example",
    "https://evil-map.example.gov.cn",
    "https://map.example.gov",
    "http://map.example.gov.cn",
    "https://map.example.gov.cn:444",
    "https://map.example.gov.cn:443",
    "https://MAP.example.gov.cn",
    "https://map.example.gov.cn/",
    "https://mаp.example.gov.cn",  # Cyrillic а
    "https://user@map.example.gov.cn",
    "https://map.example.gov.cn, https://evil.example",
    "file://",
]


@pytest.mark.protection("25")
@pytest.mark.parametrize("origin", FOREIGN)
def test_foreign_origin_is_not_ours(origin: str | None) -> None:
    assert not Origins.of([OURS]).allows(origin)


def test_pairwise_comparison_would_have_opened() -> None:
    # The fault of CVE-2026-21883, kept to show that the matrix above has teeth.
    def pairwise(host: str, allowed: str) -> bool:
        return all(mine == theirs for mine, theirs in zip(allowed.split("."), host.split("."), strict=False))

    assert pairwise("map.example.gov.cn.evil.example", "map.example.gov.cn")


def test_own_origin_is_ours() -> None:
    assert Origins.of([OURS]).allows(OURS)
    assert Origins.of([f"{OURS}:443/"]).allows(OURS)
    assert Origins.of(["http://map.中国:8080"]).allows("http://map.xn--fiqs8s:8080")  # as the root zone writes 中国


@pytest.mark.parametrize("address", ["map.example", "ftp://map.example", "https://map.example/path", "https://", "*"])
def test_an_origin_that_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="not an address"):
        Origins.of([address])


def test_websocket_opens_for_the_page_s_own_person(served: Any) -> None:
    with served.sign_in() as client:
        assert try_websocket(served, page_token(client), cookie=client.cookies["egis"]) == "open"


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "https://{host}",
        "http://{host}.evil.example",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
    ],
)
def test_websocket_from_a_foreign_page_is_refused(served: Any, origin: str | None) -> None:
    with served.sign_in() as client:
        foreign = origin.format(host=served.origin.removeprefix("http://")) if origin else origin
        assert try_websocket(served, page_token(client), cookie=client.cookies["egis"], origin=foreign) == "403"


def test_websocket_without_sign_in_is_refused(served: Any) -> None:
    with served.sign_in() as client:
        token = page_token(client)
        assert try_websocket(served, token) == "403"
        assert try_websocket(served, token, cookie="forged") == "403"


def test_page_of_another_person_cannot_be_joined(served: Any) -> None:
    with served.sign_in("duty") as duty, served.sign_in("expert") as expert:
        assert try_websocket(served, page_token(duty), cookie=expert.cookies["egis"]) == "403"


@pytest.mark.parametrize("token", ["", "x", "a.b", "bokeh", "eyJ9", "." * 50])
def test_nonsense_tokens_are_refused(served: Any, token: str) -> None:
    with served.sign_in() as client:
        try:
            assert try_websocket(served, token or "empty", cookie=client.cookies["egis"]) == "403"
        except ValueError:
            pytest.skip("the client itself refuses to send it")


def test_page_token_carries_no_cookie(served: Any) -> None:
    from bokeh.util.token import get_token_payload

    with served.sign_in() as client:
        payload = get_token_payload(page_token(client))
        assert client.cookies["egis"] not in str(payload)
        assert payload["cookies"] == {}
        assert set(payload["headers"]) == {"x-onemap-session"}


def test_live_websocket_is_closed_soon_after_sign_out(served: Any) -> None:
    with served.sign_in() as client:
        token, cookie = page_token(client), client.cookies["egis"]

        async def stay() -> int:
            address = served.origin.replace("http", "ws") + "/ws"
            async with connect(
                address,
                origin=served.origin,
                subprotocols=["bokeh", token],
                additional_headers={"cookie": f"egis={cookie}"},
                open_timeout=60,
            ) as socket:
                await asyncio.wait_for(socket.recv(), 60)
                await asyncio.to_thread(client.post, "/sign-out", data={"csrf_token": client.headers["x-csrf-token"]})
                try:
                    while True:
                        await asyncio.wait_for(socket.recv(), 60)
                except ConnectionClosed as closed:
                    return closed.rcvd.code

        assert asyncio.run(stay()) == 4401
        # What a busy machine needs is no fault of the program; what the program waits is.
        assert guard._LOOK_EVERY_S + sessions._CACHED_FOR_S <= 5


def test_foreign_header_cannot_name_a_session(served: Any) -> None:
    with served.sign_in() as client, served.client() as stranger:
        handle = str(served.app.state.sessions.find(client.cookies["egis"]).handle)
        assert stranger.get("/api/v1/session", headers={"x-onemap-session": handle}).status_code == 401


@pytest.mark.protection("09")
def test_every_route_has_a_policy(served: Any) -> None:
    def flat(routes: Any) -> Iterator[Any]:
        for route in routes:
            # FastAPI keeps an included router whole; its routes with their full paths are its candidates.
            yield from flat(route.effective_candidates()) if hasattr(route, "effective_candidates") else [route]

    routes = list(flat(served.app.routes))
    assert {"/sign-in", "/api/v1/incidents", "/tiles/{layer}/{z}/{x}/{y}.mvt"} <= {route.path for route in routes}
    undeclared = [
        f"{method} {route.path}"
        for route in routes
        for method in route.methods
        if not any(policy.path == route.path and method in policy.methods for policy in POLICIES)
    ]
    assert not undeclared


def test_every_policy_names_a_right_of_some_role() -> None:
    held = set().union(*RIGHTS.values())
    assert {policy.who for policy in POLICIES} - {"anyone", "someone"} <= held


@pytest.mark.parametrize(
    "path",
    [
        "/docs", "/redoc", "/openapi.json", "/metadata", "/autoload.js", "/admin", "/login", "/session_info",
        "/liveness",
        "/.env", "/static", "/assets/../app.py", "/assets/%2e%2e/app.py", "/assets/..%2fapp.py",
        "/tiles/http://evil.example/0/0/0.mvt", "/tiles/../../etc/passwd",
    ],
)  # fmt: skip
def test_undeclared_addresses_are_closed_to_everybody(served: Any, path: str) -> None:
    with served.sign_in() as client, served.client() as stranger:
        for visitor in (client, stranger):
            assert visitor.get(path).status_code == 404, path


@pytest.mark.protection("05")
@pytest.mark.parametrize("policy", [policy for policy in POLICIES if policy.who != "anyone"], ids=str)
def test_strangers_are_told_to_sign_in(served: Any, policy: Any) -> None:
    path = re.sub(r"\{\w+(:path)?\}", "1", policy.path)
    with served.client() as stranger:
        for method in set(policy.methods) - {"WS"}:
            answer = stranger.request(method, path)
            assert answer.status_code == 401, (method, path)
            assert method == "HEAD" or answer.json()["code"] == "sign_in_needed"


def test_people_are_led_to_the_sign_in_page_and_back(served: Any) -> None:
    with served.client() as stranger:
        answer = stranger.get("/?incident=7", headers={"accept": "text/html"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?next=%2F%3Fincident%3D7"


REPORT = {"title": "演练", "longitude": 118.7, "latitude": 31.4, "occurred_at": "2026-11-24T14:00:00+08:00"}
KEY = {"idempotency-key": "0190a5a0-0000-7000-8000-000000000001"}


@pytest.mark.protection("25")
def test_csrf_needs_both_origin_and_token(served: Any) -> None:
    with served.sign_in() as client:
        token = client.headers.pop("x-csrf-token")
        origin = client.headers.pop("origin")
        attempts = [
            {},
            {"origin": origin},
            {"x-csrf-token": token},
            {"origin": "http://evil.example", "x-csrf-token": token},
            {"origin": "null", "x-csrf-token": token},
            {"origin": origin, "x-csrf-token": token[:-1] + ("A" if token[-1] != "A" else "B")},
        ]
        for headers in attempts:
            answer = client.post("/api/v1/incidents", json=REPORT, headers=KEY | headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "wrong_origin"), headers


def test_bearer_needs_neither_because_nobody_sends_it_by_accident(served: Any) -> None:
    with served.client() as program:
        del program.headers["origin"]
        granted = program.post("/api/v1/sessions", json={"name": "duty", "password": served.passwords["duty"]})
        assert granted.status_code == 201
        assert "set-cookie" not in granted.headers
        program.headers["authorization"] = f"Bearer {granted.json()['token']}"
        assert program.get("/api/v1/session").json()["name"] == "duty"
        assert program.delete("/api/v1/session").status_code == 204
        assert program.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize("name", ["expert", "wall"])
def test_roles_without_the_right_may_not_report(served: Any, name: str) -> None:
    with served.sign_in(name) as client:
        answer = client.post("/api/v1/incidents", json=REPORT, headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (403, "refused")


def test_foreign_host_name_is_refused(served: Any) -> None:
    with served.client() as client:
        assert client.get("/sign-in", headers={"host": "evil.example"}).status_code == 400
        assert client.get("/healthz", headers={"host": "10.0.0.7:5006"}).status_code == 200


@pytest.mark.protection("20")
def test_body_over_one_megabyte_is_refused(served: Any) -> None:
    with served.sign_in() as client:
        big = client.post("/api/v1/incidents", json=REPORT | {"text": "x" * 1_000_001}, headers=KEY)
        assert (big.status_code, big.json()["code"]) == (413, "too_large")

        def chunks() -> Any:
            for _ in range(20):
                yield b" " * 100_000

        headers = KEY | {"content-type": "application/json"}
        assert client.post("/api/v1/incidents", content=chunks(), headers=headers).status_code == 413


def test_wrong_method_is_told(served: Any) -> None:
    with served.sign_in() as client:
        assert client.put("/healthz").status_code == 405
    assert methods_of("/healthz") == {"GET", "HEAD"}
    assert policy_for("TRACE", "/") is None


def test_security_headers_on_every_kind_of_answer(served: Any) -> None:
    with served.sign_in() as client:
        for path in (
            "/",
            "/sign-in",
            "/healthz",
            "/assets/door.css",
            "/static/js/bokeh.min.js",
            "/nowhere",
            "/tiles/x/0/0/0.mvt",
        ):
            headers = client.get(path, headers={"accept": "text/html"}).headers
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["referrer-policy"] == "same-origin", path
            policy = headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy, path
            assert "unsafe-eval" not in policy, path
            assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"]), path


def test_installation_key_is_made_once_and_private(tmp_path: Any) -> None:
    first = installation_key(tmp_path)
    assert len(first) == 32
    assert installation_key(tmp_path) == first
    assert (tmp_path / "installation.key").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "installation.key"]
    assert form_fits(first, "cookie", form_token(first, "cookie"))
    assert not form_fits(first, "", form_token(first, ""))
    assert not form_fits(first, "other", form_token(first, "cookie"))


@pytest.mark.protection("03")
def test_over_tls_the_cookie_is_tied_to_host_and_tls(serve: Any) -> None:
    # A proxy in front ends TLS and says so; the origin it is reached at is set by ONEMAP_ORIGINS.
    behind = serve(origins=["https://map.example"])
    with behind.client() as browser:
        browser.headers.update({"x-forwarded-proto": "https", "host": "map.example", "origin": "https://map.example"})
        page = browser.get("/sign-in")
        assert page.headers["strict-transport-security"]
        token = re.search(r'name="form_token" value="([^"]+)"', page.text)[1]
        form_cookie = page.headers["set-cookie"].split(";")[0]
        form = {"form_token": token, "name": "duty", "password": behind.passwords["duty"]}
        entered = browser.post("/sign-in", data=form, headers={"cookie": form_cookie})
        cookie = next(line for line in entered.headers.get_list("set-cookie") if line.startswith("__Host-egis="))
        assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        held = {"cookie": cookie.split(";")[0]}
        assert browser.get("/api/v1/session", headers=held).status_code == 200
        # The same cookie under its plain name opens nothing.
        assert (
            browser.get("/api/v1/session", headers={"cookie": held["cookie"].removeprefix("__Host-")}).status_code
            == 401
        )


def test_requests_outlive_cut_database_connections(served: Any, superuser_url: str) -> None:
    import psycopg

    from gis.database import libpq_conninfo

    with served.sign_in() as client:
        for _ in range(3):
            with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as administrator:
                administrator.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND usename = 'onemap_app'"
                )
            statuses, until = [], time.monotonic() + 60
            while not statuses or (statuses[-1] != 200 and time.monotonic() < until):
                statuses.append(client.get("/api/v1/incidents").status_code)
                time.sleep(0.05)
            assert statuses[-1] == 200
            assert set(statuses) <= {200, 503}  # never 500, and nobody is signed out


# The tests of the tests: each with the fault it is for planted into the program.


def test_with_a_cookie_that_is_not_secure_its_test_fails(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from command_ui.access import cookies

    real = cookies.write
    monkeypatch.setattr(cookies, "write", lambda name, value, **_: real(name, value, secure=False))
    with pytest.raises(AssertionError):
        test_over_tls_the_cookie_is_tied_to_host_and_tls(serve)


def test_with_a_cookie_of_any_name_its_test_fails(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from command_ui.access import cookies

    monkeypatch.setattr(cookies, "session_cookie", lambda _secure: "egis")
    with pytest.raises((AssertionError, StopIteration)):
        test_over_tls_the_cookie_is_tied_to_host_and_tls(serve)


def test_with_an_origin_compared_in_part_the_matrix_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Origins, "allows", lambda self, origin: origin is not None and any(origin.startswith(o) for o in self.allowed)
    )
    with pytest.raises(AssertionError):
        test_foreign_origin_is_not_ours("https://map.example.gov.cn.evil.example")


def test_without_the_token_of_the_page_the_test_of_csrf_fails(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from command_ui.server.guard import Guard

    monkeypatch.setattr(Guard, "_is_meant", lambda *_: True)
    with pytest.raises((AssertionError, KeyError)):  # what is let in has no code of a refusal
        test_csrf_needs_both_origin_and_token(served)


@pytest.mark.long
def test_without_the_watch_the_test_of_revoked_websockets_fails(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.app.state.sessions, "alive", frozenset)
    with pytest.raises((AssertionError, TimeoutError)):
        test_live_websocket_is_closed_soon_after_sign_out(served)
