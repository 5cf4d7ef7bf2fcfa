"""The commands around plans: import, list, form."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from command_ui.cli.talk import emit_json, speaks

if TYPE_CHECKING:
    from gis.database import Caller

NAME = "plans"
app = typer.Typer(no_args_is_help=True, help="Plans 预案: import, list, form.")

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
MODE = Annotated[str, typer.Option(help="World of the plans: live, drill or sim.")]


@app.callback()
def _group() -> None:
    """Plans 预案: import, list, form."""


@app.command("import")
@speaks
def import_plan(
    file: Annotated[Path, typer.Argument(help="YAML file or Excel workbook of the documented form.", exists=True)],
    pdf: Annotated[Path | None, typer.Option("--pdf", help="The paper itself, kept with this version.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only name the faults; enter nothing.")] = False,
    mode: MODE = "live",
    as_json: JSON = False,
) -> None:
    """
    Enter a plan, or a new version of one; every fault is named with file, sheet, row and column.

    Example: onemap plans import chlorine.yaml --pdf chlorine.pdf
    """
    from scenarios.plans.apart import handed_in

    content = file.read_bytes()
    plan = handed_in(content, file.name)
    if check:
        typer.echo(f"{plan.id} {plan.title}: no faults, {len(plan.tasks)} tasks, {len(plan.needs)} needs")
        return
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis import papers
    from scenarios.plans import rows

    paper = (pdf.name, pdf.read_bytes()) if pdf is not None else None
    if paper:
        papers.examine(paper[1], "application/pdf")
    with open_house(load_settings()) as house, house.database.transaction(_caller("import", mode)) as connection:
        saved = rows.save(connection, plan, file.name)
        if paper:
            rows.attach(connection, saved.plan_id, saved.version, paper[0], paper[1])
    if as_json:
        emit_json({"plan_id": saved.plan_id, "version": saved.version, "state": saved.state})
        return
    typer.echo(f"{saved.plan_id} version {saved.version}: {saved.state}")


@app.command("list")
@speaks
def list_plans(mode: MODE = "live", as_json: JSON = False) -> None:
    """
    List the plans in force.

    Example: onemap plans list --mode drill
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from scenarios.plans import rows

    with open_house(load_settings()) as house, house.database.transaction(_caller("list", mode)) as connection:
        found = rows.standing(connection)
    if as_json:
        emit_json(
            [
                {"id": one.plan.id, "version": one.version, "title": one.plan.title, "hash": one.hash,
                 "valid_from": one.valid_from.isoformat(), "papers": [name for name, _ in one.papers]}
                for one in found
            ]
        )  # fmt: skip
        return
    if not found:
        typer.echo("no plan is in force 尚无预案")
    for one in found:
        tasks, papers = len(one.plan.tasks), len(one.papers)
        typer.echo(f"{one.plan.id:<18} v{one.version:<3} {tasks:>2} tasks {papers:>2} PDF  {one.plan.title}")


@app.command("form")
@speaks
def form(
    example: Annotated[
        bool, typer.Option("--example", help="Print a whole fictional plan instead, ready to edit.")
    ] = False,
) -> None:
    """
    Describe the form of a plan: sections and columns, in YAML by their code, in a workbook by their Chinese title.

    Example: onemap plans form --example > plan.yaml
    """
    from scenarios.plans import sample
    from scenarios.plans.columns import COLUMNS, SHEETS
    from scenarios.plans.reading import FORM

    if example:
        typer.echo(sample.written("chlorine").decode())
        return
    typer.echo(f"form: {FORM}    sections of YAML = sheets of a workbook; a list is parted by ';' in a cell")
    for section, columns in COLUMNS.items():
        inside = "  (in YAML: below its task)" if section == "needs" else ""
        typer.echo(f"\n{section} = sheet {SHEETS[section]}{inside}")
        for code, column in columns.items():
            said = ", ".join(column.allowed) or column.hint or column.kind
            typer.echo(f"  {code:<14}{'*' if column.needed else ' '} {column.title}  {said}")


def _caller(command: str, mode: str) -> "Caller":
    from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
    from gis.errors import InputError

    if mode not in ("live", "drill", "sim"):
        raise InputError(f"mode is '{mode}'; choose live, drill or sim")
    world = cast(Literal["live", "drill", "sim"], mode)
    return Caller(f"onemap plans {command}", LOWEST_DIVISION, HIGHEST_DIVISION, world)
