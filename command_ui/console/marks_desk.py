"""What does the page ask about marks? Drawn, changed, kept, removed and restored; sketched; read from a file."""

import asyncio
import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from command_ui.console.fault_words import worded
from command_ui.console.sketches import Sketches
from command_ui.words import say
from gis.errors import ConflictError, InputError, OneMapError
from scenarios.marks.drawn import DrawMark, checked

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame

Json = dict[str, Any]
Touched = tuple[str, int]
"""Id of a mark and the number of the entry that touched it."""
LARGEST_FILE = 1_000_000
FAULTS_SHOWN = 40
LONGEST_S = 45 * 86_400


class MarksDesk:
    """Answers the drawing tool; every right is asked for again here, whatever buttons the page shows."""

    def __init__(self, page: "DeskFrame") -> None:
        self.page = page
        self.sketches = Sketches(page.preferences, page.person.name)

    def acts(self) -> dict[str, Any]:
        """What each message does."""
        return {
            "mark": self.draw,
            "mark_change": self.change,
            "mark_remove": self.remove,
            "mark_restore": self.restore,
            "mark_keep": self.keep,
            "mark_sketch": self.sketch,
            "mark_sketch_drop": self.drop,
            "mark_file": self.file,
        }

    async def draw(self, message: Json) -> None:
        """Put a mark on the map; where it was a sketch, the sketch is gone."""
        self.page.person.require("report")

        def work() -> Touched:
            said = said_by(message)
            mark_id, receipt = self._marks.draw(self._incident, said, self._caller, key=UUID(str(message["key"])))
            return mark_id, receipt.seq

        if await self._do(message, work) and message.get("sketch"):
            await self.drop({"id": message["sketch"]})

    async def change(self, message: Json) -> None:
        """Give a mark another place, other words, other times."""
        self.page.person.require("report")
        await self._do(message, lambda: self._touch("change", message, said_by(message)))

    async def remove(self, message: Json) -> None:
        """Take a mark off the map."""
        self.page.person.require("report")
        await self._do(message, lambda: self._touch("remove", message))

    async def restore(self, message: Json) -> None:
        """Put a removed mark back."""
        self.page.person.require("report")
        await self._do(message, lambda: self._touch("restore", message))

    async def keep(self, message: Json) -> None:
        """Make what was shown part of the map."""
        self.page.person.require("report")
        await self._do(message, lambda: self._touch("keep", message))

    async def sketch(self, message: Json) -> None:
        """Keep a private sketch; everybody who may look may sketch for himself."""

        def work() -> Touched:
            said, own = said_by(message), str(message["id"])[:40]
            placed = checked(said, own)
            until = placed.valid_until.isoformat() if placed.valid_until else None
            self.sketches.put(
                self.page.state.incident_id,
                {
                    "id": own, "symbol": placed.symbol, "geometry": placed.geometry, "label": placed.label,
                    "subtype": placed.subtype, "text": placed.text, "rotation_deg": placed.rotation_deg,
                    "opacity": placed.opacity, "until": until, "order_id": placed.order_id, "standing": "own",
                },
            )  # fmt: skip
            return own, 0

        await self._do(message, work)

    async def drop(self, message: Json) -> None:
        """Forget a private sketch."""
        own = str(message.get("id", ""))
        await asyncio.to_thread(lambda: self.sketches.drop(self.page.state.incident_id, own))
        self.pull()

    def pull(self) -> None:
        """Draw the person's sketches on the incident looked at."""
        self.page.map.sketches = self.sketches.of(self.page.state.incident_id)

    async def file(self, message: Json) -> None:
        """Read marks from a file: first a trial with its faults, then for good."""
        from command_ui.plotting.apart import handed_in

        self.page.person.require("report")
        answer: Json = {"kind": "mark_file", "key": message.get("key")}
        try:
            content = base64.b64decode(str(message.get("content", "")), validate=True)
            if len(content) > LARGEST_FILE:
                raise InputError(say("mark.import.too_large", "en"))
            found = await asyncio.to_thread(handed_in, str(message.get("name", "")), content)
            answer |= {"good": len(found.marks), "bad": len(found.faults), "faults": list(found.faults)[:FAULTS_SHOWN]}
            if not message.get("trial"):
                key = UUID(str(message["key"]))
                ids = await asyncio.to_thread(
                    lambda: self._marks.draw_all(self._incident, found.marks, self._caller, key=key)
                )
                answer |= {"ids": ids}
        except (binascii.Error, KeyError, ValueError):
            answer |= {"fault": say("fault.internal", self.page.language)}
        except OneMapError as error:
            answer |= {"fault": worded(error, self.page.language)}
        self.page.map.tell(answer)
        if "ids" in answer:
            await self.page.pull_scene()

    async def _do(self, message: Json, work: Callable[[], Touched]) -> bool:
        """Do it and say so; a fault goes back to the form, which keeps what was typed."""
        answer: Json = {"kind": "mark", "key": message.get("key")}
        try:
            mark_id, seq = await asyncio.to_thread(work)
            answer |= {"step": "done", "id": mark_id, "seq": seq}
        except ConflictError:
            answer |= {"step": "fault", "text": say("mark.changed", self.page.language)}
        except (OneMapError, KeyError, TypeError, ValueError) as error:
            known = isinstance(error, OneMapError)
            reason = (
                worded(error, self.page.language)
                if isinstance(error, OneMapError)
                else say("fault.internal", self.page.language)
            )
            text = say("mark.failed", self.page.language, reason=reason) if known else reason
            answer |= {"step": "fault", "text": text}
        self.page.map.tell(answer)
        if message.get("kind") == "mark_sketch":
            self.pull()
        else:
            await self.page.pull_scene()
        return bool(answer["step"] == "done")

    def _touch(self, verb: str, message: Json, *said: DrawMark) -> Touched:
        mark_id, key = str(message["id"]), UUID(str(message["key"]))
        act = getattr(self._marks, verb)
        receipt = act(self._incident, mark_id, *said, self._caller, seen_seq=int(message["seen"]), key=key)
        return mark_id, receipt.seq

    @property
    def _incident(self) -> UUID:
        return UUID(self.page.state.incident_id)

    @property
    def _caller(self) -> Any:
        return self.page.person.caller()

    @property
    def _marks(self) -> Any:
        return self.page.store.desk.marks


def said_by(message: Json) -> DrawMark:
    """
    What the form says; ``until_s`` counts from now, ``until`` is a moment kept from before.

    Raises
    ------
    InputError
        A time that is no time.
    """
    ahead, kept = message.get("until_s"), message.get("until")
    until = None
    if ahead is not None:
        if not 0 < float(ahead) <= LONGEST_S:
            raise InputError("valid_until: give a time ahead, within 45 days")
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=float(ahead))
    elif kept:
        until = datetime.fromisoformat(str(kept))
    begin = message.get("from")
    return DrawMark(
        symbol=str(message.get("symbol", "")),
        geometry=dict(message.get("geometry") or {}),
        label=str(message.get("label", "")),
        subtype=str(message.get("subtype", "")),
        text=str(message.get("text", "")),
        rotation_deg=float(message.get("rotation_deg") or 0.0),
        opacity=float(message.get("opacity") or 1.0),
        valid_from=datetime.fromisoformat(str(begin)) if begin else None,
        valid_until=until,
        order_id=str(message.get("order_id", "")),
        standing="shown" if message.get("standing") == "shown" else "kept",
    )
