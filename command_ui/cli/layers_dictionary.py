"""The command that writes the data dictionary from the database itself."""

from pathlib import Path
from typing import Annotated

import typer

from command_ui.cli.talk import speaks


def register(app: typer.Typer) -> None:
    """Add the command to the group `onemap layers`."""
    app.command("dictionary")(dictionary)


@speaks
def dictionary(
    out: Annotated[Path | None, typer.Option(help="Markdown file to write; the screen when left out.")] = None,
) -> None:
    """
    Write every column of the database with its type and meaning, as the schema itself describes it.

    Example: onemap layers dictionary --out dictionary.md
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller
    from layers import data_dictionary

    with open_house(load_settings()) as house, house.database.transaction(Caller.system()) as connection:
        page = data_dictionary.as_markdown(data_dictionary.columns(connection))
    if out is None:
        typer.echo(page)
        return
    out.write_text(f"# 数据字典 Data dictionary\n\n{page}", encoding="utf-8")
    typer.echo(f"{out}: {page.count('### `')} tables")
