"""The commands that look back at an incident and ask what if."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from command_ui.cli.talk import speaks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from gis.database import Caller
    from scenarios.replay.comparing import Line

INCIDENT = Annotated[str, typer.Argument(help="Code (YL-2026-0001) or id of an incident.")]
SEQ = Annotated[int | None, typer.Option("--seq", help="Number of an entry instead of a moment.")]
FORMATS = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M%z"]
AT_NEEDED = Annotated[datetime, typer.Option("--at", formats=FORMATS, help="Moment with a time zone.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""

    @app.command("replay")
    @speaks
    def replay(
        incident: INCIDENT,
        at: Annotated[datetime | None, typer.Option("--at", formats=FORMATS, help="Moment; without it now.")] = None,
        seq: SEQ = None,
        out: Annotated[Path | None, typer.Option("--out", help="Write the whole replay as one HTML file.")] = None,
        language: Annotated[str, typer.Option("--language", help="zh or en.")] = "zh",
        check: Annotated[
            bool, typer.Option("--check", help="Fold it from the beginning and compare what is kept of it.")
        ] = False,
    ) -> None:
        """
        Say what was known of an incident at a moment, with the hash every machine computes for it.

        Of an incident of more than 512 entries situations are kept in the data folder while it grows, so that any
        moment is found at once; they may be deleted at any time. `--check` holds each against the record.

        Example: onemap replay YL-2026-0002 --at 2026-11-22T14:05:10+08:00
        """
        from command_ui.bootstrap import open_house
        from command_ui.settings import load_settings
        from gis.errors import InputError
        from scenarios.replay.comparing import facts
        from scenarios.situation import situation_hash

        if language not in ("zh", "en"):
            raise InputError(f"--language {language}: say zh or en")
        with open_house(load_settings()) as house:
            desk, incident_id, caller = _opened(house, incident)
            if check:
                _check(desk, incident_id, caller)
                return
            if out is not None:
                from command_ui.briefing.replayed import make

                spoken = cast(Literal["zh", "en"], language)
                _, html = make(desk, incident_id, caller, language=spoken, author=caller.actor)
                out.write_text(html, encoding="utf-8")
                typer.echo(f"{out}  {len(html.encode()) / 1e6:.1f} MB")
                return
            known = desk.at(incident_id, caller, moment=at, seq=seq)
            typer.echo(f"entry {known.seq}  known until {known.updated_at}  sha256 {situation_hash(known)}")
            _write(facts(known))

    @app.command("whatif")
    @speaks
    def whatif(
        incident: INCIDENT,
        at: AT_NEEDED,
        wind_from: Annotated[float | None, typer.Option("--wind-from", help="Degrees the wind comes from.")] = None,
        wind_speed: Annotated[float | None, typer.Option("--wind-speed", help="Wind in m/s.")] = None,
        release: Annotated[
            list[str] | None, typer.Option("--release", help="Field of the release, such as rate_kg_s=0.2.")
        ] = None,
        closed: Annotated[Path | None, typer.Option("--closed", help="GeoJSON with polygons of closed roads.")] = None,
        opened: Annotated[list[str] | None, typer.Option("--opened", help="Id of a closure that is not there.")] = None,
        evacuate_at: Annotated[
            datetime | None, typer.Option("--evacuate-at", formats=FORMATS, help="When people were told to leave.")
        ] = None,
        without_team: Annotated[
            list[str] | None, typer.Option("--without-team", help="Id of a team that was not sent.")
        ] = None,
    ) -> None:
        """
        Compute what would have followed if from a moment on something had been otherwise. Nothing is recorded.

        Example: onemap whatif YL-2026-0002 --at 2026-11-22T14:05:10+08:00 --wind-from 135
        """
        from command_ui.bootstrap import open_house
        from command_ui.settings import load_settings
        from scenarios.replay.branch import Changes, imagine

        changes = Changes(
            wind_from_deg=wind_from,
            wind_speed_m_s=wind_speed,
            release=_fields(release or []),
            closed=_areas(closed),
            opened=opened or [],
            evacuate_at=evacuate_at,
            without_teams=without_team or [],
        )
        with open_house(load_settings()) as house:
            desk, incident_id, caller = _opened(house, incident)
            branch = imagine(desk, incident_id, caller, at, changes)
        typer.echo(f"SIMULATED, in no record: known at entry {branch.known.seq}, happened, what if")
        _write(branch.lines)


def _check(desk: Any, incident_id: "UUID", caller: "Caller") -> None:
    """Say of every situation kept whether it is that of the record; exit 1 when one is not."""
    from scenarios.replay.keeper import Keeper

    wrong = right = 0
    for seq, same in Keeper(desk).check(incident_id, caller):
        right, wrong = right + same, wrong + (not same)
        if not same:
            typer.echo(f"the situation kept after entry {seq} was not that of the record; it is thrown away")
    typer.echo(f"{right} situations kept, each as folded from the beginning" if right or not wrong else "")
    if wrong:
        raise typer.Exit(1)


def _opened(house: Any, incident: str) -> Any:
    """The room for looking back, the incident and a caller in its world."""
    from gis.database import Caller
    from scenarios import log
    from scenarios.desk import Desk

    everything = Caller.system()
    with house.database.transaction(everything) as connection:
        head = log.find(connection, incident)
    caller = Caller(everything.actor, everything.division_from, everything.division_to, head.mode)
    return Desk(house.database, house.settings.networks_dir).replay, head.incident_id, caller


def _write(lines: "Sequence[Line]") -> None:
    for line in lines:
        values = "  ".join(f"{_short(value):>14}" for value in line.values)
        typer.echo(f"{'*' if line.differs else ' '} {line.code + ' ' + line.subject:<44} {values}  {line.unit}")


def _short(value: Any) -> str:
    return "-" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _fields(said: list[str]) -> dict[str, Any] | None:
    """Fields of the release: numbers where they are numbers."""
    from gis.errors import InputError

    found: dict[str, Any] = {}
    for one in said:
        name, sign, value = one.partition("=")
        if not sign or not name:
            raise InputError(f"--release {one}: write it as name=value, such as rate_kg_s=0.2")
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = value
    return found or None


def _areas(path: Path | None) -> list[dict[str, Any]]:
    """Polygons of a GeoJSON file."""
    from gis.errors import InputError

    if path is None:
        return []
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as GeoJSON: {error}") from error
    features = told.get("features", [told]) if isinstance(told, dict) else []
    return [one.get("geometry") or one for one in features]
