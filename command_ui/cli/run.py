"""The command that does everything: database, sample city, server."""

from contextlib import AbstractContextManager, nullcontext

import typer

from command_ui.cli.talk import speaks


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""

    @app.command()
    @speaks
    def run() -> None:
        """
        Start the private database, load the sample city if there is nothing, serve the page; Ctrl-C stops it all.

        Sample accounts with printed passwords are made for the sample city only; without it the first start prints a
        link that works once, by which the three administrators enter themselves.

        Example: ONEMAP_PORT=8080 onemap run
        """
        from command_ui import bundle, heap
        from command_ui.access import first_start, ways
        from command_ui.bootstrap import keeping, open_house
        from command_ui.leaving import leave
        from command_ui.serving import serve, stoppable, take_port
        from command_ui.settings import load_settings

        heap.keep_together()
        settings = load_settings()
        ways.of(settings)  # what is set by half is refused before anything starts
        with stoppable(), take_port(settings) as port:
            bundle.build(tell=_tell)
            with open_house(settings, tell=_tell) as house, keeping(house):
                accounts = _sample(house) if settings.sample else []
                with _sensors(house, speak=bool(accounts) and settings.simulate):
                    link = None if accounts else first_start.link(house.database, settings.address)
                    serve(house, port, ready=lambda: _announce(settings.address, accounts, link))
        _tell("stopped")
        leave()


def _sample(house: object) -> list[tuple[str, str]]:
    from command_ui.bootstrap import House
    from command_ui.sample import prepare

    assert isinstance(house, House)
    return prepare(house, tell=_tell)


def _sensors(house: object, *, speak: bool) -> AbstractContextManager[object]:
    """Let the sample city's sensors speak while the server runs."""
    from command_ui.bootstrap import House
    from layers.sensors.simulate import Simulator

    assert isinstance(house, House)
    return Simulator(house.database) if speak else nullcontext()


def _announce(address: str, accounts: list[tuple[str, str]], link: str | None) -> None:
    typer.echo("")
    typer.echo(f"  应急管理一张图  {address}")
    if accounts:
        name, password = accounts[0]
        typer.echo(f"  sign in 登录: {name}  password 口令: {password}")
        typer.echo("  sample accounts, for the sample city only 演练账号仅用于演练市")
    if link is not None:
        typer.echo(f"  no account yet; within 24 h, once 首次设置（一次有效）: {link}")
    typer.echo("  Ctrl-C stops server and database 停止服务与数据库")
    typer.echo("", nl=True)


def _tell(step: str) -> None:
    typer.echo(f"… {step}", err=True)
