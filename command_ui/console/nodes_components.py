"""Which part is the page of other nodes drawn from? One component: lines, outbox, inbox, incidents of others."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class NodeRoom(part.Part):
    """Lines to other nodes and what goes over them. It asks the interface by itself."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    csrf_token = param.String(default="")
    can_report = param.Boolean(default=False)
    tab = param.String(default="in")

    _bundle: ClassVar[Path] = DIST / "noderoom.bundle.js"
    _esm = PAGE / "noderoom.js"
