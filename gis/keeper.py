"""Who starts the private database again when it was killed while people work with it?"""

import logging
import threading

from gis.cluster import PrivateCluster
from gis.errors import UnavailableError

LOOK_EVERY_S = 0.5
_log = logging.getLogger("onemap.database")


class Keeper:
    """
    Looks twice a second whether the private cluster still runs, and starts it when it does not.

    Several processes may keep one cluster: its own lock lets one of them start it. What was acknowledged is in its
    write-ahead log, so it comes back with everything.
    """

    def __init__(self, cluster: PrivateCluster) -> None:
        self._cluster = cluster
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.restarts = 0
        """How often it had to be started."""

    def start(self) -> None:
        """Begin to look; a second call does nothing."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="onemap-keeper", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End; must come before the cluster itself is stopped."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def __enter__(self) -> "Keeper":
        """Begin; see `start`."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End; see `stop`."""
        self.stop()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            if self._cluster.is_running():
                continue
            _log.error("the database does not run any more; starting it again")
            try:
                self._cluster.start()
                self.restarts += 1
            except UnavailableError as error:
                # Its last children may still be dying, or the disk is full: the next look tries again.
                _log.error("the database could not be started: %s", error)
