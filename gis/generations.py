"""What becomes of the other connections of a pool when one turns out to be dead? They are replaced when next taken."""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

_MADE_IN = "generation"


class Generations:
    """
    Connections of one engine by the time they were made in: before or after the database went away.

    Ending the pool as a whole would leave connections that are in use at that moment to the garbage collector, open.

    Parameters
    ----------
    engine
        Its pool is listened to from now on; connections made before are taken for old ones.
    """

    def __init__(self, engine: Engine) -> None:
        self._now = 1
        event.listen(engine, "connect", self._made)
        event.listen(engine, "checkout", self._taken)

    def end(self, info: Any) -> None:
        """Replace what is as old as the dead connection with this `info`, each when somebody next takes it."""
        if info.get(_MADE_IN) == self._now:  # of several that die together the first is enough
            self._now += 1

    def _made(self, _connection: Any, record: Any) -> None:
        record.info[_MADE_IN] = self._now

    def _taken(self, _connection: Any, record: Any, _pooled: Any) -> None:
        if record.info.get(_MADE_IN) != self._now:
            raise DisconnectionError("made before the database went away")  # the pool makes a new one and goes on
