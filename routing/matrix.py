"""How long from each of these places to each of those?"""

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.crs import as_geographic
from routing.on_foot import walkable
from routing.profiles import Profile, profile
from routing.rescue import Placed, place_many, places_of, travel_times
from routing.view import View


def travel_matrix(
    view: View, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, vehicle: str | Profile | None = None
) -> tuple[pd.DataFrame, dict[str, dict[str, str]]]:
    """
    Travel seconds between places, closures held.

    Returns
    -------
    table
        Rows by the ``id`` of the origins, columns by that of the destinations; NaN where there is no way.
    statuses
        ``{"from": {id: status}, "to": {id: status}}`` of places that are not on the network, with the reason.
    """
    kind = profile(vehicle)
    view = walkable(view, kind)
    rows = _placed(view, origins, kind, "origin")
    columns = _placed(view, destinations, kind, "destination")
    seconds = travel_times(view, [p.snap for p in rows], [p.snap for p in columns], kind)
    table = pd.DataFrame(
        np.where(np.isfinite(seconds), seconds, np.nan),
        index=pd.Index(origins["id"].astype(str), name="id"),
        columns=list(destinations["id"].astype(str)),
    )
    statuses = {
        side: {str(key): f"{p.status}:{p.reason}" for key, p in zip(frame["id"], placed, strict=True) if p.snap is None}
        for side, frame, placed in (("from", origins, rows), ("to", destinations, columns))
    }
    return table, statuses


def _placed(view: View, frame: gpd.GeoDataFrame, kind: Profile, end: str) -> list[Placed]:
    return place_many(view, places_of(as_geographic(frame)), kind, end)
