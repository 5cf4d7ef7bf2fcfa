"""The commands around the audit: show it, verify it, let go of what is older than the rule."""

from pathlib import Path
from typing import Annotated

import typer

from command_ui.cli.talk import emit_json, speaks
from gis.clock import DUTY_ZONE

NAME = "audit"
app = typer.Typer(no_args_is_help=True, help="The audit of sign-ins, refusals, exports, changes and rights.")

JSON = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
SHOWN = 20


@app.callback()
def _group() -> None:
    """The audit of sign-ins, refusals, exports, changes and rights."""


@app.command()
@speaks
def show(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many lines, the newest first.")] = 50,
    as_json: JSON = False,
) -> None:
    """
    Show the newest lines.

    Example: onemap audit show --limit 20
    """
    from command_ui.access import audit
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller

    with open_house(load_settings()) as house, house.database.transaction(Caller.system()) as connection:
        lines = audit.read(connection, limit=limit)
    if as_json:
        names = ("seq", "actor", "role", "event", "outcome", "object", "address", "request_id", "detail", "hash")
        emit_json(
            [
                {"day": one.day.isoformat(), "at": one.at.isoformat()} | {name: getattr(one, name) for name in names}
                for one in lines
            ]
        )
        return
    for one in lines:
        at = one.at.astimezone(DUTY_ZONE).strftime("%Y-%m-%d %H:%M:%S")
        typer.echo(f"{at}  {one.outcome:7}  {one.event:16}  {one.actor or '-':16}  {one.object}")


@app.command()
@speaks
def verify(
    copy: Annotated[
        Path | None, typer.Option("--copy", help="Folder or file of a copy from another host that must be met.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """
    Recompute every hash of every day and say which line is wrong; exit code 1 when one is.

    With a copy from another host the end of the chain is held too: nobody who rewrote the database rewrote both.

    Example: onemap audit verify --copy /srv/audit
    """
    from command_ui.access import audit_verify
    from command_ui.access.audit_keep import as_rows
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller

    kept = as_rows(copy) if copy is not None else []
    published = {(str(line["day"]), int(str(line["seq"]))): bytes(line["hash"]).hex() for line in kept}  # type: ignore[call-overload]
    with open_house(load_settings()) as house, house.database.transaction(Caller.system()) as connection:
        found = audit_verify.check_database(connection, published)
    found.faults += audit_verify.check_copy(kept).faults
    if as_json:
        emit_json(
            {
                "ok": not found.faults,
                "days": found.days,
                "lines": found.lines,
                "forgotten_days": found.forgotten_days,
                "held_against": len(published),
                "faults": found.faults,
            }
        )
    elif not found.faults:
        held = f", {len(published)} held against the copy 与副本一致" if copy is not None else ""
        typer.echo(f"the audit is whole 审计完整: {found.lines} lines of {found.days} days{held}")
    else:
        typer.echo(f"the audit was altered 审计被改动: {len(found.faults)} faults in {found.lines} lines")
        for fault in found.faults[:SHOWN]:
            typer.echo(f"  {fault}")
    if found.faults:
        raise typer.Exit(1)


@app.command()
@speaks
def export(
    to: Annotated[Path, typer.Argument(help="File to write; one line of JSON each, hashes included.")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="How many days back.")] = 3650,
) -> None:
    """
    Write the audit into a file that can be verified anywhere; taking it away is a line of the audit itself.

    Example: onemap audit export audit.jsonl --days 30
    """
    from command_ui.access import audit, audit_copy, audit_frames
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller

    count = 0
    with open_house(load_settings()) as house, house.database.transaction(Caller.system()) as connection:
        with to.open("w", encoding="utf-8") as file:
            for line in audit_copy.lines_of(connection, days):
                file.write(f"{audit_frames.written(line)}\n")
                count += 1
        detail = {"lines": count, "how": "command"}
        audit.write(connection, "audit_read", actor="operator of the system", on="audit", detail=detail)
    typer.echo(f"{count} lines written to {to}")


@app.command()
@speaks
def keep(
    folder: Annotated[Path, typer.Argument(help="Where the lines are kept, one file a day.")],
    listen: Annotated[str, typer.Option(help="Address and port to listen on.")] = "127.0.0.1:6514",
    certificate: Annotated[Path | None, typer.Option(help="Certificate (PEM) for TLS.")] = None,
    private_key: Annotated[Path | None, typer.Option("--key", help="Its private key (PEM).")] = None,
) -> None:
    """
    Stand on another host and keep each line of the audit once, in order; needs no database, Ctrl-C ends it.

    Example: onemap audit keep /srv/audit --listen 0.0.0.0:6514 --certificate log.pem --key log.key
    """
    import ssl

    from command_ui.access.audit_keep import Receiver, Shelf
    from command_ui.serving import stoppable
    from gis.errors import InputError

    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise InputError(f"--listen: '{listen}' is not like 0.0.0.0:6514")
    tls = None
    if certificate is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate, private_key)
    shelf = Shelf(folder)
    with stoppable(), Receiver((host, int(port)), shelf, tls) as receiver:
        typer.echo(f"… keeping the audit in {folder}; it stands at {shelf.place}", err=True)
        receiver.serve_forever(poll_interval=0.2)


@app.command()
@speaks
def forget(
    keep_days: Annotated[int, typer.Option("--keep-days", min=180, help="Lines younger than this stay.")] = 365,
) -> None:
    """
    Drop lines older than the rule, never any of the last 180 days; the heads of the days stay, and it is a line itself.

    Example: onemap audit forget --keep-days 365
    """
    from command_ui.access import audit
    from command_ui.bootstrap import open_house
    from command_ui.settings import load_settings
    from gis.database import Caller

    with open_house(load_settings()) as house, house.database.transaction(Caller.system()) as connection:
        gone = audit.forget(connection, "operator of the system", keep_days)
    typer.echo(f"{gone} lines dropped; everything of the last {keep_days} days is there")
