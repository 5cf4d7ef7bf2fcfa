"""Which part is the dossier page drawn from? One component: header, tabs, cards, charts and a small map."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class EnterpriseFile(part.Part):
    """The file of one enterprise, or the list to choose one from."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    symbology = param.Dict(default={}, doc="What `layers.styles` says, as plain JSON.")
    basemaps = param.Dict(default={}, doc="Whose the base maps are: `credits` by choice.")
    file = param.Dict(default=None, allow_None=True, doc="What `command_ui.console.file_content` gives.")
    choices = param.List(default=[], doc="Enterprises to begin with when none is chosen.")
    wanted = param.String(default="", doc="Enterprise asked for; empty while none is.")
    fault = param.String(default="")
    can_report = param.Boolean(default=False)

    _bundle: ClassVar[Path] = DIST / "plantfile.bundle.js"
    _esm = PAGE / "plantfile.js"
