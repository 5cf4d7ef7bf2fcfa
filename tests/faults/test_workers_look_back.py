"""Do two processes on one port tell the same of every moment, with one of them keeping situations for both?"""

import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

from command_ui.settings import Settings
from command_ui.worker import Worker, run_folder
from gis.database import APPLICATION_ROLE, Caller, Database
from scenarios import log
from scenarios.events import CasualtiesReported, Note
from scenarios.replay.moments import EVERY

DRILL = Caller("duty", "000000", "999999", "drill")
LENGTH = 2 * EVERY + 150


@pytest.mark.faults
def test_both_find_every_moment_alike_and_share_what_is_kept(installation: Any) -> None:
    incident = installation.open_incident()
    installation.wait_for_workers()
    database = Database(installation.cluster.url(APPLICATION_ROLE))
    lines = [Note(f"第 {n} 行（演练）") if n % 100 else CasualtiesReported(slightly_injured=n) for n in range(LENGTH)]
    for start in range(0, LENGTH, 500):
        kept = [log.Kept(line, uuid4()) for line in lines[start : start + 500]]
        log.append_kept(database, DRILL, incident, kept)
    database.close()
    folder, until = installation.folder / "moments", time.monotonic() + 60
    while sorted(int(file.stem) for file in folder.rglob(f"{incident}/*.json")) != [EVERY, 2 * EVERY]:
        assert time.monotonic() < until, "nobody kept a situation"
        time.sleep(0.1)
    told: list[list[Any]] = []
    for number in (0, 1):
        place = Worker(number, run_folder(Settings(data_dir=installation.folder))).socket_of(number)
        headers = {"host": f"127.0.0.1:{installation.port}", "authorization": f"Bearer {installation.token}"}
        with httpx.Client(
            transport=httpx.HTTPTransport(uds=str(place)), base_url="http://worker", headers=headers, timeout=30
        ) as client:
            path, answers = f"/api/v1/incidents/{incident}/replay/situation", []
            # each in an order of its own, so that neither finds the way paved as the other did
            for seq in sorted((1, EVERY // 2, EVERY, EVERY + 1, 2 * EVERY - 1, LENGTH), reverse=bool(number)):
                said = client.get(path, params={"seq": seq, "with_hash": True}).json()
                answers.append((seq, said["state_hash"], said["casualties"]))
            told.append(sorted(answers))
    assert told[0] == told[1]
    assert len({digest for _, digest, _ in told[0]}) == 6
