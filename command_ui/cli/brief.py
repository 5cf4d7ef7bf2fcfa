"""The command that writes a situation as one HTML file."""

from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from command_ui.cli.talk import speaks

INCIDENT = Annotated[str, typer.Argument(help="Code (YL-2026-0001) or id of an incident.")]
OUT = Annotated[Path | None, typer.Option("--out", help="File to write; without it a name made of code and time.")]
LANGUAGE = Annotated[str, typer.Option("--language", help="zh or en.")]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""

    @app.command("brief")
    @speaks
    def brief(incident: INCIDENT, out: OUT = None, language: LANGUAGE = "zh") -> None:
        """
        Write the situation of an incident as one HTML file that opens without a network.

        Example: onemap brief YL-2026-0002 --out briefing.html
        """
        from command_ui.bootstrap import open_house
        from command_ui.briefing.make import make
        from command_ui.settings import load_settings
        from gis.database import Caller
        from gis.errors import InputError, MissingError
        from scenarios import log
        from scenarios.desk import Desk

        if language not in ("zh", "en"):
            raise InputError(f"--language {language}: say zh or en")
        with open_house(load_settings()) as house:
            with house.database.transaction(Caller.system()) as connection:
                heads = log.heads(connection)
            head = next((one for one in heads if incident in (one.code, str(one.incident_id))), None)
            if head is None:
                raise MissingError(f"there is no incident {incident}; onemap log list names them")
            everything = Caller.system()
            caller = Caller(everything.actor, everything.division_from, everything.division_to, head.mode)
            desk = Desk(house.database, house.settings.networks_dir)
            spoken = cast(Literal["zh", "en"], language)
            name, html = make(desk, head.incident_id, caller, language=spoken, author=everything.actor)
        target = out or Path(name)
        target.write_text(html, encoding="utf-8")
        typer.echo(f"{target}  {len(html.encode()) / 1e6:.1f} MB")
