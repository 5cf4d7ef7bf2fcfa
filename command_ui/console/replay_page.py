"""How is the replay page fed? It asks for moments, each is answered with what was known then, none is recorded."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from command_ui.basemaps import credits_for_page
from command_ui.console.act import Act, Json
from command_ui.console.fault_words import worded
from command_ui.console.part import Part
from command_ui.console.replay_components import ReplayRoom
from command_ui.console.replay_look import Look, layer_keys
from command_ui.console.shell import ShellPage
from gis.errors import InputError, OneMapError
from layers import styles
from layers.signs import catalogue as signs
from scenarios.replay.branch import Changes, imagine
from scenarios.situation import Situation

SIDES = ("a", "b")


class ReplayPage(ShellPage):
    """The replay page 回放: any incident at any moment, two moments side by side, and what if."""

    code = "replay"

    def build(self) -> tuple[Part, ...]:
        """Make the one part of the page."""
        self.look = Look(self.store.house, self.store.desk.replay, self.person)
        self.incident: UUID | None = None
        self.known: dict[str, tuple[Situation, datetime]] = {}
        self._sent: dict[str, Json] = {}
        self.room = ReplayRoom(
            theme=self.state.theme,
            language=self.language,
            mode=self.person.mode,
            csrf_token=self.person.csrf_token,
            symbology=json.loads(json.dumps(styles.as_json())),
            basemaps={"credits": credits_for_page(self.store.house.settings)},
            signs=signs.as_json(),
            can_imagine=self.person.may("assess"),
            **self.common,
        )
        return (self.room,)

    def acts(self) -> dict[str, Act]:
        """Choose an incident, move through its time, hold two moments side by side, ask what if."""
        return {
            "refresh": self._refresh,
            "replay_open": self._open,
            "replay_seek": self._seek,
            "replay_beside": self._beside,
            "what_if_branch": self._what_if,
        }

    async def load(self) -> None:
        """Pull the incidents and open the one the address names, or the first."""
        await super().load()
        try:
            found = await asyncio.to_thread(self.look.incidents)
            home = await asyncio.to_thread(self.store.ground.home)
            await self.respeak()
        except OneMapError as error:
            self.room.param.update(fault=worded(error, self.language), loaded=True)
            return
        self.room.param.update(incidents=found, home=home, fault="")
        wanted = self.asked.get("incident", "")
        chosen = next((one for one in found if wanted in (one["id"], one["code"])), found[0] if found else None)
        if chosen is not None:
            await self.open(UUID(chosen["id"]), self._asked_moment())
        self.room.loaded = True

    async def respeak(self) -> None:
        """Titles of layers are worded on the server."""
        kept = set(layer_keys())
        layers = await asyncio.to_thread(self.store.ground.layers, self.language)
        self.room.layers = [one for one in layers if one["key"] in kept]

    async def open(self, incident_id: UUID, moment: datetime | None = None) -> None:
        """Begin to look at an incident, at a moment or at its beginning; the long record is folded afterwards."""
        self.incident, self.known, self._sent = incident_id, {}, {}
        span = await asyncio.to_thread(self.look.open, incident_id)
        self.room.param.update(span=span, dots=[], fault="")
        await self._show("a", moment=moment, seq=None if moment else 1, first=True)
        await self._fold(incident_id)

    async def moved(self, incidents: frozenset[UUID]) -> None:
        """The incident looked at went on meanwhile: its bar grows, the moment looked at stays."""
        if self.incident in incidents:
            await self._grown()

    async def _grown(self) -> None:
        assert self.incident is not None
        self.room.span = await asyncio.to_thread(self.look.open, self.incident)
        await self._fold(self.incident)

    async def _fold(self, incident_id: UUID) -> None:
        dots = await asyncio.to_thread(self.look.whole, incident_id)
        if incident_id == self.incident:
            self.room.dots = dots

    async def _refresh(self, _message: Json) -> None:
        await self.load()

    async def _open(self, message: Json) -> None:
        await self.open(UUID(str(message.get("id"))))

    async def _seek(self, message: Json) -> None:
        side = str(message.get("side"))
        if self.incident is None or side not in SIDES:
            return
        await self._show(
            side, moment=_moment(message.get("ms")), seq=_whole(message.get("seq")), ask=message.get("ask")
        )

    async def _show(
        self, side: str, *, moment: datetime | None = None, seq: int | None = None, ask: Any = None, first: bool = False
    ) -> None:
        """Send what was known: only the parts that are not on the page already."""
        assert self.incident is not None
        known, at = await asyncio.to_thread(self.look.at, self.incident, moment, seq)
        same = side in self.known and self.known[side][0].seq == known.seq
        self.known[side] = known, at
        if same and self._sent.get(side, {}).get("state") == "replay":
            # Nothing was recorded between the two moments.
            self.room.tell({"kind": "shown", "side": side, "ask": ask, "ms": at.timestamp() * 1000, "seq": known.seq})
            return
        drawn = await asyncio.to_thread(self.look.drawn, known, at)
        if side == "a":
            drawn["imaginable"] = self.look.imaginable(known)
        await self._tell(side, drawn, ask, first=first)

    async def _tell(self, side: str, drawn: Json, ask: Any = None, *, first: bool = False) -> None:
        scene, old = drawn.pop("scene"), self._sent.get(side, {}).get("scene") or {}
        self._sent[side] = {"scene": scene, "state": drawn["state"]}
        change = None
        if scene is not None:
            put = {name: value for name, value in scene.items() if name not in old or old[name] != value}
            change = {"put": put, "gone": [name for name in old if name not in scene]}
        message = {"kind": "shown", "side": side, "ask": ask, "change": change, **drawn}
        if first:
            self.room.shown = message  # the browser may not be there yet to hear it
        else:
            self.room.tell(message)
        if "lines" not in drawn and len(self.known) == len(SIDES):
            lines = await asyncio.to_thread(self.look.compared, *(self.known[name][0] for name in SIDES))
            self.room.tell({"kind": "lines", "lines": lines})

    async def _beside(self, message: Json) -> None:
        """Put another moment beside the first, or take away what stands beside it."""
        self.known.pop("b", None)
        self._sent.pop("b", None)
        if message.get("on") and self.incident is not None:
            await self._show("b", moment=_moment(message.get("ms")), seq=_whole(message.get("seq")))

    async def _what_if(self, message: Json) -> None:
        self.person.require("assess")
        if self.incident is None or "a" not in self.known:
            return
        moment = self.known["a"][1]
        try:
            branch = await asyncio.to_thread(
                imagine, self.look.replay, self.incident, self.person.caller(), moment, _changes(message)
            )
        except OneMapError as error:
            self.room.tell({"kind": "what_if_failed", "reason": worded(error, self.language)})
            return
        drawn = await asyncio.to_thread(self.look.branch, branch)
        self.known.pop("b", None)
        self._sent.pop("b", None)
        await self._tell("b", drawn)

    def _asked_moment(self) -> datetime | None:
        """Moment the address names; None where it names none that can be read."""
        try:
            found = datetime.fromisoformat(self.asked.get("at", ""))
        except ValueError:
            return None
        return found if found.tzinfo else None


def _changes(message: Json) -> Changes:
    """What the form says; an empty field changes nothing."""
    minutes = message.get("evacuate_after_min")
    began = message.get("occurred_at")
    leaves = None
    if isinstance(minutes, int | float) and began:
        leaves = datetime.fromtimestamp(datetime.fromisoformat(str(began)).timestamp() + 60 * float(minutes), UTC)
    numbers = {
        name: float(message[name])
        for name in ("wind_from_deg", "wind_speed_m_s")
        if isinstance(message.get(name), int | float)
    }
    return Changes(
        release=_release(message.get("release")),
        closed=[one for one in message.get("closed") or [] if isinstance(one, dict)],
        opened=[str(one) for one in message.get("opened") or []],
        without_teams=[str(one) for one in message.get("without_teams") or []],
        evacuate_at=leaves,
        **numbers,
    )


def _release(said: Any) -> dict[str, float] | None:
    if not isinstance(said, dict) or not said:
        return None
    faults = [f"release.{name}: give a number" for name, value in said.items() if not isinstance(value, int | float)]
    if faults:
        raise InputError(faults)
    return {str(name): float(value) for name, value in said.items()}


def _moment(value: Any) -> datetime | None:
    """A moment of the browser, in milliseconds; None where it is not one."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return datetime.fromtimestamp(value / 1000.0, UTC)


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
