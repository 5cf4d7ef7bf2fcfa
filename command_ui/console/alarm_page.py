"""How does the alarm page work? It pulls at every change and every ten seconds, and sends what the officer decides."""

import asyncio
from datetime import UTC, datetime, timedelta

from command_ui.console.act import Act, Json
from command_ui.console.alarm_components import AlarmTable
from command_ui.console.alarms import call_card, card, checked_id, joined
from command_ui.console.fault_words import worded
from command_ui.console.part import Part
from command_ui.console.shell import ShellPage
from command_ui.console.unmask_desk import UnmaskDesk
from command_ui.words.titles import title_in
from gis.errors import ConflictError, InputError, OneMapError
from layers.sensors import alarms, health, history, roll_calls

SHOWN = 400
TRACED = 80
CLOSED_FOR = timedelta(hours=24)


class AlarmPage(ShellPage):
    """The alarm page 告警台: alarms with their traces, the state of the gateways, roll-calls."""

    code = "alarms"

    def build(self) -> tuple[Part, ...]:
        """Make the one part of the page."""
        self.table = AlarmTable(may_act=self.person.may("report"), **self.common)
        self._pulling = asyncio.Lock()
        return (self.table,)

    def acts(self) -> dict[str, Act]:
        """Give what each message does."""
        return {
            "refresh": self._refresh,
            "alarm_acknowledge": self._acknowledge,
            "alarm_escalate": self._escalate,
            "alarm_link": self._join,
            "call": self._call,
            "answered": self._answered,
            **UnmaskDesk(self, self.table).acts(),
        }

    async def load(self) -> None:
        """Pull the app bar and the table."""
        await asyncio.gather(self.pull_bar(), self.pull())

    async def respeak(self) -> None:
        """Kinds and titles were worded on the server."""
        await self.pull()

    async def alarms_moved(self) -> None:
        """Alarms changed: draw them again."""
        await self.pull()

    async def pull(self) -> None:
        """Draw everything."""
        async with self._pulling:
            try:
                found = await asyncio.to_thread(self._read)
            except OneMapError as error:
                self.table.param.update(fault=worded(error, self.language), loading=False)
                return
            self.table.param.update(**found, fault="", loading=False)

    def _read(self) -> Json:
        caller, now = self.person.caller(), datetime.now(UTC)
        with self.store.house.database.transaction(caller) as connection:
            found = alarms.listing(connection, caller, closed_since=now - CLOSED_FOR, limit=SHOWN)
            points = list(dict.fromkeys(one.point_id for one in found if one.point_id is not None))[:TRACED]
            traces = history.tracks(connection, points, now)
            gateways = health.overview(connection, caller, now)
            calls = roll_calls.listing(connection, caller, now)
            posts = roll_calls.posts(connection, caller) if self.person.may("report") else []
            counts = alarms.counts(connection, caller)
        incidents = self.store.incidents() if self.person.may("report") else []
        return {
            "incidents": [
                {"id": str(one.incident_id), "title": title_in(one.title, self.language), "number": one.code}
                for one in incidents
                if one.status == "open"
            ],
            "alarms": [card(one, self.language, now=now) for one in found],
            "counts": counts,
            "tracks": {
                str(number): [
                    [round(at.timestamp() * 1000), value] for at, value in zip(one.at, one.value, strict=True)
                ]
                for number, one in traces.items()
            },
            "gateways": [
                {
                    "id": one.id,
                    "name": one.name,
                    "status": one.status,
                    "points": one.points,
                    "answering": one.answering,
                    "seen_at": one.last_seen_at.isoformat() if one.last_seen_at else None,
                    "clock_ahead_s": one.clock_ahead_s,
                    "aside": one.aside,
                }
                for one in gateways
            ],
            "calls": [call_card(one) for one in calls],
            "posts": [{"id": one.enterprise_id, "name": one.name, "phone": one.phone} for one in posts],
            "updated_at": now.isoformat(),
        }

    async def _refresh(self, _message: Json) -> None:
        await self.pull()

    async def _acknowledge(self, message: Json) -> None:
        severity = message.get("severity")
        try:
            await asyncio.to_thread(
                self.store.alarms.acknowledge,
                checked_id(message.get("id")),
                str(message.get("reason", "")),
                severity if isinstance(severity, int) else None,
            )
        except ConflictError:
            self.toast("alarm.worse", tone="warn")
        else:
            self.toast("alarm.acknowledged.done")
        await self.pull()

    async def _escalate(self, message: Json) -> None:
        await asyncio.to_thread(self.store.alarms.escalate, checked_id(message.get("id")))
        self.toast("alarm.escalated.done")
        await self.pull()

    async def _join(self, message: Json) -> None:
        title = await asyncio.to_thread(self.store.alarms.join, self.store.desk, *joined(message))
        self.toast("alarm.link.done", title=title)
        await self.pull()

    async def _call(self, message: Json) -> None:
        self.person.require("report")
        wanted = {str(one) for one in message.get("posts", [])}
        minutes = message.get("minutes")
        if not isinstance(minutes, int | float):
            raise InputError("no time to answer is given")
        number = await asyncio.to_thread(self._make_calls, wanted, timedelta(minutes=float(minutes)))
        self.toast("call.done", count=number)
        await self.pull()

    def _make_calls(self, wanted: set[str], within: timedelta) -> int:
        caller = self.person.caller()
        with self.store.house.database.transaction(caller) as connection:
            posts = [one for one in roll_calls.posts(connection, caller) if one.enterprise_id in wanted]
            return len(roll_calls.call(connection, posts, within))

    async def _answered(self, message: Json) -> None:
        self.person.require("report")
        await asyncio.to_thread(self._answer, int(message["id"]), str(message.get("who", "")))
        await self.pull()

    def _answer(self, number: int, who: str) -> None:
        caller = self.person.caller()
        with self.store.house.database.transaction(caller) as connection:
            roll_calls.answer(connection, caller, number, who)
