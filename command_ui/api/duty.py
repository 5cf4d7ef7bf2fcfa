"""How does a program read response cards, take and return supplies, and hand the duty over?"""

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, Field

from command_ui.access.roles import signed_in
from command_ui.api import answers, shapes
from command_ui.api.reading import IdempotencyKey, StrictRoute
from gis.crs import LonLat
from gis.database import Caller
from gis.errors import InputError
from scenarios.desk import Desk
from scenarios.plans.cards import Card
from scenarios.resources.desk import Taking
from scenarios.resources.fold import plain
from scenarios.shifts.desk import Handover

Json = dict[str, Any]
CardId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{1,59}$")]
Amount = Annotated[Decimal, Field(gt=0, le=10**9, decimal_places=2)]
StockId = Annotated[str, Field(min_length=1, max_length=60)]


class CardOut(BaseModel):
    """A version of a response card; each statement has zh, en, source and trust."""

    id: str
    version: int
    title: str
    title_en: str
    cas: str
    un: str
    guide: str
    statements: list[Json]
    hash: str
    recorded_at: AwareDatetime
    superseded_at: AwareDatetime | None


class Cite(shapes.Shape):
    """Which version of the card was relied on, and for which decision."""

    version: Annotated[int, Field(ge=1, le=100_000)]
    decision_id: shapes.Line = ""


class StockLine(BaseModel):
    """A line of stock: `left` = `quantity` - `committed`, 0 where `state` is not ready. Amounts are decimal text."""

    stock_id: str
    store_id: str
    store_name: str
    longitude: float
    latitude: float
    code: str
    name: str
    quantity: str
    committed: str
    left: str
    unit: str
    state: str
    expires_on: str | None
    distance_m: float | None


class Item(shapes.Shape):
    """So much of one line of stock."""

    stock_id: StockId
    quantity: Amount
    plan_task: shapes.Line = ""
    order_id: Annotated[str, Field(max_length=64)] = ""


class HeldOut(BaseModel):
    """What an incident holds of a team or a line of stock."""

    kind: Literal["team", "supply"]
    id: str
    name: str
    quantity: str
    unit: str
    store_name: str


class Taken(shapes.Shape):
    """What is to be taken, all of it or none."""

    items: Annotated[list[Item], Field(min_length=1, max_length=100)]


class Receipts(BaseModel):
    """Receipts of the entries written."""

    receipts: list[shapes.Receipt]


class HandoverOut(BaseModel):
    """A hand-over with its open items and both signatures; `taken_by` is empty until the other officer has signed."""

    handover_id: UUID
    division_code: str
    items: Json
    notes: str
    hash: str
    given_by: str
    given_at: AwareDatetime
    taken_by: str
    taken_at: AwareDatetime | None
    remark: str


class Give(shapes.Shape):
    """Free notes of the officer going off duty."""

    notes: Annotated[str, Field(max_length=8000)] = ""


class Take(shapes.Shape):
    """Hash of the hand-over that was read, and a remark."""

    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    remark: Annotated[str, Field(max_length=4000)] = ""


def router(desk: Desk) -> APIRouter:
    """Build the routes of cards, supplies and changes of shift."""
    routes = APIRouter(route_class=StrictRoute, tags=["duty"])
    conflict: dict[int | str, Json] = {409: {"model": shapes.Problem}}

    def seen(incident_id: UUID) -> Caller:
        caller = signed_in().caller()
        with desk.database.transaction(caller) as connection:
            answers.seen(connection, incident_id, caller)
        return caller

    @routes.get("/cards")
    def cards(
        q: Annotated[str, Query(max_length=80)] = "", cas: Annotated[str, Query(max_length=20)] = ""
    ) -> list[CardOut]:
        """Find response cards by words of both languages, or by CAS number."""
        caller = signed_in().caller()
        if cas:
            one = desk.cards.of_substance(cas, caller)
            return [] if one is None else [_card(one)]
        return [_card(one) for one in desk.cards.search(q, caller)]

    @routes.get("/cards/{card_id}")
    def card(card_id: CardId, version: Annotated[int | None, Query(ge=1, le=100_000)] = None) -> CardOut:
        """Give a card as it stands, or in the version named."""
        return _card(desk.cards.one(card_id, signed_in().caller(), version))

    @routes.post("/incidents/{incident_id}/cards/{card_id}", status_code=201)
    def cite(incident_id: UUID, card_id: CardId, body: Cite) -> shapes.Receipt:
        """Record that a card was relied on; a second time adds nothing."""
        caller = seen(incident_id)
        return answers.receipt(
            desk.cards.cite(incident_id, card_id, body.version, caller, decision_id=body.decision_id)
        )

    @routes.get("/stock")
    def stock(
        longitude: shapes.Longitude | None = None,
        latitude: shapes.Latitude | None = None,
        within_km: Annotated[float | None, Query(gt=0, le=500)] = None,
    ) -> list[StockLine]:
        """List supplies with what is committed and what is left, the nearest first where a place is given."""
        if (longitude is None) != (latitude is None):
            raise InputError("longitude, latitude: give both or none")
        near = LonLat(longitude, latitude) if longitude is not None and latitude is not None else None
        found = desk.resources.stock(signed_in().caller(), near, within_km * 1000 if within_km else None)
        return [
            StockLine(
                stock_id=one.stock_id, store_id=one.store_id, store_name=one.store_name, longitude=one.place.longitude,
                latitude=one.place.latitude, code=one.code, name=one.name, quantity=plain(one.quantity),
                committed=plain(one.committed), left=plain(one.left), unit=one.unit, state=one.state,
                expires_on=one.expires_on.isoformat() if one.expires_on else None, distance_m=one.distance_m,
            )
            for one in found
        ]  # fmt: skip

    @routes.post("/incidents/{incident_id}/supplies", status_code=201, responses=conflict)
    def commit(incident_id: UUID, body: Taken, key: IdempotencyKey) -> Receipts:
        """Take supplies for an incident, all or none; 409 when less is left than is asked for, naming who holds it."""
        wanted = [Taking(one.stock_id, one.quantity, one.plan_task, one.order_id) for one in body.items]
        made = desk.resources.commit(incident_id, wanted, seen(incident_id), key=key)
        return Receipts(receipts=[answers.receipt(one) for one in made])

    @routes.get("/incidents/{incident_id}/supplies")
    def held(incident_id: UUID) -> list[HeldOut]:
        """List what an incident holds now: teams and supplies."""
        known = desk.situation(incident_id, caller=seen(incident_id))
        teams = [
            HeldOut(kind="team", id=one.team_id, name=one.name, quantity="1", unit="", store_name="")
            for one in known.taken
        ]
        return teams + [
            HeldOut(
                kind="supply", id=one.stock_id, name=one.name, quantity=one.quantity, unit=one.unit,
                store_name=one.store_name,
            )
            for one in known.supplies
        ]  # fmt: skip

    @routes.delete("/incidents/{incident_id}/supplies/{stock_id}", responses=conflict)
    def give_back(
        incident_id: UUID, stock_id: str, key: IdempotencyKey, quantity: Annotated[Amount | None, Query()] = None
    ) -> shapes.Receipt:
        """Return so much of a line of stock, or all the incident holds of it."""
        caller = seen(incident_id)
        return answers.receipt(desk.resources.give_back(incident_id, stock_id, quantity, caller, key=key))

    @routes.post("/incidents/{incident_id}/stand-down", status_code=201)
    def stand_down(incident_id: UUID, key: IdempotencyKey) -> Receipts:
        """Return every team and all supplies an incident holds."""
        made = desk.resources.stand_down(incident_id, seen(incident_id), key=key)
        return Receipts(receipts=[answers.receipt(one) for one in made])

    @routes.get("/handovers")
    def handovers() -> list[HandoverOut]:
        """List the latest changes of shift, those that wait for their second signature among them."""
        return [_handover(one) for one in desk.shifts.latest(signed_in().caller())]

    @routes.get("/handovers/open-items")
    def open_items() -> Json:
        """Give what is open now: incidents, clocks, orders, runs in doubt, what is held, alarms, silent devices."""
        return desk.shifts.open_items(signed_in().caller())

    @routes.post("/handovers", status_code=201, responses=conflict)
    def give(body: Give, key: IdempotencyKey) -> HandoverOut:
        """Sign what is open now as the officer going off duty."""
        return _handover(desk.shifts.give(body.notes, signed_in().caller(), key=key))

    @routes.post("/handovers/{handover_id}/takeover", status_code=201, responses=conflict)
    def take(handover_id: UUID, body: Take) -> HandoverOut:
        """Sign the same as the officer who takes over; 403 for the one who handed over."""
        return _handover(desk.shifts.take(handover_id, body.hash, signed_in().caller(), remark=body.remark))

    return routes


def _card(one: Card) -> CardOut:
    return CardOut(**(asdict(one) | {"statements": list(one.statements)}))


def _handover(one: Handover) -> HandoverOut:
    return HandoverOut(**asdict(one))
