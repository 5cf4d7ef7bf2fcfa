"""Who lets time pass in a running exercise? A thread of the server that looks every second, oftener when it is fast."""

import logging
import threading
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from gis.errors import OneMapError
from scenarios.exercise.passing import CELL

if TYPE_CHECKING:
    from scenarios.desk import Desk

EVERY_S = 1.0
OFTENER_S = 0.2
FAST = 4.0
"""From this speed on a second of ours is too long a step of exercise time."""

_log = logging.getLogger("onemap.exercises")


class ExerciseWatch:
    """Fires what is due in every exercise; several may run at once, since an inject fires and acts once."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look now and again from now on; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="onemap-exercises", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None

    def look(self) -> float:
        """Let time pass once; how long to wait until the next look, in s."""
        exercises = self._desk.exercises
        running = exercises.running(CELL)
        for one in running:
            exercises.tick(one.exercise_id)
        is_fast = any(one.clock.is_running and one.clock.speed >= FAST for one in running)
        return OFTENER_S if is_fast else EVERY_S

    def _run(self) -> None:
        wait_s = EVERY_S
        while not self._stopping.wait(wait_s):
            try:
                wait_s = self.look()
            except (OneMapError, DBAPIError) as error:
                wait_s = EVERY_S
                _log.warning("exercises could not be looked at: %s", error)
