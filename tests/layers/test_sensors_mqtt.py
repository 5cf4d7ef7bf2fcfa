"""Do messages of a real broker come in once each, over cut lines and restarts of our side?"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from gis.crs import LonLat
from gis.database import Caller, Database
from gis.errors import InputError
from layers.sensors import devices, history
from layers.sensors.lanes import Lanes
from layers.sensors.mqtt import Bridge, Broker
from layers.sensors.points import connect_tags
from tests import mosquitto
from tests.mosquitto import publish

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Port of a mosquitto of our own."""
    with mosquitto.running(tmp_path_factory.mktemp("mosquitto")) as port:
        yield port


@pytest.fixture(scope="module")
def lanes(database: Database) -> Iterator[Lanes]:
    """Running writers and one registered gateway."""
    with database.transaction(Caller.system()) as connection:
        history.prepare(connection, (NOW - timedelta(days=1)).date())
        devices.register(connection, "WG-M", "网关", division_code="990102", mode="drill", place=LonLat(118.7, 31.4))
        connect_tags(connection, "WG-M", {"AT-1": "none"})
    running = Lanes(database)
    running.start()
    yield running
    running.stop()


class Cut:
    """A line to the broker that can be cut: a plain relay on a port of its own."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.open = True
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._pairs: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.open = False
        for one in self._pairs:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # closing alone does not wake who waits for the next piece
            one.close()
        self._pairs.clear()

    def mend(self) -> None:
        self.open = True

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self.open:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.target))
            self._pairs += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._relay, args=(source, sink), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            one.close()


@pytest.fixture
def line(broker: int) -> Iterator[Cut]:
    relay = Cut(broker)
    yield relay
    relay.close()


def until(condition: Callable[[], bool], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def values(first: int, number: int) -> list[tuple[str, bytes]]:
    rows = [
        {"rts": [{"tnm": "AT-1", "ts": (NOW - timedelta(seconds=at)).isoformat(), "val": at / 10}]}
        for at in range(first, first + number)
    ]
    return [("onemap/WG-M/observations", json.dumps(row).encode()) for row in rows]


def stored(database: Database) -> int:
    with database.transaction(Caller.system()) as connection:
        return int(connection.execute(text("SELECT count(*) FROM sensing.observation")).scalar_one())


def test_a_cut_line_loses_nothing_and_doubles_nothing(
    broker: int, lanes: Lanes, database: Database, line: Cut, caplog: pytest.LogCaptureFixture
) -> None:
    bridge = Bridge(database, lanes, Broker("127.0.0.1", line.port, tls=False), client_id="onemap-test")
    bridge.start()
    try:
        assert bridge.connected.wait(60)
        publish(broker, values(0, 100))
        until(lambda: stored(database) == 100)
        line.cut()
        until(lambda: not bridge.connected.is_set())
        publish(broker, values(100, 200))
        line.mend()
        until(lambda: stored(database) == 300)
        # In the middle of a stream, several times: what was under way comes again and counts once.
        sender = threading.Thread(target=publish, args=(broker, values(300, 600)))
        sender.start()
        for _ in range(3):
            time.sleep(0.15)
            line.cut()
            time.sleep(0.1)
            line.mend()
        sender.join()
        until(lambda: stored(database) == 900)
        until(lambda: bridge.taken >= 900)
    finally:
        bridge.stop()


def test_what_comes_while_we_are_away_is_kept_for_us(broker: int, lanes: Lanes, database: Database) -> None:
    before = stored(database)
    where = Broker("127.0.0.1", broker, tls=False)
    first = Bridge(database, lanes, where, client_id="onemap-restart")
    first.start()
    assert first.connected.wait(60)
    first.stop()
    publish(broker, values(2000, 50))
    second = Bridge(database, lanes, where, client_id="onemap-restart")
    second.start()
    try:
        until(lambda: stored(database) == before + 50)
    finally:
        second.stop()


def test_wrong_messages_are_taken_off_and_do_not_stop_the_others(
    broker: int, lanes: Lanes, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    before = stored(database)
    bridge = Bridge(database, lanes, Broker("127.0.0.1", broker, tls=False), client_id="onemap-wrong")
    bridge.start()
    try:
        assert bridge.connected.wait(60)
        wrong = [
            ("onemap/WG-M/observations", b"not json"),
            ("onemap/NOBODY/observations", b'{"rts": []}'),
            ("onemap/WG-M/gossip", b"{}"),
            ("onemap/WG-M/observations", b'{"wgbm": "WG-2", "rts": []}'),
        ]
        publish(broker, wrong + values(3000, 5))
        until(lambda: stored(database) == before + 5 and bridge.refused == 4)
    finally:
        bridge.stop()


def test_addresses_of_brokers(tmp_path: Path) -> None:
    assert Broker.of("mqtt://gw:p%40ss@broker.example") == Broker("broker.example", 1883, False, "gw", "p@ss")
    assert Broker.of("mqtts://broker.example:8884") == Broker("broker.example", 8884, True)
    for wrong in ("http://x", "mqtt://", "mqtt://host:port", ""):
        with pytest.raises(InputError, match="mqtt://user:password@host:1883"):
            Broker.of(wrong)
