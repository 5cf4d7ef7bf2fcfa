"""
What does row-level security cost a search in a rectangle? 60 000 points, the same count with and without it.

Run: python -m benchmarks.jurisdiction. The bound is 20 % or 5 ms, whichever is more, against an explicit WHERE.
"""

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, Caller, Database

POINTS = 60_000
REPEATS = 40
INSERT = text(
    "INSERT INTO layers.camera (id, valid_from, source_system, as_of, division_code, label, mode, name, bearing_deg,"
    " view_deg, range_m, status, geometry) SELECT 'C-' || n, now() - interval '1 day', '演练', now(),"
    " (990100 + n % 100)::text || '001', 'internal', 'drill', 'c', 0, 60, 100, 'live',"
    " ST_SetSRID(ST_MakePoint(118.0 + (n * 7919::bigint % 60013) / 60013.0, 31.0 + (n * 104729::bigint % 60029)"
    " / 60029.0), 4490) FROM generate_series(1, :points) AS n"
)
COUNT = (
    "SELECT count(*) FROM layers.camera WHERE superseded_at IS NULL"
    " AND geometry && ST_MakeEnvelope(118.4, 31.4, 118.4 + {edge}, 31.4 + {edge}, 4490)"
)
EXPLICIT = " AND division_code >= '{low}' AND division_code < '{high}'"
RANGES = {"province": ("990000", "999999"), "city": ("990100", "990200"), "county": ("990142", "990143")}


def main() -> None:
    """Measure and print a table."""
    folder = Path(tempfile.mkdtemp(prefix="onemap-bench-"))
    folder.chmod(0o755)
    cluster = PrivateCluster(folder / "cluster")
    cluster.start()
    try:
        migrate.upgrade(cluster.url())
        database, bare = Database(cluster.url(APPLICATION_ROLE)), Database(cluster.url())
        with bare.transaction(Caller.system()) as connection:
            connection.execute(INSERT, {"points": POINTS})
        with bare.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE layers.camera"))
        sys.stdout.write(
            "| rectangle | caller | explicit WHERE p50 ms | row-level security p50 ms |\n|---|---|---|---|\n"
        )
        for edge in (0.1, 1):
            for name, (low, high) in RANGES.items():
                who = Caller("bench", low, high, "drill")
                plain, plain_ms = _timed(bare, who, COUNT.format(edge=edge) + EXPLICIT.format(low=low, high=high))
                guarded, guarded_ms = _timed(database, who, COUNT.format(edge=edge))
                assert plain == guarded, (plain, guarded)
                sys.stdout.write(f"| {edge}° | {name} | {plain_ms:.2f} | {guarded_ms:.2f} |\n")
        database.close()
        bare.close()
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _timed(database: Database, who: Caller, question: str) -> tuple[int, float]:
    taken, found = [], 0
    with database.transaction(who) as connection:
        for _ in range(REPEATS):
            began = time.perf_counter()
            found = int(connection.execute(text(question)).scalar_one())
            taken.append((time.perf_counter() - began) * 1000)
    return found, statistics.median(taken)


if __name__ == "__main__":
    main()
