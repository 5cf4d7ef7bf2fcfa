"""Which other hazard sources does a fire or explosion reach, how hard, and how soon may they fail?"""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.errors import OneMapError
from gis.provenance import Provenance
from plume import properties
from plume.fire import domino, in_case
from plume.fire.scenario import FireForecast
from plume.release_kinds import FireInput
from scenarios import drawing
from scenarios.events import Json
from scenarios.ground import Ground
from scenarios.hazards.zones import Hazard

OWN_WITHIN_M = 10.0
"""A ledger entry this close to the scene is what burns, not what is reached."""
SOUND_M_S = 340.0
FULL_SHARE = 0.85
"""A tank is taken to be this full at its design quantity (TSG 21: at most 0.95 for liquefied gas)."""
KG_PER_T = 1000.0
WATER_KG_M3 = 1000.0
AMBIENT_K = 298.15
MOST_LISTED = 60
_KEPT = ("id", "name", "enterprise_name", "substance", "stock_t", "hazard_level")


def reach(hazard: Hazard, ground: Ground) -> Json | None:
    """
    Other hazard sources of the ledger within the zones of a fire or explosion, most at risk first; None for a gas.

    Returns
    -------
    domino
        ``status`` (no_data: the ledger knows no source here); ``criteria`` (kind, threshold, unit, trust, source);
        ``reached``, at most `MOST_LISTED` rows: what the ledger says, longitude, latitude, distance_m, kind (heat,
        blast), value, unit, threshold, level of the zone it lies in or 0, ``after_s`` (heat: until it may fail in a
        fire that lasts; blast: until the wave arrives) and ``escalates``; ``burns_s`` (None: no end known); ``own``,
        ids at the scene itself, left out; ``notes``; ``provenance``.
    """
    release = hazard.case.release
    if not isinstance(release, FireInput):
        return None
    done = in_case.burning(release, release.fuel, hazard.case.resolved_weather(), hazard.scene)
    criteria = _criteria(done)
    answer: Json = {"status": "no_data", "criteria": criteria, "reached": [], "burns_s": None, "own": [], "notes": []}
    sources = ground.hazard_sources
    if sources is None:
        return answer | {"notes": ["no_hazard_sources"], "provenance": {}}
    burns_s = done.summary.get("duration_s") if done.heat is not None else None
    marked = _marked(sources, done, hazard)
    own = marked["distance_m"] <= OWN_WITHIN_M
    listed = marked[~own & ((marked["level"] > 0) | (marked["value"] >= marked["threshold"]))]
    listed = _timed(listed, done, burns_s)
    notes = _notes(listed, done)
    origin = Provenance(
        source="plume.fire.domino",
        as_of=hazard.case.incident.occurred_at,
        model="domino",
        version="1",
        inputs={"criteria": criteria, "sources": len(sources), "own": sorted(map(str, marked.loc[own, "id"]))},
        notes=tuple(notes),
        mode=ground.mode,
    )
    rows = drawing.rows(listed.sort_values(["escalates", "value"], ascending=False).head(MOST_LISTED))
    return answer | {
        "status": "ok",
        "reached": [_row(row, "heat" if done.heat is not None else "blast") for row in rows],
        "burns_s": None if burns_s is None else round(float(burns_s), 1),
        "own": sorted(map(str, marked.loc[own, "id"])),
        "notes": notes,
        "provenance": drawing.origin(origin),
    }


def _criteria(done: FireForecast) -> list[Json]:
    found = []
    for kind, source, rule in (
        ("heat", done.heat, domino.HEAT_ESCALATION),
        ("blast", done.blast, domino.BLAST_ESCALATION),
    ):
        if source is not None:
            found.append(
                {
                    "kind": kind,
                    "threshold": drawing.plain(rule.threshold),
                    "unit": rule.unit,
                    "trust": rule.trust,
                    "source": rule.source,
                }
            )
    return found


def _marked(sources: gpd.GeoDataFrame, done: FireForecast, hazard: Hazard) -> gpd.GeoDataFrame:
    """Sources with what each receives and the worst zone around it."""
    wind = hazard.case.weather.wind_from_deg
    if done.heat is not None:
        marked = domino.reached_by_heat(sources, done.heat, hazard.scene, wind)
    else:
        assert done.blast is not None  # one of them is there
        marked = domino.reached_by_blast(sources, done.blast, hazard.scene, wind)
    level = np.zeros(len(marked), int)
    for zone in hazard.zones.itertuples():
        inside = shapely.covers(zone.geometry, marked.geometry.to_numpy())
        level = np.where(inside, np.maximum(level, int(zone.level)), level)
    return marked.assign(level=level)


def _timed(listed: gpd.GeoDataFrame, done: FireForecast, burns_s: float | None) -> gpd.GeoDataFrame:
    """With the seconds until each may fail; what outlasts the fire does not carry it on."""
    if done.heat is None:
        return listed.assign(after_s=listed["distance_m"] / SOUND_M_S)
    held = [_vessel(row) for row in listed.to_dict("records")]
    volume, pressurised = np.array([one[0] for one in held], float), np.array([one[1] for one in held], bool)
    after = domino.time_to_failure_s(listed["value"].to_numpy(float), volume, pressurised)
    strong = listed["value"].to_numpy(float) >= listed["threshold"].to_numpy(float)
    in_time = np.ones(len(listed), bool) if burns_s is None else after <= float(burns_s)
    return listed.assign(after_s=np.where(strong, after, np.nan), escalates=strong & in_time)


def _notes(listed: gpd.GeoDataFrame, done: FireForecast) -> list[str]:
    strong = listed[listed["value"] >= listed["threshold"]]
    if done.heat is None or strong.empty:
        return []
    spared = [] if bool(strong["escalates"].all()) else ["fire_ends_before_failure"]
    return ["unverified_time_to_failure", *spared]


def _vessel(row: dict[str, Any]) -> tuple[float, bool]:
    """Volume in m3 and whether it stands under pressure; what nobody knows is taken as the sooner to fail."""
    tonnes = row.get("design_max_t") or row.get("stock_t") or 0.0
    density, pressurised = WATER_KG_M3, False
    for name in (row.get("cas_number"), row.get("substance")):
        try:
            held = properties.of(str(name))
            pressurised = held.boiling_point_k < AMBIENT_K
            density = float(held.liquid_density_kg_m3(min(AMBIENT_K, held.boiling_point_k)))
            break
        except OneMapError:
            continue
    return float(tonnes) * KG_PER_T / density / FULL_SHARE, pressurised


def _row(row: Json, kind: str) -> Json:
    kept = {name: row.get(name) for name in _KEPT}
    numbers = ("longitude", "latitude", "distance_m", "value", "unit", "threshold", "level", "after_s", "escalates")
    return kept | {"kind": kind} | {name: row.get(name) for name in numbers}
