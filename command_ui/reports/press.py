"""In which form does a paper leave the house? DOCX to go on writing, PDF to print, sealed PDF to send."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from command_ui.reports.fonts import Faces, faces
from command_ui.reports.illustrate import illustrate
from command_ui.reports.paper import Paper
from gis.database import Caller
from gis.errors import OneMapError, UnavailableError
from scenarios.desk import Desk
from scenarios.situation import Situation

Format = Literal["docx", "pdf", "sealed"]
MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "sealed": "application/pdf",
}
MapMaker = Callable[[Situation, str, Caller, str, Faces], bytes | None]
"""Makes the map of a situation: situation, number of the incident, caller, language, fonts -> PNG."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A file: its name (ASCII), its media type, its bytes."""

    name: str
    media_type: str
    content: bytes


class Press:
    """
    Prints papers.

    Parameters
    ----------
    keys
        Folder of the installation's keys, where the seal lies.
    font
        The font file that is set, or None.
    map_maker
        None = `command_ui.reports.illustrate`.
    """

    def __init__(self, desk: Desk, keys: Path, font: Path | None = None, map_maker: MapMaker | None = None) -> None:
        self._keys, self._font = keys, font
        self._map: MapMaker = map_maker or partial(illustrate, desk)

    def print(self, paper: Paper, situation: Situation | None, wanted: Format, caller: Caller, *, who: str) -> Printed:
        """
        Print a paper; `situation` is what its map shows, None = no map.

        Raises
        ------
        UnavailableError
            No font with Chinese characters is found; a DOCX is written without one then.
        """
        from command_ui.reports import pdf, seal, word

        picture, fault = None, ""
        try:
            found: Faces | None = faces(self._font)
        except UnavailableError as error:
            if wanted != "docx":
                raise
            found, fault = None, str(error)
        if situation is not None and found is not None:
            try:
                picture = self._map(situation, paper.code, caller, paper.language, found)
            except OneMapError as error:
                fault = str(error)  # a report goes up without its map rather than not at all
        name = f"{paper.paper_number}-{paper.form}"
        if wanted == "docx":
            return Printed(f"{name}.docx", MEDIA[wanted], word.draw(paper, found, picture, who=who))
        assert found is not None
        content = pdf.draw(paper, found, picture, who=who, picture_fault=fault)
        if wanted == "sealed":
            content = seal.seal(content, self._keys, reason=f"{paper.title} {paper.stage_text}", place=paper.issuer)
            name += "-sealed"
        return Printed(f"{name}.pdf", MEDIA[wanted], content)
