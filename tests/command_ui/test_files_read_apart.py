"""S4: is every file that comes in over the interface read in a process of its own? All routes are walked."""

import io
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from PIL import Image

from command_ui.access.policies import POLICIES
from command_ui.api import marks as marks_routes
from command_ui.plotting.reading import read_marks
from gis import sandbox
from gis.database import Caller
from scenarios.exercise import reading
from scenarios.plans import rows, sample

DRILL = Caller("test", "990100", "990200", "drill")
OCTETS = {"content-type": "application/octet-stream"}
LONG = 100_000
"""A text field that takes more characters than this takes a file."""
SIGNED = {
    "POST /api/v1/nodes/messages": "signed by a neighbour and at most a megabyte of XML without entities; its PDF is "
    "looked into by `gis.papers`, see scenarios/nodes/receiving.py",
}
"""Routes whose files are looked into further down, and why they cannot be knocked at here."""


def photograph() -> bytes:
    taken = io.BytesIO()
    Image.new("RGB", (40, 30), "#226688").save(taken, "JPEG")
    return taken.getvalue()


def send(client: Any, path: str, **options: Any) -> Any:
    return client.post(path, headers={"idempotency-key": str(uuid.uuid4())} | options.pop("headers", {}), **options)


Knock = Callable[[Any, dict[str, str]], Any]
TABLE = "名称,经度,纬度\n甲,118.7,31.4\n".encode()
MARKS = {"name": "a.geojson", "content": '{"type":"FeatureCollection","features":[]}'}


def file(path: str, content: bytes) -> Knock:
    return lambda client, at: send(client, path.format(**at), content=content, headers=OCTETS)


def said(path: str, body: Any) -> Knock:
    return lambda client, at: send(client, path.format(**at), json=body)


KNOCKS: dict[str, tuple[str, Knock]] = {
    "POST /api/v1/uploads": ("duty", file("/api/v1/uploads?name=a.csv", TABLE)),
    "POST /api/v1/plans": ("duty", file("/api/v1/plans?name=a.yaml", b"a: [")),
    "POST /api/v1/plans/trial": ("duty", file("/api/v1/plans/trial?name=a.yaml", b"a: b")),
    "POST /api/v1/plans/{plan_id}/versions/{version}/paper": (
        "duty",
        file("/api/v1/plans/YA-DUST-CITY/versions/1/paper?name=a.pdf", b"%PDF-1.7 none"),
    ),
    "POST /api/v1/incidents/{incident_id}/attachments": ("duty", file("{incident}/attachments?name=a", photograph())),
    "POST /api/v1/incidents/{incident_id}/marks/file": ("duty", said("{incident}/marks/file", MARKS)),
    "POST /api/v1/alerts/check": ("duty", said("/api/v1/alerts/check", {"content": "<alert/>"})),
    "POST /api/v1/drills/{name}/msel": ("controller", file("/api/v1/drills/{drill}/msel?name=a.xlsx", b"PK none")),
    "POST /api/v1/drills/check": (
        "controller",
        said("/api/v1/drills/check", {"name": "a", "files": {"drill.toml": "a=1"}}),
    ),
}
"""Route -> who knocks, and with which file."""


@pytest.fixture(scope="module")
def addresses(served: Any) -> dict[str, str]:
    """What the routes need to be there."""
    with served.house.database.transaction(DRILL) as connection:
        rows.save_all(connection, sample.plans(), "test")
    report = {"title": "演练：来件", "longitude": 118.70, "latitude": 31.40, "occurred_at": "2026-11-22T08:00:00+08:00",
              "division_code": "990102"}  # fmt: skip
    with served.sign_in() as client:
        made = send(client, "/api/v1/incidents", json=report)
    assert made.status_code == 201, made.text
    return {"incident": f"/api/v1/incidents/{made.json()['incident_id']}", "drill": next(iter(reading.ready()))}


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[None]]:
    """A mark for each file that is read apart meanwhile."""
    seen: list[None] = []
    real = sandbox._main_left_alone

    @contextmanager
    def marked() -> Iterator[None]:
        seen.append(None)
        with real():
            yield

    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "_main_left_alone", marked)
        yield seen


def takes_a_file(document: dict[str, Any], operation: dict[str, Any]) -> bool:
    """Whether the body is a file, or a text field of it may be as long as one."""
    content = operation.get("requestBody", {}).get("content", {})
    if any(kind != "application/json" for kind in content):
        return True
    return any(_longest(document, body.get("schema", {}), 0) >= LONG for body in content.values())


def _longest(document: dict[str, Any], schema: Any, depth: int) -> int:
    if isinstance(schema, list):
        return max((_longest(document, one, depth) for one in schema), default=0)
    if not isinstance(schema, dict) or depth > 12:
        return 0
    if name := schema.get("$ref"):
        return _longest(document, document["components"]["schemas"][name.rpartition("/")[2]], depth + 1)
    own = int(schema.get("maxLength", 0)) if schema.get("type") == "string" else 0
    return max([own, *(_longest(document, one, depth + 1) for one in schema.values() if isinstance(one, dict | list))])


def routes_with_files(document: dict[str, Any]) -> set[str]:
    found = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if takes_a_file(document, operation)
    }
    large = {f"{method} {one.path}" for one in POLICIES if one.limit_bytes > 1_000_000 for method in one.methods}
    return found | large


def test_every_route_with_a_file_is_known(served: Any) -> None:
    with served.sign_in() as client:
        document = client.get("/api/v1/openapi.json").json()
    found = routes_with_files(document)
    assert found == set(KNOCKS) | set(SIGNED), found ^ (set(KNOCKS) | set(SIGNED))


@pytest.mark.protection("20", "23")
@pytest.mark.parametrize("route", KNOCKS)
def test_its_file_is_read_apart(
    route: str, served: Any, addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account, knock = KNOCKS[route]
    with served.sign_in(account) as client, counted(monkeypatch) as seen:
        answer = knock(client, addresses)
    assert answer.status_code in (200, 201, 422), answer.text
    assert seen, f"{route}: {answer.status_code}, and no process of its own read it"


def test_planted_a_route_that_reads_by_itself_is_found(
    served: Any, addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks_routes, "handed_in", read_marks)
    with served.sign_in() as client, counted(monkeypatch) as seen:
        answer = KNOCKS["POST /api/v1/incidents/{incident_id}/marks/file"][1](client, addresses)
    assert answer.status_code == 201
    assert not seen, "the planted reading was not counted, so the test above would pass over it"


def test_planted_a_new_route_with_a_file_is_found(served: Any) -> None:
    with served.sign_in() as client:
        document = client.get("/api/v1/openapi.json").json()
    before = routes_with_files(document)
    document["paths"]["/api/v1/new"] = {
        "post": {"requestBody": {"content": {"application/octet-stream": {}}}},
        "put": {"requestBody": {"content": {"application/json": {"schema": {"properties": {
            "text": {"type": "string", "maxLength": 500_000}}}}}}},
    }  # fmt: skip
    assert routes_with_files(document) - before == {"POST /api/v1/new", "PUT /api/v1/new"}
