"""The commands around reports: list, export, verify, policies."""

import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from command_ui.cli.talk import emit_json, speaks

if TYPE_CHECKING:
    from scenarios.reports.policies import ReportingPolicy

NAME = "report"
app = typer.Typer(no_args_is_help=True, help="Reports that went up: list, export, verify, policies.")

INCIDENT = Annotated[str, typer.Argument(help="Code (YL-2026-0001) or id of an incident.")]
ENTRY = Annotated[
    int, typer.Option("--entry", help="Number of the entry the report went up with; 0 = the present draft.")
]
FORMAT = Annotated[str, typer.Option("--format", help="pdf, sealed (a signed PDF) or docx.")]
FORM = Annotated[str, typer.Option("--form", help="Of a draft: incident, ics209 or minutes.")]
OUT = Annotated[Path | None, typer.Option("--out", help="File to write; without it a name made of the number.")]
FILE = Annotated[Path, typer.Argument(help="A sealed PDF.")]
CERTIFICATE = Annotated[
    Path | None, typer.Option("--certificate", help="Certificate to trust (PEM); without it that of this installation.")
]
JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
LOAD = Annotated[Path | None, typer.Option("--load", help="CSV of rows to use from now on instead of those entered.")]
COLUMNS = "division,channel,kind,grade,event,minutes,valid_from,valid_until,source,trust"


@app.callback()
def _group() -> None:
    """Reports that went up: list, export, verify, policies."""


@app.command("list")
@speaks
def list_reports(incident: INCIDENT, as_json: JSON = False) -> None:
    """
    List the reports of an incident, with their receipts.

    Example: onemap report list YL-2026-0001
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from scenarios.desk import Desk

    with open_house(load_settings()) as house:
        desk = Desk(house.database, house.settings.networks_dir)
        head, caller = incident_named(house, incident)
        sent = desk.situation(head.incident_id, caller=caller).reporting.sent
    if as_json:
        emit_json(
            [
                {"entry": one.seq, "hash": one.hash, "answers": len(one.answers)}
                | {
                    name: getattr(one.report, name)
                    for name in ("form", "stage", "number", "channel", "sent_to", "sent_at")
                }
                for one in sent
            ]
        )
        return
    for one in sent:
        said = one.report
        typer.echo(
            f"{one.seq:5}  {said.sent_at:%Y-%m-%d %H:%M}Z  {said.form} {said.stage} {said.number} {said.channel}"
            f"  -> {said.sent_to}  {one.hash[:16]}…  {len(one.answers)} answers"
        )
    if not sent:
        typer.echo("no report of this incident went up yet 尚未上报")


@app.command()
@speaks
def export(
    incident: INCIDENT, entry: ENTRY = 0, form: FORM = "incident", file_format: FORMAT = "pdf", out: OUT = None
) -> None:
    """
    Write a report as PDF, sealed PDF or DOCX: one that went up, or the present draft.

    Example: onemap report export YL-2026-0001 --entry 12 --format sealed
    """
    from command_ui.bootstrap import open_house
    from command_ui.reports.desk import Papers, Wanted
    from command_ui.reports.press import MEDIA, Press
    from command_ui.settings import load_settings
    from gis.errors import InputError
    from scenarios.desk import Desk

    if file_format not in MEDIA:
        raise InputError(f"--format {file_format}: say {', '.join(MEDIA)}")
    if form not in ("incident", "ics209", "minutes"):
        raise InputError(f"--form {form}: say incident, ics209 or minutes")
    with open_house(load_settings()) as house:
        desk = Desk(house.database, house.settings.networks_dir)
        head, caller = incident_named(house, incident)
        papers = Papers(desk)
        if entry:
            paper, situation, _ = papers.sent(head.incident_id, entry, caller)
        else:
            paper = papers.draft(head.incident_id, Wanted(cast(Any, form)), {}, caller)
            situation = desk.situation(head.incident_id, caller=caller)
        press = Press(desk, house.settings.data_dir / "keys", house.settings.report_font)
        made = press.print(paper, situation, cast(Any, file_format), caller, who=caller.actor)
    target = out or Path(made.name)
    try:
        target.write_bytes(made.content)
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror})") from error
    typer.echo(f"{target}  {len(made.content) / 1e6:.1f} MB")


@app.command()
@speaks
def verify(file: FILE, certificate: CERTIFICATE = None, as_json: JSON = False) -> None:
    """
    Say whether a sealed PDF is as it was sealed; exit code 1 when it is not.

    Example: onemap report verify YL-2026-0001-R02-incident-sealed.pdf
    """
    from command_ui.reports.seal import CERTIFICATE as NAMED
    from command_ui.reports.seal import check
    from command_ui.settings import load_settings
    from gis.errors import InputError

    trusted = certificate or load_settings().data_dir / "keys" / NAMED
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from error
    found = check(content, trusted)
    ok = bool(found) and all(one.ok for one in found)
    if as_json:
        emit_json({"ok": ok, "signatures": [
            {"intact": one.intact, "whole": one.whole, "ours": one.ours, "signer": one.signer,
             "signed_at": one.signed_at.isoformat() if one.signed_at else None, "certificate_sha256": one.fingerprint}
            for one in found]})  # fmt: skip
    elif not found:
        typer.echo("this file carries no signature 未签名")
    for one in [] if as_json else found:
        faults = [said for good, said in (
            (one.intact, "it was changed after it was sealed 签名后被改动"),
            (one.whole, "something was added behind the seal 签名后有追加"),
            (one.ours, "the certificate is not the one trusted here 证书不可信"),
        ) if not good]  # fmt: skip
        typer.echo(f"{'; '.join(faults) or 'as it was sealed 与签名时一致'}: {one.signer}, {one.signed_at}")
    if not ok:
        raise typer.Exit(1)


@app.command()
@speaks
def policies(load: LOAD = None, as_json: JSON = False) -> None:
    """
    Show by when reports are due, or load the rows of a jurisdiction from a CSV.

    Columns: division,channel,kind,grade,event,minutes,valid_from,valid_until,source,trust (an empty cell = any).

    Example: onemap report policies --load rules.csv
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller
    from scenarios.desk import Desk

    rows = _read(load) if load is not None else ()
    with open_house(load_settings()) as house:
        desk = Desk(house.database, house.settings.networks_dir)
        if load is not None:
            entered = desk.reports.add_policies(rows, Caller.system(), instead=True)
            typer.echo(f"{entered} rows entered; those entered before are out of use", err=as_json)
        found = desk.reports.policies()
    if as_json:
        emit_json([{name: getattr(row, name) for name in (*COLUMNS.split(","), "basis", "own")} for row in found])
        return
    for row in found:
        where, grade = row.division or "everywhere", row.grade or "any grade"
        held = "own " if row.own else "built in"
        typer.echo(f"{held:9} {where:12} {row.kind:10} {row.channel:8} {grade:14} {row.minutes:6} min  {row.source}"
                   f" [{row.trust}]")  # fmt: skip


def _read(path: Path) -> "tuple[ReportingPolicy, ...]":
    from gis.errors import InputError
    from scenarios.reports.policies import ReportingPolicy

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read as CSV in UTF-8 ({error})") from error
    faults, found = list[str](), list[ReportingPolicy]()
    for number, row in enumerate(rows, 2):
        try:
            found.append(
                ReportingPolicy(
                    division=row["division"].strip(), channel=cast(Any, row["channel"].strip()),
                    minutes=int(row["minutes"]), basis="local", kind=cast(Any, row["kind"].strip() or "first"),
                    grade=row["grade"].strip(), event=row["event"].strip(), valid_from=_day(row["valid_from"]),
                    valid_until=_day(row["valid_until"]), source=row["source"].strip(),
                    trust=cast(Any, row["trust"].strip() or "unverified"),
                )
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError):
            raise InputError(f"{path}: the first line must name the columns {COLUMNS}") from None
        except ValueError as error:
            faults.append(f"{path} line {number}: {error}")
    if faults:
        raise InputError(faults)
    return tuple(found)


def _day(value: str) -> date | None:
    return date.fromisoformat(value.strip()) if value.strip() else None


def incident_named(house: Any, name: str) -> Any:
    """Head of the incident, and the program itself in the world it belongs to."""
    from gis.database import Caller
    from scenarios import log

    everything = Caller.system()
    with house.database.transaction(everything) as connection:
        head = log.find(connection, name)
    return head, Caller(everything.actor, everything.division_from, everything.division_to, head.mode)
