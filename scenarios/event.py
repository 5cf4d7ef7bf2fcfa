"""What is an event of the command record, before anybody says which kinds there are?"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict

Json = dict[str, Any]
Lane = Literal["sense", "judge", "act"]
"""Row of the timeline; 告警·感知 | 研判·决策 | 指令·报告."""


@dataclass(frozen=True, slots=True)
class Event:
    """
    Base of every event; a subclass states its code, its lane and whether it moves the state of the command.

    ``changes_state`` events (response level, closing …) are refused without ``expected_seq``: the officer must have
    seen the head he builds on.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    code: ClassVar[str] = ""
    lane: ClassVar[Lane] = "judge"
    changes_state: ClassVar[bool] = False
