"""Does a name or a number leave the house by any way but the eye? Planted ones are looked for in every byte."""

import io
import json
import re
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from command_ui.access.policies import POLICIES, Policy
from gis import masking, personal
from gis.database import Caller, Database
from layers import catalogue, exporting
from layers.personal import ATTRIBUTES, COLUMNS, columns_of
from scenarios.personal import FIELDS

DRILL = Caller("loader", "990100", "990200", "drill")
WHO, NUMBER = "欧阳测", "13987654321"
CALLER, HOTLINE = "上官试", "13976543210"
"""Planted in every personal column of every layer, and as reporter of an incident."""

OPEN_TO_READ = re.compile(r"\{(\w+)(?::path)?\}")


@pytest.fixture(scope="module")
def planted(database: Database, owner_database: Database) -> Database:
    """The sample city with one name and one number in every personal column of it."""
    from layers.sample.city import generate
    from layers.sample.load import load

    with database.transaction(DRILL) as connection:
        load(connection, generate())
    where = {"enterprise": "hazard_level IS NOT NULL"}
    with owner_database.transaction(DRILL) as connection:
        for table, columns in COLUMNS.items():
            for column, kind in columns.items():
                value = NUMBER if kind == "phone" else WHO
                statement = f"UPDATE layers.{table} SET {column} = :value WHERE {where.get(table, 'true')}"
                connection.execute(text(statement), {"value": value})
        connection.execute(
            text("UPDATE layers.register_row SET attributes = attributes || CAST(:planted AS jsonb)"),
            {"planted": json.dumps({name: NUMBER if kind == "phone" else WHO for name, kind in ATTRIBUTES.items()})},
        )
    return database


@pytest.fixture(scope="module")
def incident(planted: Database, served: Any) -> str:
    """An incident somebody called in by 12350, with a note, a report and a roll-call."""
    with served.sign_in() as client:
        told = {
            "title": "演练：氯气泄漏", "longitude": 118.7, "latitude": 31.4,
            "occurred_at": "2026-11-22T14:00:00+08:00", "known_at": "2026-11-22T14:01:00+08:00",
            "channel": "hotline_12350", "reported_by": f"{CALLER} {HOTLINE}", "place": "演练市化工园",
            "division_code": "990102", "event_code": "", "text": f"举报人电话 {HOTLINE}", "case": None, "alarms": [],
        }  # fmt: skip
        answer = client.post("/api/v1/incidents", json=told, headers={"idempotency-key": str(uuid.uuid4())})
        assert answer.status_code == 201, answer.text
        name = str(answer.json()["incident_id"])
        for payload in (
            {"kind": "note", "payload": {"text": f"已回拨 {HOTLINE}"}},
            {"kind": "report_sent", "payload": {
                "stage": "first", "channel": "written", "number": 1, "sent_to": "演练省应急管理厅",
                "sent_at": "2026-11-22T14:20:00+08:00", "text": "首报", "contact": f"{CALLER} {HOTLINE}"}},
        ):  # fmt: skip
            sent = client.post(f"/api/v1/incidents/{name}/entries", json=payload,
                               headers={"idempotency-key": str(uuid.uuid4())})  # fmt: skip
            assert sent.status_code == 201, sent.text
        posts = client.get("/api/v1/roll-calls")
        assert posts.status_code == 200
    return name


@pytest.fixture
def viewer(served: Any, incident: str) -> Iterator[Any]:
    """Somebody of a member department: looks, and may not see who called."""
    assert incident
    with served.sign_in("expert") as client:
        client.timeout = 300
        yield client


def holds(content: bytes) -> list[str]:
    """Planted texts in the bytes of an answer, also inside workbooks and compressed streams of a PDF."""
    parts = [content]
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as pack:
            parts += [pack.read(name) for name in pack.namelist()]
    if content[:4] == b"%PDF":
        import pypdf

        parts.append("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages).encode())
    whole = b"\n".join(parts)
    escaped = [json.dumps(one)[1:-1].encode() for one in (WHO, CALLER)]
    wanted = [one.encode() for one in (WHO, NUMBER, CALLER, HOTLINE)] + escaped
    return [one.decode() for one in wanted if one in whole]


def addresses(policy: Policy, incident: str, ids: dict[str, str]) -> list[str]:
    """Addresses of a declared way out, with what is known filled in; every layer and format where it has them."""
    found = [policy.path]
    fills = {
        "layer": [one.key for one in catalogue.LAYERS if one.connected],
        "key": ["enterprise", "shelter", "rescue_team", "store", "protection_target", "register_row"],
    }
    for name in OPEN_TO_READ.findall(policy.path):
        fill = fills.get(name) or [ids.get(name, "1")]
        if name == "incident_id":
            fill = [incident]
        found = [re.sub(r"\{" + name + r"(:path)?\}", str(value), one) for one in found for value in fill]
    if policy.path in ("/api/v1/layers/{layer}/export", "/api/v1/layers/{layer}/rows"):
        # Sixty thousand enterprises would be written as often; those of the risks are the ones that were planted.
        large = {one.key for one in catalogue.LAYERS if one.table == "enterprise"}
        found = [f"{one}?where=hazard_level<=4" if one.split("/")[4] in large else f"{one}?limit=50" for one in found
                 if one.split("/")[4] != "population_cell"]  # fmt: skip
    if policy.path == "/api/v1/layers/{layer}/export":
        found = [f"{one}&format={kind}" for one in found for kind in exporting.FORMATS]
    return [f"{one}{'&' if '?' in one else '?'}{QUERY[policy.path]}" if policy.path in QUERY else one for one in found]


QUERY = {
    "/api/v1/search": "q=演练", "/api/v1/incidents/{incident_id}/replay/differences": "first=1&second=2",
    "/ogc/collections/{key}/items": "limit=50",
}  # fmt: skip
ENDLESS = frozenset({"/api/v1/feed"})
"""An answer that never ends is read by the test of the feed."""


def ids_of(database: Database) -> dict[str, str]:
    with database.transaction(DRILL) as connection:
        firm = connection.execute(
            text("SELECT enterprise_id FROM layers.hazard_source WHERE superseded_at IS NULL ORDER BY id LIMIT 1")
        ).scalar_one()
    return {"enterprise_id": firm, "feature_id": firm, "entry": "3", "seq": "1", "matrix": "WebMercatorQuad",
            "language": "zh", "number": "1", "z": "12", "x": "3399", "y": "1670"}  # fmt: skip


@pytest.mark.protection("35")
def test_the_usual_ways_out_give_nothing_that_was_planted(planted: Database, incident: str, served: Any) -> None:
    """Card, dossier, lists, file formats, entries and situation: also for a role that could press the eye."""
    firm, leaks = ids_of(planted)["feature_id"], []
    with served.sign_in() as officer:
        for address in (
            f"/api/v1/layers/enterprise/{firm}", f"/api/v1/enterprises/{firm}/file", "/api/v1/layers/shelter/rows",
            *[f"/api/v1/layers/store/export?format={kind}" for kind in exporting.FORMATS],
            f"/api/v1/incidents/{incident}/entries", f"/api/v1/incidents/{incident}/situation",
            f"/api/v1/incidents/{incident}/reports", "/api/v1/roll-calls", "/api/v1/plans",
        ):  # fmt: skip
            answer = officer.get(address)
            assert answer.status_code == 200, address
            leaks += [(address, one) for one in holds(answer.content)]
    assert leaks == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_declared_way_out_gives_what_was_planted(planted: Database, incident: str, viewer: Any, served: Any) -> None:
    """Every GET the policies declare, as a member department and as the duty officer: nothing of it in any byte."""
    ids, leaks, answered = ids_of(planted), [], 0
    out = [one for one in POLICIES if "GET" in one.methods and one.who in ("look", "someone", "report")]
    out = [one for one in out if one.path not in ENDLESS and not one.path.startswith(("/static", "/components"))]
    with served.sign_in() as officer:
        for policy in out:
            for address in addresses(policy, incident, ids):
                client = officer if policy.who == "report" else viewer
                answer = client.get(address)
                assert answer.status_code < 500, (address, answer.text[:200])
                answered += answer.status_code == 200
                leaks += [(address, one) for one in holds(answer.content)]
    assert leaks == []
    assert answered > 120, f"only {answered} ways out answered: the walk has lost its way"


def test_the_walk_finds_a_leak(planted: Database, viewer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test of the test: with the mask lifted, the same walk finds what was planted."""
    monkeypatch.setattr(personal, "_masked", lambda _connection, _answer: ())
    firm = ids_of(planted)["feature_id"]
    assert set(holds(viewer.get(f"/api/v1/layers/enterprise/{firm}").content)) >= {WHO, NUMBER}
    for kind in ("csv", "xlsx", "geojson", "gpkg"):
        assert holds(viewer.get(f"/api/v1/layers/shelter/export?format={kind}").content), kind


def audit_lines(database: Database, event: str) -> list[dict[str, Any]]:
    with database.transaction(Caller.system()) as connection:
        rows = connection.execute(
            text("SELECT actor, object, detail FROM access.audit_entry WHERE event = :event ORDER BY day, seq"),
            {"event": event},
        )
        return [{"actor": row.actor, "object": row.object, **json.loads(row.detail)} for row in rows]


@pytest.mark.protection("35")
def test_the_eye_shows_one_row_and_leaves_one_line(planted: Database, served: Any, viewer: Any) -> None:
    firm = ids_of(planted)["feature_id"]
    address = f"/api/v1/layers/enterprise/{firm}/unmask"
    assert viewer.post(address, json={"reason": "好奇"}).status_code == 403
    before = len(audit_lines(planted, "unmasked"))
    with served.sign_in() as officer:
        assert officer.post(address, json={"reason": " "}).status_code == 422
        assert officer.post(address, json={}).status_code == 422
        assert len(audit_lines(planted, "unmasked")) == before, "what was not shown is not written down as shown"
        answer = officer.post(address, json={"reason": "查岗核实"})
    assert answer.json()["values"] == {"safety_head": WHO, "duty_phone": NUMBER}
    lines = audit_lines(planted, "unmasked")[before:]
    assert [(one["actor"], one["object"], one["reason"], one["columns"]) for one in lines] == [
        ("duty", f"enterprise/{firm}", "查岗核实", ["safety_head", "duty_phone"])
    ]


def test_who_called_is_shown_on_an_entry_only_with_a_reason(planted: Database, served: Any, incident: str) -> None:
    with served.sign_in() as officer:
        entries = officer.get(f"/api/v1/incidents/{incident}/entries").json()
        said = next(one for one in entries["entries"] if one["kind"] == "incident_reported")
        assert said["payload"]["reported_by"] == "上**"
        answer = officer.post(f"/api/v1/incidents/{incident}/entries/{said['seq']}/unmask", json={"reason": "回拨核实"})
    assert answer.json()["values"]["reported_by"] == f"{CALLER} {HOTLINE}"
    assert audit_lines(planted, "unmasked")[-1]["reason"] == "回拨核实"


def test_an_export_with_names_needs_the_right_and_counts_its_rows(planted: Database, served: Any, viewer: Any) -> None:
    address = "/api/v1/layers/shelter/export"
    assert viewer.get(address, params={"reason": "想要名单"}).status_code == 403
    with served.sign_in() as officer:
        answer = officer.get(address, params={"reason": "开启避难场所联系"})
    assert {WHO, NUMBER} <= set(holds(answer.content))
    line = audit_lines(planted, "unmasked")[-1]
    assert line["rows"] == int(answer.headers["x-row-count"]) > 0
    assert line["columns"] == ["manager", "phone"]


def test_rows_cannot_be_found_by_a_number(viewer: Any) -> None:
    """Asking whether a number is this one, often enough, would tell it."""
    for condition in (f"phone={NUMBER}", "phone~139", "manager=欧阳测"):
        answer = viewer.get("/api/v1/layers/shelter/count", params={"where": condition})
        assert answer.status_code == 422
        assert "personal" in answer.json()["message"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT phone FROM layers.shelter LIMIT 3",
        "SELECT phone AS harmless FROM layers.shelter LIMIT 3",
        "SELECT inner_.x FROM (SELECT phone AS x FROM layers.shelter) AS inner_ LIMIT 3",
        "WITH one AS (SELECT phone AS x FROM layers.shelter) SELECT x FROM one LIMIT 3",
        "SELECT coalesce(phone, '') AS phone FROM layers.shelter LIMIT 3",
        "SELECT phone FROM layers.shelter UNION SELECT phone FROM layers.store LIMIT 3",
        "SELECT attributes FROM layers.register_row WHERE attributes ? 'phone' LIMIT 3",
        "SELECT attributes ->> 'phone' AS phone FROM layers.register_row WHERE attributes ? 'phone' LIMIT 3",
    ],
)
def test_the_door_masks_statements_nobody_thought_of(planted: Database, statement: str) -> None:
    with planted.transaction(DRILL) as connection:
        rows = connection.execute(text(statement)).all()
    assert rows
    assert NUMBER not in repr(rows)
    assert "139****4321" in repr(rows)
    with planted.transaction(DRILL.seeing_personal()) as connection:
        assert NUMBER in repr(connection.execute(text(statement)).all())


def test_a_pooled_connection_forgets_that_it_was_shown(planted: Database) -> None:
    for _ in range(20):
        with planted.transaction(DRILL.seeing_personal()) as connection:
            assert connection.execute(text("SELECT phone FROM layers.store LIMIT 1")).scalar_one() == NUMBER
        with planted.transaction(Caller.system()) as connection:
            found = connection.execute(text("SELECT phone FROM layers.store LIMIT 1")).scalars().all()
            assert NUMBER not in found


def test_what_is_declared_in_the_code_is_declared_in_the_database(database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        rows = connection.execute(text("SELECT place, name, kind, keys FROM access.personal_column")).all()
        there = {(row.place, row.name): row.keys or row.kind for row in rows}
        for table, columns in COLUMNS.items():
            for column, kind in columns.items():
                assert there[f"layers.{table}", column] == kind
        assert there["layers.register_row", "attributes"] == dict(ATTRIBUTES)
        missing = [
            (row.place, row.name)
            for row in rows
            if not connection.execute(
                text("SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass(:place) AND attname = :name"),
                {"place": row.place, "name": row.name},
            ).first()
        ]
    assert missing == []


PERSONAL_NAMES = re.compile(
    r"phone|manager|safety_head|contact|reported_by|answered_by|warden|^person$|inspector|mobile"
)
KNOWN_OPEN = {
    ("access", "account", "person"): "personnel number, seen by the administrators who keep the accounts",
    ("reporting", "draft", "person"): "account that writes the draft; nobody else reads it",
    ("access", "personal_column", "name"): "names of columns",
}


@pytest.mark.protection("34")
def test_a_column_that_looks_personal_is_declared_or_has_a_reason(database: Database) -> None:
    """等保 34: an undeclared field fails the build."""
    with database.transaction(Caller.system()) as connection:
        declared = {tuple(row) for row in connection.execute(text("SELECT place, name FROM access.personal_column"))}
        columns = connection.execute(
            text(
                "SELECT n.nspname, c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
                " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND a.attnum > 0"
                " AND NOT a.attisdropped AND n.nspname !~ '^pg_|information_schema'"
            )
        ).all()
    loose = [
        tuple(one)
        for one in columns
        if PERSONAL_NAMES.search(one[2])
        and (f"{one[0]}.{one[1]}", one[2]) not in declared
        and tuple(one) not in KNOWN_OPEN
    ]
    assert loose == []
    for register in (one for one in catalogue.LAYERS if one.mirrored):
        loose_keys = [name for name in register.columns if PERSONAL_NAMES.search(name) and name not in ATTRIBUTES]
        assert loose_keys == [], register.key


def test_fields_of_entries_exist(database: Database) -> None:
    from scenarios.events import KINDS

    kinds = {kind.code: kind for kind in KINDS}
    for code, keys in FIELDS.items():
        assert set(keys) <= set(kinds[code].__dataclass_fields__), code
    assert columns_of(catalogue.layer("expert")) == ("person", "phone")
    assert database


def test_masks_keep_what_must_be_read() -> None:
    assert masking.words("共 1380 人，2026-11-22，YL-2026-0001，118.98765432101") == (
        "共 1380 人，2026-11-22，YL-2026-0001，118.98765432101"
    )
    assert masking.party("市交警支队（演练）") == "市交警支队（演练）"
    assert masking.words("身份证 990102199001011234") == "身份证 990****1234"
