"""What does the network look like with some roads closed? A view of it; the network itself never changes."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.provenance import Provenance
from routing.engine import Engine
from routing.network import Network
from routing.profiles import CLOSED, Conditions, Profile, profile, weights_ms

VERSION = "1"
"""Version of the routing models, written into every result."""


@dataclass(frozen=True, slots=True)
class ClosureReport:
    """
    Echo of what was applied.

    Attributes
    ----------
    areas, area_km2
        Polygons taken and their joint area.
    segments, arcs, length_km
        What they and the reports closed.
    by_source
        Arcs closed by each named area or report.
    warnings
        Codes: ``no_arc_closed`` when an area closed nothing, ``repaired`` when an outline had to be mended.
    bridges_closed
        Bridges and tunnels inside the areas; they are closed unless the caller keeps them open.
    """

    areas: int = 0
    area_km2: float = 0.0
    segments: int = 0
    arcs: int = 0
    length_km: float = 0.0
    by_source: tuple[tuple[str, int], ...] = ()
    warnings: tuple[str, ...] = ()
    bridges_closed: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "areas": self.areas,
            "area_km2": round(self.area_km2, 6),
            "segments_closed": self.segments,
            "arcs_closed": self.arcs,
            "length_closed_km": round(self.length_km, 3),
            "by_source": [{"source": name, "arcs": arcs} for name, arcs in self.by_source],
            "bridges_closed": self.bridges_closed,
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, eq=False)
class View:
    """
    A network with closures.

    Attributes
    ----------
    closed
        Mask of arcs nobody may use, shape ``(m,)``.
    area
        The closed ground, lon/lat; None when only single roads are closed.
    report
        What was applied.
    conditions
        Hour and weather of the weights.
    slowed
        Arc ids and factors >= 1 on their time, from reports.
    """

    network: Network
    closed: NDArray[np.bool_]
    area: Any = None
    report: ClosureReport = field(default_factory=ClosureReport)
    conditions: Conditions = field(default_factory=Conditions)
    slowed: tuple[tuple[int, float], ...] = ()

    @cached_property
    def closed_arcs(self) -> NDArray[np.int64]:
        """Ids of the closed arcs."""
        return np.flatnonzero(self.closed)

    @cached_property
    def _weights(self) -> dict[Profile, NDArray[np.uint32]]:
        return {}

    @cached_property
    def _engines(self) -> dict[Profile, Engine]:
        return {}

    def weights(self, vehicle: str | Profile | None = None) -> NDArray[np.uint32]:
        """Milliseconds by arc for a vehicle, `CLOSED` where it may not go; do not write into it."""
        kind = profile(vehicle)
        if kind not in self._weights:
            weights = base_weights(self.network, kind, self.conditions).copy()
            for arc, factor in self.slowed:
                if weights[arc] != CLOSED:
                    weights[arc] = min(int(weights[arc] * factor), 2**30)
            weights[self.closed] = CLOSED
            self._weights[kind] = weights
        return self._weights[kind]

    def engine(self, vehicle: str | Profile | None = None) -> Engine:
        """The search engine on this view's weights; made once per vehicle and kept with the view."""
        kind = profile(vehicle)
        if kind not in self._engines:
            self._engines[kind] = engine_for(self.network, self.weights(kind), kind)
        return self._engines[kind]

    def provenance(self, model: str, inputs: dict[str, Any]) -> Provenance:
        """Provenance of a result on this view: the network's source and licence, what is closed, and the parameters."""
        origin = self.network.provenance
        notes = tuple(dict.fromkeys((*origin.notes, *self.report.warnings)))
        if self.network.report.get("inferred", {}).get("speed_by_class"):
            notes = (*notes, "speeds_inferred")
        return Provenance(
            source=origin.source,
            as_of=origin.as_of,
            model=model,
            version=VERSION,
            inputs={
                "network": self.network.name,
                "network_sha256": origin.inputs.get("sha256", ""),
                "arcs_closed": self.report.arcs,
                "area_km2": round(self.report.area_km2, 6),
                "hour": self.conditions.hour,
                "weather_factor": self.conditions.weather_factor,
                **inputs,
            },
            notes=notes,
            mode=origin.mode,
        )

    def contains(self, longitude: float, latitude: float) -> bool:
        """Whether a place lies in the closed ground; its edge counts."""
        return self.area is not None and bool(shapely.intersects_xy(self.area, longitude, latitude))


def base_weights(network: Network, vehicle: Profile, conditions: Conditions) -> NDArray[np.uint32]:
    """Weights before closures, kept with the network so that a new view costs one copy."""
    kept: dict[tuple[Profile, Conditions], NDArray[np.uint32]] = network.__dict__.setdefault("base_weights", {})
    key = (vehicle, conditions)
    if key not in kept:
        kept[key] = weights_ms(network, vehicle, conditions)
    return kept[key]


def engine_for(network: Network, weights: NDArray[np.uint32], vehicle: Profile) -> Engine:
    """The contraction-hierarchy engine where its wheel is installed, else scipy; both honour the same weights."""
    from routing import engine_cch

    if engine_cch.available():
        return engine_cch.CchEngine(network, weights, vehicle)
    from routing.engine_scipy import ScipyEngine

    return ScipyEngine(network, weights)
