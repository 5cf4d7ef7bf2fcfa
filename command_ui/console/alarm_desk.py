"""What happens on the duty desk when alarms change, and between one click on an alarm and its incident?"""

import asyncio
from typing import TYPE_CHECKING, Any

from command_ui.console.alarms import checked_id, joined, place_of
from command_ui.console.sight import sight_of
from command_ui.console.written import written
from gis.errors import ConflictError

if TYPE_CHECKING:
    from command_ui.console.act import Act
    from command_ui.console.desk_frame import DeskFrame
    from command_ui.console.intake_desk import IntakeDesk

Json = dict[str, Any]


class AlarmDesk:
    """Alarms in the queue: drawn at every change, acknowledged, passed on, made into an incident."""

    def __init__(self, page: "DeskFrame", intake: "IntakeDesk") -> None:
        self.page = page
        self.intake = intake
        self._pulling = False
        self._again = False
        self._shared = True

    def acts(self) -> "dict[str, Act]":
        """Give what each message does."""
        return {
            "alarm_acknowledge": self.acknowledge,
            "alarm_escalate": self.escalate,
            "alarm_incident": self.report,
            "alarm_link": self.join,
        }

    async def pull(self, *, shared: bool = False) -> None:
        """
        Draw the alarms; changes while it is drawn lead to one more turn, not to many.

        Parameters
        ----------
        shared
            Something changed for everybody: read and written once for all pages of equal rights. What an officer just
            did is read anew.
        """
        self._shared &= shared
        if self._pulling:
            self._again = True
            return
        self._pulling = True
        try:
            while True:
                self._again, shared, self._shared = False, self._shared, True
                await self._draw(shared)
                if not self._again:
                    return
        finally:
            self._pulling = False

    async def _draw(self, shared: bool) -> None:
        page, once = self.page, self.page.once_of_alarms

        def read() -> str:
            return written(page.store.alarms.queue(page.language))

        if once is None or not shared:
            page.queue.standing = await asyncio.to_thread(read)
            page.map.tell({"kind": "sensed"})
            return
        text = await once.ask(sight_of(page.person, page.language, None), read)
        async with once.in_turn():
            page.queue.standing = text
            page.map.tell({"kind": "sensed"})

    async def acknowledge(self, message: Json) -> None:
        """The officer has seen the alarm as it stands on the screen."""
        severity = message.get("severity")
        seen = severity if isinstance(severity, int) else None
        try:
            await asyncio.to_thread(
                self.page.store.alarms.acknowledge,
                checked_id(message.get("id")),
                str(message.get("reason", "")),
                seen,
            )
        except ConflictError:
            self.page.toast("alarm.worse", tone="warn")
        else:
            self.page.toast("alarm.acknowledged.done")
        await self.pull()

    async def escalate(self, message: Json) -> None:
        """Pass the alarm on to the duty commander."""
        await asyncio.to_thread(self.page.store.alarms.escalate, checked_id(message.get("id")))
        self.page.toast("alarm.escalated.done")
        await self.pull()

    async def join(self, message: Json) -> None:
        """The alarm belongs to an incident that is open already."""
        store = self.page.store
        title = await asyncio.to_thread(store.alarms.join, store.desk, *joined(message))
        self.page.toast("alarm.link.done", title=title)
        await self.pull()

    async def report(self, message: Json) -> None:
        """Open the docked form with what the alarm knows: place, substance, channel and first moment."""
        one = await asyncio.to_thread(self.page.store.alarms.one, checked_id(message.get("id")))
        if one.alarm.incident_id is not None:
            await self.page.open_incident(one.alarm.incident_id)
            return
        await self.intake.open({})
        await self.intake.pick(
            {"longitude": one.alarm.longitude, "latitude": one.alarm.latitude, "name": place_of(one)}
        )
        self.intake.take_alarm(one)
