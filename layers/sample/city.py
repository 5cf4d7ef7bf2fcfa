"""What does the whole fictional city look like, from one seed?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.crs import GEOGRAPHIC, LonLat
from layers.catalogue import layer
from layers.sample import (
    basemap,
    districts,
    firms,
    flows,
    ground,
    hazards,
    names,
    people,
    places,
    plan,
    sensing,
    sheet,
    streets,
)

SEED = 20261124
CHINA = timezone(timedelta(hours=8))
MOMENT = datetime(2026, 11, 24, 14, 0, 12, tzinfo=CHINA)
"""First alarm of the drill; what the registers say is as of the minute before."""
REGISTER_AGE = timedelta(minutes=20)
CENTRE = LonLat(118.7295, 31.4218)
"""Between plant and inner city, where the map opens."""


@dataclass(frozen=True, slots=True)
class SampleCity:
    """
    The city as frames, ready to load.

    Attributes
    ----------
    tables
        Name of a table of schema ``layers`` -> rows with all its columns.
    roads
        LineStrings with OSM-like tags (highway, name, oneway, maxspeed, lanes, bridge, tunnel, maxheight, hazmat,
            layer);
        neighbours share end points to the bit, and the whole is strongly connected.
    base_areas, base_lines, base_labels
        The offline base map.
    incident_case
        The drill's case in the form of a case file.
    centre
        Where the map opens.
    """

    seed: int
    moment: datetime
    tables: Mapping[str, pd.DataFrame]
    roads: gpd.GeoDataFrame
    base_areas: gpd.GeoDataFrame
    base_lines: gpd.GeoDataFrame
    base_labels: gpd.GeoDataFrame
    incident_case: dict[str, Any]
    centre: LonLat

    @property
    def enterprises(self) -> pd.DataFrame:
        """The 60 000 enterprises."""
        return self.tables["enterprise"]

    @property
    def population(self) -> pd.DataFrame:
        """Population cells with ``day`` and ``night``."""
        return self.tables["population_cell"]


def generate(seed: int = SEED, moment: datetime = MOMENT) -> SampleCity:
    """
    Generate the city; the same seed and moment give the same city to the last digit.

    Parameters
    ----------
    moment
        First alarm of the drill (aware); readings, ledgers and alarms are dated around it.
    """
    # Each part draws from its own stream, so that a change in one leaves the others as they were.
    stream = dict(
        zip(
            ("streets", "ground", "firms", "people", "hazards", "places", "sensing", "districts", "flows"),
            np.random.default_rng(seed).spawn(9),
            strict=True,
        )
    )
    laid = streets.lay(stream["streets"])
    drawn = ground.draw(stream["ground"], laid)
    middles = shapely.get_coordinates(shapely.line_interpolate_point(laid.metric, 0.5, normalized=True))
    firm_table = firms.found(stream["firms"], drawn, laid.roads, middles)
    cells = people.settle(stream["people"], firm_table, laid.villages)
    xy = cells[["x", "y"]].to_numpy(float)
    residents = cells["night"].to_numpy(float)
    units = hazards.place(stream["hazards"], firm_table, xy, residents)
    firm_table = _with_hazards(firm_table, units)
    store_table, stock_table = places.stores(stream["places"], xy, residents, moment.date())
    tag_table = sensing.tags(stream["sensing"], firm_table, moment)
    counties = districts.county_shapes()
    loose = {
        "enterprise": firm_table,
        "hazard_source": units,
        "protection_target": places.targets(stream["places"], xy, residents),
        "shelter": places.shelters(stream["places"], xy, residents),
        "rescue_team": places.teams(stream["places"], xy, residents),
        "store": store_table,
        "camera": sensing.cameras(stream["sensing"], firm_table),
        "tag": tag_table,
        "alarm": sensing.alarms(tag_table, moment),
        "weather_observation": sensing.weather(moment),
        "population_cell": cells.drop(columns="workers"),
    }
    county_name = dict(districts.COUNTIES)
    tables: dict[str, pd.DataFrame] = {}
    for table, frame in loose.items():
        code = districts.county_of(counties, frame["x"].to_numpy(float), frame["y"].to_numpy(float))
        if "address" in frame:
            frame = frame.assign(
                address=[f"{county_name[c]} {text}".strip() for c, text in zip(code, frame["address"], strict=True)]
            )
        tables[table] = _business(_placed(frame), table, code, moment)
    tables["division"] = _divisions(stream["districts"], counties, moment)
    tables["admin_zone"] = _zones(counties, moment)
    tables["supply_stock"] = _business(
        stock_table, "store", _code_by_id(tables["store"], stock_table["store_id"]), moment
    )
    ledger = hazards.ledger(stream["hazards"], units, moment.date())
    tables["inventory_ledger"] = _business(
        ledger, "hazard_source", _code_by_id(tables["hazard_source"], ledger["hazard_source_id"]), moment
    )
    sent = flows.between(stream["flows"], units, ledger)
    lines = gpd.GeoSeries(plan.to_degrees(sent["line"].to_numpy(object)), index=sent.index, crs=GEOGRAPHIC)
    tables["chemical_flow"] = _business(
        gpd.GeoDataFrame(sent.drop(columns="line"), geometry=lines),
        "chemical_flow",
        _code_by_id(tables["hazard_source"], sent["from_id"]),
        moment,
    )
    return SampleCity(
        seed=seed,
        moment=moment,
        tables=MappingProxyType(tables),
        roads=laid.roads,
        base_areas=basemap.areas(drawn),
        base_lines=basemap.lines(laid, counties),
        base_labels=basemap.labels(laid),
        incident_case=incident_case(moment),
        centre=CENTRE,
    )


def incident_case(moment: datetime = MOMENT) -> dict[str, Any]:
    """The drill: chlorine from the store of the fictional plant, south-westerly wind, homes downwind."""
    return {
        "name": "演练化工一厂氯气泄漏",
        "incident": {"longitude": plan.PLANT.longitude, "latitude": plan.PLANT.latitude, "occurred_at": moment},
        "release": {
            "substance": "chlorine",
            "kind": "continuous",
            "rate_kg_s": 0.40,
            "duration_s": 3600.0,
            "height_m": 0.0,
        },
        "weather": {
            "wind_speed_m_s": 2.8,
            "wind_height_m": 10.0,
            "wind_from_deg": 225.0,
            "stability": "D",
            "temperature_c": 14.2,
            "relative_humidity": 0.61,
            "roughness_m": 0.03,
        },
        "output": {"averaging_s": 3600, "levels": "AEGL"},
    }


DRILL_CASE: dict[str, Any] = incident_case()
"""The drill's case as generated without arguments."""


def _with_hazards(firm_table: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Worst hazard level per firm, and the rank by which a thinned tile keeps the riskiest firm."""
    worst = units.groupby("enterprise_id")["hazard_level"].min()
    level = firm_table["id"].map(worst).astype("Int64")
    risk = firm_table["risk_level"]
    rank = np.where(level.isna(), 0, 60 - 10 * level.fillna(0).astype(int))
    rank = (
        rank + np.where(risk.isna(), 0, 40 - 8 * risk.fillna(0).astype(int)) + firm_table["sectors"].map(len).to_numpy()
    )
    return firm_table.assign(hazard_level=level, risk_rank=rank.astype(int))


def _placed(frame: pd.DataFrame) -> pd.DataFrame:
    if "geometry" in frame:
        kept: pd.DataFrame = frame.drop(columns=["x", "y"])
        return kept
    spots = shapely.points(frame["x"].to_numpy(float), frame["y"].to_numpy(float))
    points = plan.to_degrees(np.asarray(spots, dtype=object))
    places_only = gpd.GeoSeries(points, index=frame.index, crs=GEOGRAPHIC)
    answer: pd.DataFrame = gpd.GeoDataFrame(frame.drop(columns=["x", "y"]), geometry=places_only)
    return answer


def _business(frame: pd.DataFrame, table: str, division_code: Any, moment: datetime) -> pd.DataFrame:
    """Add what every business row says of itself."""
    as_of = moment - REGISTER_AGE
    return frame.assign(
        valid_from=moment - timedelta(days=365),
        source_system=names.SOURCE,
        as_of=as_of,
        division_code=division_code,
        label=layer("tag_gas" if table == "tag" else table).audience,
        mode="drill",
    )


def _code_by_id(owners: pd.DataFrame, ids: pd.Series) -> pd.Series:
    return ids.map(dict(zip(owners["id"], owners["division_code"], strict=True)))


def _divisions(rng: np.random.Generator, counties: dict[str, Any], moment: datetime) -> pd.DataFrame:
    frame = districts.divide(rng, counties)
    return _business(frame, "division", frame["id"].str[:6], moment)


def _zones(counties: dict[str, Any], moment: datetime) -> pd.DataFrame:
    shapes = {sheet.CHEMICAL_PARK_NAME: plan.chemical_park(), **plan.industrial()}
    middles = shapely.get_coordinates(shapely.centroid(np.array(list(shapes.values()), object)))
    frame = gpd.GeoDataFrame(
        {
            "id": [f"YQ-{at:02d}" for at in range(1, len(shapes) + 1)],
            "name": list(shapes),
            "kind": ["chemical_park" if name == sheet.CHEMICAL_PARK_NAME else "industrial_park" for name in shapes],
        },
        geometry=gpd.GeoSeries(plan.to_degrees(np.array(list(shapes.values()), object)), crs=GEOGRAPHIC),
    )
    return _business(frame, "admin_zone", districts.county_of(counties, middles[:, 0], middles[:, 1]), moment)
