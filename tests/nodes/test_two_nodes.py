"""City and province, two real nodes: does what is reported go up, what is ordered come down, and each thing once?"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection

from gis.database import Caller
from scenarios.desk import Desk, ReportIncident
from scenarios.events import CasualtiesReported, ResponseLevelSet
from scenarios.exchange import envelope
from scenarios.nodes import outbox
from scenarios.nodes.line import Answer, Line, LineError
from scenarios.nodes.sender import Sender
from scenarios.orders.writing import NewOrder
from scenarios.reports.events import ReportSent

CITY = Caller("duty", "990100", "990200", "drill")
LIVE = Caller("duty", "990100", "990200", "live")
PROVINCE = Caller("duty", "990000", "991000", "drill")
Until = Callable[..., float]


@pytest.fixture(scope="module")
def city(make_node: Callable[..., Any]) -> Any:
    return make_node("city-yl", "演练市", "city", "990100")


@pytest.fixture(scope="module")
def province(make_node: Callable[..., Any], city: Any) -> Any:
    node = make_node("province-yl", "演练省", "province", "990000")
    key = city.knows(node, relation="above")
    node.knows(city, relation="below", key=key)
    return node


def opened(desk: Desk, caller: Caller = CITY, title: str = "氯气泄漏") -> UUID:
    moment = datetime.now(UTC)
    command = ReportIncident(
        title=title, longitude=118.7, latitude=31.4, occurred_at=moment, known_at=moment, channel="phone",
        division_code="990102", place="演练园区",
    )  # fmt: skip
    return desk.report(command, caller).incident_id


def reported(desk: Desk, incident: UUID, caller: Caller = CITY) -> int:
    """The first report goes up."""

    def write(_known: Any, number: int) -> ReportSent:
        return ReportSent(
            "first", "written", number, "演练省应急厅", datetime.now(UTC), text="书面首报", title="事故快报"
        )

    receipt = desk.reports.send(incident, write, caller, form="incident", stage="first", channel="written")
    return receipt.seq


def toll(desk: Desk, incident: UUID, dead: int, caller: Caller = CITY) -> None:
    desk.record(incident, CasualtiesReported(dead=dead), caller, key=uuid4())


def start_again(node: Any) -> None:
    """Another sender of the same pace, after the node's own was stopped."""
    pace = node.exchange.sender.pace
    node.exchange.sender = Sender(
        node.desk, node.exchange.own, node.exchange.neighbours, node.folder / "keys", pace=pace
    )
    node.exchange.sender.start()


def held(node: Any, incident: UUID) -> list[tuple[int, str]]:
    return [
        (row[0], row[1]) for row in node.rows(
            "SELECT seq, encode(hash, 'hex') FROM nodes.foreign_entry WHERE incident_id = %s ORDER BY seq", incident
        )
    ]  # fmt: skip


def own(node: Any, incident: UUID, *kinds: str) -> list[tuple[int, str]]:
    return [
        (row[0], row[1]) for row in node.rows(
            "SELECT seq, encode(hash, 'hex') FROM record.entry WHERE incident_id = %s AND (%s OR kind = ANY(%s)) "
            "ORDER BY seq", incident, not kinds, list(kinds),
        )
    ]  # fmt: skip


def test_a_report_goes_up_sealed_and_its_signature_comes_back(city: Any, province: Any, until: Until) -> None:
    incident = opened(city.desk)
    city.desk.note(incident, "值班员手记，不出本级", CITY)
    seq = reported(city.desk, incident)
    with province.sign_in("duty") as client, city.sign_in("duty") as home:

        def came() -> list[dict[str, Any]]:
            found = client.get("/api/v1/nodes/inbox").json()
            return [one for one in found if one["incident_id"] == str(incident) and one["kind"] == "report"]

        until(came, 60)
        one = came()[0]
        assert one["origin"] == "city-yl" and one["relation"] == "below" and one["mode"] == "drill"
        path = f"/api/v1/nodes/inbox/city-yl/{incident}/{one['message_id']}"
        said = client.get(path).json()
        # The key is the one the city's own record holds the report under.
        keys = city.rows("SELECT idem_key FROM record.entry WHERE incident_id = %s AND seq = %s", incident, seq)
        assert UUID(one["message_id"]) == keys[0][0]
        around = envelope.read(said["envelope"].encode())
        assert (around.status, around.kind, around.sender_id) == ("Exercise", "Report", "city-yl")
        assert around.receivers == (("onemap.node", "province-yl"),)
        paper = client.get(f"{path}/document")
        assert paper.headers["content-type"] == "application/pdf" and paper.content.startswith(b"%PDF-")
        # Copies word for word, the note of the duty officer not among them, and no incident of the province's own.
        until(lambda: held(province, incident) == own(city, incident, "incident_reported", "report_sent"))
        assert province.desk.incidents(PROVINCE) == []
        foreign = client.get("/api/v1/nodes/incidents").json()
        assert [(row["origin"], row["about"]["title"]) for row in foreign if row["incident_id"] == str(incident)] == [
            ("city-yl", "氯气泄漏")
        ]
        assert client.get(f"/api/v1/incidents/{incident}").status_code == 404
        copies = client.get(f"/api/v1/nodes/incidents/city-yl/{incident}/entries").json()
        assert {row["origin"] for row in copies} == {"city-yl"}

        for first in (True, False):
            signed = client.post(f"{path}/acknowledgement", json={"text": "收到，加强监测"})
            assert signed.status_code == 200 and signed.json() == {"is_new": first}

        def answered() -> Any:
            # The signature may overtake the receipt, which is written down together with others.
            return [row for row in home.get("/api/v1/nodes/outbox").json() if row["message_id"] == one["message_id"]
                    and row["ack_heard_at"] and row["delivered_at"]]  # fmt: skip

        until(answered)
        row = answered()[0]
        assert row["state"] == "delivered" and row["document_state"] == "made"
        assert row["made_at"] <= row["delivered_at"] and row["received_at"] <= row["acknowledged_at"]
        assert row["acknowledged_text"] == "收到，加强监测"
    sent = city.desk.situation(incident).reporting.sent[0]
    until(lambda: city.desk.situation(incident).reporting.sent[0].answers)
    answers = city.desk.situation(incident).reporting.sent[0].answers
    assert sent.seq == seq and len(answers) == 1
    assert answers[0][1].text == "收到，加强监测" and "演练省" in answers[0][1].answered_by


def test_an_order_comes_down_and_is_signed_for(city: Any, province: Any, until: Until) -> None:
    moment = datetime.now(UTC)
    command = ReportIncident(title="跨市险情", longitude=118.7, latitude=31.4, occurred_at=moment, known_at=moment,
                             channel="phone", division_code="990000")  # fmt: skip
    incident = province.desk.report(command, PROVINCE).incident_id
    order_id, _ = province.desk.orders.draft(
        incident, NewOrder(unit_name="演练市", text="调两台泡沫车支援", within_s=900), PROVINCE, issue=True
    )
    province.desk.orders.draft(incident, NewOrder(unit_name="省专业队", text="待命"), PROVINCE, issue=True)
    with city.sign_in("duty") as client:

        def came() -> list[dict[str, Any]]:
            return [row for row in client.get("/api/v1/nodes/inbox").json() if row["incident_id"] == str(incident)]

        until(came)
        assert [(row["kind"], row["relation"]) for row in came()] == [("order", "above")]
        path = f"/api/v1/nodes/inbox/province-yl/{incident}/{came()[0]['message_id']}"
        assert client.get(path).json()["content"]["text"] == "调两台泡沫车支援"
        assert client.post(f"{path}/acknowledgement", json={}).status_code == 200
    until(lambda: province.desk.situation(incident).orders.named(order_id).state == "acknowledged")
    # The order to somebody else, and the incident around it, stayed where they were.
    assert "省专业队" not in json.dumps(city.rows("SELECT said FROM nodes.inbox"), default=str, ensure_ascii=False)


def test_a_level_set_in_its_division_goes_down_and_a_person_may_share(city: Any, province: Any, until: Until) -> None:
    incident = opened(province.desk, PROVINCE, "省级接报")
    seq = province.desk.situation(incident).seq
    until(lambda: province.rows("SELECT pos FROM nodes.cursor")[0][0] > 0)
    time.sleep(0.5)
    assert held(city, incident) == []
    event = ResponseLevelSet(2, "扩大响应")
    province.desk.record(incident, event, PROVINCE, expected_seq=seq)
    until(lambda: held(city, incident) == own(province, incident))

    other = opened(city.desk, title="仅本市掌握")
    with city.sign_in("duty") as client:
        body = {"to": ["province-yl"], "what": "incident"}
        for expected in (["province-yl"], []):
            answer = client.post(
                f"/api/v1/incidents/{other}/passing", json=body, headers={"idempotency-key": str(uuid4())}
            )
            assert answer.json() == {"to": expected}, answer.text
    until(lambda: held(province, other) == own(city, other))


def test_a_warning_is_an_exercise_whatever_happens(city: Any, province: Any, until: Until) -> None:
    incident = opened(city.desk, title="预警演练")
    key = str(uuid4())
    with city.sign_in("duty") as client, province.sign_in("duty") as above:
        for expected in (["province-yl"], []):
            answer = client.post(
                f"/api/v1/incidents/{incident}/passing",
                json={"to": ["province-yl"], "what": "warning", "instruction": "关闭门窗"},
                headers={"idempotency-key": key},
            )
            assert answer.json() == {"to": expected}, answer.text

        def came() -> list[dict[str, Any]]:
            return [row for row in above.get("/api/v1/nodes/inbox").json() if row["message_id"] == key]

        until(came)
        said = above.get(f"/api/v1/nodes/inbox/city-yl/{incident}/{key}").json()
    around = envelope.read(said["envelope"].encode())
    assert around.alert is not None
    assert (around.status, around.alert.status) == ("Exercise", "Exercise")
    assert around.alert.info[0].instruction == "关闭门窗"


def test_nothing_of_a_drill_is_seen_in_the_live_world(city: Any, province: Any, until: Until) -> None:
    drill, live = opened(city.desk, title="演练事件"), opened(city.desk, LIVE, "实战事件")
    reported(city.desk, drill)
    reported(city.desk, live, LIVE)
    until(lambda: held(province, drill) and held(province, live), 60)
    until(lambda: province.rows("SELECT 1 FROM nodes.inbox WHERE kind = 'report' AND incident_id = %s", live), 60)
    until(lambda: province.rows("SELECT 1 FROM nodes.inbox WHERE kind = 'report' AND incident_id = %s", drill), 60)
    as_live = Caller("duty", "990000", "991000", "live")
    assert {one.incident_id for one in province.exchange.desk.incidents(as_live)} == {live}
    assert {one.incident_id for one in province.exchange.desk.inbox(as_live)} == {live}
    for incident, status in ((drill, "Exercise"), (live, "Actual")):
        said = province.rows("SELECT said FROM nodes.inbox WHERE kind = 'report' AND incident_id = %s", incident)
        assert envelope.read(json.loads(said[0][0])["envelope"].encode()).status == status


@pytest.mark.faults
def test_a_cut_outlasts_many_attempts_and_loses_nothing(city: Any, province: Any, until: Until) -> None:
    incident = opened(city.desk, title="断网期间")
    reported(city.desk, incident)
    until(lambda: len(held(province, incident)) == 2, 60)
    province.wire.cut()
    city.wire.cut()
    for dead in range(1, 31):
        toll(city.desk, incident, dead)
    down = opened(province.desk, PROVINCE, "省里也在做事")
    province.desk.record(down, ResponseLevelSet(3, "启动"), PROVINCE, expected_seq=1)
    # Twelve rounds of growing pauses, as in three minutes at the usual pace; ten whole minutes: see below.
    until(lambda: city.rows("SELECT failures FROM nodes.line")[0][0] >= 12, 60)
    assert len(held(province, incident)) == 2 and held(city, down) == []
    with city.sign_in("duty") as client:
        line = client.get("/api/v1/nodes").json()["lines"][0]
        assert (line["state"], line["trouble"]) == ("cut", "no_answer") and line["waiting"] >= 60
        assert "address" not in line
    assert city.exchange.desk.troubled()
    with city.sign_in("duty") as client:  # the badge of every page names the level above and counts what waits for it
        said = client.get("/api/v1/nodes/state").json()
    assert (said["troubled"], said["above"]) == (True, "演练省") and said["waiting"] >= 60
    province.wire.heal()
    city.wire.heal()
    until(lambda: held(province, incident) == own(city, incident), 300)  # goal 60 s: told by N1, judged by nobody
    until(lambda: held(city, down) == own(province, down), 300)
    until(lambda: not city.exchange.desk.troubled())
    assert province.rows("SELECT about->>'dead' FROM nodes.foreign_incident WHERE incident_id = %s", incident) == [
        ("30",)
    ]
    doubled = "SELECT incident_id, message_id FROM nodes.inbox GROUP BY 1, 2 HAVING count(*) > 1"
    assert province.rows(doubled) == []


@pytest.mark.faults
@pytest.mark.timeout(1200)
def test_ten_minutes_without_a_line_at_the_usual_pace(make_node: Callable[..., Any], until: Until) -> None:
    from scenarios.nodes.sender import Pace

    below = make_node("city-long", "长时市", "city", "990100", pace=Pace())
    above = make_node("province-long", "长时省", "province", "990000", pace=Pace())
    above.knows(below, relation="below", key=below.knows(above, relation="above"))
    incident = opened(below.desk)
    reported(below.desk, incident)
    until(lambda: len(held(above, incident)) == 2, 60)
    above.wire.cut()
    for minute in range(10):
        for dead in range(5):
            toll(below.desk, incident, minute * 5 + dead + 1)
        time.sleep(60)
    above.wire.heal()
    assert until(lambda: held(above, incident) == own(below, incident), 60) <= 60


@pytest.mark.faults
def test_planted_a_sender_that_takes_silence_for_a_receipt_is_found(
    city: Any, province: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = opened(city.desk, title="没有回音")
    reported(city.desk, incident)
    until(lambda: held(province, incident) == own(city, incident), 60)
    real = Line.post

    def post(line: Line, path: str, body: Any) -> Any:
        try:
            return real(line, path, body)
        except LineError:
            return Answer({"received_at": datetime.now(UTC).isoformat(), "asked": []}, 0.0)

    monkeypatch.setattr(Line, "post", post)
    province.wire.cut()
    try:
        toll(city.desk, incident, 7)
        waits = "SELECT 1 FROM nodes.outbox WHERE incident_id = %s AND state <> 'delivered'"
        until(lambda: not city.rows(waits, incident), 60)
    finally:
        province.wire.heal()
        monkeypatch.undo()
    assert held(province, incident) != own(city, incident), "nothing was lost: the fault was not planted"


def test_answers_lost_after_the_commit_double_nothing(city: Any, province: Any, until: Until) -> None:
    incident = opened(city.desk, title="回执丢失")
    province.wire.lose_every, before = 7, province.wire.lost
    try:
        reported(city.desk, incident)
        for dead in range(1, 16):
            toll(city.desk, incident, dead)
        until(lambda: held(province, incident) == own(city, incident), 120)
        waits = "SELECT 1 FROM nodes.outbox WHERE incident_id = %s AND state <> 'delivered'"
        until(lambda: not city.rows(waits, incident), 60)
    finally:
        province.wire.lose_every = 0
    assert province.wire.lost - before >= 3, "the wire lost too few answers for this to show anything"
    tried = city.rows("SELECT count(*) FROM nodes.outbox WHERE incident_id = %s AND attempts > 1", incident)
    assert tried[0][0] >= 1
    count = province.rows("SELECT count(*) FROM nodes.inbox WHERE incident_id = %s", incident)
    assert count[0][0] == len(own(city, incident))


def test_receipts_are_written_down_a_batch_at_a_time(
    city: Any, province: Any, quick: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit for each took longer than the carrying; a signature that overtakes a receipt costs no time of it."""
    incident, written, real = opened(city.desk, title="回执成批"), [], outbox.delivered

    def counting(connection: Connection, receipts: Sequence[outbox.Receipt]) -> None:
        if threading.current_thread() is threading.main_thread():  # the other node's sender writes its own
            written.append(len(receipts))
        real(connection, receipts)

    monkeypatch.setattr(outbox, "delivered", counting)
    city.exchange.sender.stop()
    try:
        reported(city.desk, incident)
        for dead in range(1, 41):
            toll(city.desk, incident, dead)
        pace = replace(quick, receipts_s=600.0, lease_s=600.0)
        sender = Sender(city.desk, city.exchange.own, city.exchange.neighbours, city.folder / "keys", pace=pace)
        sender.carry_once("province-yl")
        sender.stop()
    finally:
        start_again(city)
    assert held(province, incident) == own(city, incident)
    assert sum(written) >= 42
    assert len(written) <= sum(written) // pace.at_once + 1
    times = "SELECT id, received_at FROM nodes.outbox WHERE incident_id = %s AND delivered_at IS NOT NULL ORDER BY id"
    (row_id, received_at), *others = city.rows(times, incident)
    assert received_at and len(others) >= 41
    city.rows("UPDATE nodes.outbox SET delivered_at = NULL, received_at = NULL WHERE id = %s RETURNING id", row_id)
    for moment in (received_at, datetime.now(UTC)):
        with city.desk.database.transaction(Caller.system()) as connection:
            outbox.delivered(connection, [outbox.Receipt(row_id, moment)])
        assert city.rows(times, incident)[0] == (row_id, received_at), "the first receipt stands"


def test_two_senders_on_one_database_send_nothing_twice(city: Any, province: Any, quick: Any, until: Until) -> None:
    incident = opened(city.desk, title="两个进程")
    reported(city.desk, incident)
    until(lambda: len(held(province, incident)) == 2, 60)
    seen: list[str] = []
    lock, receive = threading.Lock(), province.exchange.desk.receive

    def counting(name: str, said: str, *rest: Any) -> Any:
        with lock:
            seen.append(json.loads(said)["id"])
        return receive(name, said, *rest)

    own_sender = city.exchange.sender
    others = [
        Sender(city.desk, city.exchange.own, city.exchange.neighbours, city.folder / "keys", pace=quick)
        for _ in range(2)
    ]
    province.exchange.desk.receive = counting
    try:
        for one in others:
            one.start()
        for dead in range(1, 41):
            toll(city.desk, incident, dead)
            own_sender.nudge()
        until(lambda: held(province, incident) == own(city, incident), 60)
    finally:
        del province.exchange.desk.receive
        for one in others:
            one.stop()
    assert len(seen) == len(set(seen)) >= 80


KILLED = """
import sys
from pathlib import Path
from command_ui.exchange import neighbours_of
from command_ui.access.keys import installation_key
from gis.database import Database
from scenarios.desk import Desk
from scenarios.nodes.neighbours import Own
from scenarios.nodes.sender import Pace, Sender
url, folder = sys.argv[1], Path(sys.argv[2])
desk = Desk(Database(url), folder / "networks")
pace = Pace(look_s=0.05, first_wait_s=0.1, longest_wait_s=0.5, timeout_s=2, lease_s=5)
own = Own("city-yl", "演练市", "city", "990100")
Sender(desk, own, neighbours_of(installation_key(folder / "keys")), folder / "keys", pace=pace).start()
print("sending", flush=True)
import time
time.sleep(600)
"""


@pytest.mark.faults
def test_a_sender_killed_in_the_middle_loses_and_doubles_nothing(city: Any, province: Any, until: Until) -> None:
    incident = opened(city.desk, title="发送中被杀")
    reported(city.desk, incident)
    until(lambda: len(held(province, incident)) == 2, 60)
    city.exchange.sender.stop()
    try:
        for dead in range(1, 301):  # far more than are carried between seeing five and killing, on a busy machine too
            toll(city.desk, incident, dead)
        for _ in range(2):
            child = subprocess.Popen([sys.executable, "-c", KILLED, city.url, str(city.folder)], stdout=subprocess.PIPE)
            assert child.stdout is not None and child.stdout.readline()
            before = len(held(province, incident))
            with suppress(AssertionError):
                until(lambda start=before: len(held(province, incident)) >= start + 5, 60)
            child.kill()
            child.communicate()
        waits = "SELECT 1 FROM nodes.outbox WHERE incident_id = %s AND state <> 'delivered'"
        assert city.rows(waits, incident)
    finally:
        start_again(city)
    until(lambda: held(province, incident) == own(city, incident), 300)
    until(lambda: not city.rows(waits, incident), 300)
    city.exchange.sender.stop()
    count = province.rows("SELECT count(*) FROM nodes.inbox WHERE incident_id = %s", incident)
    assert count[0][0] == len(own(city, incident))
