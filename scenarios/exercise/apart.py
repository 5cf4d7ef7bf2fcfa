"""Are the files of a drill that somebody handed in sound? Read behind limits, in a process of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gis.reader import Reader
from scenarios.exercise.faults import DrillFault, DrillFaultsError
from scenarios.exercise.reading import read_texts


@dataclass(frozen=True, slots=True)
class Sound:
    """What a drill without faults holds."""

    sha256: str
    injects: int
    expectations: int


def check(name: str, files: Mapping[str, str]) -> Sound:
    """
    Check the files of a drill by their names.

    Raises
    ------
    DrillFaultsError
        Every fault: file, line, key.
    InputError
        Reading them takes more memory or time than a drill needs.
    """
    found = _sound(json.dumps({"name": name, "files": dict(files)}).encode(), name)
    if isinstance(found, Sound):
        return found
    raise DrillFaultsError(found)


def _read(path: Path, _name: str) -> Sound | list[DrillFault]:
    said = json.loads(path.read_bytes())
    try:
        drill = read_texts(said["name"], said["files"]).drill
    except DrillFaultsError as error:
        return list(error.found)
    return Sound(drill.sha256, len(drill.injects), len(drill.expectations))


_sound = Reader(_read, Sound | list[DrillFault])
