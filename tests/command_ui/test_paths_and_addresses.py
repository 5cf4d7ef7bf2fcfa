"""S7: does a route open a file of the machine, or call an address a stranger wrote? The whole route table is asked."""

import http.client
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from starlette.applications import Starlette
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
MARK = "marked-and-never-to-be-served"
SECRET = b"root:x:0:0"
INSIDE = re.compile(rb"/(?:work|home|tmp|usr/lib|var/lib)/[\w./-]+|Traceback|site-packages|psycopg")
"""What no answer says: a path of the machine, or what the program is made of inside."""

CLIMBS = [
    "../../../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%252f..%252f..%252f..%252f..%252fetc%252fpasswd",
    "....//....//....//....//....//etc/passwd",
    "..%5c..%5c..%5c..%5c..%5cetc%5cpasswd",
    "..%c0%af..%c0%af..%c0%af..%c0%afetc/passwd",
    "..;/..;/..;/..;/etc/passwd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "etc/passwd%00.png",
    "./././../../../../../../../etc/passwd",
    "~/.ssh/id_rsa",
    "%E2%80%A6%2F%E2%80%A6%2Fetc%2Fpasswd",
    "..%ef%bc%8f..%ef%bc%8f..%ef%bc%8fetc/passwd",
    "C:%5cWindows%5cwin.ini",
    ".%00./.%00./etc/passwd",
    "vsizip%2f%2fetc%2fpasswd",
]
"""Ways up and out; `climbs` adds the same for a file that lies beside the folders the server reads."""


def climbs(planted: Path) -> list[str]:
    """Ways to a planted file: straight, and up from anywhere."""
    whole = str(planted).lstrip("/")
    up = "../" * 12
    return [*CLIMBS, f"{up}{whole}", quote(f"{up}{whole}", safe=""), f"/{whole}", quote(f"/{whole}", safe=""),
            f"..%2f{planted.name}", f"%2e%2e/{planted.name}", f"file:%2f%2f%2f{quote(whole, safe='')}"]  # fmt: skip


def calls(port: int) -> list[str]:
    """Ways to write the address of a listener on this machine."""
    number = 127 << 24 | 1
    hosts = [
        "127.0.0.1", "localhost", str(number), f"0x{number:x}", "0177.0.0.1", "127.1", "0", "[::1]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "tiles.example@127.0.0.1", "tiles.example#@127.0.0.1",
    ]  # fmt: skip
    plain = [f"http://{host}:{port}/{MARK}" for host in hosts]
    plain += [f"//127.0.0.1:{port}/{MARK}", f"https://127.0.0.1:{port}/", f"gopher://127.0.0.1:{port}/_x",
              f"ftp://127.0.0.1:{port}/", f"\\\\127.0.0.1@{port}\\x", f"/vsicurl/http://127.0.0.1:{port}/x",
              f"jar:http://127.0.0.1:{port}!/", f"http:/127.0.0.1:{port}", f"dict://127.0.0.1:{port}/x"]  # fmt: skip
    return [quote(one, safe="") for one in plain] + [one.replace("://", ":%2f%2f") for one in plain[:3]]


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A listener that must hear nobody."""
    heard: list[str] = []
    door = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    door.bind(("::", 0))
    door.listen(50)

    def hear() -> None:
        while True:
            try:
                caller, place = door.accept()
            except OSError:
                return
            heard.append(str(place))
            caller.close()

    threading.Thread(target=hear, daemon=True).start()
    try:
        yield int(door.getsockname()[1]), heard
    finally:
        door.close()


def paths_of(app: Any) -> list[str]:
    """Every path of the route table that has a parameter, and what serves whatever lies below it."""

    def flat(routes: Any) -> Iterator[Any]:
        for route in routes:
            # FastAPI keeps an included router whole; its routes with their full paths are its candidates.
            yield from flat(route.effective_candidates()) if hasattr(route, "effective_candidates") else [route]

    found = {str(route.path) for route in flat(app.routes) if hasattr(route, "path")}
    return sorted({path for path in found if PARAMETER.search(path)} | BELOW)


BELOW = frozenset({"/assets/{path:path}", "/static/{path:path}", "/components/{path:path}", "/{path:path}"})
"""Folders of program files, served before the route table is asked, and everything nobody declared."""

HARMLESS = {"z": "12", "x": "3399", "y": "1670", "matrix": "w", "layer": "shelter", "seq": "1", "version": "1"}


def written(path: str, at: str, value: str) -> str:
    """The path with `value` in one parameter and something harmless in the others."""
    return PARAMETER.sub(lambda one: value if one[1] == at else HARMLESS.get(one[1], "1"), path)


def walk(paths: Iterable[str], values: Iterable[str], ask: Callable[[str], tuple[int, bytes]]) -> tuple[int, list[str]]:
    """Ask for every value in every parameter; return how many were asked and what was wrong."""
    wrong, asked, values = [], 0, list(values)
    for path in paths:
        for at in {one[1] for one in PARAMETER.finditer(path)}:
            for value in values:
                address = written(path, at, value)
                status, body = ask(address)
                asked += 1
                # What was asked for may be said back, as it was sent or as it is read: that is no file.
                rest = body.replace(value.encode(), b"").replace(unquote(value).encode(), b"")
                if SECRET in body or MARK.encode() in rest:
                    wrong.append(f"{address}: a file of the machine came back")
                elif status >= 500 and not path.startswith("/tiles/tianditu"):
                    wrong.append(f"{address}: {status}")
                elif status >= 400 and (said := INSIDE.search(rest)):
                    wrong.append(f"{address}: the refusal says {said.group()!r}")
    return asked, wrong


def asker(origin: str, headers: dict[str, str]) -> Callable[[str], tuple[int, bytes]]:
    """Send addresses as they are written: a client that tidies them up would test itself."""
    host, _, port = origin.removeprefix("http://").partition(":")

    def ask(address: str) -> tuple[int, bytes]:
        line = http.client.HTTPConnection(host, int(port), timeout=60)
        try:
            line.putrequest("GET", address.encode().decode("latin-1").replace(" ", "%20"))
            for name, value in headers.items():
                line.putheader(name, value)
            line.endheaders()
            answer = line.getresponse()
            return answer.status, answer.read(2_000_000)
        finally:
            line.close()

    return ask


@pytest.fixture(scope="module")
def planted(served: Any) -> Path:
    """A file in the folder of the data, beside what the server reads from there."""
    path = Path(served.house.settings.data_dir) / "planted.txt"
    path.write_text(MARK)
    return path


def _signed_in(served: Any) -> dict[str, str]:
    with served.client() as client:
        answer = client.post("/api/v1/sessions", json={"name": "duty", "password": served.passwords["duty"]})
        return {"authorization": f"Bearer {answer.json()['token']}"}


NEVER_ENDS = frozenset({"/api/v1/feed"})


def paths(served: Any) -> list[str]:
    return [path for path in paths_of(served.app) if path not in NEVER_ENDS]


def test_the_route_table_is_walked_whole(served: Any) -> None:
    """A new route with a parameter is covered by itself; these must be among them."""
    found = paths(served)
    assert len(found) > 60
    for one in ("/tiles/{layer}/{z}/{x}/{y}.mvt", "/components/{name:path}", "/field/{name}",
                "/api/v1/uploads/{key}/report", "/ogc/collections/{key}/items/{feature_id}"):  # fmt: skip
        assert any(PARAMETER.sub("*", path) == PARAMETER.sub("*", one) for path in found), one


def test_no_way_up_on_what_serves_files(served: Any, planted: Path) -> None:
    """The routes that open files by name, every vector; the others are walked at length."""
    files = [path for path in paths(served) if path.endswith(":path}") or "name" in path or path.startswith("/tiles")]
    assert len(files) > 5
    asked, wrong = walk(files, climbs(planted), asker(served.origin, _signed_in(served)))
    assert wrong == []
    assert asked > 100


def test_an_address_imports_no_module(served: Any) -> None:
    """What Panel does by itself: `/components/<module>/…` imports the module that is named."""
    import sys

    ask = asker(served.origin, _signed_in(served))
    for module in ("this", "antigravity", "command_ui.cli.run", "panel.command.convert", "os", "..", ""):
        before = module in sys.modules
        status, _ = ask(f"/components/{module}/Class/_esm/x.js")
        assert status == 404, module
        assert (module in sys.modules) == before, f"{module} was imported"


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_route_opens_a_file_or_calls_an_address(served: Any, planted: Path) -> None:
    """All vectors in every path parameter of every route, and in every text of every query."""
    ask = asker(served.origin, _signed_in(served))
    with listening() as (port, heard):
        vectors = [*climbs(planted), *calls(port)]
        asked, wrong = walk(paths(served), vectors, ask)
        document = served.app.openapi()
        for path, methods in document["paths"].items():
            if path in NEVER_ENDS or "get" not in methods:
                continue
            for one in methods["get"].get("parameters", []):
                if one["in"] != "query" or one["schema"].get("type") not in ("string", None):
                    continue
                address = PARAMETER.sub(lambda name: HARMLESS.get(name[1], "1"), path)
                found, bad = walk([f"{address}?{one['name']}={{value}}"], vectors, ask)
                asked, wrong = asked + found, wrong + bad
    assert wrong == []
    assert heard == []
    assert asked > 5000


def test_headers_lead_nowhere(served: Any) -> None:
    """An address in a header is what proxies fall for."""
    with listening() as (port, heard):
        for name in ("x-forwarded-host", "x-forwarded-for", "x-original-url", "x-rewrite-url", "referer", "forwarded"):
            ask = asker(served.origin, _signed_in(served) | {name: f"http://127.0.0.1:{port}/{MARK}"})
            for path in ("/tiles/tianditu/vec/w/12/3399/1670", "/api/v1/layers", "/guide"):
                _, body = ask(path)
                assert MARK.encode() not in body
    assert heard == []


def test_the_walk_finds_a_naive_file_route_and_a_naive_proxy(planted: Path) -> None:
    """The test of the test: two routes as they are written in a hurry."""

    async def file(request: Any) -> Response:
        path = Path("/srv/files") / request.path_params["name"].replace("\0", "")
        import os.path

        whole = Path(os.path.normpath(path))
        return FileResponse(whole) if whole.is_file() else PlainTextResponse("none", status_code=404)

    async def proxy(request: Any) -> Response:
        import urllib.request

        try:
            with urllib.request.urlopen(request.path_params["name"], timeout=60) as answer:
                return Response(answer.read())
        except (OSError, ValueError):
            return PlainTextResponse("none", status_code=404)

    import asyncio

    import httpx

    app = Starlette(routes=[Route("/files/{name:path}", file), Route("/proxy/{name:path}", proxy)])

    def ask(address: str) -> tuple[int, bytes]:
        async def once() -> tuple[int, bytes]:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://naive") as client:
                answer = await client.get(address)
                return answer.status_code, answer.content

        return asyncio.run(once())

    assert set(paths_of(app)) - BELOW == {"/files/{name:path}", "/proxy/{name:path}"}
    _, wrong = walk(["/files/{name:path}"], climbs(planted), ask)
    assert [one for one in wrong if "came back" in one]
    with listening() as (port, heard):
        walk(["/proxy/{name:path}"], calls(port)[:3], ask)
    assert heard
