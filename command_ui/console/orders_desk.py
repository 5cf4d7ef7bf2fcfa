"""What does the page do about orders, decisions, casualties, grade and response? Rights are asked for again here."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from command_ui.api import order_shapes as shapes
from command_ui.console.answering import doing, plain
from gis.errors import InputError
from scenarios.events import CasualtiesReported, EvacuationCounted, GradeConfirmed, IncidentClosed, ResponseLevelSet
from scenarios.log import Receipt
from scenarios.messages.events import Kind
from scenarios.orders.states import BY_SENDER

if TYPE_CHECKING:
    from command_ui.console.desk_frame import DeskFrame

Json = dict[str, Any]
MOST_PEOPLE, MOST_YUAN = 1_000_000, 10**13


class OrdersDesk:
    """Answers the dialogs of the inspector: one answer a message, so that a dialog closes only on what is on disk."""

    def __init__(self, page: "DeskFrame") -> None:
        self.page = page

    def acts(self) -> dict[str, Any]:
        """What each message does."""
        return {
            "order_new": doing(self.page, "order", self._order),
            "order_rewrite": doing(self.page, "order", self._rewrite),
            "order_step": doing(self.page, "carry_out", self._step),
            "order_note": doing(self.page, "carry_out", self._note),
            "order_review": doing(self.page, "order", self._review),
            "field_answer": doing(self.page, "order", self._answer),
            "decision_new": doing(self.page, "decide", self._decide),
            "decision_strike": doing(self.page, "decide", self._strike),
            "casualties": doing(self.page, "report", self._casualties),
            "evacuated": doing(self.page, "report", self._evacuated),
            "grade": doing(self.page, "decide", self._grade),
            "response": doing(self.page, "decide", self._response),
            "incident_close": doing(self.page, "decide", self._close),
        }

    # orders

    def _order(self, message: Json, key: UUID) -> str:
        body = shapes.NewOrderIn.model_validate_json(plain(message["order"]))
        order_id, receipt = self._orders.draft(self._incident, body.command(), self._caller, issue=body.issue, key=key)
        if body.issue and body.notify:
            self._tell(order_id, body.notify, receipt, key)
        return self._name(order_id)

    def _tell(self, order_id: str, kind: Kind, receipt: Receipt, key: UUID) -> None:
        """Tell the unit of an order that has just been issued; once, however often the page asks."""
        self._desk.messages.tell_owner(
            self._incident, order_id, kind, self._caller, key=uuid5(key, "told"), caused_by=(receipt.seq,)
        )

    def _rewrite(self, message: Json, key: UUID) -> str:
        body = shapes.RewrittenIn.model_validate_json(plain(message["order"]))
        order_id = str(message["id"])
        self._orders.rewrite(
            self._incident, order_id, body.command(), self._caller, seen_seq=body.expected_seq, key=key
        )
        return self._name(order_id)

    def _step(self, message: Json, key: UUID) -> str:
        body = shapes.StepIn.model_validate_json(plain(message["step"]))
        if body.to in BY_SENDER:
            self.page.person.require("order")
        order_id = str(message["id"])
        said = body.said()
        receipt = self._orders.step(
            self._incident, order_id, body.to, self._caller, said, seen_seq=body.expected_seq, key=key
        )
        if body.to == "issued" and body.notify:
            self._tell(order_id, body.notify, receipt, key)
        return self._name(order_id)

    def _note(self, message: Json, key: UUID) -> str:
        said = shapes.SaidIn.model_validate_json(plain(message["note"])).said()
        self._orders.note(self._incident, str(message["id"]), said, self._caller, key=key)
        return self._name(str(message["id"]))

    def _review(self, message: Json, key: UUID) -> str:
        body = shapes.ReviewIn.model_validate_json(plain(message["review"]))
        self._orders.review(
            self._incident, str(message["id"]), body.reason, body.run_ids, self._caller, seen_seq=body.expected_seq,
            key=key,
        )  # fmt: skip
        return self._name(str(message["id"]))

    def _answer(self, message: Json, key: UUID) -> str:
        text = shapes.AnswerIn.model_validate_json(plain({"text": message["text"]})).text
        self._orders.answer_field(self._incident, int(message["seq"]), text, self._caller, key=key)
        return ""

    # decisions

    def _decide(self, message: Json, key: UUID) -> str:
        body = shapes.DecisionIn.model_validate_json(plain(message["decision"]))
        self._desk.cards.check(body.cited, self._caller)
        decision_id, receipt = self._desk.decisions.take(
            self._incident, body.command(), self._caller, seen_seq=body.expected_seq, key=key
        )
        for card_id, version in body.cited:
            self._desk.cards.cite(self._incident, card_id, version, self._caller, decision_id=decision_id)
        given = [shapes.NewOrderIn.model_validate_json(plain(one)) for one in message.get("orders", [])]
        if given:
            commands = [replace(one.command(), decision_id=decision_id) for one in given]
            self._orders.draft_many(
                self._incident, commands, self._caller, issue=True, key=uuid5(key, "orders"), caused_by=(receipt.seq,)
            )
        known = self._desk.situation(self._incident, caller=self._caller)
        return next((one.name for one in known.decisions if one.decision_id == decision_id), "")

    def _strike(self, message: Json, key: UUID) -> str:
        reason = shapes.StrikeIn.model_validate_json(plain({"reason": message["reason"]})).reason
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

    def _evacuated(self, message: Json, key: UUID) -> str:
        said = message["counted"]
        waiting = said.get("waiting")
        people, sheltered = int(said["people"]), int(said.get("sheltered") or 0)
        figures = {"people": people, "sheltered": sheltered, "waiting": int(waiting or 0)}
        faults = [
            f"{name}: must be at least 0 and at most {MOST_PEOPLE}"
            for name, value in figures.items()
            if not 0 <= value <= MOST_PEOPLE
        ]
        if faults:
            raise InputError(faults)
        source = str(said.get("source") or "")[:200].strip()
        still = None if waiting is None else figures["waiting"]
        event = EvacuationCounted(people, datetime.now(UTC), sheltered, still, source)
        self._desk.record(self._incident, event, self._caller, key=key)
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

    def _close(self, message: Json, key: UUID) -> str:
        event = IncidentClosed(_reason(message))
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
