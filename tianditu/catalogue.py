"""Which base maps does Tianditu offer, and at which address?"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode

from gis.errors import MissingError, OutOfRangeError
from tianditu.grids import TileIndex, checked

Picture = Literal["png", "jpeg"]

NATIONAL_HOSTS = tuple(f"https://t{number}.tianditu.gov.cn" for number in range(8))
ATTRIBUTION = "©地理信息公共服务平台（天地图）"
APPROVAL_NUMBER = "GS（2024）0568号-甲测资字1100471"
"""Newest approval number 审图号 in public use (2024); it changes with map updates, so both strings are defaults."""


@dataclass(frozen=True, slots=True)
class BaseMap:
    """One national layer: its id, Chinese and English title, label layer, picture format and highest level."""

    id: str
    title_zh: str
    title_en: str
    labels: str | None
    picture: Picture
    highest_level: int
    verified: bool = True


BASE_MAPS: tuple[BaseMap, ...] = (
    BaseMap("vec", "矢量底图", "Vector map", "cva", "png", 18),
    BaseMap("cva", "矢量注记", "Vector labels", None, "png", 18),
    BaseMap("img", "影像底图", "Imagery", "cia", "jpeg", 18),
    BaseMap("cia", "影像注记", "Imagery labels", None, "png", 18),
    BaseMap("ter", "地形晕渲", "Terrain shading", "cta", "jpeg", 14),
    BaseMap("cta", "地形注记", "Terrain labels", None, "png", 14, verified=False),
    BaseMap("ibo", "全球境界", "Borders", None, "png", 18, verified=False),
)


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


def tile_address(layer: str, index: TileIndex, key: str, *, base_url: str | None = None) -> str:
    """
    Address of one tile in the key-value form of WMTS; for use on the server only, because it carries the key.

    Parameters
    ----------
    base_url
        A mirrored copy on a government network; the national hosts in turn when left out.
    """
    base_map = find(layer)
    checked(index)
    if index.level > base_map.highest_level:
        raise OutOfRangeError(f"base map '{layer}' ends at level {base_map.highest_level}, not {index.level}")
    host = (base_url or NATIONAL_HOSTS[(index.column + index.row) % len(NATIONAL_HOSTS)]).rstrip("/")
    query = {
        "SERVICE": "WMTS",
        "REQUEST": "GetTile",
        "VERSION": "1.0.0",
        "LAYER": layer,
        "STYLE": "default",
        "TILEMATRIXSET": index.matrix,
        "FORMAT": "tiles",
        "TILEMATRIX": index.level,
        "TILEROW": index.row,
        "TILECOL": index.column,
        "tk": key,
    }
    return f"{host}/{layer}_{index.matrix}/wmts?{urlencode(query, quote_via=quote)}"
