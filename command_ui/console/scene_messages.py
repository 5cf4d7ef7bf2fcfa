"""What of messages and calls travels to the browser, and which of them must somebody look at?"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from command_ui.api import message_shapes as shapes

if TYPE_CHECKING:
    from command_ui.access.roles import SignedIn
    from scenarios.duty import DutyDesk
    from scenarios.situation import Situation

Json = dict[str, Any]
SHOWN_NOTICES = 3


def messages_of(known: "Situation", desk: "DutyDesk", person: "SignedIn", moment: datetime | None) -> Json:
    """Messages as the panel 通信 draws them, with what this person may do and whether a gateway is there."""
    return {
        "list": [shapes.message_out(one, known).model_dump(mode="json") for one in known.messages],
        "may": moment is None and known.status == "open" and person.may("order"),
        "may_unmask": person.may("unmask"),
        "gateway": desk.messages.lines.gateway and person.mode == "live",
    }


def notices_of(messages: Json) -> list[Json]:
    """Who was not reached: each ended failure, until the message is answered or sent again."""
    failed = [one for one in messages["list"] if one["state"] == "failed"]
    return [
        {"tone": "warn", "code": "notice.message.failed", "detail": "notice.message.failed.detail",
         "values": {"name": one["name"], "to": one["to"], "reason": one["steps"][-1]["reason"] or one["name"]},
         "at": one["steps"][-1]["recorded_at"]}
        for one in failed[-SHOWN_NOTICES:]
    ]  # fmt: skip
