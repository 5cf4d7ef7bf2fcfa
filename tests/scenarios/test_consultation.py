"""Does a room of a consultation hold who came, who presented, what was said, and what was taken inside?"""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from gis.database import Caller, Database
from gis.errors import ConflictError, InputError, MissingError, RefusedError
from layers.catalogue import LAYERS
from scenarios.consultation import desk as consultation_desk
from scenarios.consultation import lines
from scenarios.consultation.asking import NewRoom, Words
from scenarios.consultation.desk import level_of, seat_for
from scenarios.consultation.events import KINDS, Seat
from scenarios.consultation.fold import Room, fold, open_room, room_of_entry
from scenarios.decisions.desk import NewDecision
from scenarios.desk import Desk
from scenarios.events import Entry, event_of
from scenarios.intake import ReportIncident
from scenarios.marks.drawn import DrawMark
from scenarios.reports.filling import fill
from scenarios.situation import situation_at, situation_hash

CITY = Caller("duty", "990100", "990200", "drill")
COUNTY = Caller("binjiang", "990102", "990103", "drill")
OTHER = Caller("jiangdong", "990103", "990104", "drill")
FAR = Caller("far", "990201", "990202", "drill")
SEATS = (
    Seat("province", "演练省应急厅", "province", "990000"),
    Seat("binjiang", "滨江区", "county", "990102"),
    Seat("jiangdong", "江东区", "county", "990103"),
    Seat("plant", "演练化工园区", "enterprise", "", "plant"),
)
ROOM = NewRoom("演练：液氯泄漏联合会商", ("通报态势", "疏散方案"), SEATS, "演练市指挥中心")
OPEN, CLOSED = (next(one.key for one in LAYERS if one.audience == audience) for audience in ("public", "restricted"))
LOOKED_AT = {
    "zoom": 12.5, "layers": [OPEN, CLOSED], "only": {CLOSED: [["name", "=", "甲"]]}, "pointer": [118.7, 31.4],
    "selection": {"layer": CLOSED, "id": "1"},
}  # fmt: skip
KEPT = {"centre": None, "zoom": 12.5, "extent": None, "moment": None, "layers": [OPEN], "hidden": 1}


@pytest.fixture(scope="module")
def desk(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(database, tmp_path_factory.mktemp("networks"))


@pytest.fixture
def incident(desk: Desk) -> UUID:
    report = ReportIncident(
        title="演练：会商", longitude=118.71, latitude=31.41, occurred_at=datetime(2026, 11, 22, 6, 0, tzinfo=UTC),
        division_code="990102", key=uuid4(),
    )  # fmt: skip
    return desk.report(report, CITY).incident_id


@pytest.fixture
def opened(desk: Desk, incident: UUID) -> tuple[UUID, str]:
    return incident, desk.consultations.open(incident, ROOM, CITY)[0]


def join(desk: Desk, incident: UUID, name: str, caller: Caller) -> None:
    desk.consultations.join(incident, name, caller, person=caller.actor, level=level_of(caller), unit=caller.actor)


def test_levels_follow_from_the_range_of_divisions() -> None:
    province = replace(CITY, division_from="990000", division_to="999999")
    found = [level_of(one) for one in (Caller.system(), province, CITY, COUNTY)]
    assert found == ["nation", "province", "city", "county"]


def test_one_room_at_a_time_and_a_retry_is_the_same_room(desk: Desk, incident: UUID) -> None:
    key = uuid4()
    first, receipt = desk.consultations.open(incident, ROOM, CITY, key=key)
    again, repeated = desk.consultations.open(incident, ROOM, CITY, key=key)
    assert (again, repeated.seq, repeated.replayed) == (first, receipt.seq, True)
    with pytest.raises(ConflictError, match="HS-01 goes on"):
        desk.consultations.open(incident, ROOM, CITY)
    desk.consultations.conclude(incident, first, CITY, text="按方案疏散", next_meeting="15:30")
    second, _ = desk.consultations.open(incident, ROOM, CITY)
    rooms = desk.situation(incident, caller=CITY).consultations
    assert [(one.name, one.is_open) for one in rooms] == [("HS-01", False), ("HS-02", True)]
    assert second == rooms[1].consultation_id


def test_every_fault_of_a_room_is_named(desk: Desk, incident: UUID) -> None:
    wrong = NewRoom("", ("",), (Seat("a", "", "county", "99"), Seat("a", "乙", "village", "")))  # type: ignore[arg-type]
    with pytest.raises(InputError) as fault:
        desk.consultations.open(incident, wrong, CITY)
    text = str(fault.value)
    for part in ("topic", "agenda", "seat_id", "name", "level", "division_code"):
        assert part in text


def test_seats_are_called_come_leave_and_answer_by_telephone(desk: Desk, opened: tuple[UUID, str]) -> None:
    incident, name = opened
    desk.consultations.call(incident, name, (), CITY)
    join(desk, incident, name, COUNTY)
    desk.consultations.answer(incident, name, "province", "present", CITY, person="值班室")
    desk.consultations.answer(incident, name, "jiangdong", "declined", CITY)
    room = desk.consultations.room(incident, name, CITY)
    states = {one.seat.seat_id: (one.state, one.way, one.account) for one in room.seats}
    assert states == {
        "province": ("present", "phone", ""),
        "binjiang": ("present", "line", "binjiang"),
        "jiangdong": ("declined", "phone", ""),
        "plant": ("called", "line", ""),
    }
    desk.consultations.leave(incident, name, COUNTY)
    assert desk.consultations.room(incident, name, CITY).seat_of("binjiang") is None
    join(desk, incident, name, COUNTY)
    back = desk.consultations.room(incident, name, CITY).seat_of("binjiang")
    assert back is not None
    assert back.seat.seat_id == "binjiang"
    with pytest.raises(MissingError):
        join(desk, incident, name, FAR)


def test_whoever_has_no_seat_brings_one(desk: Desk, opened: tuple[UUID, str]) -> None:
    incident, name = opened
    expert = replace(CITY, actor="expert")
    join(desk, incident, name, expert)
    room = desk.consultations.room(incident, name, CITY)
    own = room.seat_of("expert")
    assert own is not None
    assert (own.seat.seat_id, own.seat.level) == ("own-expert", "city")
    assert seat_for(room, replace(COUNTY, actor="second"), "county") == "binjiang"


def test_the_presentation_is_handed_over_and_never_taken_from_who_is_there(
    desk: Desk, opened: tuple[UUID, str]
) -> None:
    incident, name = opened
    join(desk, incident, name, COUNTY)
    line = uuid4()
    with desk.database.transaction(CITY) as connection:
        lines.come(connection, name, line, name="duty", unit="市", level="city", following=True)
    with pytest.raises(RefusedError, match="on the line"):
        desk.consultations.present(incident, name, "binjiang", COUNTY, may_take=True)
    with desk.database.transaction(CITY) as connection:
        lines.go(connection, name, line)
    with pytest.raises(RefusedError):
        desk.consultations.present(incident, name, "binjiang", COUNTY, may_take=False)
    desk.consultations.present(incident, name, "binjiang", COUNTY, may_take=True)
    room = desk.consultations.room(incident, name, CITY)
    assert (room.presenter, room.presenter_name) == ("binjiang", "滨江区")
    with pytest.raises(InputError, match="does not sit"):
        desk.consultations.present(incident, name, "nobody", CITY, may_take=False)
    with desk.database.transaction(CITY) as connection:
        assert lines.show(connection, name, {"zoom": 12}) is None  # no longer his to show
    with desk.database.transaction(COUNTY) as connection:
        assert lines.show(connection, name, {"zoom": 12}) == 1


def test_a_frozen_map_is_drawn_on_by_the_presenter_only(desk: Desk, opened: tuple[UUID, str]) -> None:
    incident, name = opened
    join(desk, incident, name, COUNTY)
    sign = DrawMark(symbol="D10100", geometry={"type": "Point", "coordinates": [118.71, 31.41]}, standing="shown")
    shown, receipt = desk.marks.draw(incident, sign, COUNTY)
    desk.consultations.freeze(incident, name, True, CITY, view=LOOKED_AT)
    with pytest.raises(RefusedError, match="locked in consultation HS-01"):
        desk.marks.draw(incident, sign, COUNTY)
    with pytest.raises(RefusedError, match="locked"):
        desk.marks.keep(incident, shown, COUNTY, seen_seq=receipt.seq)
    desk.marks.keep(incident, shown, CITY, seen_seq=receipt.seq)
    with pytest.raises(RefusedError):
        desk.consultations.freeze(incident, name, False, COUNTY)
    desk.consultations.freeze(incident, name, False, CITY)
    desk.marks.draw(incident, sign, COUNTY)
    room = desk.consultations.room(incident, name, CITY)
    assert (room.frozen, room.frozen_view) == (False, KEPT)
    assert [one.kind for one in room.taken] == ["mark_placed", "mark_changed", "mark_placed"]


def kept_at_a_lock(desk: Desk, incident: UUID, name: str) -> Any:
    """What the record holds of the view that was shown when the presenter locked editing."""
    with desk.database.transaction(CITY) as connection:
        lines.show(connection, name, LOOKED_AT)
    desk.consultations.freeze(incident, name, True, CITY)
    return desk.consultations.room(incident, name, CITY).frozen_view


def test_the_view_kept_at_a_lock_names_nothing_a_reader_may_not_see(desk: Desk, opened: tuple[UUID, str]) -> None:
    assert kept_at_a_lock(desk, *opened) == KEPT


def test_planted_a_view_kept_whole_is_found(
    desk: Desk, opened: tuple[UUID, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consultation_desk, "for_record", lambda view: view)
    assert CLOSED in str(kept_at_a_lock(desk, *opened))


def test_what_is_taken_at_the_table_bears_the_room(desk: Desk, opened: tuple[UUID, str]) -> None:
    incident, name = opened
    commander = replace(CITY, actor="commander")
    decision = NewDecision(role="指挥长", text="职教中心改派西岸公园", reason="风向转变")
    before = desk.situation(incident, caller=CITY)
    desk.decisions.take(incident, decision, commander, seen_seq=before.seq)  # not at the table yet
    join(desk, incident, name, commander)
    seq = desk.situation(incident, caller=CITY).seq
    taken, receipt = desk.decisions.take(incident, decision, commander, seen_seq=seq)
    known = desk.situation(incident, caller=CITY)
    found = room_of_entry(known.consultations, receipt.seq)
    assert found is not None
    assert (found.name, [one.what for one in found.taken]) == ("HS-01", [taken])


def test_minutes_are_written_from_the_record(desk: Desk, opened: tuple[UUID, str]) -> None:
    incident, name = opened
    join(desk, incident, name, COUNTY)
    desk.consultations.speak(incident, name, Words("西岸公园可再接收 1350 人", 118.7, 31.4), COUNTY)
    desk.consultations.conclude(incident, name, CITY, text="按方案疏散", next_meeting="15:30 线上")
    known = desk.situation(incident, caller=CITY)
    filled = {one.kind.code: one.lines for one in fill(known, "minutes", "issue")}
    assert filled["meeting"][0].values["topic"] == ROOM.topic
    assert "滨江区" in str([line.values for line in filled["participants"]])
    assert filled["presenter"][0].values["name"] == "演练市指挥中心"
    assert filled["statements"][0].values["text"] == "西岸公园可再接收 1350 人"
    assert filled["next_meeting"][0].values["text"] == "15:30 线上"
    numbers = {entry.seq for entry in known.entries}
    assert all(set(line.sources) <= numbers and line.sources for line in filled["participants"])


def test_a_room_is_found_by_those_invited_and_by_nobody_else(desk: Desk, opened: tuple[UUID, str]) -> None:
    incident, name = opened
    for caller, finds in ((CITY, True), (COUNTY, True), (OTHER, True), (FAR, False),
                          (replace(FAR, actor="plant"), True), (replace(CITY, mode="live"), False)):  # fmt: skip
        with desk.database.transaction(caller) as connection:
            assert (lines.shown(connection, name) is not None) is finds, caller
            assert (name in [one.consultation_id for one in lines.open_to(connection)]) is finds
    with pytest.raises(MissingError):
        desk.situation(incident, caller=OTHER)  # invited to the room, and still nothing of the incident
    desk.consultations.join(
        incident,
        name,
        OTHER,
        person="值班员",
        level="county",
        unit="江东区",
        written_by=replace(Caller.system(), mode="drill"),
    )
    own = desk.consultations.room(incident, name, CITY).seat_of("jiangdong")
    assert own is not None
    assert own.seat.seat_id == "jiangdong"
    with pytest.raises(MissingError):
        desk.situation(incident, caller=OTHER)
    assert desk.consultations.leave(incident, name, OTHER) is not None
    desk.consultations.conclude(incident, name, CITY)
    with desk.database.transaction(CITY) as connection:
        assert lines.shown(connection, name) is None
    with pytest.raises(ConflictError, match="has ended"):
        desk.consultations.speak(incident, name, Words("迟到"), CITY)


def test_the_first_who_comes_makes_the_room_known_again_after_a_crash(desk: Desk, opened: tuple[UUID, str]) -> None:
    incident, name = opened
    with desk.database.transaction(CITY) as connection:
        lines.close_room(connection, name)  # what a crash does to an unlogged table
    join(desk, incident, name, COUNTY)
    with desk.database.transaction(OTHER) as connection:
        assert lines.shown(connection, name) is not None


def test_lines_that_fall_silent_are_down(database: Database, desk: Desk, opened: tuple[UUID, str]) -> None:
    _, name = opened
    line = uuid4()
    with database.transaction(COUNTY) as connection:
        lines.come(connection, name, line, name="值班员", unit="滨江区", level="county", following=False)
    with database.transaction(replace(Caller.system(), mode="drill")) as connection:
        lines.beat(connection, {line: 41})
        (own,) = lines.on_line(connection, name)
        assert (own.account, own.following, own.delay_ms) == ("binjiang", False, 41)
    with pytest.raises(InputError, match="bytes"), database.transaction(CITY) as connection:
        lines.show(connection, name, {"layers": ["x" * 50] * 200})


def test_the_fold_is_the_same_on_every_machine(desk: Desk, opened: tuple[UUID, str]) -> None:
    incident, name = opened
    desk.consultations.call(incident, name, ("binjiang",), CITY)
    join(desk, incident, name, COUNTY)
    desk.consultations.move(incident, name, 1, CITY)
    desk.consultations.speak(incident, name, Words("", raised=True), COUNTY)
    entries = desk.entries(incident, caller=CITY)
    again = situation_at(Entry(**{one: getattr(entry, one) for one in entry.__slots__}) for entry in entries)  # type: ignore[attr-defined]
    assert situation_hash(again) == situation_hash(desk.situation(incident, caller=CITY))
    known = open_room(again.consultations)
    assert known is not None
    assert (known.item, known.said[-1].raised) == (1, True)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_what_arrives_for_a_room_nobody_opened_changes_nothing(kind: type[Any]) -> None:
    if kind.code == "consultation_opened":
        return
    needed: dict[str, Any] = {
        "seat_ids": ("a",), "seat_id": "a", "answer": "present", "presenter": "x", "presenter_name": "x",
        "frozen": True, "item": 1, "text": "x", "view": {},
    }  # fmt: skip
    names = set(kind.__dataclass_fields__)
    event = kind(consultation_id="H-0", **{name: value for name, value in needed.items() if name in names})
    now = datetime(2026, 11, 22, tzinfo=UTC)
    entry = Entry(uuid.uuid4(), 1, kind.code, "duty", None, now + timedelta(seconds=1), {})
    rooms: tuple[Room, ...] = ()
    assert fold(event, entry, rooms) is rooms or fold(event, entry, rooms) == ()


def test_an_old_reader_passes_over_an_unknown_kind() -> None:
    assert event_of("consultation_of_tomorrow", {}) is None
