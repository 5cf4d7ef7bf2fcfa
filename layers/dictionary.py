"""What are the columns of the larger registers called, in Chinese and in English?"""

from collections.abc import Mapping

ENTERPRISE: Mapping[str, tuple[str, str]] = {
    "name": ("企业名称", "Name"),
    "uscc": ("统一社会信用代码", "Unified social credit code"),
    "industry": ("行业类别", "Industry"),
    "address": ("地址", "Address"),
    "sectors": ("风险行业", "Risk sectors"),
    "size_class": ("规模", "Size class"),
    "above_scale": ("规模以上", "Above scale"),
    "people": ("职工人数", "Employees"),
    "on_shift": ("在岗人数", "On shift"),
    "safety_head": ("安全负责人", "Head of safety"),
    "duty_phone": ("24 小时值守", "24 h duty phone"),
    "risk_level": ("四色风险", "Four-colour risk"),
    "hazard_level": ("重大危险源级别", "Major-hazard level"),
}
TARGET: Mapping[str, tuple[str, str]] = {
    "name": ("名称", "Name"),
    "kind": ("类别", "Kind"),
    "people": ("白天人数", "People by day"),
    "people_night": ("夜间人数", "People by night"),
    "beds": ("床位", "Beds"),
    "beds_free": ("空余床位", "Beds free"),
    "address": ("地址", "Address"),
    "phone": ("电话", "Phone"),
}
TAG: Mapping[str, tuple[str, str]] = {
    "name": ("位号", "Tag"),
    "place": ("位置", "Place"),
    "quantity": ("测量量", "Quantity"),
    "last_value": ("最近值", "Latest value"),
    "unit": ("单位", "Unit"),
    "threshold": ("报警值", "Threshold"),
    "threshold_high": ("高报值", "High threshold"),
    "last_at": ("读数时间", "Read at"),
    "status": ("状态", "State"),
}
