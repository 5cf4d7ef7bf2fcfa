"""
How soon is any moment of a long incident found, and how soon is the first one there?

    .venv/bin/python -m benchmarks.replay [--entries 50000] [--seeks 300]

It makes a cluster of its own, fills one incident with entries of many kinds, and measures processes that have folded
nothing yet: the first moment and one seek each; then in one process seeks at random, backwards and step by step, each
with what the page draws of it. Writes benchmarks/REPLAY.md.
"""

import argparse
import gc
import json
import math
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from command_ui.access.roles import SignedIn
from command_ui.bootstrap import House
from command_ui.console.replay_look import Look
from command_ui.settings import Settings
from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Caller, Database
from scenarios import log
from scenarios.desk import Desk, ReportIncident
from scenarios.events import (
    CasualtiesReported,
    EvacuationProposed,
    Event,
    ExposureAssessed,
    HazardForecast,
    Note,
    RoutesProposed,
)
from scenarios.log import Kept
from scenarios.orders.events import OrderDrafted, OrderMoved
from scenarios.replay.keeper import Keeper
from scenarios.replay.moments import EVERY
from scenarios.roads.events import ClosureLifted, ClosureReported

DRILL = Caller("演练值班员", "990100", "990200", "drill")
WORDS = "园区东门已封控，消防三支队两台泡沫车到达上风向集结点，环境监测每五分钟回报一次（演练）"
PROCESSES = 12
"""New processes of which each makes one seek, spread over the record."""
START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
RING = [[118.70 + 0.01 * (n % 7) / 7, 31.40 + 0.01 * (n // 7) / 9] for n in range(64)]
AREA = {"type": "Polygon", "coordinates": [[[118.7, 31.4], [118.72, 31.4], [118.72, 31.43], [118.7, 31.4]]]}


def main() -> None:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--entries", type=int, default=50_000)
    asked.add_argument("--seeks", type=int, default=300)
    asked.add_argument("--no-file", action="store_true", help="print only")
    asked.add_argument("--one", nargs=4, metavar=("URL", "FOLDER", "INCIDENT", "ENTRY"), help=argparse.SUPPRESS)
    wishes = asked.parse_args()
    if wishes.one:
        _one_process(*wishes.one)
        return
    folder = Path(tempfile.mkdtemp(prefix="onemap-bench-"))
    folder.chmod(0o755)
    cluster = PrivateCluster(folder / "cluster")
    cluster.start()
    try:
        migrate.upgrade(cluster.url())
        database = Database(cluster.url(APPLICATION_ROLE))
        incident = _filled(database, folder, wishes.entries)
        lines = [*_header(wishes.entries), *_measured(database, cluster, folder, incident, wishes.seeks)]
        database.close()
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(lines))
    if not wishes.no_file:
        Path(__file__).with_name("REPLAY.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _filled(database: Database, folder: Path, entries: int) -> UUID:
    """One incident of that many entries: mostly lines of text, and everything that moves the situation between them."""
    desk = Desk(database, folder)
    case = {
        "name": "演练 氯气泄漏",
        "incident": {"longitude": 118.70, "latitude": 31.40, "occurred_at": START.isoformat()},
        "release": {"substance": "chlorine", "kind": "continuous", "rate_kg_s": 0.4, "duration_s": 3600},
        "weather": {"wind_speed_m_s": 2.8, "wind_from_deg": 225.0, "stability": "D"},
    }
    told = ReportIncident("演练 氯气泄漏", 118.70, 31.40, START, division_code="990102", case=case)
    incident = desk.report(told, DRILL).incident_id
    written, number = 1, 0
    while written < entries:
        batch = []
        for _ in range(min(500, entries - written)):
            number += 1
            batch.append(Kept(_event(number, case), uuid4()))
        log.append_kept(database, DRILL, incident, batch)
        written += len(batch)
    return incident


def _event(number: int, case: dict[str, Any]) -> Event:
    order, closure = f"o-{number // 400}", f"c-{number // 1000}"
    match number:
        case n if n % 1000 == 10:
            zones = [{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [_round(level)]},
                      "properties": {"level": level, "level_name": f"AEGL-{level}", "threshold": 1.0, "unit": "ppm",
                                     "reach_m": 900.0 * level}} for level in (1, 2, 3)]  # fmt: skip
            forecast = {"type": "FeatureCollection", "features": zones}
            return HazardForecast(f"R-{number}", "ok", 0.2, {}, case, forecast, None, {})
        case n if n % 1000 == 11:
            band = {"level": 3, "level_name": "AEGL-3", "people_day": number, "people_night": number // 2}
            return ExposureAssessed(f"R-{number - 1}", "ok", 0.1, {}, True, (band,), 9, 9, 1, 1, ())
        case n if n % 1000 == 12:
            return RoutesProposed(f"R-{number - 2}", "ok", 0.1, {}, _lines(12, 64), _lines(8, 64), 8, "n", "given")
        case n if n % 1000 == 13:
            return EvacuationProposed(
                f"R-{number - 3}", "ok", 0.1, {}, _lines(40, 64), (), (), (), number, number, totals={"t90_s": 900.0}
            )
        case n if n % 1000 == 200:
            return ClosureReported(closure, "area", AREA, "hazard", START + timedelta(seconds=number))
        case n if n % 1000 == 700:
            return ClosureLifted(closure)
        case n if n % 400 == 20:
            return OrderDrafted(order, "演练消防站", "前往上风向集结", unit_id="t-1")
        case n if n % 400 in (30, 40):
            return OrderMoved(order, "issued" if n % 400 == 30 else "acknowledged")
        case n if n % 250 == 5:
            return CasualtiesReported(dead=number // 20_000, slightly_injured=number // 2500)
        case _:
            return Note(f"{number} {WORDS}")


def _round(level: int) -> list[list[float]]:
    """Outline of a zone, as long as those of the sample city."""
    turns = [2 * math.pi * n / 450 for n in range(451)]
    return [[118.7 + 0.01 * level * math.cos(turn), 31.4 + 0.009 * level * math.sin(turn)] for turn in turns]


def _lines(count: int, points: int) -> dict[str, Any]:
    """As many lines of as many points: routes and an evacuation as large as those of the sample city."""
    way = [[round(lon + 0.0001234567 * n, 10), lat] for n in range(points // 64) for lon, lat in RING]
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": way}, "properties": {"name": f"路线 {n}"}}
        for n in range(count)
    ]}  # fmt: skip


def _header(entries: int) -> list[str]:
    return [
        "# Replay: any moment of a long incident",
        "",
        f"Made by `python -m benchmarks.replay` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}, private cluster, {entries} entries in one incident "
        f"(lines of text, {entries // 1000} runs, closures, {entries // 400} orders, casualties), load at the start "
        f"{os.getloadavg()[0]:.1f}.",
        "",
        "A seek is the whole way of the page: head and rights read from the database, the situation found, and "
        "everything drawn of it written as JSON. Goal: any seek 200 ms, first frame 1 s. Processor time is that of "
        "this process alone; on a machine that does other work wall figures say as much about the others.",
        "",
        "| What | p50 ms | p95 ms | worst ms | processor: p50, worst ms | load |",
        "|---|---|---|---|---|---|",
    ]


def _measured(database: Database, cluster: PrivateCluster, folder: Path, incident: UUID, seeks: int) -> list[str]:
    dice = random.Random(20261122)
    person = _person()
    total = log_head(database, person.caller(), incident)
    rows: list[str] = []
    keeper = Keeper(Desk(database, folder / "networks").replay)
    rows.append(_row(f"keeping {total // EVERY} situations, in the background", [keeper.keep_all]))
    size = sum(file.stat().st_size for file in keeper.replay.moments.folder.rglob("*.json"))
    places = [int(total * n / PROCESSES) for n in range(1, PROCESSES + 1)]
    asked = [cluster.url(APPLICATION_ROLE), str(folder), str(incident)]
    told = [_in_a_process(*asked, str(place)) for place in places]
    rows.append(_line(f"first frame of {PROCESSES} new processes", [one["first"] for one in told]))
    rows.append(_line(f"then their first seek, to {PROCESSES} places", [one["seek"] for one in told]))
    look = _opened(database, folder)
    rows.append(_row("first frame, nothing folded yet", [_first(look, incident)]))
    _as_served()
    cold = [_cold_seek(database, folder, incident, dice.randrange(total + 1)) for _ in range(seeks)]
    rows.append(_row(f"{seeks} seeks to a random entry, nothing in memory at any of them", cold))
    rows.append(_row("the dots of the whole record", [lambda: look.whole(incident)]))
    at_random = [dice.randrange(total + 1) for _ in range(seeks)]
    rows.append(_row(f"{seeks} seeks to a random entry", [_seek(look, incident, seq) for seq in at_random]))
    back = sorted(at_random, reverse=True)
    rows.append(_row(f"{seeks} seeks backwards", [_seek(look, incident, seq) for seq in back]))
    start = total // 2 + 255
    rows.append(_row("200 single steps", [_seek(look, incident, start + n) for n in range(200)]))
    known = look.replay.at(incident, person.caller())
    begun = look.replay.at(incident, person.caller(), seq=1).updated_at
    assert known.updated_at is not None and begun is not None
    long_s = (known.updated_at - begun).total_seconds()
    moments = [begun + timedelta(seconds=long_s * dice.random()) for _ in range(seeks)]
    rows.append(_row(f"{seeks} seeks to a random moment", [_seek_at(look, incident, moment) for moment in moments]))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    keeper.replay.moments.forget()
    bare = [_cold_seek(database, folder, incident, int(total * share)) for share in (0.25, 0.5, 1.0)]
    rows.append(_row("for comparison: seek to ¼, ½, the end, nothing folded and nothing kept", bare))
    return [*rows, "", f"The situations kept take {size / 1e6:.1f} MB. Largest memory of the process {memory:.0f} MB, "
            "before the row for comparison."]  # fmt: skip


def _person() -> SignedIn:
    return SignedIn("duty", "演练", "operator", "990100", "990200", "drill", "h", "c")


def _opened(database: Database, folder: Path) -> Look:
    house = House(Settings(data_dir=folder), database)
    return Look(house, Desk(database, folder / "networks").replay, _person())


def _first(look: Look, incident: UUID) -> Callable[[], object]:
    def run() -> object:
        look.open(incident)
        return _drawn(look, incident, None, 1)

    return run


def _as_served() -> None:
    """What the server does once it stands (command_ui.serving): what is there by now is not looked through again."""
    gc.collect()
    gc.freeze()


def _one_process(url: str, folder: str, incident: str, seq: str) -> None:
    """In a process of its own: the first frame, then one seek; says how long each took."""
    database = Database(url)
    look = _opened(database, Path(folder))
    _as_served()
    told = {
        "first": _timed(_first(look, UUID(incident))),
        "seek": _timed(_seek(look, UUID(incident), int(seq))),
    }
    database.close()
    print(json.dumps(told))


def _in_a_process(*asked: str) -> dict[str, tuple[float, float]]:
    command = [sys.executable, "-m", "benchmarks.replay", "--one", *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, tuple[float, float]] = json.loads(done.stdout)
    return told


def log_head(database: Database, caller: Caller, incident: UUID) -> int:
    """Number of the last entry."""
    with database.transaction(caller) as connection:
        return log.head(connection, incident).seq


def _drawn(look: Look, incident: UUID, moment: datetime | None, seq: int | None) -> str:
    known, at = look.at(incident, moment, seq)
    return json.dumps(look.drawn(known, at))


def _seek(look: Look, incident: UUID, seq: int) -> Callable[[], object]:
    return lambda: _drawn(look, incident, None, seq)


def _seek_at(look: Look, incident: UUID, moment: datetime) -> Callable[[], object]:
    return lambda: _drawn(look, incident, moment, None)


def _cold_seek(database: Database, folder: Path, incident: UUID, seq: int) -> Callable[[], object]:
    # Opened outside the time: a desk that has folded nothing, let go again after the seek.
    looks = [_opened(database, folder)]
    return lambda: _drawn(looks.pop(), incident, None, seq)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock and of this process."""
    begun, before = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - begun) * 1000, (time.process_time() - before) * 1000


def _row(name: str, works: Sequence[Callable[[], object]]) -> str:
    return _line(name, [_timed(work) for work in works])


def _line(name: str, told: Sequence[tuple[float, float]]) -> str:
    ranked, spent = sorted(wall for wall, _ in told), [own for _, own in told]
    p95 = ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))]
    mine = f"{statistics.median(spent):.0f}, {max(spent):.0f}"
    load = f"{os.getloadavg()[0]:.1f}"
    line = f"| {name} | {statistics.median(ranked):.0f} | {p95:.0f} | {ranked[-1]:.0f} | {mine} | {load} |"
    print(line, flush=True)
    return line


if __name__ == "__main__":
    main()
