"""What does the page do about messages and calls? Rights are asked for again here, whatever buttons it shows."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from command_ui.api import message_shapes as shapes
from command_ui.console.act import Act, Json
from command_ui.console.answering import doing, plain
from scenarios.messages.fold import named

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame


class MessagesDesk:
    """Answers the dialogs of the panel 通信: a message is told to be put out only when it is on disk."""

    def __init__(self, page: "DeskFrame") -> None:
        self.page = page

    def acts(self) -> dict[str, Act]:
        """What each message does."""
        return {
            "message_send": doing(self.page, "order", self._send),
            "message_again": doing(self.page, "order", self._again),
            "message_heard": doing(self.page, "order", self._heard),
        }

    def _send(self, message: Json, key: UUID) -> str:
        body = shapes.MessageIn.model_validate_json(plain(message["message"]))
        heard = body.heard.heard() if body.heard else None
        message_id, _ = self._desk.messages.send(self._incident, body.command(), self._caller, key=key, heard=heard)
        return self._name(message_id)

    def _again(self, message: Json, key: UUID) -> str:
        self._desk.messages.again(self._incident, str(message["id"]), self._caller, key=key)
        return self._name(str(message["id"]))

    def _heard(self, message: Json, key: UUID) -> str:
        heard = shapes.HeardIn.model_validate_json(plain(message["heard"])).heard()
        self._desk.messages.heard(self._incident, str(message["id"]), heard, self._caller, key=key)
        return self._name(str(message["id"]))

    def _name(self, message_id: str) -> str:
        found = named(self._desk.situation(self._incident, caller=self._caller).messages, message_id)
        return found.name if found else ""

    @property
    def _desk(self) -> Any:
        return self.page.store.desk

    @property
    def _incident(self) -> UUID:
        return UUID(self.page.state.incident_id)

    @property
    def _caller(self) -> Any:
        return self.page.person.caller()
