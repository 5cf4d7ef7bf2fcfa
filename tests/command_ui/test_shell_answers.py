"""Is whoever presses something answered, also when the program itself fails?"""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from command_ui.access.roles import SignedIn
from command_ui.console.shell import ShellPage
from gis.errors import InputError

Take = Callable[[Any], Awaitable[None]]


class Pressed:
    """A part whose messages the test sends itself."""

    def __init__(self) -> None:
        self.take: Take | None = None

    def on_msg(self, take: Take) -> None:
        self.take = take


class Page(ShellPage):
    """The way messages take, without a browser below it."""

    def __init__(self, act: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self.state = SimpleNamespace(language="zh")  # type: ignore[assignment]
        self.pressed, self.told = Pressed(), list[dict[str, Any]]()
        self.parts = (self.pressed,)  # type: ignore[assignment]
        self.frame = SimpleNamespace(tell=self.told.append)  # type: ignore[assignment]
        self.person = SignedIn("duty", "演练值班员", "operator", "990100", "990200", "drill", "h", "t")
        self.store = SimpleNamespace(house=SimpleNamespace(database=None))  # type: ignore[assignment]
        self._listen({"search": act})

    def build(self) -> tuple[Any, ...]:
        return ()

    def press(self, **message: Any) -> None:
        assert self.pressed.take is not None
        asyncio.run(self.pressed.take(SimpleNamespace(data={"kind": "search", **message})))  # type: ignore[arg-type]


async def wants_a_place(message: dict[str, Any]) -> None:
    float(message["longitude"])


async def refuses(message: dict[str, Any]) -> None:
    raise InputError("longitude 999 is not on the earth: give a number from -180 to 180")


@pytest.mark.parametrize("garbled", [{}, {"longitude": "east"}, {"longitude": None}, {"longitude": {}}])
def test_a_garbled_message_is_answered_and_still_seen_by_the_log(garbled: dict[str, Any]) -> None:
    page = Page(wants_a_place)
    with pytest.raises((KeyError, ValueError, TypeError)):
        page.press(**garbled)
    assert [(one["code"], one["tone"]) for one in page.told] == [("toast.unexpected", "danger")]


def test_a_refusal_is_worded_and_said_once() -> None:
    page = Page(refuses)
    page.press()
    (said,) = page.told
    assert said["tone"] == "danger" and said["text"] and said["code"] == ""


def test_what_succeeds_says_nothing_by_itself_and_unknown_kinds_are_dropped() -> None:
    page = Page(wants_a_place)
    page.press(longitude=118.7)
    page.press(kind="no such act")
    assert page.told == []
