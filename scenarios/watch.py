"""Who looks again and again at what nobody asks for? One thread of the server for each kind of watch."""

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from gis.errors import OneMapError


class Watch:
    """
    Calls `look` from time to time on a thread of its own; a look that fails is said in the log and tried again.

    Parameters
    ----------
    name
        What it looks at, as the thread and the log call it.
    look
        Looks once and gives how long to wait until the next look, in s.
    every_s
        Wait before the first look, and after one that failed.
    """

    def __init__(self, name: str, look: Callable[[], float], every_s: float) -> None:
        self._name = name
        self._look = look
        self._every_s = every_s
        self._log = logging.getLogger(f"onemap.{name}")
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look again and again from now on; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"onemap-{self._name}", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None

    def _run(self) -> None:
        wait_s = self._every_s
        while not self._stopping.wait(wait_s):
            try:
                wait_s = self._look()
            except (OneMapError, DBAPIError) as error:
                wait_s = self._every_s
                self._log.warning("%s could not be looked at: %s", self._name, error)
