"""What must somebody say to give an order, and which faults may it have?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gis.crs import LonLat
from gis.errors import InputError
from scenarios.orders.events import Attachment, Fix, OrderDrafted, Part, Way

if TYPE_CHECKING:
    from scenarios.situation import Situation

LONGEST_TEXT = 2_000
LONGEST_S = 30 * 86_400
AHEAD = timedelta(minutes=5)
"""A clock may be this far ahead of ours; what claims to be later is refused."""


@dataclass(frozen=True, slots=True)
class NewOrder:
    """
    Command: an order to a team or unit. The fields are those of `scenarios.orders.events.OrderDrafted`.

    ``unit_id`` is the id of a response team where it is one of ours: then its people find the order on the field page.
    """

    unit_name: str
    text: str
    unit_id: str = ""
    place: str = ""
    longitude: float | None = None
    latitude: float | None = None
    due_at: datetime | None = None
    within_s: int | None = None
    run_ids: tuple[str, ...] = ()
    relies_on: tuple[Part, ...] = ()
    decision_id: str = ""
    plan_task: str = ""
    attachments: tuple[Attachment, ...] = ()

    def drafted(self, order_id: str) -> OrderDrafted:
        """The entry that writes it down."""
        return OrderDrafted(
            order_id=order_id, unit_name=self.unit_name.strip(), text=self.text.strip(), unit_id=self.unit_id.strip(),
            place=self.place.strip(), longitude=self.longitude, latitude=self.latitude, due_at=self.due_at,
            within_s=self.within_s, run_ids=self.run_ids, relies_on=self.relies_on, decision_id=self.decision_id,
            plan_task=self.plan_task, attachments=self.attachments,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """
    What goes with a step or a note of an order.

    ``made_at`` is when it was done by the clock of the sender, ``clock_off_s`` how far that clock was ahead of ours.
    """

    text: str = ""
    reason: str = ""
    way: Way = "console"
    made_at: datetime | None = None
    clock_off_s: float | None = None
    at: Fix | None = None
    attachments: tuple[Attachment, ...] = ()

    def checked(self) -> "Said":
        """
        Return self.

        Raises
        ------
        InputError
            Too long a text, a time without zone, or a place that is none.
        """
        faults = [
            f"{name}: at most {LONGEST_TEXT} characters"
            for name in ("text", "reason")
            if len(getattr(self, name)) > LONGEST_TEXT
        ]
        if self.made_at is not None and self.made_at.tzinfo is None:
            faults.append("made_at: has no time zone; write it with one, such as +08:00")
        if self.at is not None:
            faults += _place_faults(self.at.longitude, self.at.latitude)
        if faults:
            raise InputError(faults)
        return self


def faults_of(order: NewOrder) -> list[str]:
    """Every reason why an order cannot be written down, without looking at its incident; empty when it can."""
    faults = []
    if not order.text.strip():
        faults.append("text: missing; say what is to be done")
    if len(order.text) > LONGEST_TEXT:
        faults.append(f"text: at most {LONGEST_TEXT} characters")
    if not order.unit_name.strip():
        faults.append("unit_name: missing; say who is to do it")
    if order.due_at is not None and order.within_s is not None:
        faults.append("due_at, within_s: give one of the two")
    if order.due_at is not None and order.due_at.tzinfo is None:
        faults.append("due_at: has no time zone; write it with one, such as +08:00")
    if order.within_s is not None and not 0 < order.within_s <= LONGEST_S:
        faults.append(f"within_s: between 1 and {LONGEST_S}")
    if (order.longitude is None) != (order.latitude is None):
        faults.append("longitude, latitude: give both or none")
    elif order.longitude is not None and order.latitude is not None:
        faults += _place_faults(order.longitude, order.latitude)
    return faults


def faults_beside(order: NewOrder, known: "Situation", now: datetime) -> list[str]:
    """Every reason why an order does not fit its incident as it is known `now`."""
    faults = []
    runs = {one.run_id for one in known.runs}
    faults += [f"run_ids: incident has no run {run_id}" for run_id in order.run_ids if run_id not in runs]
    if order.decision_id and order.decision_id not in {one.decision_id for one in known.decisions}:
        faults.append(f"decision_id: incident has no decision {order.decision_id}")
    if order.due_at is not None and order.due_at <= now:
        faults.append("due_at: must lie ahead")
    return faults


def _place_faults(longitude: float, latitude: float) -> list[str]:
    try:
        LonLat(longitude, latitude).checked()
    except InputError as error:
        return list(error.faults)
    return []
