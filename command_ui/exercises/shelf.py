"""Which drills are on the shelf? Those that came with the house, and those made here of a workbook."""

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from command_ui.exercises import msel
from gis.errors import InputError, MissingError
from scenarios.exercise import reading
from scenarios.exercise.drill import Drill
from scenarios.exercise.faults import DrillFaultsError

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
MOST = 200
"""Drills made here; more than a shelf holds is a mistake."""


@dataclass(frozen=True, slots=True)
class OnShelf:
    """One folder: the drill, or what is wrong with it; ``is_ours`` where it was made here."""

    name: str
    drill: Drill | None
    faults: tuple[str, ...]
    is_ours: bool


class Shelf:
    """The drills one may start: the folders of the house and the one of this installation."""

    def __init__(self, own: Path) -> None:
        self.own = own

    def folders(self) -> dict[str, Path]:
        """Folder of every drill by its name; one made here never stands in for one of the house."""
        made = {one.name: one for one in sorted(self.own.iterdir()) if one.is_dir()} if self.own.is_dir() else {}
        kept = {name: folder for name, folder in made.items() if _NAME.fullmatch(name)}
        return kept | reading.ready()

    def all(self) -> list[OnShelf]:
        """Every drill, broken ones with all their faults."""
        found = []
        for name, folder in sorted(self.folders().items(), key=lambda one: (one[1].parent == self.own, one[0])):
            ours = folder.parent == self.own
            try:
                found.append(OnShelf(name, reading.read(folder), (), ours))
            except DrillFaultsError as error:
                found.append(OnShelf(name, None, tuple(one.sentence for one in error.found), ours))
        return found

    def drill(self, name: str) -> Drill:
        """
        One drill.

        Raises
        ------
        MissingError
            There is none of this name.
        DrillFaultsError
            It is broken.
        """
        return reading.read(self._folder(name))

    def take_in(self, base: str, content: bytes, file: str) -> Drill:
        """
        Put a drill on the shelf: the injects of a workbook, everything else from `base`.

        Raises
        ------
        MissingError
            There is no such drill to start from.
        msel.MselFaultsError
            Every fault of the workbook.
        """
        source = self._folder(base)
        texts = {
            name: (source / name).read_text(encoding="utf-8-sig")
            for name in reading.FILES
            if (source / name).is_file() and name != "injects.toml"
        }
        name = self._free(file, base)
        folder, texts = msel.read(content, name, texts)
        self.own.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".new-", dir=self.own))
        try:
            for part, text in texts.items():
                (draft / part).write_text(text, encoding="utf-8")
            draft.rename(self.own / name)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return folder.drill

    def _folder(self, name: str) -> Path:
        found = self.folders().get(name)
        if found is None:
            raise MissingError(f"there is no drill '{name[:60]}'; GET /api/v1/drills lists them")
        return found

    def _free(self, file: str, base: str) -> str:
        """Name of the new folder: that of the file where it is plain and free, else that of the base with a number."""
        taken = self.folders()
        if len(taken) >= MOST:
            raise InputError(f"there are {MOST} drills already: clear out the folder drills of the data folder first")
        stem = Path(file).stem.strip().lower().replace(" ", "-")
        if _NAME.fullmatch(stem) and stem not in taken:
            return stem
        return next(name for number in range(2, MOST + 3) if (name := f"{base[:54]}-{number}") not in taken)
