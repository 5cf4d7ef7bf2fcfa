"""The commands that look after the database."""

from typing import Annotated, Any

import typer

from command_ui.cli.talk import emit_json, speaks
from gis.errors import InputError

NAME = "db"
app = typer.Typer(no_args_is_help=True, help="The database: state, migrations, the private cluster.")


def _tell(step: str) -> None:
    typer.echo(f"… {step}", err=True)


@app.callback()
def _group() -> None:
    """The database: state, migrations, the private cluster."""


@app.command()
@speaks
def migrate() -> None:
    """
    Bring the database to the shape this version needs.

    Example: ONEMAP_MIGRATION_URL=postgresql://admin@db/onemap onemap db migrate
    """
    from command_ui.bootstrap import migration_url
    from command_ui.settings import load_settings
    from gis import migrate
    from gis.cluster import PrivateCluster

    settings = load_settings()
    if address := migration_url(settings):
        changed = migrate.upgrade(address, tell=_tell)
    else:
        with PrivateCluster(settings.cluster_dir, archive=settings.archive_dir, tell=_tell) as cluster:
            changed = migrate.upgrade(cluster.url(), tell=_tell)
    typer.echo(f"{'now' if changed else 'already'} at migration {migrate.newest()}")


@app.command()
@speaks
def status(as_json: Annotated[bool, typer.Option("--json", help="Write JSON for a program.")] = False) -> None:
    """
    Say where the database is, whether it runs and which migration it is at.

    Example: onemap db status --json
    """
    answer = _status()
    if as_json:
        emit_json(answer)
        return
    for name, value in answer.items():
        typer.echo(f"{name:16} {'-' if value is None else value}")


@app.command()
@speaks
def check(as_json: Annotated[bool, typer.Option("--json", help="Write JSON for a program.")] = False) -> None:
    """
    Say whether the database is safe to work on; exit code 1 when the server would refuse to start on it.

    Looked at as the program itself signs in: settings, roles, owners, row-level security on every table, append-only
    tables, functions, leakproof marks, personal columns, versions, migration and the heads of the records.

    Example: onemap db check --json
    """
    from command_ui.database_check import rows

    found = rows()
    if as_json:
        emit_json([{"subject": one.subject, "value": one.value, "weight": one.weight, "sentence": one.sentence}
                   for one in found])  # fmt: skip
    else:
        marks = {"good": "ok  ", "slow": "slow", "fault": "BAD "}
        for one in found:
            typer.echo(f"{marks[one.weight]}  {one.subject:38} {one.value}")
            if one.sentence:
                typer.echo(f"      {one.sentence}")
    if any(one.weight == "fault" for one in found):
        raise typer.Exit(1)


def _status() -> dict[str, Any]:
    from sqlalchemy import make_url

    from command_ui.bootstrap import migration_url
    from command_ui.settings import load_settings
    from gis import migrate
    from gis.cluster import PrivateCluster

    settings = load_settings()
    address = migration_url(settings)
    answer: dict[str, Any] = {
        "kind": "server" if address else "private cluster",
        "place": make_url(address).render_as_string() if address else str(settings.cluster_dir),
        "running": True,
        "migration": None,
        "newest_migration": migrate.newest(),
        "postgresql": None,
        "postgis": None,
        "size_bytes": None,
    }
    if address is None:
        cluster = PrivateCluster(settings.cluster_dir)
        answer |= {"place": str(cluster.home), "running": cluster.is_running()}
        address = cluster.url()
    if answer["running"]:
        answer["migration"] = migrate.current(address)
        answer |= _versions(address)
    return answer


def _versions(address: str) -> dict[str, Any]:
    import psycopg

    from gis.database import libpq_conninfo

    with psycopg.connect(libpq_conninfo(address)) as connection:
        row = connection.execute(
            "SELECT current_setting('server_version'), pg_database_size(current_database()), "
            "(SELECT extversion FROM pg_extension WHERE extname = 'postgis')"
        ).fetchone()
    assert row is not None
    return {"postgresql": row[0], "size_bytes": row[1], "postgis": row[2]}


@app.command()
@speaks
def start() -> None:
    """
    Start the private cluster and leave it running until `onemap db stop`.

    Example: onemap db start
    """
    cluster = _private_cluster()
    cluster.start()
    cluster.keep()
    cluster.stop()
    typer.echo(f"running; address of the program: {cluster.url('onemap_app')}")


@app.command()
@speaks
def stop() -> None:
    """
    Stop the private cluster, also one that a killed process left behind.

    Example: onemap db stop
    """
    cluster = _private_cluster()
    typer.echo("stopped" if cluster.stop(even_if_kept=True) else "was not running")


def _private_cluster() -> Any:
    from command_ui.settings import load_settings
    from gis.cluster import PrivateCluster

    settings = load_settings()
    if settings.database_url is not None:
        raise InputError("ONEMAP_DATABASE_URL names a server of its own: start and stop it with its own tools")
    return PrivateCluster(settings.cluster_dir, archive=settings.archive_dir, tell=_tell)
