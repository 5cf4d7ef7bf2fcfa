"""Two servers behind nginx, with the example of this repository: is anything lost when one of them is killed?"""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from websockets.exceptions import InvalidHandshake
from websockets.sync.client import connect

from gis.database import APPLICATION_ROLE
from tests.ports import free_port

EXAMPLE = Path(__file__).resolve().parents[2] / "command_ui" / "server" / "nginx.conf"
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", str(Path(sys.executable).parent)])
NGINX = os.environ.get("ONEMAP_NGINX") or shutil.which("nginx", path=PLACES)
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
PEOPLE = ("duty", "commander")
BROWSERS = 12
"""So many that nginx has put some of them at each server: its hash is of the cookie."""
LONG = os.environ.get("ONEMAP_FAULTS") == "long"
LINES_AFTER_THE_KILL = 1_000 if LONG else 60
PATIENCE_S = 120.0

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed here; ONEMAP_NGINX may name it"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate of the example"),
]


class Pair:
    """Two `onemap serve` with a data folder each, on one database, and the port nginx is to answer at."""

    def __init__(self, house: Any) -> None:
        self.house, self.port, self.plain = house, free_port(), free_port()
        self.origin = f"https://localhost:{self.port}"
        house.start(ONEMAP_ORIGINS=self.origin)
        self.second_port, self.second_folder = free_port(), house.folder / "second"
        shutil.copytree(house.folder / "keys", self.second_folder / "keys")
        self.second = self.start_second()

    def start_second(self) -> subprocess.Popen[bytes]:
        """Start the one that gets killed."""
        environment = {
            **os.environ, "ONEMAP_DATA_DIR": str(self.second_folder), "ONEMAP_PORT": str(self.second_port),
            "ONEMAP_DATABASE_URL": self.house.cluster.url(APPLICATION_ROLE), "ONEMAP_ORIGINS": self.origin,
        }  # fmt: skip
        with (self.house.folder / "second.txt").open("ab") as said:
            started = subprocess.Popen(
                [str(Path(sys.executable).parent / "onemap"), "serve"], env=environment, stdout=said, stderr=said
            )
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{self.second_port}/healthz", timeout=5).status_code == 200:
                    return started
            assert started.poll() is None and time.monotonic() < deadline, (
                self.house.folder / "second.txt"
            ).read_text()
            time.sleep(0.1)

    def written(self, folder: Path, example: str) -> Path:
        """The example with the ports and the certificate of this test, and a log of who answered."""
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost",
             "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")],
            check=True, capture_output=True,
        )  # fmt: skip
        for found, here in (
            ("/etc/ssl/map.example.org.key", str(folder / "key.pem")),
            ("/etc/ssl/map.example.org.pem", str(folder / "certificate.pem")),
            ("map.example.org", "localhost"),
            ("127.0.0.1:5006", f"127.0.0.1:{self.house.port}"),
            ("127.0.0.1:5007", f"127.0.0.1:{self.second_port}"),
            ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"),
            ("Host $host", "Host $http_host"),  # $host leaves out the port, which nobody writes of 443
            ("listen 80", f"listen 127.0.0.1:{self.plain}"),
        ):
            assert found in example, f"the example has no {found}"
            example = example.replace(found, here)
        (folder / "onemap.conf").write_text(example, encoding="utf-8")
        places = " ".join(f"{name}_temp_path {folder / name};" for name in TEMPORARY)
        (folder / "nginx.conf").write_text(
            f"{'user root;' if os.geteuid() == 0 else ''} daemon off;\n"
            f"pid {folder / 'pid'}; error_log {folder / 'log'};\n"
            "events {}\n"
            f"http {{ log_format who '$upstream_addr $status $request'; access_log {folder / 'who'} who; {places}\n"
            f"include {folder / 'onemap.conf'}; }}\n",
            encoding="utf-8",
        )
        return folder / "nginx.conf"

    @contextmanager
    def front(self, folder: Path, example: str) -> Iterator["Front"]:
        """Run nginx."""
        assert NGINX is not None
        with (folder / "said").open("wb") as said:
            running = subprocess.Popen([NGINX, "-c", str(self.written(folder, example))], stdout=said, stderr=said)
        try:
            deadline = time.monotonic() + 30
            while True:
                with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    break
                assert running.poll() is None and time.monotonic() < deadline, (folder / "said").read_text()
                time.sleep(0.05)
            yield Front(self, folder)
        finally:
            running.terminate()
            running.wait(20)

    def stop(self) -> None:
        """End the second; the first ends with its installation."""
        self.second.kill()
        self.second.wait()


class Front:
    """The address browsers know."""

    def __init__(self, pair: Pair, folder: Path) -> None:
        self.pair, self.folder = pair, folder
        self.trust = ssl.create_default_context(cafile=str(folder / "certificate.pem"))

    @contextmanager
    def signed_in(self, name: str) -> Iterator[httpx.Client]:
        """A client that went through the sign-in page, as a browser does."""
        with httpx.Client(
            base_url=self.pair.origin, verify=self.trust, timeout=60, headers={"origin": self.pair.origin}
        ) as client:
            form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', client.get("/sign-in").text))
            entered = client.post("/sign-in", data=form | {"name": name, "password": self.pair.house.passwords[name]})
            assert entered.status_code == 303, entered.text
            client.headers["x-csrf-token"] = client.get("/api/v1/session").json()["csrf_token"]
            yield client

    def answered(self) -> Counter[str]:
        """How often which server answered, after nginx."""
        lines = (self.folder / "who").read_text(encoding="utf-8").splitlines()
        return Counter(line.split()[0].rpartition(":")[2] for line in lines if line and not line.startswith("-"))

    def line(self, client: httpx.Client, incident: str) -> Any:
        """The line of an incident, as the page opens it."""
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        return connect(
            f"wss://localhost:{self.pair.port}/incidents/{incident}/line?language=zh", origin=self.pair.origin,
            additional_headers={"cookie": cookie}, ssl=self.trust, max_size=None, open_timeout=60, proxy=None,
        )  # fmt: skip


@pytest.fixture(scope="module")
def pair(own_installation: Any) -> Iterator[Pair]:
    made = Pair(own_installation)
    yield made
    made.stop()


def report(client: httpx.Client) -> str:
    told = {"title": "演练：两台服务器", "longitude": 118.71, "latitude": 31.41,
            "occurred_at": "2026-11-22T08:00:00+08:00", "division_code": "990102"}  # fmt: skip
    answer = client.post("/api/v1/incidents", json=told, headers={"idempotency-key": str(uuid4())})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["incident_id"])


def write(client: httpx.Client, incident: str, text: str, key: str) -> httpx.Response:
    return client.post(
        f"/api/v1/incidents/{incident}/entries",
        json={"kind": "note", "payload": {"text": text}},
        headers={"idempotency-key": key},
    )


class Writer(threading.Thread):
    """Somebody at a browser: sends a line until there is a receipt, under the same key."""

    def __init__(self, client: httpx.Client, incident: str, enough: threading.Event) -> None:
        super().__init__(daemon=True)
        self.client, self.incident, self.enough = client, incident, enough
        self.receipts: dict[str, tuple[int, str]] = {}
        self.again = 0
        self.longest_s = 0.0
        self.wrong: list[str] = []

    def run(self) -> None:
        while not self.enough.is_set() and not self.wrong:
            key, tries = str(uuid4()), 0
            while key not in self.receipts and tries < 600 and not self.wrong:
                tries += 1
                began = time.monotonic()
                with suppress(httpx.HTTPError):
                    answer = write(self.client, self.incident, f"{self.name} {len(self.receipts)}（演练）", key)
                    if answer.status_code == 201:
                        self.receipts[key] = (int(answer.json()["seq"]), str(answer.json()["hash"]))
                    elif answer.status_code not in (502, 503, 504):
                        self.wrong.append(f"{answer.status_code}: {answer.text[:200]}")
                self.longest_s = max(self.longest_s, time.monotonic() - began)
                if key not in self.receipts:
                    self.again += 1
                    time.sleep(0.05)


def test_r3_one_of_two_servers_behind_nginx_is_killed(pair: Pair, tmp_path: Path, told: Callable[..., None]) -> None:
    with pair.front(tmp_path, EXAMPLE.read_text(encoding="utf-8")) as front:
        # One door: who comes without TLS is sent to it, and nothing of what the browser keeps leaves it.
        sent = httpx.get(f"http://localhost:{pair.plain}/sign-in", follow_redirects=False)
        assert (sent.status_code, sent.headers["location"]) == (301, "https://localhost/sign-in")
        with front.signed_in("duty") as client:
            (kept,) = [one for one in client.cookies.jar if one.name == "__Host-egis"]
            assert kept.secure and kept.has_nonstandard_attr("HttpOnly")
            stranger = client.post("/api/v1/incidents", json={}, headers={"origin": "https://elsewhere.example"})
            assert stranger.status_code == 403, "another page's request"
            incident = report(client)
            with front.line(client, incident) as line:
                line.send("whole")
                assert json.loads(line.recv(timeout=60))["rev"] >= 1
                written = write(client, incident, "第一行（演练）", str(uuid4()))
                assert written.status_code == 201, written.text
                while json.loads(line.recv(timeout=60))["rev"] < written.json()["seq"]:
                    pass
            killed_and_nothing_lost(pair, front, incident, told)


def killed_and_nothing_lost(pair: Pair, front: Front, incident: str, told: Callable[..., None]) -> None:
    """Browsers write; the server of one of them is killed, and comes back."""
    sitting = [front.signed_in(name) for name in PEOPLE * (BROWSERS // len(PEOPLE))]
    enough = threading.Event()
    writers: list[Writer] = []
    try:
        writers.extend(Writer(person.__enter__(), incident, enough) for person in sitting)
        began = time.monotonic()
        for writer in writers:
            writer.start()

        def wait(lines: int, of: list[Writer]) -> None:
            deadline = time.monotonic() + PATIENCE_S * (10 if LONG else 1)
            start = sum(len(one.receipts) for one in of)
            while sum(len(one.receipts) for one in of) < start + lines:
                wrong = [fault for one in of for fault in one.wrong]
                assert not wrong and time.monotonic() < deadline, wrong or "no more receipts"
                time.sleep(0.05)

        wait(40, writers)
        before = front.answered()
        while len(before.keys() & {str(pair.house.port), str(pair.second_port)}) < 2 and len(writers) < 3 * BROWSERS:
            sitting.append(front.signed_in(PEOPLE[0]))  # one in 2,048 times nginx has put all of them at one
            writers.append(Writer(sitting[-1].__enter__(), incident, enough))
            writers[-1].start()
            wait(5, writers[-1:])
            before = front.answered()
        assert before[str(pair.house.port)] and before[str(pair.second_port)], "both servers have people"
        pair.second.kill()
        pair.second.wait()
        wait(LINES_AFTER_THE_KILL, writers)
        pair.second = pair.start_second()
        back = front.answered()[str(pair.second_port)]
        deadline = time.monotonic() + PATIENCE_S
        while front.answered()[str(pair.second_port)] <= back:
            assert time.monotonic() < deadline, "nobody is sent to the server that came back"
            time.sleep(0.1)
    finally:
        enough.set()
        for writer in writers:
            writer.join(60)
        for person in sitting[: len(writers)]:
            person.__exit__(None, None, None)
    receipts = {key: seq for writer in writers for key, (seq, _) in writer.receipts.items()}
    entries = entries_of(pair, UUID(incident))
    again = sum(writer.again for writer in writers)
    told(
        "R3",
        f"two `onemap serve` behind nginx with TLS, as in the example; one killed while {len(writers)} browsers write",
        f"{len(receipts)} acknowledged in {time.monotonic() - began:.0f} s, "
        f"{len(receipts.keys() - entries.keys())} lost, {len(receipts) - len(set(receipts.values()))} doubled; "
        f"{again} calls sent again under their key; longest write {max(one.longest_s for one in writers):.2f} s",
    )
    assert not [fault for writer in writers for fault in writer.wrong]
    assert all(entries.get(key) == seq for key, seq in receipts.items()), "an acknowledged line is not where it was"
    assert len(set(receipts.values())) == len(receipts), "a number was given twice"


def entries_of(pair: Pair, incident: UUID) -> dict[str, int]:
    """Number of each line in the record, by its key; read past both servers."""
    import psycopg

    with psycopg.connect(pair.house.cluster.conninfo()) as connection:
        found = connection.execute(
            "SELECT idem_key, seq FROM record.entry WHERE incident_id = %s", (incident,)
        ).fetchall()
    assert len({key for key, _ in found}) == len(found), "a line stands twice"
    return {str(key): int(seq) for key, seq in found}


WORN = {
    "strict-transport-security": "max-age=",
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
OLD = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
"""Broken for years; 1.2 and 1.3 are taken."""


def opened_with(front: Front, version: ssl.TLSVersion) -> bool:
    """Whether the door opens to a browser that knows one version of TLS alone, whatever its ciphers are worth."""
    offered = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    offered.load_verify_locations(str(front.folder / "certificate.pem"))
    offered.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that is why they are tried
        offered.minimum_version = offered.maximum_version = version
    with socket.create_connection(("127.0.0.1", front.pair.port), timeout=60) as line:
        try:
            with offered.wrap_socket(line, server_hostname="localhost") as inside:
                return inside.version() is not None
        except (ssl.SSLError, ConnectionError):
            return False


def bare(front: Front) -> set[str]:
    """What an answer of the door does not wear, and which old TLS it takes."""
    with httpx.Client(base_url=front.pair.origin, verify=front.trust, timeout=60) as client:
        worn = client.get("/sign-in").headers
    found = {name for name, said in WORN.items() if said not in worn.get(name, "")}
    return found | {version.name for version in OLD if opened_with(front, version)}


@pytest.mark.protection("03", "27")
def test_s8_the_door_takes_no_old_tls_and_its_answers_wear_their_headers(
    pair: Pair, tmp_path: Path, told: Callable[..., None]
) -> None:
    with pair.front(tmp_path, EXAMPLE.read_text(encoding="utf-8")) as front:
        assert bare(front) == set()
        assert opened_with(front, ssl.TLSVersion.TLSv1_2) and opened_with(front, ssl.TLSVersion.TLSv1_3)
    told("S8", "the example of nginx asked by browsers of one version of TLS each, and looked at from outside",
         f"TLS 1.0 and 1.1 refused, 1.2, 1.3 taken; {len(WORN)} headers on the answer; no scanner was run")  # fmt: skip


def test_planted_a_door_with_old_tls_and_without_its_policy_is_found(pair: Pair, tmp_path: Path) -> None:
    modern = "ssl_protocols TLSv1.2 TLSv1.3;"
    example = EXAMPLE.read_text(encoding="utf-8")
    assert modern in example
    old = "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0; proxy_hide_header content-security-policy;"
    with pair.front(tmp_path, example.replace(modern, old)) as front:
        assert bare(front) == {"TLSv1", "TLSv1_1", "content-security-policy"}


def test_planted_an_example_that_keeps_the_upgrade_to_itself_is_found(pair: Pair, tmp_path: Path) -> None:
    upgrade = "        proxy_set_header Upgrade $http_upgrade;\n"
    example = EXAMPLE.read_text(encoding="utf-8")
    assert upgrade in example
    with pair.front(tmp_path, example.replace(upgrade, "")) as front, front.signed_in("duty") as client:
        incident = report(client)
        with pytest.raises(InvalidHandshake), front.line(client, incident):
            pass
