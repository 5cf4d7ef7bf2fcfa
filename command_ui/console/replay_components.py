"""Which part is the replay drawn from? One component: banner, one or two maps, facts, the bar of time."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class ReplayRoom(part.Part):
    """An incident at a moment, beside another moment or a what-if. What is shown comes as messages."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    mode = param.Selector(default="live", objects=["live", "drill", "sim"])
    csrf_token = param.String(default="")
    home = param.Dict(default={"centre": [118.71, 31.41], "zoom": 12})
    symbology = param.Dict(default={}, doc="What `layers.styles` says, as plain JSON.")
    basemaps = param.Dict(default={}, doc="Whose the base maps are: `credits` by choice.")
    signs = param.Dict(default={}, doc="What `layers.signs.catalogue` says.")
    layers = param.List(default=[], doc="Layers drawn as they were known, entries of the layer tree.")
    incidents = param.List(default=[], doc="Incidents that can be looked back at.")
    loaded = param.Boolean(default=False)
    span = param.Dict(default=None, allow_None=True, doc="Incident chosen, from when to when, number of entries.")
    dots = param.List(default=[], doc="Entries on the bar; empty until the whole record is folded.")
    shown = param.Dict(default=None, allow_None=True, doc="What is drawn when the page opens, as a message would say.")
    fault = param.String(default="")
    can_imagine = param.Boolean(default=False)

    _bundle: ClassVar[Path] = DIST / "replay.bundle.js"
    _esm = PAGE / "replay.js"
