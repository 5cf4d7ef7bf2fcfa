"""Do messages count once, in any order, late ones and wrong ones too, and does what stands agree with what was said?"""

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from gis.crs import LonLat
from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError
from layers.sensors import alarms, devices, health, history, silence
from layers.sensors.intake import Answer, take
from layers.sensors.messages import Batch, TooManyError, read
from layers.sensors.points import Points, connect_tags

NOW = datetime.now(UTC).replace(microsecond=0)
DUTY = Caller("duty", "990100", "990200", "drill")
NEIGHBOUR = Caller("neighbour", "990300", "990400", "drill")
PLACE = LonLat(118.71, 31.41)
_number = itertools.count(1)


@pytest.fixture(scope="module")
def sensing(database: Database) -> Iterator[Database]:
    """A database with the days the tests speak about."""
    with database.transaction(Caller.system()) as connection:
        history.prepare(connection, (NOW - timedelta(days=1)).date())
    yield database


@pytest.fixture
def inside(sensing: Database) -> Iterator[Connection]:
    """A transaction as the program itself, kept."""
    with sensing.transaction(Caller.system()) as connection:
        yield connection


def gateway(connection: Connection, *, low: float | None = 1.0, high: float | None = 3.0, interval_s: int = 30) -> str:
    """A gateway of its own with one registered chlorine detector, named like its tag."""
    name = f"WG-{next(_number):04d}"
    connection.execute(
        text(
            "INSERT INTO layers.tag (id, valid_from, source_system, as_of, division_code, mode, name, place, quantity,"
            " unit, threshold, threshold_high, interval_s, status, geometry) VALUES (:id, :at, 'test', :at, '990102',"
            " 'drill', :id, '液氯库', 'cl2', 'ppm', :low, :high, :interval, 'live',"
            " ST_SetSRID(ST_MakePoint(118.7, 31.4), 4490))"
        ),
        {"id": f"T-{name}", "at": NOW - timedelta(days=2), "low": low, "high": high, "interval": interval_s},
    )
    devices.register(
        connection, name, "演练网关", division_code="990102", mode="drill", place=PLACE, interval_s=interval_s
    )
    connect_tags(connection, name, {"AT-1": f"T-{name}"})
    return name


def rows(*values: tuple[int, float]) -> list[dict[str, Any]]:
    """Rows of the detector: seconds after half an hour ago, value."""
    return [
        {"tnm": "AT-1", "ts": (NOW + timedelta(seconds=seconds - 300)).isoformat(), "val": value}
        for seconds, value in values
    ]


def say(connection: Connection, name: str, body: list[dict[str, Any]], *, at: datetime = NOW, **more: Any) -> Answer:
    batch = read("tag", {"wgbm": name, "rts": body, **more}, name, at)
    return take(connection, Points(), [batch]).answers[0]


def standing(connection: Connection, name: str) -> list[tuple[Any, ...]]:
    """What the duty room ends up with: everything but the alarm's name and when it reached us."""
    found = connection.execute(
        text(
            "SELECT occurred_at, cleared_at, state, level, value, peak, acknowledged_by FROM layers.alarm"
            " WHERE superseded_at IS NULL AND tag_id = :tag AND kind = 'gas' ORDER BY occurred_at, cleared_at, peak"
        ),
        {"tag": f"T-{name}"},
    )
    return [tuple(row) for row in found]


def latest(connection: Connection, name: str) -> Any:
    return connection.execute(
        text("SELECT l.* FROM sensing.latest l JOIN sensing.point p ON p.id = l.point_id WHERE p.device_id = :d"),
        {"d": name},
    ).one()


def stored(connection: Connection, name: str) -> int:
    return int(
        connection.execute(
            text(
                "SELECT count(*) FROM sensing.observation o JOIN sensing.point p ON p.id = o.point_id"
                " WHERE p.device_id = :d"
            ),
            {"d": name},
        ).scalar_one()
    )


def test_a_message_counts_once_and_a_retry_gets_the_same_answer(inside: Connection) -> None:
    name = gateway(inside)
    first = say(inside, name, rows((0, 0.1), (30, 0.2)), id="batch-1")
    assert (first.accepted, first.duplicate, first.replayed) == (2, 0, False)
    again = say(inside, name, rows((0, 0.1), (30, 0.2)), id="batch-1")
    assert (again.accepted, again.duplicate, again.replayed) == (2, 0, True)
    without_id = say(inside, name, rows((0, 0.1), (30, 0.2), (60, 0.3)))
    assert (without_id.accepted, without_id.duplicate) == (1, 2)
    assert stored(inside, name) == 3


def test_a_row_twice_in_one_message_and_in_two_messages_at_once_counts_once(inside: Connection) -> None:
    name = gateway(inside)
    points = Points()
    batches = [read("tag", {"rts": rows((0, 0.1), (0, 0.1))}, name, NOW) for _ in range(2)]
    answers = take(inside, points, batches).answers
    assert [(one.accepted, one.duplicate) for one in answers] == [(1, 1), (0, 2)]


def test_good_rows_are_kept_and_each_bad_one_is_named_by_its_place(inside: Connection) -> None:
    name = gateway(inside)
    body = [
        *rows((0, 0.1)),
        {"tnm": "AT-99", "ts": NOW.isoformat(), "val": 1},
        {"tnm": "AT-1", "ts": "2026-11-22 09:30:00", "val": 1},
        {"tnm": "AT-1", "ts": NOW.isoformat(), "val": "a lot"},
        {"tnm": "AT-1", "ts": (NOW + timedelta(minutes=6)).isoformat(), "val": 9.0},
        {"tnm": "AT-1", "ts": (NOW - timedelta(days=400)).isoformat(), "val": 9.0},
        "nothing",
        {"tnm": "AT-1", "ts": int((NOW - timedelta(seconds=5)).timestamp() * 1000), "val": "0.25"},
    ]
    answer = say(inside, name, body)
    assert answer.accepted == 2
    assert [(index, code) for index, code, _ in answer.aside] == [
        (1, "unknown_point"), (2, "bad_time"), (3, "bad_value"), (4, "future"), (5, "too_old"), (6, "bad_row"),
    ]  # fmt: skip
    kept = inside.execute(text("SELECT reason FROM sensing.quarantine WHERE device_id = :d ORDER BY id"), {"d": name})
    assert sorted(row.reason for row in kept) == sorted(code for _, code, _ in answer.aside)
    assert latest(inside, name).value == 0.25, "a value from the future must never stand as the latest"
    assert standing(inside, name) == []


def test_late_readings_are_marked_and_never_move_the_latest_back(inside: Connection) -> None:
    name = gateway(inside)
    say(inside, name, rows((290, 0.5)))
    answer = say(inside, name, [{"tnm": "AT-1", "ts": (NOW - timedelta(hours=3)).isoformat(), "val": 0.4}])
    assert (answer.accepted, answer.late) == (1, 1)
    assert latest(inside, name).value == 0.5
    both = inside.execute(
        text("SELECT observed_at, received_at, late FROM sensing.observation o JOIN sensing.point p"
             " ON p.id = o.point_id WHERE p.device_id = :d ORDER BY observed_at"), {"d": name}
    ).all()  # fmt: skip
    assert [(row.late, row.received_at) for row in both] == [(True, NOW), (False, NOW)]


def test_a_gateway_lives_from_its_first_word_on(inside: Connection) -> None:
    name = gateway(inside)

    def state() -> str:
        return next(one.status for one in health.overview(inside, DUTY, NOW) if one.id == name)

    assert state() == "new"
    say(inside, name, rows((0, 0.2)))
    assert state() == "live"


def test_an_alarm_is_raised_gets_worse_comes_back_and_is_closed_by_a_person(inside: Connection) -> None:
    name = gateway(inside)
    say(inside, name, rows((0, 0.2), (30, 1.4)))
    (only,) = [one for one in alarms.listing(inside, DUTY) if one.alarm.tag_id == f"T-{name}"]
    assert (only.alarm.state, only.alarm.title, only.alarm.severity) == ("open", "Cl₂ 1.4 ppm", 2)
    assert only.alarm.known_at == NOW
    assert alarms.acknowledge(inside, DUTY, only.alarm.id, "已电话核实").state == "acknowledged"
    say(inside, name, rows((60, 3.4)))
    worse = alarms.one(inside, DUTY, only.alarm.id).alarm
    assert (worse.state, worse.severity, worse.peak) == ("open", 3, 3.4), "worse than what was seen: look again"
    assert worse.occurred_at == only.alarm.occurred_at
    with pytest.raises(ConflictError):
        alarms.acknowledge(inside, DUTY, worse.id, seen_level=2)
    alarms.acknowledge(inside, DUTY, worse.id, "已派人", seen_level=3)
    say(inside, name, rows((90, 0.1)))
    over = alarms.one(inside, DUTY, only.alarm.id).alarm
    assert (over.state, over.acknowledged_by, over.reason) == ("closed", "duty", "已派人")
    versions = inside.execute(text("SELECT count(*) FROM layers.alarm WHERE id = :id"), {"id": over.id}).scalar_one()
    assert versions == 5, "every state the alarm was in stays in the register"


def test_an_alarm_of_another_jurisdiction_is_not_there(inside: Connection) -> None:
    name = gateway(inside)
    say(inside, name, rows((0, 5.0)))
    (mine,) = [one for one in alarms.listing(inside, DUTY) if one.alarm.tag_id == f"T-{name}"]
    assert alarms.listing(inside, NEIGHBOUR) == []
    for act in (alarms.acknowledge, alarms.escalate):
        with pytest.raises(MissingError):
            act(inside, NEIGHBOUR, mine.alarm.id)
    with pytest.raises(MissingError):
        alarms.one(inside, Caller("duty", "990100", "990200", "live"), mine.alarm.id)


def test_escalating_twice_is_once(inside: Connection) -> None:
    name = gateway(inside)
    say(inside, name, rows((0, 1.2)))
    (mine,) = [one for one in alarms.listing(inside, DUTY) if one.alarm.tag_id == f"T-{name}"]
    first = alarms.escalate(inside, DUTY, mine.alarm.id)
    assert (first.severity, first.escalated_by) == (3, "duty")
    assert alarms.escalate(inside, DUTY, mine.alarm.id).escalated_at == first.escalated_at
    say(inside, name, rows((30, 4.0)))
    assert alarms.one(inside, DUTY, mine.alarm.id).alarm.escalated_by == "duty"


STORY = [(0, 0.2), (30, 1.4), (60, 0.96), (90, 3.4), (120, 2.9), (150, 0.3), (180, 1.1), (210, 0.96), (240, 0.2)]


def test_every_order_of_arrival_ends_in_the_same_alarms(inside: Connection) -> None:
    expected = None
    for seed in range(8):
        name = gateway(inside)
        told = rows(*STORY) * 3
        random.Random(seed).shuffle(told)
        at = 0
        while at < len(told):
            size = random.Random(seed * 100 + at).randint(1, 5)
            say(inside, name, told[at : at + size])
            at += size
        found = standing(inside, name)
        assert stored(inside, name) == len(STORY)
        expected = expected or found
        assert found == expected, f"seed {seed}"
    assert expected is not None
    assert [(row[3], row[5]) for row in expected] == [(2, 3.4), (1, 1.1)]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(
        # Few moments make many values of one moment; many moments make gaps.
        st.tuples(st.integers(0, 4) | st.integers(0, 290), st.sampled_from([0.1, 0.85, 0.97, 1.0, 2.9, 3.2])),
        min_size=1,
        max_size=14,
    ),
    st.integers(0, 2**31),
)
@example([(0, 1.0), (1, 0.1), (1, 1.0), (2, 0.85), (2, 0.1)], 0)
@example([(0, 3.2), (1, 0.1), (2, 1.0), (3, 3.2)], 1)
def test_any_values_in_any_order_leave_what_the_fold_says(
    inside: Connection, told: list[tuple[int, float]], seed: int
) -> None:
    in_order, shuffled = gateway(inside), gateway(inside)
    say(inside, in_order, rows(*sorted(told)))
    source = random.Random(seed)
    mixed = rows(*told) * 2
    source.shuffle(mixed)
    for at in range(0, len(mixed), 3):
        say(inside, shuffled, mixed[at : at + 3])
    assert standing(inside, shuffled) == standing(inside, in_order)
    ours, theirs = latest(inside, shuffled), latest(inside, in_order)
    for column in ("observed_at", "message_key", "value", "level", "raised_at", "high_at", "peak"):
        assert getattr(ours, column) == getattr(theirs, column), column


def test_events_raise_and_clear_alarms_with_their_words(inside: Connection) -> None:
    name = gateway(inside)
    begin = NOW - timedelta(minutes=2)
    event = {
        "oname": "罐区火焰探测",
        "ts": begin.isoformat(),
        "avx": 1,
        "scd": 4,
        "threshold": 1,
        "content": "火焰报警",
    }
    take(inside, Points(), [read("event", {"events": [event]}, name, NOW)])
    (mine,) = [one for one in alarms.listing(inside, DUTY, kinds=["event"]) if "罐区火焰探测" in one.alarm.place]
    assert (mine.alarm.title, mine.alarm.state) == ("火焰报警", "open")
    clear = event | {"scd": 0, "ts": NOW.isoformat(), "content": "恢复"}
    take(inside, Points(), [read("event", {"events": [clear, event]}, name, NOW)])
    after = alarms.one(inside, DUTY, mine.alarm.id).alarm
    assert (after.state, after.title, after.cleared_at) == ("cleared", "火焰报警", NOW)
    video = {"videoCode": "34020000001320000001", "ts": NOW.isoformat(), "alarmType": "smoke", "content": "烟雾"}
    take(inside, Points(), [read("video", {"videos": [video]}, name, NOW)])
    assert [one.alarm.title for one in alarms.listing(inside, DUTY, kinds=["video"])] == ["烟雾"]


def test_the_title_of_an_alarm_is_the_newest_word_said_in_whatever_order(inside: Connection) -> None:
    said = [(0, 4, "一号罐温度高"), (60, 4, "一号罐冒烟"), (120, 0, "恢复"), (180, 4, "二号罐冒烟"), (240, 4, "")]
    for order in itertools.permutations(range(len(said))):
        name = gateway(inside)
        for seconds, state, content in (said[at] for at in order):
            at = (NOW - timedelta(seconds=300 - seconds)).isoformat()
            event = {"oname": "火焰探测", "ts": at, "scd": state, "content": content}
            take(inside, Points(), [read("event", {"events": [event]}, name, NOW)])
        found = inside.execute(
            text(
                "SELECT a.title, a.state FROM layers.alarm a JOIN sensing.point p ON a.subject = 'point:' || p.id"
                " WHERE a.superseded_at IS NULL AND p.device_id = :d ORDER BY a.occurred_at"
            ),
            {"d": name},
        )
        assert [tuple(row) for row in found] == [("一号罐冒烟", "cleared"), ("二号罐冒烟", "open")], order


def test_a_late_word_about_a_long_alarm_does_not_move_its_beginning(sensing: Database) -> None:
    # It has stood for nine days: nothing may cut its history short.
    with sensing.transaction(Caller.system()) as connection:
        name = gateway(connection)
        days = [(-9, 0.1), (-8.5, 1.2), (-4, 1.3), (-0.01, 1.4)]
        told = [{"tnm": "AT-1", "ts": (NOW + timedelta(days=day)).isoformat(), "val": value} for day, value in days]
        say(connection, name, told)
        late = {"tnm": "AT-1", "ts": (NOW - timedelta(hours=2)).isoformat(), "val": 1.1}
        assert say(connection, name, [late]).late == 1
        ((occurred_at, cleared_at, *_),) = standing(connection, name)
        assert (occurred_at, cleared_at) == (NOW - timedelta(days=8.5), None)


def test_a_message_as_a_whole_is_refused_with_one_sentence() -> None:
    with pytest.raises(TooManyError, match="501 rows in one message: send at most 500"):
        read("tag", {"rts": [{}] * 501}, "WG-1", NOW)
    with pytest.raises(InputError, match="not the gateway whose token"):
        read("tag", {"wgbm": "WG-2", "rts": []}, "WG-1", NOW)
    for body in ([], {"rts": "x"}, {"rts": {}}, {}, 7, None):
        with pytest.raises(InputError):
            read("tag", body, "WG-1", NOW)


def test_a_silent_point_turns_grey_and_alarms_once(inside: Connection) -> None:
    name = gateway(inside, interval_s=30)
    say(inside, name, rows((295, 0.2)), at=NOW)
    silence.look(inside, NOW + timedelta(seconds=59))
    assert latest(inside, name).status == "live"
    quiet = NOW + timedelta(seconds=61)

    def offline() -> list[Any]:
        found = alarms.listing(inside, DUTY, kinds=["silence"], limit=10_000)
        return [one.alarm for one in found if one.alarm.subject == f"silence:device:{name}"]

    for later in range(3):
        silence.look(inside, quiet + timedelta(seconds=later))
    assert latest(inside, name).status == "offline"
    (alarm,) = offline()
    assert (alarm.state, alarm.severity, alarm.occurred_at) == ("open", 1, NOW + timedelta(seconds=60))
    register = inside.execute(text("SELECT status, last_value FROM layers.tag WHERE id = :t"), {"t": f"T-{name}"}).one()
    assert (register.status, register.last_value) == ("offline", 0.2), "grey, with its last value"
    say(inside, name, rows((300, 0.3)), at=quiet + timedelta(seconds=10))
    silence.look(inside, quiet + timedelta(seconds=11))
    assert latest(inside, name).status == "live"
    assert [one.state for one in offline()] == ["cleared"]


def test_many_points_silent_at_once_are_one_alarm_and_those_of_a_closed_gateway_none(inside: Connection) -> None:
    def offline(name: str) -> list[Any]:
        found = alarms.listing(inside, DUTY, kinds=["silence"], limit=10_000)
        return [one.alarm for one in found if one.alarm.subject == f"silence:points:{name}" or name in one.alarm.place]

    def speak(name: str, at: datetime, *numbers: int) -> None:
        body = [{"tnm": f"P{number}", "ts": at.isoformat(), "val": 0.1} for number in numbers]
        take(inside, Points(), [read("tag", {"rts": body}, name, at)])

    for disabled in (False, True):
        name = f"WG-BUS-{disabled}"
        devices.register(inside, name, name, division_code="990102", mode="drill", place=PLACE, interval_s=3600)
        connect_tags(inside, name, {f"P{number}": "" for number in range(20)})
        inside.execute(text("UPDATE sensing.point SET interval_s = 30 WHERE device_id = :d"), {"d": name})
        speak(name, NOW, *range(20))
        if disabled:
            devices.disable(inside, name)
        silence.look(inside, NOW + timedelta(seconds=70))
        if disabled:
            assert offline(name) == []
            continue
        (together,) = offline(name)
        assert (together.title, together.state) == ("测点离线 20 个", "open")
        speak(name, NOW + timedelta(seconds=80), *range(19))
        silence.look(inside, NOW + timedelta(seconds=81))
        assert [one.state for one in offline(name)] == ["open"], "one point is still silent"
        speak(name, NOW + timedelta(seconds=90), 19)
        silence.look(inside, NOW + timedelta(seconds=91))
        assert [one.state for one in offline(name)] == ["cleared"]


def test_batches_of_one_gateway_carry_how_far_its_clock_is_off(inside: Connection) -> None:
    name = gateway(inside)
    batch = read("tag", {"rts": [], "sent_at": (NOW + timedelta(seconds=12)).isoformat()}, name, NOW)
    assert isinstance(batch, Batch)
    take(inside, Points(), [batch])
    assert devices.find(inside, name).clock_ahead_s == 12.0


@given(
    shift=st.integers(-200, 290),
    values=st.lists(st.tuples(st.integers(0, 290), st.sampled_from([0.1, 1.2, 3.4])), min_size=1, max_size=8),
    seed=st.integers(0, 2**31),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@example(shift=-20, values=[(0, 1.2), (30, 3.4), (60, 0.1)], seed=0)
def test_no_alarm_begins_after_we_heard_of_it(
    inside: Connection, shift: int, values: list[tuple[int, float]], seed: int
) -> None:
    # A device whose clock is ahead, up to what is taken at all, and a row that stood before its first message came.
    name = gateway(inside)
    stood = NOW - timedelta(seconds=300)
    inside.execute(
        text("INSERT INTO layers.alarm (id, valid_from, source_system, as_of, division_code, mode, tag_id, kind, title,"
             " place, severity, level, state, occurred_at, known_at, geometry) VALUES (:id, :at, 'test', :at, '990102',"
             " 'drill', :tag, 'gas', 'Cl₂', '液氯库', 3, 2, 'open', :at, :at,"
             " ST_SetSRID(ST_MakePoint(118.7, 31.4), 4490))"),
        {"id": f"GJ-{name}", "at": stood, "tag": f"T-{name}"},
    )  # fmt: skip
    told = [rows(one)[0] for one in values]
    random.Random(seed).shuffle(told)
    for one in told:
        say(inside, name, [one], at=NOW - timedelta(seconds=300 - max(shift, 0)))
    found = inside.execute(
        text("SELECT id, occurred_at, known_at FROM layers.alarm WHERE superseded_at IS NULL AND tag_id = :tag"),
        {"tag": f"T-{name}"},
    ).all()
    assert all(row.occurred_at <= row.known_at for row in found), found
    assert next(row.occurred_at for row in found if row.id == f"GJ-{name}") == stood, "the first moment is kept"
