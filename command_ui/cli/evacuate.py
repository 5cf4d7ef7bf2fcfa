"""The command that brings people out: evacuate."""

from pathlib import Path
from typing import Annotated

import typer

from command_ui.cli.route import (
    AVOID,
    HAZARD,
    HOUR,
    JSON,
    LEVEL,
    NETWORK,
    PROFILE,
    WEATHER,
    WIND,
    areas_of,
    hazard_of,
    view_of,
    warn,
)
from command_ui.cli.talk import emit_json, progress, speaks


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(speaks(evacuate))


def evacuate(
    network: NETWORK,
    blocks: Annotated[
        Path, typer.Option(help="CSV: id, longitude, latitude, people; maybe release_s, level, indoor_dose.")
    ],
    shelters: Annotated[Path, typer.Option(help="CSV: id, longitude, latitude, capacity.")],
    avoid: AVOID = None,
    hazard: HAZARD = None,
    hazard_level: LEVEL = None,
    profile: PROFILE = None,
    hour: HOUR = None,
    weather: WEATHER = "dry",
    wind_from_deg: WIND = None,
    reserve: Annotated[float, typer.Option(min=0, max=0.9, help="Share of every shelter kept free.")] = 0.0,
    people_per_vehicle: Annotated[float, typer.Option(min=0.5, max=100, help="People in one vehicle.")] = 2.5,
    leave_zone: Annotated[
        bool, typer.Option("--leave-zone", help="Let people inside the closed area drive out of it by its roads.")
    ] = False,
    walk_within_m: Annotated[float, typer.Option(min=0, help="People this near to their shelter walk.")] = 0.0,
    leave_from_level: Annotated[
        int, typer.Option(min=0, max=3, help="Policy: blocks of a lower level (column level) stay indoors.")
    ] = 1,
    objective: Annotated[
        str, typer.Option(help="time: least travel time in all; clearance: everybody out early.")
    ] = "time",
    as_json: JSON = False,
) -> None:
    """
    Assign blocks to shelters, time the way out on roads of limited capacity, and list everybody left over.

    Example: onemap evacuate shanghai --blocks blocks.csv --shelters shelters.csv --avoid zone.geojson --json
    """
    from routing.evacuation import plan
    from routing.profiles import conditions_of
    from routing.profiles import profile as find_profile
    from routing.reading import read_all, read_places

    from_frame, to_frame, areas, vehicle, cloud, at = read_all(
        lambda: read_places(blocks, number="people", optional=("release_s", "level", "indoor_dose", "dose_limit")),
        lambda: read_places(shelters, number="capacity", optional=("occupancy",)),
        lambda: areas_of(avoid),
        lambda: find_profile(profile),
        lambda: hazard_of(hazard, hazard_level),
        lambda: conditions_of(hour, weather),
    )
    view = view_of(network, areas, at)
    with progress("evacuation") as report:
        report("planning", 0.3)
        found = plan(
            view,
            from_frame,
            to_frame,
            vehicle=vehicle,
            reserve=reserve,
            wind_from_deg=wind_from_deg,
            leave_zone=leave_zone,
            hazard=cloud,
            people_per_vehicle=people_per_vehicle,
            walk_within_m=walk_within_m,
            objective=objective,  # type: ignore[arg-type]
            leave_from_level=leave_from_level,
        )
    if as_json:
        emit_json({**found.as_json(), "closures": view.report.as_json()})
        return
    warn(view.report.as_json())
    totals = found.totals
    typer.echo(f"{totals['people']} people: {totals['assigned']} assigned, {totals['left_over']} left over")
    for percent in (50, 90, 100):
        when = totals[f"clearance_{percent}_s"]
        typer.echo(f"  {percent:>3} % arrived after {when / 60:.1f} min" if when is not None else f"  {percent:>3} % -")
    for row in found.left_over.to_dict("records"):
        typer.echo(f"  left over: {row['block_id']} {row['people']} people, {row['reason']} -> {row['advice']}")
