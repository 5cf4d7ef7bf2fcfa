"""Does every statement of a card name its source, and does the duty change hands only by two signatures?"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError, RefusedError
from scenarios.decisions.desk import NewDecision
from scenarios.desk import Desk, ReportIncident
from scenarios.events import CaseChanged, HazardForecast
from scenarios.messages.desk import Heard, NewMessage
from scenarios.orders.desk import NewOrder
from scenarios.plans import cards
from scenarios.plans.card_texts import SUBJECTS
from scenarios.reports import doings
from scenarios.reports.book import Book

EARLY = Caller("早班", "990100", "990200", "drill")
LATE = Caller("晚班", "990100", "990200", "drill")


@pytest.fixture(scope="module")
def desk(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = Desk(database, Path(tmp_path_factory.mktemp("house")) / "networks")
    assert made.cards.enter(EARLY)["new"] == len(SUBJECTS)
    return made


# -- cards -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda one: one.key)
def test_every_statement_names_its_source_and_its_trust(subject: cards.Subject) -> None:
    content = cards.content_of(subject)
    assert content["statements"]
    for said in content["statements"]:
        assert said["zh"]
        assert said["en"]
        assert said["source"]
        assert "{" not in said["source"]
        assert said["trust"] in ("two_sources", "one_source", "unverified", "derived", "measured", "sources_differ")


def test_guides_are_those_of_the_emergency_response_guidebook() -> None:
    # ERG 2024, yellow pages: UN number -> guide.
    published = {"1017": "124", "1005": "125", "1053": "117", "1079": "125", "1052": "125", "1076": "125",
                 "1016": "119", "1978": "115", "1971": "115", "1230": "131", "1114": "130"}  # fmt: skip
    assert {one["un"]: one["guide"] for one in map(cards.content_of, SUBJECTS)} == published


def test_cards_are_found_by_words_of_both_languages_and_by_numbers(desk: Desk) -> None:
    assert [one.id for one in desk.cards.search("液氯", EARLY)] == ["chlorine"]
    assert [one.id for one in desk.cards.search("7664-41-7", EARLY)] == ["ammonia"]
    assert [one.id for one in desk.cards.search("un1017 caustic", EARLY)] == ["chlorine"]
    assert desk.cards.search("不存在的词", EARLY) == []
    assert desk.cards.search("氯液", EARLY) == []  # the pairs of an index know no order; the text does
    assert {"ammonia", "chlorine", "benzene"} <= {one.id for one in desk.cards.search("洗眼", EARLY)}  # within the text
    assert [one.id for one in desk.cards.search("洗眼 碱液", EARLY)] == ["chlorine"]
    assert len(desk.cards.search("", EARLY)) == len(SUBJECTS)
    with pytest.raises(InputError):
        desk.cards.search("x" * 81, EARLY)


def test_a_changed_card_is_a_version_and_the_one_cited_can_still_be_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = ReportIncident("演练 事件", 118.70, 31.40, datetime.now(UTC), division_code="990102")
    incident = desk.report(report, EARLY).incident_id
    first = desk.cards.of_substance("7782-50-5", EARLY)
    assert first is not None
    receipt = desk.cards.cite(incident, first.id, first.version, EARLY)
    assert desk.cards.cite(incident, first.id, first.version, EARLY).seq == receipt.seq
    changed = tuple(replace(one, extra=one.extra[:-1]) if one.key == "chlorine" else one for one in SUBJECTS)
    monkeypatch.setattr(cards, "SUBJECTS", changed)
    assert desk.cards.enter(EARLY) == {"new": 0, "changed": 1, "unchanged": len(SUBJECTS) - 1}
    now = desk.cards.of_substance("7782-50-5", EARLY)
    assert now is not None
    assert now.version == 2
    cited = desk.situation(incident, caller=EARLY).planning.cited[0].card
    assert desk.cards.one(cited.card_id, EARLY, cited.version).hash == cited.card_hash == first.hash
    with pytest.raises(InputError, match="no decision"):
        desk.cards.cite(incident, first.id, 1, EARLY, decision_id="D-99")
    with pytest.raises(MissingError):
        desk.cards.one("chlorine", EARLY, 9)


# -- change of shift -------------------------------------------------------------------------------------------------


def test_what_is_open_is_gathered_from_the_record(desk: Desk) -> None:
    report = ReportIncident("演练 交接", 118.70, 31.40, datetime.now(UTC), division_code="990102")
    incident = desk.report(report, EARLY).incident_id
    desk.orders.draft(incident, NewOrder("消防", "集结", within_s=600), EARLY, issue=True)
    items = desk.shifts.open_items(EARLY)
    assert str(incident) in {one["incident_id"] for one in items["incidents"]}
    assert [one["state"] for one in items["orders"] if one["incident_id"] == str(incident)] == ["issued"]
    codes = {one["code"] for one in items["clocks"] if one["incident_id"] == str(incident)}
    assert codes >= {"first_report_written", "order_acknowledge", "order_finish"}


def test_what_is_in_doubt_and_who_was_not_told_is_handed_over(desk: Desk) -> None:
    report = ReportIncident("演练 交接二", 118.70, 31.40, datetime.now(UTC), division_code="990102")
    incident = desk.report(report, EARLY).incident_id
    case = {"name": "演练", "weather": {"wind_from_deg": 225}}
    nothing = {"type": "FeatureCollection", "features": []}
    desk.record(incident, HazardForecast("R-1", "ok", 0.1, {}, case, nothing, None, {}), EARLY)
    desk.orders.draft(incident, NewOrder("消防", "集结", run_ids=("R-1",)), EARLY, issue=True)
    desk.record(incident, CaseChanged({"name": "演练", "weather": {"wind_from_deg": 90}}, "风向转变"), EARLY)
    told, _ = desk.messages.send(incident, NewMessage("call", "撤离", name="社区", phone="0990", by_hand=True), EARLY)
    items = desk.shifts.open_items(EARLY)
    mine = {
        name: [one for one in items[name] if one["incident_id"] == str(incident)] for name in ("doubts", "messages")
    }
    assert {(one["thing"], one["name"], one["run_id"]) for one in mine["doubts"]} >= {("order", "Z-01", "R-1")}
    assert [(one["name"], one["to"], one["state"]) for one in mine["messages"]] == [("T-01", "社区", "by_hand")]
    desk.messages.heard(incident, told, Heard("answered", "收到"), EARLY)
    again = desk.shifts.open_items(EARLY)["messages"]
    assert [one for one in again if one["incident_id"] == str(incident)] == []


def test_minutes_name_the_cards_a_decision_rests_on(desk: Desk) -> None:
    report = ReportIncident("演练 决策", 118.70, 31.40, datetime.now(UTC), division_code="990102")
    incident = desk.report(report, EARLY).incident_id
    card = desk.cards.search("氯", EARLY)[0]
    decision_id, receipt = desk.decisions.take(incident, NewDecision("指挥长", "就地避险", "剂量低"), EARLY, seen_seq=1)
    cited = desk.cards.cite(incident, card.id, card.version, EARLY, decision_id=decision_id)
    lines = doings.decisions(Book(desk.situation(incident, caller=EARLY)))
    assert [(one.say, one.sources) for one in lines] == [
        ("decision", (receipt.seq,)), ("decision_cards", (cited.seq,))
    ]  # fmt: skip
    assert lines[1].values["cards"] == f"{card.title} v{card.version}"


def test_two_sign_the_same_and_nobody_can_change_it(desk: Desk, owner_database: Database) -> None:
    key = uuid4()
    given = desk.shifts.give("视频 3 路离线，已报修", EARLY, key=key)
    assert desk.shifts.give("视频 3 路离线，已报修", EARLY, key=key) == given
    with pytest.raises(ConflictError, match="waits for the officer"):
        desk.shifts.give("再交一次", EARLY)
    with pytest.raises(RefusedError, match="signed by two"):
        desk.shifts.take(key, given.hash, EARLY)
    with pytest.raises(ConflictError, match="not what was handed over"):
        desk.shifts.take(key, "0" * 64, LATE)
    taken = desk.shifts.take(key, given.hash, LATE, remark="已核对")
    assert (taken.given_by, taken.taken_by, taken.remark) == ("早班", "晚班", "已核对")
    assert desk.shifts.take(key, given.hash, LATE) == taken
    with pytest.raises(ConflictError, match="晚班 has taken over"):
        desk.shifts.take(key, given.hash, Caller("第三人", "990100", "990200", "drill"))
    assert desk.shifts.latest(LATE)[0] == taken
    for statement in ("UPDATE planning.handover SET notes = 'x'", "DELETE FROM planning.takeover"):
        with pytest.raises(DBAPIError), desk.database.transaction(EARLY) as connection:
            connection.exec_driver_sql(statement)
        with pytest.raises(DBAPIError, match="not changed"), owner_database.transaction(EARLY) as connection:
            connection.exec_driver_sql(statement)
