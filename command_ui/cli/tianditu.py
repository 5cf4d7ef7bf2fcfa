"""The commands around the national base maps."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from command_ui.cli.talk import emit_json, speaks

if TYPE_CHECKING:
    from tianditu.check import Row
    from tianditu.packages.library import Library, Package

NAME = "tianditu"
app = typer.Typer(no_args_is_help=True, help="National base maps.")
packages = typer.Typer(no_args_is_help=True, help="Offline packages of tiles.")
app.add_typer(packages, name="packages")

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
FAULTS = 1
"""Exit code of a check that found something wrong."""

_SUBJECTS = {"key": "密钥 key", "layer": "图层 layer", "service": "服务 service", "outside": "占位图 placeholder"}


@app.callback()
def _group() -> None:
    """National base maps."""


@app.command()
@speaks
def check(as_json: JSON = False) -> None:
    """
    Ask for one tile of every layer and one answer of every service, and say what is wrong.

    Exits with 1 when something is. Some thirty requests are made, slowly, with the keys that are set.

    Example: onemap tianditu check --json
    """
    import asyncio
    from dataclasses import asdict

    from command_ui.basemaps import configuration
    from command_ui.settings import load_settings
    from command_ui.words import say
    from tianditu.check import check as check_all

    told = configuration(load_settings())
    rows = asyncio.run(check_all(told, report=(lambda _row: None) if as_json else _tell))
    wrong = [row for row in rows if not row.good]
    if as_json:
        emit_json(
            {"good": not wrong, "keys": len(told.keys), "rows": [asdict(row) | {"good": row.good} for row in rows]}
        )
    else:
        typer.echo(f"\n{len(rows) - len(wrong)} 项正常 fine, {len(wrong)} 项有问题 wrong")
        for state in dict.fromkeys(row.state for row in wrong):
            advice = f"basemap.advice.{state}"
            typer.echo(f"  {say(f'basemap.state.{state}', 'zh')} {say(f'basemap.state.{state}', 'en')}")
            typer.echo(f"    -> {say(advice, 'zh')}\n    -> {say(advice, 'en')}")
    if wrong:
        raise typer.Exit(FAULTS)


@packages.command()
@speaks
def add(
    file: Annotated[Path, typer.Argument(help="MBTiles (_w), GeoPackage (_c) or PMTiles (_w) with pictures.")],
    layer: Annotated[str, typer.Option(help="Base map it stands in for: vec, cva, img, cia, ter …")] = "",
    name: Annotated[str, typer.Option(help="Name it is removed by; from the file's name when not given.")] = "",
    approval: Annotated[str, typer.Option(help="Approval number 审图号 of its pictures.")] = "",
    as_json: JSON = False,
) -> None:
    """
    Take in a file of tiles that stands in where no server answers; it is copied into the data folder.

    Example: onemap tianditu packages add img_w_changzhou.mbtiles --layer img
    """
    package = _library().add(file, layer=layer, name=name, approval=approval)
    if as_json:
        emit_json(_plain(package))
    else:
        typer.echo(f"package '{package.id}' taken in\n{_line(package)}\n  sha256 {package.sha256}")


@packages.command("list")
@speaks
def list_packages(as_json: JSON = False) -> None:
    """
    List the offline packages with layer, levels, area and size.

    Example: onemap tianditu packages list --json
    """
    found = _library().packages()
    if as_json:
        emit_json([_plain(package) for package in found])
        return
    if not found:
        typer.echo("No package yet; take one in with: onemap tianditu packages add FILE")
    for package in found:
        typer.echo(_line(package))


@packages.command()
@speaks
def remove(name: Annotated[str, typer.Argument(help="Name of a package, as listed.")]) -> None:
    """
    Remove an offline package from the data folder.

    Example: onemap tianditu packages remove img_w_changzhou
    """
    _library().remove(name)
    typer.echo(f"package '{name}' removed")


def _library() -> "Library":
    from command_ui.basemaps import configuration
    from command_ui.settings import load_settings
    from tianditu.packages.library import Library

    return Library(configuration(load_settings()).folder / "packages")


def _plain(package: "Package") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(package)


def _line(package: "Package") -> str:
    west, south, east, north = package.bounds
    return (
        f"{package.id}: {package.layer}_{package.matrix}, levels {package.lowest_level}-{package.highest_level}, "
        f"{package.tiles:,} tiles, {package.bytes / 1e6:,.1f} MB, {west:.3f},{south:.3f},{east:.3f},{north:.3f}, "
        f"{package.form}{f', {package.approval}' if package.approval else ''}"
    )


def _tell(row: "Row") -> None:
    from command_ui.words import say

    said = f"{say(f'basemap.state.{row.state}', 'zh')} {say(f'basemap.state.{row.state}', 'en')}"
    mark = "✓" if row.good else "✗"
    subject = _SUBJECTS[row.subject]
    detail = f" · {row.detail}" if row.detail else ""
    typer.echo(f"{mark} {subject:<18} {row.name:<15} {row.host:<28} {row.milliseconds:>6} ms  {said}{detail}")
