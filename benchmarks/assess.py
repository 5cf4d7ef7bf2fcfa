"""How long does each step of an assessment take, warm, on the drill city and on the real roads of Wuhan?"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Caller, Database
from gis.errors import OneMapError

SHARED = Path(os.environ.get("ONEMAP_SHARED_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
DRILL = Caller("bench", "000000", "999999", "drill")
LIVE = Caller("bench", "000000", "999999", "live")
RUNS = 7
TARGET_S = 1.0
STEPS = ("zones", "ground", "exposure", "closures", "routes", "evacuation", "record", "total")


def chlorine(longitude: float, latitude: float) -> dict[str, Any]:
    """Chlorine from a leaking tank at noon in a south-westerly wind."""
    return {
        "name": "bench",
        "incident": {
            "longitude": longitude,
            "latitude": latitude,
            "occurred_at": datetime(2026, 11, 24, 4, tzinfo=UTC),
        },
        "release": {"substance": "chlorine", "kind": "continuous", "rate_kg_s": 0.4, "duration_s": 3600.0},
        "weather": {"wind_speed_m_s": 2.8, "wind_from_deg": 225.0, "stability": "D"},
    }


def timed(database: Database, networks: Path, case: Mapping[str, Any], roads: str, caller: Caller) -> dict[str, Any]:
    """First run, and median and worst of `RUNS` warm ones, by step, seconds."""
    from scenarios.desk import Desk, ReportIncident, Wishes

    desk = Desk(database, networks)
    command = ReportIncident.from_case(case)
    rows = [
        desk.report_and_assess(command, caller, wishes=Wishes(roads=roads)).assessment.timings for _ in range(RUNS + 1)
    ]
    cold, warm = rows[0], rows[1:]
    return {
        step: (cold[step], statistics.median(row[step] for row in warm), max(row[step] for row in warm))
        for step in STEPS
    }


def show(title: str, times: Mapping[str, tuple[float, float, float]]) -> None:
    """Print one table."""
    sys.stdout.write(f"\n{title}\n{'step':12}{'first':>10}{'median':>10}{'worst':>10}   seconds\n")
    for step in STEPS:
        cold, median, worst = times[step]
        sys.stdout.write(f"{step:12}{cold:10.3f}{median:10.3f}{worst:10.3f}\n")
    verdict = "within" if times["total"][1] <= TARGET_S else "ABOVE"
    sys.stdout.write(f"warm median {times['total'][1]:.3f} s: {verdict} the target of {TARGET_S:g} s\n")


def main() -> None:
    """Build what is needed in a folder of its own, time, and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="onemap-bench-"))
    folder.chmod(0o755)
    networks = folder / "networks"
    networks.mkdir()
    try:
        with PrivateCluster(folder / "cluster") as cluster:
            migrate.upgrade(cluster.url())
            database = Database(cluster.url(APPLICATION_ROLE))
            try:
                _drill_city(database, networks)
                _wuhan(database, networks)
            finally:
                database.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _drill_city(database: Database, networks: Path) -> None:
    from layers.sample.city import generate
    from layers.sample.load import load
    from routing import cache
    from routing.importing import from_lines

    began = time.perf_counter()
    city = generate()
    made = time.perf_counter() - began
    with database.transaction(DRILL) as connection:
        load(connection, city)
    cache.save(from_lines(city.roads), networks / "sample")
    sys.stdout.write(f"drill city generated in {made:.1f} s\n")
    place = city.incident_case["incident"]
    show("演练市, people, facilities, teams and shelters from PostGIS",
         timed(database, networks, chlorine(place["longitude"], place["latitude"]), "sample", DRILL))  # fmt: skip


def _wuhan(database: Database, networks: Path) -> None:
    from routing import cache
    from routing.importing import read

    path = SHARED / "routing" / "wuhan_8989_original.parquet"
    if not path.is_file():
        sys.stdout.write(f"\nWuhan left out: {path} is not there; set ONEMAP_SHARED_DATA\n")
        return
    network = read(path, name="wuhan")
    cache.save(network, networks / "wuhan")
    longitude, latitude = network.centre
    try:
        times = timed(database, networks, chlorine(longitude, latitude), "wuhan", LIVE)
    except OneMapError as error:
        sys.stdout.write(f"\nWuhan: {error}\n")
        return
    show(f"Wuhan, {network.node_count:,} nodes, real roads, no people or teams known", times)


if __name__ == "__main__":
    main()
