"""Whatever is done to the clock and the list: does an inject fire at most once, and never too early? (T-19)"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scenarios.event import Event
from scenarios.events import Entry, Note, payload_of
from scenarios.exercise import conditions
from scenarios.exercise.deeds import Deed, seen_at
from scenarios.exercise.drill import (
    Condition,
    DeedSought,
    Drill,
    Expectation,
    Inject,
    Role,
    Scene,
    Timing,
    drill_json,
    inject_json,
)
from scenarios.exercise.events import (
    ExerciseJumped,
    ExercisePaused,
    ExerciseResumed,
    ExerciseSpeedSet,
    ExerciseStarted,
    InjectChanged,
    InjectFired,
    InjectHeld,
    InjectImprovised,
    InjectSkipped,
)
from scenarios.exercise.fold import Exercise, fold

BEGAN = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
EXERCISE = UUID("00000000-0000-0000-0000-00000000e0e0")


def inject(name: str, when: Condition) -> Inject:
    return Inject(name, "message", f"注入 {name}", when, ("duty",))


DRILL = Drill(
    name="made-up",
    title="演练",
    kind="tabletop",
    scene=Scene("演练", 118.7, 31.4, "990102", BEGAN),
    timing=Timing(3600),
    roles=(Role("duty", "值班员", "player"), Role("cell", "导调", "controller")),
    injects=(
        inject("at", Condition(at_s=300)),
        inject("after", Condition(after="at", delay_s=60)),
        inject("done", Condition(done=("noted",), delay_s=30)),
        inject("not-done", Condition(after="at", delay_s=120, not_done=("noted",))),
        inject("hand", Condition(by_hand=True)),
        inject("chain", Condition(after="hand", delay_s=10, done=("noted",))),
    ),
    expectations=(Expectation("noted", "duty", "记录", DeedSought("note"), 600),),
    objectives=(),
    capabilities=(),
    sheet=(),
)


@dataclass
class Play:
    """A record in memory with a clock of its own: what two desks would write, one entry after the other."""

    now: datetime = BEGAN
    entries: list[Entry] = field(default_factory=list)
    exercise: Exercise | None = None
    deeds: list[Deed] = field(default_factory=list)

    def write(self, event: Event) -> None:
        self.now += timedelta(milliseconds=1)
        entry = Entry(EXERCISE, len(self.entries) + 1, event.code, "cell", None, self.now, payload_of(event))
        self.entries.append(entry)
        self.exercise = fold(event, entry, self.exercise)

    @property
    def elapsed_s(self) -> float:
        assert self.exercise is not None
        return self.exercise.clock.elapsed_s(self.now)

    def tick(self, desks: int) -> None:
        """Let `desks` processes look at the same moment: each fires what it saw, one after the other."""
        assert self.exercise is not None
        while True:
            seen = seen_at(self.exercise, tuple(self.deeds))
            due = [one.inject_id for one in conditions.due(self.exercise, seen, self.elapsed_s)]
            if not due:
                return
            for _ in range(desks):
                for name in due:
                    self.write(InjectFired(name, "time"))


NAMES = [one.id for one in DRILL.injects]
ACTS = st.one_of(
    st.tuples(st.just("wait"), st.floats(0.0, 400.0)),
    st.tuples(st.sampled_from(["pause", "resume", "note"]), st.none()),
    st.tuples(st.just("speed"), st.sampled_from([0.5, 1.0, 7.5, 60.0])),
    st.tuples(st.just("jump"), st.floats(0.0, 4000.0)),
    st.tuples(st.sampled_from(["release", "hold", "unhold", "skip"]), st.sampled_from([*NAMES, "A1"])),
    st.tuples(st.just("improvise"), st.integers(0, 900)),
    st.tuples(st.just("retime"), st.integers(0, 900)),
    st.tuples(st.just("tick"), st.integers(1, 3)),
)


@settings(max_examples=250, deadline=None)
@given(acts=st.lists(ACTS, max_size=40), paused=st.booleans())
@example(acts=[("release", "A1"), ("improvise", 0)], paused=False)
def test_no_interleaving_fires_twice_or_too_early(acts: list[tuple[str, object]], paused: bool) -> None:
    play = Play()
    play.write(ExerciseStarted(drill_json(DRILL), DRILL.sha256, 1.0, paused))
    shown = 0.0
    by_hand: set[str] = set()
    touched: dict[str, str] = {}
    for act, value in acts:
        match act, value:
            case "wait", float(seconds):
                play.now += timedelta(seconds=seconds)
            case "pause", _:
                play.write(ExercisePaused())
            case "resume", _:
                play.write(ExerciseResumed())
            case "note", _:
                play.deeds.append(Deed("note", play.elapsed_s, "duty", payload_of(Note("记录"))))
            case "speed", float(speed):
                play.write(ExerciseSpeedSet(speed))
            case "jump", float(to_s):
                play.write(ExerciseJumped(to_s))
            case "release", str(name):
                state = play.exercise.state(name) if play.exercise else None
                if state is not None and state.status != "fired":
                    by_hand.add(name)
                play.write(InjectFired(name, "hand"))
            case "hold" | "unhold", str(name):
                play.write(InjectHeld(name, act == "hold"))
                touched[name] = act
            case "skip", str(name):
                play.write(InjectSkipped(name))
                touched[name] = act
            case "improvise", int(later_s):
                made = inject("A1", Condition(at_s=int(play.elapsed_s) + later_s))
                play.write(InjectImprovised("A1", inject_json(made)))
            case "retime", int(later_s):
                made = inject("at", Condition(at_s=int(play.elapsed_s) + later_s))
                play.write(InjectChanged("at", inject_json(made)))
            case "tick", int(desks):
                play.tick(desks)
        assert play.elapsed_s >= shown, "the exercise clock went back"
        shown = play.elapsed_s
    play.tick(1)
    assert play.exercise is not None
    drill = play.exercise.drill
    assert [one.inject_id for one in play.exercise.injects] == [one.id for one in drill.injects]
    assert drill.injects[: len(NAMES)] == tuple(drill.inject(name) for name in NAMES), "improvised ones come last"
    fired = {one.inject_id: one for one in play.exercise.injects if one.status == "fired"}
    noted = [one.at_s for one in play.deeds]
    first = min(noted, default=None)
    made_up = [entry.seq for entry in play.entries if entry.kind == InjectImprovised.code]
    for name, state in fired.items():
        # The entry that let it go is the first one that says so; whatever was written later changed nothing, nor what
        # was written of an inject nobody had made up yet.
        known = made_up[0] if name == "A1" else 0
        says = [
            entry.seq
            for entry in play.entries
            if entry.kind == InjectFired.code and entry.payload["inject_id"] == name and entry.seq > known
        ]
        assert state.fired_seq == says[0]
        assert state.fired_s is not None
        if name in by_hand:
            continue
        # What an inject waits for is what it waited for when it fired: nothing changes one that has.
        when = next(one.when for one in drill.injects if one.id == name)
        assert not when.by_hand
        assert state.fired_s >= (when.at_s or 0)
        if when.after:
            before = fired[when.after]
            assert before.fired_s is not None and state.fired_s >= before.fired_s + when.delay_s
        if when.done:
            assert first is not None and state.fired_s >= first + (0 if when.after else when.delay_s)
        if when.not_done:
            ready = fired["at"].fired_s
            assert ready is not None and not any(at_s <= ready + when.delay_s for at_s in noted)


def test_a_conditional_inject_lapses_when_the_deed_was_seen_in_time() -> None:
    play = Play()
    play.write(ExerciseStarted(drill_json(DRILL), DRILL.sha256))
    play.now += timedelta(seconds=301)
    play.tick(1)
    play.now += timedelta(seconds=119)
    play.deeds.append(Deed("note", play.elapsed_s, "duty", {"text": "记录"}))
    play.now += timedelta(seconds=600)
    play.tick(1)
    assert play.exercise is not None
    looks = {
        one.inject_id: one
        for one in conditions.prospects(play.exercise, seen_at(play.exercise, tuple(play.deeds)), 1e4)
    }
    assert looks["not-done"].outlook == "lapsed"
    assert play.exercise.state("not-done").status == "waiting"  # type: ignore[union-attr]
    # A controller may still want it.
    play.write(InjectFired("not-done", "hand"))
    assert play.exercise.state("not-done").status == "fired"  # type: ignore[union-attr]


def test_what_comes_late_to_look_fires_what_was_due_all_the_same() -> None:
    play = Play()
    play.write(ExerciseStarted(drill_json(DRILL), DRILL.sha256))
    play.now += timedelta(seconds=1000)
    # The deed came after the moment at which its absence was asked for, though nobody had looked yet.
    play.deeds.append(Deed("note", 900.0, "duty", {"text": "记录"}))
    play.tick(1)
    assert play.exercise is not None
    fired = {one.inject_id for one in play.exercise.injects if one.status == "fired"}
    assert fired == {"at", "done"}, "'after' counts from when 'at' fired, which was now"


@pytest.mark.parametrize("speed", [0.5, 1.0, 60.0])
def test_the_clock_keeps_its_speed_and_stands_when_it_is_told_to(speed: float) -> None:
    play = Play()
    play.write(ExerciseStarted(drill_json(DRILL), DRILL.sha256, speed))
    play.now += timedelta(seconds=10)
    assert play.elapsed_s == pytest.approx(10 * speed, abs=0.001)
    play.write(ExercisePaused())
    stood = play.elapsed_s
    play.now += timedelta(hours=3)
    assert play.elapsed_s == stood
    assert play.exercise is not None and play.exercise.clock.reached_at(stood + 1) is None
    play.write(ExerciseResumed())
    again = play.now
    play.now += timedelta(seconds=10)
    assert play.elapsed_s == pytest.approx(stood + 10 * speed, abs=0.001)
    assert play.exercise.clock.reached_at(stood + 5 * speed) == pytest.approx(
        again + timedelta(seconds=5), abs=timedelta(milliseconds=2)
    )
