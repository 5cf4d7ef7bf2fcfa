"""Who lets time pass in a running exercise? A thread of the server that looks every second, oftener when it is fast."""

from typing import TYPE_CHECKING

from scenarios.exercise.passing import CELL
from scenarios.watch import Watch

if TYPE_CHECKING:
    from scenarios.desk import Desk

EVERY_S = 1.0
OFTENER_S = 0.2
FAST = 4.0
"""From this speed on a second of ours is too long a step of exercise time."""


class ExerciseWatch(Watch):
    """Fires what is due in every exercise; several may run at once, since an inject fires and acts once."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__("exercises", self.look, EVERY_S)
        self._desk = desk

    def look(self) -> float:
        """Let time pass once; how long to wait until the next look, in s."""
        exercises = self._desk.exercises
        running = exercises.running(CELL)
        for one in running:
            exercises.tick(one.exercise_id)
        is_fast = any(one.clock.is_running and one.clock.speed >= FAST for one in running)
        return OFTENER_S if is_fast else EVERY_S
