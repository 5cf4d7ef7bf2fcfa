"""Which closed roads are drawn? All of them where they fit, the main ones where a whole quarter is closed."""

import numpy as np
import shapely

from routing.classes import CLASSES
from routing.view import View
from scenarios import drawing
from scenarios.events import Json

MOST_POINTS = 6000
"""Points of all lines together: a drawing, not a record; the count of closed segments is exact."""


def closed_roads(view: View) -> Json:
    """
    GeoJSON of the closed roads, one feature per name and class, most important first.

    A road is closed from junction to junction, also where only a part of it lies in a zone.

    Returns
    -------
    collection
        Properties ``name, road_class, length_m``; member ``complete`` says whether every closed road is drawn.
    """
    network = view.network
    segments = np.unique(np.asarray(network.arc_segment)[view.closed])
    if not len(segments):
        return {"type": "FeatureCollection", "complete": True, "features": []}
    classes = np.asarray(network.road_class)[segments]
    names = np.asarray(network.name_id)[segments]
    keys, owner = np.unique(np.column_stack((classes, names)), axis=0, return_inverse=True)
    owner = owner.ravel()
    lines = network.segment_lines(segments)
    length_m = np.asarray(network.length_m)[segments]
    features, points, complete = [], 0, True
    for group, (road_class, name) in enumerate(keys):
        own = np.flatnonzero(owner == group)
        joined = shapely.line_merge(shapely.multilinestrings(lines[own]))
        size = int(shapely.get_num_coordinates(joined))
        if points + size > MOST_POINTS:
            complete = False
            continue
        points += size
        features.append(
            {
                "type": "Feature",
                "geometry": drawing.geometry(joined),
                "properties": {
                    "name": str(network.names[int(name)]),
                    "road_class": CLASSES[int(road_class)],
                    "length_m": round(float(length_m[own].sum()), 1),
                },
            }
        )
    return {"type": "FeatureCollection", "complete": complete, "features": features}
