"""How do the rooms' values become answers of the interface?"""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Connection

from command_ui.api import shapes
from command_ui.words import say
from gis.database import Caller
from gis.errors import MissingError
from gis.provenance import Mode
from scenarios import log
from scenarios.desk import IncidentSummary
from scenarios.events import Entry
from scenarios.log import Receipt
from scenarios.situation import Run, Situation


def seen(connection: Connection, incident_id: UUID, caller: Caller) -> None:
    """Pass if the caller may see the incident; one of another world (live, drill, sim) does not exist for him."""
    if log.head(connection, incident_id).mode != caller.mode:
        raise MissingError(f"there is no incident {incident_id}")


def mark(mode: Mode) -> str:
    """What stands before every name in a file of a drill or a simulation, so that no device shows it as real."""
    return "" if mode == "live" else f"{say(f'mode.{mode}.mark', 'zh')} {say(f'mode.{mode}.mark', 'en')} "


def marked(mode: Mode) -> shapes.Json:
    """Members every JSON file of a drill or a simulation has besides; none of a live one."""
    return {} if mode == "live" else {"mode": mode, "mark": mark(mode).strip()}


def receipt(one: Receipt) -> shapes.Receipt:
    """Write a receipt."""
    return shapes.Receipt(
        incident_id=one.incident_id,
        seq=one.seq,
        hash=one.hash,
        recorded_at=one.recorded_at,
        replayed=one.replayed,
    )


def summary(one: IncidentSummary) -> shapes.Incident:
    """Write one line of the list of incidents."""
    return shapes.Incident(
        incident_id=one.incident_id,
        code=one.code,
        title=one.title,
        division_code=one.division_code,
        mode=one.mode,
        status=one.status,
        longitude=one.place.longitude if one.place else None,
        latitude=one.place.latitude if one.place else None,
        place_text=one.place_text,
        occurred_at=one.occurred_at,
        known_at=one.known_at,
        seq=one.seq,
        updated_at=one.updated_at,
        accident_grade=one.accident_grade,
        accident_grade_suggested=one.accident_grade_suggested,
        response_level=one.response_level,
        run_id=one.run_id,
        run_is_stale=one.run_is_stale,
    )


def entry(one: Entry) -> shapes.Entry:
    """Write one entry of the record."""
    return shapes.Entry(
        seq=one.seq,
        kind=one.kind,
        lane=one.lane,
        actor=one.actor,
        occurred_at=one.occurred_at,
        recorded_at=one.recorded_at,
        payload=one.payload,
        caused_by=list(one.caused_by),
        prev_hash=one.prev_hash,
        hash=one.hash,
    )


def situation(known: Situation, incident_id: UUID, moment: datetime | None) -> shapes.Situation:
    """Write what was known at a moment."""
    return shapes.Situation(
        incident_id=incident_id,
        seq=known.seq,
        head_hash=known.head_hash,
        moment=moment,
        updated_at=known.updated_at,
        status=known.status,
        title=known.title,
        longitude=known.place.longitude if known.place else None,
        latitude=known.place.latitude if known.place else None,
        place_text=known.place_text,
        division_code=known.division_code,
        occurred_at=known.occurred_at,
        known_at=known.known_at,
        case=known.case,
        accident_grade=known.accident_grade,
        accident_grade_suggested=_plain(known.accident_grade_suggested),
        response_level=known.response_level,
        casualties=_plain(known.casualties),
        run=_plain(known.run),
        runs=[_run(run) for run in known.runs],
    )


def _run(run: Run) -> dict[str, Any]:
    """Give a run without its geometry, for the list of runs."""
    return {
        "run_id": run.run_id,
        "recorded_at": run.recorded_at.isoformat(),
        "first_seq": run.first_seq,
        "stale_since": run.stale_since,
        "superseded_by": run.superseded_by,
    }


def _plain(value: Any) -> Any:
    return None if value is None else TypeAdapter(type(value)).dump_python(value, mode="json")
