"""Which marks are in a file somebody handed in? Read behind limits, in a process of its own."""

from pathlib import Path

from command_ui.plotting.notes import Read
from command_ui.plotting.reading import LARGEST_BYTES, read_marks
from gis.errors import InputError
from gis.reader import Reader


def handed_in(name: str, content: bytes) -> Read:
    """
    Marks of a stranger's file, as `reading.read_marks` finds them.

    Raises
    ------
    InputError
        As `reading.read_marks`, or reading it takes more memory or time than true marks need.
    """
    if len(content) > LARGEST_BYTES:
        raise InputError(f"{name}: {len(content)} bytes; a file of marks holds at most {LARGEST_BYTES}")
    return _marks(content, name)


def _read(path: Path, name: str) -> Read:
    return read_marks(name, path.read_bytes())


_marks = Reader(_read, Read)
