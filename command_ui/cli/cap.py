"""The commands around alerts: export an incident as CAP 1.2, check a message."""

from pathlib import Path
from typing import Annotated

import typer

from command_ui.cli.talk import emit_json, speaks

NAME = "cap"
app = typer.Typer(no_args_is_help=True, help="Alerts as CAP 1.2 and EDXL-DE: export, check.")

INCIDENT = Annotated[str, typer.Argument(help="Code (YL-2026-0001) or id of an incident.")]
OUT = Annotated[Path | None, typer.Option("--out", help="File to write; without it the message goes to stdout.")]
ENVELOPE = Annotated[bool, typer.Option("--envelope", help="Put the alert into an EDXL-DE envelope for another level.")]
FILE = Annotated[Path, typer.Argument(help="A CAP 1.2 message or an EDXL-DE 2.0 envelope.")]
JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]


@app.callback()
def _group() -> None:
    """Alerts as CAP 1.2 and EDXL-DE: export, check."""


@app.command()
@speaks
def export(incident: INCIDENT, out: OUT = None, envelope: ENVELOPE = False) -> None:
    """
    Write the alert of an incident as CAP 1.2; of a drill its status is always Exercise.

    Example: onemap cap export YL-2026-0002 --out alert.xml
    """
    from command_ui.bootstrap import open_house
    from command_ui.cli.report import incident_named
    from command_ui.reports.desk import Papers
    from command_ui.reports.warning import alert, enveloped
    from command_ui.settings import load_settings
    from gis.errors import InputError
    from scenarios.desk import Desk
    from scenarios.exchange import cap

    with open_house(load_settings()) as house:
        head, caller = incident_named(house, incident)
        papers = Papers(Desk(house.database, house.settings.networks_dir))
        made, mode = alert(papers, head.incident_id, caller)
    content = enveloped(made, mode) if envelope else cap.write(made, mode)
    if out is None:
        typer.echo(content.decode(), nl=False)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({error.strerror})") from error
    typer.echo(f"{out}  {len(content)} bytes")


@app.command()
@speaks
def check(file: FILE, as_json: JSON = False) -> None:
    """
    Say whether a file is a sound CAP 1.2 message or EDXL-DE envelope; exit code 2 with every fault when it is not.

    Example: onemap cap check alert.xml
    """
    from gis.errors import InputError
    from scenarios.exchange.apart import handed_in

    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from error
    kind, found = handed_in(content)
    areas = sum(len(info.areas) for info in found.info) if found else 0
    if as_json:
        emit_json(
            {"kind": kind, "identifier": found.identifier if found else None, "status": found.status if found else None,
             "message_type": found.message_type if found else None, "areas": areas}
        )  # fmt: skip
        return
    said = f"{found.status} {found.message_type} {found.identifier}, {areas} areas" if found else "no alert in it"
    typer.echo(f"sound {kind}: {said}")
