"""How does a dialog learn what became of its message? One answer a message; it closes only on what is on disk."""

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from pydantic import ValidationError

from command_ui.access.roles import Right
from command_ui.api.reading import check
from command_ui.console.fault_words import worded
from command_ui.words import Language, say
from gis.errors import ConflictError, OneMapError

if TYPE_CHECKING:
    from command_ui.access.roles import SignedIn
    from command_ui.console.act import Act, Json


class Answers(Protocol):
    """A page whose dialogs are answered here."""

    person: "SignedIn"

    @property
    def language(self) -> Language:
        """Language of the page."""
        ...

    def toast(self, code: str = "", text: str | None = None, tone: str = "info", **values: object) -> None:
        """Say something in passing."""
        ...

    async def answer(self, answer: "Json") -> None:
        """Hand the dialog its answer, and draw anew what it may have changed."""
        ...


def doing(page: Answers, right: Right, work: "Callable[[Json, UUID], str]") -> "Act":
    """
    Make an act of a command: the right is asked for again, the work runs in a thread, the dialog gets its answer.

    Parameters
    ----------
    work
        Takes the message and its key and gives the name of what was made, for the toast.
    """

    async def act(message: "Json") -> None:
        answer: Json = {"kind": "said", "key": message.get("key")}
        language = page.language
        try:
            page.person.require(right)
            name = await asyncio.to_thread(work, message, UUID(str(message["key"])))
        except ConflictError as error:
            answer["fault"] = say("order.changed", language, reason=worded(error, language))
        except OneMapError as error:
            answer["fault"] = worded(error, language)
        except (ValidationError, KeyError, TypeError, ValueError):
            answer["fault"] = say("order.incomplete", language)
        else:
            page.toast(f"said.{message['kind']}", name=name)
        await page.answer(answer)

    return act


def plain(value: Any) -> bytes:
    """JSON of a message as a request would bring it, so that the same rules look through it."""
    body = json.dumps(value, ensure_ascii=False).encode()
    check(body)
    return body
