"""The command record."""

import typer

NAME = "log"
app = typer.Typer(no_args_is_help=True, help="The command record.")


@app.callback()
def _group() -> None:
    """The command record."""
