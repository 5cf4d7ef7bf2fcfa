"""Who starts the private database again when it was killed while people work with it?"""

import logging
import threading

from gis.cluster import PrivateCluster

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
        self._said: set[str] = set()
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
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - whoever falls over one fault is not there for the next death
                # Its last children may still be dying, or the disk is full: the next look tries again.
                self._say(f"the database could not be started: {error or type(error).__name__}")

    def _look(self) -> None:
        if not self._cluster.is_running():
            self._say("the database does not run any more; starting it again")
            self._cluster.start()
            self.restarts += 1
        self._said.clear()

    def _say(self, sentence: str) -> None:
        """Tell each fault once, not twice a second for as long as a disk is full: the log may lie on that disk."""
        if sentence not in self._said:
            _log.error("%s", sentence)
        self._said.add(sentence)
