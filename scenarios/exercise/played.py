"""Which exercises are there, which goes on, and by whose clock does an incident run that is played in one?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from gis.database import Caller
from scenarios.exercise import rows
from scenarios.exercise.fold import Exercise
from scenarios.journal import Journal


class Played:
    """Exercises as the record has them. Safe between threads."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._ended: set[UUID] = set()

    def exercises(self, caller: Caller) -> list[Exercise]:
        """All exercises of the caller's divisions, the latest first."""
        with self.journal.database.transaction(in_drill(caller)) as connection:
            found = [self.journal.fold(connection, one).exercise for one in rows.exercises(connection)]
        return [one for one in found if one is not None]

    def running(self, caller: Caller) -> list[Exercise]:
        """
        Exercises of the caller's divisions that have not ended, paused ones too, the latest first.

        One that has ended stays so and is not folded again: years of them cost a look nothing.
        """
        with self.journal.database.transaction(in_drill(caller)) as connection:
            ids = [one for one in rows.exercises(connection) if one not in self._ended]
            found = [one for one in (self.journal.fold(connection, it).exercise for it in ids) if one is not None]
        self._ended |= {one.exercise_id for one in found if one.status == "ended"}
        return [one for one in found if one.status != "ended"]

    def of_incident(self, incident_id: UUID, caller: Caller) -> Exercise | None:
        """The exercise an incident belongs to; None for any other incident."""
        found = (one for one in self.exercises(caller) if any(it.incident_id == incident_id for it in one.incidents))
        return next(found, None)

    def moment_in(self, incident_id: UUID, caller: Caller) -> datetime:
        """
        Say by which clock an incident runs: that of the scene where it is played on a date of its own, else ours.

        A case dated by our own clock keeps to it in a drill too.
        """
        at = datetime.now(UTC)
        running = self.running(caller) if caller.mode == "drill" else []
        exercise = next((one for one in running if any(it.incident_id == incident_id for it in one.incidents)), None)
        if exercise is None:
            return at
        played = exercise.drill.scene.begins_at + timedelta(seconds=exercise.clock.elapsed_s(at))
        case = self.journal.situation(incident_id, caller=caller).case or {}
        dated = datetime.fromisoformat(str(case.get("incident", {}).get("occurred_at", played.isoformat())))
        return played if abs(played - dated) < abs(at - dated) else at


def in_drill(caller: Caller) -> Caller:
    """
    The same person in the world of drills, at the desk of exercises.

    The record of one that goes on is sealed: this desk reads it for everybody, and whoever shows anything of it to a
    person says what that person may see (`command_ui.exercises.looking`).
    """
    return replace(caller, mode="drill", sees_sealed=True)
