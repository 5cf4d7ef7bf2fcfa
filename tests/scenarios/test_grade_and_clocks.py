"""Do grade and deadlines follow the rules to the last person and the last second?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.clocks import Clock, clocks, policies_for, supplement_until
from scenarios.events import GRADES, CasualtiesReported, Entry, IncidentReported, payload_of
from scenarios.grade import grade, suggest
from scenarios.reports.events import ReportSent
from scenarios.situation import situation_at

# 《生产安全事故报告和调查处理条例》 (Order 493) art. 3, by hand: dead, seriously injured, yuan, grade.
TABLE = [
    (2, 9, 9_999_999, "ordinary"),
    (3, 0, 0, "larger"),
    (0, 10, 0, "larger"),
    (0, 0, 10_000_000, "larger"),
    (9, 49, 49_999_999, "larger"),
    (10, 0, 0, "major"),
    (0, 50, 0, "major"),
    (0, 0, 50_000_000, "major"),
    (29, 99, 99_999_999, "major"),
    (30, 0, 0, "extraordinary"),
    (0, 100, 0, "extraordinary"),
    (0, 0, 100_000_000, "extraordinary"),
    (2, 100, 0, "extraordinary"),
]


@pytest.mark.parametrize(("dead", "injured", "loss", "expected"), TABLE)
def test_the_table_of_order_493(dead: int, injured: int, loss: int, expected: str) -> None:
    assert grade(dead, injured, loss)[0] == expected


COUNTS = st.tuples(st.integers(0, 200), st.integers(0, 400), st.integers(0, 300_000_000))


@given(COUNTS, COUNTS)
def test_more_never_lowers_the_grade(first: tuple[int, int, int], more: tuple[int, int, int]) -> None:
    total = tuple(a + b for a, b in zip(first, more, strict=True))
    assert GRADES.index(grade(*total)[0]) >= GRADES.index(grade(*first)[0])


def test_the_reason_names_the_columns_that_decided() -> None:
    suggested = suggest(CasualtiesReported(dead=3, seriously_injured=2))
    assert suggested.reasons == ({"column": "dead", "value": 3, "bound": 3, "grade": "larger"},)
    assert suggest(CasualtiesReported(dead=1)).reasons == ()


def test_missing_people_give_a_second_result_and_never_the_first() -> None:
    suggested = suggest(CasualtiesReported(dead=2, missing=1))
    assert (suggested.grade, suggested.grade_with_missing) == ("ordinary", "larger")


KNOWN = datetime(2026, 11, 24, 6, 3, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes_seconds", "running", "met"),
    [((59, 59), "running", "met"), ((60, 0), "running", "met"), ((60, 1), "overdue", "met_late")],
)
def test_sixty_minutes_are_kept_at_the_hour_and_missed_a_second_later(
    minutes_seconds: tuple[int, int], running: str, met: str
) -> None:
    minutes, seconds = minutes_seconds
    moment = KNOWN + timedelta(minutes=minutes, seconds=seconds)
    due = KNOWN + timedelta(minutes=60)
    assert Clock("first_report_written", KNOWN, due, None, "").state(moment) == running
    assert Clock("first_report_written", KNOWN, due, moment, "").state(moment + timedelta(days=1)) == met


def entries(*events: object) -> list[Entry]:
    from uuid import UUID

    return [
        Entry(UUID(int=1), n, event.code, "何静", None, KNOWN + timedelta(seconds=n), payload_of(event), ())  # type: ignore[attr-defined, arg-type]
        for n, event in enumerate(events, 1)
    ]


def reported(division: str) -> IncidentReported:
    return IncidentReported(
        "氯气泄漏", 118.7, 31.4, KNOWN - timedelta(minutes=20), KNOWN, "alarm", division_code=division
    )


def test_clocks_start_when_we_knew_and_follow_the_policy_of_the_place() -> None:
    here = {clock.code: clock for clock in clocks(situation_at(entries(reported("990102"))))}
    assert here["first_report_phone"].due_at == KNOWN + timedelta(minutes=15)
    assert here["first_report_written"].due_at == KNOWN + timedelta(minutes=60)
    elsewhere = [clock.code for clock in clocks(situation_at(entries(reported("310101"))))]
    assert elsewhere == ["first_report_written"], "without a local rule only Order 493 holds"


def test_a_sent_report_stops_its_own_clock() -> None:
    sent = ReportSent("first", "phone", 1, "市应急局", KNOWN + timedelta(minutes=12))
    phone, written = clocks(situation_at(entries(reported("990102"), sent)))
    now = KNOWN + timedelta(hours=2)
    assert (phone.state(now), written.state(now)) == ("met", "overdue")
    assert written.left_s(now) == -3600


def test_the_longest_prefix_wins_for_its_channel() -> None:
    assert [row.minutes for row in policies_for("990102")] == [15, 60]


def test_supplements_count_from_the_accident() -> None:
    assert supplement_until(KNOWN, road_or_fire=False) - KNOWN == timedelta(days=30)
    assert supplement_until(KNOWN, road_or_fire=True) - KNOWN == timedelta(days=7)
