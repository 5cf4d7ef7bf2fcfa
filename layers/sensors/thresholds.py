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

    @property
    def quiet(self) -> tuple[float, float, bool]:
        """
        When a value is plainly normal, in a form a database can ask.

        Returns
        -------
        sign, mark, strict
            ``sign * value <= mark``, or ``<`` where `strict`.
        """
        first = self.alarm if self.alarm is not None else self.high
        assert first is not None, "a point without thresholds has no fold"
        sign = 1.0 if self.rising else -1.0
        return sign, sign * first - self.hysteresis, self.hysteresis == 0

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
    """

    raised_at: datetime
    raised_value: float
    level: int
    worst: int
    peak: float
    high_at: datetime | None = None
    cleared_at: datetime | None = None

    @property
    def seen_to(self) -> datetime:
        """Time of the sample that raised it to its worst level, or ended it."""
        return self.cleared_at or self.high_at or self.raised_at


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the fold of one point stands: its level and the alarm under way."""

    level: int = NORMAL
    episode: Episode | None = None


def step(standing: Standing, sample: Sample, rule: Rule) -> tuple[Standing, Episode | None]:
    """Take one sample, in order; return where the fold stands and the episode it belongs to (ended ones too)."""
    level = rule.level(sample.value, standing.level)
    under_way = standing.episode
    if under_way is None:
        if level == NORMAL:
            return Standing(), None
        begun = Episode(sample.at, sample.value, level, level, sample.value, sample.at if level == HIGH else None)
        return Standing(level, begun), begun
    if level == NORMAL:
        return Standing(), replace(under_way, level=NORMAL, cleared_at=sample.at)
    going = replace(
        under_way,
        level=level,
        worst=max(under_way.worst, level),
        peak=sample.value if rule.worse(sample.value, under_way.peak) else under_way.peak,
        high_at=under_way.high_at or (sample.at if level == HIGH else None),
    )
    return Standing(level, going), going


def fold(samples: Iterable[Sample], rule: Rule, before: Standing | None = None) -> tuple[Standing, list[Episode]]:
    """
    Fold any number of samples, in whatever order they arrived and however often each did.

    Parameters
    ----------
    before
        Where the fold stood before the oldest of them; nothing under way when None.

    Returns
    -------
    standing
        Where the fold stands after the newest sample.
    episodes
        Every alarm, oldest first, the one under way before among them; the last one may be under way still.
    """
    standing = before or Standing()
    episodes = [standing.episode] if standing.episode is not None else []
    for sample in sorted(set(samples)):
        is_new = standing.episode is None
        standing, episode = step(standing, sample, rule)
        if episode is not None and is_new:
            episodes.append(episode)
        elif episode is not None:
            episodes[-1] = episode
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
            episode.cleared_at is None
            or one.covers_from < episode.cleared_at
            or one.covers_from == episode.raised_at  # one that came and went within a moment
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
