"""The commands around road networks."""

from pathlib import Path
from typing import Annotated, Any

import typer

from command_ui.cli.talk import emit_json, progress, speaks

NAME = "roads"
app = typer.Typer(no_args_is_help=True, help="Road networks.")

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
KEEP = Annotated[int, typer.Option(min=0, help="Earlier versions kept beside it, usable as NAME@VERSION.")]
INSTALLED = Annotated[str, typer.Argument(help="Name of a network built before.")]


@app.callback()
def _group() -> None:
    """Road networks."""


@app.command()
@speaks
def build(
    file: Annotated[Path, typer.Argument(help="OSM PBF or XML, GraphML, GeoPackage, GeoParquet, MATSim network.")],
    name: Annotated[str, typer.Option(help="Name the network is used by.")],
    crs: Annotated[str | None, typer.Option(help="Coordinate system, for MATSim files that name none.")] = None,
    keep: KEEP = 2,
    as_json: JSON = False,
) -> None:
    """
    Build a road network from a file and say what was found, inferred and dropped.

    Example: onemap roads build shanghai_center.osm --name shanghai
    """
    from command_ui.settings import load_settings
    from routing import cache
    from routing.importing import read

    folder = load_settings().networks_dir / cache.checked_name(name, new=True)
    with progress("roads") as report:
        network = read(file, lambda step, done: report(step, 0.7 * done), name=name, crs=crs)
        _store(network, folder, report, as_json=as_json, keep=keep)


@app.command("list")
@speaks
def list_networks(as_json: JSON = False) -> None:
    """
    List the networks that can be used.

    Example: onemap roads list --json
    """
    from command_ui.settings import load_settings
    from routing import cache

    folder = load_settings().networks_dir
    names = cache.names(folder)
    manifests = [cache.read_manifest(folder / name) for name in names]
    versions = [cache.versions(folder / name) for name in names]
    if as_json:
        emit_json([{**_summary(one), "versions": all_} for one, all_ in zip(manifests, versions, strict=True)])
        return
    if not manifests:
        typer.echo("No network yet; build one with: onemap roads build FILE --name NAME")
    for manifest, kept in zip(manifests, versions, strict=True):
        counts = manifest["counts"]
        typer.echo(
            f"{manifest['name']} (version {manifest.get('version', 1)}): {counts['nodes']:,} nodes, "
            f"{counts['arcs']:,} arcs · {_origin(manifest)}"
        )
        for one in kept[1:]:
            typer.echo(f"  {one['use_as']}: {one['counts']['arcs']:,} arcs, built {one['built_at'] or 'earlier'}")


@app.command()
@speaks
def show(name: INSTALLED, as_json: JSON = False) -> None:
    """
    Show counts, data quality and origin of a network.

    Example: onemap roads show shanghai
    """
    from command_ui.settings import load_settings
    from routing import cache

    manifest = cache.read_manifest(load_settings().networks_dir / cache.checked_name(name))
    if as_json:
        emit_json(_summary(manifest))
    else:
        _tell(manifest)


@app.command()
@speaks
def remove(name: INSTALLED) -> None:
    """
    Remove a network from the disk.

    Example: onemap roads remove shanghai
    """
    from command_ui.settings import load_settings
    from routing import cache

    cache.delete(load_settings().networks_dir / cache.checked_name(name))
    typer.echo(f"network '{name}' removed")


@app.command()
@speaks
def edit(
    name: INSTALLED,
    way: Annotated[int, typer.Option(help="OpenStreetMap way.")],
    attribute: Annotated[
        str,
        typer.Option(help="speed_kmh, lanes, max_height_m, max_weight_t, max_width_m or capacity_veh_h."),
    ],
    value: Annotated[float, typer.Option(help="What it is.")],
    reason: Annotated[str, typer.Option(help="How one knows.")],
    keep: KEEP = 2,
    as_json: JSON = False,
) -> None:
    """
    Record that a road is not as the file says; the edit is kept when the network is built anew.

    Example: onemap roads edit shanghai --way 25614 --attribute max_height_m --value 3.2 --reason measured
    """
    from command_ui import road_record
    from command_ui.settings import load_settings
    from routing import cache

    settings = load_settings()
    folder = settings.networks_dir / cache.checked_name(name, new=True)
    record = road_record.edit(settings, folder, way, attribute, value, reason, keep)
    if as_json:
        emit_json(record)
    else:
        typer.echo(f"way {way} of '{name}': {attribute} {value:g} (edit {record['edit']}, version {record['version']})")


@app.command()
@speaks
def fetch(
    place: Annotated[str, typer.Argument(help="Name of a place, for instance 常州市; or west,south,east,north.")],
    name: Annotated[str, typer.Option(help="Name the network is used by.")],
    overpass: Annotated[
        str | None, typer.Option(help="Overpass service to ask; else ONEMAP_OVERPASS_URL or the public one.")
    ] = None,
    nominatim: Annotated[
        str | None, typer.Option(help="Place search to ask; else ONEMAP_NOMINATIM_URL or the public one.")
    ] = None,
    keep: KEEP = 2,
    as_json: JSON = False,
) -> None:
    """
    Fetch the roads of a place over the internet and build a network from them.

    Example: onemap roads fetch 119.9,31.7,120.0,31.8 --name changzhou
    """
    from command_ui.settings import load_settings
    from routing import cache
    from routing.fetching import fetch as fetch_network

    settings = load_settings()
    folder = settings.networks_dir / cache.checked_name(name, new=True)
    with progress("roads") as report:
        network = fetch_network(
            place,
            name,
            overpass_url=overpass or settings.overpass_url,
            nominatim_url=nominatim or settings.nominatim_url,
            progress=report,
        )
        _store(network, folder, report, as_json=as_json, keep=keep)


@app.command()
@speaks
def bench(
    file: Annotated[Path, typer.Argument(help="An OSM XML file both can read.")],
    as_json: JSON = False,
) -> None:
    """
    Compare time and memory of our importer with OSMnx on the same file.

    Example: onemap roads bench shanghai_center.osm
    """
    from routing.importing.contest import contest

    with progress("roads") as report:
        result = contest(file, report)
    if as_json:
        emit_json(result)
        return
    for row in result["ways"]:
        typer.echo(f"{row['way']:>22}: {row['seconds']:6.2f} s, {row['peak_mb']:7.0f} MB")
    typer.echo(f"times faster {result['times_faster']:.1f}, share of the memory {result['memory_share']:.2f}")


def _store(network: Any, folder: Path, report: Any, *, as_json: bool, keep: int) -> None:
    """Write the network, tell the database of it, and say what was found."""
    from command_ui import road_record
    from command_ui.settings import load_settings
    from routing import cache

    report("writing", 0.75)
    cache.save(road_record.with_edits(load_settings(), network), folder, keep=keep)
    report("drawing the base map", 0.9)
    record = road_record.enter(load_settings(), folder)
    manifest = cache.read_manifest(folder)
    if as_json:
        emit_json({**_summary(manifest), "record": record})
        return
    _tell(manifest)
    if record["database"] == "recorded":
        drawn = ", ".join(f"{rows:,} {table.removeprefix('base_')}s" for table, rows in record["base_map"].items())
        typer.echo(f"  version {record['version']} recorded; base map drawn: {drawn}")
    elif record["database"] == "none":
        typer.echo("  no database yet: once there is one, draw the base map with onemap layers basemap " + folder.name)
    else:
        typer.echo(f"  version and base map not written: {record['database']}")


def _summary(manifest: dict[str, Any]) -> dict[str, Any]:
    keys = ("name", "version", "counts", "bounds", "report", "provenance")
    return {key: manifest.get(key, 1) for key in keys}


def _origin(manifest: dict[str, Any]) -> str:
    return str(manifest["provenance"]["source"])


def _tell(manifest: dict[str, Any]) -> None:
    report, counts = manifest["report"], manifest["counts"]
    typer.echo(f"network '{manifest['name']}': {counts['nodes']:,} nodes, {counts['arcs']:,} arcs, ready")
    for key in ("car_ways", "node_level", "largest_part", "kept", "dropped", "barrier_nodes"):
        if key in report:
            typer.echo(f"  {key.replace('_', ' ')}: {_flat(report[key])}")
    turns = report.get("turn_restrictions", {"found": 0, "through_ways": 0, "not_usable": {}})
    typer.echo(
        f"  turn restrictions: {turns['found']:,} found ({turns['through_ways']:,} through ways), "
        f"{report.get('turn_restrictions_applied', 0):,} applied, "
        f"{report.get('turn_restrictions_guarded', 0):,} of them to some vehicles or at some hours"
        + "".join(f", {count:,} {why.replace('_', ' ')}" for why, count in turns["not_usable"].items())
    )
    if report.get("places"):
        typer.echo(f"  places: {_flat(report['places'])}")
    typer.echo("  inferred where the file is silent:")
    for key, value in report["inferred"].items():
        typer.echo(f"    {key.replace('_', ' ')}: {value:,}")
    typer.echo(f"  {_origin(manifest)}")


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{v:,} {k.replace('_', ' ')}" for k, v in value.items())
    return f"{value:,}"
