"""How does a folder of TOML become a drill? Every file is read, and all faults come back together with their lines."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from scenarios.event import Json
from scenarios.exercise.checking import faults_of
from scenarios.exercise.drill import Drill, drill_adapter
from scenarios.exercise.faults import DrillFault, DrillFaultsError, Places, named
from scenarios.intake import plain_case

FILES = ("drill.toml", "injects.toml", "expectations.toml", "sheets.toml", "case.toml", "players.toml")
"""The files of a drill; the last two may be missing."""
OPTIONAL = frozenset({"case.toml", "players.toml"})
_LISTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "drill.toml": (("role", "roles"),),
    "injects.toml": (("inject", "injects"),),
    "expectations.toml": (("expectation", "expectations"),),
    "sheets.toml": (("objective", "objectives"), ("capability", "capabilities"), ("sheet", "sheet")),
}
"""Lists of tables in each file: the name there, and the field of `Drill`."""
_TIMES = {"at": "at_s", "within": "within_s", "delay": "delay_s", "length": "length_s"}
"""Keys written HH:MM:SS in the files, and the fields in seconds they become."""
_TIME = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)")
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Folder:
    """A drill as it was read: the drill, the raw steps of its scripted players, and where every key stands."""

    drill: Drill
    players: tuple[Json, ...]
    places: Mapping[str, Places]


def read(folder: Path) -> Drill:
    """
    Read a folder.

    Raises
    ------
    DrillFaultsError
        Every fault of every file: not there, not TOML, a key that is missing, unknown or out of range, an id that
        leads nowhere.
    """
    return read_folder(folder).drill


def read_folder(folder: Path) -> Folder:
    """Read a folder with the steps of its scripted players. Raises as `read`."""
    if not folder.is_dir():
        raise DrillFaultsError([DrillFault(str(folder), 0, "", "there is no such folder")])
    texts: dict[str, str] = {}
    faults = []
    for name in FILES:
        path = folder / name
        if not path.is_file():
            if name not in OPTIONAL:
                faults.append(DrillFault(name, 0, "", "the file is missing"))
            continue
        content = path.read_bytes()
        try:
            texts[name] = content[: LARGEST + 1].decode("utf-8-sig")
        except UnicodeDecodeError:
            faults.append(DrillFault(name, 0, "", "it is not UTF-8 text"))
        if len(content) > LARGEST:
            faults.append(DrillFault(name, 0, "", f"larger than {LARGEST} bytes"))
    return read_texts(folder.name, texts, faults)


def read_texts(name: str, texts: Mapping[str, str], faults: Iterable[DrillFault] = ()) -> Folder:
    """
    Read the files of a drill given as texts; `faults` are those found before.

    Raises
    ------
    DrillFaultsError
        As `read`.
    """
    found = list(faults)
    found += [DrillFault(file, 0, "", "no file of a drill has this name") for file in texts if file not in FILES]
    places = {file: Places(file, text) for file, text in texts.items() if file in FILES}
    tables: dict[str, Json] = {}
    for file in places:
        try:
            tables[file] = tomllib.loads(texts[file])
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"line (\d+)", str(error))
            found.append(DrillFault(file, int(at[1]) if at else 0, "", f"no TOML: {error}"))
        except RecursionError:
            found.append(DrillFault(file, 0, "", "no TOML: nested too deeply"))
    plain, origins = _gathered(name, tables, places, found)
    drill = None
    try:
        drill = drill_adapter().validate_python(plain)
    except ValidationError as error:
        found += _of_form(error, origins, places, {one.file for one in found if not one.key})
    steps = tuple(tables.get("players.toml", {}).get("step", ()))
    if drill is not None:
        found += faults_of(drill, steps, places)
    if found or drill is None:
        raise DrillFaultsError(sorted(found, key=lambda one: (_place(one.file), one.line)))
    return Folder(drill, steps, places)


def _place(file: str) -> int:
    return FILES.index(file) if file in FILES else -1


def _gathered(
    name: str, tables: Mapping[str, Json], places: Mapping[str, Places], found: list[DrillFault]
) -> tuple[Json, dict[str, tuple[str, str]]]:
    """One plain value of all files, times in seconds, and for each field of a drill the file and name it came from."""
    plain: Json = {"name": name}
    origins: dict[str, tuple[str, str]] = {}
    for file, lists in _LISTS.items():
        table = tables.get(file, {})
        for key, field in lists:
            plain[field] = _timed(table.get(key, []), (key,), places.get(file), found)
            origins[field] = (file, key)
        known = {key for key, _ in lists}
        for key, value in table.items():
            if key in known:
                continue
            if file != "drill.toml":
                found.append(places[file].fault((key,), f"there is no such table here; use {', '.join(sorted(known))}"))
                continue
            plain[key] = _timed(value, (key,), places.get(file), found)
            origins[key] = (file, key)
    if "case.toml" in tables:
        plain["case"] = plain_case(tables["case.toml"])
        origins["case"] = ("case.toml", "")
    return plain, origins


def _timed(value: Any, path: tuple[str | int, ...], places: Places | None, found: list[DrillFault]) -> Any:
    """Value with HH:MM:SS read; an inject ``at`` 00:00:00 is released by hand."""
    if isinstance(value, list):
        return [_timed(one, (*path, at), places, found) for at, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    table: Json = {}
    for key, one in value.items():
        if key not in _TIMES:
            table[key] = one if key == "where" else _timed(one, (*path, key), places, found)
            continue
        matched = _TIME.fullmatch(one) if isinstance(one, str) else None
        if matched is None:
            if places is not None:
                found.append(
                    places.fault((*path, key), f"'{one}' is no exercise time; write HH:MM:SS such as 00:12:30")
                )
            table[_TIMES[key]] = 1
            continue
        hours, minutes, seconds = (int(part) for part in matched.groups())
        table[_TIMES[key]] = hours * 3600 + minutes * 60 + seconds
    if path[0] == "inject" and len(path) == 2:
        table = _condition(table)
    return table


def _condition(inject: Json) -> Json:
    """An inject with its ``at`` put among the parts of ``when``."""
    at_s = inject.pop("at_s", None)
    when = dict(inject.get("when") or {})
    if at_s == 0:
        when["by_hand"] = True
    elif at_s is not None:
        when["at_s"] = at_s
    return {**inject, "when": when}


def _of_form(
    error: ValidationError, origins: Mapping[str, tuple[str, str]], places: Mapping[str, Places], unread: set[str]
) -> list[DrillFault]:
    """Faults of the form, at the lines of the keys; what follows from a file that could not be read is left out."""
    short = {field: key for key, field in _TIMES.items()}
    found = []
    for fault in error.errors():
        loc = tuple(fault["loc"])
        field = str(loc[0]) if loc else ""
        file, key = origins.get(field, ("drill.toml", field))
        if file in unread:
            continue
        path = tuple(short.get(part, part) if isinstance(part, str) else part for part in (key, *loc[1:]))
        said = {
            "missing": "missing; it must be given",
            "extra_forbidden": "there is no such key",
            "unexpected_keyword_argument": "there is no such key",
        }.get(fault["type"], f"{fault['msg'][:1].lower()}{fault['msg'][1:]}, not {str(fault['input'])[:60]!r}")
        where = places.get(file)
        found.append(where.fault(path, said) if where else DrillFault(file, 0, named(path), said))
    return found


def schema() -> Json:
    """JSON schema of a drill in its plain form (times in seconds), generated from the dataclasses."""
    made: Json = TypeAdapter(Drill).json_schema()
    return made


def ready() -> dict[str, Path]:
    """Folders of the drills that come with the house, by name."""
    import importlib.resources

    root = Path(str(importlib.resources.files("scenarios"))) / "drills"
    return {one.name: one for one in sorted(root.iterdir()) if (one / "drill.toml").is_file()} if root.is_dir() else {}
