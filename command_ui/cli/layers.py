"""What is on the ground."""

import typer

NAME = "layers"
app = typer.Typer(no_args_is_help=True, help="What is on the ground.")


@app.callback()
def _group() -> None:
    """What is on the ground."""
