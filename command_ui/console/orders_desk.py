"""What does the page do about orders, decisions, casualties, grade and response? Rights are asked for again here."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from pydantic import ValidationError

from command_ui.api import order_shapes as shapes
from command_ui.api.reading import check
from command_ui.console.fault_words import worded
from command_ui.words import say
from gis.errors import ConflictError, InputError, OneMapError
from scenarios.events import CasualtiesReported, GradeConfirmed, ResponseLevelSet
from scenarios.orders.states import BY_SENDER

if TYPE_CHECKING:
    from command_ui.console.desk_page import DeskPage

Json = dict[str, Any]
MOST_PEOPLE, MOST_YUAN = 1_000_000, 10**13


class OrdersDesk:
    """Answers the dialogs of the inspector: one answer a message, so that a dialog closes only on what is on disk."""

    def __init__(self, page: "DeskPage") -> None:
        self.page = page

    def acts(self) -> dict[str, Any]:
        """What each message does."""
        return {
            "order_new": self._doing("order", self._order),
            "order_step": self._doing("carry_out", self._step),
            "order_note": self._doing("carry_out", self._note),
            "order_review": self._doing("order", self._review),
            "field_answer": self._doing("order", self._answer),
            "decision_new": self._doing("decide", self._decide),
            "decision_strike": self._doing("decide", self._strike),
            "casualties": self._doing("report", self._casualties),
            "grade": self._doing("decide", self._grade),
            "response": self._doing("decide", self._response),
        }

    def _doing(self, right: Any, work: Callable[[Json, UUID], str]) -> Any:
        async def act(message: Json) -> None:
            answer: Json = {"kind": "said", "key": message.get("key")}
            language = self.page.language
            try:
                self.page.person.require(right)
                name = await asyncio.to_thread(work, message, UUID(str(message["key"])))
            except ConflictError as error:
                answer["fault"] = say("order.changed", language, reason=worded(error, language))
            except OneMapError as error:
                answer["fault"] = worded(error, language)
            except (ValidationError, KeyError, TypeError, ValueError):
                answer["fault"] = say("order.incomplete", language)
            else:
                self.page.toast(f"said.{message['kind']}", name=name)
            self.page.inspector.tell(answer)
            await self.page.pull_scene()

        return act

    # orders

    def _order(self, message: Json, key: UUID) -> str:
        body = shapes.NewOrderIn.model_validate_json(_plain(message["order"]))
        order_id, _ = self._orders.draft(self._incident, body.command(), self._caller, issue=body.issue, key=key)
        return self._name(order_id)

    def _step(self, message: Json, key: UUID) -> str:
        body = shapes.StepIn.model_validate_json(_plain(message["step"]))
        if body.to in BY_SENDER:
            self.page.person.require("order")
        order_id = str(message["id"])
        said = body.said()
        self._orders.step(self._incident, order_id, body.to, self._caller, said, seen_seq=body.expected_seq, key=key)
        return self._name(order_id)

    def _note(self, message: Json, key: UUID) -> str:
        said = shapes.SaidIn.model_validate_json(_plain(message["note"])).said()
        self._orders.note(self._incident, str(message["id"]), said, self._caller, key=key)
        return self._name(str(message["id"]))

    def _review(self, message: Json, key: UUID) -> str:
        body = shapes.ReviewIn.model_validate_json(_plain(message["review"]))
        self._orders.review(
            self._incident, str(message["id"]), body.reason, body.run_ids, self._caller, seen_seq=body.expected_seq,
            key=key,
        )  # fmt: skip
        return self._name(str(message["id"]))

    def _answer(self, message: Json, key: UUID) -> str:
        text = shapes.AnswerIn.model_validate_json(_plain({"text": message["text"]})).text
        self._orders.answer_field(self._incident, int(message["seq"]), text, self._caller, key=key)
        return ""

    # decisions

    def _decide(self, message: Json, key: UUID) -> str:
        body = shapes.DecisionIn.model_validate_json(_plain(message["decision"]))
        decision_id, receipt = self._desk.decisions.take(
            self._incident, body.command(), self._caller, seen_seq=body.expected_seq, key=key
        )
        given = [shapes.NewOrderIn.model_validate_json(_plain(one)) for one in message.get("orders", [])]
        if given:
            commands = [replace(one.command(), decision_id=decision_id) for one in given]
            self._orders.draft_many(
                self._incident, commands, self._caller, issue=True, key=uuid5(key, "orders"), caused_by=(receipt.seq,)
            )
        known = self._desk.situation(self._incident, caller=self._caller)
        return next((one.name for one in known.decisions if one.decision_id == decision_id), "")

    def _strike(self, message: Json, key: UUID) -> str:
        reason = shapes.StrikeIn.model_validate_json(_plain({"reason": message["reason"]})).reason
        self._desk.decisions.strike(self._incident, str(message["id"]), reason, self._caller, key=key)
        return str(message.get("name", ""))

    # casualties, grade and response: three things that never follow from one another without a person

    def _casualties(self, message: Json, key: UUID) -> str:
        names = ("dead", "seriously_injured", "slightly_injured", "missing", "trapped", "loss_yuan")
        figures = {name: int(message["toll"].get(name) or 0) for name in names}
        faults = [
            f"{name}: must be at least 0 and at most {most}"
            for name, value in figures.items()
            if not 0 <= value <= (most := MOST_YUAN if name == "loss_yuan" else MOST_PEOPLE)
        ]
        if faults:
            raise InputError(faults)
        self._desk.record(self._incident, CasualtiesReported(**figures), self._caller, key=key)
        return ""

    def _grade(self, message: Json, key: UUID) -> str:
        event = GradeConfirmed(message["grade"], _reason(message))
        self._desk.record(self._incident, event, self._caller, expected_seq=int(message["seen"]), key=key)
        return ""

    def _response(self, message: Json, key: UUID) -> str:
        level = message.get("level")
        event = ResponseLevelSet(None if level in (None, "", 0) else int(level), _reason(message))  # type: ignore[arg-type]
        self._desk.record(self._incident, event, self._caller, expected_seq=int(message["seen"]), key=key)
        return ""

    def _name(self, order_id: str) -> str:
        order = self._desk.situation(self._incident, caller=self._caller).orders.named(order_id)
        return order.name if order else ""

    @property
    def _desk(self) -> Any:
        return self.page.store.desk

    @property
    def _orders(self) -> Any:
        return self._desk.orders

    @property
    def _incident(self) -> UUID:
        return UUID(self.page.state.incident_id)

    @property
    def _caller(self) -> Any:
        return self.page.person.caller()


def _reason(message: Json) -> str:
    reason = str(message.get("reason", "")).strip()
    if not reason:
        raise InputError("reason: missing; say why")
    return reason[:2_000]


def _plain(value: Any) -> bytes:
    """JSON of a message as a request would bring it, so that the same rules look through it."""
    body = json.dumps(value, ensure_ascii=False).encode()
    check(body)
    return body
