"""The commands that say how far one gets: reach, gaps."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from command_ui.cli.route import AVOID, HOUR, JSON, NETWORK, PROFILE, WEATHER, areas_of, plain, view_of
from command_ui.cli.talk import emit_json, speaks

PEOPLE = Annotated[Path | None, typer.Option(help="CSV: id, longitude, latitude, people; counted in every area.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    for command in (reach, gaps):
        app.command()(speaks(command))


def reach(
    network: NETWORK,
    at: Annotated[list[str], typer.Option(help="lon,lat; may be given several times.")],
    minutes: Annotated[str, typer.Option(help="Limits, comma-separated.")] = "5,10,15",
    avoid: AVOID = None,
    people: PEOPLE = None,
    profile: PROFILE = None,
    hour: HOUR = None,
    weather: WEATHER = "dry",
    as_json: JSON = False,
) -> None:
    """
    Draw how far one gets in some minutes, as areas in GeoJSON, and count who lives there.

    Example: onemap reach shanghai --at 121.47,31.23 --minutes 5,10,15 --json
    """
    from routing.profiles import conditions_of
    from routing.profiles import profile as find_profile
    from routing.reach import reach as find
    from routing.reading import parse_place, read_all

    limits, places, closed, _, when, homes = read_all(
        lambda: _minutes(minutes),
        lambda: read_all(*(partial(parse_place, text, "--at") for text in at)),
        lambda: areas_of(avoid),
        lambda: find_profile(profile),
        lambda: conditions_of(hour, weather),
        lambda: _people(people),
    )
    view = view_of(network, closed, when)
    areas = find(view, places, limits, profile)
    provenance = areas.attrs["provenance"]
    rows = _counted(areas, homes)
    if as_json:
        emit_json(_collection(rows, view, provenance))
        return
    for row in rows:
        size = f"{row['area_km2']:.2f} km², {row['road_km']:.1f} km of road"
        size += f", {row['people']:,} people" if "people" in row else ""
        typer.echo(f"{row['minutes']:g} min: {size}" if row["status"] == "ok" else f"{row['status']}: {row['reason']}")


def gaps(
    network: NETWORK,
    stations: Annotated[Path, typer.Option(help="CSV: id, longitude, latitude.")],
    minutes: Annotated[str, typer.Option(help="Within how many minutes somebody must be there.")] = "5",
    avoid: AVOID = None,
    people: PEOPLE = None,
    profile: PROFILE = "fire_engine",
    hour: HOUR = None,
    weather: WEATHER = "dry",
    as_json: JSON = False,
) -> None:
    """
    Draw the areas along roads that no station reaches in time, the largest first.

    Example: onemap gaps shanghai --stations stations.csv --minutes 5 --json
    """
    from gis.errors import InputError
    from routing.profiles import conditions_of
    from routing.profiles import profile as find_profile
    from routing.reach import gaps as find
    from routing.reading import read_all, read_places
    from routing.rescue import places_of

    limits, frame, closed, vehicle, when, homes = read_all(
        lambda: _minutes(minutes),
        lambda: read_places(stations),
        lambda: areas_of(avoid),
        lambda: find_profile(profile),
        lambda: conditions_of(hour, weather),
        lambda: _people(people),
    )
    if len(limits) != 1:
        raise InputError(f"--minutes '{minutes}': give one limit")
    view = view_of(network, closed, when)
    found = find(view, places_of(frame), limits[0], vehicle)
    rows = _counted(found, homes)
    inputs = {"minutes": limits[0], "stations": len(frame), "profile": vehicle.name}
    if as_json:
        emit_json(_collection(rows, view, view.provenance("routing.reach", inputs).as_json()))
        return
    if not rows:
        typer.echo(f"no gap: every road is reached within {limits[0]:g} min")
    for row in rows:
        who = f", {row['people']:,} people" if "people" in row else ""
        middle = row["geometry"].representative_point()
        typer.echo(f"{row['area_km2']:.2f} km², {row['road_km']:.1f} km of road{who} at {middle.x:.5f},{middle.y:.5f}")


def _people(path: Path | None) -> Any:
    """People at places, by day and by night alike; None without a file."""
    if path is None:
        return None
    from routing.reading import read_places

    frame = read_places(path, number="people")
    return frame.assign(day=frame["people"].astype(float), night=frame["people"].astype(float))


def _counted(areas: Any, homes: Any) -> list[dict[Any, Any]]:
    """Rows of areas, with the people in each where homes are given."""
    from routing.reach import people_reached

    if homes is None or areas.empty:
        return list(areas.to_dict("records"))
    counted = people_reached(areas, homes)
    whole = counted.assign(people=counted["people_day"].round().astype(int))
    return list(whole.drop(columns=["people_day", "people_night"]).to_dict("records"))


def _collection(rows: list[dict[Any, Any]], view: Any, provenance: Any) -> dict[str, Any]:
    """GeoJSON of areas with what was closed."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": plain(row, drop=("geometry",)),
                "geometry": row["geometry"].__geo_interface__ if row["geometry"] is not None else None,
            }
            for row in rows
        ],
        "closures": view.report.as_json(),
        "provenance": provenance,
    }


def _minutes(text: str) -> list[float]:
    """Limits in minutes."""
    from gis.errors import InputError

    try:
        return [float(part) for part in text.replace("，", ",").split(",")]
    except ValueError:
        raise InputError(f"--minutes '{text}': give numbers like 5,10,15") from None
