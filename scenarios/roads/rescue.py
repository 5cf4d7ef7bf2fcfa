"""Which team reaches the scene first without touching a zone, and from which side?"""

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from gis.crs import LonLat
from routing.view import View
from scenarios import drawing
from scenarios.events import RoutesProposed
from scenarios.roads.assumed import entry_points
from scenarios.roads.closed import closed_roads

if TYPE_CHECKING:
    from routing.store import Closures

ROUTES_DRAWN = 10
NOTHING = {"type": "FeatureCollection", "features": []}


def rescue(
    view: View | None, teams: gpd.GeoDataFrame | None, scene: LonLat, wind_from_deg: float | None
) -> RoutesProposed:
    """
    Ranked routes to the approach point: outside the closed ground, upwind where the roads allow.

    The fastest are drawn, with all that cannot come and why; the rest are ``further_teams``, ranked without a line.

    Without teams the routes begin where crews from outside are assumed to come in (``teams_are = "assumed_entry"``).
    Without roads the status is ``no_data``.
    """
    if view is None:
        return RoutesProposed(
            run_id="", status="no_data", seconds=0.0, provenance={}, routes=NOTHING, closed_roads=NOTHING,
            closed_count=0, network="", teams_are="none", notes=("no_roads_here",),
        )  # fmt: skip
    from routing.dispatch import ranking

    given = teams is not None and len(teams) > 0
    crews = teams if given and teams is not None else entry_points(view, scene)
    found = ranking(
        view,
        crews,
        scene,
        wind_from_deg=wind_from_deg,
        profile=None if given else "fire_engine",
        routes=ROUTES_DRAWN,
    )
    frame = found.frame
    approach = {name: target.as_json() for name, target in found.approach.items()}
    reached = bool((frame["status"] == "ok").any())
    notes = list(found.provenance.notes)
    if not given:
        notes.append("teams_assumed")
    if not reached:
        notes.append("no_team_reaches_scene")
    frame = frame.drop(columns=[column for column in ("ways",) if column in frame.columns])
    ranked_only = (frame["status"] == "ok") & frame.geometry.isna()
    return RoutesProposed(
        run_id="",
        status="ok" if reached else "failed",
        seconds=0.0,
        provenance=drawing.origin(found.provenance),
        routes=drawing.feature_collection(
            frame[~ranked_only],
            approach=drawing.plain(approach),
            further_teams=list(drawing.rows(pd.DataFrame(frame[ranked_only].drop(columns="geometry")))),
        ),
        closed_roads=NOTHING,
        closed_count=0,
        network=view.network.name,
        teams_are="given" if given else "assumed_entry",
        notes=tuple(dict.fromkeys(notes)),
    )


def with_roads(routes: RoutesProposed, view: View, held: "Closures | None") -> RoutesProposed:
    """Routes with what is drawn beside them: the closed roads, what was reported closed, and the crossings to guard."""
    from routing.closing_points import closing_points

    return replace(
        routes,
        closed_roads=closed_roads(view),
        closed_count=view.report.segments,
        honoured=held.known_as if held is not None else (),
        closing_points=drawing.feature_collection(closing_points(view)),
    )
