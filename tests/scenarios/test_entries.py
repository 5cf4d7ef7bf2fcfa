"""Do the entries of a situation behave as the tuple they stand for, and does one more cost the same every time?"""

import os
import subprocess
import sys
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from time import thread_time
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.entries import WIDTH, Entries
from scenarios.events import Entry, Note, payload_of
from scenarios.situation import Situation, apply, situation_at, situation_hash

INCIDENT = UUID("11111111-2222-4333-8444-555555555555")
START = datetime(2026, 11, 24, 6, 0, 12, tzinfo=UTC)


def noted(count: int) -> list[Entry]:
    return [
        Entry(
            INCIDENT,
            n,
            "note",
            "何静",
            None,
            START + timedelta(seconds=n),
            payload_of(Note(f"第 {n} 行")),
            (),
            "",
            f"{n}",
        )
        for n in range(1, count + 1)
    ]


ENTRIES = noted(3 * WIDTH + 5)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(ENTRIES)), st.integers(0, 40), st.slices(len(ENTRIES)))
def test_they_are_the_tuple_they_stand_for(count: int, more: int, part: slice) -> None:
    plain = tuple(ENTRIES[:count])
    kept = Entries.of(plain)
    assert (len(kept), tuple(kept), kept[part]) == (count, plain, plain[part])
    longer = kept
    for entry in ENTRIES[count : count + more]:
        longer = longer.plus(entry)
    assert longer == Entries.of(ENTRIES[: count + more])
    assert tuple(kept) == plain, "the shorter sequence is as it was"
    if plain:
        assert (kept[-1], kept[0], list(reversed(kept))) == (plain[-1], plain[0], list(reversed(plain)))
    with pytest.raises(IndexError):
        kept[count]
    with pytest.raises(FrozenInstanceError):
        kept.tail = ()  # type: ignore[misc]


def test_two_that_grow_from_one_do_not_meet() -> None:
    base = Entries.of(ENTRIES[: WIDTH - 1])
    one, other = base.plus(ENTRIES[WIDTH]), base.plus(ENTRIES[WIDTH + 1])
    assert one != other
    assert (one[-1], other[-1]) == (ENTRIES[WIDTH], ENTRIES[WIDTH + 1])


def test_one_more_entry_costs_the_same_however_many_there_are() -> None:
    situation = situation_at(noted(20_000))

    def cost_s(known: Situation) -> float:
        best = float("inf")
        for _ in range(5):
            at, began = known, thread_time()
            for n in range(100):
                following = Entry(
                    INCIDENT, known.seq + 1 + n, "note", "何静", None, START, {"text": "又一行"}, (), "", ""
                )
                at = apply(following, at)
            best = min(best, thread_time() - began)
        return best

    # A tuple of 20 000 copied a hundred times is 2 000 000 references, some ten times the whole of this.
    # What a busy machine takes from one of the two is no copy: a copy costs as much each time.
    few = situation_at(noted(10))
    assert any(cost_s(situation) < 3 * cost_s(few) + 0.002 for _ in range(5))


HASHED = """
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID
from scenarios.events import CasualtiesReported, Correction, Entry, IncidentReported, Note, payload_of
from scenarios.situation import situation_at, situation_hash
start = datetime(2026, 11, 24, 6, 0, 12, tzinfo=UTC)
events = [IncidentReported("氯气泄漏", 118.71, 31.41, start, start, "alarm", case={"b": {"z": 1.5, "a": "二"}, "a": 1}),
          *(Note(f"第 {n} 行") for n in range(600)), CasualtiesReported(dead=1), Correction(2, "00", "时间有误")]
entries = [Entry(UUID(int=5), n, event.code, "何静", start.astimezone(), (start + timedelta(seconds=n)).astimezone(),
                 payload_of(event), (), "", f"{n}") for n, event in enumerate(events, 1)]
print(situation_hash(situation_at(entries)))
"""


def test_another_process_zone_locale_and_hash_seed_give_the_same_situation() -> None:
    answers = set()
    for zone, seed, language in (("Asia/Shanghai", "0", "zh_CN.UTF-8"), ("America/St_Johns", "4711", "C.UTF-8")):
        environment = os.environ | {"TZ": zone, "PYTHONHASHSEED": seed, "LANG": language}
        done = subprocess.run(
            [sys.executable, "-c", HASHED], env=environment, capture_output=True, text=True, timeout=800, check=True
        )
        answers.add(done.stdout.strip())
    assert len(answers) == 1
    assert len(answers.pop()) == 64


def test_the_hash_is_the_same_step_by_step() -> None:
    stepwise = Situation()
    for entry in ENTRIES:
        stepwise = apply(entry, stepwise)
    assert situation_hash(stepwise) == situation_hash(situation_at(ENTRIES))
