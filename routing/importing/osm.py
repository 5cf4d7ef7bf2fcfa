"""How does an OpenStreetMap file (PBF or XML) become a network, in one stream?"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import osmium

from gis.errors import InputError
from routing import tags as say
from routing.assemble import Segments, assemble
from routing.classes import CAR_CLASSES, CODE
from routing.flags import ONEWAY_INFERRED
from routing.guards import ALWAYS
from routing.importing.counts import raw_counts
from routing.importing.cut import cut_at_junctions
from routing.importing.origin import origin
from routing.importing.places import PlaceCollector
from routing.importing.restrictions import Restriction, restriction_of, to_turns
from routing.network import Network

Progress = Callable[[str, float], None]
IMPORTER_VERSION = "2"


class _Ways:
    """Car ways as they stream by: columns of plain lists, one entry a way; nodes one entry a vertex."""

    def __init__(self) -> None:
        self.refs: list[int] = []
        self.lon: list[float] = []
        self.lat: list[float] = []
        self.sizes: list[int] = []
        self.rows: list[tuple[int, int, int, float, int, float, float, float, int, int]] = []
        self.names: dict[str, int] = {"": 0}
        self.missing = False

    def add(self, way: Any) -> None:
        """Take one way; its locations may be missing where the file gives nodes after ways."""
        nodes = way.nodes
        if len(nodes) < 2:
            return
        tags = {tag.k: tag.v for tag in way.tags}
        try:
            places = [(node.ref, node.lon, node.lat) for node in nodes]
        except osmium.InvalidLocationError:
            self.missing = True
            places = [(node.ref, np.nan, np.nan) for node in nodes]
        for ref, lon, lat in places:
            self.refs.append(ref)
            self.lon.append(lon)
            self.lat.append(lat)
        self.sizes.append(len(places))
        oneway, inferred = say.oneway(tags)
        name = tags.get("name") or tags.get("name:zh") or tags.get("ref") or ""
        bits = say.way_flags(tags) | (ONEWAY_INFERRED if inferred else 0)
        self.rows.append(
            (
                way.id,
                CODE[tags["highway"]],
                oneway,
                say.speed_kmh(tags.get("maxspeed") or tags.get("maxspeed:forward") or tags.get("maxspeed:backward")),
                say.lanes_per_direction(tags, oneway),
                say.metres(tags.get("maxheight") or tags.get("maxheight:physical")),
                say.tonnes(tags.get("maxweight")),
                say.metres(tags.get("maxwidth") or tags.get("maxwidth:physical")),
                self.names.setdefault(name, len(self.names)),
                bits,
            )
        )


def read_osm(path: Path, name: str, progress: Progress) -> Network:
    """
    Stream the file once; nodes stay in C++, Python sees only roads, tagged places, barriers and restrictions.

    Facilities, buildings and areas found on the way are kept in ``report["places"]`` for the cache.

    Raises
    ------
    InputError
        The file is broken or holds no car road.
    """
    progress("reading", 0.05)
    ways, barriers, limits, places, restrictions, passed_over = _stream(path)
    if not ways.sizes:
        raise InputError(f"{path.name}: no road of a class cars use (motorway … service) was found")
    if ways.missing:
        _locate(path, ways)
    progress("building the graph", 0.6)
    refs, lon, lat = np.asarray(ways.refs, np.int64), np.asarray(ways.lon), np.asarray(ways.lat)
    sizes = np.asarray(ways.sizes, np.int64)
    refs, lon, lat, sizes, rows, torn = _without_gaps(refs, lon, lat, sizes, ways.rows)
    table = list(zip(*rows, strict=True))
    way_id, oneway = np.asarray(table[0], np.int64), np.asarray(table[2], np.int8)
    node_ref, node = np.unique(refs, return_inverse=True)
    counts = _node_level(node, sizes, oneway, len(node_ref))
    segments = cut_at_junctions(node, lon, lat, sizes, len(node_ref), node_ref, barriers)
    of = segments.way
    turns, unused = to_turns(restrictions, way_id[of], segments.start, segments.end, node_ref)
    special = [one for one in restrictions if any(said.guard != ALWAYS for said in one.bindings)]
    report: dict[str, Any] = {
        "format": "osm",
        "car_ways": len(sizes),
        **counts,
        "ways_with_missing_nodes": torn,
        "barrier_nodes": segments.barriers_split,
        "turn_restrictions": {
            "found": len(restrictions) + passed_over.total(),
            "through_ways": sum(bool(one.via_ways) for one in restrictions),
            "some_vehicles": sum(one.some_vehicles for one in special),
            "some_hours": sum(one.some_hours for one in special),
            "clauses_unreadable": sum(one.unreadable for one in restrictions),
            "not_usable": dict(unused + passed_over),
        },
        "places": places.counts(),
    }
    extra = len(segments.start) - len(of)  # barrier connectors come last and belong to no way

    def column(index: int, dtype: Any, empty: float) -> Any:
        values = np.asarray(table[index], dtype)[of]
        return np.concatenate([values, np.full(extra, empty, dtype)])

    bits = column(9, np.uint32, 0)
    bits[len(of) :] = segments.barrier_bits
    height = column(5, np.float32, np.nan)
    _apply_node_limits(height, segments.start, segments.end, node_ref, limits)
    network = assemble(
        Segments(
            node_lon=segments.node_lon,
            node_lat=segments.node_lat,
            start=segments.start,
            end=segments.end,
            shape_offset=segments.shape_offset,
            shape_lon=segments.shape_lon,
            shape_lat=segments.shape_lat,
            oneway=column(2, np.int8, 0),
            road_class=column(1, np.uint8, CODE["barrier"]),
            speed_kmh=column(3, np.float32, np.nan),
            lanes=column(4, np.uint8, 1),
            max_height_m=height,
            max_weight_t=column(6, np.float32, np.nan),
            max_width_m=column(7, np.float32, np.nan),
            way_id=column(0, np.int64, 0),
            name_id=column(8, np.int32, 0),
            flags=bits,
            names=list(ways.names),
            turns=turns,
        ),
        name,
        report,
        origin(path, "routing.importing.osm", IMPORTER_VERSION),
    )
    progress("collecting places", 0.9)
    places.attach(network)
    return network


def _stream(
    path: Path,
) -> tuple[_Ways, dict[int, int], dict[int, float], PlaceCollector, list[Restriction], Counter[str]]:
    ways, places = _Ways(), PlaceCollector()
    barriers: dict[int, int] = {}
    limits: dict[int, float] = {}
    restrictions: list[Restriction] = []
    passed_over: Counter[str] = Counter()
    wanted = osmium.filter.KeyFilter(
        "highway", "barrier", "building", "amenity", "emergency", "landuse", "natural", "social_facility", "type"
    )
    try:
        entity: Any
        for entity in osmium.FileProcessor(str(path)).with_locations("flex_mem").with_filter(wanted):
            if entity.is_way():
                highway = entity.tags.get("highway")
                if highway is None:
                    places.take_way(entity)
                elif highway in CAR_CLASSES:
                    ways.add(entity)
            elif entity.is_node():
                if "barrier" in entity.tags:
                    tags = {tag.k: tag.v for tag in entity.tags}
                    flag = say.barrier_flag(tags)
                    if flag:
                        barriers[entity.id] = flag
                    height = say.metres(tags.get("maxheight"))
                    if height == height:
                        limits[entity.id] = height
                places.take_node(entity)
            elif entity.is_relation() and entity.tags.get("type", "").startswith("restriction"):
                found = restriction_of(entity)
                if isinstance(found, Restriction):
                    restrictions.append(found)
                else:
                    passed_over[found] += 1
    except RuntimeError as error:
        raise InputError(f"{path.name}: the file is damaged or no OpenStreetMap file ({error})") from error
    return ways, barriers, limits, places, restrictions, passed_over


def _locate(path: Path, ways: _Ways) -> None:
    """Second pass, for files that give ways before nodes."""
    at = dict.fromkeys(ways.refs, (np.nan, np.nan))
    node: Any
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE):
        if node.id in at and node.location.valid():
            at[node.id] = (node.lon, node.lat)
    ways.lon = [at[ref][0] for ref in ways.refs]
    ways.lat = [at[ref][1] for ref in ways.refs]


def _without_gaps(
    refs: Any, lon: Any, lat: Any, sizes: Any, rows: list[Any]
) -> tuple[Any, Any, Any, Any, list[Any], int]:
    """Drop vertices the file does not locate (ways cut at its border); ways left with one vertex go too."""
    good = np.isfinite(lon) & np.isfinite(lat)
    if good.all():
        return refs, lon, lat, sizes, rows, 0
    owner = np.repeat(np.arange(len(sizes)), sizes)
    left = np.bincount(owner[good], minlength=len(sizes))
    alive = left >= 2
    good &= alive[owner]
    torn = int((left < sizes).sum())
    return refs[good], lon[good], lat[good], left[alive], [r for r, ok in zip(rows, alive, strict=True) if ok], torn


def _node_level(node: Any, sizes: Any, oneway: Any, node_count: int) -> dict[str, Any]:
    """Counts of the network in which every vertex is a node."""
    last = np.cumsum(sizes) - 1
    step = np.ones(len(node), bool)
    step[last] = False
    a = np.flatnonzero(step)
    direction = np.repeat(oneway, sizes)[a]
    forward, backward = a[direction >= 0], a[direction <= 0]
    tail = np.concatenate([node[forward], node[backward + 1]])
    head = np.concatenate([node[forward + 1], node[backward]])
    return raw_counts(node_count, tail, head)


def _apply_node_limits(height: Any, start: Any, end: Any, node_ref: Any, limits: dict[int, float]) -> None:
    """A height restrictor on a node limits every segment that ends there."""
    if not limits:
        return
    known = np.full(int(max(start.max(), end.max())) + 1, np.inf)
    for ref, value in limits.items():
        index = int(np.searchsorted(node_ref, ref))
        if index < len(node_ref) and node_ref[index] == ref:
            known[index] = value
    limit = np.minimum(known[start], known[end])
    np.copyto(height, np.fmin(height, limit), where=np.isfinite(limit))
