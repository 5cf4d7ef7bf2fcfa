"""The whole command room: commands go in, entries go into the record, receipts come back."""

from functools import cached_property
from pathlib import Path

from gis.database import Database
from scenarios.duty import DutyDesk, incident_opened_by
from scenarios.exercise.desk import ExerciseDesk
from scenarios.intake import ReportIncident
from scenarios.queue import IncidentSummary
from scenarios.replay.desk import ReplayDesk
from scenarios.running import Assessed, Wishes

__all__ = ["Assessed", "Desk", "IncidentSummary", "ReportIncident", "Wishes", "incident_opened_by"]


class Desk(DutyDesk):
    """The duty desk, the exercises played at it, and the room for looking back."""

    def __init__(self, database: Database, networks_dir: Path) -> None:
        super().__init__(database, networks_dir)
        self.exercises = ExerciseDesk(self)

    @cached_property
    def replay(self) -> ReplayDesk:
        """The same room for looking back: nothing can be recorded there."""
        return ReplayDesk(self)
