"""Which part is the page of plans drawn from? One component: library with import, cards, supplies, change of shift."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class PlanRoom(part.Part):
    """Plans, cards, supplies and change of shift. It asks the interface by itself."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    csrf_token = param.String(default="")
    person = param.String(default="", doc="Account signed in: it cannot take over from itself.")
    can_import = param.Boolean(default=False)
    can_take = param.Boolean(default=False, doc="Whether supplies may be taken out and given back.")
    mode = param.String(default="drill")
    tab = param.String(default="plans")
    wanted = param.String(default="", doc="Plan asked for by the address.")
    divisions = param.Dict(default={}, doc="Division code -> name, of those plans are made for.")
    chemicals = param.Dict(default={}, doc="CAS number -> Chinese and English name.")

    _bundle: ClassVar[Path] = DIST / "planroom.bundle.js"
    _esm = PAGE / "planroom.js"
