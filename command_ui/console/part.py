"""What is a part of a page? A small component of our own that speaks the user's language and sends small messages."""

import json
from pathlib import Path
from typing import Any, ClassVar

import param
from panel.custom import JSComponent

from command_ui.console.theme.tokens import css_variables, tokens

CONSOLE = Path(__file__).parent
PAGE = CONSOLE / "page"
MAP_PAGE = CONSOLE.parent / "map" / "page"
DIST = CONSOLE / "dist"
"""Where the bundles lie; a module with parts of its own gives them their own bundle there."""

ENTRIES = frozenset(
    {
        "frame",
        "shell",
        "appbar",
        "queue",
        "mapview",
        "inspector",
        "timeline",
        "intake",
        "alarmtable",
        "wall",
        "plantfile",
        "analysis",
        "dataroom",
        "planroom",
        "noderoom",
        "guide",
        "consult",
        "accountroom",
        "auditroom",
        "drill",
        "replay",
        "reporteditor",
    }
)
"""Scripts that draw a part; every other script in the two folders is shared by name."""


def _shared_scripts() -> dict[str, Any]:
    """Scripts the components share by name, and two made here: the tokens and the style sheets."""
    scripts: dict[str, Any] = {
        path.stem: path
        for folder in (PAGE, MAP_PAGE)
        for path in sorted(folder.glob("*.js"))
        if path.stem not in ENTRIES
    }
    sheets = "\n".join(
        path.read_text(encoding="utf-8") for folder in (PAGE, MAP_PAGE) for path in sorted(folder.glob("*.css"))
    )
    scripts["tokens"] = f"export const tokens = {json.dumps(tokens(), ensure_ascii=False)}"
    scripts["sheets"] = (
        f"export const tokenSheet = {json.dumps(css_variables())}\n"
        f"export const componentSheet = {json.dumps(sheets, ensure_ascii=False)}"
    )
    return scripts


class Part(JSComponent):
    """A part of the page: it speaks the language it is given and sends commands as small messages."""

    texts = param.Dict(default={}, doc="Code -> text once another language is chosen; the page has the first.")
    layer_choice = param.Dict(default={}, doc="Layers this person shows otherwise than the catalogue says.")

    _esm_shared: ClassVar[dict[str, Any]] = _shared_scripts()
    __abstract = True

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message to the browser's side of this part."""
        self._send_msg(message)
