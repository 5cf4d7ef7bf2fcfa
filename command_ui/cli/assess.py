"""The command that runs the whole chain, from a release to the last person left over."""

import getpass
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from command_ui.cli.talk import emit_json, progress, speaks
from gis.datum import Datum
from gis.errors import InputError
from gis.provenance import Mode

if TYPE_CHECKING:
    from command_ui.bootstrap import House
    from scenarios.desk import ReportIncident, Wishes
    from scenarios.log import Receipt

CASE = Annotated[Path, typer.Argument(help="Case file (TOML): incident, release, weather, output.")]
ROADS = Annotated[str | None, typer.Option(help="Road network; without it the smallest that covers the place.")]
JSON = Annotated[Path | None, typer.Option("--json", help="Write the result as JSON to this file; - for stdout.")]
PEOPLE = Annotated[Path | None, typer.Option(help="People: CSV, GeoJSON, GeoPackage or parquet, or a count raster.")]
FACILITIES = Annotated[Path | None, typer.Option(help="Schools, hospitals …: a file of places.")]
TEAMS = Annotated[Path | None, typer.Option(help="Response teams: a file of places.")]
SHELTERS = Annotated[Path | None, typer.Option(help="Shelters with capacity: a file of places.")]
DATUM = Annotated[Datum, typer.Option(help="What the degrees of CSV and GeoJSON files mean.")]
NIGHT = Annotated[bool | None, typer.Option("--night/--day", help="Count people by night or by day; else by the hour.")]
MODE = Annotated[Mode | None, typer.Option(help="live, drill or sim; else what the road network is made for.")]
MEMBERS = Annotated[int, typer.Option(min=0, max=5000, help="Members of the confidence zones; 0 leaves them out.")]
DIVISION = Annotated[str, typer.Option(help="Division code of the place, six digits.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to `app`."""

    @app.command()
    @speaks
    def assess(
        case_file: CASE,
        roads: ROADS = None,
        json_file: JSON = None,
        people: PEOPLE = None,
        facilities: FACILITIES = None,
        teams: TEAMS = None,
        shelters: SHELTERS = None,
        datum: DATUM = "wgs84",
        night: NIGHT = None,
        mode: MODE = None,
        division: DIVISION = "",
        members: MEMBERS = 200,
    ) -> None:
        """
        Run the whole chain: zones, people, closed roads, rescue routes, evacuation; record it and write it as JSON.

        Example: onemap assess chlorine.toml --roads shanghai --json out.json
        """
        from command_ui.bootstrap import open_house
        from command_ui.settings import load_settings
        from scenarios.desk import Wishes
        from scenarios.sources import Files

        settings = load_settings()
        files = Files(people, facilities, teams, shelters, datum)
        command = _checked(case_file, roads, settings.networks_dir, files, json_file, division)
        with progress("研判") as report:
            report("database", 0.0)
            with open_house(settings) as house:
                wishes = Wishes(roads, files, None if night is None else not night)
                answer = _answer(house, command, wishes, mode, members, report)
        _write(answer, json_file)


def _checked(
    case_file: Path, roads: str | None, networks: Path, files: Any, json_file: Path | None, division: str
) -> "ReportIncident":
    """Report the case file contains, once every fault that can be seen beforehand has been named together."""
    from gis.crs import LonLat
    from scenarios.intake import ReportIncident, faults_of
    from scenarios.roads.networks import Roads

    faults: list[str] = []
    command: ReportIncident | None = None
    try:
        case = read_case(case_file)
        command = ReportIncident.from_case(case, division_code=division, channel="program")
        if not command.title:
            faults.append("name: missing; say in a few words what happened")
        faults += [fault for fault in faults_of(command) if not fault.startswith("title:")]
    except InputError as error:
        faults += error.faults
    if roads is not None:
        place = LonLat(command.longitude, command.latitude) if command is not None else None
        fault = Roads(networks).fault(roads, place)
        faults += [fault] if fault else []
    for option in ("people", "facilities", "teams", "shelters"):
        path = getattr(files, option)
        if path is not None and not path.is_file():
            faults.append(f"--{option} {path}: there is no such file")
    if json_file is not None and str(json_file) != "-" and not json_file.absolute().parent.is_dir():
        faults.append(f"--json {json_file}: the folder {json_file.absolute().parent} does not exist")
    if faults or command is None:
        raise InputError(faults)
    return command


def read_case(path: Path) -> dict[str, Any]:
    """
    Return the tables of a case file.

    Raises
    ------
    InputError
        No such file, or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such case file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not readable as UTF-8 text ({error})") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not TOML: {error}") from error


def _answer(
    house: "House", command: "ReportIncident", wishes: "Wishes", mode: Mode | None, members: int, report: Any
) -> dict[str, Any]:
    from gis.crs import LonLat
    from gis.database import HIGHEST_DIVISION, LOWEST_DIVISION, Caller
    from scenarios import log
    from scenarios.desk import Desk
    from scenarios.hazards import confidence

    desk = Desk(house.database, house.settings.networks_dir)
    place = LonLat(command.longitude, command.latitude)
    network = desk.roads.named(wishes.roads) if wishes.roads else desk.roads.covering(place)
    # Roads of a drill city must not lead into the record of the real world.
    world: Mode = mode or (network.provenance.mode if network is not None else "live")
    caller = Caller(f"cli:{getpass.getuser()}", LOWEST_DIVISION, HIGHEST_DIVISION, world)
    assessed = desk.report_and_assess(command, caller, report, wishes=wishes)
    answer = assessed.assessment.as_json()
    receipts = [*assessed.receipts]
    if members:
        report("confidence", 1.0)
        added = desk.add_confidence(assessed.incident_id, assessed.run_id, caller, members=members)
        if added is not None:
            answer["confidence"] = confidence.as_json(added[0])
            answer["provenance"]["confidence"] = added[0].provenance
            receipts.append(added[1])
    with house.database.transaction(caller) as connection:
        head = log.head(connection, assessed.incident_id)
    return {
        "incident": {
            "id": str(assessed.incident_id),
            "code": head.code,
            "title": command.title,
            "mode": world,
            "run_id": assessed.run_id,
        },
        **answer,
        "receipts": _receipts(receipts),
    }


def _receipts(receipts: Iterable["Receipt"]) -> list[dict[str, Any]]:
    return [
        {
            "incident": str(receipt.incident_id),
            "seq": receipt.seq,
            "hash": receipt.hash,
            "recorded_at": receipt.recorded_at.isoformat(),
        }
        for receipt in receipts
    ]


def _write(answer: dict[str, Any], json_file: Path | None) -> None:
    from command_ui.cli.summary import lines

    if json_file is not None and str(json_file) == "-":
        emit_json(answer)
        return
    if json_file is not None:
        json_file.write_text(json.dumps(answer, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    for line in lines(answer):
        typer.echo(line)
