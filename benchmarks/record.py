"""
How many entries a second does the record take, and how soon is a million of them verified?

    .venv/bin/python -m benchmarks.record [--seconds 6] [--verify 1000000]

It makes a cluster of its own, writes with synchronous_commit on, and puts benchmarks/RECORD.md beside what the disk and
the processor of the machine allowed at that moment: on a machine that does other work at the same time, wall figures
say as much about the others as about the record.
"""

import argparse
import hashlib
import http.client
import json
import multiprocessing as mp
import os
import platform
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event as Gate
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Caller, Database
from scenarios import log
from scenarios.events import Note

OFFICER = Caller("duty", "000000", "999999", "drill")
WORDS = "园区东门已封控，消防三支队两台泡沫车到达上风向集结点，环境监测每五分钟回报一次可燃气体浓度（演练）"
"""Some 140 bytes of UTF-8; the payload is what an officer types."""
IN_THE_BROWSER = "## In the browser\n"


def main() -> None:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=6.0, help="length of each run")
    asked.add_argument("--verify", type=int, default=0, help="entries to verify")
    asked.add_argument("--no-file", action="store_true", help="print only")
    wishes = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="onemap-bench-"))
    folder.chmod(0o755)
    cluster = PrivateCluster(folder / "cluster")
    cluster.start()
    try:
        migrate.upgrade(cluster.url())
        lines = [*_header(cluster), *_appends(cluster, wishes.seconds), *_over_http(cluster, folder, wishes.seconds)]
        if wishes.verify:
            lines += ["", _verified(cluster, wishes.verify)]
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(lines))
    if not wishes.no_file:
        place = Path(__file__).with_name("RECORD.md")
        # What a browser makes of a long record is measured by its tests and written there by hand.
        _, mark, kept = place.read_text(encoding="utf-8").partition(IN_THE_BROWSER) if place.exists() else ("", "", "")
        rest = f"\n{mark}{kept}" if mark else ""
        place.write_text("\n".join(lines) + "\n" + rest, encoding="utf-8")


def _header(cluster: PrivateCluster) -> list[str]:
    return [
        "# The record: appends and verification",
        "",
        f"Made by `python -m benchmarks.record` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}, PostgreSQL private cluster, synchronous_commit on, "
        f"load of the machine at the start {os.getloadavg()[0]:.1f}.",
        "",
        f"What the disk allows: {_fsync_floor(cluster)}.",
        "",
        "| Case | appends/s | p50 ms | p95 ms | processor: client ms, server ms per append | load |",
        "|---|---|---|---|---|---|",
    ]


def _fsync_floor(cluster: PrivateCluster) -> str:
    program = shutil.which("pg_test_fsync") or next(iter(Path("/usr/lib/postgresql").glob("*/bin/pg_test_fsync")), None)
    if program is None:
        return "pg_test_fsync is not installed"
    target = cluster.data / "fsync.bench"
    as_owner = ["runuser", "-u", cluster.owner.name, "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*as_owner, str(program), "-s", "1", "-f", str(target)], capture_output=True, text=True, check=False
    )
    line = next((one for one in done.stdout.splitlines() if one.strip().startswith("fdatasync")), "")
    parts = line.split()
    return f"fdatasync of 8 kB {parts[1]} a second, {parts[3]} µs each (pg_test_fsync)" if len(parts) > 3 else "unknown"


# -- straight to the record -----------------------------------------------------------------------------------------


def _write(address: str, incident: UUID, ready: Any, started: Gate, until: Any, answer: Any) -> None:
    database = Database(address, pool_size=1)
    for _ in range(20):
        log.append_once(database, OFFICER, incident, Note(WORDS))
    ready.release()
    started.wait()
    times, before = [], time.process_time()
    while time.monotonic() < until.value:
        begun = time.perf_counter()
        log.append_once(database, OFFICER, incident, Note(WORDS), key=uuid4())
        times.append(time.perf_counter() - begun)
    answer.put((times, time.process_time() - before))
    database.close()


def _write_kept(address: str, incident: UUID, ready: Any, started: Gate, until: Any, answer: Any) -> None:
    database = Database(address, pool_size=1)
    ready.release()
    started.wait()
    times, before = [], time.process_time()
    while time.monotonic() < until.value:
        begun = time.perf_counter()
        lines = [log.Kept(Note(WORDS), uuid4()) for _ in range(20)]
        log.append_kept(database, OFFICER, incident, lines)
        times += [(time.perf_counter() - begun)] * len(lines)
    answer.put((times, time.process_time() - before))
    database.close()


def _appends(cluster: PrivateCluster, seconds: float) -> list[str]:
    rows = []
    for name, writers, incidents, work in (
        ("1 writer, 1 incident", 1, 1, _write),
        ("8 writers, 1 incident", 8, 1, _write),
        ("8 writers, 8 incidents", 8, 8, _write),
        ("1 writer, 20 kept lines a request", 1, 1, _write_kept),
    ):
        rows.append(_run(name, cluster, writers, incidents, seconds, work))
        print(rows[-1], flush=True)
    return rows


def _run(
    name: str, cluster: PrivateCluster, writers: int, incidents: int, seconds: float, work: Callable[..., None]
) -> str:
    address = cluster.url(APPLICATION_ROLE)
    opened = [_opened(address) for _ in range(incidents)]
    context = mp.get_context("spawn")
    started, answer = context.Event(), context.Queue()
    ready, until = context.Semaphore(0), context.Value("d", 0.0)
    processes = [
        context.Process(target=work, args=(address, opened[n % incidents], ready, started, until, answer))
        for n in range(writers)
    ]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire(timeout=120)
    served = _server_cpu_s(cluster)
    load = os.getloadavg()[0]
    until.value = time.monotonic() + seconds  # monotonic clocks are one on a machine
    started.set()
    found = [answer.get(timeout=seconds + 60) for _ in processes]
    served = _server_cpu_s(cluster) - served
    for process in processes:
        process.join(30)
    times = [one for part, _ in found for one in part]
    return _line(name, times, seconds, sum(cpu for _, cpu in found), served, load)


def _line(name: str, times: Sequence[float], seconds: float, client_s: float, server_s: float, load: float) -> str:
    ordered = sorted(times)
    p50, p95 = statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000
    per = 1000 / len(ordered)
    return (
        f"| {name} | {len(ordered) / seconds:.0f} | {p50:.1f} | {p95:.1f} | "
        f"{client_s * per:.2f}, {server_s * per:.2f} | {load:.1f} |"
    )


def _opened(address: str) -> UUID:
    database, incident = Database(address), uuid4()
    with database.transaction(OFFICER) as connection:
        log.open_incident(connection, incident, "990102")
    database.close()
    return incident


def _server_cpu_s(cluster: PrivateCluster) -> float:
    """Processor time of the postmaster's whole family; a backend that ended is in its parent's account."""
    first = int((cluster.data / "postmaster.pid").read_text(encoding="ascii").split()[0])
    children = Path(f"/proc/{first}/task/{first}/children")
    if not children.exists():
        return float("nan")
    return sum(_cpu_s(process) for process in (first, *map(int, children.read_text(encoding="ascii").split())))


def _cpu_s(process: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


# -- through HTTP ---------------------------------------------------------------------------------------------------


def _serve(address: str, folder: str, port: int, ready: Gate) -> None:
    import uvicorn

    from command_ui.access import accounts
    from command_ui.bootstrap import House
    from command_ui.server.app import create_app
    from command_ui.settings import Settings

    database = Database(address)
    house = House(Settings(port=port, data_dir=Path(folder)), database)
    accounts.prepare_demo(database, Path(folder))
    server = uvicorn.Server(uvicorn.Config(create_app(house), port=port, log_level="error", access_log=False))
    threading.Timer(2.0, ready.set).start()
    server.run()


def _over_http(cluster: PrivateCluster, folder: Path, seconds: float) -> list[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    context = mp.get_context("spawn")
    ready, data = context.Event(), folder / "data"
    data.mkdir()
    server = context.Process(target=_serve, args=(cluster.url(APPLICATION_ROLE), str(data), port, ready), daemon=True)
    server.start()
    ready.wait(120)
    try:
        token = _token(port, json.loads((data / "demo-accounts.json").read_text(encoding="utf-8"))["duty"])
        rows = []
        for name, clients, incidents, rate in (
            ("HTTP, 1 client, 1 incident", 1, 1, 0.0),
            ("HTTP, 8 clients, 1 incident", 8, 1, 0.0),
            ("HTTP, 8 clients, 8 incidents", 8, 8, 0.0),
            ("HTTP, 8 clients, 8 incidents, 100/s asked for", 8, 8, 12.5),
        ):
            rows.append(_run_http(name, cluster, port, token, clients, incidents, seconds, rate, server.pid or 0))
            print(rows[-1], flush=True)
        return rows
    finally:
        server.terminate()
        server.join(20)


def _token(port: int, password: str) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            body = json.dumps({"name": "duty", "password": password})
            line.request("POST", "/api/v1/sessions", body, {"content-type": "application/json"})
            return str(json.loads(line.getresponse().read())["token"])
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _run_http(
    name: str, cluster: PrivateCluster, port: int, token: str, clients: int, incidents: int, seconds: float,
    rate: float, server: int,
) -> str:  # fmt: skip
    opened = [_reported(port, token) for _ in range(incidents)]
    times: list[float] = []
    until = time.monotonic() + seconds
    head = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    body = json.dumps({"kind": "note", "payload": {"text": WORDS}})

    def client(incident: str) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        address = f"/api/v1/incidents/{incident}/entries"
        due = time.monotonic()
        while time.monotonic() < until:
            begun = time.perf_counter()
            line.request("POST", address, body, head | {"idempotency-key": str(uuid4())})
            answer = line.getresponse()
            answer.read()
            if answer.status != 201:
                raise RuntimeError(f"{answer.status}")
            times.append(time.perf_counter() - begun)
            if rate:
                due += 1 / rate
                time.sleep(max(0.0, due - time.monotonic()))

    load, served, web = os.getloadavg()[0], _server_cpu_s(cluster), _cpu_s(server)
    threads = [threading.Thread(target=client, args=(opened[n % incidents],)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _line(name, times, seconds, _cpu_s(server) - web, _server_cpu_s(cluster) - served, load)


def _reported(port: int, token: str) -> str:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = {"title": "演练", "longitude": 118.71, "latitude": 31.41, "occurred_at": "2026-11-24T14:00:00+08:00",
            "division_code": "990102"}  # fmt: skip
    head = {"authorization": f"Bearer {token}", "content-type": "application/json", "idempotency-key": str(uuid4())}
    line.request("POST", "/api/v1/incidents", json.dumps(body), head)
    return str(json.loads(line.getresponse().read())["incident_id"])


# -- a million entries ----------------------------------------------------------------------------------------------


def _verified(cluster: PrivateCluster, count: int) -> str:
    """Load a chain the way a restored backup holds it, alter one entry, and let the verifier look for it."""
    import psycopg

    from scenarios.verify import EntryRow, entry_hash, verify
    from scenarios.verify_rows import database_rows

    incident = _opened(cluster.url(APPLICATION_ROLE))
    with psycopg.connect(cluster.conninfo(), autocommit=False) as connection:
        connection.execute("ALTER TABLE record.entry DISABLE TRIGGER USER")
        connection.execute("ALTER TABLE record.incident_head DISABLE TRIGGER USER")
        head = connection.execute(
            "SELECT genesis_hash, opened_at FROM record.incident_head WHERE incident_id = %s", [incident]
        ).fetchone()
        assert head is not None
        prev, at = head
        columns = (
            "incident_id, seq, division_code, mode, actor, kind, caused_by, idem_key, idem_print, occurred_at, "
            "recorded_at, payload_canon, hash_ver, prev_hash, hash"
        )
        statement = f"COPY record.entry ({columns}) FROM STDIN".encode()
        blank = hashlib.sha256().digest()
        with connection.cursor().copy(statement) as copy:
            for seq in range(1, count + 1):
                at += timedelta(microseconds=1000)
                payload = log.canonical({"text": f"{WORDS}{seq}"})
                row = EntryRow(incident, seq, "990102", "drill", "duty", "note", (), uuid4(), None, at, payload, 1,
                               prev, b"")  # fmt: skip
                prev_of, prev = prev, entry_hash(row)
                copy.write_row((incident, seq, "990102", "drill", "duty", "note", [], row.idem_key, blank, None, at,
                                payload, 1, prev_of, prev))  # fmt: skip
        connection.execute(
            "UPDATE record.incident_head SET last_seq = %s, last_hash = %s, last_at = %s WHERE incident_id = %s",
            [count, prev, at, incident],
        )
        wrong = count * 2 // 3
        connection.execute(
            "UPDATE record.entry SET payload_canon = replace(payload_canon, '演练', '实战') "
            "WHERE incident_id = %s AND seq = %s",
            [incident, wrong],
        )
        connection.commit()
    load, before = os.getloadavg()[0], time.process_time()
    with database_rows(Database(cluster.url(APPLICATION_ROLE)).conninfo, incident) as (heads, entries):
        found = verify(heads, entries)
    named = [(fault.code, fault.seq) for fault in found.faults]
    return (
        f"Verify {found.entries:,} entries: {found.seconds:.1f} s ({found.entries / found.seconds:,.0f}/s, processor "
        f"of the verifier {time.process_time() - before:.1f} s, load {load:.1f}). Two characters of entry {wrong:,} "
        f"were altered; found: {named}."
    )


if __name__ == "__main__":
    main()
