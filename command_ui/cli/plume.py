"""Gas, fire and blast."""

import typer

NAME = "plume"
app = typer.Typer(no_args_is_help=True, help="Gas, fire and blast.")


@app.callback()
def _group() -> None:
    """Gas, fire and blast."""
