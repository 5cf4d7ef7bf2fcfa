"""The commands that ask the roads: route, dispatch, matrix, evacuate, reach, guard."""

import math
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from command_ui.cli.talk import emit_json, progress, speaks

NETWORK = Annotated[str, typer.Argument(help="Name of a network: see onemap roads list.")]
AVOID = Annotated[Path | None, typer.Option(help="GeoJSON polygons nobody may drive through.")]
PROFILE = Annotated[str | None, typer.Option(help="car, fire_engine, hazmat_tanker, ambulance, bus or foot.")]
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
    for command in (route, dispatch, matrix, evacuate, reach, guard):
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
    alternatives: Annotated[int, typer.Option(min=0, max=5, help="Further, really different ways.")] = 0,
    directions: Annotated[str | None, typer.Option(help="Turn by turn: zh or en.")] = None,
    gpx: Annotated[Path | None, typer.Option(help="Write the way as GPX.")] = None,
    as_json: JSON = False,
) -> None:
    """
    Find the fastest way that keeps out of everything closed.

    Example: onemap route shanghai --from 121.45,31.20 --to 121.52,31.26 --profile fire_engine --json
    """
    from command_ui.directions import sentences
    from routing.alternatives import alternatives as others
    from routing.directions import steps
    from routing.export import write_gpx
    from routing.on_foot import walkable
    from routing.profiles import profile as find_profile
    from routing.reading import parse_place, read_all
    from routing.rescue import route as find
    from routing.timed import timed_route

    start, end, areas, vehicle, cloud = read_all(
        lambda: parse_place(origin, "--from"),
        lambda: parse_place(destination, "--to"),
        lambda: areas_of(avoid),
        lambda: find_profile(profile),
        lambda: _hazard(hazard, hazard_level),
    )
    view = view_of(network, areas)
    if cloud is not None:
        timed = timed_route(view, cloud, start, end, vehicle, depart_s=depart_s, protected=protected)
        answer, facts = timed.route, timed.as_json()
    else:
        answer = find(view, start, end, vehicle)
        facts = answer.as_json()
    result = {**facts, "profile": vehicle.name, "closures": view.report.as_json()}
    if alternatives:
        result["alternatives"] = [one.as_json() for one in others(view, answer, vehicle, alternatives)]
    lines = (
        sentences(steps(walkable(view, vehicle).network, answer), directions)
        if directions and answer.status == "ok"
        else []
    )
    if directions:
        result["directions"] = lines
    result["provenance"] = view.provenance("routing.rescue", {"profile": vehicle.name}).as_json()
    if gpx is not None and answer.status == "ok":
        write_gpx(gpx, {"route": answer})
    if as_json:
        emit_json(result)
        return
    _warn(result["closures"])
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
    wind_from_deg: WIND = None,
    stand_off_m: Annotated[float | None, typer.Option(min=0, help="Distance kept from the closed ground.")] = None,
    as_json: JSON = False,
) -> None:
    """
    Rank all teams by driving time to the scene's approach point.

    Example: onemap dispatch shanghai --scene 121.47,31.23 --teams teams.csv --avoid zone.geojson --json
    """
    from routing.dispatch import ranking
    from routing.profiles import profile as find_profile
    from routing.reading import parse_place, read_all, read_places

    at, frame, areas, _ = read_all(
        lambda: parse_place(scene, "--scene"),
        lambda: read_places(teams, text="kind"),
        lambda: areas_of(avoid),
        lambda: find_profile(profile),
    )
    view = view_of(network, areas)
    found = ranking(view, frame, at, wind_from_deg=wind_from_deg, profile=profile, stand_off_m=stand_off_m)
    if as_json:
        emit_json(
            {
                "scene": list(at),
                "approach": {name: one.as_json() for name, one in found.approach.items()},
                "teams": [
                    {**_plain(row, drop=("geometry",)), **_route_part(found.routes.get(row["id"]))}
                    for row in found.frame.to_dict("records")
                ],
                "closures": view.report.as_json(),
                "provenance": found.provenance.as_json(),
            }
        )
        return
    _warn(view.report.as_json())
    for row in found.frame.to_dict("records"):
        when = f"{row['travel_time_s'] / 60:6.1f} min" if row["rank"] else f"{row['status']} ({row['reason']})"
        typer.echo(f"{row['rank'] or '-':>3} {row['id']} {row['name']} [{row['kind']}] {when}")


def matrix(
    network: NETWORK,
    origins: Annotated[Path, typer.Option("--from", help="CSV: id, longitude, latitude.")],
    destinations: Annotated[Path, typer.Option("--to", help="CSV: id, longitude, latitude.")],
    out: Annotated[Path, typer.Option(help="CSV to write: travel seconds, empty where there is no way.")],
    avoid: AVOID = None,
    profile: PROFILE = None,
    as_json: JSON = False,
) -> None:
    """
    Write the travel times between two lists of places.

    Example: onemap matrix shanghai --from homes.csv --to hospitals.csv --out times.csv
    """
    from routing.matrix import travel_matrix
    from routing.profiles import profile as find_profile
    from routing.reading import read_all, read_places

    rows, columns, areas, _ = read_all(
        lambda: read_places(origins),
        lambda: read_places(destinations),
        lambda: areas_of(avoid),
        lambda: find_profile(profile),
    )
    view = view_of(network, areas)
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
    from routing.profiles import profile as find_profile
    from routing.reading import read_all, read_places

    from_frame, to_frame, areas, vehicle, cloud = read_all(
        lambda: read_places(blocks, number="people", optional=("release_s", "level", "indoor_dose", "dose_limit")),
        lambda: read_places(shelters, number="capacity", optional=("occupancy",)),
        lambda: areas_of(avoid),
        lambda: find_profile(profile),
        lambda: _hazard(hazard, hazard_level),
    )
    view = view_of(network, areas)
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
    _warn(view.report.as_json())
    totals = found.totals
    typer.echo(f"{totals['people']} people: {totals['assigned']} assigned, {totals['left_over']} left over")
    for percent in (50, 90, 100):
        when = totals[f"clearance_{percent}_s"]
        typer.echo(f"  {percent:>3} % arrived after {when / 60:.1f} min" if when is not None else f"  {percent:>3} % -")
    for row in found.left_over.to_dict("records"):
        typer.echo(f"  left over: {row['block_id']} {row['people']} people, {row['reason']} -> {row['advice']}")


def reach(
    network: NETWORK,
    at: Annotated[list[str], typer.Option(help="lon,lat; may be given several times.")],
    minutes: Annotated[str, typer.Option(help="Limits, comma-separated.")] = "5,10,15",
    avoid: AVOID = None,
    profile: PROFILE = None,
    as_json: JSON = False,
) -> None:
    """
    Draw how far one gets in some minutes, as areas in GeoJSON.

    Example: onemap reach shanghai --at 121.47,31.23 --minutes 5,10,15 --json
    """
    from routing.profiles import profile as find_profile
    from routing.reach import reach as find
    from routing.reading import parse_place, read_all

    limits, places, closed, _ = read_all(
        lambda: _minutes(minutes),
        lambda: read_all(*(partial(parse_place, text, "--at") for text in at)),
        lambda: areas_of(avoid),
        lambda: find_profile(profile),
    )
    view = view_of(network, closed)
    areas = find(view, places, limits, profile)
    if as_json:
        emit_json(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": _plain(row, drop=("geometry",)),
                        "geometry": row["geometry"].__geo_interface__ if row["geometry"] is not None else None,
                    }
                    for row in areas.to_dict("records")
                ],
                "closures": view.report.as_json(),
                "provenance": areas.attrs["provenance"],
            }
        )
        return
    for row in areas.to_dict("records"):
        size = f"{row['area_km2']:.2f} km², {row['road_km']:.1f} km of road"
        typer.echo(f"{row['minutes']:g} min: {size}" if row["status"] == "ok" else f"{row['status']}: {row['reason']}")


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
                    {**_plain(row, drop=("geometry",)), "longitude": row["geometry"].x, "latitude": row["geometry"].y}
                    for row in points.to_dict("records")
                ],
                "closures": view.report.as_json(),
                "provenance": points.attrs["provenance"],
            }
        )
        return
    _warn(view.report.as_json())
    for row in points.to_dict("records"):
        typer.echo(f"{row['number']:>3} {row['geometry'].x:.5f},{row['geometry'].y:.5f} {row['name'] or row['class']}")


def areas_of(avoid: Path | None) -> Any:
    """The areas of a file, None without one."""
    from routing.reading import read_areas

    return None if avoid is None else read_areas(avoid)


def _minutes(text: str) -> list[float]:
    """Limits in minutes."""
    from gis.errors import InputError

    try:
        return [float(part) for part in text.replace("，", ",").split(",")]
    except ValueError:
        raise InputError(f"--minutes '{text}': give numbers like 5,10,15") from None


def view_of(name: str, areas: Any) -> Any:
    """The named network with areas closed."""
    from command_ui.settings import load_settings
    from routing import cache
    from routing.closures import close, open_view

    network = cache.load(load_settings().networks_dir / cache.checked_name(name))
    return open_view(network) if areas is None else close(network, areas)


def _hazard(path: Path | None, level_mg_m3: float | None) -> Any:
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


def _warn(closures: dict[str, Any]) -> None:
    if "no_arc_closed" in closures["warnings"]:
        typer.echo("onemap: the area closes no road of this network; is it the right place?", err=True)


def _plain(row: dict[Any, Any], drop: tuple[str, ...] = ()) -> dict[str, Any]:
    """A frame's row without NaN, which JSON has not."""
    return {
        str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items() if k not in drop
    }


def _route_part(found: Any) -> dict[str, Any]:
    if found is None:
        return {"geometry": None, "ways": []}
    answer = found.as_json()
    return {key: answer[key] for key in ("geometry", "ways", "unknown_limits", "proof")}
