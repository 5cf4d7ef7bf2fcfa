"""Does whoever commands see a missed deadline, and is it quiet again once the report has gone up?"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from command_ui.console.chronicle import missed_of
from command_ui.words import say
from scenarios.events import Entry, Event, IncidentReported, payload_of
from scenarios.reports.events import DeadlineMissed, ReportSent
from scenarios.situation import Situation, situation_at

KNOWN = datetime(2026, 11, 24, 6, 3, 8, tzinfo=UTC)
REPORTED = IncidentReported(
    "泄漏（演练）", 118.7, 31.4, KNOWN - timedelta(minutes=20), KNOWN, "alarm", division_code="990102"
)
MISSED = DeadlineMissed("first_report_phone", KNOWN, KNOWN + timedelta(minutes=15), "order_493")


def told(*events: Event) -> Situation:
    return situation_at(
        Entry(UUID(int=1), n, event.code, "演练", None, KNOWN + timedelta(minutes=16 + n), payload_of(event))
        for n, event in enumerate(events, 1)
    )


def test_a_missed_deadline_is_seen_until_the_report_is_sent() -> None:
    assert missed_of(told(REPORTED)) == []
    (notice,) = missed_of(told(REPORTED, MISSED))
    assert (notice["tone"], notice["values"]["due"]) == ("danger", "14:18:08")
    assert say(notice["code"], "zh", clock=notice["values"]["clock"]["zh"]) == "报告超时：电话首报"
    sent = ReportSent("first", "phone", 1, "市应急局（演练）", KNOWN + timedelta(minutes=18))
    assert missed_of(told(REPORTED, MISSED, sent)) == []
