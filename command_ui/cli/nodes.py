"""The commands around other nodes: list, add, remove, test, heads. Only here is an address ever entered."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from command_ui.cli.talk import emit_json, speaks

if TYPE_CHECKING:
    from command_ui.bootstrap import House
    from scenarios.nodes.neighbours import Label, Level, Neighbours, Relation

NAME = "nodes"
app = typer.Typer(no_args_is_help=True, help="Other nodes 上下级节点: neighbours, lines, what they witnessed.")

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]


@app.callback()
def _group() -> None:
    """Other nodes 上下级节点: neighbours, lines, what they witnessed."""


@app.command("list")
@speaks
def list_nodes(as_json: JSON = False) -> None:
    """
    List the neighbours with state, queue, last contact and difference of clocks.

    Example: onemap nodes list
    """
    from dataclasses import asdict

    from command_ui.exchange import own_of
    from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
    from scenarios.desk import Desk
    from scenarios.nodes.desk import NodeDesk

    with _opened() as (house, neighbours):
        own = own_of(house.settings)
        desk = NodeDesk(Desk(house.database, house.settings.networks_dir), own, neighbours)
        lines = desk.lines(Caller("onemap nodes", LOWEST_DIVISION, HIGHEST_DIVISION))
    if as_json:
        emit_json({"own": asdict(own), "lines": [asdict(one) for one in lines]})
        return
    typer.echo(f"this node: {own.name or '(no name: set ONEMAP_NODE_NAME)'} {own.level} {own.division}")
    for one in lines:
        off = "" if one.clock_off_s is None else f" clock {one.clock_off_s:+.1f} s"
        reached = one.reached_at.isoformat(timespec="seconds") if one.reached_at else "never"
        typer.echo(
            f"{one.name:<20} {one.relation:<6} {one.level:<10} {one.state:<6} {one.trouble:<9} waiting {one.waiting} "
            f"dead {one.dead} last {reached}{off}  {one.address}  {one.title}"
        )
    if not lines:
        typer.echo("no neighbours 尚无邻接节点")


@app.command()
@speaks
def add(
    name: Annotated[str, typer.Argument(help="Name of the other node: its own ONEMAP_NODE_NAME.")],
    address: Annotated[str, typer.Option(help="Where it is reached: https://host:port.")],
    relation: Annotated[str, typer.Option(help="above, below or beside, seen from here.")],
    level: Annotated[str, typer.Option(help="province, city, county or enterprise.")],
    divisions: Annotated[str, typer.Option(help="Division it answers for: 320000, or a range 320000-330000.")],
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    label: Annotated[str, typer.Option(help="Highest label that may go there: public, internal, restricted.")] = (
        "internal"
    ),
    key_file: Annotated[
        Path | None, typer.Option("--key-file", help="File with the key the other side showed; else one is made.")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Allow http beyond this machine, inside a tunnel.")] = False,
) -> None:
    """
    Enter a neighbour, or change a known one; a key made here is shown this once and entered at the other side.

    Example: onemap nodes add jiangsu --address https://egis.example.org --relation above --level province
    --divisions 320000
    """
    from gis.database import Caller
    from gis.errors import InputError

    given = ""
    if key_file is not None:
        try:
            given = key_file.read_text("utf-8").strip()
        except (OSError, UnicodeError) as error:
            raise InputError(f"--key-file {key_file}: {error}") from error
    with _opened() as (house, neighbours), house.database.transaction(Caller.system()) as connection:
        key = neighbours.add(
            connection, name, title=title or name, level=cast("Level", level), relation=cast("Relation", relation),
            address=address, divisions=divisions, label=cast("Label", label), key=given, plain=plain,
        )  # fmt: skip
    typer.echo(f"{name} is a neighbour now" if given else f"{name}  key (shown this once): {key}")


@app.command()
@speaks
def remove(name: Annotated[str, typer.Argument(help="Name of the neighbour.")]) -> None:
    """
    Take a neighbour out of use; what was exchanged with it stays.

    Example: onemap nodes remove jiangsu
    """
    from gis.database import Caller

    with _opened() as (house, neighbours), house.database.transaction(Caller.system()) as connection:
        neighbours.remove(connection, name)
    typer.echo(f"{name} is no neighbour any more")


@app.command("test")
@speaks
def test_line(name: Annotated[str, typer.Argument(help="Name of the neighbour.")]) -> None:
    """
    Try the line to a neighbour once: address, key, clock.

    Example: onemap nodes test jiangsu
    """
    import time
    from datetime import UTC, datetime

    from command_ui.exchange import own_of
    from gis.database import Caller
    from gis.errors import InputError
    from scenarios import witness
    from scenarios.nodes import heads
    from scenarios.nodes.line import HEADS, Line

    with _opened() as (house, neighbours):
        own = own_of(house.settings)
        if not own.name:
            raise InputError("this node has no name yet: set ONEMAP_NODE_NAME")
        with house.database.transaction(Caller.system()) as connection:
            to = neighbours.one(connection, name)
        key = witness.signing_key(house.settings.data_dir / "keys")
        line = Line(own, to)
        push = heads.Push(at=datetime.now(UTC), public_key=heads.public_pem(key), heads=[], answers=[])
        began = time.monotonic()
        try:
            answer = line.post(HEADS, push.model_dump(mode="json"))
        finally:
            line.close()
        took = time.monotonic() - began
    typer.echo(f"{name} answers in {took * 1000:.0f} ms; its clock is {answer.clock_off_s:+.1f} s ahead of ours")


@app.command("heads")
@speaks
def held_heads(name: Annotated[str, typer.Argument(help="Name of the neighbour.")]) -> None:
    """
    Write every head and copy we hold of a neighbour, as receipts for `onemap log verify --receipts` over there.

    Example: onemap nodes heads city-yl > city-yl.receipts.jsonl
    """
    import json

    from gis.database import Caller
    from scenarios.nodes import heads

    with _opened() as (house, _), house.database.transaction(Caller.system()) as connection:
        for line in heads.receipts(connection, name):
            typer.echo(json.dumps(line))


@contextmanager
def _opened() -> "Iterator[tuple[House, Neighbours]]":
    from command_ui.access.keys import installation_key
    from command_ui.bootstrap import open_house
    from command_ui.exchange import neighbours_of
    from command_ui.settings import load_settings

    settings = load_settings()
    with open_house(settings) as house:
        yield house, neighbours_of(installation_key(settings.data_dir / "keys"))
