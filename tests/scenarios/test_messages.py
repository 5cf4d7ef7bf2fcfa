"""Is everybody told once, whatever happens to gateway, line and process, and does the record say what came back?"""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError
from scenarios.desk import Desk, ReportIncident
from scenarios.events import IncidentClosed
from scenarios.messages import outbox
from scenarios.messages.desk import Heard, Lines, NewMessage
from scenarios.messages.fold import Message, named
from scenarios.messages.folder_gateway import FolderGateway
from scenarios.messages.gateway import GatewayDownError, Outgoing
from scenarios.messages.http_gateway import HttpGateway
from scenarios.messages.people import shortened
from scenarios.messages.sender import MessageSender
from scenarios.nodes.sender import Pace
from scenarios.orders.desk import NewOrder

LIVE = Caller("值班员", "990100", "990200", "live")
DRILL = Caller("演练值班员", "990100", "990200", "drill")
QUICK = Pace(look_s=0.05, first_wait_s=0.0, longest_wait_s=0.0, timeout_s=60.0, lease_s=600.0)
WANTED = NewMessage("text", "请开放避难场所", name="演练值守人", phone="13900001234")
_COLUMNS = "valid_from, source_system, as_of, division_code, mode"
_TEAM = text(
    "INSERT INTO layers.rescue_team (id, name, pinyin, initials, kind, people, vehicles, status, phone, geometry, "
    f"{_COLUMNS}) VALUES (:id, '演练危化队', 'yanlianweihuadui', 'ylwhd', 'hazmat', 5, 1, 'ready', '13900005678', "
    "ST_SetSRID(ST_MakePoint(118.70, 31.40), 4490), now(), 'test', now(), '990102', :mode)"
)


class FakeGateway:
    """
    A real HTTP server that behaves as a gateway: what it has taken under a key it sends once.

    ``sent`` counts what really went to each telephone; `says` sets how a message stands from now on; `lose` takes so
    many messages and cuts the line before it answers.
    """

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.sent: list[dict[str, Any]] = []
        self.tokens: set[str] = set()
        self.lose = 0
        self.refuse = 0
        self.first: dict[str, Any] = {"state": "sent"}
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                fake.tokens.add(self.headers.get("authorization", ""))
                if fake.refuse:
                    return self.answer(fake.refuse, {})
                key = self.headers["idempotency-key"]
                if key not in fake.kept:
                    fake.kept[key] = dict(fake.first)
                    fake.sent.append(body)
                if fake.lose:
                    fake.lose -= 1
                    self.close_connection = True
                    return None
                return self.answer(202, fake.kept[key])

            def do_GET(self) -> None:
                known = fake.kept.get(self.path.rpartition("/")[2])
                self.answer(200 if known else 404, known or {})

            def answer(self, status: int, body: dict[str, Any]) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def says(self, **outcome: Any) -> None:
        for one in self.kept.values():
            one.update(outcome)

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def desk(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    for caller in (LIVE, DRILL):
        with database.transaction(caller) as connection:
            connection.execute(_TEAM, {"id": f"DW-{caller.mode}", "mode": caller.mode})
    made = Desk(database, Path(tmp_path_factory.mktemp("house")) / "networks")
    made.messages.lines = Lines(gateway=True)
    return made


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    made = FakeGateway()
    yield made
    made.stop()


@pytest.fixture
def line() -> Iterator[Callable[..., HttpGateway]]:
    """Make adapters; all are closed at the end."""
    made: list[HttpGateway] = []

    def begin(address: str, token: str = "", timeout_s: float = 60.0) -> HttpGateway:
        made.append(HttpGateway(address, token, timeout_s=timeout_s))
        return made[-1]

    yield begin
    for one in made:
        one.close()


@pytest.fixture
def sender(desk: Desk, gateway: FakeGateway, line: Callable[..., HttpGateway]) -> MessageSender:
    with desk.database.transaction(Caller.system()) as connection:
        connection.execute(text("UPDATE messaging.outbox SET state = 'ended'"))  # what another test left behind
    return MessageSender(desk, line(gateway.address, "geheim"), pace=QUICK)


def opened(desk: Desk, caller: Caller = LIVE) -> UUID:
    report = ReportIncident("氯气泄漏", 118.70, 31.40, datetime.now(UTC), division_code="990102")
    return desk.report(report, caller).incident_id


def of(desk: Desk, incident: UUID, message_id: str, caller: Caller = LIVE) -> Message:
    found = named(desk.situation(incident, caller=caller).messages, message_id)
    assert found is not None
    return found


def told(desk: Desk, incident: UUID, message_id: str, caller: Caller) -> str:
    with desk.database.transaction(caller) as connection:
        found = outbox.told_of(connection, incident, message_id)
    assert found is not None
    return found["phone"]


def test_a_text_goes_out_arrives_and_is_answered(desk: Desk, sender: MessageSender, gateway: FakeGateway) -> None:
    incident = opened(desk)
    message_id, _ = desk.messages.send(incident, WANTED, LIVE)
    assert of(desk, incident, message_id).state == "queued"
    sender.carry_once()
    assert of(desk, incident, message_id).state == "sent"
    gateway.says(state="delivered")
    sender.carry_once()
    gateway.says(state="answered", text="收到，马上到\u0000", at="2026-11-22T14:05:00+08:00")
    sender.carry_once()
    sender.carry_once()
    message = of(desk, incident, message_id)
    assert (message.name, message.state) == ("T-01", "answered")
    assert [one.said.to for one in message.steps] == ["sent", "delivered", "answered"]
    assert message.steps[-1].said.text == "收到，马上到" and message.steps[-1].said.at is not None
    assert {one.actor for one in message.steps} == {"system"} and message.actor == "值班员"
    # the gateway got the number and our word; the record holds the number shortened only
    assert [(one["to"], one["text"], one["kind"]) for one in gateway.sent] == [
        ("13900001234", "请开放避难场所", "text")
    ]
    assert gateway.tokens == {"Bearer geheim"}
    said = json.dumps([one.payload for one in desk.entries(incident, caller=LIVE)], ensure_ascii=False)
    assert "13900001234" not in said and "139****1234" in said


def test_a_dead_gateway_loses_nothing_and_a_lost_answer_doubles_nothing(
    desk: Desk, sender: MessageSender, gateway: FakeGateway, line: Callable[..., HttpGateway]
) -> None:
    incident = opened(desk)
    down = MessageSender(desk, line("http://127.0.0.1:9", timeout_s=0.5), pace=QUICK)
    made = [desk.messages.send(incident, WANTED, LIVE)[0] for _ in range(3)]
    for _ in range(3):
        down.carry_once()
    waits = desk.messages.waits(incident, LIVE)
    assert {one.state for one in waits.values()} == {"waiting"} and all(one.fault for one in waits.values())
    assert {of(desk, incident, one).state for one in made} == {"queued"}
    assert desk.situation(incident, caller=LIVE).seq == 4  # waiting itself says nothing in the record
    gateway.lose = 2
    for _ in range(4):
        sender.carry_once()
    assert {of(desk, incident, one).state for one in made} == {"sent"}
    assert len(gateway.sent) == 3
    assert len({one["key"] for one in gateway.sent}) == 3


def test_a_process_that_was_killed_with_a_message_in_hand_doubles_nothing(
    desk: Desk, sender: MessageSender, gateway: FakeGateway, line: Callable[..., HttpGateway]
) -> None:
    incident = opened(desk)
    message_id, _ = desk.messages.send(incident, WANTED, LIVE)
    with desk.database.transaction(Caller.system()) as connection:
        (due,) = outbox.claim(connection, 20, 3600.0)
    line(gateway.address).hand_over(Outgoing(due.key, due.kind, due.phone, due.name, due.said))
    assert sender.carry_once() == 0  # the lease of the dead one still runs
    with desk.database.transaction(Caller.system()) as connection:
        connection.execute(text("UPDATE messaging.outbox SET leased_until = now() - interval '1 s' WHERE id = :id"),
                           {"id": due.id})  # fmt: skip
    again = Desk(desk.database, desk.networks_dir)  # a new process: nothing but the database
    MessageSender(again, line(gateway.address), pace=QUICK).carry_once()
    assert of(again, incident, message_id).state == "sent" and len(gateway.sent) == 1


def test_several_processes_hand_each_message_over_once(
    desk: Desk, sender: MessageSender, gateway: FakeGateway, line: Callable[..., HttpGateway]
) -> None:
    incident = opened(desk)
    for _ in range(12):
        desk.messages.send(incident, WANTED, LIVE)
    others = [MessageSender(desk, line(gateway.address), pace=replace(QUICK, at_once=3)) for _ in range(4)]
    threads = [threading.Thread(target=one.carry_once) for one in others for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    sender.carry_once()
    messages = desk.situation(incident, caller=LIVE).messages
    assert {one.state for one in messages} == {"sent"} and len(gateway.sent) == 12
    assert all(len(one.steps) == 1 for one in messages)


def test_what_may_succeed_is_tried_again_and_then_a_person_decides(
    desk: Desk, sender: MessageSender, gateway: FakeGateway
) -> None:
    incident = opened(desk)
    gateway.first = {"state": "failed", "reason": "关机", "retry": True}
    message_id, _ = desk.messages.send(incident, WANTED, LIVE)
    for _ in range(5):
        sender.carry_once()
    message = of(desk, incident, message_id)
    assert (message.state, message.round) == ("failed", 3)
    assert [one.said.final for one in message.steps] == [False, False, True]
    assert len({one["key"] for one in gateway.sent}) == 3
    gateway.first = {"state": "delivered"}
    key = uuid4()
    first = desk.messages.again(incident, message_id, LIVE, key=key)
    assert desk.messages.again(incident, message_id, LIVE, key=key).seq == first.seq
    sender.carry_once()
    assert of(desk, incident, message_id).state == "delivered" and len(gateway.sent) == 4
    with pytest.raises(ConflictError, match="T-01 is delivered"):
        desk.messages.again(incident, message_id, LIVE)


def test_a_gateway_that_refuses_is_believed_and_one_that_talks_nonsense_is_not(
    desk: Desk, sender: MessageSender, gateway: FakeGateway
) -> None:
    incident = opened(desk)
    gateway.refuse = 422
    message_id, _ = desk.messages.send(incident, WANTED, LIVE)
    sender.carry_once()
    assert of(desk, incident, message_id).state == "failed"
    for status in (401, 429, 500, 302):
        gateway.refuse = status
        other, _ = desk.messages.send(incident, WANTED, LIVE)
        sender.carry_once()
        assert of(desk, incident, other).state == "queued", status
    gateway.refuse, gateway.first = 0, {"state": "gesendet"}
    sender.carry_once()
    assert {one.state for one in desk.situation(incident, caller=LIVE).messages} == {"failed", "queued"}


def test_an_exercise_is_marked_and_never_leaves_the_house(
    desk: Desk, sender: MessageSender, gateway: FakeGateway
) -> None:
    incident = opened(desk, DRILL)
    message_id, _ = desk.messages.send(incident, WANTED, DRILL)
    call_id, _ = desk.messages.send(incident, replace(WANTED, kind="call"), DRILL)
    sender.carry_once()
    sender.carry_once()
    message, call = of(desk, incident, message_id, DRILL), of(desk, incident, call_id, DRILL)
    assert (message.state, message.put.way) == ("delivered", "exercise") and call.state == "sent"
    assert message.put.text == "【演练】请开放避难场所"
    desk.messages.heard(incident, call_id, Heard("answered", "已转达", 40), DRILL)
    assert of(desk, incident, call_id, DRILL).state == "answered"
    assert gateway.sent == [] and gateway.tokens == set()


def test_a_call_made_by_hand_is_written_down_with_what_was_said(desk: Desk) -> None:
    incident, key = opened(desk), uuid4()
    wanted = replace(WANTED, kind="call", by_hand=True)
    for _ in range(2):
        message_id, _ = desk.messages.send(incident, wanted, LIVE, key=key, heard=Heard("answered", "马上撤", 65))
    message = of(desk, incident, message_id)
    assert (message.state, message.steps[0].said.duration_s, len(message.steps)) == ("answered", 65, 1)
    later, _ = desk.messages.send(incident, wanted, LIVE)
    assert of(desk, incident, later).state == "by_hand"
    assert told(desk, incident, later, LIVE) == "139****1234"
    assert told(desk, incident, later, LIVE.seeing_personal()) == "13900001234"
    with pytest.raises(ConflictError, match="by hand"):
        desk.messages.again(incident, later, LIVE)
    desk.messages.heard(incident, later, Heard("failed"), LIVE)
    assert of(desk, incident, later).state == "failed"
    desk.messages.heard(incident, later, Heard("answered", "回电"), LIVE)  # they rang back
    with pytest.raises(ConflictError, match="known already"):
        desk.messages.heard(incident, later, Heard("failed"), LIVE)


def test_a_retry_puts_nothing_out_twice_and_faults_come_at_once(desk: Desk) -> None:
    incident, key = opened(desk), uuid4()
    first = desk.messages.send(incident, WANTED, LIVE, key=key)
    again = desk.messages.send(incident, WANTED, LIVE, key=key)
    assert first[0] == again[0] and again[1].replayed and len(desk.messages.waits(incident, LIVE)) == 1
    with pytest.raises(InputError, match="key"):
        desk.messages.send(incident, replace(WANTED, text="别的"), LIVE, key=key)
    with pytest.raises(InputError) as caught:
        desk.messages.send(incident, NewMessage("text", " ", name=" ", phone="call me"), LIVE)
    assert len(caught.value.faults) == 3
    for wanted in (NewMessage("text", "x", "team", "DW-none"), replace(WANTED, order_id="O-none")):
        with pytest.raises(MissingError):
            desk.messages.send(incident, wanted, LIVE)
    seq = desk.situation(incident, caller=LIVE).seq
    desk.record(incident, IncidentClosed("结束"), LIVE, expected_seq=seq)
    with pytest.raises(ConflictError, match="closed"):
        desk.messages.send(incident, WANTED, LIVE)


def test_the_unit_of_an_order_is_told_and_the_commander_when_it_is_late(
    desk: Desk, sender: MessageSender, gateway: FakeGateway
) -> None:
    incident = opened(desk)
    order_id, receipt = desk.orders.draft(
        incident, NewOrder("演练危化队", "西门堵漏", unit_id="DW-live"), LIVE, issue=True
    )
    other, _ = desk.orders.draft(incident, NewOrder("公安", "封控外围"), LIVE, issue=True)
    told, _ = desk.messages.tell_owner(incident, order_id, "text", LIVE, key=uuid4(), caused_by=(receipt.seq,))
    dialled, _ = desk.messages.tell_owner(incident, other, "text", LIVE, key=uuid4())
    assert of(desk, incident, told).put.text == "Z-01 西门堵漏"
    assert of(desk, incident, dialled).state == "by_hand"  # no register names the number: somebody dials, none is lost
    desk.orders.escalate(LIVE, datetime.now(UTC) + timedelta(hours=2))
    assert desk.messages.tell_overdue(LIVE) == 0  # the settings name nobody
    desk.messages.lines = Lines(gateway=True, duty_phone="13800000001")
    try:
        assert desk.messages.tell_overdue(LIVE) >= 2
        assert desk.messages.tell_overdue(LIVE) == 0
    finally:
        desk.messages.lines = Lines(gateway=True)
    overdue = [one for one in desk.situation(incident, caller=LIVE).messages if one.put.occasion == "overdue"]
    assert len(overdue) == 2 and all("逾期未签收" in one.put.text for one in overdue)
    sender.carry_once()
    assert {one["to"] for one in gateway.sent} == {"13900005678", "13800000001"}


def test_people_are_found_by_what_the_incident_names_and_by_words(desk: Desk) -> None:
    incident = opened(desk)
    assert desk.messages.people(incident, LIVE) == []
    found = desk.messages.people(incident, LIVE, "ylwh")
    assert [(one.id, one.reach, one.concerned) for one in found] == [("DW-live", "team", False)]
    desk.orders.draft(incident, NewOrder("演练危化队", "西门堵漏", unit_id="DW-live"), LIVE)
    assert desk.messages.people(incident, LIVE)[0].concerned
    assert desk.messages.people(incident, LIVE, "%") == []  # no wildcard, only what is written
    assert shortened("0519-88123456") == "051****3456" and shortened("119") == "119"


def test_a_folder_is_a_gateway_too(tmp_path: Path) -> None:
    carrier, message = FolderGateway(tmp_path), Outgoing(uuid4(), "text", "13900001234", "演练", "集结")
    assert carrier.hand_over(message).state == "queued"
    path = tmp_path / "out" / f"{message.key}.json"
    written = path.read_bytes()
    assert json.loads(written)["to"] == "13900001234"
    assert carrier.hand_over(message).state == "queued" and path.read_bytes() == written
    (tmp_path / "in").mkdir()
    answer = tmp_path / "in" / f"{message.key}.json"
    answer.write_text('{"state": "answered", "text": "收到"}', encoding="utf-8")
    assert (carrier.look(message.key).state, carrier.look(message.key).text) == ("answered", "收到")
    answer.write_text("{", encoding="utf-8")
    with pytest.raises(GatewayDownError):
        carrier.look(message.key)


@pytest.mark.parametrize("address", ["ftp://x", "http://", "https://u:p@x", "javascript:1", "http://x?y=1"])
def test_only_a_plain_address_is_a_gateway(address: str) -> None:
    with pytest.raises(InputError):
        HttpGateway(address)
