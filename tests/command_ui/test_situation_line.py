"""Do all pages on one incident get one text, computed once, cut to their rights, and nothing twice or never?"""

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from command_ui.access import accounts
from command_ui.access.accounts import NewAccount
from command_ui.console.record_rows import PAGE, Rows
from command_ui.console.together import Group, Line, Told
from gis.database import Caller, Database
from scenarios.events import Entry
from scenarios.situation import Situation

PASSWORD = "correct-horse-battery"


class Counting:
    """A teller that counts how often it is asked, in the place of the one that reads the record."""

    def __init__(self) -> None:
        self.asked = 0
        self.now = 0
        self.gate = threading.Event()
        self.gate.set()

    def tell(self, before: Told | None) -> Told:
        self.asked += 1
        now = self.now
        self.gate.wait(60)
        if before is not None and before.rev == now:
            return before
        number = before.number + 1 if before else 0
        return Told(number, now, 0, {}, {}, f"whole {now}", f"step {now}")


def test_three_hundred_pages_cost_one_computation_and_get_one_text() -> None:
    async def play() -> tuple[int, list[set[str]]]:
        teller = Counting()
        group = Group(cast(Any, teller))
        lines = [Line() for _ in range(300)]
        group.lines.update(lines)
        for line in lines:
            line.ask()
        group.fresh.set()
        task = asyncio.get_running_loop().create_task(group.serve())
        heard: list[set[str]] = []
        for number in (0, 1, 2):
            teller.now = number
            group.fresh.set()
            while group.told is None or group.told.rev != number:
                await asyncio.sleep(0.01)
            heard.append({group.message(line) for line in lines})
        heard.append({group.message(line) for line in lines})
        task.cancel()
        return teller.asked, heard

    asked, heard = asyncio.run(play())
    assert heard == [{"whole 0"}, {"step 1"}, {"step 2"}, {""}]
    assert asked <= 6


def test_a_page_that_was_slow_gets_the_whole_and_one_that_said_nothing_gets_nothing() -> None:
    group = Group(cast(Any, Counting()))
    slow, silent = Line(), Line()
    slow.ask()
    group.told = Told(4, 9, 0, {}, {}, "whole 9", "step 9")
    assert (group.message(slow), group.message(silent)) == ("whole 9", "")
    group.told = Told(5, 10, 0, {}, {}, "whole 10", "step 10")
    assert group.message(slow) == "step 10"
    group.told = Told(7, 12, 0, {}, {}, "whole 12", "step 12")
    assert group.message(slow) == "whole 12"
    slow.ask()
    assert group.message(slow) == "whole 12"


def test_what_is_said_while_it_is_read_is_told_as_well() -> None:
    async def play() -> int:
        teller = Counting()
        group = Group(cast(Any, teller))
        teller.gate.clear()
        group.fresh.set()
        task = asyncio.get_running_loop().create_task(group.serve())
        while not teller.asked:
            await asyncio.sleep(0.01)
        teller.now = 1  # recorded after the teller has read, before it is done
        group.fresh.set()
        teller.gate.set()
        while group.told is None or group.told.rev != 1:
            await asyncio.sleep(0.01)
        task.cancel()
        return group.told.number

    assert asyncio.run(asyncio.wait_for(play(), 60)) == 1


def test_a_group_that_fails_lets_its_pages_go(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "onemap.together")

    class Broken(Counting):
        def tell(self, before: Told | None) -> Told:
            raise ValueError(f"planted {before}")

    async def play() -> tuple[bool, bool]:
        group, line = Group(cast(Any, Broken())), Line()
        group.lines.add(line)
        group.fresh.set()
        task = asyncio.get_running_loop().create_task(group.serve())
        task.add_done_callback(group.ended)
        await asyncio.wait_for(line.wake.wait(), 60)
        return group.has_ended, group.message(line) == ""

    assert asyncio.run(play()) == (True, True)


def entries(count: int) -> Situation:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    made = tuple(
        cast(Entry, SimpleNamespace(
            seq=number, kind="note", lane="act", actor="a", occurred_at=at, recorded_at=at, hash="x", payload={},
        ))
        for number in range(1, count + 1)
    )  # fmt: skip
    return Situation(incident_id=UUID(int=1), seq=count, entries=made)


@pytest.mark.parametrize(("before", "after"), [(1, 2), (70, 73), (99, 103), (PAGE, PAGE + 1), (2 * PAGE, 3 * PAGE)])
def test_what_came_since_makes_the_list_what_it_is_whole(before: int, after: int) -> None:
    rows = Rows()
    rows.follow(entries(before))
    old, old_dots = rows.newest(), rows.dots(None, None, "all")
    rows.follow(entries(after))
    since = rows.since(before)
    kept = [*old["rows"], *since["rows"]][since["first"] - old["first"] :]
    assert {"total": after, "first": since["first"], "rows": kept} == rows.newest()
    assert old_dots + since["dots"] == rows.dots(None, None, "all")


# -- over the wire -----------------------------------------------------------------------------------------------------


@contextmanager
def on_line(served: Any, client: Any, incident: str) -> Iterator[ClientConnection]:
    cookie = "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar)
    address = f"{served.origin.replace('http', 'ws')}/incidents/{incident}/line?language=zh"
    with connect(address, origin=served.origin, additional_headers={"cookie": cookie}, proxy=None,
                 open_timeout=60) as socket:  # fmt: skip
        yield socket


def heard(socket: ClientConnection, rev: int) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = json.loads(socket.recv(timeout=60))
        if message["rev"] >= rev:
            return message


def note(client: Any, incident: str, text: str) -> int:
    answer = client.post(
        f"/api/v1/incidents/{incident}/entries",
        json={"kind": "note", "payload": {"text": text}},
        headers={"idempotency-key": str(uuid4())},
    )
    assert answer.status_code in (200, 201), answer.text
    return int(answer.json()["seq"])


@pytest.fixture(scope="module")
def people(served: Any, database: Database) -> None:
    with database.transaction(Caller.system()) as connection:
        for name, low, high in (("lc", "990100", "990200"), ("lo", "990103", "990104")):
            accounts.make(connection, NewAccount(name, "演练值班员", "operator", low, high, "drill"), PASSWORD)


def test_what_is_recorded_comes_over_the_line_once(served: Any, people: None) -> None:
    report = {
        "title": "演练 泄漏", "longitude": 118.7, "latitude": 31.4, "division_code": "990102",
        "occurred_at": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    with served.sign_in("lc", PASSWORD) as city, served.sign_in("lo", PASSWORD) as other:
        answer = city.post("/api/v1/incidents", json=report, headers={"idempotency-key": str(uuid4())})
        incident = str(answer.json()["incident_id"])
        with on_line(served, city, incident) as one, on_line(served, city, incident) as two:
            for socket in (one, two):
                socket.send("whole")
                first = heard(socket, 1)
                assert (first["rev"], first["incident"]) == (1, incident)
                assert json.loads(first["record"]["list"])["newest"]["total"] == 1
                assert json.loads(first["values"]["scene"])["incident"]["title"] == "演练 泄漏"
            seq = note(city, incident, "演练 一")
            steps = [heard(socket, seq) for socket in (one, two)]
            assert steps[0] == steps[1]
            assert [row["text"] for row in steps[0]["record"]["rows"]] == ["演练 一"]
            assert "scene" not in steps[0]["values"] and "drawn" not in steps[0]["values"]
            assert set(steps[0]["values"]["part"]) == {"orders", "seq"}  # a note changes nothing that is drawn
            one.send("whole")
            assert json.loads(heard(one, seq)["record"]["list"])["total"] == seq
        with on_line(served, other, incident) as outside, pytest.raises(ConnectionClosed) as closed:
            outside.recv(timeout=60)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4404
    with served.client() as nobody, pytest.raises(InvalidStatus), on_line(served, nobody, incident):
        pass
