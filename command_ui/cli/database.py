"""The database."""

import typer

NAME = "db"
app = typer.Typer(no_args_is_help=True, help="The database.")


@app.callback()
def _group() -> None:
    """The database."""
