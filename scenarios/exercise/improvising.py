"""How does a controller change the list while it is played? Injects improvised, and those to come put otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from gis.database import Caller
from gis.errors import InputError, MissingError
from scenarios.event import Event, Json
from scenarios.exercise.clock import shown
from scenarios.exercise.drill import Inject, inject_json, inject_of
from scenarios.exercise.events import InjectChanged, InjectImprovised
from scenarios.exercise.fold import Exercise
from scenarios.exercise.passing import PassingDesk, RefusedError
from scenarios.log import Receipt

PREFIX = "A"
"""Ids of improvised injects: A1, A2 … in the order in which they were put in."""
FIXED = frozenset({"id", "kind"})
"""What of an inject stays as it is: what hangs on it names it, and its table belongs to its kind."""


class ImprovisingDesk(PassingDesk):
    """What a controller puts into the list during play. Everything is an entry of the exercise's record."""

    def improvise(
        self, exercise_id: UUID, inject: Mapping[str, Any], caller: Caller, *, reason: str = "", key: UUID | None = None
    ) -> Receipt:
        """
        Put an inject into the list that no drill foresaw; it fires at its time, or now where none is given.

        Parameters
        ----------
        inject
            As in a drill, without an id; ``when`` holds ``at_s`` (exercise time), ``by_hand``, or nothing for now.

        Raises
        ------
        InputError
            Every fault of the inject.
        ConflictError
            The exercise has ended, or the time has passed.
        """

        def decide(now: Exercise, elapsed_s: float) -> Event:
            when = dict(inject.get("when") or {})
            if not when.get("by_hand") and when.get("at_s") is None:
                when = {"at_s": int(elapsed_s)}
            else:
                _to_come(when, elapsed_s)
            made = _read({**inject, "id": _free_id(now), "when": when})
            _check(made, replace(now.drill, injects=(*now.drill.injects, made)))
            return InjectImprovised(made.id, inject_json(made), reason.strip())

        return self._put(exercise_id, decide, caller, key)

    def change(
        self, exercise_id: UUID, inject_id: str, changes: Mapping[str, Any], caller: Caller, *, reason: str = "",
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """
        Put an inject that has not fired otherwise: its words, its place, what it does, or when it fires.

        Parameters
        ----------
        changes
            Fields of the inject with their new values; ``when`` is taken whole. Id and kind stay.

        Raises
        ------
        MissingError
            There is no such inject.
        ConflictError
            It has fired already, the time has passed, or the exercise has ended.
        InputError
            Every fault of what it would be.
        """
        held_fast = sorted(FIXED & set(changes))
        if held_fast:
            raise InputError(f"{', '.join(held_fast)}: stays as it is; skip the inject and put in another")

        def decide(now: Exercise, elapsed_s: float) -> Event:
            before, state = now.drill.inject(inject_id), now.state(inject_id)
            if before is None or state is None:
                raise MissingError(f"the drill has no inject '{inject_id}'")
            if state.status == "fired":
                raise RefusedError(f"inject {inject_id} has fired already: it cannot be changed")
            if changes.get("when") is not None:
                _to_come(changes["when"], elapsed_s)
            made = _read({**inject_json(before), **changes})
            if made == before:
                raise InputError("nothing of the inject would change")
            others = tuple(made if one.id == inject_id else one for one in now.drill.injects)
            _check(made, replace(now.drill, injects=others))
            return InjectChanged(inject_id, inject_json(made), reason.strip())

        return self._put(exercise_id, decide, caller, key)

    def _put(
        self, exercise_id: UUID, decide: Callable[[Exercise, float], Event], caller: Caller, key: UUID | None
    ) -> Receipt:
        receipt = self._steer(exercise_id, decide, caller, key)
        self.tick(exercise_id)
        return receipt


def _free_id(now: Exercise) -> str:
    taken = {one.inject_id for one in now.injects}
    return next(name for name in (f"{PREFIX}{at}" for at in range(1, len(taken) + 2)) if name not in taken)


def _to_come(when: Mapping[str, Any], elapsed_s: float) -> None:
    at_s = when.get("at_s")
    if isinstance(at_s, int | float) and at_s < int(elapsed_s):
        raise RefusedError(f"exercise time {shown(at_s)} has passed: it is {shown(elapsed_s)}")


def _read(plain: Json) -> Inject:
    try:
        return inject_of(plain)
    except ValidationError as error:
        raise InputError(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg'][:1].lower()}{fault['msg'][1:]}"
            for fault in error.errors()
        ) from error


def _check(made: Inject, drill: Any) -> None:
    from scenarios.exercise.checking import faults_of_inject

    faults = faults_of_inject(made, drill)
    if faults:
        raise InputError(faults)
