"""What does a decision say? Options, reason, evidence, the moment that was known, and why it was written down late."""

from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import AwareDatetime

from scenarios.event import Event, Json


@dataclass(frozen=True, slots=True)
class Option:
    """One of the options considered; ``figures`` are what was said to follow from it, name -> value."""

    title: str
    text: str = ""
    figures: Json = field(default_factory=dict)
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class DecisionRecorded(Event):
    """
    A decision with its options, reason and evidence: runs, versions of layers and the map view it was taken on.

    ``known_at`` is the moment whose knowledge it stands on, ``taken_at`` when it was taken (None = as it was written);
    written later than that, it says why. ``role`` is the role and ``authority`` the power in which it was taken.
    """

    code: ClassVar[str] = "decision_recorded"
    changes_state: ClassVar[bool] = True

    role: str
    text: str
    reason: str
    options: tuple[Option | str, ...] = ()
    run_ids: tuple[str, ...] = ()
    layers: Json = field(default_factory=dict)
    view: Json | None = None
    decision_id: str = ""
    authority: str = ""
    risk: str = ""
    known_at: AwareDatetime | None = None
    taken_at: AwareDatetime | None = None
    late_reason: str = ""


KINDS: tuple[type[Event], ...] = (DecisionRecorded,)
