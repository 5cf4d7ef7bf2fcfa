"""The command that serves the page and the API."""

import typer

from command_ui.cli.talk import speaks


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""

    @app.command()
    @speaks
    def serve() -> None:
        """
        Serve the page and the API on what the database holds; loads nothing.

        Example: ONEMAP_HOST=0.0.0.0 ONEMAP_DATABASE_URL=postgresql://onemap_app@db/onemap onemap serve
        """
        from command_ui.bootstrap import open_house
        from command_ui.serving import serve as answer
        from command_ui.serving import stoppable, take_port
        from command_ui.settings import load_settings

        settings = load_settings()
        with stoppable(), take_port(settings) as port, open_house(settings, tell=_tell) as house:
            answer(house, port, ready=lambda: _tell(f"serving {settings.address} (Ctrl-C stops)"))


def _tell(step: str) -> None:
    typer.echo(f"… {step}", err=True)
