"""S11: 10 000 requests of two processes over five connections each, with errors, time-outs and cancelled statements."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from gis.database import Caller, Database

PROGRAM = Path(__file__).with_name("pool_caller.py")
INSERT = text(
    "INSERT INTO layers.camera (id, valid_from, source_system, as_of, division_code, label, mode, name, bearing_deg,"
    " view_deg, range_m, status, geometry)"
    " SELECT 'C-' || n, now() - interval '1 day', '演练', now(), (990101 + n % 4)::text || '001',"
    "   (ARRAY['public','internal','restricted'])[1 + (n / 4) % 3], 'drill', 'c', 0, 60, 100, 'live',"
    "   ST_SetSRID(ST_MakePoint(118.5 + n / 100.0, 31.2), 4490) FROM generate_series(0, 47) AS n"
)


@pytest.fixture(scope="module")
def cameras(database: Database) -> Database:
    with database.transaction(Caller("tester", "990100", "990200", "drill")) as connection:
        connection.execute(INSERT)
    return database


def asked(url: str, requests: int, kind: str) -> tuple[int, int]:
    """Requests made and foreign rows seen by two processes at once."""
    running = [
        subprocess.Popen(
            [sys.executable, str(PROGRAM), url, str(seed), str(requests), kind],
            stdout=subprocess.PIPE, text=True, cwd=PROGRAM.parents[2], env={"PYTHONPATH": str(PROGRAM.parents[2])},
        )
        for seed in (1, 2)
    ]  # fmt: skip
    told = [one.communicate()[0].split() for one in running]
    assert [one.returncode for one in running] == [0, 0]
    return sum(int(one[0]) for one in told), sum(int(one[1]) for one in told)


@pytest.mark.protection("10")
def test_no_setting_of_one_caller_reaches_the_next(cameras: Database) -> None:
    made, foreign = asked(cameras.url, 250, "as it is")
    assert (made, foreign) == (500, 0)


@pytest.mark.long
def test_ten_thousand_requests_leak_nothing(cameras: Database) -> None:
    made, foreign = asked(cameras.url, 5000, "as it is")
    assert (made, foreign) == (10_000, 0)


def test_a_plain_set_is_seen_by_the_next(cameras: Database) -> None:
    """The test of the test."""
    _, foreign = asked(cameras.url, 50, "planted")
    assert foreign > 0
