"""Registers of other authorities: one mechanism, a mapping and a fixture each, and 未接入 where none comes."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gis.database import Caller, Database
from gis.errors import InputError, MissingError
from layers import catalogue, dossier, store
from layers.catalogue import LAYERS
from layers.registers import mapping, sync
from layers.registers.mapping import register, registers
from layers.store import Then

DRILL = Caller("test", "990100", "990200", "drill")
MONDAY = datetime(2030, 1, 7, tzinfo=UTC)
HEADER = "许可证编号,许可事项,统一社会信用代码,企业名称,许可类别,许可状态,发证日期,有效期至,发证机关\n"
LICENCE = "A-{n},危险化学品经营,,,经营许可证,{state},2029-01-01,{due},演练市应急管理局\n"

# The eight themes of the province's system (A08a to A08f) and the further mirrors the two documents name.
NAMED = {
    "A04", "A06", "A08a", "A08b", "A08c", "A08d", "A08e", "A08f", "A09a", "A09b", "A13a", "B05", "B06", "B07", "B08.1",
    "B08.2", "B08.3", "B08.4", "B08.5", "B08.6", "B08.7", "B08.8", "B08.9", "B08.10", "B08.11", "B08.12", "B09", "B10",
    "B11", "B12", "B14", "B16",
}  # fmt: skip


def written(folder: Path, *lines: str) -> Path:
    path = folder / "licence.csv"
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def test_every_mirror_named_by_the_documents_has_a_mapping() -> None:
    assert {system for one in registers().values() for system in one.system} >= NAMED
    assert {spec.key for spec in LAYERS if spec.mirrored} == set(registers())


def test_every_layer_says_whose_it_is() -> None:
    """A02, B19: title in both languages, owner, source, licence, columns, label; no two of one name."""
    assert len({spec.key for spec in LAYERS}) == len(LAYERS)
    for spec in LAYERS:
        assert all((spec.title_zh, spec.title_en, spec.owner, spec.source, spec.licence, spec.columns)), spec.key
        assert spec.group in catalogue.GROUPS


def test_the_sample_city_fills_them_and_says_what_is_missing(ground: Connection) -> None:
    states = {state.register.key: state for state in sync.states(ground)}
    assert {key for key, state in states.items() if not state.connected} == {"coal_mine", "earthquake"}
    for key, state in states.items():
        fixture = state.register.fixture
        lines = fixture.read_text(encoding="utf-8").splitlines()[1:] if fixture else []
        assert state.rows == len(lines), key
    feeds = {feed.layer: feed.state for feed in store.feeds(ground, datetime.now(UTC))}
    assert (feeds["licence"], feeds["earthquake"]) == ("drill", "not_connected")
    assert "earthquake" not in store.counts(ground)


def test_a_row_leads_to_its_enterprise_and_shows_its_own_columns(ground: Connection) -> None:
    row, firm = ground.execute(
        text("SELECT id, enterprise_id FROM layers.register_row WHERE register = 'standardisation' ORDER BY id LIMIT 1")
    ).one()
    found = dossier.dossier(ground, "standardisation", row)
    values = {field.column: field.value for field in found.fields}
    assert (found.source_system, found.mode) == ("企业安全生产标准化管理子系统", "drill")
    assert int(values["goals"]) >= 60
    assert found.longitude == dossier.dossier(ground, "enterprise", firm).longitude


def test_what_is_not_reported_is_missing_and_not_zero(ground: Connection) -> None:
    """B05: 未报 is not 0."""
    blanks = ground.execute(
        text("SELECT count(*) FROM layers.register_row WHERE register = 'standardisation' AND NOT attributes ? 'risk'")
    ).scalar_one()
    assert 0 < blanks < 20


def test_expiring_in_thirty_days_is_in_and_in_thirty_one_is_not(ground: Connection) -> None:
    """B08.2 at its boundary: the fixture holds licences that end 29, 30 and 31 days after the drill."""
    day = date(2026, 11, 24)
    ends = ground.execute(
        text("SELECT due_on FROM layers.register_row WHERE register = 'licence' AND due_on <= :until"),
        {"until": day + timedelta(days=30)},
    ).scalars()
    found = set(ends)
    assert day + timedelta(days=30) in found
    assert day + timedelta(days=31) not in found


def test_a_licence_gone_from_the_feed_leaves_and_stays_in_history(database: Database, tmp_path: Path) -> None:
    """B16: revoked within one sync, still visible at an earlier moment; a second sync of the same adds nothing."""
    live = Caller("test", "000000", "999999", "live")
    licence = register("licence")
    both = [LICENCE.format(n=1, state="有效", due="2031-01-01"), LICENCE.format(n=2, state="有效", due="2031-01-01")]
    with database.transaction(live) as connection:
        first = sync.sync(connection, licence, written(tmp_path, *both), live, as_of=MONDAY)
        again = sync.sync(connection, licence, written(tmp_path, *both), live, as_of=MONDAY + timedelta(hours=1))
    assert (first.rows, first.revised.added) == (2, 2)
    assert (again.revised.added, again.revised.changed, again.revised.unchanged) == (0, 0, 2)
    with database.transaction(live) as connection:
        known = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    changed = LICENCE.format(n=1, state="注销", due="2031-01-01")
    with database.transaction(live) as connection:
        done = sync.sync(connection, licence, written(tmp_path, changed), live, as_of=MONDAY + timedelta(days=1))
    assert (done.revised.changed, done.revised.ended) == (1, 1)
    with database.transaction(live) as connection:
        assert store.counts(connection)["licence"] == 1
        before = dossier.dossier(connection, "licence", "A-1", Then.at(known, MONDAY))
        assert {field.column: field.value for field in before.fields}["state"] == "有效"
        with pytest.raises(MissingError, match="no row 'A-2' that stands"):
            dossier.dossier(connection, "licence", "A-2")
        assert dossier.dossier(connection, "licence", "A-2", Then.at(known, MONDAY)).title == "危险化学品经营"


def test_a_failed_sync_leaves_the_rows_with_their_age(database: Database, tmp_path: Path) -> None:
    sim = Caller("test", "000000", "999999", "sim")
    licence = register("licence")
    path = written(tmp_path, LICENCE.format(n=1, state="有效", due=""))
    with database.transaction(sim) as connection:
        sync.sync(connection, licence, path, sim, as_of=MONDAY)
    bad = tmp_path / "licence_bad.csv"
    bad.write_text("别的,表头\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no header '许可证编号'"), database.transaction(sim) as connection:
        sync.sync(connection, licence, bad, sim)
    with database.transaction(sim) as connection:
        sync.failed(connection, licence, sim, bad.name, InputError("no header"))
    with database.transaction(sim) as connection:
        state = next(state for state in sync.states(connection) if state.register.key == "licence")
    assert (state.rows, state.as_of, state.fault) == (1, MONDAY, "no header")


def test_rows_without_a_key_are_named_and_left_out(database: Database, tmp_path: Path) -> None:
    sim = Caller("test", "000000", "999999", "sim")
    lines = [LICENCE.format(n=n, state="有效", due="") for n in (1, 1, 2)] + [",无编号,,,,,,,\n"]
    with database.transaction(sim) as connection:
        done = sync.sync(connection, register("licence"), written(tmp_path, *lines), sim, as_of=MONDAY)
    assert done.rows == 2
    assert done.rejected == ("row 5 has no 许可证编号", "row 3 repeats a 许可证编号")


def test_a_source_that_delivers_nothing_is_not_connected(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="未接入"):
        sync.source_file(tmp_path, register("earthquake"), "drill")
    assert sync.source_file(tmp_path, register("licence"), "drill") == register("licence").fixture
    with pytest.raises(MissingError, match=r"put licence\.csv into"):
        sync.source_file(tmp_path, register("licence"), "live")


def test_a_faulty_mapping_names_every_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('title = ["甲", "A"]\nplace = "point"\n[columns]\nid = ["编号"]\n', encoding="utf-8")
    with pytest.raises(InputError) as raised:
        mapping.read(path)
    assert len(raised.value.faults) == 5
    path.write_text(
        'title = ["甲", "A"]\nowner = "甲"\nsource = "甲"\nsymbol = "unknown"\nsymbols = {"开" = "also-unknown"}\n'
        '[columns]\nid = ["编号", "Id"]\nname = ["名称", "Name"]\n', encoding="utf-8",
    )  # fmt: skip
    with pytest.raises(InputError) as raised:
        mapping.read(path)
    assert len(raised.value.faults) == 3, "a sign nobody drew, and a state that is no column"
