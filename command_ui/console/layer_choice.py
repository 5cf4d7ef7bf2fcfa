"""Which layers does this person show, and how strongly? One choice for every map of theirs, kept over sign-ins."""

import asyncio
import json
from typing import TYPE_CHECKING

from gis.errors import OneMapError
from layers import catalogue, filters
from layers.catalogue import LAYERS

if TYPE_CHECKING:
    from command_ui.console.act import Act, Json
    from command_ui.console.preferences import Preferences

_KEY = "layers"
EARLIER = "earlier_zones"
"""No layer of the ground: the zones of earlier runs on the duty map."""
_KNOWN = frozenset({EARLIER, *(spec.key for spec in LAYERS)})


class LayerChoice:
    """
    Layers a person chose otherwise than the catalogue: key -> ``shown``, ``opacity`` from 0 to 1, and ``only``.

    ``only`` is the filter of the layer as `filters.read_filter` takes it; without it every row is drawn.
    """

    def __init__(self, preferences: "Preferences", name: str) -> None:
        self._preferences = preferences
        self._name = name
        self._turn = asyncio.Lock()

    def read(self) -> "Json":
        """Give the choice; what cannot be read counts as none."""
        try:
            kept = json.loads(self._preferences.of(self._name).get(_KEY, "{}"))
        except ValueError:
            return {}
        return sound(kept)

    def acts(self) -> "dict[str, Act]":
        """Give what each message does."""
        return {"layer_choice": self._keep}

    async def _keep(self, message: "Json") -> None:
        async with self._turn:
            kept = self.read() | sound(message.get("changes"))
            await asyncio.to_thread(self._preferences.keep, self._name, **{_KEY: json.dumps(kept)})


def sound(choice: object) -> "Json":
    """
    Keep of a choice what names a layer and is in range.

    Examples
    --------
    >>> sound({"shelter": {"shown": True, "opacity": 0.4}, "nothing": {"shown": True}, "camera": {"shown": 1}})
    {'shelter': {'shown': True, 'opacity': 0.4}}
    """
    if not isinstance(choice, dict):
        return {}
    found: dict[str, object] = {}
    for key, one in choice.items():
        if key not in _KNOWN or not isinstance(one, dict) or not isinstance(one.get("shown"), bool):
            continue
        opacity = one.get("opacity", 1.0)
        if isinstance(opacity, int | float) and not isinstance(opacity, bool) and 0 <= opacity <= 1:
            found[key] = {"shown": one["shown"], "opacity": float(opacity)} | _filtered(key, one.get("only"))
    return found


def _filtered(key: str, only: object) -> "Json":
    """Give the filter of a layer where it is one that can be asked of its table."""
    if key == EARLIER or not isinstance(only, list) or not only or not all(isinstance(one, str) for one in only):
        return {}
    try:
        filters.meets(catalogue.layer(key), filters.read_filter(only))
    except OneMapError:
        return {}
    return {"only": only}
