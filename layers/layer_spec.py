"""What does the catalogue say of one layer?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Geometry = Literal["point", "area", "line", "none"]
Group = Literal["risk", "protect", "resource", "sensing", "place", "mirror"]

GROUPS: Mapping[Group, tuple[str, str]] = {
    "risk": ("风险与企业", "Risks and enterprises"),
    "protect": ("防护目标", "Protection targets"),
    "resource": ("应急资源", "Resources"),
    "sensing": ("监测感知", "Sensing"),
    "place": ("区划与园区", "Divisions and parks"),
    "mirror": ("业务专题", "Mirrored themes"),
}


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """
    One entry of the layer catalogue.

    Attributes
    ----------
    key
        Name in addresses of tiles and in the API.
    table
        Table of schema ``layers`` it reads; empty while not connected (未接入).
    where
        Named filters on that table: ``sector``, ``has_risk``, ``quantities``; all must hold.
    symbol
        Key of ``layers.styles.SYMBOLS``; with `symbol_column` the row's own kind chooses the symbol.
    symbol_of
        Value of `symbol_column` -> key of the symbols, where the column holds the words of its source.
    min_zoom, label_zoom
        Zooms of the map from which it draws the layer and its names; tiles of points hold their counts at every zoom.
    tile_columns
        What a tile feature carries beside ``id``, ``name`` (from `label_zoom`) and ``count``.
    columns
        Column -> (Chinese, English) title, in the order of the dossier.
    cadence_s
        How often the source is expected to speak; older than twice this is stale.
    audience
        Label of the rows: public, internal or restricted.
    """

    key: str
    title_zh: str
    title_en: str
    group: Group
    owner: str
    source: str
    geometry: Geometry
    table: str = ""
    where: Mapping[str, object] = field(default_factory=dict)
    symbol: str = ""
    symbol_column: str = ""
    symbol_of: Mapping[str, str] = field(default_factory=dict)
    min_zoom: int = 0
    label_zoom: int = 13
    tile_columns: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    cadence_s: int = 86400
    licence: str = "政务内部使用"
    audience: Literal["public", "internal", "restricted"] = "internal"
    visible: bool = False

    @property
    def connected(self) -> bool:
        """Whether there is a table to read; a register whose source never delivered still shows as 未接入."""
        return bool(self.table)

    @property
    def mirrored(self) -> bool:
        """Whether the rows belong to another authority and come through the adapter of `layers.registers`."""
        return self.table == "register_row"
