"""How is a decision written down, struck through, and looked at again on what was known then?"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from scenarios import log
from scenarios.decisions.events import DecisionRecorded, Option
from scenarios.decisions.evidence import layer_versions
from scenarios.decisions.fold import Decision, named
from scenarios.event import Json
from scenarios.events import Correction
from scenarios.journal import Journal
from scenarios.log import Receipt

if TYPE_CHECKING:
    from scenarios.situation import Situation

ATTEMPTS = 20
LATE_AFTER = timedelta(minutes=5)
"""A decision written later than this after it was taken says why; a house rule (JESIP: at the first opportunity)."""
MATERIAL = frozenset(
    {
        "case_changed", "casualties_reported", "hazard_forecast", "exposure_assessed", "routes_proposed",
        "evacuation_proposed", "grade_confirmed", "response_level_set", "closure_reported", "closure_moved",
        "closure_lifted", "decision_recorded", "incident_closed",
    }
)  # fmt: skip
"""Kinds that may change a mind: after one of them a decision is not written before its taker has seen it."""


@dataclass(frozen=True, slots=True)
class NewDecision:
    """
    Command: a decision. The fields are those of `scenarios.decisions.events.DecisionRecorded`.

    ``known_at`` None = what is known now; ``taken_at`` None = taken now; ``layers`` None = the versions that lie in the
    database now.
    """

    role: str
    text: str
    reason: str
    options: tuple[Option, ...] = ()
    run_ids: tuple[str, ...] = ()
    layers: Json | None = None
    view: Json | None = None
    authority: str = ""
    risk: str = ""
    known_at: datetime | None = None
    taken_at: datetime | None = None
    late_reason: str = ""


class DecisionDesk:
    """Decisions of incidents. A decision is never edited: it is struck through, and another one is taken."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def take(
        self, incident_id: UUID, decision: NewDecision, caller: Caller, *, seen_seq: int, key: UUID | None = None
    ) -> tuple[str, Receipt]:
        """
        Record a decision; its id follows from the key.

        Parameters
        ----------
        seen_seq
            Number of the last entry its taker saw.

        Raises
        ------
        InputError
            Every fault: no reason, a run that was not known then, a time ahead, a late entry without its reason.
        ConflictError
            Something that may change a mind was recorded after `seen_seq`, or the incident is closed.
        """
        key = key or uuid4()
        faults = _faults(decision)
        if faults:
            raise InputError(faults)
        event = DecisionRecorded(
            role=decision.role.strip(), text=decision.text.strip(), reason=decision.reason.strip(),
            options=decision.options, run_ids=decision.run_ids, layers=decision.layers or {}, view=decision.view,
            decision_id=f"J-{key.hex[:12]}", authority=decision.authority.strip(), risk=decision.risk.strip(),
            known_at=decision.known_at, taken_at=decision.taken_at, late_reason=decision.late_reason.strip(),
        )  # fmt: skip
        for _ in range(ATTEMPTS):
            try:
                with self.journal.database.transaction(caller) as connection:
                    known = self.journal.fold(connection, incident_id)
                    before = named(known.decisions, event.decision_id)
                    if decision.layers is None:
                        # A retry says again what the first attempt saw, whatever has been loaded since.
                        event = replace(event, layers=before.said.layers if before else layer_versions(connection))
                    causes = tuple(one.first_seq for one in known.runs if one.run_id in decision.run_ids)
                    receipt = log.append(
                        connection, incident_id, event, key=key, occurred_at=decision.taken_at, caused_by=causes,
                        expected_seq=known.seq,
                    )  # fmt: skip
                    if not receipt.replayed:
                        _check(decision, known, seen_seq, receipt.recorded_at)
                    return event.decision_id, receipt
            except _RefusedError:
                raise
            except ConflictError:
                continue  # somebody wrote between our look and the lock; the next look shows whether it matters
        raise ConflictError("the incident moves faster than this decision can be written: try again")

    def strike(
        self, incident_id: UUID, decision_id: str, reason: str, caller: Caller, *, key: UUID | None = None
    ) -> Receipt:
        """
        Strike a decision through: it stays, with who struck it, when and why.

        Raises
        ------
        InputError
            No reason.
        ConflictError
            It is struck already.
        """
        if not reason.strip():
            raise InputError("reason: missing; a decision is not struck through without one")
        with self.journal.database.transaction(caller) as connection:
            known = self.journal.fold(connection, incident_id)
            one = _named(known, decision_id)
            event = Correction(one.seq, one.hash, reason.strip())
            receipt = log.append(connection, incident_id, event, key=key, caused_by=(one.seq,))
            if not receipt.replayed and one.seq in {seq for seq, _ in known.struck}:
                raise _RefusedError(f"decision {one.name} is struck through already")
            return receipt

    def known_then(self, incident_id: UUID, decision_id: str, caller: Caller) -> "tuple[Decision, Situation]":
        """
        A decision, and the situation as it was known at its ``known_at``: entries recorded later are left out.

        Raises
        ------
        MissingError
            No such decision.
        """
        one = _named(self.journal.situation(incident_id, caller=caller), decision_id)
        return one, self.journal.situation(incident_id, one.known_at, caller=caller)


class _RefusedError(ConflictError):
    """A conflict about the decision itself: trying again would not mend it."""


def _faults(decision: NewDecision) -> list[str]:
    faults = [
        f"{name}: missing; {why}"
        for name, why in (
            ("role", "say in which role"),
            ("text", "say what is decided"),
            ("reason", "a decision is not recorded without one"),
        )
        if not getattr(decision, name).strip()
    ]
    for name in ("known_at", "taken_at"):
        moment = getattr(decision, name)
        if moment is not None and moment.tzinfo is None:
            faults.append(f"{name}: has no time zone; write it with one, such as +08:00")
    if sum(one.chosen for one in decision.options) > 1:
        faults.append("options: at most one can be chosen")
    if any(not one.title.strip() for one in decision.options):
        faults.append("options: every one needs a title")
    return faults


def _check(decision: NewDecision, known: "Situation", seen_seq: int, now: datetime) -> None:
    """Refuse what does not fit the incident as it is known."""
    if known.status != "open":
        raise _RefusedError("the incident is closed: no more decisions are taken in it")
    taken_at, known_at = decision.taken_at or now, decision.known_at or decision.taken_at or now
    faults = []
    runs = {one.run_id: one for one in known.runs}
    for run_id in decision.run_ids:
        if run_id not in runs:
            faults.append(f"run_ids: incident has no run {run_id}")
        elif runs[run_id].recorded_at > known_at:
            faults.append(f"run_ids: run {run_id} was not known at {known_at.astimezone(UTC).isoformat()}")
    if taken_at > now or known_at > now:
        faults.append("taken_at, known_at: lie ahead of our clock")
    if known_at > taken_at:
        faults.append("known_at: lies after taken_at; nobody decides on what he does not know yet")
    if now - taken_at > LATE_AFTER and not decision.late_reason.strip():
        minutes = LATE_AFTER.total_seconds() / 60
        faults.append(f"late_reason: missing; the decision was taken more than {minutes:.0f} min ago: say why so late")
    if faults:
        raise InputError(faults)
    # The log is read from its end: what a taker has not seen is a handful of entries.
    for entry in reversed(known.entries):
        if entry.seq <= seen_seq:
            break
        if entry.kind in MATERIAL:
            raise _RefusedError(
                f"entry {entry.seq} ({entry.kind}) was recorded after you looked: look at it, then decide again"
            )


def _named(known: "Situation", decision_id: str) -> Decision:
    one = named(known.decisions, decision_id)
    if one is None:
        raise MissingError(f"there is no decision {decision_id} in this incident")
    return one
