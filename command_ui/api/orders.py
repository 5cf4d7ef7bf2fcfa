"""How does a program give orders, take them further, and hand in what goes with them?"""

from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from command_ui.access.roles import SignedIn, signed_in
from command_ui.api import answers, shapes
from command_ui.api import order_shapes as orders
from command_ui.api.reading import IdempotencyKey, StrictRoute
from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from scenarios.desk import Desk
from scenarios.orders.attachments import LIMIT_BYTES, SUFFIX, Attachments
from scenarios.orders.doubts import doubts
from scenarios.orders.events import Attachment
from scenarios.orders.fold import Order
from scenarios.orders.states import BY_SENDER, State
from scenarios.situation import Situation

OrderId = Annotated[str, Path(pattern=r"^(O-[0-9a-f]{12}|Z-[0-9]{2,4})$", description="Id, or number such as Z-03")]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


class OrderMade(BaseModel):
    """An order with the receipt of its last entry."""

    order: orders.OrderOut
    receipt: shapes.Receipt


class Stepped(BaseModel):
    """The order after a step; `took` is false where the step came too late and was kept as a note."""

    order: orders.OrderOut
    receipt: shapes.Receipt
    took: bool


class OrderList(BaseModel):
    """Orders of an incident, oldest first, and the number of its last entry."""

    seq: int
    orders: list[orders.OrderOut]


def router(desk: Desk) -> APIRouter:
    """Build the routes of orders, of doubts, and of what the field says."""
    routes = APIRouter(prefix="/incidents/{incident_id}", route_class=StrictRoute, tags=["orders"])
    conflict: dict[int | str, dict[str, Any]] = {409: {"model": shapes.Problem}}

    def seen(incident_id: UUID) -> Caller:
        caller = signed_in().caller()
        with desk.database.transaction(caller) as connection:
            answers.seen(connection, incident_id, caller)
        return caller

    def known(incident_id: UUID) -> Situation:
        return desk.situation(incident_id, caller=seen(incident_id))

    def written(order: Order, situation: Situation) -> orders.OrderOut:
        return orders.order_out(order, situation, desk.orders.policies)

    def after(incident_id: UUID, order_id: str, receipt: Any, took: bool = True) -> Stepped:
        situation = known(incident_id)
        return Stepped(
            order=written(_named(situation, order_id), situation), receipt=answers.receipt(receipt), took=took
        )

    @routes.get("/orders")
    def every(
        incident_id: UUID,
        state: Annotated[list[State] | None, Query(max_length=7)] = None,
        unit_id: Annotated[str, Query(max_length=64)] = "",
    ) -> OrderList:
        """List the orders of an incident, of some states or of one team."""
        situation = known(incident_id)
        found = [
            one for one in situation.orders.all
            if (not state or one.state in state) and (not unit_id or one.draft.unit_id == unit_id)
        ]  # fmt: skip
        return OrderList(seq=situation.seq, orders=[written(one, situation) for one in found])

    @routes.post("/orders", status_code=201, responses=conflict)
    def draft(incident_id: UUID, body: orders.NewOrderIn, key: IdempotencyKey, response: Response) -> OrderMade:
        """Write an order down, or issue it at once."""
        caller = seen(incident_id)
        order_id, receipt = desk.orders.draft(incident_id, body.command(), caller, issue=body.issue, key=key)
        if body.issue and body.notify:
            told = uuid5(key, "told")
            desk.messages.tell_owner(incident_id, order_id, body.notify, caller, key=told, caused_by=(receipt.seq,))
        response.headers["location"] = f"/api/v1/incidents/{incident_id}/orders/{order_id}"
        situation = known(incident_id)
        return OrderMade(order=written(_named(situation, order_id), situation), receipt=answers.receipt(receipt))

    @routes.get("/orders/{order_id}")
    def one(incident_id: UUID, order_id: OrderId) -> orders.OrderOut:
        """Give one order with its steps, notes and timers."""
        situation = known(incident_id)
        return written(_named(situation, order_id), situation)

    @routes.put("/orders/{order_id}", responses=conflict)
    def rewrite(incident_id: UUID, order_id: OrderId, body: orders.RewrittenIn, key: IdempotencyKey) -> OrderMade:
        """Let a draft say something else; an issued order is withdrawn instead."""
        caller = seen(incident_id)
        order = _named(known(incident_id), order_id)
        receipt = desk.orders.rewrite(
            incident_id, order.order_id, body.command(), caller, seen_seq=body.expected_seq, key=key
        )
        situation = known(incident_id)
        return OrderMade(order=written(_named(situation, order_id), situation), receipt=answers.receipt(receipt))

    @routes.post("/orders/{order_id}/steps", status_code=201, responses=conflict)
    def step(incident_id: UUID, order_id: OrderId, body: orders.StepIn, key: IdempotencyKey) -> Stepped:
        """Take an order further: issued, acknowledged, under way, done, cannot, withdrawn; 409 when it may not."""
        caller, person = seen(incident_id), signed_in()
        if body.to in BY_SENDER:
            person.require("order")
        order = _for_unit(_named(known(incident_id), order_id), person)
        if body.keep:
            receipt, took = desk.orders.act(incident_id, order.order_id, body.to, caller, body.said(), key=key)
            return after(incident_id, order_id, receipt, took)
        receipt = desk.orders.step(
            incident_id, order.order_id, body.to, caller, body.said(), seen_seq=body.expected_seq, key=key
        )
        if body.to == "issued" and body.notify:
            told = uuid5(key, "told")
            desk.messages.tell_owner(
                incident_id, order.order_id, body.notify, caller, key=told, caused_by=(receipt.seq,)
            )
        return after(incident_id, order_id, receipt)

    @routes.post("/orders/{order_id}/notes", status_code=201, responses=conflict)
    def note(incident_id: UUID, order_id: OrderId, body: orders.SaidIn, key: IdempotencyKey) -> Stepped:
        """Say how an order goes on, in words or pictures."""
        caller = seen(incident_id)
        order = _for_unit(_named(known(incident_id), order_id), signed_in())
        return after(incident_id, order_id, desk.orders.note(incident_id, order.order_id, body.said(), caller, key=key))

    @routes.post("/orders/{order_id}/reviews", status_code=201, responses=conflict)
    def review(incident_id: UUID, order_id: OrderId, body: orders.ReviewIn, key: IdempotencyKey) -> Stepped:
        """Let an order 待复核 stand, on the runs named."""
        caller = seen(incident_id)
        order = _named(known(incident_id), order_id)
        receipt = desk.orders.review(
            incident_id, order.order_id, body.reason, body.run_ids, caller, seen_seq=body.expected_seq, key=key
        )
        return after(incident_id, order_id, receipt)

    @routes.get("/doubts")
    def in_doubt(incident_id: UUID) -> list[orders.DoubtOut]:
        """List everything that hangs on a run which no longer holds, what the field acts on first."""
        situation = known(incident_id)
        return [orders.doubt_out(one, situation) for one in doubts(situation)]

    @routes.get("/field-reports")
    def words(incident_id: UUID) -> list[orders.WordOut]:
        """List what people at the scene said beside their orders."""
        return [orders.word_out(one) for one in known(incident_id).orders.words]

    @routes.post("/field-reports", status_code=201)
    def say(incident_id: UUID, body: orders.FieldWordIn, key: IdempotencyKey) -> shapes.Receipt:
        """Say something from the scene; `urgent` asks for help. A field account speaks for its own team."""
        caller, person = seen(incident_id), signed_in()
        unit_id, name = (person.unit_id, person.display_name) if person.unit_id else (body.unit_id, body.unit_name)
        receipt = desk.orders.report_from_field(
            incident_id, unit_id, name or person.display_name, body.said(), caller, urgent=body.urgent, key=key
        )
        return answers.receipt(receipt)

    @routes.post("/field-reports/{seq}/answer", status_code=201)
    def answer(
        incident_id: UUID, seq: Annotated[int, Path(ge=1, le=2**53)], body: orders.AnswerIn, key: IdempotencyKey
    ) -> shapes.Receipt:
        """Record what the desk answered."""
        return answers.receipt(desk.orders.answer_field(incident_id, seq, body.text, seen(incident_id), key=key))

    @routes.get("/attachments/{sha256}", responses={200: {"content": {"application/octet-stream": {}}}})
    def attachment(incident_id: UUID, sha256: Sha256) -> Response:
        """Give a file some entry of this incident names."""
        kept = _attachment_of(known(incident_id), sha256)
        if kept is None:
            raise MissingError(f"no entry of this incident names an attachment {sha256}")
        content = desk.orders.attachments.read(sha256)
        # Only pictures are shown; a PDF is saved, so that nothing of it runs in our pages.
        shown = kept.startswith("image/")
        name = f"{sha256[:16]}{SUFFIX.get(kept, '')}"
        headers = {
            "content-disposition": f'{"inline" if shown else "attachment"}; filename="{name}"',
            "cache-control": "private, max-age=31536000, immutable",
            "content-security-policy": "default-src 'none'; sandbox",
        }
        return Response(content, media_type=kept, headers=headers)

    return routes


def uploads(attachments: Attachments, desk: Desk) -> APIRouter:
    """Build the route that takes files; its body is the file itself, not JSON."""
    routes = APIRouter(prefix="/incidents/{incident_id}", tags=["orders"])

    @routes.post(
        "/attachments",
        status_code=201,
        openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
    )
    async def hand_in(
        incident_id: UUID, request: Request, name: Annotated[str, Query(max_length=200)] = ""
    ) -> orders.AttachmentShape:
        """Hand in a photograph or paper as the body; name its hash in an order, step, note or field report."""
        from starlette.concurrency import run_in_threadpool

        caller = signed_in().caller()

        def seen() -> None:
            with desk.database.transaction(caller) as connection:
                answers.seen(connection, incident_id, caller)

        await run_in_threadpool(seen)
        content = await request.body()
        if len(content) > LIMIT_BYTES:
            raise InputError(f"the file has {len(content)} bytes; at most {LIMIT_BYTES} are taken")
        kept = await run_in_threadpool(attachments.keep, content, name)
        return orders.AttachmentShape(
            sha256=kept.sha256, media_type=kept.media_type, size_bytes=kept.size_bytes, name=kept.name
        )

    return routes


def _named(situation: Situation, order_id: str) -> Order:
    order = situation.orders.named(order_id)
    if order is None:
        raise MissingError(f"there is no order {order_id} in this incident")
    return order


def _for_unit(order: Order, person: SignedIn) -> Order:
    """Pass if the person may carry the order out: a field account only what was told to its own team."""
    if person.role == "field" and order.draft.unit_id != person.unit_id:
        raise MissingError(f"there is no order {order.order_id} for your team")
    if person.role == "field" and order.state == "draft":
        raise ConflictError(f"order {order.name} is draft: it was not issued yet")
    return order


def _attachment_of(situation: Situation, sha256: str) -> str | None:
    """Media type of a file the record of this incident names; None when it names no such file."""
    kept: list[Attachment] = []
    for order in situation.orders.all:
        kept += order.draft.attachments
        for step in order.steps:
            kept += step.said.attachments
        for noted in order.notes:
            kept += noted.said.attachments
    for word in situation.orders.words:
        kept += word.said.attachments
    return next((one.media_type for one in kept if one.sha256 == sha256), None)
