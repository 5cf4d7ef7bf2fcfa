"""Is a seek from a situation kept the same as the fold from the beginning, and is a wrong one noticed?"""

import json
import time
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gis.database import Caller, Database
from gis.errors import InputError
from scenarios import log
from scenarios.desk import Desk, ReportIncident
from scenarios.entries import WIDTH, Entries, Unread
from scenarios.events import (
    KINDS,
    CasualtiesReported,
    Entry,
    Event,
    HazardForecast,
    IncidentReported,
    Note,
    payload_of,
)
from scenarios.replay import written
from scenarios.replay.desk import ReplayDesk
from scenarios.replay.keeper import Keeper
from scenarios.replay.moments import Moments
from scenarios.roads.events import ClosureReported
from scenarios.situation import Situation, apply, situation_at, situation_hash

INCIDENT = UUID("11111111-2222-4333-8444-555555555555")
START = datetime(2026, 11, 24, 6, 0, 12, 345678, tzinfo=UTC)
DRILL = Caller("演练导调", "990100", "990200", "drill")
AREA = {"type": "Polygon", "coordinates": [[[118.7, 31.4], [118.71, 31.4], [118.71, 31.41], [118.7, 31.4]]]}
LENGTH = 3 * WIDTH + 40

# -- written and read back, without a database -----------------------------------------------------------------------

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=3),
    lambda inside: st.lists(inside, max_size=2) | st.dictionaries(st.sampled_from("abcpfeotj"), inside, max_size=3),
    max_leaves=6,
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def any_of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type, JSON of any shape where it says nothing more."""
    if hint is Any:
        return plain
    if hint is datetime or getattr(hint, "__name__", "") == "AwareDatetime":
        return moments
    if get_origin(hint) is dict:
        return st.dictionaries(st.sampled_from("abcpfeotj"), plain, max_size=3)
    if get_origin(hint) is tuple:
        first, *rest = get_args(hint)
        if rest == [Ellipsis]:
            return st.lists(any_of(first), max_size=2).map(tuple)
        return st.tuples(*map(any_of, get_args(hint)))
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if isinstance(hint, type) and hasattr(hint, "__dataclass_fields__"):
        return st.deferred(lambda: a(hint))
    if get_args(hint) and get_origin(hint) is not list:
        return st.one_of(*map(any_of, get_args(hint)))
    if hint is float:
        return st.floats(-90, 90)
    if hint is int:
        return st.integers(0, 9)
    if hint is str:
        return st.sampled_from(["", "R-1", "R-2", "o-1", "c-1", "t-1", "演练"])
    return st.from_type(hint)


def a(kind: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: any_of(hints[name]) for name in (one.name for one in fields(kind))})


EVENTS = st.sampled_from(KINDS).flatmap(a)
REPORTED = IncidentReported(
    "氯气泄漏", 118.71, 31.41, START, START + timedelta(minutes=3), "alarm", case={"name": "演练"}
)


def entry(seq: int, event: Event) -> Entry:
    """An entry as it comes from the record, which reads JSON."""
    payload = json.loads(json.dumps(payload_of(event)))
    return Entry(INCIDENT, seq, event.code, "何静", None, START + timedelta(seconds=seq), payload, (), "", f"{seq:04x}")


def folded(events: list[Event]) -> tuple[Situation, list[Entry]]:
    """The fold over what the record would take: an event that does not fit its own kind never gets there."""
    situation, entries = Situation(), []
    for event in [REPORTED, *events]:
        try:
            one = entry(situation.seq + 1, event)
            situation = apply(one, situation)
        except (InputError, ValueError, TypeError, ArithmeticError):
            continue
        entries.append(one)
    return situation, entries


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(EVENTS, max_size=12))
def test_every_kind_of_knowledge_is_read_back_as_it_was(events: list[Event]) -> None:
    situation, entries = folded(events)
    named = written.Named()
    named.take(entries)
    told = json.loads(written.write(situation, named))
    by_number = {one.seq: one for one in entries}
    large: dict[int, Event] = {}
    for seq in written.numbers(told):
        event = written.event_of(by_number[seq].kind, by_number[seq].payload)
        assert event is not None
        large[seq] = event
    back = written.read(told, large, situation.entries)
    assert back == situation
    assert situation_hash(back) == situation_hash(situation)
    # and it goes on as the fold would have
    following = entry(situation.seq + 1, CasualtiesReported(dead=3))
    assert apply(following, back) == apply(following, situation)


def test_runs_are_named_by_their_entries_and_not_written_out() -> None:
    zones = {"type": "FeatureCollection", "features": [{"geometry": AREA, "properties": {"text": "x" * 5000}}] * 3}
    runs = [HazardForecast(f"R-{n}", "ok", 0.1, {}, {"name": "演练"}, zones, None, {}) for n in range(9)]
    situation, entries = folded(list(runs))
    named = written.Named()
    named.take(entries)
    text = written.write(situation, named)
    assert len(text) < 8000
    assert written.numbers(json.loads(text)) == list(range(2, 11))


@pytest.mark.parametrize("wrong", [
    {"o": "desk.Desk", "f": []},
    {"o": "situation.Situation", "f": []},
    {"o": "entries.Unread", "f": []},
    {"o": "orders.fold.Orders", "f": [1, 2, 3, 4]},
    {"t": "yesterday"},
    {"e": 77},
    {"x": 1},
    {"t": 1, "u": 2},
])  # fmt: skip
def test_nothing_but_what_a_situation_holds_is_ever_made(wrong: Any) -> None:
    told = json.loads(written.write(folded([])[0], written.Named()))
    with pytest.raises(InputError, match="no situation of this program"):
        written.read(told | {"orders": wrong}, {}, Entries())


def test_a_block_not_read_yet_is_like_any_other_and_no_other_is_taken_for_it() -> None:
    entries = tuple(entry(seq, Note(f"{seq}")) for seq in range(1, WIDTH + 4))
    asked: list[int] = []

    def read(after: int) -> tuple[Entry, ...]:
        asked.append(after)
        return entries[after : after + WIDTH]

    lazy = Entries((Unread(0, read),)).plus_all(entries[WIDTH:])
    assert (len(lazy), lazy[-1], asked) == (WIDTH + 3, entries[-1], [])
    assert lazy == Entries.of(entries) and Entries.of(entries) == lazy and list(lazy) == list(entries)
    assert asked == [0], "it is read once"
    with pytest.raises(ValueError, match="not in the record"):
        list(Entries((Unread(WIDTH, read),)))


# -- with the record -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stored(database: Database, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, UUID, list[Entry]]:
    """An incident of some hundred entries, situations kept after every 256 of them."""
    desk = Desk(database, tmp_path_factory.mktemp("moments") / "networks")
    told = ReportIncident(title="演练 长", longitude=118.7, latitude=31.4, occurred_at=START, division_code="990102")
    incident = desk.report(told, DRILL).incident_id
    lines: list[Event] = [Note(f"第 {n} 行") for n in range(2, LENGTH + 1)]
    lines[9] = HazardForecast(
        "R-1", "ok", 0.1, {}, {"name": "演练"}, {"type": "FeatureCollection", "features": []}, None, {}
    )
    lines[300] = CasualtiesReported(dead=1, missing=2)
    lines[600] = ClosureReported("c-1", "area", AREA, "hazard", START)
    outcomes = log.append_kept(desk.database, DRILL, incident, [log.Kept(line, uuid4()) for line in lines])
    assert all(isinstance(one, log.Receipt) for one in outcomes)
    return desk, incident, desk.entries(incident, caller=DRILL)


@pytest.fixture
def kept(stored: tuple[Desk, UUID, list[Entry]], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The incident with its situations kept anew; (a process that has folded nothing, incident, entries, hashes)."""
    monkeypatch.setattr("scenarios.replay.keeper.EVERY", WIDTH)
    desk, incident, entries = stored
    Moments(desk.networks_dir.parent / "moments").forget()
    keeper = Keeper(ReplayDesk(desk))
    assert keeper.keep_all() >= 3
    assert keeper.keep_all() == 0, "what is there is not kept again"
    return lambda: ReplayDesk(desk), incident, entries


Fresh = Callable[[], ReplayDesk]


def read_after(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers after which entries are read from now on."""
    asked: list[int] = []
    real = log.read

    def read(connection: Any, incident: UUID, after: int = 0, limit: int | None = None) -> list[Entry]:
        asked.append(after)
        return real(connection, incident, after, limit)

    monkeypatch.setattr(log, "read", read)
    return asked


@pytest.mark.parametrize("seq", [1, 255, 256, 257, 511, 512, 700, 768, LENGTH])
def test_a_seek_from_a_situation_kept_is_the_fold_from_the_beginning(
    kept: tuple[Fresh, UUID, list[Entry]], seq: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, incident, entries = kept
    asked = read_after(monkeypatch)
    found = fresh().at(incident, DRILL, seq=seq)
    assert all(after >= seq // WIDTH * WIDTH for after in asked), "it read what lay before"
    direct = situation_at(entries[:seq])
    assert replace(found, entries=Entries()) == replace(direct, entries=Entries())
    assert [one.seq for one in found.entries[-5:]] == [one.seq for one in direct.entries[-5:]]
    assert found == direct and situation_hash(found) == situation_hash(direct)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(wanted=st.lists(st.integers(0, LENGTH + 3), min_size=1, max_size=6), by_moment=st.booleans())
def test_any_order_of_seeks_is_the_same(
    kept: tuple[Fresh, UUID, list[Entry]], wanted: list[int], by_moment: bool
) -> None:
    fresh, incident, entries = kept
    assume(not by_moment or all(0 < seq <= LENGTH for seq in wanted))
    replay = fresh()
    for seq in [*wanted, *reversed(wanted)]:
        moment = entries[seq - 1].recorded_at if by_moment else None
        found = replay.at(incident, DRILL, moment=moment, seq=None if by_moment else seq)
        assert situation_hash(found) == situation_hash(situation_at(entries[:seq]))


def test_between_two_entries_the_earlier_one_is_the_last_known(kept: tuple[Fresh, UUID, list[Entry]]) -> None:
    fresh, incident, entries = kept
    for seq in (256, 300, 512, 700):
        for shift, expected in ((-1, seq - 1), (0, seq), (1, seq)):
            moment = entries[seq - 1].recorded_at + timedelta(microseconds=shift)
            assert fresh().at(incident, DRILL, moment=moment).seq >= expected
            assert fresh().at(incident, DRILL, moment=moment) == situation_at(entries, moment)
    assert fresh().at(incident, DRILL, moment=entries[0].recorded_at - timedelta(days=1)) == Situation()


def altered(body: str) -> str:
    assert '"dead":1' in body or '"演练 长"' in body
    return body.replace("演练 长", "演练 短")


@pytest.mark.parametrize("how", ["torn", "empty", "body", "other entry", "other hash", "nonsense", "another incident"])
def test_a_wrong_one_is_noticed_thrown_away_and_the_record_folded(
    kept: tuple[Fresh, UUID, list[Entry]], how: str
) -> None:
    fresh, incident, entries = kept
    replay = fresh()
    folder = replay.moments.folder / str(incident)
    file, other = folder / "512.json", folder / "256.json"
    header, _, body = file.read_text(encoding="utf-8").partition("\n")
    sound = json.loads(header)
    match how:
        case "torn":
            file.write_text(file.read_text(encoding="utf-8")[:-40], encoding="utf-8")
        case "empty":
            file.write_text("", encoding="utf-8")
        case "body":
            file.write_text(f"{header}\n{altered(body)}", encoding="utf-8")
        case "other entry":
            file.write_text(other.read_text(encoding="utf-8"), encoding="utf-8")
        case "other hash":
            signed(file, incident, sound["seq"], "00" * 32, body)
        case "nonsense":
            signed(file, incident, sound["seq"], sound["hash"], '{"seq": {"o": "desk.Desk", "f": []}}')
        case "another incident":
            signed(file, incident, sound["seq"], sound["hash"], body.replace(str(incident), str(uuid4())))
    found = replay.at(incident, DRILL, seq=600)
    assert found == situation_at(entries[:600])
    assert not file.exists() and other.exists()
    assert Keeper(fresh()).keep_all() == 1, "it is made again"
    assert json.loads(file.read_text(encoding="utf-8").partition("\n")[0]) == sound


def signed(file: Path, incident: UUID, seq: int, digest: str, body: str) -> None:
    """A file whose own digest is right, as somebody who knows the program would write it."""
    from scenarios.replay.moments import _digest

    header = {"seq": seq, "hash": digest, "sha256": _digest(incident, seq, digest, body)}
    file.write_text(f"{json.dumps(header)}\n{body}", encoding="utf-8")


def test_one_forged_with_care_is_found_by_folding(kept: tuple[Fresh, UUID, list[Entry]]) -> None:
    fresh, incident, _ = kept
    keeper = Keeper(fresh())
    assert list(keeper.check(incident, DRILL)) == [(256, True), (512, True), (768, True)]
    file = fresh().moments.folder / str(incident) / "512.json"
    header, _, body = file.read_text(encoding="utf-8").partition("\n")
    signed(file, incident, 512, json.loads(header)["hash"], altered(body))
    assert list(keeper.check(incident, DRILL)) == [(256, True), (512, False), (768, True)]
    assert not file.exists()


def test_what_is_kept_may_be_thrown_away_at_any_moment(kept: tuple[Fresh, UUID, list[Entry]]) -> None:
    fresh, incident, entries = kept
    replay = fresh()
    before = replay.at(incident, DRILL, seq=700)
    replay.moments.forget()
    assert replay.at(incident, DRILL, seq=700) == before == situation_at(entries[:700])
    assert fresh().at(incident, DRILL, seq=700) == before


def test_a_keeper_that_is_told_of_a_move_keeps_what_came(
    kept: tuple[Fresh, UUID, list[Entry]], stored: tuple[Desk, UUID, list[Entry]]
) -> None:
    fresh, _, _ = kept
    desk, keeper = stored[0], Keeper(fresh())
    told = ReportIncident(title="又一起", longitude=118.7, latitude=31.4, occurred_at=START, division_code="990102")
    incident = desk.report(told, DRILL).incident_id
    keeper.start()
    try:
        log.append_kept(desk.database, DRILL, incident, [log.Kept(Note(f"{n}"), uuid4()) for n in range(WIDTH + 5)])
        keeper.moved(incident, WIDTH + 6)
        until = time.monotonic() + 60
        while fresh().moments.numbers(incident) != [WIDTH]:
            assert time.monotonic() < until, "nobody kept it"
            time.sleep(0.05)
    finally:
        keeper.stop()


def test_who_may_not_see_the_incident_gets_nothing_of_what_is_kept(kept: tuple[Fresh, UUID, list[Entry]]) -> None:
    fresh, incident, _ = kept
    from gis.errors import MissingError

    for caller in (Caller("外区", "320400", "320500", "drill"), Caller("实战", "990100", "990200", "live")):
        with pytest.raises(MissingError):
            fresh().at(incident, caller, seq=600)


def test_other_programs_leave_nothing_behind(kept: tuple[Fresh, UUID, list[Entry]]) -> None:
    fresh, incident, _ = kept
    kept_here = fresh().moments
    old = kept_here.folder.parent / "0123456789abcdef" / str(incident)
    old.mkdir(parents=True)
    kept_here.tidy()
    assert not old.parent.exists() and kept_here.numbers(incident) == [256, 512, 768]
