"""Which part is the report page drawn from? One component: fields to the left, the paper to the right."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class ReportEditor(part.Part):
    """A report being written: what the record fills, what a person types, the paper as it will be read."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    mode = param.Selector(default="live", objects=["live", "drill", "sim"])
    incidents = param.List(default=[], doc="Incidents one may report on: id, number, title, status.")
    chosen = param.Dict(default={}, doc="Incident, form, channel and stage that are open.")
    paper = param.Dict(default=None, allow_None=True, doc="The report as it would go up now.")
    typed = param.Dict(default={}, doc="What this person typed, as the server keeps it.")
    saved = param.Dict(default={}, doc="Number of the last save that arrived, its moment and revision.")
    sent = param.List(default=[], doc="Reports that went up, the latest first, with receipts.")
    clocks = param.List(default=[])
    fault = param.String(default="")
    may_send = param.Boolean(default=False)
    csrf_token = param.String(default="")
    busy = param.Boolean(default=True)

    _bundle: ClassVar[Path] = DIST / "report.bundle.js"
    _esm = PAGE / "reporteditor.js"
