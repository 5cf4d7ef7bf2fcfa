"""How does another system keep a copy of our data sets? It asks for changes after its cursor and says what arrived."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field

from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from gis.database import Database
from layers import changes


class Change(BaseModel):
    """One row that came or ceased to stand; the same data set and row number is the same change."""

    cursor: str
    dataset: str
    row_id: int
    id: str
    action: str
    recorded_at: datetime
    feature: shapes.Json | None


class Batch(BaseModel):
    """Changes in order; go on with `next`, at once if there is more."""

    changes: list[Change]
    next: str
    more: bool


class Receipt(BaseModel):
    """What a consumer says it has; rows it refused are named with their reason."""

    cursor: Annotated[str, Field(max_length=40)]
    rows: Annotated[int, Field(ge=0, le=1_000_000)]
    rejected: Annotated[list[dict[str, Any]], Field(max_length=1000)] = []


class Received(BaseModel):
    """Whether this receipt is new, and whose it is."""

    consumer: str
    is_new: bool


class KeptReceipt(BaseModel):
    """A receipt as it was written down."""

    cursor: str
    rows: int
    rejected: list[dict[str, Any]]
    received_at: datetime


Line = AfterValidator(shapes.plain_line)


def router(database: Database) -> APIRouter:
    """Build the routes of the feed. A consumer is the account that asks."""
    routes = APIRouter(route_class=StrictRoute, tags=["exchange"])

    @routes.get("/changes")
    def feed(
        after: Annotated[str, Query(max_length=40), Line] = changes.START,
        dataset: Annotated[str, Query(max_length=64), Line] = "",
        limit: Annotated[int, Query(ge=1, le=changes.MOST)] = 100,
    ) -> Batch:
        """List what changed after a cursor, with the rows as they stand now."""
        with database.transaction(signed_in().caller()) as connection:
            found = changes.since(connection, after, dataset=dataset, limit=limit)
        return Batch.model_validate(found, from_attributes=True)

    @routes.post("/changes/receipts")
    def receive(receipt: Receipt) -> Received:
        """Write down what has arrived; saying so twice changes nothing."""
        person = signed_in()
        with database.transaction(person.caller()) as connection:
            is_new = changes.receive(connection, person.name, receipt.cursor, receipt.rows, receipt.rejected)
        return Received(consumer=person.name, is_new=is_new)

    @routes.get("/changes/receipts")
    def kept() -> list[KeptReceipt]:
        """List your latest receipts."""
        person = signed_in()
        with database.transaction(person.caller()) as connection:
            return [KeptReceipt(**row) for row in changes.receipts(connection, person.name)]

    return routes
