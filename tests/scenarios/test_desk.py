"""Do commands become entries, and do the queue and the situation follow from them?"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError
from scenarios import log, running
from scenarios.assessment import assess
from scenarios.desk import Desk, ReportIncident
from scenarios.events import CasualtiesReported
from scenarios.ground import Ground
from scenarios.intake import plain_case
from scenarios.reports.events import ReportSent
from scenarios.situation import situation_at

DRILL = Caller("演练导调", "990100", "990200", "drill")
OCCURRED = datetime(2026, 11, 24, 6, 0, 12, tzinfo=UTC)
CASE: dict[str, Any] = {
    "name": "演练 氯气泄漏",
    "incident": {"longitude": 118.70, "latitude": 31.40, "occurred_at": OCCURRED},
    "release": {"substance": "chlorine", "kind": "continuous", "rate_kg_s": 0.4, "duration_s": 600},
    "weather": {"wind_speed_m_s": 2.8, "wind_from_deg": 225.0, "stability": "D"},
}


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


def report(**more: Any) -> ReportIncident:
    fields: dict[str, Any] = {"title": "演练 氯气泄漏", "longitude": 118.70, "latitude": 31.40, "occurred_at": OCCURRED}
    return ReportIncident(**(fields | more))


def test_a_report_opens_an_incident_with_code_place_and_clocks(desk: Desk) -> None:
    receipt = desk.report(report(division_code="990102", known_at=OCCURRED + timedelta(minutes=3)), DRILL)
    situation = desk.situation(receipt.incident_id, caller=DRILL)
    assert (receipt.seq, situation.seq, situation.title, situation.status) == (1, 1, "演练 氯气泄漏", "open")
    assert situation.place == (118.70, 31.40)
    card = next(card for card in desk.incidents(DRILL) if card.incident_id == receipt.incident_id)
    assert card.code.startswith("YL-")
    assert [clock.code for clock in card.clocks] == ["first_report_phone", "first_report_written"]


def test_all_faults_of_a_report_come_at_once_and_nothing_is_recorded(desk: Desk) -> None:
    before = len(desk.incidents(DRILL))
    broken = {**CASE, "release": {**CASE["release"], "rate_kg_s": -1, "colour": "green"}}
    with pytest.raises(InputError) as refusal:
        desk.report(report(title=" ", latitude=131.4, occurred_at=datetime(2026, 1, 1), case=broken), DRILL)  # noqa: DTZ001
    sentence = str(refusal.value)
    for part in ("title", "-90..90", "time zone", "rate_kg_s", "colour"):
        assert part in sentence, sentence
    assert len(desk.incidents(DRILL)) == before


def test_the_same_report_sent_twice_opens_one_incident(desk: Desk) -> None:
    command = report(key=uuid4())
    first, again = desk.report(command, DRILL), desk.report(command, DRILL)
    assert (again.incident_id, again.seq, again.hash, again.replayed) == (
        first.incident_id,
        first.seq,
        first.hash,
        True,
    )
    with pytest.raises(InputError, match="key"):
        desk.report(report(key=command.key, title="另一件事"), DRILL)


def test_a_drill_and_the_real_thing_are_never_listed_together(desk: Desk) -> None:
    real = Caller("值班员", "990100", "990200", "live")
    drill_id = desk.report(report(), DRILL).incident_id
    real_id = desk.report(report(), real).incident_id
    assert drill_id not in {card.incident_id for card in desk.incidents(real)}
    assert real_id not in {card.incident_id for card in desk.incidents(DRILL)}


def test_casualties_bring_a_grade_suggestion_caused_by_them(desk: Desk) -> None:
    incident = desk.report(report(), DRILL).incident_id
    receipt = desk.record(incident, CasualtiesReported(dead=3), DRILL)
    suggestion = desk.entries(incident, receipt.seq, caller=DRILL)[0]
    assert (suggestion.kind, suggestion.caused_by) == ("grade_suggested", (receipt.seq,))
    situation = desk.situation(incident, caller=DRILL)
    assert situation.accident_grade is None, "a person confirms"
    assert situation.accident_grade_suggested is not None
    assert situation.accident_grade_suggested.grade == "larger"


def test_a_correction_strikes_through_and_replay_shows_what_was_known(desk: Desk) -> None:
    incident = desk.report(report(), DRILL).incident_id
    wrong = desk.note(incident, "两人受伤", DRILL)
    desk.correct(incident, wrong.seq, "实为三人", DRILL, text="三人受伤")
    now, then = desk.situation(incident, caller=DRILL), desk.situation(incident, wrong.recorded_at, caller=DRILL)
    assert now.struck == ((2, 3),)
    assert (then.struck, then.seq) == ((), 2)
    assert then == situation_at(desk.entries(incident, caller=DRILL), wrong.recorded_at)
    with pytest.raises(InputError, match="no entry 9"):
        desk.correct(incident, 9, "?", DRILL)
    with pytest.raises(InputError, match="by an entry of its own kind"):
        desk.correct(incident, 1, "地点有误", DRILL)
    with pytest.raises(ConflictError, match="struck through already"):
        desk.correct(incident, wrong.seq, "再更正", DRILL)
    assert desk.situation(incident, caller=DRILL).seq == 3


def test_two_desks_see_the_same_and_a_neighbour_sees_nothing(desk: Desk, database: Database, tmp_path: Path) -> None:
    incident = desk.report(report(division_code="990102"), DRILL).incident_id
    desk.situation(incident, caller=DRILL)
    Desk(database, tmp_path).note(incident, "别的进程写的", DRILL)
    assert desk.situation(incident, caller=DRILL).seq == 2
    neighbour = Caller("邻区", "990103", "990104", "drill")
    with pytest.raises(MissingError):
        desk.situation(incident, caller=neighbour)
    with pytest.raises(MissingError):
        desk.entries(incident, caller=neighbour)
    assert desk.incidents(neighbour) == []


def test_what_is_rolled_back_leaves_no_trace_in_what_is_known(desk: Desk) -> None:
    incident = desk.report(report(division_code="990102"), DRILL).incident_id
    before = desk.situation(incident, caller=DRILL)
    with pytest.raises(RuntimeError, match="演练"), desk.database.transaction(DRILL) as connection:
        log.append(connection, incident, CasualtiesReported(dead=9))
        inside = desk.fold(connection, incident)
        assert inside.casualties is not None and inside.casualties.dead == 9, "a transaction sees what it wrote"
        raise RuntimeError("演练：此时断电")
    assert desk.situation(incident, caller=DRILL) == before
    log.append_once(desk.database, DRILL, incident, CasualtiesReported(dead=1))
    after = desk.situation(incident, caller=DRILL)
    assert after.casualties is not None and (after.seq, after.casualties.dead) == (2, 1)
    with desk.database.transaction(DRILL) as connection:
        assert not log.has_appended(connection), "a connection used again is in another transaction"
        assert desk.fold(connection, incident) is after


def test_a_sent_report_stops_its_clock_on_the_card(desk: Desk) -> None:
    incident = desk.report(report(division_code="990102", known_at=OCCURRED), DRILL).incident_id
    desk.record(incident, ReportSent("first", "phone", 1, "市应急局", OCCURRED + timedelta(minutes=9)), DRILL)
    card = next(card for card in desk.incidents(DRILL) if card.incident_id == incident)
    states = {clock.code: clock.state(OCCURRED + timedelta(minutes=30)) for clock in card.clocks}
    assert states == {"first_report_phone": "met", "first_report_written": "running"}


def test_nothing_can_be_assessed_before_anything_is_known(desk: Desk) -> None:
    incident = desk.report(report(), DRILL).incident_id
    with pytest.raises(InputError, match="release"):
        desk.assess(incident, DRILL)


def test_runs_recorded_at_the_same_moment_stay_apart(desk: Desk) -> None:
    import threading

    incident = desk.report(report(case=CASE), DRILL).incident_id
    found = assess(plain_case(CASE), Ground())
    ids: list[str] = []

    def one() -> None:
        ids.append(running.record(desk.database, incident, found, 1, DRILL).run_id)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    situation = desk.situation(incident, caller=DRILL)
    assert sorted(ids) == sorted(run.run_id for run in situation.runs)
    assert [len(run.parts) for run in situation.runs] == [4, 4, 4, 4]
    assert situation.seq == 17
