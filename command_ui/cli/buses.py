"""The command that fetches people without cars: buses."""

from pathlib import Path
from typing import Annotated, Any

import typer

from command_ui.cli.route import AVOID, JSON, NETWORK, areas_of, view_of
from command_ui.cli.talk import emit_json, progress, speaks


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(speaks(buses))


def buses(
    network: NETWORK,
    blocks: Annotated[Path, typer.Option(help="CSV: id, longitude, latitude, people (those without a car).")],
    shelters: Annotated[Path, typer.Option(help="CSV: id, longitude, latitude, capacity.")],
    buses: Annotated[Path, typer.Option(help="CSV: id, longitude, latitude, seats.")],
    avoid: AVOID = None,
    within_minutes: Annotated[float, typer.Option(min=1, help="No bus arrives later than this.")] = 360.0,
    leave_zone: Annotated[
        bool, typer.Option("--leave-zone", help="Let buses fetch people from inside the closed area by its roads.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """
    Fetch people without cars in rounds: which bus, whom, when, to which shelter, and who is not fetched.

    Example: onemap buses shanghai --blocks blocks.csv --shelters shelters.csv --buses buses.csv --json
    """
    from routing.buses import bus_rounds
    from routing.reading import read_all, read_places

    waiting, goals, fleet, areas = read_all(
        lambda: read_places(blocks, number="people"),
        lambda: read_places(shelters, number="capacity", optional=("occupancy",)),
        lambda: read_places(buses, number="seats"),
        lambda: areas_of(avoid),
    )
    view = view_of(network, areas)
    with progress("buses") as report:
        report("planning", 0.3)
        found = bus_rounds(view, waiting, goals, fleet, deadline_s=60 * within_minutes, leave_zone=leave_zone)
    rounds: list[dict[Any, Any]] = found.rounds.to_dict("records")
    left: list[dict[Any, Any]] = found.left_over.to_dict("records")
    if as_json:
        emit_json(
            {
                "rounds": rounds,
                "left_over": left,
                "people": int(waiting["people"].sum()),
                "fetched": sum(row["people"] for row in rounds),
                "last_s": round(found.last_s, 1) if rounds else None,
                "closures": view.report.as_json(),
                "provenance": found.provenance.as_json(),
            }
        )
        return
    for row in rounds:
        typer.echo(
            f"bus {row['bus_id']} round {row['round']}: {row['people']} people from {row['block_id']} "
            f"to {row['shelter_id']}, there after {row['arrive_s'] / 60:.1f} min"
        )
    for row in left:
        typer.echo(f"  left over: {row['block_id']} {row['people']} people, {row['reason']}")
