"""Which zones did earlier runs draw? Kept as thin outlines with run and time, because a commander acted on them."""

from collections.abc import Sequence
from typing import Any

import shapely
from shapely.geometry import shape

from scenarios import drawing
from scenarios.situation import Run

Json = dict[str, Any]

DRAWN_RUNS = 3
"""Earlier runs drawn, the latest of them: more lines than that tell nobody anything."""
LINE_DEG = 4e-5  # about 4 m: below one pixel wherever a whole zone is seen


def earlier_zones(runs: Sequence[tuple[str, Run]]) -> list[Json]:
    """
    Outlines of earlier runs, oldest run first; the second widest of a run carries its label.

    Parameters
    ----------
    runs
        Number as people say it, and run; oldest first.
    """
    drawn = []
    for short, run in list(runs)[-DRAWN_RUNS:]:
        features = run.hazard.zones.get("features", []) if run.hazard is not None else []
        lines: list[Json] = []
        for feature in features:
            area = shape(feature["geometry"]) if feature.get("geometry") else shapely.Polygon()
            if area.is_empty:
                continue
            lines.append(
                {
                    "run": short,
                    "at": run.recorded_at.isoformat(),
                    "level": feature["properties"].get("level"),
                    "reach_m": float(feature["properties"].get("reach_m") or 0.0),
                    "geometry": _thin(area),
                    "label_at": _top(area),
                }
            )
        lines.sort(key=lambda one: -one["reach_m"])
        labelled = min(1, len(lines) - 1)  # the widest often ends outside the view of the latest zones
        drawn += [one | {"label_at": one["label_at"] if at == labelled else None} for at, one in enumerate(lines)]
    return drawn


def _thin(area: shapely.Geometry) -> Json:
    return drawing.geometry(shapely.simplify(area, LINE_DEG)) or {}


def _top(area: shapely.Geometry) -> list[float]:
    points = shapely.get_coordinates(area)
    top = points[int(points[:, 1].argmax())]
    return [round(float(top[0]), 6), round(float(top[1]), 6)]
