"""The commands around what is on the ground."""

from typing import Annotated, Any

import typer

from command_ui.cli.talk import emit_json, progress, speaks

NAME = "layers"
app = typer.Typer(no_args_is_help=True, help="What is on the ground.")

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]


@app.callback()
def _group() -> None:
    """What is on the ground."""


@app.command("list")
@speaks
def list_layers(as_json: JSON = False) -> None:
    """
    List the layers with their owner, source and number of rows; those not connected yet are shown as 未接入.

    Example: onemap layers list --json
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from layers import store
    from layers.catalogue import LAYERS

    with open_house(load_settings()) as house, house.database.transaction(_reader(house)) as connection:
        counts = store.counts(connection)
    if as_json:
        emit_json(
            [
                {
                    "key": spec.key, "title_zh": spec.title_zh, "title_en": spec.title_en, "group": spec.group,
                    "owner": spec.owner, "source": spec.source, "connected": spec.connected,
                    "rows": counts.get(spec.key),
                }
                for spec in LAYERS
            ]
        )  # fmt: skip
        return
    for spec in LAYERS:
        rows = f"{counts[spec.key]:>8,}" if spec.key in counts else "  未接入"
        typer.echo(f"{rows}  {spec.key:<22}{spec.title_zh} · {spec.title_en} · {spec.owner}")


@app.command()
@speaks
def sample(
    seed: Annotated[int | None, typer.Option(help="Another seed gives another city.")] = None,
    load: Annotated[bool, typer.Option("--load", help="Write it into the database, unless a city is there.")] = False,
    as_json: JSON = False,
) -> None:
    """
    Generate the fictional sample city and say what is in it.

    Example: onemap layers sample --load
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller
    from layers.sample.city import SEED, generate
    from layers.sample.load import load as load_city

    with progress("sample city") as report:
        report("generating", 0.1)
        city = generate(SEED if seed is None else seed)
        report("generated", 0.5)
        written: dict[str, int] | None = None
        if load:
            caller = Caller("onemap layers sample", "000000", "999999", "drill")
            with open_house(load_settings()) as house, house.database.transaction(caller) as connection:
                total = len(city.tables) + 3
                written = load_city(connection, city, lambda table, _: report(table, 0.5 + 0.4 / total))
    enterprises, population = city.enterprises, city.population
    answer: dict[str, Any] = {
        "seed": city.seed,
        "rows": {table: len(frame) for table, frame in city.tables.items()},
        "employees": int(enterprises["people"].sum()),
        "people_day": int(population["day"].sum()),
        "people_night": int(population["night"].sum()),
        "road_edges": len(city.roads),
        "loaded": written,
    }
    if as_json:
        emit_json(answer)
        return
    for table, rows in answer["rows"].items():
        typer.echo(f"{rows:>9,}  {table}")
    typer.echo(
        f"{answer['employees']:,} employees; {answer['people_day']:,} people by day, "
        f"{answer['people_night']:,} by night"
    )
    if written is not None:
        typer.echo("written to the database" if written else "a city was there already; nothing written")


@app.command()
@speaks
def search(
    text: Annotated[str, typer.Argument(help="Name, part of it, pinyin initials, credit code or address.")],
    limit: Annotated[int, typer.Option(help="Most results.")] = 20,
    as_json: JSON = False,
) -> None:
    """
    Find enterprises, targets, shelters, teams, stores, units, detectors, cameras, divisions and parks.

    Example: onemap layers search ylhgyc
    """
    from dataclasses import asdict

    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from layers import store

    with open_house(load_settings()) as house, house.database.transaction(_reader(house)) as connection:
        hits = store.search(connection, text, limit)
    if as_json:
        emit_json([asdict(hit) for hit in hits])
        return
    for hit in hits:
        typer.echo(f"{hit.layer:<18}{hit.id:<10}{hit.name}  {hit.detail}  {hit.longitude:.5f} {hit.latitude:.5f}")
    if not hits:
        typer.echo("nothing found; try a shorter part of the name")


@app.command()
@speaks
def show(
    layer: Annotated[str, typer.Argument(help="Layer, as `onemap layers list` names it.")],
    row: Annotated[str, typer.Argument(help="Id of the row.")],
    as_json: JSON = False,
) -> None:
    """
    Show the dossier of one row: every field with its source and its age.

    Example: onemap layers show enterprise QY-00001
    """
    from dataclasses import asdict

    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from layers import store

    with open_house(load_settings()) as house, house.database.transaction(_reader(house)) as connection:
        found = store.dossier(connection, layer, row)
    if as_json:
        emit_json(asdict(found))
        return
    typer.echo(f"{found.title}  {' / '.join((*found.division_names, found.zone_name)).rstrip(' /')}")
    typer.echo(f"source {found.source_system}, as of {found.as_of:%Y-%m-%d %H:%M} UTC, mode {found.mode}")
    for line in found.fields:
        typer.echo(f"  {line.title_zh} {line.title_en}: {'-' if line.value is None else line.value}")


@app.command()
@speaks
def basemap(
    network: Annotated[str, typer.Argument(help="Name of a road network built before.")],
    as_json: JSON = False,
) -> None:
    """
    Draw the offline base map under a road network: its streets, names, water, green and buildings.

    Example: onemap layers basemap shanghai
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller
    from layers import base

    settings = load_settings()
    parts = base.of_folder(settings.networks_dir / network)
    with open_house(settings) as house, house.database.transaction(Caller.system()) as connection:
        written = base.replace(connection, network, **parts)
    if as_json:
        emit_json(written)
        return
    for table, rows in written.items():
        typer.echo(f"{rows:>9,}  {table}")


@app.command()
@speaks
def hazard(
    holding: Annotated[list[str], typer.Argument(help="CAS number or class, an equals sign, design maximum in t.")],
    people: Annotated[int, typer.Option(help="People within 500 m outside the boundary.")],
    as_json: JSON = False,
) -> None:
    """
    Grade a unit by GB 18218-2018: S, R and level, with the working.

    Example: onemap layers hazard 7782-50-5=40 7664-41-7=6 --people 238
    """
    from gis.errors import InputError
    from layers.hazard_level import SOURCE, TABLE_TRUST, Holding, assess

    wrong = [text for text in holding if text.count("=") != 1]
    if wrong:
        raise InputError([f"'{text}' is not SUBSTANCE=TONNES, such as 7782-50-5=40" for text in wrong])
    pairs = [text.split("=") for text in holding]
    result = assess([Holding(substance.strip(), tonnes.strip()) for substance, tonnes in pairs], people)
    if as_json:
        emit_json(
            {
                "s": float(result.s), "r": float(result.r), "alpha": float(result.alpha), "is_major": result.is_major,
                "level": result.level, "source": SOURCE, "trust": TABLE_TRUST,
                "lines": [
                    {"substance": line.substance, "q_t": float(line.quantity_t), "threshold_t": float(line.threshold_t),
                     "beta": float(line.beta), "ratio": float(line.ratio), "weighted": float(line.weighted)}
                    for line in result.lines
                ],
            }
        )  # fmt: skip
        return
    for line in result.lines:
        typer.echo(
            f"{line.substance:<12} q {float(line.quantity_t):g} t / Q {float(line.threshold_t):g} t = "
            f"{float(line.ratio):g}, beta {float(line.beta):g}"
        )
    level = f"level {result.level}" if result.level else "not a major hazard"
    typer.echo(f"S = {float(result.s):g}; alpha {float(result.alpha):g}; R = {float(result.r):g}; {level} ({SOURCE})")


def _reader(house: Any) -> Any:
    """The program itself, in the world the registers of this database speak of."""
    from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
    from layers import store

    with house.database.transaction(Caller.system()) as connection:
        return Caller("onemap layers", LOWEST_DIVISION, HIGHEST_DIVISION, store.world(connection))
