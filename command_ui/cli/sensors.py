"""The commands around gateways and sensors."""

import time
from typing import Annotated

import typer

from command_ui.cli.talk import emit_json, speaks

NAME = "sensors"
app = typer.Typer(no_args_is_help=True, help="What the sensors say.")

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]


@app.callback()
def _group() -> None:
    """What the sensors say."""


@app.command()
@speaks
def device(
    number: Annotated[str, typer.Argument(help="Gateway number, as it stands in its messages (wgbm).")],
    name: Annotated[str, typer.Option(help="What people call it.")],
    division: Annotated[str, typer.Option(help="Division code of the duty room that sees it.")],
    longitude: Annotated[float, typer.Option(help="Where it stands, degrees.")],
    latitude: Annotated[float, typer.Option(help="Where it stands, degrees.")],
    tags: Annotated[str, typer.Option(help="Points: code=register id, comma-separated.")] = "",
    interval: Annotated[int, typer.Option(help="Longest regular silence, seconds.")] = 300,
    mode: Annotated[str, typer.Option(help="live, drill or sim.")] = "live",
    as_json: JSON = False,
) -> None:
    """
    Register a gateway, or give a known one a new token; the token is shown this once.

    Example: onemap sensors device WG-0001 --name 一厂网关 --division 990102 --longitude 118.7 --latitude 31.4
    """
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.crs import LonLat
    from gis.database import Caller
    from gis.errors import InputError
    from layers.sensors import devices
    from layers.sensors.points import connect_tags

    if mode not in ("live", "drill", "sim"):
        raise InputError(f"mode '{mode}': choose live, drill or sim")
    pairs = dict(part.partition("=")[::2] for part in tags.split(",") if part.strip())
    with open_house(load_settings()) as house, house.database.transaction(Caller.system()) as connection:
        token = devices.register(
            connection,
            number,
            name,
            division_code=division,
            mode=mode,  # type: ignore[arg-type]
            place=LonLat(longitude, latitude),
            interval_s=interval,
        )
        connected = connect_tags(connection, number, {code.strip(): tag.strip() for code, tag in pairs.items()})
    if as_json:
        emit_json({"gateway": number, "token": token, "points": connected})
        return
    typer.echo(f"{number}  token (shown this once): {token}")


@app.command()
@speaks
def simulate(
    seconds: Annotated[int | None, typer.Option(help="Stop after so many seconds; without it, on Ctrl-C.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed gives other values.")] = None,
) -> None:
    """
    Let the sensors of the sample city speak: fictional values, drill only.

    Example: onemap sensors simulate --seconds 60
    """
    from command_ui.bootstrap import open_house
    from command_ui.serving import stoppable
    from command_ui.settings import load_settings
    from layers.sensors.simulate import SEED, Simulator

    with open_house(load_settings()) as house, stoppable(), Simulator(house.database, seed=seed or SEED):
        until = time.monotonic() + seconds if seconds is not None else float("inf")
        while time.monotonic() < until:
            time.sleep(min(0.5, max(0.0, until - time.monotonic())))


@app.command()
@speaks
def mqtt(
    url: Annotated[str | None, typer.Option(help="Broker; without it, that of ONEMAP_MQTT_URL.")] = None,
    name: Annotated[str, typer.Option(help="Session at the broker; one name for each bridge.")] = "onemap-bridge",
) -> None:
    """
    Take in the messages of an MQTT broker (onemap/GATEWAY/observations, /events, /videos) until Ctrl-C.

    `onemap run` and `onemap serve` do it by themselves when ONEMAP_MQTT_URL is set; this is for a machine of its own.

    Example: onemap sensors mqtt --url mqtt://onemap:secret@broker:1883
    """
    from command_ui.bootstrap import open_house
    from command_ui.serving import stoppable
    from command_ui.settings import load_settings
    from gis.errors import InputError
    from layers.sensors.lanes import Lanes
    from layers.sensors.mqtt import Bridge, Broker

    settings = load_settings()
    given = url or (settings.mqtt_url.get_secret_value() if settings.mqtt_url is not None else "")
    if not given:
        raise InputError("no broker is named: give --url or set ONEMAP_MQTT_URL")
    with open_house(settings) as house, stoppable():
        lanes = Lanes(house.database, kept_days=settings.sensor_days)
        bridge = Bridge(house.database, lanes, Broker.of(given), client_id=name)
        lanes.start()
        bridge.start()
        try:
            while True:
                time.sleep(0.5)
        finally:
            bridge.stop()
            lanes.stop()
            typer.echo(f"{bridge.taken} messages taken, {bridge.refused} refused")


@app.command()
@speaks
def tidy() -> None:
    """
    Make the coming days' partitions and drop the days older than ONEMAP_SENSOR_DAYS.

    Example: onemap sensors tidy
    """
    from datetime import UTC, datetime

    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller
    from layers.sensors import history

    settings = load_settings()
    today = datetime.now(UTC).date()
    with open_house(settings) as house, house.database.transaction(Caller.system()) as connection:
        made = history.prepare(connection, today)
        dropped = history.tidy(connection, today, settings.sensor_days)
    typer.echo(f"{made} days made, {dropped} days dropped")
