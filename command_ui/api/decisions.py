"""How does a program take a decision, strike it through, and see what was known then?"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from command_ui.access.roles import signed_in
from command_ui.api import answers, shapes
from command_ui.api import order_shapes as orders
from command_ui.api.reading import IdempotencyKey, StrictRoute
from gis.database import Caller
from gis.errors import MissingError
from scenarios.decisions.fold import named
from scenarios.desk import Desk

DecisionId = Annotated[str, Path(pattern=r"^(J-[0-9a-f]{12}|D-[0-9]{1,6})$", description="Id, or number such as D-05")]


class DecisionMade(BaseModel):
    """A decision with its receipt."""

    decision: orders.DecisionOut
    receipt: shapes.Receipt


def router(desk: Desk) -> APIRouter:
    """Build the routes of decisions."""
    routes = APIRouter(prefix="/incidents/{incident_id}/decisions", route_class=StrictRoute, tags=["decisions"])
    conflict: dict[int | str, dict[str, Any]] = {409: {"model": shapes.Problem}}

    def seen(incident_id: UUID) -> Caller:
        caller = signed_in().caller()
        with desk.database.transaction(caller) as connection:
            answers.seen(connection, incident_id, caller)
        return caller

    def written(incident_id: UUID, decision_id: str, caller: Caller) -> orders.DecisionOut:
        known = desk.situation(incident_id, caller=caller)
        one = named(known.decisions, decision_id)
        if one is None:
            raise MissingError(f"there is no decision {decision_id} in this incident")
        return orders.decision_out(one, known)

    @routes.get("")
    def every(incident_id: UUID) -> list[orders.DecisionOut]:
        """List the decisions of an incident, oldest first, the struck ones too."""
        known = desk.situation(incident_id, caller=seen(incident_id))
        return [orders.decision_out(one, known) for one in known.decisions]

    @routes.post("", status_code=201, responses=conflict)
    def take(incident_id: UUID, body: orders.DecisionIn, key: IdempotencyKey, response: Response) -> DecisionMade:
        """Record a decision; 409 when something was recorded after `expected_seq` that may change a mind."""
        caller = seen(incident_id)
        desk.cards.check(body.cited, caller)
        decision_id, receipt = desk.decisions.take(
            incident_id, body.command(), caller, seen_seq=body.expected_seq, key=key
        )
        for card_id, version in body.cited:
            desk.cards.cite(incident_id, card_id, version, caller, decision_id=decision_id)
        response.headers["location"] = f"/api/v1/incidents/{incident_id}/decisions/{decision_id}"
        return DecisionMade(decision=written(incident_id, decision_id, caller), receipt=answers.receipt(receipt))

    @routes.get("/{decision_id}")
    def one(incident_id: UUID, decision_id: DecisionId) -> orders.DecisionOut:
        """Give one decision with its evidence and its place in the chain."""
        return written(incident_id, decision_id, seen(incident_id))

    @routes.get("/{decision_id}/situation")
    def known_then(incident_id: UUID, decision_id: DecisionId) -> shapes.Situation:
        """Give what was known when it was taken: entries recorded later are left out, corrections among them."""
        decision, then = desk.decisions.known_then(incident_id, decision_id, seen(incident_id))
        return answers.situation(then, incident_id, decision.known_at)

    @routes.post("/{decision_id}/strike", status_code=201, responses=conflict)
    def strike(
        incident_id: UUID, decision_id: DecisionId, body: orders.StrikeIn, key: IdempotencyKey
    ) -> shapes.Receipt:
        """Strike a decision through: it stays, with who struck it, when and why."""
        return answers.receipt(desk.decisions.strike(incident_id, decision_id, body.reason, seen(incident_id), key=key))

    return routes
