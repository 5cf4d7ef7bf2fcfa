"""Which part is the page of drills drawn from? One component: library, controller, player and evaluator views."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class DrillRoom(part.Part):
    """An exercise as it is led, played and judged. It asks the interface by itself and is told when to look again."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    mode = param.Selector(default="live", objects=["live", "drill", "sim"])
    csrf_token = param.String(default="")
    may_conduct = param.Boolean(default=False, doc="Whether this person steers: sees the list and lets injects go.")
    may_evaluate = param.Boolean(default=False)
    tab = param.String(default="", doc="View asked for by the address.")
    run = param.String(default="", doc="Exercise asked for by the address.")
    role = param.String(default="", doc="Role asked for by the address.")
    home = param.Dict(default={"centre": [118.71, 31.41], "zoom": 12})
    symbology = param.Dict(default={}, doc="What `layers.styles` says, as plain JSON.")
    basemaps = param.Dict(default={}, doc="Whose the base maps are: `credits` by choice.")

    _bundle: ClassVar[Path] = DIST / "drill.bundle.js"
    _esm = PAGE / "drill.js"
