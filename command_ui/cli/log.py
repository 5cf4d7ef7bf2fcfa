"""The commands around the record: list, show, verify, export."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from command_ui.cli.talk import emit_json, speaks
from gis.clock import DUTY_ZONE
from gis.errors import InputError

if TYPE_CHECKING:
    from scenarios.events import Entry
    from scenarios.verify import Verification
    from scenarios.verify_witness import WitnessReading

NAME = "log"
app = typer.Typer(no_args_is_help=True, help="The command record: list, show, verify, export.")

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
INCIDENT = Annotated[str, typer.Argument(help="Code (YL-2026-0001) or id of an incident.")]
RECEIPTS = Annotated[
    list[Path] | None, typer.Option("--receipts", help="JSON lines of receipts or published heads; may be repeated.")
]
WITNESS = Annotated[
    Path | None, typer.Option("--witness", help="File of signed heads; without it that of this installation.")
]
EXPORT = Annotated[Path | None, typer.Option("--file", help="Verify an exported file instead of the database.")]
OUT = Annotated[Path, typer.Option("--out", help="File to write: JSON lines, or a paper when it ends in .pdf.")]
SHOWN = 20
"""Faults printed by `verify`; all of them are in its JSON."""


@app.callback()
def _group() -> None:
    """The command record: list, show, verify, export."""


@app.command("list")
@speaks
def list_incidents(as_json: JSON = False) -> None:
    """
    List the incidents and where their chains stand.

    Example: onemap log list --json
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller
    from scenarios import log

    with open_house(load_settings()) as house, house.database.transaction(Caller.system()) as connection:
        heads = log.heads(connection)
    if as_json:
        emit_json(
            [
                {
                    "incident": str(head.incident_id),
                    "code": head.code,
                    "mode": head.mode,
                    "division_code": head.division_code,
                    "opened_by": head.opened_by,
                    "opened_at": head.opened_at.isoformat(),
                    "seq": head.seq,
                    "hash": head.hash,
                }
                for head in heads
            ]
        )
        return
    if not heads:
        typer.echo("no incident has been recorded yet 尚无事件")
    for head in heads:
        typer.echo(f"{head.code}  {head.mode:5}  {_local(head.opened_at)}  {head.seq:5} entries  {head.hash[:16]}…")


@app.command()
@speaks
def show(incident: INCIDENT, as_json: JSON = False) -> None:
    """
    Show the entries of an incident, in order.

    Example: onemap log show YL-2026-0001
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller
    from scenarios import log

    with open_house(load_settings()) as house, house.database.transaction(Caller.system()) as connection:
        entries = log.read(connection, log.find(connection, incident).incident_id)
    if as_json:
        emit_json([_plain(entry) for entry in entries])
        return
    struck = {int(entry.payload["refers_to"]) for entry in entries if entry.kind == "correction"}
    for entry in entries:
        mark = " [更正]" if entry.seq in struck else ""
        typer.echo(f"{entry.seq:5}  {_local(entry.recorded_at)}  {entry.actor}  {entry.kind}{mark}  {_gist(entry)}")


@app.command()
@speaks
def verify(receipts: RECEIPTS = None, witness: WITNESS = None, file: EXPORT = None, as_json: JSON = False) -> None:
    """
    Recompute every hash of the record and say which entry is wrong; exit code 1 when one is.

    The signed heads of the witness are held against it too, so that a tail cut off is found.

    Example: onemap log verify --witness /mnt/witness/heads.jsonl
    """
    from scenarios import verify_rows
    from scenarios.verify import verify as check

    try:
        given = verify_rows.read_receipts(receipts or [])
        reading = _witness(witness, wanted=file is None)
        published = reading.receipts if reading is not None else {}
        notes = list(reading.notes) if reading is not None else []
        if witness is None and file is None and published and not _met(published):
            watched = len({incident for incident, _ in published})
            notes.append(
                f"the witness of this installation has seen {watched} incidents and "
                "none of them is in this database: it was made anew or restored from elsewhere, so only the record "
                "itself was verified; name the file with --witness to hold it against the record all the same"
            )
            published = {}
        seen = {
            place: given.get(place, frozenset()) | published.get(place, frozenset()) for place in {**given, **published}
        }
        found = _verify_database(seen) if file is None else check(*verify_rows.export_rows(file), seen)
        for fault in reading.faults if reading else ():
            found.fault("witness", "", None, fault)
    except (OSError, ValueError) as error:
        raise InputError(str(error)) from error
    if as_json:
        emit_json(
            {
                "ok": found.ok,
                "incidents": found.incidents,
                "entries": found.entries,
                "receipts": found.receipts,
                "seconds": round(found.seconds, 3),
                "faults_found": found.faults_found,
                "notes": notes,
                "faults": [
                    {"code": f.code, "incident": f.incident, "seq": f.seq, "text": f.text} for f in found.faults
                ],
            }
        )
    else:
        _tell(found, notes)
    if not found.ok:
        raise typer.Exit(1)


@app.command()
@speaks
def export(incident: INCIDENT, out: OUT) -> None:
    """
    Write an incident's record: JSON lines that `onemap log verify --file` can check anywhere, or a PDF to read.

    Example: onemap log export YL-2026-0001 --out YL-2026-0001.jsonl (or .pdf)
    """
    if out.suffix.lower() == ".pdf":
        _export_paper(incident, out)
        return
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller
    from scenarios import log
    from scenarios.verify_rows import database_rows, export_lines

    with open_house(load_settings()) as house:
        with house.database.transaction(Caller.system()) as connection:
            wanted = log.find(connection, incident).incident_id
        with database_rows(house.database.conninfo, wanted) as (heads, entries):
            lines = list(export_lines(heads, entries))
    try:
        out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({error.strerror})") from error
    typer.echo(f"{len(lines) - 1} entries written to {out}")


def _export_paper(incident: str, out: Path) -> None:
    """Write the record as PDF, its head on every page."""
    from command_ui.bootstrap import open_house
    from command_ui.reports import log_paper
    from command_ui.reports.fonts import faces
    from command_ui.settings import load_settings
    from gis.database import Caller
    from scenarios import log
    from scenarios.situation import situation_at

    settings = load_settings()
    found = faces(settings.report_font)
    with open_house(settings) as house, house.database.transaction(Caller.system()) as connection:
        head = log.find(connection, incident)
        situation = situation_at(log.read(connection, head.incident_id))
    try:
        out.write_bytes(log_paper.draw(situation, head, found, "zh", who=Caller.system().actor))
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({error.strerror})") from error
    typer.echo(f"{situation.seq} entries written to {out}")


def _witness(file: Path | None, *, wanted: bool) -> "WitnessReading | None":
    """Read the heads of a witness: those named, or those of this installation when its database is looked at."""
    from command_ui.settings import load_settings
    from scenarios.verify_witness import read_witness

    path = file
    if path is None and wanted:
        # Named here and not imported from the writer: the verifier shares no code with it.
        path = load_settings().witness_folder / "heads.jsonl"
        if not path.exists():
            return None
    return read_witness(path, path.parent / "witness.pub") if path else None


def _verify_database(seen: Any) -> "Verification":
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from scenarios.verify import verify as check
    from scenarios.verify_rows import database_rows

    with open_house(load_settings()) as house, database_rows(house.database.conninfo) as (heads, entries):
        return check(heads, entries, seen)


def _met(published: Any) -> bool:
    """Whether the database holds any of the incidents a witness saw."""
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller
    from scenarios import log

    with open_house(load_settings()) as house, house.database.transaction(Caller.system()) as connection:
        there = {str(head.incident_id) for head in log.heads(connection)}
    return any(incident in there for incident, _ in published)


def _tell(found: "Verification", notes: list[str]) -> None:
    looked = f"{found.incidents} incidents, {found.entries} entries, {found.receipts} receipts in {found.seconds:.2f} s"
    if found.ok:
        typer.echo(f"the record is whole 记录完整: {looked}")
        for note in notes:
            typer.echo(f"  note: {note}")
        return
    lost = {fault.incident for fault in found.faults if fault.code == "receipt_lost"}
    if {fault.code for fault in found.faults} == {"receipt_lost"}:
        # The chain is whole in itself and ends too early: the one sentence that says so is worth twenty faults.
        typer.echo(
            f"the record ends before its witness 记录短于见证: {found.faults_found} acknowledged entries "
            f"of {len(lost)} incidents are not there; it was restored from an older backup, or its tail was cut off; "
            f"{looked}"
        )
    else:
        typer.echo(f"the record was altered 记录被改动: {found.faults_found} faults; {looked}")
    for note in notes:
        typer.echo(f"  note: {note}")
    for fault in found.faults[:SHOWN]:
        typer.echo(f"  {fault.code}: {fault.text}")
    if found.faults_found > SHOWN:
        typer.echo(f"  … and {found.faults_found - SHOWN} more; --json names them")


def _plain(entry: "Entry") -> dict[str, Any]:
    return {
        "incident": str(entry.incident_id),
        "seq": entry.seq,
        "kind": entry.kind,
        "actor": entry.actor,
        "occurred_at": entry.occurred_at.isoformat() if entry.occurred_at else None,
        "recorded_at": entry.recorded_at.isoformat(),
        "caused_by": list(entry.caused_by),
        "payload": entry.payload,
        "hash": entry.hash,
    }


def _gist(entry: "Entry") -> str:
    """Return what the entry says in a few words: its first telling field."""
    for name in ("title", "text", "reason", "grade", "run_id", "name"):
        value = entry.payload.get(name)
        if value:
            return str(value)[:60]
    return json.dumps(entry.payload, ensure_ascii=False)[:60]


def _local(moment: datetime) -> str:
    return moment.astimezone(DUTY_ZONE).strftime("%Y-%m-%d %H:%M:%S")
