"""The command that prints a situation as PDF or PNG."""

from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from command_ui.cli.talk import speaks

INCIDENT = Annotated[str, typer.Argument(help="Code (YL-2026-0001) or id of an incident.")]
OUT = Annotated[Path | None, typer.Option("--out", help="File to write, .pdf or .png; a name is made without it.")]
SCALE = Annotated[int | None, typer.Option("--scale", help="25000 for 1:25 000; fits the situation without it.")]
PAPER = Annotated[str, typer.Option("--paper", help="A4, A4-portrait, A3, A3-portrait or A2.")]
LAYERS = Annotated[str, typer.Option("--layers", help="Keys of layers to draw, comma-separated.")]
OPACITY = Annotated[
    list[str] | None,
    typer.Option("--opacity", help="How strongly a layer is drawn, LAYER~SHARE such as shelter~0.4; may be repeated."),
]
ONLY = Annotated[
    list[str] | None,
    typer.Option("--only", help="Filter of a layer, LAYER~CONDITION such as enterprise~people>=100; may be repeated."),
]
LANGUAGE = Annotated[str, typer.Option("--language", help="zh or en.")]
BASE = Annotated[str, typer.Option("--base", help="own, or a national base map: vec, img, ter, …")]
DPI = Annotated[int, typer.Option("--dpi", help="Dots an inch of a PNG.")]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""

    @app.command("print")
    @speaks
    def print_map(
        incident: INCIDENT,
        out: OUT = None,
        scale: SCALE = None,
        paper: PAPER = "A4",
        layers: LAYERS = "",
        opacity: OPACITY = None,
        only: ONLY = None,
        language: LANGUAGE = "zh",
        dpi: DPI = 200,
        base: BASE = "own",
    ) -> None:
        """
        Print the situation of an incident as a vector PDF, or as PNG.

        Example: onemap print YL-2026-0002 --scale 25000 --paper A3 --layers risk_grid,shelter --opacity risk_grid~0.4
        """
        import asyncio

        from command_ui.basemaps import credits_of
        from command_ui.bootstrap import open_house
        from command_ui.mapprint import asked, backdrop
        from command_ui.mapprint.make import Form, Wish, make
        from command_ui.mapprint.page_frame import PageFrame
        from command_ui.settings import load_settings
        from gis.database import Caller
        from gis.errors import InputError
        from scenarios import log
        from scenarios.desk import Desk

        if language not in ("zh", "en"):
            raise InputError(f"--language {language}: say zh or en")
        suffix = out.suffix.lower().lstrip(".") if out else "pdf"
        if suffix not in ("pdf", "png"):
            raise InputError(f"--out {out}: the file ends in .pdf or .png")
        strengths, filters = asked.shares(opacity or []), asked.by_layer(only or [])
        with open_house(load_settings()) as house:
            everything = Caller.system()
            with house.database.transaction(everything) as connection:
                head = log.find(connection, incident)
            caller = Caller(everything.actor, everything.division_from, everything.division_to, head.mode)
            wish = Wish(
                form=cast(Form, suffix), paper=paper, scale=scale, dpi=dpi,
                layers=tuple(part for part in layers.split(",") if part), language=cast(Literal["zh", "en"], language),
                base=base, opacity=strengths, only=filters, credits=credits_of(house.settings),
            )  # fmt: skip
            desk = Desk(house.database, house.settings.networks_dir)
            font = house.settings.report_font

            def fetch(choice: str, frame: PageFrame) -> backdrop.Backdrop:
                return asyncio.run(backdrop.fetched_once(house.base_maps, choice, frame))

            name, content = make(desk, head.incident_id, caller, wish, author=everything.actor, font=font, fetch=fetch)
        target = out or Path(name)
        target.write_bytes(content)
        typer.echo(f"{target}  {len(content) / 1e6:.2f} MB")
