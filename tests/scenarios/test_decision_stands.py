"""T-17: can a decision be edited, is a struck one still seen, and does one byte changed show?"""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from command_ui.console.record_rows import Rows
from gis.database import Caller, Database, libpq_conninfo
from scenarios import verify, verify_rows
from scenarios.decisions.desk import NewDecision
from scenarios.decisions.events import Option
from scenarios.desk import Desk, ReportIncident

DRILL = Caller("演练值班员", "990100", "990200", "drill")
DECIDED = NewDecision(
    "指挥长", "改派职教中心 930 人", "14:40 起处于影响区", (Option("甲 改派", chosen=True), Option("乙 就地避险"))
)


@pytest.fixture(scope="module")
def desk(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk without roads."""
    return Desk(database, Path(tmp_path_factory.mktemp("house")) / "networks")


@pytest.fixture(scope="module")
def decided(desk: Desk) -> tuple[UUID, str, int]:
    """An incident, its decision, and the number of the decision's entry."""
    report = ReportIncident("演练 氯气泄漏", 118.70, 31.40, datetime.now(UTC), division_code="990102")
    incident = desk.report(report, DRILL).incident_id
    decision, receipt = desk.decisions.take(incident, DECIDED, DRILL, seen_seq=1)
    return incident, decision, receipt.seq


@pytest.mark.parametrize("statement", ["UPDATE record.entry SET actor = 'x'", "DELETE FROM record.entry"])
def test_nothing_of_the_program_can_edit_it(database: Database, decided: tuple[UUID, str, int], statement: str) -> None:
    with pytest.raises(DBAPIError) as refusal, database.transaction(DRILL) as connection:
        where = {"id": decided[0], "seq": decided[2]}
        connection.execute(text(f"{statement} WHERE incident_id = :id AND seq = :seq"), where)
    assert getattr(refusal.value.orig, "sqlstate", None) == "42501"


def test_a_struck_one_stays_in_sight_lined_through(desk: Desk, decided: tuple[UUID, str, int]) -> None:
    incident, decision, seq = decided
    desk.decisions.strike(incident, decision, "误记（演练）", DRILL)
    rows = Rows()
    rows.follow(desk.situation(incident, caller=DRILL))
    shown = {row["seq"]: row for row in rows.page_rows(0, 50, "all", "", "zh")["rows"]}
    assert shown[seq]["struck"]
    assert "930" in str(shown[seq]), "what was decided can still be read"
    assert len(shown) > seq, "the strike is an entry of its own"
    assert not any(row["struck"] for number, row in shown.items() if number != seq)


def test_one_byte_of_it_changed_is_named(superuser_url: str, decided: tuple[UUID, str, int]) -> None:
    incident, _, seq = decided
    with psycopg.connect(libpq_conninfo(superuser_url)) as raw:
        raw.execute("ALTER TABLE record.entry DISABLE TRIGGER no_change")
        raw.execute(
            "UPDATE record.entry SET payload_canon = replace(payload_canon, '930', '931') "
            "WHERE incident_id = %s AND seq = %s",
            [incident, seq],
        )
        with verify_rows.rows_of(raw, incident) as (heads, entries):
            (fault,) = verify.verify(heads, entries).faults
        raw.rollback()
    assert (fault.code, fault.incident, fault.seq) == ("hash", str(incident), seq)
