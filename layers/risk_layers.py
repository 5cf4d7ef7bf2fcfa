"""Which layers show risk and the flow of chemicals?"""

from collections.abc import Mapping
from typing import Any

_COLOUR: Mapping[str, tuple[str, str]] = {
    "name": ("名称", "Name"),
    "risk_level": ("四色风险", "Four-colour risk"),
    "score": ("分值", "Score"),
    "working": ("算式（规则 onemap-risk-1）", "Working (rule onemap-risk-1)"),
}

ENTRIES: tuple[Mapping[str, Any], ...] = (
    # What `LayerSpec` takes; kept apart so that the catalogue stays a list a reader takes in.
    {
        "key": "chemical_flow", "title_zh": "危险化学品流向", "title_en": "Flow of dangerous chemicals",
        "geometry": "line", "source": "物资台账", "table": "chemical_flow", "label_zoom": 13,
        "tile_columns": ("substance", "quantity_t"),
        "columns": {
            "name": ("品名与数量", "Consignment"),
            "from_name": ("发出", "From"),
            "to_name": ("接收", "To"),
            "substance": ("物质", "Substance"),
            "cas_number": ("CAS 号", "CAS number"),
            "quantity_t": ("数量 (t)", "Quantity (t)"),
            "moved_on": ("日期", "Day"),
        },
    },
    {
        "key": "risk_unit", "title_zh": "单元风险四色图", "title_en": "Risk by unit", "geometry": "point",
        "source": "规则 onemap-risk-1", "table": "risk_unit", "symbol": "enterprise_hazmat", "label_zoom": 14,
        "tile_columns": ("risk_level",), "columns": {**_COLOUR, "substance": ("主要物质", "Main substance")},
    },
    {
        "key": "risk_grid", "title_zh": "网格风险四色图 1 km", "title_en": "Risk by square km", "geometry": "area",
        "source": "规则 onemap-risk-1", "table": "risk_grid", "min_zoom": 8, "label_zoom": 30,
        "tile_columns": ("risk_level", "score"), "columns": _COLOUR,
    },
    {
        "key": "risk_township", "title_zh": "乡镇风险四色图", "title_en": "Risk by township", "geometry": "area",
        "source": "规则 onemap-risk-1", "table": "risk_township", "label_zoom": 30,
        "tile_columns": ("risk_level", "score"), "columns": _COLOUR,
    },
    {
        "key": "risk_contour", "title_zh": "个人风险等值线", "title_en": "Individual-risk contours", "geometry": "area",
        "source": "重大危险源 × 一年风况", "table": "risk_contour", "label_zoom": 30, "cadence_s": 31536000,
        "tile_columns": ("frequency_per_year",),
        "columns": {
            "name": ("等值线", "Contour"),
            "frequency_per_year": ("个人风险（次/年）", "Individual risk (per year)"),
            "units": ("计入单元", "Units counted"),
            "hours": ("风况小时数", "Hours of wind"),
        },
    },
)  # fmt: skip
OWNER = "市应急管理局"
GROUP = "risk"
