"""The command that builds the page's JavaScript."""

from typing import Annotated

import typer

from command_ui.cli.talk import speaks


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""

    @app.command()
    @speaks
    def bundle(
        force: Annotated[bool, typer.Option("--force", help="Build again even if no source changed.")] = False,
        unminified: Annotated[
            bool, typer.Option("--unminified", help="Leave the code readable, for debugging.")
        ] = False,
    ) -> None:
        """
        Build the JavaScript bundles of the page (skipped when no source changed).

        Example: onemap bundle --force
        """
        from command_ui.bundle import build, component_modules

        made = build(force=force, minify=not unminified, tell=lambda step: typer.echo(f"… {step}", err=True))
        for path in made:
            typer.echo(f"{path}  {path.stat().st_size / 1024:.0f} KB")
        if not made:
            modules = ", ".join(component_modules()) or "no component declares a _bundle"
            typer.echo(f"nothing to do: {modules}")
