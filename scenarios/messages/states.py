"""Which state of a message may follow which? The one table; what is not in it changes nothing."""

from collections.abc import Mapping
from typing import Literal

State = Literal["queued", "by_hand", "sent", "delivered", "answered", "failed"]
"""待发 | 待人工 | 已发出 | 已送达 | 已回复（电话：已接通） | 失败（电话：未接通）."""
STATES: tuple[State, ...] = ("queued", "by_hand", "sent", "delivered", "answered", "failed")

NEXT: Mapping[State, tuple[State, ...]] = {
    "queued": ("sent", "delivered", "answered", "failed"),
    "by_hand": ("answered", "failed"),
    "sent": ("delivered", "answered", "failed"),
    "delivered": ("answered", "failed"),
    "failed": ("answered",),
    "answered": (),
}
"""What a gateway, or a person who dialled himself, may say next; `again` takes a failed one back to the beginning."""

OPEN: frozenset[State] = frozenset({"queued", "by_hand", "failed"})
"""States in which nobody has been told yet."""


def may_follow(now: State, to: State) -> bool:
    """Whether the table has the step."""
    return to in NEXT[now]
