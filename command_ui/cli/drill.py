"""The commands around drills: list, check, play, kinds, schema."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from command_ui.cli.talk import BAD_INPUT, emit_json, speaks

if TYPE_CHECKING:
    from scenarios.exercise.playing import Played
    from scenarios.exercise.reading import Folder

NAME = "drill"
app = typer.Typer(no_args_is_help=True, help="Drills 演练: list, check, play, kinds, schema.")

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
MISSED = 1
"""Exit code when an essential expectation was missed."""


@app.callback()
def _group() -> None:
    """Drills 演练: list, check, play, kinds, schema."""


@app.command("list")
@speaks
def list_drills(as_json: JSON = False) -> None:
    """
    List the drills that come with the house.

    Example: onemap drill list
    """
    from scenarios.exercise import reading
    from scenarios.exercise.clock import shown

    drills = [reading.read(folder) for folder in reading.ready().values()]
    if as_json:
        emit_json(
            [
                {"name": one.name, "title": one.title, "title_en": one.title_en, "length_s": one.timing.length_s,
                 "injects": len(one.injects), "expectations": len(one.expectations), "sha256": one.sha256}
                for one in drills
            ]
        )  # fmt: skip
        return
    for one in drills:
        length = shown(one.timing.length_s)
        typer.echo(f"{one.name:<16} {length} {len(one.injects):>3} injects {len(one.expectations):>3} expectations")
        typer.echo(f"                 {one.title}")
        typer.echo(f"                 {one.title_en}")


@app.command()
@speaks
def check(folder: Annotated[Path, typer.Argument(help="Folder of a drill.")]) -> None:
    """
    Check a drill; every fault is named with file, line and key.

    Example: onemap drill check scenarios/drills/chlorine-night
    """
    from scenarios.exercise import reading

    found = reading.read_folder(folder)
    drill = found.drill
    typer.echo(
        f"{drill.name} {drill.title}: no faults, {len(drill.injects)} injects, {len(drill.expectations)} expectations, "
        f"{len(found.players)} scripted steps"
    )


@app.command()
@speaks
def play(
    name: Annotated[str, typer.Argument(help="Name of a drill of `onemap drill list`, or a folder.")],
    speed: Annotated[float, typer.Option(help="Times as fast as our clock; 0 does not wait at all.")] = 60.0,
    headless: Annotated[
        bool, typer.Option("--headless", help="Scripted players act; without it the drill begins for people.")
    ] = False,
    export: Annotated[Path | None, typer.Option(help="Write what was played as JSON, with its hash.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only the score table.")] = False,
    as_json: JSON = False,
) -> None:
    """
    Play a drill over the real desk and print how it was scored; 1 when an essential expectation was missed.

    The drill plays in the world of drills: live incidents, alarms and closures are not touched.

    Example: onemap drill play chlorine-night --speed 60 --headless --export played.json
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.errors import InputError
    from scenarios.desk import Desk
    from scenarios.exercise.playing import play as play_it

    if speed != 0 and not 0.5 <= speed <= 3600:
        raise InputError(f"speed: {speed:g}; give 0.5 to 3600, or 0 for no waiting")
    folder = _folder(name)
    with open_house(load_settings()) as house:
        desk = Desk(house.database, house.settings.networks_dir)
        caller = _caller()
        if not headless:
            receipt = desk.exercises.start(folder.drill, caller, speed=min(max(speed, 0.5), 60.0), paused=True)
            typer.echo(f"{folder.drill.title}: exercise {receipt.incident_id} stands ready; open /drill to let it run")
            return

        def pace(seconds: float) -> None:
            if speed:
                time.sleep(seconds / speed)

        def tell(at_s: float, who: str, what: str) -> None:
            if not quiet and not as_json:
                typer.echo(f"{_shown(at_s)}  {who:<7} {what}", err=True)

        played = play_it(desk, folder, caller, pace=pace, tell=tell)
        document = _document(desk, played)
    if export is not None:
        import json

        export.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if as_json:
        emit_json(document | {"faults": list(played.faults), "passed": played.is_passed})
    else:
        _table(played, str(document["content_sha256"]))
    for fault in played.faults:
        typer.echo(f"onemap: {fault}", err=True)
    if not played.is_passed:
        raise typer.Exit(MISSED if not played.faults else BAD_INPUT)


@app.command()
@speaks
def kinds() -> None:
    """
    List the kinds of entry an expectation may look for, with their fields.

    Example: onemap drill kinds
    """
    from dataclasses import fields

    from scenarios.events import BY_CODE
    from scenarios.exercise.deeds import ACKNOWLEDGED

    typer.echo(f"{ACKNOWLEDGED:<24} alarm_id, title")
    for code, kind in sorted(BY_CODE.items()):
        typer.echo(f"{code:<24} {', '.join(one.name for one in fields(kind))}")


@app.command()
@speaks
def schema() -> None:
    """
    Write the JSON schema of a drill.

    Example: onemap drill schema > drill.schema.json
    """
    from scenarios.exercise import reading

    emit_json(reading.schema())


def _folder(name: str) -> "Folder":
    from gis.errors import MissingError
    from scenarios.exercise import reading

    ready = reading.ready()
    if name not in ready and not Path(name).is_dir():
        raise MissingError(f"there is no drill '{name}'; `onemap drill list` names {', '.join(ready)}")
    return reading.read_folder(ready.get(name, Path(name)))


def _document(desk: Any, played: "Played") -> dict[str, Any]:
    from scenarios.exercise.export import document

    return document(desk, played.now)


def _table(played: "Played", digest: str) -> None:
    scores = played.now.scores
    typer.echo("\n演练评分 score table")
    typer.echo(f"{'id':<6}{'result':<12}{'called':>9}{'due':>10}{'done':>10}{'points':>9}  expectation")
    for one in scores.rows:
        mark = "!" if one.expectation.essential else " "
        typer.echo(
            f"{one.expectation.id:<5}{mark}{one.result:<12}{_shown(one.called_s):>9}{_shown(one.due_s):>10}"
            f"{_shown(one.done_s):>10}{one.points:>5g}/{one.possible:<3g}  {one.expectation.title} "
            f"{one.expectation.title_en}"
        )
    counts = ", ".join(f"{count} {result}" for result, count in scores.counts().items() if count)
    typer.echo(f"{scores.points:g} of {scores.possible:g} points; {counts}")
    ratings = "  ".join(f"{one.capability_id} {one.suggested or '-'}" for one in scores.capabilities if not one.task_id)
    typer.echo(f"suggested ratings: {ratings}")
    typer.echo(f"export sha256: {digest}")
    typer.echo("passed" if scores.is_passed else f"not passed: essential {', '.join(scores.missed)} missed")


def _shown(elapsed_s: float | None) -> str:
    from scenarios.exercise.clock import shown

    return "--:--:--" if elapsed_s is None else shown(elapsed_s)


def _caller() -> Any:
    from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller

    return Caller("onemap drill", LOWEST_DIVISION, HIGHEST_DIVISION, "drill", sees_sealed=True)
