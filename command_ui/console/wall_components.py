"""Which part is the wall drawn from? One component that holds the three columns and its own quiet map."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class Wall(part.Part):
    """The big screen: read-only, drawn for 1080 lines and shown larger on larger walls."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    mode = param.Selector(default="live", objects=["live", "drill", "sim"])
    csrf_token = param.String(default="")
    city = param.String(default="")
    home = param.Dict(default={"centre": [118.71, 31.41], "zoom": 12})
    symbology = param.Dict(default={}, doc="What `layers.styles` says, as plain JSON.")
    basemaps = param.Dict(default={}, doc="Whose the base maps are: `credits` by choice.")
    signs = param.Dict(default={}, doc="What `layers.signs.catalogue` says.")
    layers = param.List(default=[])
    weather = param.Dict(default=None, allow_None=True)
    drawn = param.String(default="", doc="What a run drew of the scene; it changes with a run and not with an entry.")
    scene = param.String(default="", doc="The incident shown, see `command_ui.console.written`.")
    entries = param.List(default=[], doc="The latest entries of the incident shown.")
    expected = param.List(default=[])
    clocks = param.List(default=[])
    badges = param.List(default=[])
    loading = param.Boolean(default=True, doc="Until the incidents were read once: nothing is called quiet before.")
    others = param.Integer(default=0, doc="Open incidents that are not shown.")
    feeds = param.List(default=[])
    counts = param.Dict(default={}, doc="Layer -> title and rows.")
    watch = param.List(default=[], doc="What looks like an attack, for the duty's own wall.")
    risk = param.Dict(default={}, doc="Four-colour level as text -> enterprises.")

    _bundle: ClassVar[Path] = DIST / "wall.bundle.js"
    _esm = PAGE / "wall.js"
