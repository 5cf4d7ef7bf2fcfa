"""The commands that bring data in and out of the layers."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from command_ui.cli.talk import emit_json, progress, speaks
from gis.datum import Datum
from gis.provenance import Mode

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
World = Annotated[
    str, typer.Option("--mode", help="World of the rows: live, drill or sim; the one the divisions are in by default.")
]
SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands to the group `onemap layers`."""
    app.command("import")(import_file)
    app.command("imports")(imports)
    app.command("undo")(undo)
    app.command("export")(export)
    app.command("sync")(sync)
    app.command("sources")(sources)


@speaks
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, Excel, GeoJSON, GeoPackage or zipped Shapefile.")],
    layer: Annotated[str, typer.Option("--layer", help="Layer it goes into, such as enterprise.")],
    mapping: Annotated[Path | None, typer.Option("--map", help="TOML file with [columns] header = column.")] = None,
    datum: Annotated[Datum | None, typer.Option("--datum", help="What the degrees mean.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Examine and report; write nothing.")] = False,
    report: Annotated[Path | None, typer.Option("--report", help="CSV file for every reason against a row.")] = None,
    accept: Annotated[list[str] | None, typer.Option("--accept", help="Rule whose rows come in all the same.")] = None,
    stale_days: Annotated[int, typer.Option("--stale-days", help="Rows older than this are stale.")] = 365,
    mode: World = "",
    as_json: JSON = False,
) -> None:
    """
    Import a file into a layer: good rows go in, bad rows are kept aside with every reason, a second run adds nothing.

    Example: onemap layers import county.csv --layer enterprise --datum gcj02 --dry-run --report faults.csv
    """
    from command_ui import data_report
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.errors import InputError
    from layers.importing import intake
    from layers.importing.findings import RULES
    from layers.importing.matching import read_mapping
    from layers.importing.trial import Wishes

    unknown = [rule for rule in accept or [] if rule not in RULES]
    if unknown:
        raise InputError([f"there is no rule '{rule}'; choose from {', '.join(RULES)}" for rule in unknown])
    said = read_mapping(mapping) if mapping else None
    meant = datum or (said.datum if said else None)
    wishes = Wishes(dict(said.columns) if said else {}, meant, frozenset(accept or []), stale_days)
    with open_house(load_settings()) as house, progress(file.name) as tell:
        caller = _caller(house, mode, "onemap layers import")
        with house.database.transaction(caller) as connection:
            trial = intake.examine_file(connection, file, layer, wishes, caller, progress=tell)
            done = None if dry_run else intake.commit(connection, trial, caller, progress=tell)
    told = trial.told()
    if report is not None:
        data_report.write(report, told, layer)
    answer: dict[str, Any] = {
        "layer": layer, "mode": caller.mode, "rows": trial.rows, "good": trial.rows - int(trial.aside.sum()),
        "aside": int(trial.aside.sum()), "new": trial.new, "known": trial.known, "findings": trial.findings.counts(),
        "columns": trial.mapped.columns, "unused": list(trial.mapped.unused), "dry_run": dry_run,
        "import_id": str(done.import_id) if done else None, "added": done.added if done else 0,
        "changed": done.changed if done else 0, "unchanged": done.unchanged if done else 0,
        "repeated": done.repeated if done else False, "report": str(report) if report else None,
    }  # fmt: skip
    if as_json:
        emit_json(answer | {"reasons": told})
        return
    for match in trial.mapped.matches:
        typer.echo(f"  {match.header} -> {match.column}{'' if match.how == 'exact' else f' ({match.how})'}")
    if trial.mapped.unused:
        typer.echo(f"  not used: {', '.join(trial.mapped.unused)}")
    typer.echo(f"{trial.rows:,} rows: {answer['good']:,} good ({trial.new:,} new), {answer['aside']:,} kept aside")
    for rule, number in trial.findings.counts().items():
        typer.echo(f"{number:>8,}  {rule}")
    for one in told[:SHOWN]:
        typer.echo(f"  row {one['row']}: {data_report.reason(one, layer, 'en')}")
    if len(told) > SHOWN:
        where = f"all of them are in {report}" if report else "write them all with --report FILE.csv"
        typer.echo(f"  and {len(told) - SHOWN:,} more; {where}")
    if done is None:
        typer.echo("dry run: nothing written")
    elif done.repeated:
        typer.echo(f"nothing new; the first import of this file was {done.import_id}")
    else:
        typer.echo(
            f"import {done.import_id}: {done.added:,} added, {done.changed:,} changed, {done.unchanged:,} unchanged"
        )


@speaks
def imports(mode: World = "", as_json: JSON = False) -> None:
    """
    List the imports so far, the latest first, with what each did and whether it was taken back.

    Example: onemap layers imports --json
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from layers.importing import history

    with (
        open_house(load_settings()) as house,
        house.database.transaction(_caller(house, mode, "onemap layers imports")) as connection,
    ):
        found = history.imports(connection)
    if as_json:
        emit_json(found)
        return
    for one in found:
        state = f", taken back {one['undone_at']:%Y-%m-%d %H:%M}" if one["undone_at"] else ""
        typer.echo(
            f"{one['id']}  {one['began_at']:%Y-%m-%d %H:%M}  {one['layer']}  {one['file_name']}: "
            f"{one['added']:,} added, {one['changed']:,} changed, {one['aside']:,} aside{state}"
        )
    if not found:
        typer.echo("nothing was imported yet")


@speaks
def undo(
    import_id: Annotated[str, typer.Argument(help="Import to take back, as `onemap layers imports` names it.")],
    mode: World = "",
    as_json: JSON = False,
) -> None:
    """
    Take an import back: close what it added and let stand again what it replaced.

    Example: onemap layers undo 5f3c1c2e-6f1e-4b83-9a3a-0d5a3f1e2b77
    """
    from uuid import UUID

    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.errors import InputError
    from layers.importing import intake

    try:
        wanted = UUID(import_id)
    except ValueError as error:
        raise InputError(f"'{import_id}' is no import; `onemap layers imports` lists them") from error
    with open_house(load_settings()) as house:
        caller = _caller(house, mode, "onemap layers undo")
        with house.database.transaction(caller) as connection:
            closed = intake.undo(connection, wanted, caller)
    if as_json:
        emit_json({"import_id": import_id, "closed": closed})
        return
    typer.echo(f"{closed:,} rows closed; what they had replaced stands again")


@speaks
def export(
    layer: Annotated[str, typer.Argument(help="Layer, as `onemap layers list` names it.")],
    to: Annotated[Path, typer.Option("--to", help="File to write: .csv, .xlsx, .geojson or .gpkg.")],
    where: Annotated[
        list[str] | None, typer.Option("--where", help="Condition such as people>=100 or name~化工.")
    ] = None,
    bounds: Annotated[str, typer.Option("--bounds", help="west,south,east,north in degrees.")] = "",
    text: Annotated[str, typer.Option("--name", help="Part of the name.")] = "",
    known_at: Annotated[
        str, typer.Option("--known-at", help="As it was known at this time, such as 2026-11-24T10:32+08:00.")
    ] = "",
    language: Annotated[Literal["zh", "en"], typer.Option("--language", help="Language of the headers.")] = "zh",
    mode: World = "",
    as_json: JSON = False,
) -> None:
    """
    Write the rows a filter shows, as many as it counts; text that a spreadsheet would run is made harmless.

    Example: onemap layers export enterprise --to chemical.xlsx --where sectors=hazmat
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from command_ui.shown import coded
    from gis.errors import InputError
    from layers import exporting, filters

    kind = to.suffix.lower().removeprefix(".")
    if kind not in exporting.FORMATS:
        raise InputError(f"'{to.name}' ends in no format that is written; use {', '.join(exporting.FORMATS)}")
    wanted = filters.Filter(filters.read_conditions(where or []), _bounds(bounds), text)
    with (
        open_house(load_settings()) as house,
        house.database.transaction(_caller(house, mode, "onemap layers export")) as connection,
    ):
        frame = exporting.rows(connection, layer, wanted, _then(known_at))
    exporting.write(frame, layer, to, kind, language, coded(layer, language))
    if as_json:
        emit_json({"layer": layer, "rows": len(frame), "file": str(to)})
        return
    typer.echo(f"{len(frame):,} rows written to {to}")


@speaks
def sync(
    name: Annotated[str, typer.Argument(help="Mirrored register, as `onemap layers sources` names it, or all.")],
    file: Annotated[
        Path | None, typer.Option("--file", help="File of the source instead of the one in its folder.")
    ] = None,
    datum: Annotated[Datum, typer.Option("--datum", help="What the degrees of the file mean.")] = "cgcs2000",
    mode: World = "",
    as_json: JSON = False,
) -> None:
    """
    Bring a mirrored register to what its source says: new rows come, changed rows follow, rows gone are ended.

    Example: onemap layers sync licence
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.errors import InputError, MissingError, OneMapError
    from layers.registers import mapping
    from layers.registers import sync as adapter

    if name == "all" and file is not None:
        raise InputError("one file is one register; name the register instead of all")
    settings = load_settings()
    wanted = list(mapping.registers().values()) if name == "all" else [mapping.register(name)]
    answer: list[dict[str, Any]] = []
    faults: list[str] = []
    with open_house(settings) as house:
        caller = _caller(house, mode, "onemap layers sync")
        for one in wanted:
            path = file
            try:
                path = path or adapter.source_file(settings.data_dir / "sources", one, caller.mode)
                with house.database.transaction(caller) as connection:
                    done = adapter.sync(connection, one, path, caller, datum=datum)
                answer.append(
                    {
                        "register": one.key,
                        "rows": done.rows,
                        "added": done.revised.added,
                        "changed": done.revised.changed,
                        "ended": done.revised.ended,
                        "rejected": list(done.rejected),
                        "source": path.name,
                    }
                )
            except OneMapError as error:
                if not isinstance(error, MissingError) or file is not None:
                    with house.database.transaction(caller) as connection:
                        adapter.failed(connection, one, caller, path.name if path else "", error)
                if name != "all":
                    raise
                faults.append(str(error))
    if as_json:
        emit_json({"synced": answer, "faults": faults})
        return
    for line in answer:
        typer.echo(
            f"{line['register']:<20}{line['rows']:>7,} rows: {line['added']:,} added, {line['changed']:,} changed, "
            f"{line['ended']:,} ended, {len(line['rejected']):,} rejected"
        )
        for reason in line["rejected"]:
            typer.echo(f"  {reason}")
    for fault in faults:
        typer.echo(fault, err=True)


@speaks
def sources(mode: World = "", as_json: JSON = False) -> None:
    """
    List the mirrored registers with their rows, their last sync and those that are not connected (未接入).

    Example: onemap layers sources
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from layers.registers import sync as adapter

    with (
        open_house(load_settings()) as house,
        house.database.transaction(_caller(house, mode, "onemap layers sources")) as connection,
    ):
        states = adapter.states(connection)
    if as_json:
        emit_json(
            [
                {
                    "register": one.register.key, "title_zh": one.register.title_zh, "title_en": one.register.title_en,
                    "owner": one.register.owner, "source": one.register.source, "system": list(one.register.system),
                    "connected": one.connected, "rows": one.rows if one.connected else None,
                    "synced_at": one.synced_at, "as_of": one.as_of, "fault": one.fault,
                }
                for one in states
            ]
        )  # fmt: skip
        return
    for one in states:
        when = f"{one.synced_at:%Y-%m-%d %H:%M}" if one.synced_at else "未接入          "
        rows = f"{one.rows:>7,}" if one.connected else "      —"
        fault = f"  last attempt failed: {one.fault}" if one.fault else ""
        typer.echo(f"{rows}  {when}  {one.register.key:<20}{one.register.title_zh} · {one.register.title_en}{fault}")


def _caller(house: Any, mode: str, actor: str) -> Any:
    """The program itself, in the world asked for or the one the registers speak of."""
    from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
    from gis.errors import InputError
    from layers import store

    if mode not in ("", "live", "drill", "sim"):
        raise InputError(f"'{mode}' is no world; choose live, drill or sim")
    if not mode:
        with house.database.transaction(Caller.system()) as connection:
            mode = store.world(connection)
    world: Mode = "live" if mode == "live" else "drill" if mode == "drill" else "sim"
    return Caller(actor, LOWEST_DIVISION, HIGHEST_DIVISION, world)


def _bounds(text: str) -> tuple[float, float, float, float] | None:
    from gis.errors import InputError

    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(f"'{text}' is not west,south,east,north") from error
    return west, south, east, north


def _then(text: str) -> Any:
    from datetime import datetime

    from gis.errors import InputError
    from layers.rows import Then

    if not text:
        return None
    try:
        return Then.at(datetime.fromisoformat(text))
    except ValueError as error:
        raise InputError(f"'{text}' is no time; write 2026-11-24T10:32+08:00") from error
