"""Does every line of the audit get to another host once and in order, and does the copy betray whoever rewrites it?"""

import copy as copying
import datetime as dt
import re
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import text

from command_ui.access import audit, audit_copy, audit_frames, audit_verify
from command_ui.access.audit_copy import Copier, Target
from command_ui.access.audit_frames import Place
from command_ui.access.audit_keep import Receiver, Shelf, as_rows, read_back
from gis.database import Caller, Database
from gis.errors import InputError


def write(database: Database, count: int) -> None:
    with database.transaction(Caller.system()) as connection:
        for number in range(count):
            audit.write(connection, "denied", "refused", actor="演练 \"[]\\'", on=f"/{number}", detail={"数": number})


def places(database: Database) -> list[tuple[str, int, str]]:
    with database.transaction(Caller.system()) as connection:
        rows = connection.execute(text("SELECT day, seq, hash FROM access.audit_entry ORDER BY day, seq"))
        return [(row.day.isoformat(), row.seq, bytes(row.hash).hex()) for row in rows]


def kept(folder: Path) -> list[tuple[str, int, str]]:
    return [(str(line["day"]), int(str(line["seq"])), str(line["hash"])) for line in read_back(folder)]


@contextmanager
def listening(server: socketserver.BaseServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


class Plain(socketserver.ThreadingTCPServer):
    """An ordinary receiver of counted RFC 5424 messages, as RFC 6587 section 3.4.1 has them; it knows nothing of us."""

    daemon_threads = True

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        super().__init__(("127.0.0.1", 0), Lines)


class Lines(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while count := b"".join(iter(lambda: self.rfile.read(1).replace(b" ", b""), b"")):
            self.server.messages.append(self.rfile.read(int(count)))  # type: ignore[attr-defined]


class Cut(socketserver.ThreadingTCPServer):
    """A line that is cut: after so many bytes towards the receiver, or as soon as it answers more than its greeting."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int) -> None:
        self.port = port
        self.forward_bytes: int | None = None
        self.answers: int | None = None
        self.taken = threading.Event()
        super().__init__(("127.0.0.1", 0), Wire)


class Wire(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        cut: Cut = self.server  # type: ignore[assignment]
        with socket.create_connection(("127.0.0.1", cut.port)) as far:
            ended = threading.Event()

            def back() -> None:
                answered = 0
                with_answers = cut.answers
                while not ended.is_set():
                    try:
                        piece = far.recv(65536)
                    except OSError:
                        piece = b""
                    answered += 1
                    if not piece or (with_answers is not None and answered > with_answers):
                        break
                    try:
                        self.request.sendall(piece)
                    except OSError:
                        break  # cut the other way in the meantime
                ended.set()
                shut(self.request, socket.SHUT_RDWR if with_answers is not None else socket.SHUT_WR)

            threading.Thread(target=back, daemon=True).start()
            left = cut.forward_bytes
            cut.taken.set()
            while not ended.is_set():
                try:
                    piece = self.request.recv(4096)
                except OSError:
                    break
                if not piece:
                    far.shutdown(socket.SHUT_WR)
                    ended.wait(60)
                    break
                if left is not None and len(piece) >= left:
                    far.sendall(piece[:left])
                    hang_up(self.request)
                    break
                far.sendall(piece)
                left = None if left is None else left - len(piece)


def hang_up(line: socket.socket) -> None:
    """End a connection without a farewell, as a cut line does."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def shut(line: socket.socket, how: int) -> None:
    with suppress(OSError):
        line.shutdown(how)


def test_a_line_is_a_message_of_rfc_5424(database: Database) -> None:
    write(database, 1)
    with database.transaction(Caller.system()) as connection:
        line = list(audit_copy.lines_of(connection, 1))[-1]
    counted = audit_frames.frame(line)
    count, _, message = counted.partition(b" ")
    assert int(count) == len(message)
    # RFC 5424 section 6: priority and version, time, host, program, process, kind, structured data, text after a BOM.
    head = re.match(
        rb"<(\d+)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]{1,255}) onemap - denied"
        rb' \[onemap@32473 day="([\d-]+)" seq="(\d+)" hash="([0-9a-f]{64})"\] \xef\xbb\xbf\{',
        message,
    )
    assert head is not None, message
    assert int(head[1]) == 13 * 8 + 4, "facility log audit, severity warning"
    assert int(head[5]) == line["seq"]
    assert audit_verify.check_copy([audit_frames.restored(audit_frames.read(message))]).faults == []


@pytest.mark.protection("14")
def test_an_ordinary_receiver_gets_every_line_once(database: Database) -> None:
    write(database, 30)
    with listening(receiver := Plain()) as port:
        copier = Copier(database, Target.of(f"syslog+tcp://127.0.0.1:{port}"))
        while copier.once():
            pass
        write(database, 7)
        assert copier.once() == 7
        assert copier.once() == 0
        got = [audit_frames.read(one) for one in receiver.messages]
        assert [(one["day"], one["seq"], one["hash"]) for one in got] == places(database)
    with database.transaction(Caller.system()) as connection:
        state = audit_copy.state(connection, f"syslog+tcp://127.0.0.1:{port}")
    assert (state.behind, state.fault) == (0, "")
    assert state.lines == len(got)


@pytest.mark.protection("14")
@pytest.mark.parametrize("cuts", [(1, 500, 2_000, 9_999), ()], ids=["on the way there", "on the way back"])
def test_a_line_that_is_cut_loses_nothing_and_doubles_nothing(
    database: Database, tmp_path: Path, cuts: tuple[int, ...]
) -> None:
    write(database, 40)
    with listening(Receiver(("127.0.0.1", 0), Shelf(tmp_path))) as port, listening(wire := Cut(port)) as middle:
        copier = Copier(database, Target.of(f"keep+tcp://127.0.0.1:{middle}"))
        for at in cuts:
            wire.forward_bytes = at
            with pytest.raises((OSError, ValueError)):
                copier.once()
        wire.forward_bytes = None
        for answers in () if cuts else (0, 1):
            wire.answers = answers  # pieces that come back: with one, the greeting, and no confirmation
            with pytest.raises((OSError, ValueError)):
                copier.once()
        wire.answers = None
        with database.transaction(Caller.system()) as connection:
            assert audit_copy.state(connection, f"keep+tcp://127.0.0.1:{middle}").fault
        while copier.once():
            pass
        assert kept(tmp_path) == places(database)
    assert audit_verify.check_copy(as_rows(tmp_path)).faults == []


def test_an_ordinary_receiver_behind_a_cut_line_loses_nothing(database: Database) -> None:
    write(database, 40)
    with listening(receiver := Plain()) as port, listening(wire := Cut(port)) as middle:
        copier = Copier(database, Target.of(f"syslog+tcp://127.0.0.1:{middle}"))
        for at in (1, 700, 6_000):
            wire.forward_bytes = at
            with pytest.raises(OSError):
                copier.once()
        wire.forward_bytes = None
        while copier.once():
            pass
        whole = [one for one in receiver.messages if one.endswith(b"}")]
        got = [audit_frames.restored(audit_frames.read(one)) for one in whole]
        # What was on its way when the line was cut comes again; it carries its number and is known for the same.
        assert sorted({(str(one["day"]), one["seq"], one["hash"].hex()) for one in got}) == sorted(places(database))
        assert {one.split("copy, ")[-1] for one in audit_verify.check_copy(sorted(got, key=_order)).faults} == set()


def _order(line: dict[str, Any]) -> tuple[Any, Any]:
    return line["day"], line["seq"]


def test_a_receiver_that_was_killed_goes_on_where_it_was(database: Database, tmp_path: Path) -> None:
    write(database, 20)
    with listening(Receiver(("127.0.0.1", 0), Shelf(tmp_path))) as port:
        Copier(database, Target.of(f"keep+tcp://127.0.0.1:{port}")).once()
    newest = max(tmp_path.glob("*.jsonl"))
    whole = newest.read_bytes()
    newest.write_bytes(whole[: whole.rstrip(b"\n").rfind(b"\n") + 40])  # killed in the middle of the last line
    write(database, 5)
    with listening(Receiver(("127.0.0.1", 0), Shelf(tmp_path))) as port:
        Copier(database, Target.of(f"keep+tcp://127.0.0.1:{port}")).once()
    assert kept(tmp_path) == places(database)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1, signed by itself, and its key."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return folder / "cert.pem", folder / "key.pem"


def test_over_tls_only_a_receiver_that_is_known_gets_a_line(
    database: Database, tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    write(database, 10)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*certificate)
    with listening(Receiver(("127.0.0.1", 0), Shelf(tmp_path), tls)) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            Copier(database, Target.of(f"keep+tls://127.0.0.1:{port}")).once()
        assert not list(tmp_path.iterdir())
        copier = Copier(database, Target.of(f"keep+tls://127.0.0.1:{port}", certificate[0]))
        while copier.once():
            pass
        assert kept(tmp_path) == places(database)


ALTERED: dict[str, Callable[[list[dict[str, Any]]], None]] = {
    "content": lambda found: found[5].update(actor="mallory"),
    "time": lambda found: found[5].update(at=found[5]["at"] + dt.timedelta(microseconds=1)),
    "middle cut": lambda found: found.pop(5),
    "two swapped": lambda found: found.insert(4, found.pop(5)),
    "came twice and differs": lambda found: found.insert(6, found[5] | {"hash": b"\1" * 32}),
    "rewritten with its hash": lambda found: found[5].update(actor="m", hash=audit_verify._line_hash(1, found[5])),
}


@pytest.mark.protection("14", "26")
@pytest.mark.parametrize("kind", ALTERED)
def test_tampering_with_the_copy_is_found(database: Database, tmp_path: Path, kind: str) -> None:
    write(database, 12)
    with listening(Receiver(("127.0.0.1", 0), Shelf(tmp_path))) as port:
        while Copier(database, Target.of(f"keep+tcp://127.0.0.1:{port}")).once():
            pass
    found = copying.deepcopy(as_rows(tmp_path))[-12:]
    assert audit_verify.check_copy(found).faults == []
    ALTERED[kind](found)
    assert audit_verify.check_copy(found).faults, kind


@pytest.mark.protection("14", "26")
def test_the_copy_betrays_a_database_that_was_rewritten(database: Database, tmp_path: Path) -> None:
    write(database, 12)
    with listening(Receiver(("127.0.0.1", 0), Shelf(tmp_path))) as port:
        while Copier(database, Target.of(f"keep+tcp://127.0.0.1:{port}")).once():
            pass
    published = {(str(line["day"]), line["seq"]): line["hash"].hex() for line in as_rows(tmp_path)}
    with database.transaction(Caller.system()) as connection:
        days = connection.execute(text("SELECT * FROM access.audit_day ORDER BY day")).mappings()
        heads = [dict(one) for one in days]
        found = list(audit_copy.lines_of(connection, 3650))
    assert audit_verify.check(heads, found, published).faults == []
    # The last three lines go, and the head with them: the chain by itself looks whole.
    cut = found[:-3]
    heads[-1].update(last_seq=cut[-1]["seq"], last_hash=cut[-1]["hash"], last_at=cut[-1]["at"])
    assert audit_verify.check(heads, cut).faults == []
    assert len(audit_verify.check(heads, cut, published).faults) == 3


def test_a_receiver_that_is_ahead_is_no_receiver_of_this_database(database: Database, tmp_path: Path) -> None:
    write(database, 2)
    shelf = Shelf(tmp_path)
    shelf.place = Place(dt.date(2999, 1, 1), 7)
    with listening(Receiver(("127.0.0.1", 0), shelf)) as port:
        target = f"keep+tcp://127.0.0.1:{port}"
        with pytest.raises(ValueError, match="which this database has not"):
            Copier(database, Target.of(target)).once()
    with database.transaction(Caller.system()) as connection:
        assert "2999-01-01 7" in audit_copy.state(connection, target).fault


def test_two_processes_do_not_send_at_once(database: Database) -> None:
    write(database, 3)
    with listening(Plain()) as port:
        first, second = (Copier(database, Target.of(f"syslog+tcp://127.0.0.1:{port}")) for _ in range(2))
        place = first._claim()
        assert place is not None
        assert second.once() == 0


def test_a_sender_that_believes_its_own_socket_would_lose(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    # The test of the tests: without waiting for the receiver's farewell, what the cut swallowed is lost.
    monkeypatch.setattr(audit_copy, "_read_to_the_end", lambda _line: None)
    write(database, 400)
    with listening(receiver := Plain()) as port, listening(wire := Cut(port)) as middle:
        copier = Copier(database, Target.of(f"syslog+tcp://127.0.0.1:{middle}"))
        wire.forward_bytes = 300
        try:
            copier.once()
        except OSError:
            pytest.skip("the system noticed the cut while sending")
        assert wire.taken.wait(60), "who sends does not wait for the wire, which may look at its limit only now"
        wire.forward_bytes = None
        while copier.once():
            pass
        got = {audit_frames.read(one)["hash"] for one in receiver.messages if one.endswith(b"}")}
        assert got != {digest for _, _, digest in places(database)}


@pytest.mark.parametrize("address", ["log.example:6514", "udp://log.example:514", "syslog+tls://log.example"])
def test_an_address_that_cannot_be_meant_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="ONEMAP_AUDIT_COPY"):
        Target.of(address)
