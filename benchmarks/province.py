"""
What does the division as key of distribution buy for a province? Millions of rows, whole and in parts by city.

Run: python -m benchmarks.province [ROWS]. A throw-away cluster; two tables with the columns of a layer: one as it is
today, one with the key ``(division_code, row_id)`` in a partition for each city, which is how Citus would lay it on
several servers. The same questions, in the name of the program, with row-level security on both.
"""

import json
import re
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from gis import migrate
from gis.cluster import PrivateCluster
from gis.database import APPLICATION_ROLE, OWNER_ROLE, Caller, Database

ROWS = 2_000_000
CITIES = 14
REPEATS = 7
SHAPE = "(LIKE layers.camera INCLUDING DEFAULTS INCLUDING GENERATED{})"
MADE = text(
    "INSERT INTO province.whole (id, valid_from, source_system, as_of, division_code, label, mode, name, bearing_deg,"
    " view_deg, range_m, status, geometry) SELECT 'C-' || n, now() - interval '1 day', '演练', now(),"
    " (990100 + 100 * (n % :cities) + 1 + n / :cities % 12)::text, 'internal', 'drill', 'c', 0, 60, 100, 'live',"
    # every city lies in a square of its own, a degree wide
    " ST_SetSRID(ST_MakePoint(112 + (n % :cities) % 4 + (n * 7919::bigint % 60013) / 60013.0,"
    " 29 + (n % :cities) / 4 + (n * 104729::bigint % 60029) / 60029.0), 4490) FROM generate_series(1, :rows) AS n"
)
QUESTIONS = {
    "a rectangle of 0.1° in one city": " AND geometry && ST_MakeEnvelope(112.4, 29.4, 112.5, 29.5, 4490)",
    "a whole city, 1°": " AND geometry && ST_MakeEnvelope(112, 29, 113, 30, 4490)",
    "rows of one county": " AND division_code >= '990103' AND division_code < '990104'",
}
SHOWN = ("a rectangle of 0.1° in one city", "city")
"""Question and caller whose plans are written out."""
CALLERS = {"city": ("990100", "990200"), "province": ("990000", "999999")}


def main() -> None:
    """Measure and print a table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    folder = Path(tempfile.mkdtemp(prefix="onemap-bench-"))
    folder.chmod(0o755)
    cluster = PrivateCluster(folder / "cluster")
    cluster.start()
    try:
        migrate.upgrade(cluster.url())
        made = Database(cluster.url(acting_as=OWNER_ROLE))
        with made.transaction(Caller("bench", "000000", "999999", "drill")) as connection:
            began = time.perf_counter()
            _make(connection, rows)
            sys.stdout.write(f"{rows:,} rows, {CITIES} cities, made in {time.perf_counter() - began:.0f} s\n\n")
        made.close()
        with Database(cluster.url()).engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
        _ask(Database(cluster.url(APPLICATION_ROLE), pool_size=1))
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _make(connection: Connection, rows: int) -> None:
    policy = connection.execute(
        text("SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = 'layers.camera'::regclass")
    ).scalar_one()
    connection.execute(text("CREATE SCHEMA province"))
    connection.execute(text(f"CREATE TABLE province.whole {SHAPE.format(' INCLUDING IDENTITY')}"))
    connection.execute(MADE, {"rows": rows, "cities": CITIES})
    connection.execute(text(f"CREATE TABLE province.parts {SHAPE.format('')} PARTITION BY RANGE (division_code)"))
    for city in range(CITIES):
        low = 990100 + 100 * city
        bounds = f"FROM ('{low}') TO ('{low + 100}')"
        connection.execute(text(f"CREATE TABLE province.city_{low} PARTITION OF province.parts FOR VALUES {bounds}"))
    columns = ", ".join(
        connection.execute(
            text(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'province.whole'::regclass AND attnum > 0"
                " AND attgenerated = '' ORDER BY attnum"
            )
        ).scalars()
    )
    connection.execute(text(f"INSERT INTO province.parts ({columns}) SELECT {columns} FROM province.whole"))
    for table, key in (("whole", "row_id"), ("parts", "division_code, row_id")):
        for statement in (
            f"ALTER TABLE province.{table} ADD PRIMARY KEY ({key})",
            f"CREATE INDEX ON province.{table} USING gist (geometry) WHERE superseded_at IS NULL",
            f"CREATE INDEX ON province.{table} (division_code)",
            f"ALTER TABLE province.{table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE province.{table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY jurisdiction ON province.{table} USING ({policy})",
            f"GRANT SELECT ON province.{table} TO {APPLICATION_ROLE}",
        ):
            connection.execute(text(statement))
    connection.execute(text(f"GRANT USAGE ON SCHEMA province TO {APPLICATION_ROLE}"))


def _ask(database: Database) -> None:
    plans = []
    sys.stdout.write(
        "| question | caller | one table p50 ms | in parts p50 ms | parts read | rows |\n|---|---|---|---|---|---|\n"
    )
    for question, where in QUESTIONS.items():
        for name, (low, high) in CALLERS.items():
            who = Caller("bench", low, high, "drill")
            # What lists of a caller say beside the policy: his own range, by which the planner leaves parts out.
            own = f" AND division_code >= '{low}' AND division_code < '{high}'"
            took, read, found = {}, 0, set()
            for table in ("whole", "parts"):
                asked = f"SELECT count(*) FROM province.{table} WHERE superseded_at IS NULL{where}{own}"
                with database.transaction(who) as connection:
                    took[table], number = _timed(connection, asked)
                    found.add(number)
                    plan = connection.execute(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked}")).scalar_one()
                    read = len(_parts(plan if isinstance(plan, list) else json.loads(plan)))
                    if (question, name) == SHOWN:
                        shown = connection.execute(text(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {asked}")).scalars()
                        plans.append(f"{table}\n" + re.sub("'[0-9A-F]{60,}'", "'…'", "\n".join(shown)))
            assert len(found) == 1, found
            sys.stdout.write(
                f"| {question} | {name} | {took['whole']:.2f} | {took['parts']:.2f} | {read} of {CITIES} |"
                f" {found.pop():,} |\n"
            )
    sys.stdout.write(f"\nplans of {', '.join(SHOWN)}\n\n" + "\n\n".join(plans) + "\n")
    database.close()


def _timed(connection: Connection, question: str) -> tuple[float, int]:
    taken, found = [], 0
    for _ in range(REPEATS):
        began = time.perf_counter()
        found = int(connection.execute(text(question)).scalar_one())
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken), found


def _parts(plan: Any) -> set[str]:
    """Partitions a plan read from."""
    found: set[str] = set()
    if isinstance(plan, list):
        for one in plan:
            found |= _parts(one)
    elif isinstance(plan, dict):
        if str(plan.get("Relation Name", "")).startswith("city_") and plan.get("Actual Loops", 0):
            found.add(plan["Relation Name"])
        for value in plan.values():
            found |= _parts(value) if isinstance(value, list | dict) else set()
    return found


if __name__ == "__main__":
    main()
