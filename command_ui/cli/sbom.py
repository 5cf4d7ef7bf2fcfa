"""The command that lists what the product is made of (CycloneDX 1.6)."""

from pathlib import Path
from typing import Annotated

import typer

from command_ui.cli.talk import emit_json, speaks


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""

    @app.command()
    @speaks
    def sbom(
        out: Annotated[Path | None, typer.Option(help="File to write; without it to the screen.")] = None,
    ) -> None:
        """
        List every library the installed product runs on, with version and licence, as CycloneDX JSON.

        Example: onemap sbom --out onemap.cdx.json
        """
        import json

        from command_ui.made_of import bill

        made = bill()
        if out is None:
            emit_json(made)
            return
        out.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        typer.echo(f"{out}: {len(made['components'])} components")
