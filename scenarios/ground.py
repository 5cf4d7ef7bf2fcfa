"""What does an assessment stand on? People, facilities, teams, shelters and roads of a place, each with its origin."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd

from gis.provenance import Mode, Provenance

if TYPE_CHECKING:
    from routing.network import Network
    from routing.store import Closures


@dataclass(frozen=True)
class Ground:
    """
    Everything known about a place before the assessment; what no source covers is None, never an empty frame.

    Attributes
    ----------
    people, facilities, teams, shelters
        Frames of ``gis.columns``, lon/lat.
    hazard_sources
        Major-hazard units of the ledger as ``layers.store.hazard_sources`` gives them: what a fire may spread to.
    network
        Roads covering the place.
    closed
        What of them is reported closed; None when nobody could look.
    provenance
        Origin of each part, by its name here.
    mode
        World the assessment belongs to; stamped on every part of it.
    """

    people: gpd.GeoDataFrame | None = None
    facilities: gpd.GeoDataFrame | None = None
    teams: gpd.GeoDataFrame | None = None
    shelters: gpd.GeoDataFrame | None = None
    hazard_sources: gpd.GeoDataFrame | None = None
    network: "Network | None" = None
    closed: "Closures | None" = None
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    mode: Mode = "live"
