"""How does an OSMnx graph, or its GraphML file, become a network?"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import geopandas as gpd
import shapely

from gis.crs import GEOGRAPHIC
from gis.errors import InputError
from gis.provenance import Provenance
from routing.importing.lines import from_lines
from routing.importing.origin import origin
from routing.network import Network

if TYPE_CHECKING:
    import networkx as nx


def read_graphml(path: Path, name: str, progress: Callable[[str, float], None]) -> Network:
    """
    Read a GraphML file written by OSMnx.

    Raises
    ------
    InputError
        Not a GraphML file, or one without the places of its nodes.
    """
    import networkx as nx

    progress("reading", 0.1)
    try:
        graph = nx.read_graphml(path, force_multigraph=True)
    except (ParseError, nx.NetworkXError, ValueError) as error:
        raise InputError(f"{path.name}: no GraphML can be read from it ({error})") from error
    provenance = origin(path, "routing.importing.graphs")
    return from_graph(nx.MultiDiGraph(graph), name, provenance, progress)


def from_graph(
    graph: "nx.MultiDiGraph[Any]",
    name: str,
    provenance: Provenance,
    progress: Callable[[str, float], None] | None = None,
) -> Network:
    """
    Network of an OSMnx graph: nodes with ``x, y``, directed edges with tags and maybe a line.

    A two-way street stands twice in such a graph; it is taken once, two-way, when both directions share way and length.

    Raises
    ------
    InputError
        Nodes without x and y.
    """
    rows: list[dict[str, Any]] = []
    pending: dict[tuple[Any, Any, str, int], int] = {}
    for tail, head, data in graph.edges(data=True):
        try:
            ends = [(float(graph.nodes[n]["x"]), float(graph.nodes[n]["y"])) for n in (tail, head)]
        except KeyError as error:
            raise InputError(f"graph '{name}': nodes carry no x and y; write it with OSMnx save_graphml") from error
        line = data.get("geometry") or shapely.LineString(ends)
        if isinstance(line, str):
            line = shapely.from_wkt(line)
        way = str(data.get("osmid", ""))
        length = round(float(data.get("length", 0)) * 10)
        twin = pending.pop((head, tail, way, length), None)
        if twin is not None:
            rows[twin]["oneway"] = "no"
            continue
        pending[tail, head, way, length] = len(rows)
        tags = {k: _unlisted(v) for k, v in data.items() if k not in {"geometry", "length"}}
        rows.append({**tags, "oneway": "yes", "geometry": line})
    if not rows:
        raise InputError(f"graph '{name}': it has no edges")
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=GEOGRAPHIC)
    return from_lines(frame, name, provenance=provenance, progress=progress)


def _unlisted(value: Any) -> Any:
    """OSMnx writes merged edges as lists, GraphML as their text; the first entry speaks for the edge."""
    if isinstance(value, list):
        return value[0] if value else None
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        return value[1:-1].split(",")[0].strip().strip("'\"")
    return value
