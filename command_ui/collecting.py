"""When is garbage looked for, so that nobody waits for it?"""

import gc
import threading
import time
from collections.abc import Callable

LOOK_EVERY_S = 10.0
GONE_AT_ONCE = 24
"""
Listeners that may go, two a desk, before all objects are looked through for what is left of them: some 12 MB.
"""
QUIET_S = 60.0
"""Nobody having left for so long, what fewer pages have left is looked for too."""
_NEVER = 1 << 30


class Collecting:
    """
    Looks for circular garbage at moments of its own, instead of whenever Python has counted enough new objects.

    A page holds some 4,400 objects the collector sees (300 pages: 1.3 million), and a pass over those of 300 pages
    keeps every thread of the process from working for a second; Python starts one each time their number has grown by
    a quarter, in whatever thread that happens. Here what has lasted is put out of the collector's sight, so that the
    next pass costs what is new alone.
    Objects out of sight still go when nobody refers to them. What refers to itself in a circle stays, as a closed
    page does: once several have been closed, everything comes into sight again and one whole pass is made.

    Parameters
    ----------
    gone
        Counts those who ever listened and went away: `command_ui.live.Live.gone`.
    """

    def __init__(self, gone: Callable[[], int]) -> None:
        self._gone = gone
        self._cleared = self._seen = gone()
        self._left_at = time.monotonic()

    def start(self) -> None:
        """Take over from Python, until the process ends: whole passes are made here, small ones by Python as ever."""
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, _NEVER)
        self.look(time.monotonic())
        threading.Thread(target=self._run, name="onemap-collecting", daemon=True).start()

    def look(self, now: float) -> bool:
        """
        Look through what is new, or through everything; tell which (True = everything).

        Parameters
        ----------
        now
            Reading of the monotonic clock, s.
        """
        gone = self._gone()
        if gone != self._seen:
            self._seen, self._left_at = gone, now
        left = gone - self._cleared
        whole = left >= GONE_AT_ONCE or (left > 0 and now - self._left_at >= QUIET_S)
        if whole:
            self._cleared = gone
            gc.unfreeze()
        gc.collect()
        gc.freeze()
        return whole

    def _run(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            self.look(time.monotonic())
