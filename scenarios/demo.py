"""What does the duty room of the drill city see when it is opened for the first time? Two incidents, one just begun."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from gis.crs import LonLat
from gis.database import Caller
from gis.errors import MissingError
from scenarios.desk import Desk, incident_opened_by
from scenarios.events import Alarm, CasualtiesReported, Note
from scenarios.intake import ReportIncident
from scenarios.reports.events import ReportSent

OLDER_AGE = timedelta(minutes=43)
OLDER_PLACE = LonLat(118.7458, 31.4402)
SOONEST_REPORT = timedelta(minutes=2, seconds=56)
"""From the first alarm to 接报 in the story of the drill."""
_LEAK = uuid5(NAMESPACE_URL, "onemap:drill:leak")
_LORRY = uuid5(NAMESPACE_URL, "onemap:drill:lorry")
LINKED_WITHIN = timedelta(minutes=10)


def is_staged(desk: Desk, caller: Caller) -> bool:
    """Whether the story was told before, assessment included."""
    return _known(desk, _LEAK, caller) and desk.situation(incident_opened_by(_LEAK), caller=caller).run is not None


def stage(
    desk: Desk,
    case: Mapping[str, Any],
    caller: Caller,
    *,
    now: datetime,
    roads: str | None = None,
) -> UUID:
    """
    Report the drill's two incidents and assess the younger; running it again changes nothing and records nothing twice.

    Parameters
    ----------
    case
        The sample city's drill case, its ``occurred_at`` shortly before `now`.
    caller
        Who directs the drill; its mode must be ``drill``.
    roads
        Name of the sample city's network.

    Returns
    -------
    incident_id
        The younger incident, assessed.
    """
    if not _known(desk, _LORRY, caller):
        _tell_of_the_lorry(desk, caller, now)
    leak = incident_opened_by(_LEAK)
    if not _known(desk, _LEAK, caller):
        occurred_at: datetime = case["incident"]["occurred_at"]
        report = ReportIncident.from_case(
            case,
            known_at=min(now, occurred_at + SOONEST_REPORT),
            channel="alarm",
            place="演练化工园区 · 液氯库东侧",
            event_code="hazmat_leak",
            reported_by="企业值班室（演练）",
            text="液氯储罐区有毒气体报警，现场目视黄绿色气体（演练）",
            alarms=alarms_of(desk, caller, occurred_at),
            key=_LEAK,
        )
        desk.report(report, caller)
        desk.note(leak, "已电话通知企业 24 小时值班室核实（演练）", caller)
    if desk.situation(leak, caller=caller).run is None:
        run = desk.assess(leak, caller, roads=roads)
        desk.add_confidence(leak, run.run_id, caller)
    return leak


def alarms_of(desk: Desk, caller: Caller, occurred_at: datetime) -> tuple[Alarm, ...]:
    """Open gas alarms of the drill around `occurred_at`, as the report links them."""
    from layers import store

    with desk.database.transaction(caller) as connection:
        rows = store.alarms(connection, caller.mode)
    near = rows[(rows["kind"] == "gas") & (rows["state"] == "open")]
    return tuple(
        Alarm(
            alarm_id=str(row["id"]),
            device=str(row["tag_id"] or ""),
            place=str(row["place"]),
            quantity=str(row["title"]),
            value=float(row["value"]),
            unit=str(row["unit"]),
            raised_at=row["occurred_at"],
            longitude=round(row["geometry"].x, 6),
            latitude=round(row["geometry"].y, 6),
        )
        for row in near.to_dict("records")
        if abs(row["occurred_at"] - occurred_at) <= LINKED_WITHIN
    )


def _tell_of_the_lorry(desk: Desk, caller: Caller, now: datetime) -> None:
    """A lorry on its side, three quarters of an hour old, handled and reported in time."""
    occurred_at = now - OLDER_AGE
    known_at = occurred_at + timedelta(minutes=2)
    report = ReportIncident(
        title="环城北路货车侧翻",
        longitude=OLDER_PLACE.longitude,
        latitude=OLDER_PLACE.latitude,
        occurred_at=occurred_at,
        known_at=known_at,
        channel="phone",
        place="江东区 环城北路（演练）",
        division_code="990103",
        event_code="road_accident",
        reported_by="过路司机（演练）",
        text="一辆空载货车侧翻，占用一条车道，无危险货物（演练）",
        key=_LORRY,
    )
    lorry = desk.report(report, caller).incident_id
    for minutes, event in (
        (5, CasualtiesReported(slightly_injured=1)),
        (9, ReportSent("first", "phone", 1, "市应急指挥中心（演练）", known_at + timedelta(minutes=9))),
        (14, Note("交警到场，封闭外侧车道，清障车已出发（演练）")),
        (31, ReportSent("first", "written", 1, "市应急局（演练）", known_at + timedelta(minutes=31))),
    ):
        desk.record(lorry, event, caller, occurred_at=known_at + timedelta(minutes=minutes))


def _known(desk: Desk, key: UUID, caller: Caller) -> bool:
    try:
        desk.situation(incident_opened_by(key), caller=caller)
    except MissingError:
        return False
    return True
