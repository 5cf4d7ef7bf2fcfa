"""Does a file that was handed in and left lying go away, also after the process that took it was killed?"""

import os
import time
from pathlib import Path

import pytest

from command_ui import data_jobs
from command_ui.access.roles import SignedIn
from command_ui.data_jobs import DataJobs
from gis.database import Database
from gis.errors import MissingError

DUTY = SignedIn("duty", "演练", "operator", "990100", "990200", "drill", "handle", "token")


def handed_in(jobs: DataJobs) -> data_jobs.Upload:
    upload = jobs.new("区县.csv", DUTY)
    upload.path.write_text("名称\n演练\n", encoding="utf-8")
    return upload


def until_gone(path: Path) -> None:
    deadline = time.monotonic() + 60
    while path.exists():
        assert time.monotonic() < deadline, "it lies there still"
        time.sleep(0.02)


@pytest.mark.protection("33")
def test_a_file_nobody_asks_for_goes(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert data_jobs.KEPT_S <= 3600
    jobs = DataJobs(database, tmp_path)
    monkeypatch.setattr(data_jobs, "KEPT_S", 0.5)
    left, busy = handed_in(jobs), handed_in(jobs)
    busy.state = "running"
    until_gone(left.path)
    with pytest.raises(MissingError, match="hand it in again"):
        jobs.of(left.key, DUTY)
    assert busy.path.exists(), "what is being read stays"
    busy.state = "examined"
    until_gone(busy.path)
    again = handed_in(jobs)  # and whoever comes later is looked after as well
    until_gone(again.path)


@pytest.mark.protection("33")
def test_what_a_killed_process_left_goes_when_it_starts_again(database: Database, tmp_path: Path) -> None:
    own, other = handed_in(DataJobs(database, tmp_path)), handed_in(DataJobs(database, tmp_path, worker=1))
    (tmp_path / "by-hand.csv").write_text("x", encoding="utf-8")
    of_none = handed_in(DataJobs(database, tmp_path, worker=7))  # there were eight processes once
    os.utime(of_none.path, (0, 0))
    DataJobs(database, tmp_path)
    assert not own.path.exists() and not of_none.path.exists()
    assert other.path.exists(), "another process of the same house looks after its own"
    assert (tmp_path / "by-hand.csv").exists()
