"""What about an incident decides which plan fits it? Gathered from its situation and from the ground around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from gis.crs import LonLat
from gis.errors import InputError
from scenarios.event import Json
from scenarios.resources.stock import distance_m

if TYPE_CHECKING:
    from scenarios.situation import Situation

NEAR_M = 400.0
"""Units and enterprises within this distance of the scene tell its process; a house rule."""
NEAR_DEGREES = 0.02
"""Half a side of the box looked through first; more than `NEAR_M` up to 78 degrees north."""
GRADE_NUMBER = {"ordinary": 1, "larger": 2, "major": 3, "extraordinary": 4}


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What plans are compared with; an empty field is not known.

    ``enterprises`` are those at the scene (id, name), the nearest first; ``processes`` their risk sectors and kinds of
    units. ``measures`` are what triggers look at.
    """

    event_type: str = ""
    response_level: int | None = None
    division_code: str = ""
    cas: str = ""
    substance: str = ""
    enterprises: tuple[tuple[str, str], ...] = ()
    processes: tuple[str, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)
    place: LonLat | None = None


def facts_of(known: "Situation", connection: Connection | None = None) -> Facts:
    """Facts of a situation; without `connection` nothing is known about the ground."""
    substance, cas = _substance(known.case)
    enterprises: tuple[tuple[str, str], ...] = ()
    processes: tuple[str, ...] = ()
    division = known.division_code
    if connection is not None and known.place is not None:
        enterprises, processes = _around(connection, known.place, cas)
        division = _finest(connection, known.place, division)
    return Facts(
        event_type=known.reporting.event_code or _type_of(known.case),
        response_level=known.response_level,
        division_code=division,
        cas=cas,
        substance=substance,
        enterprises=enterprises,
        processes=processes,
        measures=_measures(known),
        place=known.place,
    )


def _substance(case: Json | None) -> tuple[str, str]:
    from plume import substances

    said = str(((case or {}).get("release") or {}).get("substance") or "")
    if not said:
        return "", ""
    try:
        found = substances.find(said)
    except InputError:
        return said, ""
    return found.name_zh, found.cas


def _type_of(case: Json | None) -> str:
    """Kind of event where nobody said it: what is released tells."""
    kind = str(((case or {}).get("release") or {}).get("kind") or "")
    if not kind:
        return ""
    if any(word in kind for word in ("bleve", "explosion", "tnt", "vessel_burst")):
        return "hazmat_explosion"
    return "hazmat_fire" if "fire" in kind else "hazmat_leak"


def _measures(known: "Situation") -> dict[str, float]:
    found: dict[str, float] = {}
    run = known.run
    if run is not None and run.hazard is not None:
        reaches = [_float(one["properties"].get("reach_m")) for one in run.hazard.zones.get("features", [])]
        found["reach_m"] = max(reaches, default=0.0)
    if run is not None and run.exposure is not None and run.exposure.bands is not None:
        when = "people_day" if run.exposure.day else "people_night"
        counts = {int(_float(one.get("level"))): _float(one.get(when)) for one in run.exposure.bands}
        found["people"] = sum(_float(one.get(when)) for one in run.exposure.bands)
        found["people_worst"] = counts[max(counts)] if counts else 0.0
    if known.casualties is not None:
        for name in ("dead", "seriously_injured", "missing", "trapped"):
            found[name] = float(getattr(known.casualties, name))
    release: Mapping[str, Any] = (known.case or {}).get("release") or {}
    for name in ("mass_kg", "amount_kg", "released_kg"):
        if name in release:
            found["released_kg"] = _float(release[name])
    if known.accident_grade is not None:
        found["accident_grade"] = float(GRADE_NUMBER[known.accident_grade])
    return found


def _float(value: object) -> float:
    return float(str(value)) if value is not None else 0.0


def _finest(connection: Connection, place: LonLat, filed: str) -> str:
    """Smallest division the place lies in, where it is part of the one the incident was filed in; else that one."""
    from layers.whereabouts import divisions_at

    inside = [code for code, _ in divisions_at(connection, place.longitude, place.latitude)]
    parts = [code for code in inside if code.startswith(filed.rstrip("0"))]
    return max(parts, key=lambda code: len(code.rstrip("0")), default=filed)


def _around(connection: Connection, place: LonLat, cas: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Enterprises whose units are at the scene and the processes they are known for; holders of the substance first."""
    away = sorted(
        ((distance_m(place, LonLat(row.longitude, row.latitude)), row) for row in connection.execute(
            _AROUND, {"longitude": place.longitude, "latitude": place.latitude, "degrees": NEAR_DEGREES}
        )), key=lambda one: (one[0], one[1].id),
    )  # fmt: skip
    rows = [row for distance, row in away if distance <= NEAR_M]
    holders = [row for row in rows if cas and row.cas_number == cas] or rows
    enterprises = tuple(dict.fromkeys((row.enterprise_id, row.enterprise_name) for row in holders))
    processes = {row.unit_kind for row in holders} | {sector for row in holders for sector in row.sectors or ()}
    return enterprises, tuple(sorted(processes))


_AROUND = text(
    "SELECT unit.id, unit.enterprise_id, unit.enterprise_name, unit.unit_kind, unit.cas_number, firm.sectors, "
    "ST_X(unit.geometry) AS longitude, ST_Y(unit.geometry) AS latitude "
    "FROM layers.hazard_source AS unit LEFT JOIN layers.enterprise AS firm ON firm.id = unit.enterprise_id "
    "AND firm.mode = unit.mode AND firm.superseded_at IS NULL AND firm.valid_to IS NULL "
    "WHERE unit.superseded_at IS NULL AND unit.valid_to IS NULL AND unit.mode = current_setting('onemap.mode', true) "
    "AND unit.geometry && ST_Expand(ST_SetSRID(ST_MakePoint(:longitude, :latitude), ST_SRID(unit.geometry)), :degrees)"
)
