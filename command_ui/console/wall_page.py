"""What does the wall of the duty room show? The open incident that came first in the queue, and nothing to press."""

import asyncio
import json
from typing import TYPE_CHECKING
from uuid import UUID

from command_ui.basemaps import credits_for_page
from command_ui.console import components
from command_ui.console.act import Act, Json
from command_ui.console.fault_words import worded
from command_ui.console.part import Part
from command_ui.console.shell import ShellPage
from command_ui.console.wall_components import Wall
from gis.errors import OneMapError
from layers import styles
from layers.signs import catalogue as signs

if TYPE_CHECKING:
    from scenarios.desk import IncidentSummary

LATEST = 8
"""Entries of the record the wall writes out, the newest first."""


class WallPage(ShellPage):
    """The big screen 大屏: the state of the desk, read-only, in letters for five metres."""

    code = "wall"

    def build(self) -> tuple[Part, ...]:
        """Make the one part the wall consists of."""
        self.wall = Wall(
            theme=self.state.theme,
            language=self.language,
            mode=self.person.mode,
            csrf_token=self.person.csrf_token,
            basemaps={"credits": credits_for_page(self.store.house.settings)},
            symbology=json.loads(json.dumps(styles.as_json())),
            signs=signs.as_json(),
            **self.common,
        )
        self._pull = asyncio.Lock()
        return (self.wall,)

    def enclose(self, server_now: str) -> Part:
        """A frame without the app bar: the wall has a head of its own."""
        return components.Shell(
            bar=None,
            main=list(self.own),
            theme=self.state.theme,
            language=self.language,
            mode=self.person.mode,
            page=self.code,
            server_now=server_now,
            **self.common,
        )

    def acts(self) -> dict[str, Act]:
        """The wall only asks to be pulled again."""
        return {"refresh": self._refresh}

    async def load(self) -> None:
        """Pull everything once, the incident first."""
        await self.pull()
        await self.pull_ground()
        await self.alarms_moved()

    async def alarms_moved(self) -> None:
        """An attack was found, or one is over: the room sees it without anybody sitting at a desk."""
        once = self.once_of_alarms
        if once is None:
            self.wall.watch = await asyncio.to_thread(self.store.alarms.watch)
        else:
            self.wall.watch = await once.ask(("watch", self.person.role), self.store.alarms.watch)

    async def moved(self, _incidents: frozenset[UUID]) -> None:
        """Something was recorded: pull what is drawn of it."""
        await self.pull()

    async def respeak(self) -> None:
        """Titles of layers and badges were worded on the server."""
        await self.load()

    async def pull(self) -> None:
        """Draw the incident the wall follows."""
        async with self._pull:
            try:
                found = [one for one in await asyncio.to_thread(self.store.incidents) if one.status == "open"]
                chosen = self._chosen(found)
                if chosen is None:
                    self.wall.param.update(
                        drawn="", scene="", entries=[], expected=[], clocks=[], badges=[], others=0, loading=False
                    )
                    return
                look = await asyncio.to_thread(self.store.look, chosen.incident_id, None)
                card = (await asyncio.to_thread(self.store.cards, [chosen], self.language, str(chosen.incident_id)))[0]
            except OneMapError as error:
                self.toast(text=worded(error, self.language), tone="danger")
                return
            self.wall.param.update(
                **look["written"],
                entries=look["entries"][-LATEST:],
                expected=look["expected"],
                clocks=card.get("clocks", []),
                badges=card["badges"],
                others=len(found) - 1,
                loading=False,
            )

    async def pull_ground(self) -> None:
        """Draw what belongs to no incident: wind, feeds, counts, four-colour risk."""
        ground = self.store.ground
        home = await asyncio.to_thread(ground.home)
        layers: list[Json] = await asyncio.to_thread(ground.layers, self.language)
        weather = await asyncio.to_thread(ground.weather, *home["centre"])
        risk = await asyncio.to_thread(ground.risk)
        self.wall.param.update(
            home=home,
            city=home["name"],
            layers=layers,
            weather=weather,
            feeds=ground.feeds(layers),
            counts={one["key"]: {"title": one["title"], "count": one["count"]} for one in layers if one["connected"]},
            risk={str(level): count for level, count in risk.items()},
        )

    def _chosen(self, found: "list[IncidentSummary]") -> "IncidentSummary | None":
        wanted = self.asked.get("incident", "")
        named = next((one for one in found if str(one.incident_id) == wanted), None)
        return named or (found[0] if found else None)

    async def _refresh(self, _message: Json) -> None:
        await self.load()
