"""Which columns does a layer take from a file, under which headers, and what must stand in them?"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal

from gis.errors import InputError
from layers import catalogue, codes, dictionary
from layers.personal import COLUMNS

Kind = Literal["text", "integer", "number", "boolean", "code", "codes", "moment", "day", "uscc", "degrees", "division"]


@dataclass(frozen=True, slots=True)
class Field:
    """
    One column a layer takes.

    Attributes
    ----------
    needed
        A row without it is kept aside.
    given
        The file must have the column.
    choices
        Code -> (Chinese, English); any of the three is understood.
    standard
        What a new row gets when the file does not have the column at all.
    personal
        A name or number that leaves the house masked: what comes back masked says nothing.
    """

    column: str
    title_zh: str
    title_en: str
    kind: Kind = "text"
    needed: bool = False
    given: bool = False
    choices: Mapping[Any, tuple[str, str]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    standard: Any = None
    lowest: float | None = None
    highest: float | None = None
    personal: bool = False


_PLACE = (
    Field("longitude", "经度", "Longitude", "degrees", True, aliases=("lon", "lng", "long", "x", "东经", "x坐标")),
    Field("latitude", "纬度", "Latitude", "degrees", True, aliases=("lat", "y", "北纬", "y坐标")),
)
_OF_EVERY_ROW = (
    Field("id", "编号", "Id", aliases=("序列号", "档案号", "主键", "对象编号", "编码", "标识", "code")),
    Field(
        "division_code",
        "行政区划",
        "Division",
        "division",
        needed=True,
        aliases=(
            "所属区县",
            "区县",
            "所在区划",
            "行政区划代码",
            "区划代码",
            "所属区划",
            "行政区",
            "县区",
            "属地",
            "辖区",
            "district",
            "county",
            "adcode",
            "division code",
        ),
    ),
    Field(
        "as_of",
        "数据时间",
        "As of",
        "moment",
        needed=True,
        aliases=(
            "更新时间",
            "更新日期",
            "数据日期",
            "采集时间",
            "最后更新",
            "核实日期",
            "核实时间",
            "填报时间",
            "填报日期",
            "截至时间",
            "updated",
            "updated at",
            "update time",
            "date",
            "as_of",
            "last updated",
        ),
    ),
    Field("source_system", "数据来源", "Source", aliases=("来源", "来源系统", "填报单位", "source system")),
)


def _titled(column: str, titles: tuple[str, str], kind: Kind = "text", **more: Any) -> Field:
    return Field(column, *titles, kind, **more)


_E = dictionary.ENTERPRISE
_ENTERPRISE = (
    _titled(
        "name",
        _E["name"],
        needed=True,
        given=True,
        aliases=("名称", "单位名称", "企业全称", "公司名称", "enterprise", "enterprise name", "company", "企业"),
    ),
    _titled(
        "uscc",
        _E["uscc"],
        "uscc",
        needed=True,
        given=True,
        aliases=("信用代码", "社会信用代码", "信用码", "uscc", "credit code", "social credit code", "统一代码"),
    ),
    _titled("short_name", ("简称", "Short name")),
    _titled(
        "industry",
        _E["industry"],
        "code",
        needed=True,
        standard="",
        choices={k: v[:2] for k, v in codes.INDUSTRIES.items()},
        aliases=("行业", "所属行业", "国民经济行业", "行业代码", "industry code"),
    ),
    _titled(
        "address",
        _E["address"],
        needed=True,
        standard="",
        aliases=("详细地址", "生产地址", "注册地址", "企业地址", "单位地址", "经营地址", "location"),
    ),
    _titled(
        "sectors",
        _E["sectors"],
        "codes",
        choices=codes.SECTORS,
        standard=(),
        aliases=("风险领域", "重点行业", "风险类型", "sector"),
    ),
    _titled(
        "size_class",
        _E["size_class"],
        "code",
        needed=True,
        choices=codes.SIZE_CLASSES,
        aliases=("企业规模", "规模类型", "size"),
    ),
    _titled(
        "above_scale", _E["above_scale"], "boolean", standard=False, aliases=("是否规上", "规上企业", "是否规模以上")
    ),
    _titled(
        "people",
        _E["people"],
        "integer",
        needed=True,
        standard=0,
        lowest=0,
        highest=1_000_000,
        aliases=("从业人数", "员工人数", "人数", "从业人员", "staff", "职工", "people"),
    ),
    _titled("on_shift", _E["on_shift"], "integer", lowest=0, highest=1_000_000, aliases=("当班人数",)),
    _titled(
        "safety_head",
        _E["safety_head"],
        needed=True,
        standard="",
        aliases=("安全管理员", "联系人", "负责人", "安全员", "contact"),
    ),
    _titled(
        "duty_phone",
        _E["duty_phone"],
        needed=True,
        standard="",
        aliases=(
            "值守电话",
            "值班电话",
            "联系电话",
            "电话",
            "应急电话",
            "手机",
            "phone",
            "telephone",
            "24小时值守电话",
        ),
    ),
    _titled(
        "risk_level", _E["risk_level"], "code", choices=codes.RISK_LEVELS, aliases=("风险等级", "风险级别", "四色等级")
    ),
    _titled(
        "hazard_level",
        _E["hazard_level"],
        "code",
        choices=codes.HAZARD_LEVELS,
        aliases=("重大危险源等级", "危险源级别"),
    ),
)
_NAME = ("名称", "Name")
_PHONE_ALIASES = ("联系电话", "值班电话", "手机", "telephone")
_T = dictionary.TARGET
_TARGET = (
    _titled("name", _T["name"], needed=True, given=True, aliases=("单位名称", "场所名称", "学校名称", "机构名称")),
    _titled(
        "kind",
        _T["kind"],
        "code",
        needed=True,
        given=True,
        choices=codes.TARGET_KINDS,
        aliases=("类型", "目标类型", "种类", "type"),
    ),
    _titled(
        "people",
        _T["people"],
        "integer",
        needed=True,
        standard=0,
        lowest=0,
        highest=1_000_000,
        aliases=("人数", "白天"),
    ),
    _titled("people_night", _T["people_night"], "integer", standard=0, lowest=0, highest=1_000_000, aliases=("夜间",)),
    _titled("beds", _T["beds"], "integer", lowest=0, highest=100_000, aliases=("床位数", "总床位")),
    _titled("beds_free", _T["beds_free"], "integer", lowest=0, highest=100_000, aliases=("空床", "余床", "可用床位")),
    _titled("address", _T["address"], standard="", aliases=("详细地址",)),
    _titled("phone", _T["phone"], standard="", aliases=_PHONE_ALIASES),
)
_SHELTER = (
    _titled("name", _NAME, needed=True, given=True, aliases=("避难所名称", "场所名称")),
    _titled("level", ("级别", "Level"), "code", choices=codes.LEVELS, standard="county"),
    _titled("kind", ("类型", "Kind"), "code", choices=codes.SPACES, standard="indoor", aliases=("空间类型", "type")),
    _titled(
        "capacity",
        ("容量", "Capacity"),
        "integer",
        needed=True,
        given=True,
        lowest=0,
        highest=1_000_000,
        aliases=("可容纳人数", "容纳人数", "避难人数"),
    ),
    _titled("occupancy", ("已入住", "Occupied"), "integer", standard=0, lowest=0, aliases=("已安置人数",)),
    _titled(
        "effective_area_m2",
        ("有效面积 (m²)", "Effective area (m²)"),
        "number",
        standard=0.0,
        lowest=0,
        aliases=("有效面积", "面积"),
    ),
    _titled("indoor_gas_tight", ("可密闭避毒", "Gas-tight refuge"), "boolean", standard=False, aliases=("避毒",)),
    _titled("manager", ("负责人", "Manager"), standard="", aliases=("联系人", "管理人")),
    _titled("phone", ("电话", "Phone"), standard="", aliases=_PHONE_ALIASES),
)
_TEAM = (
    _titled("name", _NAME, needed=True, given=True, aliases=("队伍名称", "队伍")),
    _titled(
        "kind",
        ("类别", "Kind"),
        "code",
        needed=True,
        given=True,
        choices=codes.TEAM_KINDS,
        aliases=("类型", "专业", "type"),
    ),
    _titled(
        "people",
        ("人数", "People"),
        "integer",
        needed=True,
        standard=0,
        lowest=0,
        highest=100_000,
        aliases=("队员人数",),
    ),
    _titled("vehicles", ("车辆", "Vehicles"), "integer", standard=0, lowest=0, highest=10_000, aliases=("车辆数",)),
    _titled("status", ("状态", "State"), standard="ready", choices=codes.TEAM_STATES),
    _titled("phone", ("电话", "Phone"), standard="", aliases=_PHONE_ALIASES),
)
_STORE = (
    _titled("name", _NAME, needed=True, given=True, aliases=("储备库名称", "仓库名称")),
    _titled("owner", ("权属单位", "Owner"), standard="", aliases=("主管单位", "所属单位")),
    _titled("manager", ("负责人", "Manager"), standard="", aliases=("联系人", "管理人")),
    _titled("phone", ("电话", "Phone"), standard="", aliases=_PHONE_ALIASES),
)
_CAMERA = (
    _titled("name", _NAME, needed=True, given=True, aliases=("摄像头名称", "点位名称")),
    _titled(
        "bearing_deg",
        ("朝向 (°)", "Bearing (°)"),
        "number",
        standard=0.0,
        lowest=0,
        highest=360,
        aliases=("朝向", "方位角"),
    ),
    _titled(
        "view_deg", ("视角 (°)", "Field of view (°)"), "number", standard=60.0, lowest=1, highest=360, aliases=("视角",)
    ),
    _titled("range_m", ("可视距离 (m)", "Range (m)"), "number", standard=100.0, lowest=0, aliases=("可视距离",)),
    _titled(
        "status",
        ("状态", "State"),
        "code",
        standard="offline",
        choices={"live": ("在线", "live"), "stale": ("过期", "stale"), "offline": ("离线", "offline")},
    ),
)

_TABLES: Mapping[str, tuple[Field, ...]] = {
    "enterprise": _ENTERPRISE,
    "protection_target": _TARGET,
    "shelter": _SHELTER,
    "rescue_team": _TEAM,
    "store": _STORE,
    "camera": _CAMERA,
}
NAMED = frozenset({"enterprise", "protection_target", "shelter", "rescue_team", "store"})
"""Tables whose rows are found by pinyin."""
UNIQUE_BY_NAME = frozenset({"enterprise"})
"""Names that a registration authority gives once; two schools of one name may stand in two counties."""


def importable() -> tuple[str, ...]:
    """Layers a file of points can be imported into, in the order of the catalogue; mirrored registers are synced."""
    return tuple(spec.key for spec in catalogue.LAYERS if spec.table in _TABLES and not spec.where)


@cache
def words_of(table: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Column -> code -> what it is called in both languages, case folded; empty for tables no file is imported into."""
    base = next((key for key in importable() if catalogue.layer(key).table == table), None)
    if base is None:
        return {}
    return {
        one.column: {str(code): tuple(word.casefold() for word in said) for code, said in one.choices.items()}
        for one in fields_of(base)
        if one.choices
    }


def fields_of(layer: str) -> tuple[Field, ...]:
    """
    Every column a layer takes, its own first.

    Raises
    ------
    MissingError
        No such layer.
    InputError
        A layer that is not filled from files.
    """
    spec = catalogue.layer(layer)
    own = _TABLES.get(spec.table)
    if own is None or spec.where:
        how = f"use `onemap layers sync {layer}`" if spec.mirrored else f"choose one of {', '.join(importable())}"
        raise InputError(f"layer '{layer}' is not filled by importing a file; {how}")
    named = COLUMNS.get(spec.table, {})
    return (*(replace(one, personal=True) if one.column in named else one for one in own), *_PLACE, *_OF_EVERY_ROW)
