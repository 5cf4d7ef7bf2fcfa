"""How are plans entered, matched with an incident, and adopted? Adopting records why, and makes the orders once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from gis import papers
from gis.clock import DUTY_ZONE
from gis.crs import LonLat
from gis.database import Caller
from gis.errors import ConflictError, InputError
from scenarios import log
from scenarios.event import Json
from scenarios.journal import Journal
from scenarios.log import Receipt
from scenarios.orders.desk import OrderDesk
from scenarios.orders.writing import NewOrder
from scenarios.plans import needs, rows
from scenarios.plans.apart import handed_in
from scenarios.plans.events import PlanAdopted
from scenarios.plans.facts import Facts, facts_of
from scenarios.plans.matching import Match, rank
from scenarios.plans.needs import Served
from scenarios.plans.plan import Plan
from scenarios.plans.rows import Kept, Saved
from scenarios.resources.stock import lines

if TYPE_CHECKING:
    from scenarios.situation import Situation

ADOPTIONS = UUID("8e3f2f0a-2f4e-5f7a-9f0b-6a5b7d1c4e21")
"""Namespace in which incident, plan and version name the one entry that adopts it, and its orders."""
RANKED = 8
"""So many of the plans looked at are written into the record beside the one adopted."""


@dataclass(frozen=True, slots=True)
class Matched:
    """A plan beside an incident with what it asks for; ``adopted`` is the number of the entry that adopted it."""

    match: Match
    hash: str
    served: tuple[Served, ...]
    adopted: int | None = None
    adopted_version: int | None = None
    papers: tuple[tuple[str, str], ...] = ()

    @property
    def unmet(self) -> tuple[Served, ...]:
        """Needs that are not wholly met."""
        return tuple(one for one in self.served if one.short)


@dataclass(frozen=True, slots=True)
class Adoption:
    """What adopting a plan did: the entry, and the ids of its orders in the order of its tasks."""

    receipt: Receipt
    event: PlanAdopted
    orders: tuple[str, ...]


class PlanDesk:
    """Plans of the house. Shared by all pages; safe between threads and processes."""

    def __init__(self, journal: Journal, orders: OrderDesk) -> None:
        self.journal = journal
        self.orders = orders

    # -- the library -----------------------------------------------------------------------------------------------

    def enter(self, content: bytes, name: str, caller: Caller) -> Saved:
        """
        Enter the plan of a YAML file or a workbook; entering the same again changes nothing.

        Raises
        ------
        PlanFaultsError
            Every fault, with file, sheet, row and column; nothing is entered then.
        """
        plan = handed_in(content, name)
        with self.journal.database.transaction(caller) as connection:
            return rows.save(connection, plan, name)

    def enter_all(self, plans: Sequence[Plan], source: str, caller: Caller) -> list[Saved]:
        """Enter several plans together, all or none."""
        with self.journal.database.transaction(caller) as connection:
            return rows.save_all(connection, plans, source)

    def standing(self, caller: Caller, known_at: datetime | None = None) -> list[Kept]:
        """Plans in force now, or as they were known and in force then."""
        with self.journal.database.transaction(caller) as connection:
            return rows.standing(connection, known_at)

    def versions(self, plan_id: str, caller: Caller) -> list[Kept]:
        """Every version of a plan, the latest first."""
        with self.journal.database.transaction(caller) as connection:
            return rows.versions(connection, plan_id)

    def attach(self, plan_id: str, version: int, name: str, content: bytes, caller: Caller) -> str:
        """Keep a PDF with a version of a plan, looked into by `gis.papers.examine` first; its SHA-256 comes back."""
        if content.startswith(b"%PDF-"):  # whatever else is refused by `rows.attach`
            papers.examine(content, "application/pdf")
        with self.journal.database.transaction(caller) as connection:
            return rows.attach(connection, plan_id, version, name, content)

    def paper(self, plan_id: str, version: int, caller: Caller, sha256: str = "") -> tuple[str, bytes]:
        """Name and content of a PDF of a plan."""
        with self.journal.database.transaction(caller) as connection:
            return rows.paper(connection, plan_id, version, sha256)

    # -- beside an incident ----------------------------------------------------------------------------------------

    def match(self, incident_id: UUID, caller: Caller) -> tuple[Facts, tuple[Matched, ...]]:
        """
        Plans in force, the best fitting first, each with its criteria, conflicts and what it asks for.

        Raises
        ------
        MissingError
            No such incident in the caller's range.
        """
        known = self.journal.situation(incident_id, caller=caller)
        now = datetime.now(DUTY_ZONE)
        with self.journal.database.transaction(caller) as connection:
            facts = facts_of(known, connection)
            kept = {one.plan.id: one for one in rows.standing(connection)}
            place = facts.place or LonLat(0.0, 0.0)
            teams = needs.teams_around(connection, place)
            stock = lines(connection, place, None, now.date())
        mine = {one.team_id for one in known.taken}
        teams = [replace(one, free=True) if one.team_id in mine else one for one in teams]
        found = []
        for one in rank(((held.plan, held.version) for held in kept.values()), facts, now.date()):
            adopted = known.planning.of_plan(one.plan.id)
            found.append(
                Matched(
                    one, kept[one.plan.id].hash, tuple(needs.serve(one.plan, teams, stock)),
                    adopted.seq if adopted else None, adopted.plan.version if adopted else None,
                    kept[one.plan.id].papers,
                )
            )  # fmt: skip
        return facts, tuple(found)

    def adopt(
        self, incident_id: UUID, plan_id: str, caller: Caller, *, version: int | None = None, reason: str = "",
        issue: bool = False,
    ) -> Adoption:  # fmt: skip
        """
        Adopt a plan: one entry that says why, and an order for each of its tasks. A second time makes nothing double.

        Parameters
        ----------
        version
            The version the caller looked at; refused where another stands now.
        issue
            Whether the orders are issued at once; they are drafts otherwise.

        Raises
        ------
        InputError
            No such plan is in force.
        ConflictError
            Another version is in force now, or the incident is closed.
        """
        known = self.journal.situation(incident_id, caller=caller)
        done = known.planning.of_plan(plan_id)
        fresh = done is None or (version is not None and version != done.plan.version)
        if fresh:
            self._record(incident_id, plan_id, version, reason, known, caller)
            known = self.journal.situation(incident_id, caller=caller)
            done = known.planning.of_plan(plan_id)
        assert done is not None
        entry = known.entries[done.seq - 1]
        receipt = Receipt(incident_id, entry.seq, entry.hash, entry.recorded_at, not fresh)
        key = _key(incident_id, plan_id, done.plan.version)
        ordered = [order_for(done.plan, task) for task in done.plan.tasks if not task.get("kept_order")]
        batch = uuid5(key, "orders")
        ids = order_ids(batch, len(ordered))
        held = {one.order_id for one in self.journal.situation(incident_id, caller=caller).orders.all}
        if not held.issuperset(ids):
            self.orders.draft_many(incident_id, ordered, caller, issue=issue, key=batch, caused_by=(done.seq,))
        return Adoption(receipt, done.plan, ids)

    def _record(
        self, incident_id: UUID, plan_id: str, version: int | None, reason: str, known: "Situation", caller: Caller
    ) -> None:
        if known.status != "open":
            raise ConflictError("the incident is closed: no plan is adopted in it")
        _, ranking = self.match(incident_id, caller)
        chosen = next((one for one in ranking if one.match.plan.id == plan_id), None)
        if chosen is None:
            raise InputError(f"plan_id: no plan {plan_id} is in force; `onemap plans list` names those that are")
        if version is not None and version != chosen.match.version:
            raise ConflictError(
                f"plan {plan_id} is now in version {chosen.match.version}, not {version}: look at it, then adopt it"
            )
        event = _event(chosen, ranking, known, reason.strip())
        key = _key(incident_id, plan_id, chosen.match.version)
        try:
            with self.journal.database.transaction(caller) as connection:
                log.append(connection, incident_id, event, key=key, caused_by=_causes(known))
        except InputError:
            # Somebody adopted it in the same moment: what he recorded stands, with the units he saw.
            if self.journal.situation(incident_id, caller=caller).planning.of_plan(plan_id) is None:
                raise


def order_for(adopted: PlanAdopted, task: Json) -> NewOrder:
    """The order a task of an adopted plan makes; the same whenever it is asked for, so that a retry adds nothing."""
    return NewOrder(
        unit_name=str(task["unit_name"]),
        text="：".join(part for part in (str(task["title"]), str(task.get("text") or "")) if part),
        unit_id=str(task.get("unit_id") or ""),
        within_s=int(task["within_min"]) * 60,
        run_ids=adopted.run_ids,
        plan_task=f"{adopted.plan_id}/{task['code']}",
    )


def order_ids(batch: UUID, count: int) -> tuple[str, ...]:
    """Ids `scenarios.orders.desk.OrderDesk.draft_many` gives the orders of one key, in their order."""
    keys = [batch] if count == 1 else [uuid5(batch, str(at)) for at in range(count)]
    return tuple(f"O-{one.hex[:12]}" for one in keys)


def _key(incident_id: UUID, plan_id: str, version: int) -> UUID:
    return uuid5(ADOPTIONS, f"{incident_id} {plan_id} {version}")


def _event(chosen: Matched, ranking: Sequence[Matched], known: "Situation", reason: str) -> PlanAdopted:
    match = chosen.match
    named = _ordered(known)
    return PlanAdopted(
        plan_id=match.plan.id,
        version=match.version,
        title=match.plan.title,
        plan_hash=chosen.hash,
        score=match.score,
        criteria=tuple(
            {"code": one.code, "weight": one.weight, "points": one.points, "why": one.why} for one in match.criteria
        ),
        conflicts=match.conflicts,
        tasks=tuple(_task(match.plan, at, chosen, named) for at in range(len(match.plan.tasks))),
        needs=tuple(
            {"task": task, "kind": need.kind, "code": need.code, "quantity": need.quantity}
            for task, need in match.plan.needs
        ),
        unmet=tuple(
            {"task": one.task, "kind": one.need.kind, "code": one.need.code, "name": one.need.name,
             "quantity": one.need.quantity, "have": one.have, "short": one.short, "within_km": one.within_km}
            for one in chosen.unmet
        ),
        ranking=tuple(
            {"plan_id": one.match.plan.id, "version": one.match.version, "score": one.match.score}
            for one in ranking[:RANKED]
        ),
        run_ids=(known.run.run_id,) if known.run else (),
        reason=reason,
    )  # fmt: skip


def _ordered(known: "Situation") -> set[str]:
    """Tasks of plans somebody has an order for that was not withdrawn: a newer version does not order them again."""
    return {one.draft.plan_task for one in known.orders.all if one.draft.plan_task and one.state != "withdrawn"}


def _task(plan: Plan, at: int, chosen: Matched, ordered: set[str]) -> Json:
    task = plan.tasks[at]
    unit_id, unit_name = unit_for(task.code, task.team_kind, chosen.served) or ("", task.owner)
    return {
        "code": task.code, "title": task.title, "text": task.text, "owner": task.owner, "unit_id": unit_id,
        "unit_name": unit_name, "within_min": task.within_min, "kept_order": f"{plan.id}/{task.code}" in ordered,
    }  # fmt: skip


def unit_for(task: str, team_kind: str, served: Sequence[Served]) -> tuple[str, str] | None:
    """Id and name of the nearest free team of the kind a task names, where the task asks for one."""
    if not team_kind:
        return None
    for one in served:
        if one.task == task and one.need.kind == "team" and one.need.code == team_kind and one.picks:
            return one.picks[0].id, one.picks[0].name
    return None


def _causes(known: "Situation") -> tuple[int, ...]:
    return (known.run.first_seq,) if known.run else ()


__all__ = ["Adoption", "Matched", "PlanDesk", "order_for", "unit_for"]
