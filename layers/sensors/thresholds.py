"""When does a value raise an alarm, when does the alarm end, and does the order of arrival matter? It does not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

DEFAULT_HYSTERESIS = 0.05
"""Share of the threshold a value must come back before the alarm ends, where a point states none."""

NORMAL, ALARM, HIGH, ESCALATED = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Rule:
    """
    Thresholds of one point, in its own unit.

    Attributes
    ----------
    alarm, high
        报警值 and 高报值; None = the point has no such level.
    hysteresis
        How far a value must come back behind a threshold before that level ends.
    rising
        True when too high is bad; for False all comparisons are mirrored.
    """

    alarm: float | None = None
    high: float | None = None
    hysteresis: float = 0.0
    rising: bool = True

    @classmethod
    def of(cls, alarm: float | None, high: float | None, hysteresis: float | None, *, rising: bool = True) -> "Rule":
        """Rule with the default hysteresis where none is stated."""
        first = alarm if alarm is not None else high
        width = hysteresis if hysteresis is not None else abs(first or 0.0) * DEFAULT_HYSTERESIS
        return cls(alarm, high, width, rising)

    def level(self, value: float, before: int = NORMAL) -> int:
        """
        Level after `value`, coming from level `before`: 0 normal, 1 alarm, 2 high alarm.

        A level is reached at its threshold and left only behind threshold minus hysteresis.
        """
        reached, held = self._count(value, 0.0, strict=False), self._count(value, self.hysteresis, strict=True)
        return max(reached, min(before, held))

    def settles(self, value: float) -> bool:
        """Whether the level after `value` is the same whatever came before: the fold may begin anew here."""
        return self.level(value, NORMAL) == self.level(value, HIGH)

    def worse(self, value: float, than: float) -> bool:
        """Whether `value` is further into the bad side."""
        return value > than if self.rising else value < than

    def _count(self, value: float, slack: float, *, strict: bool) -> int:
        sign = 1.0 if self.rising else -1.0

        def beyond(threshold: float | None) -> bool:
            if threshold is None:
                return False
            mark = sign * threshold - slack
            # With no hysteresis a level is held exactly where it is reached.
            return sign * value > mark if strict and slack > 0 else sign * value >= mark

        if beyond(self.high):
            return HIGH
        return ALARM if beyond(self.alarm) else NORMAL


@dataclass(frozen=True, slots=True, order=True)
class Sample:
    """One observation as the fold sees it; ordered by the device's time, then by the key of its message."""

    at: datetime
    key: int
    value: float


@dataclass(frozen=True, slots=True)
class Episode:
    """
    One alarm from the sample that raised it to the sample that ended it.

    Attributes
    ----------
    level
        Level now (0 once it is over); `worst` is the highest it reached.
    high_at
        When the high level was reached first; None if never.
    seen_to
        Time of the newest sample that changed its level.
    """

    raised_at: datetime
    raised_value: float
    level: int
    worst: int
    peak: float
    seen_to: datetime
    high_at: datetime | None = None
    cleared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the fold of one point stands: its level and the alarm under way."""

    level: int = NORMAL
    episode: Episode | None = None


def step(standing: Standing, sample: Sample, rule: Rule) -> tuple[Standing, Episode | None]:
    """
    Take one sample, in order; return where the fold stands and the episode if its level changed (ended ones too).
    """
    level = rule.level(sample.value, standing.level)
    under_way = standing.episode
    if under_way is None:
        if level == NORMAL:
            return Standing(), None
        begun = Episode(
            sample.at, sample.value, level, level, sample.value, sample.at, sample.at if level == HIGH else None
        )
        return Standing(level, begun), begun
    if level == NORMAL:
        ended = replace(under_way, level=NORMAL, seen_to=sample.at, cleared_at=sample.at)
        return Standing(), ended
    changed = level != under_way.level
    going = replace(
        under_way,
        level=level,
        worst=max(under_way.worst, level),
        peak=sample.value if rule.worse(sample.value, under_way.peak) else under_way.peak,
        high_at=under_way.high_at or (sample.at if level == HIGH else None),
        seen_to=sample.at if changed else under_way.seen_to,
    )
    return Standing(level, going), going if changed else None


def fold(samples: Iterable[Sample], rule: Rule) -> tuple[Standing, list[Episode]]:
    """
    Fold any number of samples, in whatever order they arrived and however often each did.

    Returns
    -------
    standing
        Where the fold stands after the newest sample.
    episodes
        Every alarm, oldest first; the last one may be under way.
    """
    standing, episodes = Standing(), list[Episode]()
    for sample in sorted(set(samples)):
        before = standing.episode
        standing, changed = step(standing, sample, rule)
        if before is None and standing.episode is not None:
            episodes.append(standing.episode)
        elif before is not None:
            current = changed if standing.episode is None else standing.episode
            assert current is not None
            episodes[-1] = current
    return standing, episodes


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A person saw an alarm as it stood from `covers_from` to `covers_to`, at `level`."""

    covers_from: datetime
    covers_to: datetime
    level: int
    actor: str
    at: datetime
    reason: str = ""


def acknowledged_by(episode: Episode, acknowledgements: Sequence[Acknowledgement]) -> Acknowledgement | None:
    """
    First acknowledgement that covers the episode, or None.

    One given before the high level was reached does not count any more: what got worse must be looked at again.
    """
    for one in sorted(acknowledgements, key=lambda one: (one.at, one.covers_from)):
        met = one.covers_to >= episode.raised_at and (
            episode.cleared_at is None or one.covers_from < episode.cleared_at
        )
        seen = episode.high_at is None or one.level >= HIGH or one.covers_to >= episode.high_at
        if met and seen:
            return one
    return None


def state_of(episode: Episode, acknowledgement: Acknowledgement | None) -> str:
    """Give the state a duty room speaks of: open, acknowledged, cleared (come back, nobody looked) or closed."""
    if episode.cleared_at is None:
        return "acknowledged" if acknowledgement else "open"
    return "closed" if acknowledgement else "cleared"
