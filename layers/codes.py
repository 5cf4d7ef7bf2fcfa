"""Which codes may a column hold, and what are they called?"""

from collections.abc import Mapping

SECTORS: Mapping[str, tuple[str, str]] = {
    "hazmat": ("危化品生产", "hazardous-chemicals production"),
    "dust": ("涉爆粉尘", "explosive dust"),
    "ammonia": ("涉氨制冷", "ammonia refrigeration"),
    "smelting": ("金属冶炼", "metal smelting"),
    "confined": ("有限空间", "confined space"),
}
"""An enterprise has a set of these, not one."""

SIZE_CLASSES: Mapping[str, tuple[str, str]] = {
    "large": ("大型", "large"),
    "medium": ("中型", "medium"),
    "small": ("小型", "small"),
    "micro": ("微型", "micro"),
}

RISK_LEVELS: Mapping[int, tuple[str, str]] = {
    1: ("重大", "major"),
    2: ("较大", "considerable"),
    3: ("一般", "general"),
    4: ("低", "low"),
}
HAZARD_LEVELS: Mapping[int, tuple[str, str]] = {
    1: ("一级", "level 1"),
    2: ("二级", "level 2"),
    3: ("三级", "level 3"),
    4: ("四级", "level 4"),
}

TARGET_KINDS: Mapping[str, tuple[str, str]] = {
    "school": ("学校", "school"),
    "kindergarten": ("幼儿园", "kindergarten"),
    "hospital": ("医院", "hospital"),
    "nursing_home": ("养老机构", "home for the aged"),
    "market": ("市场商超", "market"),
}
TEAM_KINDS: Mapping[str, tuple[str, str]] = {
    "fire": ("消防", "fire"),
    "hazmat": ("危化处置", "hazmat"),
    "medical": ("医疗急救", "medical"),
    "rescue": ("综合救援", "rescue"),
}

LEVELS: Mapping[str, tuple[str, str]] = {
    "province": ("省级", "province"),
    "city": ("市级", "city"),
    "county": ("县级", "county"),
    "township": ("乡镇级", "township"),
    "village": ("村级", "village"),
}
"""Of divisions and of what belongs to one."""
SPACES: Mapping[str, tuple[str, str]] = {"indoor": ("室内", "indoor"), "outdoor": ("室外", "outdoor")}
UNIT_KINDS: Mapping[str, tuple[str, str]] = {
    "production": ("生产单元", "production unit"),
    "storage": ("储存单元", "storage unit"),
}
"""GB 18218-2018 parts units of production from units of storage."""
ZONE_KINDS: Mapping[str, tuple[str, str]] = {
    "chemical_park": ("化工园区", "chemical park"),
    "industrial_park": ("工业园区", "industrial park"),
}
TEAM_STATES: Mapping[str, tuple[str, str]] = {"ready": ("待命", "ready")}
"""What a register of teams says beside its own words."""
READINESS: Mapping[str, tuple[str, str]] = {"ready": ("完好", "ready"), "in_repair": ("维修", "in repair")}

GAS_QUANTITIES: tuple[str, ...] = ("cl2", "nh3", "h2s", "co", "combustible")
WATER_QUANTITIES: tuple[str, ...] = ("rain", "water_level")
PROCESS_QUANTITIES: tuple[str, ...] = ("pressure", "level", "temperature")

INDUSTRIES: Mapping[str, tuple[str, str, bool]] = {
    # code of GB/T 4754 division -> Chinese, English, heavy industry
    "34": ("通用设备制造", "general machinery", True),
    "35": ("专用设备制造", "special machinery", True),
    "38": ("电气机械制造", "electrical machinery", True),
    "36": ("汽车零部件制造", "vehicle parts", True),
    "31": ("黑色金属冶炼和压延", "ferrous metals", True),
    "32": ("有色金属冶炼和压延", "non-ferrous metals", True),
    "33": ("金属制品", "metal products", True),
    "26": ("化学原料和化学制品制造", "chemicals", True),
    "30": ("非金属矿物制品", "mineral products", True),
    "39": ("电子设备制造", "electronics", True),
    "17": ("纺织", "textiles", False),
    "18": ("服装服饰", "clothing", False),
    "14": ("食品制造", "food", False),
    "20": ("木材加工", "wood products", False),
    "29": ("橡胶和塑料制品", "rubber and plastics", False),
    "23": ("印刷", "printing", False),
}
MACHINERY: tuple[str, ...] = ("34", "35", "36", "38")
METALLURGY: tuple[str, ...] = ("31", "32", "33")
TEXTILES: tuple[str, ...] = ("17", "18")
