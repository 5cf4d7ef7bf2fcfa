"""Do entries that wait for one another go in under one commit, each with its own author, number and answer?"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text

from gis.database import Caller, Database, libpq_conninfo
from gis.errors import ConflictError, InputError, MissingError, RefusedError
from scenarios import log, verify, verify_rows
from scenarios.events import IncidentClosed, Note
from scenarios.together import Together

DRILL = Caller("演练导调", "000000", "999999", "drill")
Answer = log.Receipt | Exception


@pytest.fixture
def incident(database: Database) -> UUID:
    made = uuid4()
    with database.transaction(DRILL) as connection:
        log.open_incident(connection, made, "990102")
    return made


def while_held(
    database: Database, together: Together, incident: UUID, works: Sequence[Callable[[], log.Receipt]],
    then: Callable[[], object] = lambda: None,
) -> list[Answer]:  # fmt: skip
    """Let the first wait for the row of the incident and all others for the first; give what each was answered."""
    answers: list[Any] = [None] * len(works)

    def do(place: int) -> None:
        try:
            answers[place] = works[place]()
        except Exception as error:  # the answer is what is looked at
            answers[place] = error

    threads = [threading.Thread(target=do, args=(place,)) for place in range(len(works))]
    with database.transaction(DRILL) as connection:
        log.append(connection, incident, Note("先到"))
        for place, thread in enumerate(threads):
            thread.start()
            until = time.monotonic() + 60
            while together.waiting(incident) <= place:  # in the order of their places
                assert time.monotonic() < until
                time.sleep(0.001)
        then()
    for thread in threads:
        thread.join(60)
    return answers


def test_who_waits_goes_in_under_one_commit_and_each_answers_for_itself(database: Database, incident: UUID) -> None:
    together, used, again = Together(database), uuid4(), uuid4()
    said = together.append(DRILL, incident, Note("键已用过"), key=used)
    kept = together.append(DRILL, incident, Note("再送一次"), key=again)
    live, away = Caller("值班员", "000000", "999999", "live"), Caller("邻区", "990103", "990104", "drill")
    authors = [replace(DRILL, actor=f"值班员{n}") for n in range(4)]

    def note(caller: Caller, words: str, **more: Any) -> Callable[[], log.Receipt]:
        return lambda: together.append(caller, incident, Note(words), **more)

    answers = while_held(
        database, together, incident,
        [
            note(DRILL, "占着"),
            note(authors[0], "第一"),
            note(DRILL, "另一内容", key=used),
            note(authors[1], "第二", caused_by=[1, 2]),
            lambda: together.append(authors[2], incident, IncidentClosed("结束"), expected_seq=2),
            note(live, "混入演练"),
            note(away, "越界"),
            note(replace(DRILL, actor=" "), "无名"),
            note(DRILL, "再送一次", key=again),
            note(authors[3], "末尾"),
        ],
    )  # fmt: skip
    taken = {place: one for place, one in enumerate(answers) if isinstance(one, log.Receipt)}
    assert {place: one.seq for place, one in taken.items()} == {0: 4, 1: 5, 3: 6, 8: kept.seq, 9: 7}
    assert [one.replayed for one in taken.values()] == [False, False, False, True, False]
    refused = {place: type(one) for place, one in enumerate(answers) if place not in taken}
    assert refused == {2: InputError, 4: ConflictError, 5: RefusedError, 6: MissingError, 7: RefusedError}
    assert "look at what changed" in str(answers[4]) and said.seq == 1
    with database.transaction(DRILL) as connection:
        entries = log.read(connection, incident)
        rows = connection.execute(text("SELECT seq, xid FROM record.entry WHERE incident_id = :id"), {"id": incident})
        commits = {row.seq: str(row.xid) for row in rows}
    assert [one.actor for one in entries[4:]] == ["值班员0", "值班员1", "值班员3"]
    assert entries[5].caused_by == (1, 2)
    assert {one.seq: one.hash for one in entries}.items() >= {(one.seq, one.hash) for one in taken.values()}
    assert len({commits[seq] for seq in (5, 6, 7)}) == 1 and commits[4] != commits[5]
    with verify_rows.database_rows(database.conninfo, incident) as (heads, found):
        assert verify.verify(heads, found).faults == []
    with database.engine.connect() as pooled:
        assert not pooled.execute(text("SELECT current_setting('onemap.actor', true)")).scalar()


def test_a_receipt_means_that_everybody_can_read_the_entry(database: Database, incident: UUID) -> None:
    together = Together(database)

    def write(words: str) -> Callable[[], log.Receipt]:
        def work() -> log.Receipt:
            receipt = together.append(DRILL, incident, Note(words))
            with database.transaction(DRILL) as connection:
                assert log.read(connection, incident, receipt.seq - 1, 1)[0].payload == {"text": words}
            return receipt

        return work

    answers = while_held(database, together, incident, [write(f"第 {n} 行") for n in range(12)])
    assert sorted(one.seq for one in answers if isinstance(one, log.Receipt)) == list(range(2, 14))
    assert together.waiting(incident) == 0


def test_connections_that_die_lose_nothing_and_double_nothing(
    database: Database, incident: UUID, superuser_url: str
) -> None:
    together = Together(database)

    def cut() -> None:
        """End every connection but the one that holds the row."""
        with psycopg.connect(libpq_conninfo(superuser_url), autocommit=True) as raw:
            raw.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'"
            )

    works = [lambda n=n: together.append(DRILL, incident, Note(f"第 {n} 行")) for n in range(6)]  # type: ignore[misc]
    answers = while_held(database, together, incident, works, cut)
    assert sorted(one.seq for one in answers if isinstance(one, log.Receipt)) == list(range(2, 8))
    with database.transaction(DRILL) as connection:
        assert len(log.read(connection, incident)) == 7


def test_a_batch_that_cannot_be_sent_leaves_each_its_own_try(
    database: Database, incident: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, batches = Together(database), []

    def broken(*given: Any) -> None:
        batches.append(given)
        raise RefusedError("not as a batch")

    monkeypatch.setattr(log, "append_many", broken)
    works = [lambda n=n: together.append(DRILL, incident, Note(f"第 {n} 行")) for n in range(4)]  # type: ignore[misc]
    answers = while_held(database, together, incident, works)
    assert sorted(one.seq for one in answers if isinstance(one, log.Receipt)) == [2, 3, 4, 5]
    assert len(batches) == 1
