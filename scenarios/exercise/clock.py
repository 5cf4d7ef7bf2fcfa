"""What time is it in the exercise? Computed from the moments at which its clock was started, stopped or changed."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Anchor:
    """From ``at`` on the exercise clock shows ``elapsed_s`` and gains ``rate`` seconds a second; 0 = it stands."""

    at: datetime
    elapsed_s: float
    rate: float


@dataclass(frozen=True, slots=True)
class ExerciseClock:
    """
    The exercise clock as a broken line over the server's time. Frozen; the changes give the next one.

    It survives a restart because nothing of it lies outside the record, and every process reads the same time.
    """

    anchors: tuple[Anchor, ...]
    speed: float = 1.0

    @property
    def is_running(self) -> bool:
        """Whether exercise time passes by itself."""
        return self.anchors[-1].rate > 0

    def elapsed_s(self, moment: datetime) -> float:
        """Exercise time at a moment of the server's time, s from the start to the millisecond; 0 before it."""
        place = bisect_right(self.anchors, moment, key=lambda one: one.at) - 1
        if place < 0:
            return 0.0
        anchor = self.anchors[place]
        return round(anchor.elapsed_s + anchor.rate * (moment - anchor.at).total_seconds(), 3)

    def reached_at(self, elapsed_s: float) -> datetime | None:
        """First moment the clock shows this time or more, on its present course; None when it stands before it."""
        for anchor, after in zip(self.anchors, (*self.anchors[1:], None), strict=True):
            if anchor.elapsed_s >= elapsed_s:
                return anchor.at
            if anchor.rate > 0:
                moment = anchor.at + timedelta(seconds=(elapsed_s - anchor.elapsed_s) / anchor.rate)
                if after is None or moment < after.at:
                    return moment
        return None

    def turned(self, at: datetime, *, runs: bool | None = None, speed: float | None = None) -> "ExerciseClock":
        """The clock after it was paused, resumed or given another speed at a moment."""
        fast = self.speed if speed is None else speed
        running = self.is_running if runs is None else runs
        anchor = Anchor(at, self.elapsed_s(at), fast if running else 0.0)
        return replace(self, anchors=(*self.anchors, anchor), speed=fast)

    def jumped(self, at: datetime, to_s: float) -> "ExerciseClock":
        """The clock put forward; it never goes back."""
        anchor = Anchor(at, max(self.elapsed_s(at), to_s), self.anchors[-1].rate)
        return replace(self, anchors=(*self.anchors, anchor))

    def stopped(self, at: datetime) -> "ExerciseClock":
        """The clock after the end."""
        return self.turned(at, runs=False)


def started(at: datetime, speed: float, *, paused: bool) -> ExerciseClock:
    """A clock that begins at 00:00:00."""
    return ExerciseClock((Anchor(at, 0.0, 0.0 if paused else speed),), speed)


def shown(elapsed_s: float) -> str:
    """Exercise time as people read it, HH:MM:SS."""
    whole = int(elapsed_s)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
