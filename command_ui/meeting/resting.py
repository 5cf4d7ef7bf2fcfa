"""Which of the views a presenter passes through are shown, so that the record keeps them?"""

from typing import Any

Json = dict[str, Any]

RESTS_S = 8.0
"""A view that stands this long was meant to be looked at; what lies between two of them was the way there."""
_PASSING = ("pointer", "sent_ms")


class Resting:
    """Tells the views the presenter rested on from those he passed through; each is told of once."""

    def __init__(self) -> None:
        self._view: Json | None = None
        self._since_s = 0.0
        self._kept: Json | None = None

    def seen(self, view: Json, now_s: float) -> None:
        """Take note of a view that was shown; only the pointer moving is no other view."""
        lasting = {name: value for name, value in view.items() if name not in _PASSING}
        if lasting != self._view:
            self._view, self._since_s = lasting, now_s

    def wait_s(self, now_s: float) -> float | None:
        """Seconds until the view at hand has rested; None where nothing is to be kept."""
        if self._view is None or self._view == self._kept:
            return None
        return max(0.0, self._since_s + RESTS_S - now_s)

    def take(self, now_s: float) -> Json | None:
        """Give the view that has rested, once; None while none has."""
        if self.wait_s(now_s) != 0.0:
            return None
        self._kept = self._view
        return self._kept
