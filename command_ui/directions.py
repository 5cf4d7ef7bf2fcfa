"""How does a crew read its way, in Chinese and in English?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gis.errors import InputError

if TYPE_CHECKING:
    from routing.directions import Step

_ZH = {
    "depart": "出发",
    "straight": "直行",
    "slight_left": "向左前方行驶",
    "left": "左转",
    "sharp_left": "向左后方转弯",
    "slight_right": "向右前方行驶",
    "right": "右转",
    "sharp_right": "向右后方转弯",
    "u_turn": "掉头",
    "roundabout": "进入环岛",
    "arrive": "到达目的地",
}
_EN = {
    "depart": "Set out",
    "straight": "Continue straight",
    "slight_left": "Bear left",
    "left": "Turn left",
    "sharp_left": "Turn sharp left",
    "slight_right": "Bear right",
    "right": "Turn right",
    "sharp_right": "Turn sharp right",
    "u_turn": "Make a U-turn",
    "roundabout": "Enter the roundabout",
    "arrive": "Arrive",
}
_POINTS_ZH = ("北", "东北", "东", "东南", "南", "西南", "西", "西北")
_POINTS_EN = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


def sentences(steps: Sequence["Step"], language: str) -> list[str]:
    """
    Say a route step by step.

    Raises
    ------
    InputError
        A language other than zh and en.
    """
    if language not in {"zh", "en"}:
        raise InputError(f"directions in '{language}': give zh or en")
    return [(_chinese if language == "zh" else _english)(number, step) for number, step in enumerate(steps, start=1)]


def _distance(metres: float, kilometre: str, metre: str) -> str:
    return f"{metres / 1000:.1f}{kilometre}" if metres >= 1000 else f"{max(10, round(metres / 10) * 10):d}{metre}"


def _chinese(number: int, step: "Step") -> str:
    if step.turn == "arrive":
        return f"{number}. {_ZH['arrive']}。"
    road = step.name or "无名道路"
    far = _distance(step.distance_m, "公里", "米")
    if step.turn == "depart":
        return f"{number}. 向{_POINTS_ZH[_point(step.bearing_deg)]}出发，沿{road}行驶{far}。"
    return f"{number}. {_ZH[step.turn]}，沿{road}行驶{far}。"


def _english(number: int, step: "Step") -> str:
    if step.turn == "arrive":
        return f"{number}. Arrive."
    road = step.name or "the unnamed road"
    far = _distance(step.distance_m, " km", " m")
    if step.turn == "depart":
        return f"{number}. Set out {_POINTS_EN[_point(step.bearing_deg)]} on {road} for {far}."
    return f"{number}. {_EN[step.turn]} onto {road} for {far}."


def _point(bearing_deg: float) -> int:
    return round(bearing_deg / 45) % 8
