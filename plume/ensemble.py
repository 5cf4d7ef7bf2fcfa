"""How sure is the zone? Many members of wind, stability and rate: probability of exceedance and P10, P50, P90 zones."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import GEOGRAPHIC, LocalFrame, LonLat
from gis.errors import InputError
from plume import clouds, contours, zones
from plume.case import Case
from plume.puff import Grid
from plume.release import Release
from plume.setting import direction_sigma_deg, prepare
from plume.sigma import SigmaChoice
from plume.stability import CLASSES, StabilityClass
from plume.weather import Weather

FloatArray = NDArray[np.float64]

MEMBERS = 200
CELLS = 500
STATIONS = 500
NEAREST_M, FARTHEST_M = 1.0, 100_000.0
PER_LOG = (STATIONS - 1) / math.log(FARTHEST_M / NEAREST_M)
LINE = np.geomspace(NEAREST_M, FARTHEST_M, STATIONS)
"""Every zone is followed on this line of distances from where its cloud begins, m."""
MARGIN = 1.1
PERCENTILES = (10, 50, 90)
ANSWER_S = 10
"""How long a scheduler may take to answer."""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """
    How far the inputs are known.

    Attributes
    ----------
    speed_log_sigma, rate_log_sigma
        Standard deviation of the logarithm of wind speed and release rate; 0.25 is about a quarter either way.
    direction_sigma_deg
        Standard deviation of the wind direction; None takes that of the weather.
    class_shift
        Probability of being one stability class off, to either side alike.
    volume_log_sigma
        Of the concentration behind a level (substance data: molar mass is certain, toxic levels are not).
    """

    speed_log_sigma: float = 0.25
    rate_log_sigma: float = 0.3
    direction_sigma_deg: float | None = None
    class_shift: float = 0.3
    volume_log_sigma: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """
    One member: what is released where (metres from the grid's origin) into which air, with which thresholds and
    weight.
    """

    release: Release
    weather: Weather
    thresholds_kg_m3: tuple[float, ...]
    averaging_s: float = 3600.0
    east_m: float = 0.0
    north_m: float = 0.0
    weight: float = 1.0
    sigma: SigmaChoice = "auto"


@dataclass(frozen=True, slots=True, eq=False)
class Exceedance:
    """
    Share of the members in whose zone a cell lies.

    Attributes
    ----------
    grid
        Cells, metres from the origin.
    probability
        Shape ``(levels, rows, columns)``, 0..1.
    reach_m
        Reach of every member and level, shape ``(members, levels)``.
    """

    grid: Grid
    probability: FloatArray
    reach_m: FloatArray


@dataclass(frozen=True, slots=True)
class EnsembleForecast:
    """
    Ensemble of a case.

    Attributes
    ----------
    zones
        Columns level, level_name, percentile, geometry (lon/lat): P10 is where at least 10 % of the members exceed
        the level.
    reach_m
        Level name -> percentile of the members' reach (10, 50, 90) -> metres.
    exceedance
        The raster behind it.
    """

    zones: gpd.GeoDataFrame
    reach_m: dict[str, dict[int, float]]
    exceedance: Exceedance


def members_of(
    case: Case, count: int = MEMBERS, *, uncertainty: Uncertainty | None = None, seed: int = 1
) -> list[Member]:
    """
    Members around a case: wind speed and rate log-normal, direction normal, class one off now and then; same seed,
    same members.

    Raises
    ------
    InputError
        `count` is below 1.
    """
    if count < 1:
        raise InputError(f"ensemble: {count} members; give at least 1")
    known = uncertainty or Uncertainty()
    setting = prepare(case)
    weather, thresholds = setting.weather, setting.thresholds_kg_m3()
    random = np.random.default_rng(seed)
    turn = known.direction_sigma_deg if known.direction_sigma_deg is not None else direction_sigma_deg(weather)
    directions = (weather.wind_from_deg + random.normal(0.0, turn, count)) % 360.0
    speeds = np.maximum(weather.wind_speed_m_s * np.exp(random.normal(0.0, known.speed_log_sigma, count)), 0.3)
    rates = np.exp(random.normal(0.0, known.rate_log_sigma, count))
    levels = np.exp(random.normal(0.0, known.volume_log_sigma, count))
    shifts = random.choice([-1, 0, 1], count, p=[known.class_shift / 2, 1 - known.class_shift, known.class_shift / 2])
    base = CLASSES.index(weather.stability)
    made = []
    for direction, speed, rate, level, shift in zip(directions, speeds, rates, levels, shifts, strict=True):
        air = replace(
            weather,
            wind_from_deg=float(direction),
            wind_speed_m_s=float(speed),
            stability=CLASSES[min(max(base + int(shift), 0), len(CLASSES) - 1)],
            friction_velocity_m_s=None
            if weather.friction_velocity_m_s is None
            else weather.friction_velocity_m_s * float(speed) / weather.wind_speed_m_s,
        )
        term = replace(
            setting.release.term,
            rate_kg_s=setting.release.term.rate_kg_s * rate,
            total_mass_kg=setting.release.term.total_mass_kg * float(rate),
            spilled_mass_kg=setting.release.term.spilled_mass_kg * float(rate),
        )
        made.append(
            Member(
                replace(setting.release, term=term),
                air,
                tuple(value * float(level) for value in thresholds),
                setting.averaging_s,
                weight=1.0 / count,
                sigma=case.output.sigma,
            )
        )
    return made


def members_of_winds(
    case: Case,
    speeds_m_s: Sequence[float],
    from_deg: Sequence[float],
    classes: Sequence[StabilityClass],
    *,
    weights: Sequence[float] | None = None,
    east_m: float = 0.0,
    north_m: float = 0.0,
) -> list[Member]:
    """
    One member per wind, such as the hours of a year; several sources of a city are several such lists joined.

    Parameters
    ----------
    speeds_m_s, from_deg, classes
        Wind at the case's wind height, where it comes from, and stability; one length.
    weights
        Share of each wind; None gives every wind the same, adding up to 1.
    east_m, north_m
        Place of this source, metres from the grid's origin.

    Raises
    ------
    InputError
        Different lengths, or a wind not above 0.
    """
    count = len(speeds_m_s)
    shares = [1.0 / count] * count if weights is None and count else list(weights or ())
    if not count == len(from_deg) == len(classes) == len(shares) or min(speeds_m_s, default=0.0) <= 0:
        raise InputError("ensemble: give as many directions, classes and weights as wind speeds, all speeds above 0")
    setting = prepare(case)
    thresholds = tuple(setting.thresholds_kg_m3())
    made = []
    for speed, bearing, stability, share in zip(speeds_m_s, from_deg, classes, shares, strict=True):
        air = replace(
            setting.weather,
            wind_speed_m_s=float(speed),
            wind_from_deg=float(bearing) % 360.0,
            stability=stability,
            monin_obukhov_m=None,
            friction_velocity_m_s=None,
            sigma_azimuth_deg=None,
        )
        made.append(
            Member(
                setting.release,
                air,
                thresholds,
                setting.averaging_s,
                east_m,
                north_m,
                float(share),
                case.output.sigma,
            )
        )
    return made


def exceedance(members: Sequence[Member], grid: Grid) -> Exceedance:
    """
    Weighted share of the members in whose zone each cell lies; the same function everywhere, here or on a cluster.

    Each member's zone is drawn from its half-width, not interpolated from a raster of its own.
    """
    from plume import exceedance_kernel  # compiled code: loaded only when an ensemble is asked for

    if not members:
        raise InputError("ensemble: no members; give at least one")
    levels = len(members[0].thresholds_kg_m3)
    total = np.zeros((levels, grid.rows, grid.columns))
    reach = np.zeros((len(members), levels))
    for number, member in enumerate(members):
        cloud = clouds.choose(member.release, member.weather, member.averaging_s, "auto", member.sigma).cloud
        towards = math.radians(member.weather.wind_from_deg + 180.0)
        start = cloud.start_m
        distance = start + LINE
        width = cloud.half_width(distance[None, :], np.array(member.thresholds_kg_m3)[:, None])
        for level in range(levels):
            reach[number, level] = _far_edge(distance, width[level])
            exceedance_kernel.add_zone(
                total[level],
                grid.east_m,
                grid.north_m,
                grid.cell_m,
                member.east_m,
                member.north_m,
                towards,
                start,
                NEAREST_M,
                PER_LOG,
                width[level],
                member.weight,
            )
    return Exceedance(grid, total, reach)


def _far_edge(distance: FloatArray, width: FloatArray) -> float:
    """Where the last width runs out: half-way to the next node, m; 0 when there is none."""
    above = np.flatnonzero(width > 0)
    if not above.size:
        return 0.0
    last = int(above[-1])
    return float(0.5 * (distance[last] + distance[min(last + 1, distance.size - 1)]))


def exceedance_by_many(
    members: Iterable[Member],
    grid: Grid,
    *,
    cluster: str | None = None,
    workers: int | None = None,
    chunk: int = 250,
    report: Callable[[float], None] | None = None,
) -> Exceedance:
    """
    The same as `exceedance` for very many members (a year of winds, every hazard source of a city), on Dask.

    Parameters
    ----------
    cluster
        Address of a running scheduler; None starts local processes for the time of the call.
    workers
        Local processes; None leaves it to Dask.
    chunk
        Members a task takes.
    report
        Called with the share done.

    Raises
    ------
    InputError
        No members, or no scheduler at the address.
    """
    from dask.distributed import Client, as_completed

    given = list(members)
    if not given:
        raise InputError("ensemble: no members; give at least one")
    parts = [given[begin : begin + chunk] for begin in range(0, len(given), chunk)]
    options: dict[str, Any] = {
        "n_workers": workers,
        "threads_per_worker": 1,
        "processes": True,
        "host": "127.0.0.1",
        "dashboard_address": "127.0.0.1:0",
    }
    try:
        started = Client(cluster, timeout=ANSWER_S) if cluster else Client(**options)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise InputError(
            f"ensemble: no scheduler answers at {cluster} within {ANSWER_S} s; start one or leave the address out"
        ) from error
    with started as client:
        futures = client.map(exceedance, parts, grid=grid, pure=False)
        order = {future.key: index for index, future in enumerate(futures)}
        total: FloatArray | None = None
        reaches: list[FloatArray] = [np.empty(0)] * len(parts)
        finished = as_completed(futures, with_results=True)  # type: ignore[no-untyped-call]
        for done, (future, result) in enumerate(finished, start=1):
            total = result.probability if total is None else total + result.probability
            reaches[order[future.key]] = result.reach_m
            if report is not None:
                report(done / len(parts))
    assert total is not None  # there was a part
    return Exceedance(grid, total, np.concatenate(reaches))


def forecast(
    case: Case, count: int = MEMBERS, *, uncertainty: Uncertainty | None = None, seed: int = 1, cells: int = CELLS
) -> EnsembleForecast:
    """Ensemble of a case: exceedance raster, zones at 10, 50 and 90 %, percentiles of the reach."""
    setting = prepare(case)
    made = members_of(case, count, uncertainty=uncertainty, seed=seed)
    result = exceedance(made, grid_of(made, cells))
    rows = []
    for index, level in enumerate(setting.levels.rows):
        for percentile in PERCENTILES:
            area = contour(result.grid, result.probability[index], percentile / 100, case.incident.place)
            if not shapely.is_empty(area):
                rows.append(
                    {"level": level.level, "level_name": level.name, "percentile": percentile, "geometry": area}
                )
    columns = ["level", "level_name", "percentile", "geometry"]
    frame = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=GEOGRAPHIC)
    reach = {
        level.name: {p: float(np.percentile(result.reach_m[:, index], p)) for p in PERCENTILES}
        for index, level in enumerate(setting.levels.rows)
    }
    return EnsembleForecast(frame, reach, result)


def grid_of(members: Sequence[Member], cells: int = CELLS) -> Grid:
    """A square around every member's zone of its lowest level."""
    corners = [(member.east_m, member.north_m) for member in members]
    for member in members:
        cloud = clouds.choose(member.release, member.weather, member.averaging_s, "auto", member.sigma).cloud
        distance = cloud.start_m + LINE
        reach = _far_edge(distance, cloud.half_width(distance, min(member.thresholds_kg_m3)))
        towards = math.radians(member.weather.wind_from_deg + 180.0)
        corners.append((member.east_m + reach * math.sin(towards), member.north_m + reach * math.cos(towards)))
    box = np.array(corners)
    middle, side = 0.5 * (box.max(axis=0) + box.min(axis=0)), float(np.ptp(box, axis=0).max()) * MARGIN
    side = max(side, 100.0)
    cell = side / cells
    return Grid(
        float(middle[0]) - 0.5 * side + 0.5 * cell, float(middle[1]) - 0.5 * side + 0.5 * cell, cell, cells, cells
    )


def contour(grid: Grid, probability: FloatArray, at_least: float, source: LonLat) -> shapely.Geometry:
    """Area where the probability is at least this, lon/lat; may be several polygons, empty when nowhere."""
    area = contours.above(grid, probability, at_least)
    if area.is_empty:
        return area
    degrees = zones.to_degrees(area, LocalFrame(source))
    return shapely.MultiPolygon([part for part in shapely.get_parts(degrees) if part.geom_type == "Polygon"])
