"""The commands around the audit: show it, verify it, let go of what is older than the rule."""

from typing import Annotated

import typer

from command_ui.cli.talk import emit_json, speaks
from gis.clock import DUTY_ZONE

NAME = "audit"
app = typer.Typer(no_args_is_help=True, help="The audit of sign-ins, refusals, exports, changes and rights.")

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
SHOWN = 20


@app.callback()
def _group() -> None:
    """The audit of sign-ins, refusals, exports, changes and rights."""


@app.command()
@speaks
def show(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many lines, the newest first.")] = 50,
    as_json: JSON = False,
) -> None:
    """
    Show the newest lines.

    Example: onemap audit show --limit 20
    """
    from command_ui.access import audit
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller

    with open_house(load_settings()) as house, house.database.transaction(Caller.system()) as connection:
        lines = audit.read(connection, limit=limit)
    if as_json:
        names = ("seq", "actor", "role", "event", "outcome", "object", "address", "request_id", "detail", "hash")
        emit_json(
            [
                {"day": one.day.isoformat(), "at": one.at.isoformat()} | {name: getattr(one, name) for name in names}
                for one in lines
            ]
        )
        return
    for one in lines:
        at = one.at.astimezone(DUTY_ZONE).strftime("%Y-%m-%d %H:%M:%S")
        typer.echo(f"{at}  {one.outcome:7}  {one.event:16}  {one.actor or '-':16}  {one.object}")


@app.command()
@speaks
def verify(as_json: JSON = False) -> None:
    """
    Recompute every hash of every day and say which line is wrong; exit code 1 when one is.

    Example: onemap audit verify
    """
    from command_ui.access import audit_verify
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller

    with open_house(load_settings()) as house, house.database.transaction(Caller.system()) as connection:
        found = audit_verify.check_database(connection)
    if as_json:
        emit_json(
            {
                "ok": not found.faults,
                "days": found.days,
                "lines": found.lines,
                "forgotten_days": found.forgotten_days,
                "faults": found.faults,
            }
        )
    elif not found.faults:
        typer.echo(f"the audit is whole 审计完整: {found.lines} lines of {found.days} days")
    else:
        typer.echo(f"the audit was altered 审计被改动: {len(found.faults)} faults in {found.lines} lines")
        for fault in found.faults[:SHOWN]:
            typer.echo(f"  {fault}")
    if found.faults:
        raise typer.Exit(1)


@app.command()
@speaks
def forget(
    keep_days: Annotated[int, typer.Option("--keep-days", min=180, help="Lines younger than this stay.")] = 365,
) -> None:
    """
    Drop lines older than the rule, never any of the last 180 days; the heads of the days stay, and it is a line itself.

    Example: onemap audit forget --keep-days 365
    """
    from command_ui.access import audit
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller

    with open_house(load_settings()) as house, house.database.transaction(Caller.system()) as connection:
        gone = audit.forget(connection, "operator of the system", keep_days)
    typer.echo(f"{gone} lines dropped; everything of the last {keep_days} days is there")
