"""Do pages that look at one long record share its columns, each seeing what it knows and nobody another branch?"""

import gc
import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from command_ui.console.record_columns import columns_of
from command_ui.console.record_rows import ALONE, ROOM, Rows
from scenarios.entries import Entries
from scenarios.events import Entry
from scenarios.situation import Situation

BEGAN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KINDS = ("note", "incident_opened", "reading_taken", "team_arrived")


def situation(count: int, branch: str = "", incident: int = 7) -> Situation:
    chance = random.Random(3)
    made = []
    for seq in range(1, count + 1):
        at = BEGAN + timedelta(seconds=seq)
        late = at - timedelta(seconds=chance.randint(0, 300))
        hash_ = f"{seq}" if seq <= 100 else f"{branch}{seq}"
        entry = SimpleNamespace(
            seq=seq, kind=chance.choice(KINDS), occurred_at=late, recorded_at=at, hash=hash_, payload={}, actor="a"
        )
        made.append(cast(Entry, entry))
    return Situation(incident_id=UUID(int=incident), seq=count, entries=Entries.of(made))


def following(one: Situation) -> Rows:
    rows = Rows()
    rows.follow(one)
    return rows


def alone(one: Situation) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a page says that shares nothing with another: its incident has a number of its own."""
    gc.collect()
    rows = following(one)
    return rows.summary(), rows.dots(None, None, "all")


def test_pages_on_one_incident_share_and_each_sees_what_it_knows() -> None:
    short, long = situation(900), situation(1000)
    wanted_short, wanted_long = alone(short), alone(long)
    late, early = following(long), following(short)
    assert late.columns is early.columns
    assert len(early.columns) == 1000
    assert (early.summary(), early.dots(None, None, "all")) == wanted_short
    assert (late.summary(), late.dots(None, None, "all")) == wanted_long
    assert early.summary()["total"] == 900
    assert early.neighbour(1, early.columns.recorded_ms[899]) is None
    early.follow(long)
    assert early.summary() == wanted_long[0]


def test_another_branch_never_touches_what_is_shared() -> None:
    """What-if: the first hundred entries are the same, then they part."""
    wanted = alone(situation(640))
    real, branch = following(situation(600)), following(situation(700, branch="b"))
    assert branch.columns is not real.columns
    assert (len(real.columns), len(branch.columns)) == (600, 700)
    real.follow(situation(620))
    assert following(situation(620)).columns is real.columns
    # A page that steps from the record into the branch and back.
    real.follow(situation(650, branch="b"))
    assert real.total == 650
    real.follow(situation(640))
    assert (real.summary(), real.dots(None, None, "all")) == wanted


def test_what_nobody_looks_at_is_let_go() -> None:
    rows = following(situation(300, incident=8))
    assert columns_of(situation(300, incident=8)) is rows.columns
    del rows
    gc.collect()
    assert len(columns_of(situation(10, incident=8))) == 10


def test_dots_of_a_crowd_count_every_entry_once_and_keep_their_order() -> None:
    rows = following(situation(5000))
    dots = rows.dots(None, None, "all")
    assert sum(dot["count"] for dot in dots) == 5000
    for lane in {dot["lane"] for dot in dots}:
        own = [dot for dot in dots if dot["lane"] == lane]
        assert len(own) <= ROOM + 1
        assert [dot["seq"] for dot in own] == sorted(dot["seq"] for dot in own)
    low, high = rows.columns.at_ms[100], rows.columns.at_ms[300]
    between = rows.dots(low, high, "all")
    inside = sum(low <= at <= high for at in rows.columns.at_ms)
    assert sum(dot["count"] for dot in between) == inside
    assert inside <= 4 * ALONE
