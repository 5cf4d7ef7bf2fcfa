"""
How often a year is somebody at this place in danger of life, from all major-hazard units of a city together?

Individual risk = sum over units, releases and winds of frequency of the release x share of the wind x (1 inside the
zone of the worst toxic level, else 0). Whoever is inside counts as lost, which is on the safe side; fires and blasts
are not in it, and the result says so.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import numpy as np
import shapely

from gis.crs import GEOGRAPHIC, LocalFrame, LonLat
from gis.errors import InputError, RefusedError
from plume.stability import StabilityClass

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from gis.database import Caller, Database
    from plume.ensemble import Exceedance, Member

HOURS = 8760
SEED = 20261124
SECTORS = 16
CELL_M = 100.0
MARGIN_M = 1500.0


@dataclass(frozen=True, slots=True)
class Release:
    """A way a unit may fail: how often a year, over what time, and how much (None = everything in stock)."""

    code: str
    per_year: float
    duration_s: float
    rate_kg_s: float | None


# Stationary pressure vessels, CPR 18E ("Purple Book") table 3.3 as commonly quoted: G.2 all in ten minutes, G.3 a hole
# of 10 mm. Typed without the printed book at hand: unverified. The rate through the hole is Bernoulli's for liquid
# chlorine at 20 degrees (0.62 x 78.5 mm2 x sqrt(2 x 1400 kg/m3 x 0.6 MPa) = 2.0 kg/s), taken for all substances.
RELEASES: tuple[Release, ...] = (Release("G.2", 5e-7, 600.0, None), Release("G.3", 1e-5, 1800.0, 2.0))
RELEASES_TRUST = "unverified"

CRITERIA: tuple[tuple[float, str], ...] = (
    (3e-7, "GB 36894-2018 高敏感、重要防护目标及一类一般防护目标（新建）"),
    (3e-6, "GB 36894-2018 二类一般防护目标（新建）；高敏感等（在役）"),
    (1e-5, "GB 36894-2018 三类一般防护目标（新建）；二类（在役）"),
    (3e-5, "GB 36894-2018 三类一般防护目标（在役）"),
)
"""Individual risk per year -> what the standard's limits of that size protect, as commonly quoted: unverified."""
CRITERIA_TRUST = "unverified"


@dataclass(frozen=True, slots=True)
class Winds:
    """A year of hours put into bins: ``(n,)`` each; `share` sums to 1."""

    speed_m_s: tuple[float, ...]
    from_deg: tuple[float, ...]
    stability: tuple[StabilityClass, ...]
    share: tuple[float, ...]
    hours: int


def synthetic_year(seed: int = SEED, hours: int = HOURS) -> tuple[np.ndarray, np.ndarray, list[StabilityClass]]:
    """
    Speed in m/s, direction in degrees and stability class of every hour of a made-up year; same seed, same year.

    South-westerly in summer and north-easterly in winter, Weibull speeds, classes by sun and speed: a stand-in until a
    weather station's record is loaded.
    """
    random = np.random.default_rng(seed)
    hour = np.arange(hours)
    summer = np.sin(2 * np.pi * (hour / 24 - 105) / 365) > 0
    main = np.where(summer, 215.0, 40.0)
    direction = np.where(random.random(hours) < 0.72, main + random.normal(0, 32, hours), random.uniform(0, 360, hours))
    speed = np.clip(3.1 * random.weibull(2.0, hours), 0.5, 14.0)
    sun = np.sin(np.pi * np.clip((hour % 24 - 6) / 12, 0, 1)) * np.where(summer, 1.0, 0.7)
    by_day = np.select([(sun > 0.6) & (speed < 2), (sun > 0.3) & (speed < 5)], ["B", "C"], "D")
    by_night = np.select([speed < 2, speed < 3.5], ["F", "E"], "D")
    classes = [cast(StabilityClass, str(one)) for one in np.where(sun > 0, by_day, by_night)]
    return speed, direction % 360.0, classes


def binned(speed: np.ndarray, direction: np.ndarray, classes: Sequence[StabilityClass]) -> Winds:
    """Put hours into 16 directions and, by class, three speeds; each bin carries the mean speed of its hours."""
    sector = np.floor((direction + 180.0 / SECTORS) / (360.0 / SECTORS)).astype(int) % SECTORS
    step = np.digitize(speed, [2.0, 5.0])
    keys = list(zip(sector.tolist(), step.tolist(), classes, strict=True))
    counted = Counter(keys)
    mean = dict.fromkeys(counted, 0.0)
    for key, value in zip(keys, speed.tolist(), strict=True):
        mean[key] += value / counted[key]
    order = sorted(counted)
    return Winds(
        speed_m_s=tuple(mean[key] for key in order),
        from_deg=tuple(key[0] * 360.0 / SECTORS for key in order),
        stability=tuple(key[2] for key in order),
        share=tuple(counted[key] / len(keys) for key in order),
        hours=len(keys),
    )


@dataclass(frozen=True, slots=True)
class CityRisk:
    """
    Individual risk of a city.

    Attributes
    ----------
    contours
        Columns ``frequency_per_year, name, geometry``: where the risk is at least that, lon/lat.
    units, left_out
        Units counted, and those without a toxic level in our tables (with their substance).
    peak_per_year
        Largest value of the raster.
    """

    contours: gpd.GeoDataFrame
    units: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    winds: Winds
    members: int
    peak_per_year: float

    def run(self) -> dict[str, Any]:
        """Inputs and limits, as they are stored beside the contours."""
        return {
            "model": "plume.ensemble over a year of winds",
            "releases": [
                {"code": one.code, "per_year": one.per_year, "duration_s": one.duration_s, "rate_kg_s": one.rate_kg_s}
                for one in RELEASES
            ],
            "releases_source": "CPR 18E table 3.3", "releases_trust": RELEASES_TRUST,
            "criteria_source": "GB 36894-2018", "criteria_trust": CRITERIA_TRUST,
            "winds": "synthetic year", "hours": self.winds.hours,
            "bins": len(self.winds.share), "members": self.members,
            "units": list(self.units), "left_out": [list(one) for one in self.left_out],
            "peak_per_year": self.peak_per_year,
            "notes": ["toxic_only", "inside_counts_as_lost", "no_shelter"],
        }  # fmt: skip


def individual_risk(
    units: gpd.GeoDataFrame,
    winds: Winds,
    *,
    workers: int | None = 2,
    cluster: str | None = None,
    report: Callable[[float], None] | None = None,
) -> CityRisk:
    """
    Work out the contours of individual risk.

    Parameters
    ----------
    units
        Columns ``id, substance, stock_t, geometry`` as `layers.store.hazard_sources` gives them.
    workers
        Dask processes; 0 works in this process.
    cluster
        Address of a running Dask scheduler; then `workers` of this machine are not used.
    report
        Called with the share done.

    Raises
    ------
    InputError
        No unit has a toxic level.
    """
    from plume import contours, ensemble, zones

    if units.empty:
        raise InputError("there are no hazard sources to work out a risk for; load a register first")
    west, south, east, north = units.total_bounds
    origin = LonLat((west + east) / 2, (south + north) / 2)
    frame = LocalFrame(origin)
    members, used, left_out = _members(units, winds, frame)
    if not members:
        raise InputError("none of the hazard sources holds a substance with a toxic level")
    grid = _grid(members)
    found: Exceedance = (
        ensemble.exceedance_by_many(members, grid, cluster=cluster, workers=workers, chunk=120, report=report)
        if workers or cluster
        else ensemble.exceedance(members, grid)
    )
    worst = found.probability[0]
    rows = []
    for frequency, said in CRITERIA:
        area = contours.above(grid, worst, frequency)
        if not area.is_empty:
            degrees = zones.to_degrees(area, frame)
            rows.append({"frequency_per_year": frequency, "name": said, "geometry": shapely.make_valid(degrees)})
    table = gpd.GeoDataFrame(
        rows, columns=["frequency_per_year", "name", "geometry"], geometry="geometry", crs=GEOGRAPHIC
    )
    return CityRisk(table, tuple(used), tuple(left_out), winds, len(members), float(worst.max()))


def _members(
    units: gpd.GeoDataFrame, winds: Winds, frame: LocalFrame
) -> tuple[list["Member"], list[str], list[tuple[str, str]]]:
    from plume import case, ensemble

    members: list[Member] = []
    used: list[str] = []
    left_out: list[tuple[str, str]] = []
    for unit in units.itertuples():
        east, north = frame.to_metres([unit.geometry.x], [unit.geometry.y])
        mine: list[Member] = []
        for release in RELEASES:
            stock_kg = 1000.0 * float(unit.stock_t)
            rate = release.rate_kg_s or stock_kg / release.duration_s
            duration = min(release.duration_s, stock_kg / rate) if rate else 0.0
            if duration <= 0:
                continue
            try:
                asked = case.read(_case(unit, rate, duration))
                made = ensemble.members_of_winds(
                    asked,
                    winds.speed_m_s,
                    winds.from_deg,
                    winds.stability,
                    weights=[share * release.per_year for share in winds.share],
                    east_m=float(east[0]),
                    north_m=float(north[0]),
                )
                # Only the worst level is asked about.
                mine += [replace(one, thresholds_kg_m3=one.thresholds_kg_m3[:1]) for one in made]
            except InputError:
                mine = []
                break
        if mine:
            members += mine
            used.append(str(unit.id))
        else:
            left_out.append((str(unit.id), str(unit.substance)))
    return members, used, left_out


def _case(unit: Any, rate_kg_s: float, duration_s: float) -> dict[str, Any]:
    return {
        "name": str(unit.id),
        "incident": {
            "longitude": unit.geometry.x,
            "latitude": unit.geometry.y,
            "occurred_at": datetime(2026, 1, 1, tzinfo=UTC),
        },
        "release": {
            "substance": str(unit.cas_number or unit.substance),
            "kind": "continuous",
            "rate_kg_s": rate_kg_s,
            "duration_s": duration_s,
            "height_m": 1.0,
        },
        "weather": {
            "wind_speed_m_s": 3.0, "wind_height_m": 10.0, "wind_from_deg": 0.0, "stability": "D", "temperature_c": 16.0,
            "relative_humidity": 0.6, "roughness_m": 0.3,
        },
        "output": {"averaging_s": 3600, "levels": "AEGL"},
    }  # fmt: skip


def _grid(members: Sequence["Member"]) -> Any:
    from plume.puff import Grid

    places = np.array([(member.east_m, member.north_m) for member in members])
    low, high = places.min(axis=0) - MARGIN_M * 4, places.max(axis=0) + MARGIN_M * 4
    columns, rows = (np.ceil((high - low) / CELL_M)).astype(int)
    return Grid(float(low[0]), float(low[1]), CELL_M, int(columns), int(rows))


def store(connection: "Connection", risk: CityRisk, *, source: str, division_code: str, mode: str, at: datetime) -> int:
    """Write the contours as rows of ``risk_contour`` that replace those of the run before; return their number."""
    from sqlalchemy import text

    from gis.copying import copy_frame

    connection.execute(
        text("UPDATE layers.risk_contour SET superseded_at = :at WHERE superseded_at IS NULL AND mode = :mode"),
        {"at": at, "mode": mode},
    )
    frame = risk.contours.assign(
        id=[f"FX-{frequency:.0e}" for frequency in risk.contours["frequency_per_year"]],
        units=len(risk.units),
        hours=risk.winds.hours,
        run=[risk.run()] * len(risk.contours),
        valid_from=at,
        recorded_at=at,
        source_system=source,
        as_of=at,
        division_code=division_code,
        label="internal",
        mode=mode,
    )
    return copy_frame(connection, "layers.risk_contour", frame)


def work_out(
    database: "Database",
    caller: "Caller",
    *,
    source: str,
    seed: int = SEED,
    workers: int | None = 1,
    cluster: str | None = None,
    report: Callable[[float], None] | None = None,
) -> tuple[CityRisk, int]:
    """
    Work out the individual risk of the caller's city and store it; give it with the number of its contours.

    Raises
    ------
    InputError
        No hazard source, or none with a toxic level.
    RefusedError
        The caller answers for a part of the city only, whose risk would leave out the units of the rest.
    """
    from sqlalchemy import text

    from layers.store import hazard_sources

    with database.transaction(caller) as connection:
        units = hazard_sources(connection)
        code = connection.execute(text(_CITY)).scalar_one()
    if not caller.division_from <= code < caller.division_to:
        raise RefusedError("the risk of a city is worked out by who answers for all of it")
    winds = binned(*synthetic_year(seed))
    found = individual_risk(units, winds, workers=workers, cluster=cluster, report=report)
    with database.transaction(caller) as connection:
        at = datetime.now(UTC)
        return found, store(connection, found, source=source, division_code=code, mode=caller.mode, at=at)


_CITY = (
    "SELECT coalesce(min(left(division_code, 4)) || '00', '000000') FROM layers.hazard_source "
    "WHERE superseded_at IS NULL AND mode = current_setting('onemap.mode')"
)
