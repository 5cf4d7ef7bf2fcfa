"""Which part is the alarm page drawn from? One component with filters, table, the chosen alarm, health and calls."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class AlarmTable(part.Part):
    """Everything below the app bar of the alarm page."""

    alarms = param.List(default=[], doc="Cards of `command_ui.console.alarms.card`.")
    counts = param.Dict(default={})
    tracks = param.Dict(default={}, doc="Point -> times (ms) and values of the last half hour.")
    gateways = param.List(default=[])
    calls = param.List(default=[])
    posts = param.List(default=[], doc="Duty posts that can be called.")
    incidents = param.List(default=[], doc="Open incidents an alarm can be added to: id, title, number.")
    loading = param.Boolean(default=True)
    fault = param.String(default="")
    may_act = param.Boolean(default=False)
    updated_at = param.String(default="")

    _bundle: ClassVar[Path] = DIST / "alarms.bundle.js"
    _esm = PAGE / "alarmtable.js"
