"""Which step may follow which? The one table of the states of an order; every step that is not in it is refused."""

from collections.abc import Mapping
from typing import Literal

State = Literal["draft", "issued", "acknowledged", "under_way", "done", "cannot", "withdrawn"]
"""草稿 | 下达 | 签收 | 执行中 | 完成 | 无法执行 | 撤回."""
STATES: tuple[State, ...] = ("draft", "issued", "acknowledged", "under_way", "done", "cannot", "withdrawn")

NEXT: Mapping[State, tuple[State, ...]] = {
    "draft": ("issued", "withdrawn"),
    "issued": ("acknowledged", "cannot", "withdrawn"),
    "acknowledged": ("under_way", "cannot", "withdrawn"),
    "under_way": ("done", "cannot", "withdrawn"),
    "done": (),
    "cannot": (),
    "withdrawn": (),
}
"""草稿 -> 下达 -> 签收 -> 执行中 -> 完成 / 无法执行 / 撤回."""

BY_SENDER: frozenset[State] = frozenset({"issued", "withdrawn"})
"""Steps of whoever gives the order; the others are those of whoever carries it out."""
RUNNING: frozenset[State] = frozenset({"issued", "acknowledged", "under_way"})
"""States in which somebody is expected to do something."""
NEEDS_REASON: frozenset[State] = frozenset({"cannot", "withdrawn"})


def may_follow(now: State, to: State) -> bool:
    """Whether the table has the step."""
    return to in NEXT[now]
