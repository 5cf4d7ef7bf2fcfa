"""What does a person see of an exercise? The cell everything, a player only what was said to his role."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID

from command_ui.console.scene import scene_of
from command_ui.exercises.speaking import condition_text, in_language, kind_title, role_names
from command_ui.words import Language
from command_ui.words.titles import title_in
from gis.database import Caller
from gis.errors import MissingError
from scenarios import log
from scenarios.desk import Desk
from scenarios.exercise.conditions import Prospect
from scenarios.exercise.deeds import Deed
from scenarios.exercise.drill import Drill, Inject, inject_json
from scenarios.exercise.events import ObservationNoted
from scenarios.exercise.fold import Exercise, InjectState, Said
from scenarios.exercise.passing import Now
from scenarios.exercise.played import in_drill
from scenarios.exercise.scoring import Result, Scored, suggested_rating
from scenarios.log import Head
from scenarios.situation import Situation

Json = dict[str, Any]
SYSTEM = "system"
"""Who writes what nobody did, such as a deadline that passed."""
DOINGS = 40
"""Deeds of players a page holds, the latest ones."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An exercise at a moment with the heads of its record and of its incidents, and what is known of each."""

    now: Now
    head: Head
    incidents: tuple[tuple[Head, Situation], ...]

    @property
    def codes(self) -> Mapping[UUID, str]:
        """Number of each incident as people say it."""
        return {head.incident_id: head.code for head, _ in self.incidents}


def seen(desk: Desk, exercise_id: UUID, caller: Caller) -> Seen:
    """
    Read an exercise as it stands now.

    Raises
    ------
    MissingError
        None of this id in the caller's divisions.
    """
    now = desk.exercises.now(exercise_id, caller)
    known = desk.exercises.situations(now.exercise)
    with desk.database.transaction(in_drill(caller)) as connection:
        head = log.head(connection, exercise_id)
        heads = [log.head(connection, one.incident_id) for one in now.exercise.incidents]
    return Seen(now, head, tuple(zip(heads, known, strict=True)))


def run_line(exercise: Exercise, now: Now | None, code: str, language: Language) -> Json:
    """One line of the list of exercises held."""
    counts = now.scores.counts() if now else None
    return {
        "id": str(exercise.exercise_id), "number": code, "drill": exercise.drill.name,
        "title": in_language(exercise.drill, "title", language), "state": exercise.status,
        "begun_at": exercise.started_at.isoformat(), "elapsed_s": now.elapsed_s if now else 0.0,
        "score": {"met": counts["met"], "of": sum(counts.values())} if counts else None,
    }  # fmt: skip


def whole(seen: Seen, language: Language) -> Json:
    """Everything the controller's and the evaluator's view draw."""
    now, exercise, drill = seen.now, seen.now.exercise, seen.now.exercise.drill
    hopes = {one.expectation.id: _hope(one, drill, seen, language) for one in now.scores.rows}
    in_tasks = {name for one in drill.capabilities for task in one.tasks for name in task.expectations}
    after = {one.id for one in drill.injects}
    states = zip(drill.injects, exercise.injects, now.prospects, strict=True)
    return {
        **_common(seen, language),
        "length_s": drill.timing.length_s,
        "roles": [_role(one.id, name, now) for one, name in _players(drill, language)],
        "injects": [
            _inject(at, one, state, look, seen, [row for row in now.scores.rows if row.expectation.after == one.id],
                    hopes, language)
            for at, (one, state, look) in enumerate(states, 1)
        ],
        "loose": [hopes[one.id] for one in drill.expectations if one.after not in after],
        "capabilities": _capabilities(now, hopes, language),
        "others": [hope for name, hope in hopes.items() if name not in in_tasks],
        "players": [{"id": one.id, "name": name} for one, name in _players(drill, language)],
        "goals": [{"id": one.id, "title": in_language(one, "title", language)} for one in drill.objectives],
        "sheet": _sheet(now, hopes, language),
        "score": _score(now),
        "doings": [_doing(one) for one in now.deeds if one.actor != SYSTEM][-DOINGS:],
        "notes": [_said(one, drill, language) for one in _found(exercise, "note")],
        "strengths": [_said(one, drill, language) for one in _found(exercise, "strength")],
        "improvements": [_said(one, drill, language) for one in _found(exercise, "improvement")],
        "scene": _scene(seen),
    }  # fmt: skip


def of_role(seen: Seen, role_id: str, account: str, language: Language) -> Json:
    """
    What a player sees: what was said to his role, and the orders under way; nothing of what is to come.

    Parameters
    ----------
    role_id
        ``-`` takes the role agreed for the account, else the first one that plays.

    Raises
    ------
    MissingError
        The drill has no such role that plays.
    """
    exercise, drill = seen.now.exercise, seen.now.exercise.drill
    players = {one.id: (one, name) for one, name in _players(drill, language)}
    own = next((one.id for one, _ in players.values() if one.account == account), None)
    chosen = players.get(role_id) if role_id != "-" else players.get(own or next(iter(players), ""))
    if chosen is None:
        raise MissingError(f"nobody plays the role '{role_id}' in this exercise")
    role, name = chosen
    posts = []
    for one, state in zip(drill.injects, exercise.injects, strict=True):
        if state.status == "fired" and role.id in one.to and state.fired_s is not None:
            title = in_language(one, "title", language) or kind_title(one, language)
            posts.append({
                "id": one.id, "kind": one.kind, "title": title, "text": in_language(one, "text", language),
                "from": in_language(one, "source", language), "to": name, "place": "", "sent_s": state.fired_s,
                "scene_at": (drill.scene.begins_at + timedelta(seconds=state.fired_s)).isoformat(),
            })  # fmt: skip
    orders = [
        {"number": one.name, "unit": one.draft.unit_name, "state": one.state, "text": one.draft.text}
        for _, known in seen.incidents
        for one in known.orders.all
        if one.state not in ("done", "withdrawn")
    ]
    return {
        **_common(seen, language),
        "role": role.id,
        "role_name": name,
        "roles": [{"id": code, "name": called} for code, (_, called) in players.items()],
        "purpose": in_language(drill, "purpose", language),
        "posts": sorted(posts, key=lambda one: -float(str(one["sent_s"]))),
        "orders": orders,
    }


def _common(seen: Seen, language: Language) -> Json:
    now, exercise, scene = seen.now, seen.now.exercise, seen.now.exercise.drill.scene
    place = scene.place_en if language == "en" and scene.place_en else scene.place
    incidents = [
        {"id": str(head.incident_id), "code": head.code, "title": title_in(known.title, language)}
        for head, known in seen.incidents
    ]
    return {
        "id": str(exercise.exercise_id), "number": seen.head.code, "drill": exercise.drill.name,
        "title": in_language(exercise.drill, "title", language), "kind": exercise.drill.kind, "state": exercise.status,
        "clock": {"elapsed_s": now.elapsed_s, "speed": exercise.clock.speed, "at": now.at.isoformat()},
        "scene_start": scene.begins_at.isoformat(),
        "place": {"name": place, "longitude": scene.longitude, "latitude": scene.latitude},
        "incidents": incidents, "incident": incidents[0] if incidents else None,
    }  # fmt: skip


def _players(drill: Drill, language: Language) -> list[tuple[Any, str]]:
    names = role_names(drill, language)
    return [(one, names[one.id]) for one in drill.roles if one.side == "player"]


def _role(role_id: str, name: str, now: Now) -> Json:
    rows = [one for one in now.scores.rows if one.expectation.who == role_id]
    done = [one.done_s for one in rows if one.done_s is not None]
    met = sum(one.result == "met" for one in rows)
    return {"id": role_id, "name": name, "met": met, "of": len(rows), "last_s": max(done, default=None)}


def _inject(
    at: int, one: Inject, state: InjectState, look: Prospect, seen: Seen, rows: list[Scored], hopes: Mapping[str, Json],
    language: Language,
) -> Json:  # fmt: skip
    drill, names = seen.now.exercise.drill, role_names(seen.now.exercise.drill, language)
    scored = [row.result for row in rows]
    phase = _phase(one, state, look, scored)
    rating = suggested_rating(scored) if phase == "done" else None
    return {
        "id": one.id, "number": f"{at:02d}", "kind": one.kind, "title": in_language(one, "title", language),
        "text": in_language(one, "text", language), "expected": in_language(one, "expected", language),
        "from": in_language(one, "source", language),
        "to": _listed([names.get(code, code) for code in one.to], language),
        "condition": condition_text(one, look.outlook == "lapsed", drill, language), "phase": phase, "how": state.how,
        "due_s": look.at_s, "sent_s": state.fired_s, "by": state.by, "fault": state.fault,
        "touched": list(state.touched),
        "rating": rating or "", "place": "" if one.longitude is not None else drill.scene.place,
        "longitude": one.longitude if one.longitude is not None else drill.scene.longitude,
        "latitude": one.latitude if one.latitude is not None else drill.scene.latitude,
        "at_scene": one.longitude is None, "hopes": [hopes[row.expectation.id] for row in rows],
        "improvised": state.is_improvised, "changed": state.is_changed, "plain": inject_json(one),
    }  # fmt: skip


def _listed(names: list[str], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(names)


def _phase(one: Inject, state: InjectState, look: Prospect, results: Iterable[Result]) -> str:
    match look.outlook:
        case "fired":
            return "failed" if state.fault else "open" if "open" in results else "done"
        case "held" | "skipped":
            return look.outlook
        case "by_hand" | "lapsed":
            return "manual"
        case "open":
            return "if"
        case _:
            return "if" if one.when.done or one.when.not_done else "waiting"


def _hope(row: Scored, drill: Drill, seen: Seen, language: Language) -> Json:
    one, judged = row.expectation, row.judged
    took = row.done_s - row.called_s if row.done_s is not None and row.called_s is not None else None
    return {
        "id": one.id, "text": in_language(one, "title", language),
        "role": role_names(drill, language).get(one.who, one.who),
        "state": row.result, "computed": row.computed, "within_s": one.within_s, "deadline_s": row.due_s,
        "done_s": row.done_s, "took_s": took, "points": row.points, "possible": row.possible, "worth": one.points,
        "essential": one.essential, "evidence": [proof for deed in row.evidence for proof in _proof(deed, seen)],
        "entry": next((deed.seq for deed in row.evidence if deed.seq is not None), None),
        "judged": {"by": judged.actor, "reason": getattr(judged.event, "reason", "")} if judged else None,
    }  # fmt: skip


def _proof(deed: Deed, seen: Seen) -> list[Json]:
    if deed.incident_id is None or deed.seq is None:
        return []
    return [{"incident": str(deed.incident_id), "seq": deed.seq, "code": seen.codes.get(deed.incident_id, "")}]


def _capabilities(now: Now, hopes: Mapping[str, Json], language: Language) -> list[Json]:
    rated = {(one.capability_id, one.task_id): one for one in now.scores.capabilities}

    def judged(capability: str, task: str) -> Json:
        one = rated[capability, task]
        event = one.given.event if one.given else None
        return {
            "rating": getattr(event, "rating", None), "reason": getattr(event, "reason", ""),
            "by": one.given.actor if one.given else "", "suggested": one.suggested,
        }  # fmt: skip

    return [
        {
            "id": one.id, "title": in_language(one, "title", language), "target": in_language(one, "target", language),
            **judged(one.id, ""),
            "tasks": [
                {
                    "id": task.id, "title": in_language(task, "title", language), **judged(one.id, task.id),
                    "hopes": [hopes[name] for name in task.expectations],
                }
                for task in one.tasks
            ],
            "hopes": [hopes[name] for task in one.tasks for name in task.expectations],
        }
        for one in now.exercise.drill.capabilities
    ]  # fmt: skip


def _sheet(now: Now, hopes: Mapping[str, Json], language: Language) -> list[Json]:
    return [
        {
            "id": one.item.id, "item": in_language(one.item, "item", language),
            "criterion": in_language(one.item, "criterion", language), "points": one.item.points,
            "suggested": one.suggested, "given": getattr(one.given.event, "points", None) if one.given else None,
            "comment": getattr(one.given.event, "comment", "") if one.given else "",
            "by": one.given.actor if one.given else "", "hopes": [hopes[name] for name in one.item.expectations],
        }
        for one in now.scores.sheet
    ]  # fmt: skip


def _score(now: Now) -> Json:
    table = now.scores
    return {
        **{name: table.counts()[name] for name in get_args(Result)}, "of": len(table.rows), "points": table.points,
        "of_points": table.possible, "percent": 100 * (table.share or 0.0), "failed": list(table.missed),
        "passed": table.is_passed,
    }  # fmt: skip


def _doing(one: Deed) -> Json:
    return {"seq": one.seq, "kind": one.kind, "at_s": one.at_s, "actor": one.actor}


def _found(exercise: Exercise, kind: str) -> list[Said]:
    noted = (one for one in exercise.observations if isinstance(one.event, ObservationNoted))
    return [one for one in noted if getattr(one.event, "finding", "") == kind]


def _said(one: Said, drill: Drill, language: Language) -> Json:
    event = one.event
    assert isinstance(event, ObservationNoted)
    about = next((goal for goal in drill.objectives if goal.id == event.objective_id), None)
    return {
        "seq": one.seq, "by": one.actor, "at_s": one.at_s, "text": event.text, "cause": event.cause,
        "owner": event.owner, "due": event.due,
        "about": in_language(about, "title", language) if about else "",
        "withdrawn": {"by": one.withdrawn.actor, "reason": one.withdrawn.reason} if one.withdrawn else None,
    }  # fmt: skip


def _scene(seen: Seen) -> Json | None:
    if not seen.incidents:
        return None
    head, known = next(((head, one) for head, one in seen.incidents if one.run is not None), seen.incidents[0])
    if known.place is None:
        return None
    return scene_of(known, code=head.code, division="", mode=head.mode, moment=None, can_run=False, can_note=False)
