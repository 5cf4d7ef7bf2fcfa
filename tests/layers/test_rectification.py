"""Is a defect given to one unit once, with a term, and does every state it was in stay known?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection, text

from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError
from layers import rectification
from layers.rectification import OPEN, STEPS
from layers.revision import revise

NOW = datetime(2026, 11, 22, 2, 32, tzinfo=UTC)
"""10:32 in the duty room."""
DUTY = Caller("duty", "990100", "990200", "drill")
DAY = timedelta(days=1)


class _UndoError(Exception):
    """Roll back."""


@pytest.fixture
def inside(database: Database) -> Iterator[Connection]:
    """A register with one shelter, left as it was found."""
    with pytest.raises(_UndoError), database.transaction(DUTY) as connection:
        shelter = {
            "id": "S-1", "name": "一号避难所", "pinyin": "", "initials": "", "level": "city", "kind": "indoor",
            "capacity": 100, "occupancy": 0, "effective_area_m2": 100.0, "indoor_gas_tight": False,
            "manager": "演练员", "phone": "1", "valid_from": NOW - 30 * DAY, "source_system": "test", "as_of": NOW,
            "division_code": "990102", "label": "public", "mode": "drill", "geometry": "SRID=4490;POINT(118.7 31.4)",
        }  # fmt: skip
        revise(connection, "shelter", pd.DataFrame([shelter]))
        yield connection
        raise _UndoError


def give(connection: Connection, days: float = 7, caller: Caller = DUTY) -> rectification.Rectification:
    return rectification.assign(
        connection,
        caller,
        "shelter",
        "S-1",
        what="补齐联系电话",
        owner="滨江区应急局",
        due_at=NOW + days * DAY,
        now=NOW,
    )


def test_a_task_goes_its_way_and_every_state_stays_known(inside: Connection) -> None:
    given = give(inside)
    assert (given.state, given.subject_name, given.origin, given.division_code) == (
        "assigned", "一号避难所", "defect", "990102",
    )  # fmt: skip
    assert given.longitude == pytest.approx(118.7)
    for hours, state in ((1, "received"), (30, "done"), (31, "assigned"), (50, "done"), (52, "closed")):
        when = NOW + timedelta(hours=hours)
        done = rectification.step(inside, DUTY, given.id, state, f"第 {hours} 小时", now=when)  # type: ignore[arg-type]
        assert (done.state, done.since) == (state, when)
    told = rectification.history(inside, DUTY, given.id)
    assert [one.state for one in told] == ["assigned", "received", "done", "assigned", "done", "closed"]
    assert [one.since for one in told] == sorted(one.since for one in told)
    assert {one.assigned_at for one in told} == {NOW}
    # As we knew it: at 10 hours it was received and not yet done.
    then = inside.execute(
        text(
            "SELECT state FROM layers.rectification WHERE id = :id AND superseded_at IS NULL AND valid_from <= :at"
            " AND (valid_to IS NULL OR valid_to > :at)"
        ),
        {"id": given.id, "at": NOW + timedelta(hours=10)},
    ).scalar_one()
    assert then == "received"


def test_one_defect_is_given_once_until_it_is_over(inside: Connection) -> None:
    given = give(inside)
    with pytest.raises(ConflictError, match=given.id):
        give(inside)
    rectification.step(inside, DUTY, given.id, "withdrawn", now=NOW + DAY)
    assert give(inside).id != given.id


def test_steps_that_cannot_follow_are_refused_and_a_repeated_one_is_once(inside: Connection) -> None:
    given = give(inside)
    for state in set(STEPS) - set(STEPS["assigned"]) - {"assigned"}:
        with pytest.raises(ConflictError):
            rectification.step(inside, DUTY, given.id, state, now=NOW)
    first = rectification.step(inside, DUTY, given.id, "received", now=NOW + DAY)
    assert rectification.step(inside, DUTY, given.id, "received", now=NOW + 2 * DAY) == first
    assert all(set(STEPS[state]) <= set(STEPS) for state in STEPS)
    assert all(not STEPS[state] for state in STEPS if state not in OPEN)


def test_it_is_overdue_when_its_term_is_over_and_nobody_said_done(inside: Connection) -> None:
    given = give(inside, days=1)
    assert not given.is_overdue(NOW + DAY)
    assert given.is_overdue(NOW + DAY + timedelta(seconds=1))
    done = rectification.step(inside, DUTY, given.id, "done", now=NOW + timedelta(hours=2))
    assert not done.is_overdue(NOW + 3 * DAY)


def test_what_cannot_be_given_is_refused_with_every_fault(inside: Connection) -> None:
    with pytest.raises(InputError) as found:
        rectification.assign(inside, DUTY, "shelter", "S-1", what=" ", owner="", due_at=NOW - DAY, now=NOW)
    assert len(found.value.faults) == 3
    for layer, row in (
        ("shelter", "S-2"),
        ("hidden_danger", "none"),
        ("enterprise", "aside-1"),
        ("shelter", "aside-x"),
    ):
        with pytest.raises(MissingError):
            rectification.assign(inside, DUTY, layer, row, what="x", owner="y", due_at=NOW + DAY, now=NOW)


def test_another_division_sees_and_does_nothing(inside: Connection) -> None:
    given = give(inside)
    stranger = Caller("other", "990300", "990400", "drill")
    assert rectification.listing(inside, stranger) == []
    with pytest.raises(MissingError):
        rectification.step(inside, stranger, given.id, "done")
    with pytest.raises(MissingError):
        give(inside, caller=stranger)


def test_open_tasks_stand_first_by_their_term(inside: Connection) -> None:
    late = give(inside, 9)
    rectification.step(inside, DUTY, late.id, "withdrawn", now=NOW + DAY)
    early = give(inside, 3)
    assert [one.id for one in rectification.listing(inside, DUTY)] == [early.id, late.id]
    assert [one.id for one in rectification.listing(inside, DUTY, states=["withdrawn"])] == [late.id]
