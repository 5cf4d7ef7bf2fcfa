"""Which part is a consultation drawn from? One: its banner over the map, and the room beside it."""

from pathlib import Path
from typing import ClassVar

import param

from command_ui.console import part
from command_ui.console.part import DIST, PAGE


class Consultation(part.Part):
    """Banner, roll-call, minutes and words of a consultation; the door to it while one is not inside."""

    incident = param.Dict(default={}, doc="Id and title of the incident looked at.")
    rooms = param.List(default=[], doc="Consultations that go on and are the person's to enter.")
    room = param.Dict(default={}, doc="The one that goes on in the incident looked at, as the record has it.")
    past = param.List(default=[], doc="Ended ones of the incident: name, topic, when.")
    seats = param.List(default=[], doc="Units to suggest for the table.")
    may = param.Dict(default={}, doc="What the person may do: open, write down.")
    me = param.Dict(default={}, doc="Account and name of the person.")
    video = param.Dict(default={}, doc="Address and host of the video conference; empty where none is set.")
    moment = param.String(default="", doc="Moment looked back at; empty follows the present.")
    mode = param.Selector(default="live", objects=["live", "drill", "sim"])

    _bundle: ClassVar[Path] = DIST / "consult.bundle.js"
    _esm = PAGE / "consult.js"
