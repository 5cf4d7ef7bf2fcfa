"""What happens to an order? It is drafted, issued, signed for and carried out; an illegal step is refused."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4, uuid5

from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from scenarios import log
from scenarios.journal import Journal
from scenarios.log import Receipt
from scenarios.orders.attachments import Attachments
from scenarios.orders.changing import Changes, RefusedError
from scenarios.orders.doubts import of_order
from scenarios.orders.escalating import escalate
from scenarios.orders.events import (
    FieldAnswered,
    FieldReported,
    OrderMoved,
    OrderNoted,
    OrderReviewed,
    OrderRewritten,
)
from scenarios.orders.fold import Order
from scenarios.orders.states import NEEDS_REASON, NEXT, RUNNING, State, may_follow
from scenarios.orders.timers import POLICIES, OrderPolicy
from scenarios.orders.writing import NewOrder, Said, faults_beside, faults_of

if TYPE_CHECKING:
    from scenarios.situation import Situation


class OrderDesk:
    """Orders of incidents. Shared by all pages; safe between threads. Every refusal leaves the record as it was."""

    def __init__(self, journal: Journal, *, policies: tuple[OrderPolicy, ...] = POLICIES) -> None:
        self.journal = journal
        self.policies = policies
        self.attachments = Attachments(journal.networks_dir.parent / "attachments")
        self.changes = Changes(journal, self.attachments)

    # -- giving orders ---------------------------------------------------------------------------------------------

    def draft(
        self, incident_id: UUID, order: NewOrder, caller: Caller, *, issue: bool = False, key: UUID | None = None,
        caused_by: tuple[int, ...] = (),
    ) -> tuple[str, Receipt]:  # fmt: skip
        """
        Write an order down, and issue it at once where `issue` says so; its id follows from the key.

        Raises
        ------
        InputError
            Every fault of the order.
        ConflictError
            The incident is closed.
        """
        return self.draft_many(incident_id, (order,), caller, issue=issue, key=key, caused_by=caused_by)[0]

    def draft_many(
        self, incident_id: UUID, orders: Sequence[NewOrder], caller: Caller, *, issue: bool = False,
        key: UUID | None = None, caused_by: tuple[int, ...] = (),
    ) -> list[tuple[str, Receipt]]:  # fmt: skip
        """
        Write several orders down together, or none of them: a plan that is adopted makes its orders this way.

        Parameters
        ----------
        key
            Idempotency key of the whole; ids and keys of the orders follow from it and their place.
        caused_by
            Entries all of them come from, such as a decision or the plan adopted.

        Returns
        -------
        made
            Id of each order and the receipt of its last entry, in the order given.
        """
        faults = [
            fault if len(orders) == 1 else f"orders[{at}].{fault}"
            for at, one in enumerate(orders) for fault in (*faults_of(one), *self.changes.unheld(one.attachments))
        ]  # fmt: skip
        if faults:
            raise InputError(faults)
        key = key or uuid4()
        with self.journal.database.transaction(caller) as connection:
            known = self.journal.fold(connection, incident_id)
            made = []
            fresh = False
            for at, one in enumerate(orders):
                own = key if len(orders) == 1 else uuid5(key, str(at))
                order_id = f"O-{own.hex[:12]}"
                receipt = log.append(connection, incident_id, one.drafted(order_id), key=own, caused_by=caused_by)
                fresh = fresh or not receipt.replayed
                if issue:
                    step = OrderMoved(order_id, "issued")
                    receipt = log.append(
                        connection, incident_id, step, key=uuid5(own, "issued"), expected_seq=receipt.seq
                    )
                made.append((order_id, receipt))
            if fresh:
                if known.status != "open":
                    raise ConflictError("the incident is closed: no more orders are given in it")
                beside = [fault for one in orders for fault in faults_beside(one, known, datetime.now(UTC))]
                if beside:
                    raise InputError(beside)
        return made

    def rewrite(
        self, incident_id: UUID, order_id: str, order: NewOrder, caller: Caller, *, seen_seq: int,
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """
        Let a draft say something else.

        Raises
        ------
        ConflictError
            It is no draft any more, or somebody changed it after entry `seen_seq`.
        """
        faults = [*faults_of(order), *self.changes.unheld(order.attachments)]
        if faults:
            raise InputError(faults)

        def check(now: Order, known: "Situation") -> None:
            if now.state != "draft":
                raise RefusedError(f"order {now.name} was issued: withdraw it and give another")
            beside = faults_beside(order, known, datetime.now(UTC))
            if beside:
                raise InputError(beside)

        event = OrderRewritten(order_id, order.drafted(order_id))
        return self.changes.make(incident_id, order_id, event, caller, check, key=key, seen_seq=seen_seq)

    # -- carrying them out -----------------------------------------------------------------------------------------

    def step(
        self, incident_id: UUID, order_id: str, to: State, caller: Caller, said: Said | None = None, *,
        seen_seq: int | None = None, key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """
        Take an order a step further.

        Raises
        ------
        ConflictError
            The table of states does not have the step, or the order changed after entry `seen_seq`.
        InputError
            "Cannot" or "withdraw" without a reason, or a fault of what was said.
        """
        said = (said or Said()).checked()
        self.changes.check_said(said)
        event = OrderMoved(
            order_id, to, said.reason.strip(), said.text.strip(), said.way, said.at, said.clock_off_s, said.attachments
        )

        def check(now: Order, _known: "Situation") -> None:
            _check_step(now, to, said)

        return self.changes.make(
            incident_id, order_id, event, caller, check, key=key, seen_seq=seen_seq, made_at=said.made_at
        )

    def act(
        self, incident_id: UUID, order_id: str, to: State, caller: Caller, said: Said, *, key: UUID
    ) -> tuple[Receipt, bool]:
        """
        Take a step that was made earlier, perhaps where there was no line. True when the order took it.

        Where the order moved on meanwhile, what was done is kept as a note that names the step, and False comes back:
        what happened in the field happened, and the record keeps both.
        """
        try:
            return self.step(incident_id, order_id, to, caller, said, key=key), True
        except ConflictError:
            event = OrderNoted(
                order_id, " ".join(part for part in (said.text.strip(), said.reason.strip()) if part), said.way,
                said.at, said.clock_off_s, said.attachments, tried=to,
            )  # fmt: skip
            late = uuid5(key, "came too late")
            return self.changes.note(incident_id, order_id, event, caller, key=late, made_at=said.made_at), False

    def note(self, incident_id: UUID, order_id: str, said: Said, caller: Caller, *, key: UUID | None = None) -> Receipt:
        """Say how an order goes on, in words or pictures."""
        said.checked()
        self.changes.check_said(said)
        if not said.text.strip() and not said.attachments:
            raise InputError("text: missing; say how it goes on, or add a picture")
        event = OrderNoted(order_id, said.text.strip(), said.way, said.at, said.clock_off_s, said.attachments)
        return self.changes.note(incident_id, order_id, event, caller, key=key, made_at=said.made_at)

    def review(
        self, incident_id: UUID, order_id: str, reason: str, run_ids: tuple[str, ...], caller: Caller, *,
        seen_seq: int, key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """
        Let an order that is 待复核 stand, on the runs named.

        Raises
        ------
        InputError
            No reason, or no such run, or one of the runs is itself in doubt.
        ConflictError
            Nobody acts on the order any more, or it changed after entry `seen_seq`.
        """
        if not reason.strip():
            raise InputError("reason: missing; say why the order stands")

        def check(now: Order, known: "Situation") -> None:
            runs = {one.run_id: one for one in known.runs}
            faults = [f"run_ids: incident has no run {one}" for one in run_ids if one not in runs]
            faults += [
                f"run_ids: run {one} is in doubt itself: compute anew first"
                for one in run_ids if one in runs and runs[one].stale_since is not None
            ]  # fmt: skip
            if faults:
                raise InputError(faults)
            if now.state not in RUNNING and now.state != "draft":
                raise RefusedError(f"order {now.name} is {now.state}: there is nothing left to look at")

        event = OrderReviewed(order_id, reason.strip(), run_ids)
        return self.changes.make(incident_id, order_id, event, caller, check, key=key, seen_seq=seen_seq)

    # -- the field beside its orders -------------------------------------------------------------------------------

    def report_from_field(
        self, incident_id: UUID, unit_id: str, unit_name: str, said: Said, caller: Caller, *, urgent: bool = False,
        key: UUID | None = None,
    ) -> Receipt:  # fmt: skip
        """Record what somebody at the scene says; `urgent` asks for help."""
        said.checked()
        self.changes.check_said(said)
        if not said.text.strip() and not said.attachments and not urgent:
            raise InputError("text: missing; say what you see, or add a picture")
        event = FieldReported(
            unit_name, said.text.strip(), unit_id, urgent, said.at, said.clock_off_s, said.attachments
        )
        return self.journal.record(incident_id, event, caller, occurred_at=said.made_at, key=key)

    def answer_field(
        self, incident_id: UUID, refers_to: int, text: str, caller: Caller, *, key: UUID | None = None
    ) -> Receipt:
        """Record the answer of the desk to what the field said."""
        if not text.strip():
            raise InputError("text: missing; say what was answered")
        known = self.journal.situation(incident_id, caller=caller)
        if not any(one.seq == refers_to for one in known.orders.words):
            raise MissingError(f"entry {refers_to} is no word of the field")
        event = FieldAnswered(refers_to, text.strip())
        return self.journal.record(incident_id, event, caller, caused_by=(refers_to,), key=key)

    # -- time ------------------------------------------------------------------------------------------------------

    def escalate(self, caller: Caller, now: datetime | None = None) -> int:
        """Record every timer that has run out in open incidents of the caller; see `scenarios.orders.escalating`."""
        return escalate(self.journal, self.policies, caller, now)


def _check_step(order: Order, to: State, said: Said) -> None:
    if not may_follow(order.state, to):
        legal = ", ".join(NEXT[order.state]) or "nothing: it has ended"
        raise RefusedError(f"order {order.name} is {order.state}: '{to}' cannot follow, only {legal}")
    if to in NEEDS_REASON and order.state != "draft" and not said.reason.strip():
        raise InputError("reason: missing; say why")


__all__ = ["NewOrder", "OrderDesk", "Said", "of_order"]
