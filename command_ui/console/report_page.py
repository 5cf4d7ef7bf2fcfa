"""How does the report page work? It fills the form from the record, keeps what is typed, and sends."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from command_ui.console import chronicle
from command_ui.console.act import Act, Json
from command_ui.console.fault_words import worded
from command_ui.console.part import Part
from command_ui.console.report_components import ReportEditor
from command_ui.console.shell import ShellPage
from command_ui.reports.desk import Papers, Wanted
from command_ui.reports.paper import Paper
from command_ui.reports.wording import stage_text
from command_ui.words import Language
from command_ui.words.titles import title_in
from gis.errors import ConflictError, InputError, OneMapError
from scenarios.desk import IncidentSummary
from scenarios.reports.fold import Sent
from scenarios.reports.rows import Issue

FORMS = ("incident", "ics209", "minutes", "daily")
CHANNELS = ("written", "phone")
STAGES = ("first", "follow_up", "final", "issue")


class ReportPage(ShellPage):
    """The report editor 报告编辑: one form of one incident at a time, or the daily issue of the duty room."""

    code = "report"

    def build(self) -> tuple[Part, ...]:
        """Make the one part of the page."""
        self.editor = ReportEditor(
            theme=self.state.theme, language=self.language, mode=self.person.mode,
            may_send=self.person.may("report"), csrf_token=self.person.csrf_token, **self.common,
        )  # fmt: skip
        self.papers = Papers(self.store.desk)
        self._pulling = asyncio.Lock()
        self._revision = 0
        self._typed: Json = {}
        self._incident: UUID | None = None
        self._found: Sequence[IncidentSummary] = ()
        self._wanted = Wanted(language=self.language)
        return (self.editor,)

    def acts(self) -> dict[str, Act]:
        """Give what each message does."""
        return {
            "refresh": self._refresh,
            "choose": self._choose,
            "save": self._save,
            "drop": self._drop,
            "send": self._send,
            "answered": self._answered,
        }

    async def load(self) -> None:
        """Open what the address asks for: the incident, the form, the channel."""
        await self.pull_bar()
        found = await asyncio.to_thread(self.store.incidents)
        asked = self.asked.get("incident", "")
        ids = [str(one.incident_id) for one in found]
        if self._incident is None and ids:
            self._incident = UUID(asked if asked in ids else ids[0])
        form, channel = self.asked.get("form", ""), self.asked.get("channel", "")
        self._want(form=form if form in FORMS else None, channel=channel if channel in CHANNELS else None)
        self._found = found
        self._name()
        await self._open()

    async def respeak(self) -> None:
        """The paper is worded on the server."""
        self._want()
        self._name()
        await self.pull()

    def _name(self) -> None:
        """Say which incidents there are in the language of the page."""
        self.editor.incidents = [
            {"id": str(one.incident_id), "number": one.code, "title": title_in(one.title, self.language),
             "status": one.status}
            for one in self._found
        ]  # fmt: skip

    async def moved(self, incidents: frozenset[UUID]) -> None:
        """Something was recorded: fill again what nobody typed."""
        if self._wanted.form == "daily" or self._incident in incidents:
            await self.pull()

    # -- pulling ---------------------------------------------------------------------------------------------------

    def _want(self, *, form: Any = None, channel: Any = None, stage: Any = "") -> None:
        now = self._wanted
        self._wanted = Wanted(
            form or now.form, now.stage if stage == "" else stage, channel or now.channel, self.language
        )

    @property
    def _place(self) -> UUID | None:
        return None if self._wanted.form == "daily" else self._incident

    async def _open(self) -> None:
        """Take up the draft of the form that was chosen."""
        if self._incident is None and self._wanted.form != "daily":
            self.editor.param.update(paper=None, busy=False)
            return
        held = await asyncio.to_thread(
            self.store.desk.reports.draft, self._place, self._wanted.form, self.person.caller()
        )
        self._typed, self._revision = (held.content, held.revision) if held else ({}, 0)
        saved = {"number": -1, "at": held.saved_at.isoformat(), "revision": held.revision} if held else {"number": -1}
        self.editor.param.update(typed=self._typed, saved=saved)
        await self.pull()

    async def pull(self) -> None:
        """Draw the paper, what was sent and the deadlines."""
        async with self._pulling:
            try:
                found = await asyncio.to_thread(self._read)
            except OneMapError as error:
                self.editor.param.update(fault=worded(error, self.language), busy=False)
                return
            self.editor.param.update(**found, fault="", busy=False)

    def _read(self) -> Json:
        caller, wanted = self.person.caller(), self._wanted
        chosen = {
            "incident": str(self._incident or ""), "form": wanted.form, "channel": wanted.channel, "stage": wanted.stage
        }  # fmt: skip
        if wanted.form == "daily":
            paper = self.papers.daily(self._typed, self.language, caller)
            issues = self.store.desk.reports.issues(caller)
            sent = [_issued(one, self.language) for one in issues]
            return {"paper": _drawn(paper), "sent": sent, "clocks": [], "chosen": chosen}
        assert self._incident is not None
        paper = self.papers.draft(self._incident, wanted, self._typed, caller)
        known = self.store.desk.situation(self._incident, caller=caller)
        clocks = chronicle.clocks_of(known, self.store.desk.reports.policies())
        return {
            "paper": _drawn(paper),
            "sent": [self._line(one) for one in reversed(known.reporting.sent)],
            "clocks": [one for one in clocks if one["report"]],
            "chosen": chosen,
        }

    def _line(self, one: Sent) -> Json:
        said = one.report
        return {
            "entry": one.seq, "issue": said.issue_id, "form": said.form, "channel": said.channel,
            "name": stage_text(said.form, said.stage, said.number, self.language), "at": said.sent_at.isoformat(),
            "to": said.sent_to, "hash": one.hash, "text": bool(said.fields),
            "answers": [{"by": answer.answered_by, "at": answer.answered_at.isoformat(), "text": answer.text}
                        for _, answer in one.answers],
        }  # fmt: skip

    # -- what a person does ----------------------------------------------------------------------------------------

    async def _refresh(self, _message: Json) -> None:
        await self.load()

    async def _choose(self, message: Json) -> None:
        if message.get("incident"):
            self._incident = UUID(str(message["incident"]))
        form, channel, stage = message.get("form"), message.get("channel"), message.get("stage", None)
        self._want(
            form=form if form in FORMS else None,
            channel=channel if channel in CHANNELS else None,
            stage=stage if stage in STAGES else None,
        )
        self.editor.busy = True
        await self._open()

    async def _save(self, message: Json) -> None:
        """Keep what was typed; the browser forgets its own copy when it hears the number again."""
        self.person.require("report")
        content = dict(message.get("content") or {})
        caller = self.person.caller()
        try:
            kept = await asyncio.to_thread(
                self.store.desk.reports.keep_draft, self._place, self._wanted.form, content, self._revision, caller
            )
        except ConflictError:
            # The same person in another window: what stands there is shown, what was typed here stays in the browser.
            self.toast("report.other_window", tone="warn")
            await self._open()
            return
        self._typed, self._revision = content, kept.revision
        number = message.get("number", 0)
        self.editor.saved = {"number": number, "at": kept.saved_at.isoformat(), "revision": kept.revision}
        await self.pull()

    async def _drop(self, _message: Json) -> None:
        self.person.require("report")
        await asyncio.to_thread(
            self.store.desk.reports.drop_draft, self._place, self._wanted.form, self.person.caller()
        )
        await self._open()

    async def _send(self, message: Json) -> None:
        self.person.require("report")
        key, content = UUID(str(message["key"])), dict(message.get("content") or {})
        if self._wanted.form == "daily":
            await asyncio.to_thread(self.papers.send_daily, content, self.language, self.person.caller(), key=key)
        else:
            if self._incident is None:
                raise InputError("no incident is chosen")
            await asyncio.to_thread(
                self.papers.send, self._incident, self._wanted, content, self.person.caller(), key=key
            )
        self._want(stage=None)
        self.editor.tell({"kind": "sent"})
        self.toast("report.sent.done")
        await self._open()

    async def _answered(self, message: Json) -> None:
        self.person.require("report")
        if self._incident is None:
            return
        await asyncio.to_thread(
            self.store.desk.reports.answer, self._incident, int(message["entry"]), str(message.get("who", "")),
            str(message.get("text", "")), self.person.caller(),
        )  # fmt: skip
        self.toast("report.answered.done")
        await self.pull()


def _issued(one: Issue, language: Language) -> Json:
    """Give one daily issue that went out."""
    return {
        "entry": None, "issue": str(one.issue_id), "name": stage_text("daily", "issue", one.number, language),
        "form": "daily", "at": one.sent_at.isoformat(), "to": one.content.get("sent_to", ""), "hash": "", "answers": [],
    }  # fmt: skip


def _drawn(paper: Paper) -> Json:
    """Give the paper as the browser draws it."""
    return {
        "title": paper.title, "stage": paper.stage, "stage_text": paper.stage_text, "number": paper.paper_number,
        "sent_to": paper.sent_to, "issuer": paper.issuer, "signer": paper.signer, "contact": paper.contact,
        "since": paper.since, "seq": paper.seq, "hash": paper.hash, "missing": list(paper.missing),
        "history": [[name, at, list(counts)] for name, at, counts in paper.history] if paper.form == "incident" else [],
        "fields": [
            {
                "code": one.code, "title": one.title, "block": one.block, "by_hand": one.by_hand, "needed": one.needed,
                "edited": one.edited, "moved": one.moved, "filled": one.filled, "text": one.text,
                "lines": [
                    {"text": line.text, "sources": list(line.sources), "changed": line.changed, "was": line.was}
                    for line in one.lines
                ],
            }
            for one in paper.fields
        ],
    }  # fmt: skip
