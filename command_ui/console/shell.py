"""What do all pages of the console share? Language, theme, app bar, toasts, and how messages reach their commands."""

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import panel as pn

from command_ui.access.acts import Denials, admit, note
from command_ui.console import components
from command_ui.console.act import Act, Json
from command_ui.console.fault_words import worded
from command_ui.console.first_look import FirstLook
from command_ui.console.layer_choice import LayerChoice
from command_ui.console.once import Once
from command_ui.console.part import Part
from command_ui.console.state import State
from command_ui.words import Language, say, texts
from gis.errors import OneMapError, RefusedError

if TYPE_CHECKING:
    from command_ui.access.roles import SignedIn
    from command_ui.console.preferences import Preferences
    from command_ui.console.store import Store
    from scenarios.desk import Desk, IncidentSummary


class ShellPage(ABC):
    """
    One page of one browser: an app bar, its own parts below it, and a table of what its messages do.

    A page gives itself a `code` (see `command_ui.console.pages`), builds its parts in `build`, lists its commands in
    `acts` and draws itself in `load`. Every message of the browser is a small dict with its ``kind``; whatever takes
    long runs in a thread, so one officer's work never holds up another officer's clock.
    """

    code = ""

    def __init__(
        self,
        store: "Store[Desk]",
        person: "SignedIn",
        preferences: "Preferences",
        *,
        server_now: str,
        menu: list[dict[str, str]],
        asked: dict[str, str],
    ) -> None:
        self.store = store
        self.person = person
        self.preferences = preferences
        self.asked = asked
        self.once: Once | None = None
        self.once_of_alarms: Once | None = None
        self.first_look = FirstLook(preferences, person)
        kept = preferences.of(person.name)
        self.state = State(
            language="en" if kept.get("language") == "en" else "zh",
            theme="light" if kept.get("theme") == "light" else "dark",
        )
        self.choice = LayerChoice(preferences, person.name)
        self.common: Json = {"sizing_mode": "stretch_both", "layer_choice": self.choice.read()}
        self.bar = components.AppBar(
            theme=self.state.theme,
            language=self.language,
            mode=person.mode,
            csrf_token=person.csrf_token,
            user=self._user(),
            pages=menu,
            page=self.code,
            **self.common,
        )
        self.own = self.build()
        self.frame = self.enclose(server_now)
        self.parts: tuple[Part, ...] = (self.frame, self.bar, *self.own)
        table: dict[str, Act] = {"theme": self._theme, "language": self._language, **self.choice.acts(), **self.acts()}
        self._listen(table)

    # what a page says of itself

    @abstractmethod
    def build(self) -> tuple[Part, ...]:
        """Make the parts below the app bar."""

    def enclose(self, server_now: str) -> Part:
        """Put the app bar and the parts into the frame of the page."""
        return components.Shell(
            bar=self.bar,
            main=list(self.own),
            theme=self.state.theme,
            language=self.language,
            mode=self.person.mode,
            page=self.code,
            server_now=server_now,
            **self.common,
        )

    def acts(self) -> dict[str, Act]:
        """Give what each ``kind`` of message does."""
        return {}

    async def load(self) -> None:
        """Pull everything once."""
        await self.pull_bar()

    async def moved(self, _incidents: frozenset[UUID]) -> None:
        """Incidents moved: pull again. Awaited on the page's own event loop; most pages do not care."""

    async def alarms_moved(self) -> None:
        """Alarms changed: pull them again. Awaited on the page's own event loop; most pages do not care."""

    async def respeak(self) -> None:
        """The language changed: pull what was worded on the server."""

    def repaint(self) -> None:
        """The theme changed: tell the parts that draw by themselves."""

    # what it may use

    @property
    def language(self) -> Language:
        """Language of the page."""
        return cast(Language, self.state.language)

    def toast(self, code: str = "", text: str | None = None, tone: str = "info", **values: object) -> None:
        """Say something in passing."""
        self.frame.tell({"kind": "toast", "code": code, "text": text, "tone": tone, "values": values})

    async def pull_bar(self) -> None:
        """Draw wind, services, city and the time since the alarm in the app bar."""
        home = await asyncio.to_thread(self.store.ground.home)
        weather = await asyncio.to_thread(self.store.ground.weather, *home["centre"])
        services = await asyncio.to_thread(self.store.services)
        began = next((one.known_at for one in await self._incidents() if one.status == "open" and one.known_at), None)
        self.bar.param.update(
            weather=weather,
            services=services,
            city=home["name"],
            started_at=began.isoformat() if began else "",
        )

    async def _incidents(self) -> "list[IncidentSummary]":
        try:
            return await asyncio.to_thread(self.store.incidents)
        except OneMapError:
            return []  # the bar says which service is away; its clock is not the place for a second sentence

    def _user(self) -> Json:
        return {"name": self.person.display_name, "role": say(f"role.{self.person.role}", self.language)}

    def _listen(self, table: dict[str, Act]) -> None:
        denials = Denials(self.store.house.database, self.person)

        async def take(event: Any) -> None:
            kind = str(event.data.get("kind"))
            act = table.get(kind)
            if act is None:
                return
            answered = False
            try:
                admit(kind, self.person)
                await act(event.data)
                await asyncio.to_thread(note, self.store.house.database, kind, self.person)
                answered = True
            except RefusedError as error:
                await asyncio.to_thread(denials.note, kind)
                self.toast(text=worded(error, self.language), tone="danger")
                answered = True
            except OneMapError as error:
                self.toast(text=worded(error, self.language), tone="danger")
                answered = True
            finally:
                # A fault of ours goes on into the log; whoever pressed is not left without an answer.
                if not answered:
                    self.toast("toast.unexpected", tone="danger")

        for one in self.parts:
            one.on_msg(take)

    async def _theme(self, message: Json) -> None:
        self.state.theme = "light" if message.get("value") == "light" else "dark"
        with pn.io.hold():
            for one in self.parts:
                if "theme" in one.param:
                    one.param.update(theme=self.state.theme)
            self.repaint()
        await asyncio.to_thread(self.preferences.keep, self.person.name, theme=self.state.theme)

    async def _language(self, message: Json) -> None:
        self.state.language = "en" if message.get("value") == "en" else "zh"
        words = texts(self.language)
        with pn.io.hold():
            self.bar.user = self._user()
            for one in self.parts:
                one.param.update(texts=words, **({"language": self.language} if "language" in one.param else {}))
        await asyncio.to_thread(self.preferences.keep, self.person.name, language=self.state.language)
        await self.pull_bar()
        await self.respeak()
