"""Was this refusal written down a moment ago? The same again is counted and written once, with its number."""

import time
from collections.abc import Callable, Hashable

WINDOW_S = 300.0
MANY = 10
"""So many repeats are written at the next look and not at the end of the window: somebody knocks without a pause."""
LOOK_S = 10.0
"""Who hammers at one address is known to the watch over attacks within so long, not only when his window ends."""
MOST = 2_000
"""Different refusals followed at once; further ones are counted together, so that no flood fills memory."""


class Repeats[Key: Hashable]:
    """
    Merges equal refusals within a window of time. Not for several threads: it lives on the event loop.

    Parameters
    ----------
    flood
        Key under which everything is counted once `MOST` different ones are followed.
    """

    def __init__(
        self, flood: Key, *, window_s: float = WINDOW_S, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._flood = flood
        self._window_s = window_s
        self._most = most
        self._clock = clock
        self._seen: dict[Key, tuple[float, int]] = {}

    def note(self, key: Key) -> Key | None:
        """Take note of a refusal; give the key under which to write it now, None when it was only counted."""
        if key not in self._seen and len(self._seen) >= self._most:
            key = self._flood
        if key in self._seen:
            since, times = self._seen[key]
            self._seen[key] = since, times + 1
            return None
        self._seen[key] = self._clock(), 0
        return key

    def due(self, *, all_of_them: bool = False) -> list[tuple[Key, int]]:
        """
        Give what was counted in windows that are over, and forget it; with `all_of_them` every window is.

        What was repeated `MANY` times is given before its window ends, and counted on from nought.
        """
        edge = self._clock() - self._window_s
        over = [key for key, (since, _) in self._seen.items() if all_of_them or since <= edge]
        counted = [(key, self._seen.pop(key)[1]) for key in over]
        for key, (since, times) in self._seen.items():
            if times >= MANY:
                counted.append((key, times))
                self._seen[key] = since, 0
        return [(key, times) for key, times in counted if times]

    def forget(self, key: Key) -> None:
        """Follow a refusal no longer, because it could not be written."""
        self._seen.pop(key, None)

    @property
    def next_s(self) -> float | None:
        """Seconds until somebody must look again, at most `LOOK_S`; None when nothing is followed."""
        if not self._seen:
            return None
        ends = min(since for since, _ in self._seen.values()) + self._window_s - self._clock()
        return min(LOOK_S, max(0.0, ends))
