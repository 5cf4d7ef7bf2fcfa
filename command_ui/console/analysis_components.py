"""Which part is the analysis page drawn from? One component: choices, a map of hexagons, charts."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class AnalysisBoard(part.Part):
    """Counts of a filter: on the map, by group, by month, by hour of the week."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    symbology = param.Dict(default={}, doc="What `layers.styles` says, as plain JSON.")
    basemaps = param.Dict(default={}, doc="Whose the base maps are: `credits` by choice.")
    home = param.Dict(default={"centre": [118.71, 31.41], "zoom": 11})
    choices = param.Dict(default={}, doc="Codes and names that may be chosen.")
    cut = param.Dict(default={}, doc="What is chosen.")
    result = param.Dict(default=None, allow_None=True, doc="Counts of the cut, see `layers.analysis`.")
    fault = param.String(default="")
    busy = param.Boolean(default=True)

    _bundle: ClassVar[Path] = DIST / "analysis.bundle.js"
    _esm = PAGE / "analysis.js"
