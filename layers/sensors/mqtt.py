"""How do messages of an MQTT broker come in? At least once from the broker, exactly once into the history."""

import logging
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from gis import safe_json
from gis.database import Caller, Database
from gis.errors import InputError, OneMapError
from layers.sensors import devices
from layers.sensors.intake import Answer
from layers.sensors.lanes import FullError, Lanes
from layers.sensors.messages import Kind, read

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

TOPIC = "onemap/+/+"
"""``onemap/<gateway>/observations|events|videos``; the broker's own rules say which gateway may write where."""
_KINDS: dict[str, Kind] = {"observations": "tag", "events": "event", "videos": "video"}
UNDER_WAY = 200
"""Messages the broker hands over before the first of them is acknowledged; the others wait at the broker."""
SESSION_KEPT_S = 7 * 86_400
LARGEST_BYTES = 1_000_000

_log = logging.getLogger("onemap.sensors")


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker is and who we are there."""

    host: str
    port: int
    tls: bool
    user: str = ""
    password: str = ""

    @classmethod
    def of(cls, url: str) -> "Broker":
        """
        Read ``mqtt://user:password@host:1883`` or ``mqtts://…``.

        Raises
        ------
        InputError
            Not such an address.
        """
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or port == -1:
            raise InputError("the MQTT address is malformed; write mqtt://user:password@host:1883, or mqtts:// for TLS")
        tls = parts.scheme == "mqtts"
        return cls(
            parts.hostname,
            port or (8883 if tls else 1883),
            tls,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )


class Bridge:
    """
    Takes the messages of one broker into the lanes, over a session the broker keeps while the line is cut.

    A message is acknowledged once it is on disk and not before, so what was under way when a line or a process died
    comes again; the same message twice counts once.

    Parameters
    ----------
    client_id
        Name of the session at the broker; the same after a restart, different for each process.
    """

    def __init__(self, database: Database, lanes: Lanes, broker: Broker, *, client_id: str) -> None:
        self._database = database
        self._lanes = lanes
        self._broker = broker
        self._client_id = client_id
        self._client: Client | None = None
        self._stopping = threading.Event()
        self.connected = threading.Event()
        self.taken = 0
        self.refused = 0

    def start(self) -> None:
        """Connect, and connect again for as long as it takes; returns at once."""
        from paho.mqtt.client import Client, MQTTv5
        from paho.mqtt.enums import CallbackAPIVersion
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        client = Client(CallbackAPIVersion.VERSION2, client_id=self._client_id, protocol=MQTTv5, manual_ack=True)
        if self._broker.user:
            client.username_pw_set(self._broker.user, self._broker.password)
        if self._broker.tls:
            client.tls_set_context(ssl.create_default_context())
        client.reconnect_delay_set(min_delay=1, max_delay=30)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        wishes: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        wishes.SessionExpiryInterval = SESSION_KEPT_S
        wishes.ReceiveMaximum = UNDER_WAY
        wishes.MaximumPacketSize = LARGEST_BYTES + 1_000
        client.connect_async(self._broker.host, self._broker.port, keepalive=20, clean_start=False, properties=wishes)
        self._client = client
        client.loop_start()

    def stop(self) -> None:
        """Leave; the broker keeps the session and what comes meanwhile."""
        self._stopping.set()
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    def _on_connect(self, client: "Client", _data: object, _flags: object, reason: Any, _properties: object) -> None:
        if reason.is_failure:
            _log.warning("the MQTT broker refuses us: %s", reason)
            return
        client.subscribe(TOPIC, qos=1)

    def _on_subscribe(self, _client: object, _data: object, _mid: int, reasons: list[Any], _properties: object) -> None:
        if any(one.is_failure for one in reasons):
            _log.warning("the MQTT broker does not let us listen to %s: %s", TOPIC, ", ".join(map(str, reasons)))
            return
        # Only from here on does the broker keep what comes for us.
        self.connected.set()

    def _on_disconnect(self, _client: object, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        self.connected.clear()
        if not self._stopping.is_set():
            _log.warning("the line to the MQTT broker is cut (%s); connecting again", reason)

    def _on_message(self, client: "Client", _data: object, message: "MQTTMessage") -> None:
        number, qos = message.mid, message.qos

        def done() -> None:
            client.ack(number, qos)

        try:
            self._take(message.topic, bytes(message.payload), done)
        except (OneMapError, ValueError) as error:
            # It would be as wrong the next time: taken off the broker, and said in the log.
            self.refused += 1
            _log.warning("an MQTT message on %s was not taken: %s", message.topic[:120], error)
            done()

    def _take(self, topic: str, payload: bytes, done: Callable[[], None]) -> None:
        _, gateway, name = topic.split("/")
        kind = _KINDS.get(name)
        if kind is None:
            raise InputError(f"topic '{name[:40]}' is none of {', '.join(_KINDS)}")
        if len(payload) > LARGEST_BYTES:
            raise InputError("more than 1 MB in one message")
        with self._database.transaction(Caller.system()) as connection:
            known = devices.find(connection, gateway)
        batch = read(kind, safe_json.read(payload, "message"), known.id, datetime.now(UTC))
        pause_s = 0.05
        while not self._stopping.is_set():
            try:
                answer = self._lanes.submit(batch)
            except FullError:
                # The broker keeps the rest meanwhile: it hands over no more than UNDER_WAY without an answer.
                self._stopping.wait(pause_s)
                pause_s = min(2 * pause_s, 1.0)
                continue
            answer.add_done_callback(lambda finished: self._written(finished, done))
            return

    def _written(self, finished: "Future[Answer]", done: Callable[[], None]) -> None:
        # What could not be written stays unanswered: the broker hands it over again on the next connection.
        if finished.exception() is None:
            self.taken += 1
            done()
        elif self._client is not None and not self._stopping.is_set():
            threading.Thread(target=self._again, name="onemap-mqtt-again", daemon=True).start()

    def _again(self) -> None:
        """Cut the line ourselves, so that the broker hands over again what could not be written."""
        self._stopping.wait(2.0)
        client = self._client
        if client is not None and not self._stopping.is_set():
            client.reconnect()
