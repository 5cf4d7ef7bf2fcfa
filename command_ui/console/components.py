"""Which parts are the desk and the frame of every page drawn from? Their scripts lie in the `page` folders."""

from pathlib import Path
from typing import ClassVar

import param
from panel.custom import Child, Children

from command_ui.console import part
from command_ui.console.part import DIST
from command_ui.console.part import MAP_PAGE as _MAP_PAGE
from command_ui.console.part import PAGE as _PAGE


class ConsolePart(part.Part):
    """A part that lies in the bundle every page loads."""

    _bundle: ClassVar[Path] = DIST / "console.bundle.js"
    __abstract = True


class Frame(ConsolePart):
    """The full-window grid with the drill watermark, toasts and the list of keys."""

    bar = Child()
    queue = Child()
    map = Child()
    inspector = Child()
    timeline = Child()
    dialog = Child()
    consult = Child(default=None)
    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    mode = param.Selector(default="live", objects=["live", "drill", "sim"])
    server_now = param.String(default="", doc="Time of the server when the page was made; clocks follow it.")
    follows = param.String(default="", doc="Incident whose line the page is to be on; empty for none.")

    _esm = _PAGE / "frame.js"


class Shell(ConsolePart):
    """The frame of every page but the desk: app bar if any, content, drill watermark, toasts, list of keys."""

    bar = Child(default=None)
    main = Children()
    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    mode = param.Selector(default="live", objects=["live", "drill", "sim"])
    page = param.String(default="", doc="Code of the page; its window title is `page.<code>`.")
    server_now = param.String(default="", doc="Time of the server when the page was made; clocks follow it.")

    _esm = _PAGE / "shell.js"


class AppBar(ConsolePart):
    """Mode, services, wind, clock and who is signed in."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    mode = param.Selector(default="live", objects=["live", "drill", "sim"])
    city = param.String(default="")
    services = param.Dict(default={})
    weather = param.Dict(default=None, allow_None=True)
    started_at = param.String(default="")
    user = param.Dict(default={})
    csrf_token = param.String(default="")
    pages = param.List(default=[], doc="Pages of the menu: code, path, icon.")
    page = param.String(default="map", doc="Code of the page looked at.")

    _esm = _PAGE / "appbar.js"


class Queue(ConsolePart):
    """Incidents with their clocks, what asks for attention, and the feeds."""

    incidents = param.List(default=[])
    selected = param.String(default="")
    notices = param.List(default=[])
    standing = param.String(default="", doc="Alarms, their number by state and roll-calls, see `Alarms.queue`.")
    feeds = param.List(default=[])
    loading = param.Boolean(default=True)
    updated_at = param.String(default="")
    can_report = param.Boolean(default=False)

    _esm = _PAGE / "queue.js"


class MapView(ConsolePart):
    """The map: ground and layers as tiles, the incident as a small scene."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    mode = param.Selector(default="live", objects=["live", "drill", "sim"])
    home = param.Dict(default={"centre": [118.71, 31.41], "zoom": 12})
    views = param.List(default=[], doc="Kept views of the person: name and link.")
    basemaps = param.Dict(default={}, doc="National base maps: choices, state of each publisher, credits.")
    layers = param.List(default=[])
    drawn = param.String(default="", doc="What a run drew of the scene; it changes with a run and not with an entry.")
    scene = param.String(default="", doc="The incident looked at, see `command_ui.console.written`.")
    weather = param.Dict(default=None, allow_None=True)
    sketches = param.List(default=[], doc="Private marks of the person on the incident looked at.")
    picking = param.Boolean(default=False)
    can_report = param.Boolean(default=False)
    revision = param.Integer(default=0)
    moment = param.String(default="", doc="Moment looked back at, whose layers are drawn; empty follows the present.")

    _esm = _MAP_PAGE / "mapview.js"


class Inspector(ConsolePart):
    """Five tabs about the chosen incident."""

    drawn = param.String(default="", doc="What a run drew of the scene; it changes with a run and not with an entry.")
    scene = param.String(default="", doc="The incident looked at, see `command_ui.console.written`.")
    record = param.String(default="", doc="How long the record is, how much of which group, its newest rows; as text.")
    busy = param.Dict(default={})
    csrf_token = param.String(default="")
    person = param.String(default="", doc="Account whose lines these are while they wait for the network.")

    _esm = _PAGE / "inspector.js"


class Timeline(ConsolePart):
    """Entries by time in three lanes, with a playhead."""

    record = param.String(default="", doc="How long the record is, from when to when, the dots of the whole; as text.")
    expected = param.List(default=[])
    moment = param.String(default="", doc="Empty while the page follows the present.")

    _esm = _PAGE / "timeline.js"


class Intake(ConsolePart):
    """The docked form of 接报登记: place and progress are drawn here, the fields are stock widgets."""

    form = Child()
    opened = param.Boolean(default=False)
    place = param.Dict(default=None, allow_None=True)
    alarm = param.Dict(default=None, allow_None=True, doc="The alarm this report is made of.")
    revising = param.Dict(default=None, allow_None=True, doc="The incident whose source or weather is put right.")
    typed = param.Dict(default={}, doc="What the officer typed, for the browser to keep until it is sent.")
    sent = param.Integer(default=0, doc="How many forms of this page were recorded: the browser forgets what it kept.")
    labels = param.Dict(default={}, doc="Label of a field of text -> its name: without a line the browser reads it.")
    faults = param.List(default=[])
    busy = param.Dict(default={})

    _esm = _PAGE / "intake.js"
