"""How is a MATSim network read, with its capacities, free speeds and lanes?"""

import gzip
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import ParseError, iterparse

import geopandas as gpd
import numpy as np
import pyproj

from gis.crs import as_geographic
from gis.errors import InputError
from routing.assemble import Segments, assemble
from routing.classes import CODE
from routing.importing.counts import raw_counts
from routing.importing.origin import origin
from routing.network import Network


def read_matsim(path: Path, name: str, progress: Callable[[str, float], None], given_crs: str | None = None) -> Network:
    """
    Read a MATSim network v2; links are directed, capacity is in vehicles per hour (scaled by ``capperiod``).

    Raises
    ------
    InputError
        Not a MATSim network, or one that names no coordinate system.
    """
    progress("reading", 0.1)
    nodes: dict[str, tuple[float, float]] = {}
    links: list[tuple[str, str, float, float, float, float, str]] = []
    crs, hours = given_crs or "", 1.0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            for _, element in iterparse(stream, events=("end",)):  # noqa: S314
                if element.tag == "node":
                    nodes[element.attrib["id"]] = (float(element.attrib["x"]), float(element.attrib["y"]))
                elif element.tag == "attribute" and element.attrib.get("name") == "coordinateReferenceSystem":
                    crs = given_crs or element.text or ""
                elif element.tag == "link":
                    a = element.attrib
                    numbers = [float(a[key]) for key in ("length", "freespeed", "capacity", "permlanes")]
                    links.append(
                        (a["from"], a["to"], numbers[0], numbers[1], numbers[2], numbers[3], a.get("type", ""))
                    )
                    element.clear()
                elif element.tag == "links":
                    h, m, s = (element.attrib.get("capperiod") or "01:00:00").split(":")
                    hours = int(h) + int(m) / 60 + float(s) / 3600
    except (ParseError, OSError, KeyError, ValueError) as error:
        raise InputError(f"{path.name}: no MATSim network can be read from it ({error})") from error
    if not links:
        raise InputError(f"{path.name}: no MATSim network can be read from it (no links)")
    if not crs:
        raise InputError(f"{path.name}: the file names no coordinate system; give it, for instance --crs EPSG:28355")
    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise InputError(f"{path.name}: its coordinate system '{crs}' is not known") from error
    xy = np.asarray(list(nodes.values()))
    places = as_geographic(gpd.GeoDataFrame(geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=system)).geometry
    lon, lat = places.x.to_numpy(), places.y.to_numpy()
    progress("building the graph", 0.5)
    index = {key: i for i, key in enumerate(nodes)}
    start = np.asarray([index[link[0]] for link in links], np.int64)
    end = np.asarray([index[link[1]] for link in links], np.int64)
    s = len(links)
    unknown = np.full(s, np.nan, np.float32)
    classes = [link[6].removeprefix("highway.") for link in links]
    return assemble(
        Segments(
            node_lon=lon,
            node_lat=lat,
            start=start,
            end=end,
            shape_offset=np.arange(0, 2 * s + 1, 2, dtype=np.int64),
            shape_lon=np.column_stack([lon[start], lon[end]]).ravel(),
            shape_lat=np.column_stack([lat[start], lat[end]]).ravel(),
            oneway=np.ones(s, np.int8),
            road_class=np.asarray([CODE.get(kind, CODE["road"]) for kind in classes], np.uint8),
            speed_kmh=np.asarray([link[3] * 3.6 for link in links], np.float32),
            lanes=np.clip([link[5] for link in links], 1, 20).astype(np.uint8),
            max_height_m=unknown,
            max_weight_t=unknown,
            max_width_m=unknown,
            way_id=np.zeros(s, np.int64),
            name_id=np.zeros(s, np.int32),
            flags=np.zeros(s, np.uint32),
            names=[""],
            capacity_veh_h=np.asarray([link[4] / hours for link in links], np.float32),
            length_m=np.asarray([max(link[2], 0.1) for link in links]),
        ),
        name,
        {"format": "matsim", "car_ways": s, **raw_counts(len(nodes), start, end)},
        origin(
            path,
            "routing.importing.matsim",
            source="MATSim network derived from © OpenStreetMap contributors, ODbL 1.0",
        ),
    )
