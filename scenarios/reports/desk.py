"""How does a report go up? Numbered, checked against what was sent before, and written into the record."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Connection

from gis.clock import DUTY_ZONE
from gis.database import Caller
from gis.errors import ConflictError, InputError, MissingError
from scenarios import log
from scenarios.clocks import Clock, clocks
from scenarios.event import Json
from scenarios.events import event_of, payload_of
from scenarios.journal import Journal
from scenarios.log import Receipt
from scenarios.reports import rows
from scenarios.reports.events import DeadlineMissed, Form, ReportAnswered, ReportChannel, ReportSent, Stage
from scenarios.reports.fold import Reporting, Sent
from scenarios.reports.policies import ReportingPolicy
from scenarios.reports.rows import Draft, Issue
from scenarios.situation import Situation

ATTEMPTS = 20
_MISSED = UUID("0c5f7a52-6a0e-5d0f-8f37-9b1f5f0b6d11")
"""Namespace in which a deadline names the entry that says it was missed, so that several watchers record it once."""


class ReportDesk:
    """Drafts, reports and deadlines of incidents. Shared by all pages; safe between threads."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    # -- policy and clocks -----------------------------------------------------------------------------------------

    def policies(self) -> tuple[ReportingPolicy, ...]:
        """Rows in use: the house's own before those built in; read again every few seconds."""
        return self.journal.policies.standing()

    def add_policies(self, added: tuple[ReportingPolicy, ...], caller: Caller, *, instead: bool = False) -> int:
        """
        Enter rows of policy; they hold from the next look at a clock.

        Raises
        ------
        InputError
            A row is not allowed.
        """
        with self.journal.database.transaction(caller) as connection:
            entered = rows.add_policies(connection, added, instead=instead)
        self.journal.policies.forget()
        return entered

    def clocks(self, situation: Situation) -> tuple[Clock, ...]:
        """Deadlines of an incident by the rows in use."""
        return clocks(situation, self.policies())

    def note_missed(self, caller: Caller, now: datetime | None = None) -> list[Receipt]:
        """
        Record every deadline of the caller's open incidents that has passed with nothing sent; each once.

        `now` is for tests; None is the present.
        """
        moment, found = now or datetime.now(UTC), list[Receipt]()
        for summary in self.journal.incidents(caller):
            if summary.status != "open":
                continue
            known = self.journal.situation(summary.incident_id, caller=caller)
            for clock in self.clocks(known):
                if clock.code == "first_team" or clock.is_window or clock.state(moment) != "overdue":
                    continue
                if (clock.code, clock.due_at) in known.reporting.missed:
                    continue
                event = DeadlineMissed(clock.code, clock.started_at, clock.due_at, clock.basis)
                key = uuid5(_MISSED, f"{summary.incident_id}:{clock.code}:{clock.due_at.isoformat()}")
                causes = (clock.cause,) if clock.cause else (1,)
                with self.journal.database.transaction(caller) as connection:
                    found.append(log.append(connection, summary.incident_id, event, key=key, caused_by=causes))
        return found

    # -- drafts ----------------------------------------------------------------------------------------------------

    def draft(self, incident_id: UUID | None, form: Form, caller: Caller) -> Draft | None:
        """What the caller typed so far; None when he has not begun."""
        with self.journal.database.transaction(caller) as connection:
            return rows.draft(connection, incident_id, form)

    def keep_draft(self, incident_id: UUID | None, form: Form, content: Json, revision: int, caller: Caller) -> Draft:
        """
        Save what the caller typed.

        Raises
        ------
        ConflictError
            He saved it in another window since.
        MissingError
            No such incident in his range.
        """
        with self.journal.database.transaction(caller) as connection:
            self._seen(connection, incident_id, caller)
            return rows.keep_draft(connection, incident_id, form, content, revision)

    def drop_draft(self, incident_id: UUID | None, form: Form, caller: Caller) -> None:
        """Throw the draft away."""
        with self.journal.database.transaction(caller) as connection:
            rows.drop_draft(connection, incident_id, form)

    # -- sending ---------------------------------------------------------------------------------------------------

    def send(
        self,
        incident_id: UUID,
        write: Callable[[Situation, int], ReportSent],
        caller: Caller,
        *,
        form: Form,
        stage: Stage,
        channel: ReportChannel,
        key: UUID | None = None,
    ) -> Receipt:
        """
        Record that a report went up. The draft of its form ends with it.

        Parameters
        ----------
        write
            Makes the report out of the situation it must stand on and the number it gets; called again when somebody
            wrote into the record meanwhile.

        Raises
        ------
        ConflictError
            A first report went up already, or none did before a follow-up.
        InputError
            It is sent to nobody.
        """
        key = key or uuid4()
        for _ in range(ATTEMPTS):
            try:
                with self.journal.database.transaction(caller) as connection:
                    self._seen(connection, incident_id, caller)
                    known = self.journal.fold(connection, incident_id)
                    receipt = rows.receipt_of(connection, incident_id, key)
                    if receipt is not None:
                        return receipt
                    number = next_number(known.reporting, form, stage, channel)
                    report = write(known, number)
                    if not report.sent_to.strip():
                        raise InputError("sent_to: say to whom the report goes")
                    report = replace(report, known_seq=known.seq, known_hash=known.head_hash)
                    receipt = log.append(
                        connection, incident_id, report, key=key, occurred_at=report.sent_at, expected_seq=known.seq
                    )
                    rows.drop_draft(connection, incident_id, form)
                    return receipt
            except _RefusedError:
                raise
            except ConflictError:
                continue  # somebody wrote between our look and the lock: write the report on what is known now
        raise ConflictError("the incident moves faster than this report can be written: try again")

    def answer(self, incident_id: UUID, report_seq: int, answered_by: str, text: str, caller: Caller, *,
               answered_at: datetime | None = None, key: UUID | None = None) -> Receipt:  # fmt: skip
        """
        Record that whoever received a report said so.

        Raises
        ------
        MissingError
            Entry `report_seq` is no report.
        InputError
            Nobody is named.
        """
        if not answered_by.strip():
            raise InputError("answered_by: say who received it")
        with self.journal.database.transaction(caller) as connection:
            self._seen(connection, incident_id, caller)
            known = self.journal.fold(connection, incident_id)
            if all(one.seq != report_seq for one in known.reporting.sent):
                raise MissingError(f"entry {report_seq} is no report that went up")
            event = ReportAnswered(report_seq, answered_by.strip(), answered_at or datetime.now(UTC), text.strip())
            return log.append(connection, incident_id, event, key=key, caused_by=(report_seq,))

    def sent(self, incident_id: UUID, report_seq: int, caller: Caller) -> tuple[Sent, Situation]:
        """
        A report that went up, and the situation it was filled from.

        Raises
        ------
        MissingError
            Entry `report_seq` is no report, or there is no such incident.
        """
        with self.journal.database.transaction(caller) as connection:
            self._seen(connection, incident_id, caller)
        now = self.journal.situation(incident_id, caller=caller)
        one = next((one for one in now.reporting.sent if one.seq == report_seq), None)
        if one is None:
            raise MissingError(f"entry {report_seq} is no report that went up")
        seen = one.report.known_seq or report_seq
        moment = next(entry.recorded_at for entry in reversed(now.entries) if entry.seq <= seen)
        return one, self.journal.situation(incident_id, moment, caller=caller)

    # -- issues over all incidents ---------------------------------------------------------------------------------

    def send_issue(
        self, write: Callable[[int], ReportSent], incidents: tuple[UUID, ...], division_code: str, caller: Caller, *,
        key: UUID | None = None, now: datetime | None = None,
    ) -> Issue:  # fmt: skip
        """
        Number a daily issue within its year, keep it, and enter it into the record of every incident it names.

        Raises
        ------
        MissingError
            One of the incidents is not there, or not the caller's.
        """
        key, moment = key or uuid4(), now or datetime.now(UTC)
        year = moment.astimezone(DUTY_ZONE).year
        with self.journal.database.transaction(caller) as connection:
            for incident_id in incidents:
                self._seen(connection, incident_id, caller)
            report = write(rows.next_issue(connection, division_code, year))
            issue = rows.add_issue(connection, key, division_code, year, payload_of(report), incidents)
            rows.drop_draft(connection, None, "daily")
        # What the issue says is what was kept of it: a retry writes the same entries.
        kept = event_of(ReportSent.code, issue.content)
        assert isinstance(kept, ReportSent)
        for incident_id in incidents:
            named = replace(kept, number=issue.number, issue_id=str(issue.issue_id), fields=())
            with self.journal.database.transaction(caller) as connection:
                log.append(connection, incident_id, named, key=uuid5(issue.issue_id, str(incident_id)))
        return issue

    def issues(self, caller: Caller) -> list[Issue]:
        """Issues of the caller's divisions, the latest first."""
        with self.journal.database.transaction(caller) as connection:
            return rows.issues(connection)

    def next_issue(self, division_code: str, caller: Caller) -> int:
        """Number the next daily issue will have."""
        year = datetime.now(UTC).astimezone(DUTY_ZONE).year
        with self.journal.database.transaction(caller) as connection:
            return rows.next_issue(connection, division_code, year)

    def _seen(self, connection: Connection, incident_id: UUID | None, caller: Caller) -> None:
        if incident_id is not None and log.head(connection, incident_id).mode != caller.mode:
            raise MissingError(f"there is no incident {incident_id}")


class _RefusedError(ConflictError):
    """A refusal that no second look would lift."""


def next_number(reporting: Reporting, form: Form, stage: Stage, channel: ReportChannel) -> int:
    """
    Number a report gets: 首报 1, 续报 1, 2, …, 终报 1; minutes and other issues count on.

    Raises
    ------
    ConflictError
        The first or the final report of this channel went up already, or a follow-up comes before any first.
    """
    before = [one.report for one in reporting.of_form(form) if one.report.channel == channel]
    same = [one for one in before if one.stage == stage]
    if stage in ("first", "final") and same:
        raise _RefusedError(f"the {stage} report by {channel} went up already: send a follow-up")
    if stage in ("follow_up", "final") and not any(one.stage == "first" for one in before):
        raise _RefusedError(f"no first report by {channel} went up yet: send that one first")
    return len(same) + 1


def stage_due(reporting: Reporting, form: Form, channel: ReportChannel) -> Stage:
    """Stage the next report of a form would have: first, then follow-ups; minutes are issues."""
    if form in ("minutes", "daily"):
        return "issue"
    began = any(one.report.stage == "first" and one.report.channel == channel for one in reporting.of_form(form))
    return "follow_up" if began else "first"


def previous(reporting: Reporting, form: Form, channel: ReportChannel = "written") -> Sent | None:
    """Return the last report of a form that went up in writing with its text, against which changes are marked."""
    found = [one for one in reporting.of_form(form) if one.report.fields and one.report.channel == channel]
    return found[-1] if found else None
