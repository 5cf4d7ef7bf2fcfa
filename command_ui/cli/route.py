"""The commands that ask the roads: route, dispatch, matrix, guard."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from command_ui.cli.talk import emit_json, speaks

NETWORK = Annotated[str, typer.Argument(help="Name of a network: see onemap roads list.")]
AVOID = Annotated[Path | None, typer.Option(help="GeoJSON polygons nobody may drive through.")]
PROFILE = Annotated[str | None, typer.Option(help="car, fire_engine, hazmat_tanker, ambulance, bus or foot.")]
HOUR = Annotated[
    int | None,
    typer.Option(min=0, max=23, help="Hour of the day: its traffic and its turn restrictions; else free flow and all."),
]
WEATHER = Annotated[str, typer.Option(help="dry, rain, heavy_rain, snow, ice or fog.")]
JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
WIND = Annotated[float | None, typer.Option(help="Where the wind comes from, degrees clockwise from north.")]
HAZARD = Annotated[
    Path | None,
    typer.Option(help="Frames of the cloud: NetCDF of onemap plume run --frames, or GeoJSON with arrival_s, until_s."),
]
LEVEL = Annotated[
    float | None, typer.Option(help="mg/m3 from which NetCDF frames count as covered; else the 60-minute AEGL-2.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""
    for command in (route, dispatch, matrix, guard):
        app.command()(speaks(command))


def route(
    network: NETWORK,
    origin: Annotated[str, typer.Option("--from", help="lon,lat")],
    destination: Annotated[str, typer.Option("--to", help="lon,lat")],
    avoid: AVOID = None,
    hazard: HAZARD = None,
    hazard_level: LEVEL = None,
    depart_s: Annotated[float, typer.Option(min=0, help="Departure, seconds after the time zero of --hazard.")] = 0.0,
    protected: Annotated[
        bool, typer.Option("--protected", help="With breathing protection: cross the cloud where no way is free.")
    ] = False,
    profile: PROFILE = None,
    hour: HOUR = None,
    weather: WEATHER = "dry",
    alternatives: Annotated[int, typer.Option(min=0, max=5, help="Further, really different ways.")] = 0,
    directions: Annotated[str | None, typer.Option(help="Turn by turn: zh or en.")] = None,
    gpx: Annotated[Path | None, typer.Option(help="Write the way as GPX.")] = None,
    geojson: Annotated[Path | None, typer.Option(help="Write the way as GeoJSON.")] = None,
    as_json: JSON = False,
) -> None:
    """
    Find the fastest way that keeps out of everything closed.

    Example: onemap route shanghai --from 121.45,31.20 --to 121.52,31.26 --profile fire_engine --json
    """
    from command_ui.directions import sentences
    from routing.alternatives import alternatives as others
    from routing.directions import steps
    from routing.export import write_geojson, write_gpx
    from routing.on_foot import walkable
    from routing.profiles import conditions_of
    from routing.profiles import profile as find_profile
    from routing.reading import parse_place, read_all
    from routing.rescue import route as find
    from routing.timed import timed_route

    start, end, areas, vehicle, cloud, at = read_all(
        lambda: parse_place(origin, "--from"),
        lambda: parse_place(destination, "--to"),
        lambda: areas_of(avoid),
        lambda: find_profile(profile),
        lambda: hazard_of(hazard, hazard_level),
        lambda: conditions_of(hour, weather),
    )
    view = view_of(network, areas, at)
    if cloud is not None:
        timed = timed_route(view, cloud, start, end, vehicle, depart_s=depart_s, protected=protected)
        answer, facts = timed.route, timed.as_json()
    else:
        answer = find(view, start, end, vehicle)
        facts = answer.as_json()
    result = {**facts, "profile": vehicle.name, "closures": view.report.as_json()}
    ways = {"route": answer}
    if alternatives:
        further = others(view, answer, vehicle, alternatives)
        result["alternatives"] = [one.as_json() for one in further]
        ways.update({f"alternative {number}": one for number, one in enumerate(further, 1)})
    lines = (
        sentences(steps(walkable(view, vehicle).network, answer), directions)
        if directions and answer.status == "ok"
        else []
    )
    if directions:
        result["directions"] = lines
    result["provenance"] = view.provenance("routing.rescue", {"profile": vehicle.name}).as_json()
    if gpx is not None and answer.status == "ok":
        write_gpx(gpx, ways)
    if geojson is not None:
        write_geojson(geojson, ways)
    if as_json:
        emit_json(result)
        return
    warn(result["closures"])
    if answer.status != "ok":
        typer.echo(f"{answer.status}: {answer.reason}")
        return
    typer.echo(f"ok: {answer.length_m / 1000:.2f} km, {answer.travel_time_s / 60:.1f} min ({vehicle.name})")
    for stop in facts.get("waits", ()):
        typer.echo(f"  wait {stop['seconds']:.0f} s at {stop['longitude']:.5f},{stop['latitude']:.5f}")
    if facts.get("margin_s") is not None:
        typer.echo(f"  {facts['margin_s']:.0f} s to spare before the cloud")
    if facts.get("dose"):
        typer.echo(f"  dose on the way, only with breathing protection: {facts['dose']:.3g} (concentration x seconds)")
    for line in lines:
        typer.echo(f"  {line}")


def dispatch(
    network: NETWORK,
    scene: Annotated[str, typer.Option(help="lon,lat of the scene.")],
    teams: Annotated[Path, typer.Option(help="CSV: id, longitude, latitude, kind; maybe name.")],
    avoid: AVOID = None,
    profile: PROFILE = None,
    hour: HOUR = None,
    weather: WEATHER = "dry",
    wind_from_deg: WIND = None,
    stand_off_m: Annotated[float | None, typer.Option(min=0, help="Distance kept from the closed ground.")] = None,
    alternatives: Annotated[int, typer.Option(min=0, max=5, help="Further ways of each of the five fastest.")] = 0,
    needs: Annotated[
        str | None,
        typer.Option(help="What the plan asks for, foam=2,ladder=1; teams bring column equipment, foam;ladder."),
    ] = None,
    as_json: JSON = False,
) -> None:
    """
    Rank all teams by driving time to the scene's approach point.

    Example: onemap dispatch shanghai --scene 121.47,31.23 --teams teams.csv --avoid zone.geojson --json
    """
    from routing.alternatives import alternatives as others
    from routing.dispatch import match_equipment, ranking
    from routing.profiles import conditions_of
    from routing.profiles import profile as find_profile
    from routing.reading import parse_place, read_all, read_places

    place, frame, areas, _, at, wanted = read_all(
        lambda: parse_place(scene, "--scene"),
        lambda: read_places(teams, text="kind"),
        lambda: areas_of(avoid),
        lambda: find_profile(profile),
        lambda: conditions_of(hour, weather),
        lambda: _needs(needs),
    )
    view = view_of(network, areas, at)
    found = ranking(view, frame, place, wind_from_deg=wind_from_deg, profile=profile, stand_off_m=stand_off_m)
    match = match_equipment(found.frame, frame, wanted)
    further = {
        row["id"]: [
            one.as_json() for one in others(view, found.routes[row["id"]], find_profile(row["profile"]), alternatives)
        ]
        for row in found.frame.head(5).to_dict("records")
        if alternatives and row["rank"]
    }
    equipment = {"needs": wanted, "brought": match.brought, "missing": match.missing, "teams": list(match.teams)}
    if as_json:
        emit_json(
            {
                "scene": list(place),
                "approach": {name: one.as_json() for name, one in found.approach.items()},
                "teams": [
                    {
                        **plain(row, drop=("geometry",)),
                        **_route_part(found.routes.get(row["id"])),
                        **({"alternatives": further[row["id"]]} if row["id"] in further else {}),
                    }
                    for row in found.frame.to_dict("records")
                ],
                **({"equipment": equipment} if wanted else {}),
                "closures": view.report.as_json(),
                "provenance": found.provenance.as_json(),
            }
        )
        return
    warn(view.report.as_json())
    for row in found.frame.to_dict("records"):
        when = f"{row['travel_time_s'] / 60:6.1f} min" if row["rank"] else f"{row['status']} ({row['reason']})"
        typer.echo(f"{row['rank'] or '-':>3} {row['id']} {row['name']} [{row['kind']}] {when}")
    if wanted:
        lacking = ", ".join(f"{count} {kind}" for kind, count in match.missing.items()) or "nothing"
        typer.echo(f"equipment: {', '.join(match.teams) or 'no team'}; missing {lacking}")


def matrix(
    network: NETWORK,
    origins: Annotated[Path, typer.Option("--from", help="CSV: id, longitude, latitude.")],
    destinations: Annotated[Path, typer.Option("--to", help="CSV: id, longitude, latitude.")],
    out: Annotated[Path, typer.Option(help="CSV to write: travel seconds, empty where there is no way.")],
    avoid: AVOID = None,
    profile: PROFILE = None,
    hour: HOUR = None,
    weather: WEATHER = "dry",
    as_json: JSON = False,
) -> None:
    """
    Write the travel times between two lists of places.

    Example: onemap matrix shanghai --from homes.csv --to hospitals.csv --out times.csv
    """
    from routing.matrix import travel_matrix
    from routing.profiles import conditions_of
    from routing.profiles import profile as find_profile
    from routing.reading import read_all, read_places

    rows, columns, areas, _, at = read_all(
        lambda: read_places(origins),
        lambda: read_places(destinations),
        lambda: areas_of(avoid),
        lambda: find_profile(profile),
        lambda: conditions_of(hour, weather),
    )
    view = view_of(network, areas, at)
    table, statuses = travel_matrix(view, rows, columns, profile)
    table.to_csv(out, encoding="utf-8", float_format="%.1f", lineterminator="\n")
    empty = int(table.isna().to_numpy().sum())
    if as_json:
        provenance = view.provenance("routing.matrix", {"profile": profile or "car"}).as_json()
        emit_json(
            {
                "out": str(out),
                "rows": len(table),
                "columns": len(table.columns),
                "no_way": empty,
                "statuses": statuses,
                "closures": view.report.as_json(),
                "provenance": provenance,
            }
        )
    else:
        typer.echo(f"{len(table)} x {len(table.columns)} times written to {out}; {empty} pairs without a way")
        for side, found in statuses.items():
            for key, why in found.items():
                typer.echo(f"  {side} {key}: {why}")


def guard(
    network: NETWORK,
    avoid: Annotated[Path, typer.Option(help="GeoJSON polygons nobody may drive into.")],
    as_json: JSON = False,
) -> None:
    """
    List the fewest crossings to guard so that nobody drives into an area.

    Example: onemap guard shanghai --avoid zone.geojson --json
    """
    from routing.closing_points import closing_points

    view = view_of(network, areas_of(avoid))
    points = closing_points(view)
    if as_json:
        emit_json(
            {
                "points": [
                    {**plain(row, drop=("geometry",)), "longitude": row["geometry"].x, "latitude": row["geometry"].y}
                    for row in points.to_dict("records")
                ],
                "closures": view.report.as_json(),
                "provenance": points.attrs["provenance"],
            }
        )
        return
    warn(view.report.as_json())
    for row in points.to_dict("records"):
        typer.echo(f"{row['number']:>3} {row['geometry'].x:.5f},{row['geometry'].y:.5f} {row['name'] or row['class']}")


def areas_of(avoid: Path | None) -> Any:
    """The areas of a file, None without one."""
    from routing.reading import read_areas

    return None if avoid is None else read_areas(avoid)


def _needs(text: str | None) -> dict[str, int]:
    """Pieces by kind of equipment."""
    from gis.errors import InputError

    found: dict[str, int] = {}
    for part in (text or "").replace("，", ",").split(","):
        kind, _, count = (piece.strip() for piece in part.partition("="))
        if kind and (count or "1").isdigit():
            found[kind] = found.get(kind, 0) + int(count or 1)
        elif part.strip():
            raise InputError(f"--needs '{part.strip()}': give kinds with numbers like foam=2,ladder=1")
    return found


def view_of(name: str, areas: Any, conditions: Any = None) -> Any:
    """The named network with areas closed, at an hour and in some weather."""
    from command_ui.settings import load_settings
    from routing import cache
    from routing.closures import close, open_view

    network = cache.load(load_settings().networks_dir / cache.checked_name(name))
    return open_view(network, conditions) if areas is None else close(network, areas, conditions=conditions)


def hazard_of(path: Path | None, level_mg_m3: float | None) -> Any:
    """Hazard from GeoJSON, or from NetCDF at a level given or known for its substance; None without a file."""
    if path is None:
        return None
    from gis.errors import InputError
    from routing.hazard import read_hazard

    if path.suffix.lower() != ".nc":
        return read_hazard(path)
    from routing.frames import read_frames, substance_of

    if level_mg_m3 is None and path.is_file():
        from plume.criteria import levels_of
        from plume.substances import find

        substance = find(substance_of(path))
        second = next((row for row in levels_of("AEGL", substance, 3600.0).rows if row.level == 2), None)
        if second is None or second.unit != "ppm":
            raise InputError(f"{path.name}: no AEGL-2 is known for {substance.key}; give --hazard-level in mg/m3")
        # 24.45 litres a mole at 25 degrees and one atmosphere, as the AEGL tables convert.
        level_mg_m3 = second.value * substance.molar_mass_kg_mol * 1000 / 24.45
    return read_frames(path, level_mg_m3 or 0.0)


def warn(closures: dict[str, Any]) -> None:
    """Say on the error stream that an area closes nothing."""
    if "no_arc_closed" in closures["warnings"]:
        typer.echo("onemap: the area closes no road of this network; is it the right place?", err=True)


def plain(row: dict[Any, Any], drop: tuple[str, ...] = ()) -> dict[str, Any]:
    """A frame's row without NaN, which JSON has not."""
    return {
        str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items() if k not in drop
    }


def _route_part(found: Any) -> dict[str, Any]:
    if found is None:
        return {"geometry": None, "ways": []}
    answer = found.as_json()
    return {key: answer[key] for key in ("geometry", "ways", "unknown_limits", "proof")}
