"""The command that serves the page and the API."""

from typing import Annotated

import typer

from command_ui.cli.talk import speaks


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""

    @app.command()
    @speaks
    def serve(
        workers: Annotated[
            int, typer.Option(min=1, max=16, help="Processes that answer on the port; one that dies is started again.")
        ] = 1,
    ) -> None:
        """
        Serve the page and the API on what the database holds; loads nothing, and makes no account.

        While there is none, a link is printed by which the three administrators enter themselves once.

        Example: ONEMAP_HOST=0.0.0.0 ONEMAP_DATABASE_URL=postgresql://onemap_app@db/onemap onemap serve --workers 4
        """
        from command_ui import heap
        from command_ui.access import first_start, ways
        from command_ui.bootstrap import keeping, open_house
        from command_ui.leaving import leave
        from command_ui.serving import serve as answer
        from command_ui.serving import stoppable, take_port
        from command_ui.settings import load_settings
        from command_ui.workers import serve_many

        heap.keep_together()
        settings = load_settings()
        ways.of(settings)  # what is set by half is refused before anything starts

        def ready() -> None:
            _tell(f"serving {settings.address} (Ctrl-C stops)")

        with stoppable(), take_port(settings) as port, open_house(settings, tell=_tell) as house, keeping(house):
            if link := first_start.link(house.database, settings.address):
                _tell(f"there is no account yet; within 24 h, once 首次设置（一次有效）: {link}")
            if workers == 1:
                answer(house, port, ready=ready)
            else:
                house.database.close()  # every worker has a pool of its own
                serve_many(settings, port, workers, ready=ready, tell=_tell)
        leave()


def _tell(step: str) -> None:
    typer.echo(f"… {step}", err=True)
