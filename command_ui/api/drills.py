"""How does a program list, start, steer and judge exercises, and fetch their workbook and their report?"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from command_ui.access.roles import signed_in
from command_ui.api import answers, shapes
from command_ui.api.inject_shapes import Changed, Improvised
from command_ui.api.reading import IdempotencyKey, StrictRoute
from command_ui.api.reports import PRINTED, file
from command_ui.exercises import looking, msel
from command_ui.exercises.shelf import OnShelf, Shelf
from command_ui.exercises.speaking import in_language
from command_ui.reports.press import Format, Printed
from gis.database import Caller
from gis.errors import InputError, RefusedError
from scenarios.desk import Desk
from scenarios.exercise import apart, export, world
from scenarios.exercise.events import Verdict
from scenarios.exercise.faults import DrillFaultsError
from scenarios.exercise.fold import Exercise
from scenarios.exercise.passing import Now
from scenarios.exercise.played import in_drill
from scenarios.log import Receipt

Json = dict[str, Any]
Language = Literal["zh", "en"]
DrillName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
RoleName = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
Name = Annotated[str, Field(min_length=1, max_length=80)]
AfterAction = Callable[[looking.Seen, Format, Language, str], Printed]
"""Prints the after-action report: what is known, format, language, who asks."""
MOST = 50
"""Exercises held that one look lists."""
_WORKBOOK: dict[int | str, Json] = {200: {"content": {msel.MEDIA_TYPE: {}}}}
_FILE: Json = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}


class Start(shapes.Shape):
    """Which drill begins, at which speed (null = that of the drill), and whether its clock stands at first."""

    drill: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    speed: Annotated[float, Field(ge=0.5, le=60)] | None = None
    paused: bool = False


class Started(BaseModel):
    """The exercise that began."""

    id: UUID
    receipt: shapes.Receipt


class Step(shapes.Shape):
    """
    What the controller does. `release`, `hold`, `unhold` and `skip` name an inject; `speed` a speed; `jump` a time.
    """

    kind: Literal["pause", "resume", "speed", "jump", "release", "hold", "unhold", "skip", "end"]
    inject: Annotated[str, Field(max_length=80)] = ""
    speed: Annotated[float, Field(ge=0.5, le=60)] | None = None
    to_s: Annotated[float, Field(ge=0, le=360_000)] | None = None
    reason: shapes.Line = ""


class Note(shapes.Shape):
    """What the controller writes down."""

    text: Annotated[str, Field(min_length=1, max_length=4_000)]
    inject: Annotated[str, Field(max_length=80)] = ""


class Finding(shapes.Shape):
    """What an evaluator found; an improvement names its root cause, who sees to it and until when (2026-12-31)."""

    finding: Literal["note", "strength", "improvement"]
    text: Annotated[str, Field(min_length=1, max_length=4_000)]
    objective: Annotated[str, Field(max_length=80)] = ""
    expectation: Annotated[str, Field(max_length=80)] = ""
    cause: Annotated[str, Field(max_length=1_000)] = ""
    owner: shapes.Line = ""
    due: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""


class Withdrawal(shapes.Shape):
    """Why something noted is taken back, and the number of the entry it was noted with."""

    entry: Annotated[int, Field(ge=1, le=2_000_000_000)]
    reason: Annotated[str, Field(min_length=1, max_length=2_000)]


class Judgement(shapes.Shape):
    """What stands in place of what the record shows, and why."""

    expectation: Name
    verdict: Verdict
    reason: Annotated[str, Field(min_length=1, max_length=2_000)]


class Rate(shapes.Shape):
    """P, S, M or U for a capability, or for one critical task of it."""

    capability: Name
    task: Annotated[str, Field(max_length=80)] = ""
    rating: Literal["P", "S", "M", "U"]
    reason: shapes.Line = ""


class Mark(shapes.Shape):
    """Points on a line of the table-top sheet."""

    item: Name
    points: Annotated[float, Field(ge=0, le=1_000)]
    comment: shapes.Line = ""


class Join(shapes.Shape):
    """An incident of the world of drills that belongs to the exercise from now on."""

    incident_id: UUID


class Folder(shapes.Shape):
    """The files of a drill as texts: ``drill.toml``, ``injects.toml`` and so on."""

    name: Name = "drill"
    files: Annotated[dict[str, Annotated[str, Field(max_length=900_000)]], Field(max_length=12)]


class CheckedDrill(BaseModel):
    """Every fault with file, line and key; none, and the drill may be played."""

    faults: list[Json]
    injects: int = 0
    expectations: int = 0
    sha256: str = ""


class TakenIn(BaseModel):
    """What became of a workbook: the new drill, or every fault with sheet, row and column; nothing is kept then."""

    name: str
    injects: int
    faults: list[Json]


def router(desk: Desk, shelf: Shelf, after_action: AfterAction) -> APIRouter:
    """Build the routes whose bodies are JSON."""
    routes = APIRouter(route_class=StrictRoute, tags=["exercises"])
    exercises = desk.exercises

    @routes.get("/drills")
    def drills() -> list[Json]:
        """List the drills on the shelf, broken ones with their faults, each with how it ended last."""
        caller = signed_in().caller()
        held = exercises.exercises(caller)
        return [_on_shelf(one, held, lambda run: exercises.now(run.exercise_id, caller)) for one in shelf.all()]

    @routes.get("/drills/{name}/msel", response_class=Response, responses=_WORKBOOK)
    def drill_msel(name: DrillName, language: Language = "zh") -> Response:
        """Give the list of injects of a drill as a workbook."""
        return _workbook(msel.write(shelf.drill(name), language), name)

    @routes.get("/exercises")
    def held(language: Language = "zh") -> list[Json]:
        """List the exercises held, the latest first, at most 50."""
        caller = signed_in().caller()
        return [_line(desk, one, caller, language) for one in exercises.exercises(caller)[:MOST]]

    @routes.post("/exercises", status_code=201)
    def start(body: Start, key: IdempotencyKey) -> Started:
        """Begin an exercise; what it is stands in its record from then on."""
        person = signed_in()
        person.require("direct")
        made = exercises.start(shelf.drill(body.drill), person.caller(), speed=body.speed, paused=body.paused, key=key)
        return Started(id=made.incident_id, receipt=answers.receipt(made))

    @routes.get("/exercises/{exercise_id}")
    def one(exercise_id: UUID, language: Language = "zh") -> Json:
        """Give everything the cell sees; others see it once the exercise has ended."""
        return looking.whole(_cell(desk, exercise_id), language)

    @routes.get("/exercises/{exercise_id}/roles/{role}")
    def role(exercise_id: UUID, role: RoleName, language: Language = "zh") -> Json:
        """Give what a player sees: what was said to his role; `-` is the role agreed for the account."""
        person = signed_in()
        return looking.of_role(looking.seen(desk, exercise_id, person.caller()), role, person.name, language)

    @routes.post("/exercises/{exercise_id}/steps", status_code=201)
    def step(exercise_id: UUID, body: Step, key: IdempotencyKey) -> shapes.Receipt:
        """Steer: the clock, an inject by hand, the end."""
        person = signed_in()
        person.require("direct")
        return answers.receipt(_steer(desk, exercise_id, body, person.caller(), key))

    @routes.get("/exercises/{exercise_id}/means")
    def means(exercise_id: UUID) -> list[Json]:
        """List what an inject can act on near the scene: detectors, cameras, hospitals."""
        caller = in_drill(signed_in().caller())
        scene = exercises.exercise(exercise_id, caller).drill.scene
        with desk.database.transaction(caller) as connection:
            return [asdict(one) for one in world.nearby(connection, scene.point)]

    @routes.post("/exercises/{exercise_id}/injects", status_code=201)
    def improvise(exercise_id: UUID, body: Improvised, key: IdempotencyKey) -> shapes.Receipt:
        """Put an inject into the list during play: it is carried out now, at its exercise time, or by hand."""
        plain = body.inject.model_dump(mode="json")
        made = exercises.improvise(exercise_id, plain, signed_in().caller(), reason=body.reason, key=key)
        return answers.receipt(made)

    @routes.patch("/exercises/{exercise_id}/injects/{inject}")
    def change(exercise_id: UUID, inject: RoleName, body: Changed, key: IdempotencyKey) -> shapes.Receipt:
        """Put an inject that has not fired otherwise: its words, its place, what it does, or when."""
        plain = body.inject.model_dump(mode="json", exclude={"when"} if body.inject.when is None else None)
        made = exercises.change(exercise_id, inject, plain, signed_in().caller(), reason=body.reason, key=key)
        return answers.receipt(made)

    @routes.post("/exercises/{exercise_id}/notes", status_code=201)
    def note(exercise_id: UUID, body: Note, key: IdempotencyKey) -> shapes.Receipt:
        """Write down what the controller saw."""
        person = signed_in()
        person.require("direct")
        return answers.receipt(exercises.note(exercise_id, body.text, person.caller(), inject_id=body.inject, key=key))

    @routes.post("/exercises/{exercise_id}/findings", status_code=201)
    def finding(exercise_id: UUID, body: Finding, key: IdempotencyKey) -> shapes.Receipt:
        """Write down a strength, an improvement with owner and date, or a note of an evaluator."""
        person = signed_in()
        person.require("evaluate")
        if body.finding == "improvement" and not (body.cause.strip() and body.owner.strip() and body.due):
            raise InputError("an improvement needs a root cause, an owner and a date (due, such as 2026-12-31)")
        return answers.receipt(
            exercises.note(
                exercise_id, body.text, person.caller(), finding=body.finding, objective_id=body.objective,
                expectation_id=body.expectation, owner=body.owner, due=body.due, cause=body.cause, key=key,
            )
        )  # fmt: skip

    @routes.post("/exercises/{exercise_id}/withdrawals", status_code=201)
    def withdraw(exercise_id: UUID, body: Withdrawal, key: IdempotencyKey) -> shapes.Receipt:
        """Take back what was noted: it stays in the record, struck through, with the reason."""
        person = signed_in()
        person.require("evaluate")
        return answers.receipt(exercises.withdraw(exercise_id, body.entry, body.reason, person.caller(), key=key))

    @routes.post("/exercises/{exercise_id}/judgements", status_code=201)
    def judge(exercise_id: UUID, body: Judgement, key: IdempotencyKey) -> shapes.Receipt:
        """Judge an expectation in place of the record, which stays beside it."""
        person = signed_in()
        person.require("evaluate")
        return answers.receipt(
            exercises.judge(exercise_id, body.expectation, body.verdict, body.reason, person.caller(), key=key)
        )

    @routes.post("/exercises/{exercise_id}/ratings", status_code=201)
    def rate(exercise_id: UUID, body: Rate, key: IdempotencyKey) -> shapes.Receipt:
        """Rate a capability or one critical task of it; the last rating stands."""
        person = signed_in()
        person.require("evaluate")
        return answers.receipt(
            exercises.rate(
                exercise_id, body.capability, body.rating, person.caller(), task_id=body.task, reason=body.reason,
                key=key,
            )
        )  # fmt: skip

    @routes.post("/exercises/{exercise_id}/marks", status_code=201)
    def mark(exercise_id: UUID, body: Mark, key: IdempotencyKey) -> shapes.Receipt:
        """Give points on a line of the table-top sheet; the last mark stands."""
        person = signed_in()
        person.require("evaluate")
        return answers.receipt(
            exercises.mark(exercise_id, body.item, body.points, person.caller(), comment=body.comment, key=key)
        )

    @routes.post("/exercises/{exercise_id}/incidents", status_code=201)
    def join(exercise_id: UUID, body: Join, key: IdempotencyKey) -> shapes.Receipt:
        """Count an incident among those of the exercise; those reported near the scene join by themselves."""
        person = signed_in()
        person.require("direct")
        return answers.receipt(exercises.join(exercise_id, body.incident_id, person.caller(), key=key))

    @routes.get("/exercises/{exercise_id}/export")
    def played(exercise_id: UUID) -> Json:
        """Give what was played: its timeline by exercise time, its scores, and the hash that an equal play has too."""
        return export.document(desk, _cell(desk, exercise_id).now)

    @routes.post("/drills/check")
    def check(body: Folder) -> CheckedDrill:
        """Check the files of a drill; nothing is kept."""
        signed_in().require("direct")
        try:
            sound = apart.check(body.name, body.files)
        except DrillFaultsError as error:
            return CheckedDrill(faults=[asdict(one) | {"message": one.sentence} for one in error.found])
        return CheckedDrill(faults=[], **asdict(sound))

    @routes.get("/exercises/{exercise_id}/msel", response_class=Response, responses=_WORKBOOK)
    def exercise_msel(exercise_id: UUID, language: Language = "zh") -> Response:
        """Give the list of injects of an exercise as a workbook."""
        seen = _cell(desk, exercise_id)
        exercise = seen.now.exercise
        return _workbook(msel.write(exercise.drill, language, exercise.injects), seen.head.code)

    @routes.get("/exercises/{exercise_id}/after-action", response_class=Response, responses=PRINTED)
    def report(
        exercise_id: UUID, language: Language = "zh", file_format: Annotated[Format, Query(alias="format")] = "pdf"
    ) -> Response:
        """Print the after-action report: `pdf`, `sealed` (signed, PAdES) or `docx`; a hot-wash draft before the end."""
        return file(after_action(_cell(desk, exercise_id), file_format, language, signed_in().display_name))

    return routes


def uploads(shelf: Shelf) -> APIRouter:
    """Build the route that takes a workbook; its body is the file itself, not JSON."""
    routes = APIRouter(prefix="/drills", tags=["exercises"])

    @routes.post("/{name}/msel", openapi_extra=_FILE)
    async def take_in(
        request: Request, name: DrillName,
        file_name: Annotated[str, Query(alias="name", max_length=200, description="Name of the file")] = "",
    ) -> TakenIn:  # fmt: skip
        """Make a new drill of a workbook's injects and everything else of `name`; faults come all at once."""
        signed_in().require("direct")
        try:
            made = await run_in_threadpool(shelf.take_in, name, await request.body(), file_name)
        except msel.MselFaultsError as error:
            return TakenIn(name="", injects=0, faults=[asdict(one) | {"message": one.said} for one in error.found])
        return TakenIn(name=made.name, injects=len(made.injects), faults=[])

    return routes


def _steer(desk: Desk, exercise_id: UUID, body: Step, caller: Caller, key: UUID) -> Receipt:
    exercises, reason = desk.exercises, body.reason
    match body.kind:
        case "pause":
            return exercises.pause(exercise_id, caller, reason=reason, key=key)
        case "resume":
            return exercises.resume(exercise_id, caller, key=key)
        case "speed":
            if body.speed is None:
                raise InputError("speed: missing; 0.5 to 60")
            return exercises.set_speed(exercise_id, body.speed, caller, key=key)
        case "jump":
            if body.to_s is None:
                raise InputError("to_s: missing; the exercise time to go to, in seconds")
            return exercises.jump(exercise_id, body.to_s, caller, reason=reason, key=key)
        case "release":
            return exercises.release(exercise_id, body.inject, caller, reason=reason, key=key)
        case "hold" | "unhold":
            return exercises.hold(exercise_id, body.inject, caller, held=body.kind == "hold", reason=reason, key=key)
        case "skip":
            return exercises.skip(exercise_id, body.inject, caller, reason=reason, key=key)
        case "end":
            return exercises.end(exercise_id, caller, reason=reason, key=key)


def _cell(desk: Desk, exercise_id: UUID) -> looking.Seen:
    """What the cell sees; a player sees it when there is nothing left to give away."""
    person = signed_in()
    found = looking.seen(desk, exercise_id, person.caller())
    if found.now.exercise.status != "ended" and not (person.may("direct") or person.may("evaluate")):
        raise RefusedError("only the exercise cell sees the list before the end; open your own role instead")
    return found


def _on_shelf(one: OnShelf, held: list[Exercise], now: Callable[[Exercise], Now]) -> Json:
    drill = one.drill
    runs = [run for run in held if run.drill.name == one.name]
    running = next((run for run in runs if run.status != "ended"), None)
    ended = next((run for run in runs if run.status == "ended"), None)
    if drill is None:
        return {
            "name": one.name, "title": "", "scene": "", "duration_s": 0, "injects": 0, "expectations": 0, "roles": [],
            "ours": one.is_ours, "faults": list(one.faults), "running": None, "last": None,
        }  # fmt: skip

    def spoken(part: object, name: str) -> Json:
        return {"zh": in_language(part, name, "zh"), "en": in_language(part, name, "en")}

    return {
        "name": one.name, "title": spoken(drill, "title"), "scene": spoken(drill, "purpose"),
        "place": spoken(drill.scene, "place"), "kind": drill.kind, "duration_s": drill.timing.length_s,
        "injects": len(drill.injects), "expectations": len(drill.expectations), "ours": one.is_ours, "faults": [],
        "roles": [spoken(role, "name") for role in drill.roles if role.side == "player"],
        "running": str(running.exercise_id) if running else None, "last": _last(ended, now),
    }  # fmt: skip


def _last(ended: Exercise | None, now: Callable[[Exercise], Now]) -> Json | None:
    if ended is None or ended.ended_at is None:
        return None
    table = now(ended).scores
    return {
        "at": ended.ended_at.isoformat(), "percent": 100 * (table.share or 0.0), "met": table.counts()["met"],
        "of": len(table.rows), "passed": table.is_passed,
    }  # fmt: skip


def _line(desk: Desk, one: Exercise, caller: Caller, language: Language) -> Json:
    seen = looking.seen(desk, one.exercise_id, caller)
    person = signed_in()
    may_see = one.status == "ended" or person.may("direct") or person.may("evaluate")
    return looking.run_line(one, seen.now, seen.head.code, language) | ({} if may_see else {"score": None})


def _workbook(content: bytes, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="MSEL-{name}.xlsx"', "cache-control": "private, no-store"}
    return Response(content, media_type=msel.MEDIA_TYPE, headers=headers)
