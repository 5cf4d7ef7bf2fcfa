"""Road networks."""

import typer

NAME = "roads"
app = typer.Typer(no_args_is_help=True, help="Road networks.")


@app.callback()
def _group() -> None:
    """Road networks."""
