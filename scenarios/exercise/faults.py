"""What is wrong with a drill, and on which line of which of its files does it stand?"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gis.errors import InputError


@dataclass(frozen=True, slots=True)
class DrillFault:
    """One fault: file, line (0 where none can be named), key as it stands in the file, and what to do about it."""

    file: str
    line: int
    key: str
    said: str

    @property
    def sentence(self) -> str:
        """Plain English, such as ``injects.toml line 12 inject[3].at: …``."""
        line = f" line {self.line}" if self.line else ""
        key = f" {self.key}" if self.key else ""
        return f"{self.file}{line}{key}: {self.said}"


class DrillFaultsError(InputError):
    """A drill has faults; `found` holds all of them one by one."""

    def __init__(self, found: Iterable[DrillFault]) -> None:
        self.found = tuple(found)
        super().__init__(one.sentence for one in self.found)


class Places:
    """On which line of a TOML file does a key stand? By its path, ``("inject", 3, "at")``."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._lines: dict[tuple[str | int, ...], int] = {}
        counts: dict[tuple[str | int, ...], int] = {}
        table: tuple[str | int, ...] = ()
        for number, line in enumerate(text.splitlines(), 1):
            if found := re.match(r"\s*\[\[\s*([\w.\-]+)\s*\]\]", line):
                table = self._inside(found[1], counts)
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
                self._lines.setdefault(table, number)
            elif found := re.match(r"\s*\[\s*([\w.\-]+)\s*\]", line):
                table = self._inside(found[1], counts)
                self._lines.setdefault(table, number)
            elif found := re.match(r"\s*([\w.\-]+)\s*=", line):
                self._lines.setdefault((*table, *found[1].split(".")), number)

    @staticmethod
    def _inside(name: str, counts: Mapping[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
        """Path of a table: below a list of tables it belongs to the last one, ``[inject.sensor]`` -> inject 3."""
        path: tuple[str | int, ...] = ()
        parts = name.split(".")
        for at, part in enumerate(parts):
            path = (*path, part)
            if path in counts and at < len(parts) - 1:
                path = (*path, counts[path])
        return path

    def line(self, path: tuple[str | int, ...]) -> int:
        """Line of a key, or of the nearest table around it; 0 = the file as a whole."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 0

    def fault(self, path: tuple[str | int, ...], said: str) -> DrillFault:
        """A fault at a path."""
        return DrillFault(self.file, self.line(path), named(path), said)


def named(path: tuple[str | int, ...]) -> str:
    """Path as people write it: ``inject[3].at``; tables count from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text
