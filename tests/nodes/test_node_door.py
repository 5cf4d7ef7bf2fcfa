"""Who gets in by the door between nodes, what is refused there, and does a refusal wait for a person?"""

import hashlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from command_ui.api import node_door
from gis.database import Caller
from gis.errors import InputError, MissingError
from scenarios import log
from scenarios.desk import ReportIncident
from scenarios.nodes import messages, outbox, signing
from scenarios.nodes.heads import public_pem
from scenarios.nodes.line import HEADS, MESSAGES, Line, LineError, RefusedThereError
from scenarios.nodes.neighbours import Neighbour, Own, reach_of
from scenarios.nodes.sender import Sender
from scenarios.witness import signing_key

CITY = Caller("duty", "990100", "990200", "drill")
EVERYBODY = Caller.system()
Until = Callable[..., float]


@pytest.fixture(scope="module")
def city(make_node: Callable[..., Any]) -> Any:
    return make_node("city-d", "演练市", "city", "990100")


@pytest.fixture(scope="module")
def province(make_node: Callable[..., Any], city: Any) -> Any:
    node = make_node("province-d", "演练省", "province", "990000")
    node.knows(city, relation="below", key=city.knows(node, relation="above"))
    city.exchange.sender.stop()
    return node


@pytest.fixture
def there(city: Any, province: Any) -> Neighbour:
    """The province as the city knows it."""
    with city.database.transaction(EVERYBODY) as connection:
        found: Neighbour = city.exchange.neighbours.one(connection, province.name)
    return found


@pytest.fixture
def line(city: Any, there: Neighbour) -> Iterator[Line]:
    opened = Line(city.exchange.own, there, timeout_s=60)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def incident(city: Any) -> UUID:
    moment = datetime.now(UTC)
    command = ReportIncident(title="门前", longitude=118.7, latitude=31.4, occurred_at=moment, known_at=moment,
                             channel="phone", division_code="990102")  # fmt: skip
    found: UUID = city.desk.report(command, CITY).incident_id
    for number in range(6):
        city.desk.note(found, f"第 {number} 行", CITY, key=uuid4())
    return found


def entry_message(city: Any, there: Neighbour, incident: UUID, seq: int) -> dict[str, Any]:
    """A sound copy of one entry, as the city would write it, as a dict to spoil."""
    with city.database.transaction(EVERYBODY) as connection:
        head = log.head(connection, incident)
        row = connection.exec_driver_sql(
            "SELECT * FROM record.entry WHERE incident_id = %s AND seq = %s", (incident, seq)
        ).one()
        known = city.desk.fold(connection, incident)
    made = messages.write(
        city.exchange.own, there, "entry", row.idem_key, head, known.title, row.recorded_at,
        about=messages.about(head, known) | {"seq": seq}, entry=messages.copy_of(row),
    )  # fmt: skip
    said: dict[str, Any] = json.loads(made.said)
    return said


def handed(said: dict[str, Any] | str, document: str = "") -> dict[str, Any]:
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    return {"said": text, "document": document, "sent_at": datetime.now(UTC).isoformat()}


def test_any_order_and_any_number_of_times_is_the_same(
    city: Any, province: Any, there: Neighbour, line: Line, incident: UUID
) -> None:
    said = {seq: entry_message(city, there, incident, seq) for seq in range(1, 8)}
    receipts: dict[int, Any] = {}
    for seq in (7, 3, 1, 6, 2, 5, 4, 3, 7):
        answer = line.post(MESSAGES, handed(said[seq]))
        replayed = answer.body.pop("replayed") if isinstance(answer.body, dict) else None
        assert replayed == (seq in receipts)
        assert receipts.setdefault(seq, answer.body) == answer.body
    copies = province.exchange.desk.entries(city.name, incident, Caller("x", "990000", "991000", "drill"))
    assert [row.seq for row in copies] == list(range(1, 8))
    about = province.rows("SELECT seq FROM nodes.foreign_incident WHERE incident_id = %s", incident)
    assert about == [(7,)]  # the summary that knows most, whichever came last
    assert abs(line.clock_off_s) < 30, "one machine, one clock: what a busy one adds is no hours"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda said: said | {"mode": "live"}, "mode"),
        (lambda said: said | {"receiver": "somebody-else"}, "receiver"),
        (lambda said: said | {"origin": "province-d"}, "origin"),
        (lambda said: said | {"more": 1}, "more"),
        (lambda said: said | {"entry": said["entry"] | {"actor": "somebody"}}, "hash"),
        (lambda said: said | {"entry": said["entry"] | {"payload": '{"text":"改写"}'}}, "hash"),
        (lambda said: said | {"entry": said["entry"] | {"mode": "live"}, "mode": "live"}, "hash"),
        (lambda said: said | {"entry": None}, "entry"),
        (lambda said: said | {"kind": "report"}, "envelope"),
        (lambda said: said | {"about": said["about"] | {"seq": -1}}, "about.seq"),
    ],
)  # fmt: skip
def test_what_is_not_sound_is_refused_and_leaves_nothing(
    city: Any, province: Any, there: Neighbour, line: Line, incident: UUID,
    spoil: Callable[[dict[str, Any]], dict[str, Any]], says: str,
) -> None:  # fmt: skip
    before = province.rows("SELECT count(*) FROM nodes.inbox")
    said = entry_message(city, there, incident, 4) | {"id": str(uuid4())}
    with pytest.raises(RefusedThereError, match=says):
        line.post(MESSAGES, handed(spoil(said)))
    assert province.rows("SELECT count(*) FROM nodes.inbox") == before


def test_another_text_under_a_key_is_refused_and_the_first_one_stays(
    city: Any, province: Any, there: Neighbour, line: Line, incident: UUID
) -> None:
    said = entry_message(city, there, incident, 5) | {"id": str(uuid4())}
    line.post(MESSAGES, handed(said))
    with pytest.raises(RefusedThereError, match="another text"):
        line.post(MESSAGES, handed(said | {"title": "别的"}))
    held = province.rows("SELECT title FROM nodes.inbox WHERE message_id = %s", UUID(said["id"]))
    assert held == [("门前",)]


def test_a_level_speaks_only_for_its_own_division(city: Any, province: Any) -> None:
    outside = Caller("duty", "980100", "980200", "drill")
    moment = datetime.now(UTC)
    command = ReportIncident(title="外省", longitude=118.7, latitude=31.4, occurred_at=moment, known_at=moment,
                             channel="phone", division_code="980102")  # fmt: skip
    elsewhere = city.desk.report(command, outside).incident_id
    with city.database.transaction(EVERYBODY) as connection:
        there = city.exchange.neighbours.one(connection, province.name)
    line = Line(city.exchange.own, there, timeout_s=60)
    with pytest.raises(RefusedThereError, match="division 980102"):
        line.post(MESSAGES, handed(entry_message(city, there, elsewhere, 1)))
    line.close()


def test_a_refused_message_waits_for_a_person_and_can_be_sent_again(
    city: Any, province: Any, there: Neighbour, incident: UUID
) -> None:
    said = entry_message(city, there, incident, 6) | {"id": str(uuid4()), "receiver": "nobody-here"}
    message = messages.Message.model_validate(said)
    with city.database.transaction(CITY) as connection:
        outbox.put(connection, there.name, messages.Written(message, json.dumps(said)), "990102")
    sender = Sender(city.desk, city.exchange.own, city.exchange.neighbours, city.folder / "keys")
    sender.carry_once(there.name)
    with city.sign_in("duty") as client:
        dead = client.get("/api/v1/nodes/outbox", params={"state": "dead"}).json()
        row = next(one for one in dead if one["message_id"] == said["id"])
        assert "receiver" in row["fault"] and row["attempts"] == 1
        assert client.get("/api/v1/nodes").json()["lines"][0]["dead"] >= 1
        again = client.post(f"/api/v1/nodes/outbox/{row['id']}/retry")
        assert again.status_code == 200 and again.json()["state"] in ("waiting", "sending", "dead")
        sender.carry_once(there.name)
        after = client.get("/api/v1/nodes/outbox", params={"state": "dead"}).json()
        assert next(one for one in after if one["id"] == row["id"])["attempts"] == 2
        sender.stop()
        assert client.post("/api/v1/nodes/outbox/999999999/retry").status_code == 404
    with city.sign_in("expert") as client:
        assert client.post(f"/api/v1/nodes/outbox/{row['id']}/retry").status_code == 403
    with city.sign_in("binjiang") as client:  # its division is the incident's: it sees the row as well
        assert client.get("/api/v1/nodes/outbox", params={"state": "dead"}).json()


def test_strangers_and_changed_bodies_are_told_nothing(province: Any, there: Neighbour, city: Any) -> None:
    key = there.key.get_secret_value()
    body = json.dumps(handed("{}")).encode()

    def post(authorization: str, content: bytes = body, path: str = MESSAGES) -> httpx.Response:
        return httpx.post(province.origin + path, content=content,
                          headers={"authorization": authorization, "content-type": "application/json"})  # fmt: skip

    good, _ = signing.header(key, city.name, province.name, MESSAGES, body)
    assert post(good).status_code == 422  # let in: refused for what it says
    refused = [
        post(""),
        post("Bearer nothing"),
        post(signing.header("x" * 40, city.name, province.name, MESSAGES, body)[0]),
        post(signing.header(key, "nobody", province.name, MESSAGES, body)[0]),
        post(signing.header(key, city.name, "another-receiver", MESSAGES, body)[0]),
        post(good, body.replace(b"{}", b"[]")),
        post(good, path=HEADS),
        post(signing.header(key, city.name, province.name, MESSAGES, body, clock_off_s=-400)[0]),
    ]
    assert {one.status_code for one in refused} == {401}
    assert len({json.dumps({k: v for k, v in one.json().items() if k != "request_id"}) for one in refused}) == 1
    assert all(signing.ANSWER_HEADER not in one.headers and signing.CLOCK_HEADER in one.headers for one in refused)
    # A sign-in of a person opens this door just as little.
    with province.sign_in("duty") as client:
        assert client.post(MESSAGES, json=handed("{}")).status_code == 401


def test_a_clock_ten_minutes_off_is_measured_and_cuts_no_line(
    line: Line, city: Any, province: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The province's clock is ten minutes ahead: it finds every signature of the city too old, and says its time.
    ahead = timedelta(minutes=10)
    monkeypatch.setattr(node_door, "_now", lambda: (datetime.now(UTC) + ahead).isoformat())
    monkeypatch.setattr(
        signing, "is_fresh", lambda signed, now: abs(now + ahead.total_seconds() - signed.at_s) <= signing.WINDOW_S
    )
    key = public_pem(signing_key(city.folder / "keys"))
    push = {"at": datetime.now(UTC).isoformat(), "public_key": key, "heads": [], "answers": []}
    answer = line.post(HEADS, push)
    assert answer.clock_off_s == pytest.approx(600, abs=60)  # less the time the answer took
    assert line.post(HEADS, push).clock_off_s == pytest.approx(600, abs=60)  # less the time the answer took


def test_an_answer_of_somebody_else_is_no_receipt_and_no_redirect_is_followed(city: Any, there: Neighbour) -> None:
    asked: list[str] = []

    class Impostor(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["content-length"]))
            if self.path == MESSAGES:
                body = json.dumps({"message_id": str(uuid4()), "sha256": "0" * 64, "replayed": False,
                                   "received_at": datetime.now(UTC).isoformat()}).encode()  # fmt: skip
                self.send_response(200)
            else:
                body = b""
                self.send_response(302)
                self.send_header("location", f"http://127.0.0.1:{self.server.server_address[1]}/elsewhere")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the names of the library

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Impostor)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    from dataclasses import replace

    false = replace(there, address=f"http://127.0.0.1:{server.server_address[1]}")
    line = Line(city.exchange.own, false, timeout_s=60)
    for path in (MESSAGES, HEADS):
        with pytest.raises(LineError) as caught:
            line.post(path, {})
        assert caught.value.trouble == "stranger"
    line.close()
    server.shutdown()
    server.server_close()
    assert asked == [MESSAGES, HEADS]


def test_no_route_takes_an_address_and_no_answer_shows_a_key(city: Any, there: Neighbour) -> None:
    with city.sign_in("duty") as client:
        document = client.get("/api/v1/openapi.json").json()
        shown = client.get("/api/v1/nodes").text
    ways = {f"{method} {path}" for path, methods in document["paths"].items() for method in methods if "/nodes" in path}
    assert {way for way in ways if not way.startswith("get")} == {
        "post /api/v1/nodes/messages", "post /api/v1/nodes/heads", "post /api/v1/nodes/outbox/{row_id}/retry",
        "post /api/v1/nodes/inbox/{origin}/{incident_id}/{message_id}/acknowledgement",
    }  # fmt: skip
    key = there.key.get_secret_value()
    assert key not in shown and there.address not in shown and key not in repr(there)
    sealed = city.rows("SELECT key_sealed FROM nodes.neighbour")
    assert all(key.encode() not in bytes(one) for (one,) in sealed)


@pytest.mark.parametrize(
    ("address", "plain", "sound"),
    [
        ("https://egis.example.org", False, True), ("https://10.1.2.3:8443/egis", False, True),
        ("http://127.0.0.1:5006", False, True), ("http://10.1.2.3:5006", True, True),
        ("http://10.1.2.3:5006", False, False), ("ftp://egis.example.org", False, False),
        ("https://user:pw@egis.example.org", False, False), ("https://egis.example.org/?a=1", False, False),
        ("file:///etc/passwd", False, False), ("https://", False, False), ("https://h:99999", False, False),
        ("", False, False),
    ],
)  # fmt: skip
def test_an_administrator_enters_only_sound_addresses(city: Any, address: str, plain: bool, sound: bool) -> None:
    def enter() -> None:
        with city.database.transaction(EVERYBODY) as connection:
            city.exchange.neighbours.add(
                connection, "try-it", title="试", level="county", relation="below", address=address,
                divisions="990102", plain=plain,
            )  # fmt: skip
            city.exchange.neighbours.remove(connection, "try-it")
            connection.rollback()

    if sound:
        enter()
    else:
        with pytest.raises(InputError, match="address"):
            enter()


def test_a_removed_neighbour_is_a_stranger_and_its_rows_stay(make_node: Callable[..., Any], city: Any) -> None:
    other = make_node("county-d", "滨江区", "county", "990102")
    other.exchange.sender.stop()
    key = city.knows(other, relation="below")
    other.knows(city, relation="above", key=key)
    with other.database.transaction(EVERYBODY) as connection:
        towards = other.exchange.neighbours.one(connection, city.name)
    line = Line(other.exchange.own, towards, timeout_s=60)
    with pytest.raises(RefusedThereError):
        line.post(MESSAGES, handed("{}"))
    with city.database.transaction(EVERYBODY) as connection:
        city.exchange.neighbours.remove(connection, other.name)
    with pytest.raises(LineError) as caught:
        line.post(MESSAGES, handed("{}"))
    assert caught.value.trouble == "key"
    line.close()
    with city.database.transaction(EVERYBODY) as connection, pytest.raises(MissingError):
        city.exchange.neighbours.one(connection, other.name)


def test_reach_follows_the_division_code() -> None:
    # GB/T 2260: two digits province, two city, two county; the range is half-open.
    assert reach_of("320000") == ("320000", "330000")
    assert reach_of("320400") == ("320400", "320500")
    assert reach_of("320402") == ("320402", "320403")
    assert reach_of("000000") == ("000000", "999999")
    assert Own("a", "a", "city", "320400").covers("320402")
    assert not Own("a", "a", "city", "320400").covers("320502")


def test_the_digest_a_receipt_names_is_that_of_the_text(
    city: Any, there: Neighbour, line: Line, incident: UUID
) -> None:
    said = json.dumps(entry_message(city, there, incident, 2) | {"id": str(uuid4())}, ensure_ascii=False)
    answer = line.post(MESSAGES, handed(said))
    assert answer.body["sha256"] == hashlib.sha256(said.encode()).hexdigest()
