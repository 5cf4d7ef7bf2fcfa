"""How does a message leave the house, and what came of it? What every gateway must be able to say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from gis.errors import OneMapError
from scenarios.messages.events import Kind

Heard = Literal["queued", "sent", "delivered", "answered", "failed"]


class GatewayDownError(OneMapError):
    """The gateway does not answer, or not as a gateway would: nothing is wrong with the message, it waits."""

    code = "gateway_down"


class GatewayRefusedError(OneMapError):
    """The gateway looked at the message and will not take it, now or later."""

    code = "gateway_refused"


class GatewayUnknownError(OneMapError):
    """The gateway does not know the key: it never got the message, or has lost it."""

    code = "gateway_unknown"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes out. ``key`` stays over retries, so that a gateway that has taken it sends it no second time."""

    key: UUID
    kind: Kind
    to: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What the gateway knows of a message.

    ``text`` is the reply of a person, ``duration_s`` the length of a call. ``retry`` goes with ``failed``: another
    attempt may succeed (no answer, telephone switched off). ``at`` is by the gateway's clock.
    """

    state: Heard
    reason: str = ""
    text: str = ""
    duration_s: int | None = None
    retry: bool = False
    at: datetime | None = None


class Gateway(Protocol):
    """A gateway of text messages and telephone calls. Every method may be called from any thread."""

    def hand_over(self, message: Outgoing) -> Outcome:
        """
        Give it a message; giving it the same key again changes nothing and says how that message stands.

        Raises
        ------
        GatewayDownError, GatewayRefusedError
        """
        ...

    def look(self, key: UUID, /) -> Outcome:
        """
        Ask how a message stands.

        Raises
        ------
        GatewayDownError, GatewayUnknownError
        """
        ...


class Rehearsal:
    """The gateway of exercises: nothing leaves the house. Texts arrive at once; who is called answers at the table."""

    def hand_over(self, message: Outgoing) -> Outcome:
        """Take it and do nothing."""
        return Outcome("sent" if message.kind == "call" else "delivered")

    def look(self, _key: UUID) -> Outcome:
        """Say nothing new."""
        return Outcome("sent")
