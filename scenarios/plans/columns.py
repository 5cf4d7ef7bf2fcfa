"""Which columns has the documented form of a plan? One table for YAML and for workbooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "list", "levels", "cas", "date", "whole", "number"]
Section = Literal["plan", "triggers", "tasks", "needs", "contacts"]


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column: its Chinese header in a workbook, what it holds, whether it must be filled, and what may stand in it.

    ``hint`` is the line of the handbook and of the empty form.
    """

    title: str
    kind: Kind = "text"
    needed: bool = False
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    hint: str = ""
    least: float | None = None


TEAM_KINDS = ("fire", "hazmat", "medical", "rescue")
TYPES = (
    "hazmat", "hazmat_leak", "hazmat_fire", "hazmat_explosion", "dust_explosion", "fire", "explosion", "road_accident",
    "natural_disaster",
)  # fmt: skip
"""Kinds of event a plan may name; a plan for ``hazmat`` is also for ``hazmat_leak``."""
PROCESSES = ("hazmat", "dust", "ammonia", "smelting", "confined", "storage", "production")
"""Risk sectors of enterprises and kinds of units: what the process of an incident can be told from."""
MEASURES = (
    "reach_m", "people", "people_worst", "dead", "seriously_injured", "missing", "trapped", "released_kg",
    "accident_grade",
)  # fmt: skip

SHEETS: Mapping[Section, str] = {
    "plan": "预案", "triggers": "启动条件", "tasks": "任务", "needs": "资源需求", "contacts": "联系人",
}  # fmt: skip

COLUMNS: Mapping[Section, Mapping[str, Column]] = {
    "plan": {
        "id": Column("预案编号", needed=True, pattern=r"[A-Z0-9][A-Z0-9-]{1,39}", hint="YA-CL2-CITY"),
        "title": Column("预案名称", needed=True, hint="演练市液氯泄漏专项应急预案"),
        "kind": Column("预案种类", needed=True, allowed=("general", "special", "site", "enterprise")),
        "division_code": Column("适用区划", needed=True, pattern=r"\d{6}(\d{3}|\d{6})?", hint="990100"),
        "issued_by": Column("编制单位", needed=True),
        "issued_on": Column("施行日期", "date", needed=True, hint="2026-03-01"),
        "review_by": Column("修订期限", "date"),
        "types": Column("事件类型", "list", allowed=TYPES),
        "levels": Column("响应级别", "levels", hint="1;2;3"),
        "enterprise_id": Column("企业编号"),
        "chemicals": Column("危险化学品", "cas", hint="7782-50-5"),
        "processes": Column("工艺", "list", allowed=PROCESSES),
        "summary": Column("概要"),
    },
    "triggers": {
        "measure": Column("指标", needed=True, allowed=MEASURES),
        "at_least": Column("不低于", "number", needed=True, least=0.0),
        "text": Column("说明"),
    },
    "tasks": {
        "code": Column("任务号", needed=True, pattern=r"[A-Z0-9-]{1,12}", hint="T1"),
        "title": Column("任务", needed=True),
        "owner": Column("责任单位", needed=True),
        "within_min": Column("时限（分）", "whole", needed=True, least=1),
        "text": Column("要求"),
        "team_kind": Column("队伍类别", allowed=TEAM_KINDS),
    },
    "needs": {
        "task": Column("任务号", needed=True),
        "kind": Column("资源种类", needed=True, allowed=("team", "supply")),
        "code": Column("代码", needed=True, hint="hazmat; 2019900 (GB/T 38565)"),
        "quantity": Column("数量", "number", needed=True, least=0.01),
        "unit": Column("单位"),
        "name": Column("名称"),
        "within_km": Column("半径（km）", "number", least=0.1),
    },
    "contacts": {
        "role": Column("职务", needed=True),
        "name": Column("姓名", needed=True),
        "phone": Column("电话", needed=True, pattern=r"[0-9+*() -]{3,24}"),
    },
}
