"""Which parts is the page drawn from? Own small components, bundled together; their scripts lie in `page` folders."""

import json
from pathlib import Path
from typing import Any, ClassVar

import param
from panel.custom import Child, JSComponent

from command_ui.console.theme.tokens import css_variables, tokens

_CONSOLE = Path(__file__).parent
_PAGE = _CONSOLE / "page"
_MAP_PAGE = _CONSOLE.parent / "map" / "page"
_ENTRIES = frozenset({"frame", "appbar", "queue", "mapview", "inspector", "timeline", "intake"})


def _shared_scripts() -> dict[str, Any]:
    """Scripts the components share by name, and two made here: the tokens and the style sheets."""
    scripts: dict[str, Any] = {
        path.stem: path
        for folder in (_PAGE, _MAP_PAGE)
        for path in sorted(folder.glob("*.js"))
        if path.stem not in _ENTRIES
    }
    sheets = "\n".join(
        path.read_text(encoding="utf-8") for folder in (_PAGE, _MAP_PAGE) for path in sorted(folder.glob("*.css"))
    )
    scripts["tokens"] = f"export const tokens = {json.dumps(tokens(), ensure_ascii=False)}"
    scripts["sheets"] = (
        f"export const tokenSheet = {json.dumps(css_variables())}\n"
        f"export const componentSheet = {json.dumps(sheets, ensure_ascii=False)}"
    )
    return scripts


class Part(JSComponent):
    """A part of the page: it speaks the language it is given and sends commands as small messages."""

    texts = param.Dict(default={}, doc="Code -> text in the language of the user.")

    _bundle: ClassVar[Path] = _CONSOLE / "dist" / "console.bundle.js"
    _esm_shared: ClassVar[dict[str, Any]] = _shared_scripts()
    __abstract = True

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message to the browser's side of this part."""
        self._send_msg(message)


class Frame(Part):
    """The full-window grid with the drill watermark, toasts and the list of keys."""

    bar = Child()
    queue = Child()
    map = Child()
    inspector = Child()
    timeline = Child()
    dialog = Child()
    theme = param.Selector(default="dark", objects=["dark", "light"])
    language = param.Selector(default="zh", objects=["zh", "en"])
    mode = param.Selector(default="live", objects=["live", "drill", "sim"])
    server_now = param.String(default="", doc="Time of the server when the page was made; clocks follow it.")

    _esm = _PAGE / "frame.js"


class AppBar(Part):
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

    _esm = _PAGE / "appbar.js"


class Queue(Part):
    """Incidents with their clocks, what asks for attention, and the feeds."""

    incidents = param.List(default=[])
    selected = param.String(default="")
    notices = param.List(default=[])
    alarms = param.List(default=[])
    feeds = param.List(default=[])
    loading = param.Boolean(default=True)
    updated_at = param.String(default="")
    can_report = param.Boolean(default=False)

    _esm = _PAGE / "queue.js"


class MapView(Part):
    """The map: ground and layers as tiles, the incident as a small scene."""

    theme = param.Selector(default="dark", objects=["dark", "light"])
    mode = param.Selector(default="live", objects=["live", "drill", "sim"])
    home = param.Dict(default={"centre": [118.71, 31.41], "zoom": 12})
    symbology = param.Dict(default={}, doc="What `layers.styles` says, as plain JSON.")
    layers = param.List(default=[])
    scene = param.Dict(default=None, allow_None=True)
    weather = param.Dict(default=None, allow_None=True)
    picking = param.Boolean(default=False)
    can_report = param.Boolean(default=False)
    revision = param.Integer(default=0)

    _esm = _MAP_PAGE / "mapview.js"


class Inspector(Part):
    """Five tabs about the chosen incident."""

    scene = param.Dict(default=None, allow_None=True)
    entries = param.List(default=[])
    busy = param.Dict(default={})

    _esm = _PAGE / "inspector.js"


class Timeline(Part):
    """Entries by time in three lanes, with a playhead."""

    entries = param.List(default=[])
    expected = param.List(default=[])
    moment = param.String(default="", doc="Empty while the page follows the present.")

    _esm = _PAGE / "timeline.js"


class Intake(Part):
    """The docked form of 接报登记: place and progress are drawn here, the fields are stock widgets."""

    form = Child()
    opened = param.Boolean(default=False)
    place = param.Dict(default=None, allow_None=True)
    faults = param.List(default=[])
    busy = param.Dict(default={})

    _esm = _PAGE / "intake.js"
