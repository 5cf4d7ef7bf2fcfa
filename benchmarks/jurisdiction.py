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
                (plain, plain_ms), (guarded, guarded_ms) = _in_turn(
                    (bare, COUNT.format(edge=edge) + EXPLICIT.format(low=low, high=high)),
                    (database, COUNT.format(edge=edge)),
                    who,
                )
                assert plain == guarded, (plain, guarded)
                sys.stdout.write(f"| {edge}° | {name} | {plain_ms:.2f} | {guarded_ms:.2f} |\n")
        database.close()
        bare.close()
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _in_turn(
    bare: tuple[Database, str], guarded: tuple[Database, str], who: Caller
) -> tuple[tuple[int, float], tuple[int, float]]:
    """Count and median of both; each asked after the other, so that other work on the machine falls on both alike."""
    taken: tuple[list[float], list[float]] = ([], [])
    found = [0, 0]
    with bare[0].transaction(who) as one, guarded[0].transaction(who) as other:
        for _ in range(REPEATS):
            for at, (connection, question) in enumerate(((one, bare[1]), (other, guarded[1]))):
                began = time.perf_counter()
                found[at] = int(connection.execute(text(question)).scalar_one())
                taken[at].append((time.perf_counter() - began) * 1000)
    return (found[0], statistics.median(taken[0])), (found[1], statistics.median(taken[1]))


if __name__ == "__main__":
    main()
