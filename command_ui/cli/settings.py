"""The command that lists every setting."""

from typing import Annotated

import typer

from command_ui.cli.talk import emit_json, speaks


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""

    @app.command()
    @speaks
    def settings(
        as_json: Annotated[bool, typer.Option("--json", help="Write JSON for a program.")] = False,
    ) -> None:
        """
        List every setting with its value, where it comes from and what it means.

        Example: ONEMAP_PORT=8080 onemap settings --json
        """
        from dataclasses import asdict

        from command_ui.settings import listing, load_settings, unknown_variables

        lines = listing(load_settings())
        if as_json:
            emit_json([asdict(line) for line in lines])
        else:
            for line in lines:
                shown = line.value or "(not set)"
                typer.echo(f"{line.variable} = {shown}  [{line.source}]")
                typer.echo(f"    {line.meaning_zh}\n    {line.meaning_en}")
        for name in unknown_variables():
            typer.echo(f"onemap: {name} is set but means nothing; is it misspelt?", err=True)
