"""Which incident does an alarm belong to? The alarm names it as soon as the record does."""

from collections.abc import Iterable
from contextlib import suppress

from gis.database import Caller, Database
from gis.errors import MissingError
from layers.sensors import alarms
from scenarios.events import Alarm
from scenarios.log import Receipt


def belong(database: Database, caller: Caller, receipt: Receipt, found: Iterable[Alarm]) -> Receipt:
    """
    Let alarms name the incident of `receipt`, and give it back; doing it again changes nothing.

    An alarm that has an incident keeps it. One that is not here was raised in another house: only the record has it.
    """
    for one in found:
        with suppress(MissingError), database.transaction(caller) as connection:
            alarms.link(connection, caller, one.alarm_id, receipt.incident_id)
    return receipt
