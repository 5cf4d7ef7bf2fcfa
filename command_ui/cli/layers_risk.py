"""The command that works out the individual risk of a city."""

from typing import Annotated, Literal, cast

import typer

from command_ui.cli.talk import emit_json, progress, speaks

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]


def register(app: typer.Typer) -> None:
    """Add the command to the group `onemap layers`."""
    app.command("risk")(risk)


@speaks
def risk(
    mode: Annotated[str, typer.Option(help="World of the hazard sources: live, drill or sim.")] = "drill",
    workers: Annotated[int, typer.Option(min=0, max=64, help="Dask processes; 0 works in this one.")] = 2,
    cluster: Annotated[
        str, typer.Option(help="Scheduler of a Dask cluster, tcp://host:8786; ONEMAP_DASK_SCHEDULER unless given.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Seed of the made-up year of winds.")] = 20261124,
    as_json: JSON = False,
) -> None:
    """
    Work out individual-risk contours of all major-hazard units over a year of winds and store them as a layer.

    Example: onemap layers risk --mode drill --workers 2
    Example: onemap layers risk --cluster tcp://10.0.0.5:8786
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller
    from gis.errors import InputError
    from scenarios.hazards import city_risk

    if mode not in ("live", "drill", "sim"):
        raise InputError(f"mode is '{mode}'; choose live, drill or sim")
    caller = Caller("onemap layers risk", "000000", "999999", cast(Literal["live", "drill", "sim"], mode))
    settings = load_settings()
    with open_house(settings) as house, progress("individual risk") as report:
        report("winds", 0.02)
        found, rows = city_risk.work_out(
            house.database,
            caller,
            source="onemap layers risk",
            seed=seed,
            workers=workers,
            cluster=cluster or settings.dask_scheduler or None,
            report=lambda share: report("zones", 0.05 + 0.9 * share),
        )
    if as_json:
        emit_json(found.run() | {"rows": rows})
        return
    hours = found.winds.hours
    typer.echo(f"{rows} contours from {len(found.units)} units, {found.members} members, {hours} hours of wind")
    typer.echo(f"largest individual risk {found.peak_per_year:.1e} a year")
    for unit, substance in found.left_out:
        typer.echo(f"  not counted: {unit} {substance} (no toxic level in the tables)")
