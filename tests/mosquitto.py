"""A real MQTT broker for tests: mosquitto on a port of its own, and somebody who publishes."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """Port of a broker that lives as long as the block; without mosquitto here the test is skipped."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("no MQTT broker here: apt-get install mosquitto")
    settings = folder / "mosquitto.conf"
    for _ in range(5):
        port = free_port()
        settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 10000\n")
        broker = subprocess.Popen([program, "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 90
        while broker.poll() is None and not answers(port):
            assert time.monotonic() < deadline, "the broker does not answer"
            time.sleep(0.05)
        if broker.poll() is None:
            break  # else somebody took the port between our look and its start
    try:
        yield port
    finally:
        broker.terminate()
        broker.wait(timeout=60)


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def publish(port: int, messages: Sequence[tuple[str, bytes]]) -> None:
    """Publish with QoS 1 and wait until the broker has them."""
    from paho.mqtt.client import Client, MQTTv5
    from paho.mqtt.enums import CallbackAPIVersion

    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for sent in [client.publish(topic, payload, qos=1) for topic, payload in messages]:
        sent.wait_for_publish(60)
    client.disconnect()
    client.loop_stop()
