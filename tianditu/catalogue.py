"""Which base maps are there, from which servers, and what does each server call a tile?"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode

from gis.errors import MissingError, OutOfRangeError
from tianditu.grids import TileIndex, bounds, checked

Picture = Literal["png", "jpeg"]
NodeId = Literal["national", "jiangsu", "jilin"]
Form = Literal["national", "wmts", "zyx"]
"""How a tile is named in an address: the national key-value form, an OGC one, or the path level/row/column."""

ATTRIBUTION = "©地理信息公共服务平台（天地图）"
APPROVAL_NUMBER = "GS（2024）0568号-甲测资字1100471"
"""Newest approval number 审图号 in public use (2024); it changes with map updates, so both strings are defaults."""


@dataclass(frozen=True, slots=True)
class Node:
    """
    A publisher of base maps.

    Attributes
    ----------
    hosts
        Base addresses as recorded; a mirrored copy on a government network takes their place by a setting.
    needs_key
        Whether its servers ask for a key 密钥.
    """

    id: NodeId
    title_zh: str
    title_en: str
    hosts: tuple[str, ...]
    needs_key: bool


NODES: dict[NodeId, Node] = {
    node.id: node
    for node in (
        Node("national", "天地图", "Tianditu", tuple(f"https://t{n}.tianditu.gov.cn" for n in range(8)), True),
        # No token in any public use seen; one for the current services is likely (tianditu.md section 6, unverified).
        Node("jiangsu", "天地图·江苏", "Tianditu Jiangsu", ("https://jiangsu.tianditu.gov.cn",), False),
        Node("jilin", "天地图·吉林", "Tianditu Jilin", ("https://jilin.tianditu.gov.cn",), False),
    )
}


@dataclass(frozen=True, slots=True)
class BaseMap:
    """
    One layer of a publisher.

    Attributes
    ----------
    labels
        Id of the layer with the names that belong on it.
    matrices
        Matrix sets it is offered in: ``w``, ``c`` or both.
    path
        Where it lies below the base address, for forms other than the national one.
    service
        What an OGC server calls it.
    extent
        West, south, east, north in degrees outside which nothing is asked; None for the whole world.
    verified
        Whether two independent sources agree on what is said here.
    """

    id: str
    title_zh: str
    title_en: str
    labels: str | None
    picture: Picture
    highest_level: int
    node: NodeId = "national"
    matrices: tuple[str, ...] = ("w", "c")
    form: Form = "national"
    path: str = ""
    service: str = ""
    extent: tuple[float, float, float, float] | None = None
    verified: bool = True


_JIANGSU = (116.1036, 30.7107, 122.0903, 35.2127)
_JILIN = (121.15, 39.53, 131.79, 47.13)

BASE_MAPS: tuple[BaseMap, ...] = (
    BaseMap("vec", "矢量底图", "Vector map", "cva", "png", 18),
    BaseMap("cva", "矢量注记", "Vector labels", None, "png", 18),
    BaseMap("img", "影像底图", "Imagery", "cia", "jpeg", 18),
    BaseMap("cia", "影像注记", "Imagery labels", None, "png", 18),
    BaseMap("ter", "地形晕渲", "Terrain shading", "cta", "jpeg", 14),
    BaseMap("cta", "地形注记", "Terrain labels", None, "png", 14, verified=False),
    BaseMap("ibo", "全球境界", "Borders", None, "png", 18, verified=False),
    # Level numbers of both provinces are those of the national `c` grid.
    BaseMap(
        "js-blue", "江苏水蓝地图", "Jiangsu dark blue map", None, "png", 18,
        node="jiangsu", matrices=("c",), form="zyx", extent=_JIANGSU, verified=False,
        path="historyraster/rest/services/historyVector/js_sldt_blue/MapServer/tile",
    ),
    BaseMap(
        "js-img", "江苏影像 2021", "Jiangsu imagery 2021", None, "jpeg", 18,
        node="jiangsu", matrices=("c",), form="zyx", extent=_JIANGSU, verified=False,
        path="historyraster/rest/services/History/js_yxdt_2021/MapServer/tile",
    ),
    BaseMap(
        "jl-img", "吉林影像 2024", "Jilin imagery 2024", None, "jpeg", 18,
        node="jilin", matrices=("c",), form="wmts", extent=_JILIN, verified=False,
        path="ime-cloud/rest/JLS_DOM202406/wmts", service="JLS_DOM202406",
    ),
)  # fmt: skip


def find(layer: str) -> BaseMap:
    """
    Return the base map with this id.

    Raises
    ------
    MissingError
        No such id; addresses are never accepted in its place.
    """
    for base_map in BASE_MAPS:
        if base_map.id == layer:
            return base_map
    raise MissingError(f"no base map '{layer}'; known: {', '.join(base_map.id for base_map in BASE_MAPS)}")


def offered(layer: str, index: TileIndex) -> BaseMap:
    """
    Return the base map that has this tile, or refuse before anybody is asked.

    Raises
    ------
    MissingError
        No such base map, or it is not published in this matrix set.
    OutOfRangeError
        Outside the matrix, above the highest level, or outside the area the publisher covers.
    """
    base_map = find(layer)
    if index.matrix not in base_map.matrices:
        raise MissingError(f"base map '{layer}' is not offered in matrix set '{index.matrix}'")
    checked(index)
    if index.level > base_map.highest_level:
        raise OutOfRangeError(f"base map '{layer}' ends at level {base_map.highest_level}, not {index.level}")
    if base_map.extent is not None:
        west, south, east, north = bounds(index)
        left, low, right, high = base_map.extent
        if west >= right or east <= left or south >= high or north <= low:
            raise OutOfRangeError(f"base map '{layer}' does not cover tile {index.level}/{index.column}/{index.row}")
    return base_map


def tile_address(layer: str, index: TileIndex, host: str, key: str | None) -> str:
    """
    Address of one tile; for use on the server only, because it may carry the key.

    Parameters
    ----------
    host
        Base address: one of the publisher's hosts, or a mirrored copy on a government network.
    key
        Sent as ``tk``; None where none is asked for.
    """
    base_map, base = offered(layer, index), host.rstrip("/")
    if base_map.form == "zyx":
        address = f"{base}/{base_map.path}/{index.level}/{index.row}/{index.column}"
        return f"{address}?{urlencode({'tk': key})}" if key else address
    national = base_map.form == "national"
    query: dict[str, str | int] = {
        "SERVICE": "WMTS",
        "REQUEST": "GetTile",
        "VERSION": "1.0.0",
        "LAYER": layer if national else base_map.service,
        "STYLE": "default",
        "TILEMATRIXSET": index.matrix if national else "default028mm",
        "FORMAT": "tiles" if national else "image/jpgpng",
        "TILEMATRIX": index.level,
        "TILEROW": index.row,
        "TILECOL": index.column,
    }
    if key:
        query["tk"] = key  # the last one, as the publisher's own examples have it
    path = f"{layer}_{index.matrix}/wmts" if national else base_map.path
    return f"{base}/{path}?{urlencode(query, quote_via=quote)}"
