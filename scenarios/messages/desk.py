"""How is somebody told? A message is written down and put out in one transaction; what comes back follows."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Connection

from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from scenarios import log
from scenarios.journal import Journal
from scenarios.log import Receipt
from scenarios.messages import outbox
from scenarios.messages.events import Kind, MessageAgain, MessageMoved, MessagePut, Occasion, Reach, Way
from scenarios.messages.fold import Message, named
from scenarios.messages.outbox import Waits
from scenarios.messages.people import Person, of_register, people, shortened
from scenarios.messages.states import may_follow

if TYPE_CHECKING:
    from scenarios.situation import Situation

LONGEST_TEXT = 500
MARK = "【演练】"
"""Begins every text of an exercise, whoever reads it and wherever."""
TOLD = UUID("b1f0f8d4-90c4-5a0e-a7a5-2f3d8d2b6c11")
"""Namespace in which an order and its overdue timer name the one message that tells of it."""
_NUMBER = re.compile(r"\+?[0-9][0-9 ()-]{1,24}")


@dataclass(frozen=True, slots=True)
class NewMessage:
    """
    Command: tell somebody. ``reach_id`` names a row of a register, which then gives name and number.

    ``by_hand`` = a person dials himself, whatever gateway there is.
    """

    kind: Kind
    text: str
    reach: Reach = "typed"
    reach_id: str = ""
    name: str = ""
    phone: str = ""
    order_id: str = ""
    by_hand: bool = False
    occasion: Occasion = "typed"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a person heard who dialled himself: whether somebody answered, what was said, for how long."""

    outcome: Literal["answered", "failed"]
    text: str = ""
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """What the settings give: whether live messages go through a gateway, and whom an overdue order is told to."""

    gateway: bool = False
    duty_phone: str = ""


class MessageDesk:
    """Texts and calls of incidents. Shared by all pages; safe between threads. `lines` is set once at the start."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.lines = Lines()

    # -- who ---------------------------------------------------------------------------------------------------------

    def people(self, incident_id: UUID, caller: Caller, words: str = "") -> list[Person]:
        """Whom the incident names, or who is found by words."""
        with self.journal.database.transaction(caller) as connection:
            return people(connection, caller, self.journal.fold(connection, incident_id), words)

    def waits(self, incident_id: UUID, caller: Caller) -> dict[str, Waits]:
        """How the messages stand in the outbox."""
        with self.journal.database.transaction(caller) as connection:
            return outbox.waits(connection, incident_id)

    # -- telling -----------------------------------------------------------------------------------------------------

    def send(
        self, incident_id: UUID, message: NewMessage, caller: Caller, *, key: UUID | None = None,
        caused_by: tuple[int, ...] = (), heard: Heard | None = None,
    ) -> tuple[str, Receipt]:  # fmt: skip
        """
        Put a message out; its id follows from the key, so that a retry puts nothing out twice.

        Parameters
        ----------
        heard
            What came of a call the caller has already made himself.

        Raises
        ------
        InputError
            Every fault of the message.
        MissingError
            No such row in the registers, or no such order.
        ConflictError
            The incident is closed.
        """
        key = key or uuid4()
        with self.journal.database.transaction(caller) as connection:
            known = self.journal.fold(connection, incident_id)
            person = self._person(connection, message, caller)
            faults = _faults(message, person)
            if faults:
                raise InputError(faults)
            if message.order_id and known.orders.named(message.order_id) is None:
                raise MissingError(f"there is no order {message.order_id} in this incident")
            event = MessagePut(
                f"M-{key.hex[:12]}", message.kind, person.name, shortened(person.phone), _marked(message.text, caller),
                self._way(message, person, caller), message.reach, message.reach_id, message.order_id, message.occasion,
            )  # fmt: skip
            before = named(known.messages, event.message_id)
            if before is not None:
                event = replace(event, way=before.put.way)  # settings may have changed between an attempt and its retry
            receipt = log.append(connection, incident_id, event, key=key, caused_by=caused_by)
            if not receipt.replayed:
                if known.status != "open":
                    raise ConflictError("the incident is closed: nobody is told anything in it any more")
                division = log.head(connection, incident_id).division_code
                outbox.put(connection, incident_id, division, caller.mode, event, person.phone)
            if heard is not None:
                said = MessageMoved(
                    event.message_id, heard.outcome, "", heard.text.strip()[:LONGEST_TEXT], heard.duration_s,
                    way="by_hand",
                )  # fmt: skip
                receipt = log.append(connection, incident_id, said, key=uuid5(key, "heard"), caused_by=(receipt.seq,))
                outbox.end_of(connection, incident_id, event.message_id)
        return event.message_id, receipt

    def tell_owner(
        self,
        incident_id: UUID,
        order_id: str,
        kind: Kind,
        caller: Caller,
        *,
        key: UUID,
        caused_by: tuple[int, ...] = (),
    ) -> tuple[str, Receipt]:
        """
        Tell the unit of an order what it is to do; a unit without a number waits for somebody to dial.

        Raises
        ------
        MissingError
            No such order.
        """
        order = self.journal.situation(incident_id, caller=caller).orders.named(order_id)
        if order is None:
            raise MissingError(f"there is no order {order_id} in this incident")
        text = f"{order.name} {order.draft.text}"[:LONGEST_TEXT]
        wanted = NewMessage(kind, text, "team", order.draft.unit_id, order_id=order.order_id, occasion="order")
        with self.journal.database.transaction(caller) as connection:
            found = of_register(connection, caller, "team", order.draft.unit_id) if order.draft.unit_id else None
        if found is None:
            wanted = replace(wanted, reach="typed", reach_id="", name=order.draft.unit_name)
        return self.send(incident_id, wanted, caller, key=key, caused_by=caused_by)

    def again(self, incident_id: UUID, message_id: str, caller: Caller, *, key: UUID | None = None) -> Receipt:
        """
        Send a failed message once more, or try a waiting one at once; the answer is the receipt of its last entry.

        Raises
        ------
        ConflictError
            It went out, or a person was to dial himself.
        """
        with self.journal.database.transaction(caller) as connection:
            known = self.journal.fold(connection, incident_id)
            message = _named(known, message_id)
            row = outbox.row_of(connection, incident_id, message.message_id)
            if message.put.way == "by_hand":
                raise ConflictError(f"message {message.name} goes out by hand: dial, then write down what was said")
            if row is None:
                raise MissingError(f"the number of message {message.name} is not here any more: tell them anew")
            if message.state == "queued":
                outbox.hurry(connection, row)
                entry = known.entries[message.seq - 1]
                return Receipt(incident_id, entry.seq, entry.hash, entry.recorded_at, replayed=True)
            receipt = log.append(
                connection, incident_id, MessageAgain(message.message_id), key=key, caused_by=(message.seq,)
            )
            if not receipt.replayed:
                if message.state != "failed":
                    raise ConflictError(f"message {message.name} is {message.state}: there is nothing to send again")
                outbox.next_round(connection, row, incident_id, message.message_id, message.round + 1, 0.0)
            return receipt

    def heard(
        self, incident_id: UUID, message_id: str, heard: Heard, caller: Caller, *, key: UUID | None = None
    ) -> Receipt:
        """
        Write down what a person heard: the answer to a text or call, or that nobody answered.

        Raises
        ------
        InputError
            Too long a text, or a time that is none.
        ConflictError
            The answer is known already.
        """
        faults = []
        if len(heard.text) > LONGEST_TEXT:
            faults.append(f"text: at most {LONGEST_TEXT} characters")
        if heard.duration_s is not None and not 0 <= heard.duration_s <= 86_400:
            faults.append("duration_s: between 0 and 86400")
        if faults:
            raise InputError(faults)
        with self.journal.database.transaction(caller) as connection:
            message = _named(self.journal.fold(connection, incident_id), message_id)
            event = MessageMoved(
                message.message_id, heard.outcome, "", heard.text.strip(), heard.duration_s, way="by_hand"
            )
            receipt = log.append(connection, incident_id, event, key=key, caused_by=(message.seq,))
            if not receipt.replayed:
                if not may_follow(message.state, heard.outcome):
                    raise ConflictError(f"message {message.name} is {message.state}: that is known already")
                outbox.end_of(connection, incident_id, message.message_id)
            return receipt

    # -- by itself ---------------------------------------------------------------------------------------------------

    def tell_overdue(self, caller: Caller) -> int:
        """
        Tell the duty commander of every order whose timer ran out, once each; how many messages were put out.

        Nothing happens where the settings name no number: the escalation stands on every screen anyway.
        """
        if not self.lines.duty_phone:
            return 0
        told = 0
        for card, known in self.journal.open_situations(caller):
            for order in known.orders.all:
                for timer, due_at in order.escalated:
                    name = f"{card.incident_id} {order.order_id} {timer} {due_at.isoformat()}"
                    key = uuid5(TOLD, name)
                    if named(known.messages, f"M-{key.hex[:12]}") is not None:
                        continue
                    text = f"{known.title}：指令 {order.name}（{order.draft.unit_name}）逾期未{_TIMERS[timer]}"
                    wanted = NewMessage("text", text[:LONGEST_TEXT], "duty", order_id=order.order_id,
                                        occasion="overdue")  # fmt: skip
                    self.send(card.incident_id, wanted, caller, key=key, caused_by=(order.seq,))
                    told += 1
        return told

    def _person(self, connection: Connection, message: NewMessage, caller: Caller) -> Person:
        if message.reach == "duty":
            return Person("duty", "", message.name.strip() or "值班领导", self.lines.duty_phone)
        if message.reach == "typed":
            return Person("typed", "", message.name.strip(), message.phone.strip())
        found = of_register(connection, caller, message.reach, message.reach_id)
        if found is None:
            raise MissingError(f"there is no telephone of {message.reach} {message.reach_id} in the registers")
        return found

    def _way(self, message: NewMessage, person: Person, caller: Caller) -> Way:
        if message.by_hand:
            return "by_hand"
        if caller.mode != "live":
            return "exercise"
        return "gateway" if self.lines.gateway and person.phone else "by_hand"


_TIMERS = {"acknowledge": "签收", "finish": "完成"}


def _named(known: "Situation", message_id: str) -> Message:
    message = named(known.messages, message_id)
    if message is None:
        raise MissingError(f"there is no message {message_id} in this incident")
    return message


def _marked(text: str, caller: Caller) -> str:
    said = text.strip()
    return said if caller.mode == "live" or said.startswith(MARK) else f"{MARK}{said}"


def _faults(message: NewMessage, person: Person) -> list[str]:
    faults = []
    if not message.text.strip():
        faults.append("text: missing; say what they are to be told")
    if len(message.text) > LONGEST_TEXT:
        faults.append(f"text: at most {LONGEST_TEXT} characters")
    if not person.name:
        faults.append("name: missing; say who is told")
    if message.reach == "typed" and message.occasion == "typed" and not _NUMBER.fullmatch(person.phone):
        faults.append("phone: 2 to 25 digits, with blanks, brackets and dashes at most")
    return faults
