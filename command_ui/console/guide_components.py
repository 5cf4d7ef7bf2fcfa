"""Which part is the guide drawn from? One: chapters at the left, the chosen one beside them."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class Guide(part.Part):
    """The guide as a book: it asks the server for nothing once it is open."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    chapters = param.List(default=[], doc="`code`, `title` and `pieces` of each chapter.")

    _bundle: ClassVar[Path] = DIST / "guide.bundle.js"
    _esm = PAGE / "guide.js"
