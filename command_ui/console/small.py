"""How does a geometry travel to the browser in few bytes?"""

import json
from typing import Any

import shapely

Json = dict[str, Any]

LINE_DEG = 4e-5
"""About 4 m: below one pixel wherever a whole route is seen."""
_DIGITS = 6


def geojson(area: shapely.Geometry) -> Json:
    """GeoJSON of a shape, rounded to a millionth of a degree."""
    # A millionth of a degree is a decimetre: more digits only make the message longer.
    rounded = shapely.set_precision(area, 10.0**-_DIGITS, mode="pointwise")
    drawn: Json = json.loads(shapely.to_geojson(rounded))
    return drawn
