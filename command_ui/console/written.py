"""How does a large value reach the browser? As one text: compared, kept and sent without walking through it."""

import zlib
from typing import Any

from pydantic_core import to_json


def written(value: Any) -> str:
    """
    Write a value of a part as JSON text; empty for None. The page reads it with ``written.js``.

    A scene of 160 kB as a dict cost param a deep comparison and Bokeh a search for models inside it: nine tenths of
    what a new entry in the record cost each open page. Numbers that are none (NaN) become null, as in any JSON.
    """
    return "" if value is None else to_json(value, inf_nan_mode="null", fallback=_plain).decode()


_DRAWN = frozenset(
    {"zones", "envelope", "confidence", "history", "domino", "closed", "guards", "evacuation", "routes", "exposure"}
)
"""What of a scene is heavy, and changes with a run only."""


def scene_texts(scene: dict[str, Any] | None) -> dict[str, str]:
    """
    Give a scene in the two texts `drawn` and `scene` of a part, to be set in this order.

    The second names the first by its checksum, so that it changes whenever the first does: parts draw when it comes.
    """
    if scene is None:
        return {"drawn": "", "scene": ""}
    drawn = written({key: value for key, value in scene.items() if key in _DRAWN})
    parts = scene_parts(scene, drawn)
    return {"drawn": drawn, "scene": "{" + ",".join(f'"{name}":{text}' for name, text in parts.items()) + "}"}


def scene_parts(scene: dict[str, Any], drawn: str) -> dict[str, str]:
    """Give the parts of the text `scene`, each as text, so that only those that changed need to be sent again."""
    parts = {key: written(value) if value is not None else "null" for key, value in scene.items() if key not in _DRAWN}
    return {**parts, "drawn": str(zlib.crc32(drawn.encode()))}


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy."""
    return value.tolist()
