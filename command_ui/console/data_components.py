"""Which part is the data page drawn from? One component: layer tree, import, quality with its map, rows."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class DataRoom(part.Part):
    """Layers with their quality at the left; import, defects and rows at the right. It asks the interface by itself."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    symbology = param.Dict(default={}, doc="What `layers.styles` says, as plain JSON.")
    basemaps = param.Dict(default={}, doc="Whose the base maps are: `credits` by choice.")
    layers = param.List(default=[], doc="Layer tree as the map has it.")
    columns = param.Dict(default={}, doc="Layer -> columns that can be filtered by, with titles.")
    importable = param.List(default=[], doc="Layers files are imported into.")
    rules = param.List(default=[], doc="Rules in the order of the report.")
    home = param.Dict(default={})
    csrf_token = param.String(default="")
    can_import = param.Boolean(default=False)

    _bundle: ClassVar[Path] = DIST / "dataroom.bundle.js"
    _esm = PAGE / "dataroom.js"


"""Entry script; the tree, the import, the defects and the rows are scripts of their own beside it."""
