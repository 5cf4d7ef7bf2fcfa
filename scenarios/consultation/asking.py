"""What can be asked for in a consultation, how long may it be, and what is wrong with it?"""

from dataclasses import dataclass
from datetime import datetime

from scenarios.consultation.events import LEVELS, Seat

LONGEST_TOPIC, LONGEST_ITEM, LONGEST_TEXT, LONGEST_NAME = 80, 120, 2_000, 60
MOST_ITEMS, MOST_SEATS = 20, 60


@dataclass(frozen=True, slots=True)
class NewRoom:
    """Command: a consultation. ``presenter_name`` is the name under which whoever opens it presents."""

    topic: str
    agenda: tuple[str, ...] = ()
    seats: tuple[Seat, ...] = ()
    presenter_name: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Command: something said, tied to a place where one is given, with the view and the moment looked at."""

    text: str
    longitude: float | None = None
    latitude: float | None = None
    view: str = ""
    moment: datetime | None = None
    raised: bool = False


def faults(said: NewRoom) -> list[str]:
    """What is wrong with a room as it was asked for; one sentence each."""
    found = []
    if not 0 < len(said.topic.strip()) <= LONGEST_TOPIC:
        found.append(f"topic: give 1 to {LONGEST_TOPIC} characters")
    if len(said.agenda) > MOST_ITEMS or any(not 0 < len(one.strip()) <= LONGEST_ITEM for one in said.agenda):
        found.append(f"agenda: at most {MOST_ITEMS} items of 1 to {LONGEST_ITEM} characters")
    if len(said.seats) > MOST_SEATS:
        found.append(f"seats: at most {MOST_SEATS}")
    ids = [one.seat_id for one in said.seats]
    for number, one in enumerate(said.seats, 1):
        if not one.seat_id or ids.count(one.seat_id) > 1:
            found.append(f"seats: {number}: seat_id is missing or there twice")
        if not 0 < len(one.name.strip()) <= LONGEST_NAME:
            found.append(f"seats: {number}: name: give 1 to {LONGEST_NAME} characters")
        if one.level not in LEVELS:
            found.append(f"seats: {number}: level: one of {', '.join(LEVELS)}")
        if one.division_code and (len(one.division_code) != 6 or not one.division_code.isdigit()):
            found.append(f"seats: {number}: division_code: six digits")
    return found
