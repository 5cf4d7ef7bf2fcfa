"""Where does the sheet's map library come from? From our own bundle folder, written into the file itself."""

import re
from functools import cache
from pathlib import Path

from branca.element import Element
from jinja2 import Template

from gis.errors import UnavailableError

DIST = Path(__file__).resolve().parents[1] / "dist"
"""Where `onemap bundle` puts what the page's packages bring along."""

_EMPTY = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
_OWN_WAYS = (
    # A marker is made with the library's picture before it gets ours; that picture would be asked for beside the file.
    f"L.Icon.Default.prototype._getIconUrl = function () {{ return '{_EMPTY}' }};"
    "L.Control.Scale.prototype.options.imperial = false;"
)
_ADDRESS = re.compile(r"url\((?!data:|#)[^)]*\)")
_SOURCE_MAP = re.compile(r"(?m)^//# sourceMappingURL=.*$")


class Verbatim(Element):
    """A piece of the page written out as it stands; its text is never read as a template."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


@cache
def leaflet() -> tuple[str, str]:
    """
    Give Leaflet as one script and one style element, without any address to load from.

    Raises
    ------
    UnavailableError
        The page was never bundled.
    """
    script, style = DIST / "leaflet.js", DIST / "leaflet.css"
    if not script.exists() or not style.exists():
        raise UnavailableError("the map library of the briefing is missing: run 'onemap bundle' once")
    code = _SOURCE_MAP.sub("", script.read_text(encoding="utf-8")).replace("</script", "<\\/script")
    rules = _ADDRESS.sub("none", style.read_text(encoding="utf-8"))
    return f"<script>{code}\n{_OWN_WAYS}</script>", f"<style>{rules}</style>"
