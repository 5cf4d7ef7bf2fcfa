"""Is every duty post called, timed, written down, and named when it does not answer?"""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from gis.database import Caller, Database
from gis.errors import InputError, MissingError, UnavailableError
from layers.sensors import alarms, roll_calls
from layers.sensors.roll_calls import Entry, Post, state_of

NOW = datetime.now(UTC).replace(microsecond=0)
DUE = NOW + timedelta(minutes=3)
DUTY = Caller("duty", "990100", "990200", "drill")
WITHIN = timedelta(minutes=3)


class FakeGateway:
    """A telephone gateway of the tests: keeps whom it rang, and is broken for one post."""

    def __init__(self, broken: str = "") -> None:
        self.rang: list[str] = []
        self.broken = broken

    def ring(self, post: Post, call_id: int) -> None:  # noqa: ARG002 - the shape of every line
        if post.name == self.broken:
            raise UnavailableError("the line is engaged")
        self.rang.append(post.name)


@pytest.fixture
def desk(database: Database) -> Iterator[Connection]:
    with database.transaction(DUTY) as connection:
        yield connection


def post(name: str) -> Post:
    return Post(f"QY-{name}", name, "10000000001", "990102", 118.7, 31.4)


def found(connection: Connection, number: int, at: datetime) -> roll_calls.RollCall:
    return next(one for one in roll_calls.listing(connection, DUTY, at) if one.id == number)


def test_the_state_is_a_fold_over_the_log_in_any_order() -> None:
    log = [
        Entry(NOW, "called"),
        Entry(NOW + timedelta(minutes=4), "unanswered"),
        Entry(NOW + timedelta(minutes=5), "answered", "李"),
        Entry(NOW + timedelta(minutes=6), "answered", "王"),
    ]
    for order in itertools.permutations(log):
        state, answer = state_of(DUE, order, NOW + timedelta(hours=1))
        assert state == "late"
        assert answer is not None
        assert answer.who == "李"
    assert state_of(DUE, log[:1], NOW)[0] == "called"
    assert state_of(DUE, log[:1], DUE)[0] == "called"
    assert state_of(DUE, log[:1], DUE + timedelta(seconds=1))[0] == "unanswered"
    assert state_of(DUE, [Entry(DUE, "answered")], NOW)[0] == "answered"


def test_who_answers_in_time_who_late_and_who_not_at_all(desk: Connection) -> None:
    line = FakeGateway(broken="丙")
    first, second, third = roll_calls.call(desk, [post("甲"), post("乙"), post("丙")], WITHIN, line, now=NOW)
    assert line.rang == ["甲", "乙"]
    roll_calls.answer(desk, DUTY, first, "张（演练）", "正常", now=NOW + timedelta(minutes=1))
    after = DUE + timedelta(seconds=1)
    assert len(roll_calls.mark_unanswered(desk, after)) == 2
    assert roll_calls.mark_unanswered(desk, after + timedelta(seconds=1)) == [], "named once"
    roll_calls.answer(desk, DUTY, second, "李（演练）", now=DUE + timedelta(minutes=2))
    later = DUE + timedelta(minutes=5)
    states = [found(desk, number, later).state for number in (first, second, third)]
    assert states == ["answered", "late", "unanswered"]
    by_title = {one.alarm.title: one.alarm for one in alarms.listing(desk, DUTY, kinds=["roll_call"])}
    assert by_title["查岗未应答 乙"].state == "cleared", "who answers late is no longer missing, but was"
    assert by_title["查岗未应答 丙"].state == "open"
    log = desk.execute(
        text("SELECT what FROM sensing.roll_call_entry WHERE roll_call_id = :n ORDER BY id"), {"n": third}
    )
    assert [row.what for row in log] == ["called", "send_failed", "unanswered"]


def test_the_second_attempt_says_so(desk: Connection) -> None:
    roll_calls.call(desk, [post("丁")], WITHIN, now=NOW)
    (again,) = roll_calls.call(desk, [post("丁")], WITHIN, now=NOW + timedelta(minutes=10))
    assert found(desk, again, NOW + timedelta(minutes=10)).attempt == 2


def test_what_cannot_be_called_is_refused(desk: Connection) -> None:
    for wanted, within in (([], WITHIN), ([post("戊")], timedelta(seconds=1)), ([post("戊")] * 201, WITHIN)):
        with pytest.raises(InputError):
            roll_calls.call(desk, wanted, within)
    with pytest.raises(MissingError):
        roll_calls.answer(desk, Caller("other", "990300", "990400", "drill"), 1, "张")
