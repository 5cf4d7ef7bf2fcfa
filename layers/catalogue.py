"""Which layers are there, whose are they, and which are not connected yet?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from gis.errors import MissingError
from layers import dictionary, risk_layers
from layers.codes import GAS_QUANTITIES, SECTORS, WATER_QUANTITIES
from layers.registers.mapping import OF_THE_AGE, OF_THE_PLACE, Register, registers

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
    min_zoom, label_zoom
        Tile zooms from which points and names appear.
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


_ENTERPRISE_TILE = ("risk_level", "hazard_level", "size_class")


def _sector(key: str, visible: bool = False) -> LayerSpec:
    zh, en = SECTORS[key]
    return LayerSpec(
        f"enterprise_{key}",
        f"{zh}企业",
        f"Enterprises: {en}",
        "risk",
        "市应急管理局",
        "企业台账",
        "point",
        "enterprise",
        {"sector": key},
        f"enterprise_{key}",
        tile_columns=_ENTERPRISE_TILE,
        columns=dictionary.ENTERPRISE,
        visible=visible,
    )


def _mirror(register: Register) -> LayerSpec:
    """Layer of a mirrored register: whatever its mapping file says."""
    placed = register.place != "none"
    hidden = (*OF_THE_PLACE, *OF_THE_AGE)
    return LayerSpec(
        register.key,
        register.title_zh,
        register.title_en,
        cast(Group, register.group),
        register.owner,
        register.source,
        "point" if placed else "none",
        "register_row",
        {"register": register.key},
        "register" if placed else "",
        min_zoom=9 if placed else 0,
        label_zoom=14,
        tile_columns=("kind", "state") if placed else (),
        columns={name: titles for name, titles in register.columns.items() if name not in hidden},
        cadence_s=register.cadence_s,
        audience=register.audience,
    )


LAYERS: tuple[LayerSpec, ...] = (
    LayerSpec(
        "enterprise",
        "工业企业",
        "Industrial enterprises",
        "risk",
        "市应急管理局",
        "企业台账",
        "point",
        "enterprise",
        symbol="enterprise",
        tile_columns=_ENTERPRISE_TILE,
        columns=dictionary.ENTERPRISE,
    ),
    _sector("hazmat", visible=True),
    _sector("dust"),
    _sector("ammonia"),
    _sector("smelting"),
    _sector("confined"),
    LayerSpec(
        "four_colour",
        "四色风险",
        "Four-colour risk",
        "risk",
        "市应急管理局",
        "双重预防",
        "point",
        "enterprise",
        {"has_risk": True},
        "enterprise",
        tile_columns=_ENTERPRISE_TILE,
        columns=dictionary.ENTERPRISE,
        visible=True,
    ),
    LayerSpec(
        "hazard_source",
        "重大危险源",
        "Major-hazard units",
        "risk",
        "市应急管理局",
        "危险源台账",
        "point",
        "hazard_source",
        symbol="hazard_source",
        label_zoom=12,
        tile_columns=("hazard_level", "substance", "un_number"),
        columns={
            "name": ("单元", "Unit"),
            "enterprise_name": ("企业", "Enterprise"),
            "unit_kind": ("单元类型", "Kind of unit"),
            "substance": ("主要物质", "Main substance"),
            "un_number": ("UN 编号", "UN number"),
            "cas_number": ("CAS 号", "CAS number"),
            "design_max_t": ("设计最大量 (t)", "Design maximum (t)"),
            "stock_t": ("在库 (t)", "In stock (t)"),
            "people_within_500m": ("厂外 500 m 内人数", "People within 500 m"),
            "s_value": ("S", "S"),
            "r_value": ("R", "R"),
            "hazard_level": ("级别", "Level"),
        },
        visible=True,
    ),
    *(LayerSpec(**{"group": risk_layers.GROUP, "owner": risk_layers.OWNER, **one}) for one in risk_layers.ENTRIES),
    LayerSpec(
        "protection_target",
        "学校医院养老",
        "Schools, hospitals, homes",
        "protect",
        "市教育局 · 市卫生健康委 · 市民政局",
        "防护目标台账",
        "point",
        "protection_target",
        symbol="school",
        symbol_column="kind",
        tile_columns=("kind", "people"),
        columns=dictionary.TARGET,
        visible=False,
    ),
    LayerSpec(
        "population_cell",
        "人口网格 100 m",
        "Population grid 100 m",
        "protect",
        "数据管理科",
        "市统计局",
        "area",
        "population_cell",
        min_zoom=11,
        label_zoom=13,
        tile_columns=("day", "night"),
        columns={"day": ("白天人口", "People by day"), "night": ("夜间人口", "People by night")},
        cadence_s=1800,
    ),
    LayerSpec(
        "shelter",
        "避难所",
        "Shelters",
        "resource",
        "市应急管理局",
        "避难场所台账",
        "point",
        "shelter",
        symbol="shelter",
        label_zoom=12,
        tile_columns=("capacity", "occupancy", "indoor_gas_tight"),
        columns={
            "name": ("名称", "Name"),
            "level": ("级别", "Level"),
            "kind": ("类型", "Kind"),
            "capacity": ("容量", "Capacity"),
            "occupancy": ("已入住", "Occupied"),
            "effective_area_m2": ("有效面积 (m²)", "Effective area (m²)"),
            "indoor_gas_tight": ("可密闭避毒", "Gas-tight refuge"),
            "manager": ("负责人", "Manager"),
            "phone": ("电话", "Phone"),
        },
        audience="public",
        visible=True,
    ),
    LayerSpec(
        "rescue_team",
        "救援队伍",
        "Response teams",
        "resource",
        "市消防救援支队",
        "救援力量台账",
        "point",
        "rescue_team",
        symbol="fire",
        symbol_column="kind",
        label_zoom=12,
        tile_columns=("kind", "people", "vehicles"),
        columns={
            "name": ("名称", "Name"),
            "kind": ("类别", "Kind"),
            "people": ("人数", "People"),
            "vehicles": ("车辆", "Vehicles"),
            "status": ("状态", "State"),
            "phone": ("电话", "Phone"),
        },
        visible=True,
    ),
    LayerSpec(
        "store",
        "物资储备库",
        "Supply stores",
        "resource",
        "市应急物资保障中心",
        "物资台账",
        "point",
        "store",
        symbol="store",
        label_zoom=12,
        columns={
            "name": ("名称", "Name"),
            "owner": ("权属单位", "Owner"),
            "manager": ("负责人", "Manager"),
            "phone": ("电话", "Phone"),
        },
    ),
    LayerSpec(
        "camera",
        "视频",
        "Cameras",
        "resource",
        "市应急指挥中心",
        "视频平台",
        "point",
        "camera",
        symbol="camera",
        min_zoom=11,
        label_zoom=15,
        tile_columns=("status", "bearing_deg"),
        columns={
            "name": ("名称", "Name"),
            "bearing_deg": ("朝向 (°)", "Bearing (°)"),
            "view_deg": ("视角 (°)", "Field of view (°)"),
            "range_m": ("可视距离 (m)", "Range (m)"),
            "status": ("状态", "State"),
        },
        cadence_s=300,
    ),
    LayerSpec(
        "tag_gas",
        "有毒可燃气体测点",
        "Gas detectors",
        "sensing",
        "企业 · 园区",
        "物联接入",
        "point",
        "tag",
        {"quantities": GAS_QUANTITIES},
        "tag_gas",
        min_zoom=11,
        label_zoom=15,
        tile_columns=("quantity", "last_value", "unit", "status"),
        columns=dictionary.TAG,
        cadence_s=60,
    ),
    LayerSpec(
        "weather_observation",
        "气象站",
        "Weather stations",
        "sensing",
        "市气象局",
        "气象站",
        "point",
        "weather_observation",
        symbol="weather",
        label_zoom=11,
        tile_columns=("wind_from_deg", "wind_speed_m_s", "status"),
        columns={
            "station_name": ("站名", "Station"),
            "observed_at": ("观测时间", "Observed at"),
            "wind_from_deg": ("风向 (°)", "Wind from (°)"),
            "wind_speed_m_s": ("风速 (m/s)", "Wind speed (m/s)"),
            "temperature_c": ("气温 (℃)", "Temperature (°C)"),
            "relative_humidity": ("相对湿度", "Relative humidity"),
            "stability": ("稳定度", "Stability"),
            "status": ("状态", "State"),
        },
        cadence_s=300,
        audience="public",
    ),
    LayerSpec(
        "tag_water",
        "雨量水位",
        "Rain and water level",
        "sensing",
        "市水务局",
        "物联接入",
        "point",
        "tag",
        {"quantities": WATER_QUANTITIES},
        "tag_water",
        label_zoom=13,
        tile_columns=("quantity", "last_value", "unit", "status"),
        columns=dictionary.TAG,
        cadence_s=300,
    ),
    LayerSpec(
        "alarm",
        "告警",
        "Alarms",
        "sensing",
        "市应急指挥中心",
        "告警汇聚",
        "point",
        "alarm",
        symbol="alarm",
        label_zoom=12,
        tile_columns=("kind", "severity", "state"),
        columns={
            "title": ("告警", "Alarm"),
            "place": ("位置", "Place"),
            "value": ("数值", "Value"),
            "unit": ("单位", "Unit"),
            "threshold": ("报警值", "Threshold"),
            "occurred_at": ("发生时间", "Occurred at"),
            "known_at": ("接到时间", "Known at"),
            "state": ("状态", "State"),
        },
        cadence_s=30,
        visible=True,
    ),
    LayerSpec(
        "division",
        "行政区划",
        "Administrative divisions",
        "place",
        "市民政局",
        "区划版本 2026",
        "area",
        "division",
        tile_columns=("level",),
        columns={"name": ("名称", "Name"), "level": ("层级", "Level"), "parent_id": ("上级", "Parent")},
        cadence_s=31536000,
        audience="public",
    ),
    LayerSpec(
        "admin_zone",
        "园区边界",
        "Parks",
        "place",
        "市发展改革委",
        "园区名录",
        "area",
        "admin_zone",
        tile_columns=("kind",),
        columns={"name": ("名称", "Name"), "kind": ("类型", "Kind")},
        cadence_s=31536000,
        audience="public",
        visible=True,
    ),
    LayerSpec(
        "supply_stock",
        "应急物资（GB/T 38565）",
        "Supplies (GB/T 38565)",
        "resource",
        "市应急物资保障中心",
        "物资台账",
        "none",
        "supply_stock",
        columns={
            "name": ("物资名称", "Supply"),
            "code": ("物资编码", "GB/T 38565 code"),
            "store_id": ("所在库", "Store"),
            "quantity": ("数量", "Quantity"),
            "unit": ("单位", "Unit"),
            "readiness": ("状态", "Readiness"),
            "expires_on": ("有效期至", "Expires on"),
            "counted_on": ("盘点日期", "Last stock-take"),
        },
    ),
    LayerSpec(
        "inventory_ledger",
        "危化品出入库台账",
        "Chemical inventory ledger",
        "risk",
        "企业",
        "物资台账",
        "none",
        "inventory_ledger",
        columns={
            "substance": ("物质", "Substance"),
            "hazard_source_id": ("单元", "Unit"),
            "ledger_day": ("日期", "Day"),
            "in_t": ("入库 (t)", "In (t)"),
            "out_t": ("出库 (t)", "Out (t)"),
            "stock_t": ("结存 (t)", "Stock (t)"),
        },
        audience="restricted",
    ),
    *(_mirror(one) for one in registers().values()),
)


def layer(key: str) -> LayerSpec:
    """
    Return the entry named `key`.

    Raises
    ------
    MissingError
        No such layer; the sentence lists those there are.

    Examples
    --------
    >>> layer("shelter").title_zh
    '避难所'
    """
    for spec in LAYERS:
        if spec.key == key:
            return spec
    raise MissingError(f"there is no layer '{key}'; choose one of {', '.join(spec.key for spec in LAYERS)}")
