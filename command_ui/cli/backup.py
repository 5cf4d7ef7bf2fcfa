"""The commands that carry the database away and bring it back."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from command_ui.cli.talk import emit_json, speaks

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
SHOWN = 20


def _tell(step: str) -> None:
    typer.echo(f"… {step}", err=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `onemap db`."""

    @app.command()
    @speaks
    def backup(
        folder: Annotated[Path, typer.Argument(help="New or empty folder that gets the copy.")], as_json: JSON = False
    ) -> None:
        """
        Copy the running database, its keys and its witness into a folder; people go on working meanwhile.

        Example: onemap db backup /mnt/backup/2026-11-22
        """
        from command_ui.backups import back_up
        from command_ui.settings import load_settings

        made = back_up(load_settings(), folder, _tell)
        if as_json:
            emit_json(made)
            return
        typer.echo(
            f"{folder}: {made['size_bytes'] / 1e6:.0f} MB in {made['seconds']} s, {len(made['heads'])} incidents; "
            "it holds the keys too, so keep it where the server is kept safe"
        )

    @app.command()
    @speaks
    def restore(
        folder: Annotated[Path, typer.Argument(help="Folder written by `onemap db backup`.")],
        until: Annotated[
            str, typer.Option(help="Moment up to which is restored, with time zone: 2026-11-22T14:05:00+08:00.")
        ] = "",
        archive: Annotated[
            Path | None, typer.Option(help="Folder of the write-ahead log kept since, see ONEMAP_ARCHIVE_DIR.")
        ] = None,
        witness: Annotated[
            Path | None, typer.Option(help="File of signed heads, best from elsewhere; otherwise this data folder's.")
        ] = None,
        as_json: JSON = False,
    ) -> None:
        """
        Make the private database out of a backup and hold every head against it; exit code 1 when anything is missing.

        Example: ONEMAP_DATA_DIR=/srv/onemap onemap db restore /mnt/backup/2026-11-22 --archive /mnt/wal
        """
        from command_ui.backups import restore as bring_back
        from command_ui.settings import load_settings
        from gis.errors import InputError

        try:
            moment = datetime.fromisoformat(until) if until else None
        except ValueError as error:
            raise InputError(f"--until {until}: not a moment; write 2026-11-22T14:05:00+08:00") from error
        found = bring_back(load_settings(), folder, _tell, archive=archive, until=moment, witness=witness)
        if as_json:
            emit_json({"ok": not found.faults, "incidents": found.incidents, "entries": found.entries,
                       "compared": found.compared, "later": found.later, "faults": found.faults})  # fmt: skip
        else:
            typer.echo(
                f"restored: {found.incidents} incidents, {found.entries} entries; {found.compared} heads compared"
            )
            if found.later:
                typer.echo(f"{found.later} entries the witness saw lie after {until} and are not in it, as asked")
            for fault in found.faults[:SHOWN]:
                typer.echo(fault, err=True)
        if found.faults:
            raise typer.Exit(1)
