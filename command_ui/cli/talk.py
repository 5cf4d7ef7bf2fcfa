"""How does a command talk: one sentence on failure, a bar on long work, JSON where a program reads it?"""

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from gis.errors import OneMapError

BAD_INPUT = 2
"""Exit code for anything the user can mend."""


def speaks[**P, R](command: Callable[P, R]) -> Callable[P, R]:
    """Turn a OneMapError into its sentence on stderr and exit code 2; everything else stays a traceback."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except OneMapError as error:
            typer.echo(f"onemap: {error}", err=True)
            raise typer.Exit(BAD_INPUT) from error

    return wrapper


def emit_json(value: Any) -> None:
    """Write `value` as JSON on stdout, Chinese left readable."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, float], None]]:
    """
    Show a bar on stderr while long work runs.

    Yields a function ``report(step, fraction)`` with `fraction` in 0..1.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    percentage = TextColumn("{task.percentage:>3.0f}%")
    columns = (TextColumn("{task.description}"), BarColumn(), percentage, TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0)

        def report(step: str, fraction: float) -> None:
            bar.update(task, description=f"{title} · {step}", completed=fraction)

        yield report
