"""What do the views pull, and which commands do they send? Blocking functions; the page runs them in threads."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from command_ui import hospitals
from command_ui.console import camera_cards, chronicle, scene, scene_marks, scene_messages, scene_orders, scene_roads
from command_ui.console.alarms import Alarms
from command_ui.console.ground import Ground
from command_ui.console.written import scene_texts
from command_ui.words import Language, say
from command_ui.words.titles import both, both_places, title_in
from gis.errors import OneMapError
from scenarios.duty import DutyDesk
from scenarios.events import CaseChanged
from scenarios.intake import ReportIncident, checked_case
from scenarios.queue import IncidentSummary

if TYPE_CHECKING:
    from command_ui.access.roles import SignedIn
    from command_ui.bootstrap import House

Json = dict[str, Any]


class Store[D: DutyDesk]:
    """Everything one page reads and writes, as the person signed in there."""

    def __init__(self, house: "House", desk: D, person: "SignedIn") -> None:
        self.house = house
        self.desk = desk
        self.person = person
        self.ground = Ground(house.database, person.caller())
        self.alarms = Alarms(house.database, person)

    def incidents(self) -> list[IncidentSummary]:
        """Incidents the person may see, open ones first."""
        return self.desk.incidents(self.person.caller())

    def cards(self, summaries: list[IncidentSummary], language: Language, chosen: str) -> list[Json]:
        """Cards of the queue; the chosen one carries its clocks."""
        return [self._card(one, language, with_clocks=str(one.incident_id) == chosen) for one in summaries]

    def look(self, incident_id: UUID, moment: datetime | None) -> Json:
        """Situation of an incident as the page draws it: scene, entries, what is expected, what asks for attention."""
        caller = self.person.caller()
        whole = self.desk.situation(incident_id, caller=caller)
        shown = whole if moment is None else self.desk.situation(incident_id, moment, caller=caller)
        summary = next((one for one in self.incidents() if one.incident_id == incident_id), None)
        drawn = scene.scene_of(
            shown,
            code=summary.code if summary else "",
            division=self.ground.division(shown.division_code),
            mode=self.person.mode,
            moment=moment,
            can_run=self.person.may("assess"),
            can_note=self.person.may("report"),
        )
        # One text goes to readers of either language.
        drawn["incident"] |= {"title": both(shown.title), "place": both_places(shown.place_text)}
        asked: list[Json] = []
        # Who may say what leaks may say that it turned out differently, also where nobody has said it yet.
        drawn["can_revise"] = self.person.may("report") and self.person.may("assess") and moment is None
        drawn["can_revise"] &= shown.status == "open" and shown.place is not None
        if shown.incident_id:
            drawn["orders"] = scene_orders.orders_of(shown, self.desk, self.person, moment)
            drawn["messages"] = scene_messages.messages_of(shown, self.desk, self.person, moment)
            asked = chronicle.missed_of(shown, self.desk.reports.policies())
            asked += scene_orders.notices_of(drawn["orders"], moment or datetime.now(UTC))
            asked += scene_messages.notices_of(drawn["messages"])
            may_close, may_send = self.person.may("close_roads"), self.person.may("dispatch")
            drawn |= scene_roads.roads_of(shown, moment, can_close=may_close, can_send=may_send)
            drawn |= scene_marks.marks_of(shown, moment, can_draw=self.person.may("report"))
            if shown.run is not None and shown.run.routes is not None:
                drawn["teams"] = scene_roads.teams_of(shown.run, shown, self.desk.teams.engaged(caller))
            if shown.place is not None:
                drawn["cameras"] = camera_cards.nearest(self.house.database, caller, shown.place)
                # Beds are known as they are now; of an earlier moment the page says nothing rather than something else.
                drawn["care"] = None if moment else hospitals.around(self.house.database, caller, shown)
        scene_now = drawn if shown.incident_id else None
        return {
            "scene": scene_now,
            "written": scene_texts(scene_now),
            # The timeline keeps what is still to come after the moment looked at, so that one can go back to it.
            "whole": whole,
            "entries": chronicle.newest_of(whole),
            "expected": chronicle.expected_of(shown, drawn, self.desk.reports.policies()) if shown.incident_id else [],
            "notices": asked + chronicle.notices_of(drawn, moment or datetime.now(UTC)) if shown.incident_id else [],
        }

    def report(self, command: ReportIncident) -> UUID:
        """Record a report; the incident's id."""
        self.person.require("report")
        return self.desk.report(command, self.person.caller()).incident_id

    def revise(self, incident_id: UUID, case: Json, reason: str, seen_seq: int, key: UUID) -> None:
        """Record that source or weather is believed to be different now, and why."""
        self.person.require("report")
        changed = CaseChanged(checked_case(case), reason)
        self.desk.record(incident_id, changed, self.person.caller(), expected_seq=seen_seq, key=key)

    def assess(self, incident_id: UUID, progress: Callable[[str, float], None]) -> str:
        """Run the chain on an incident and record its parts; the id of the run."""
        self.person.require("assess")
        return self.desk.assess(incident_id, self.person.caller(), progress).run_id

    def add_confidence(self, incident_id: UUID, run_id: str) -> None:
        """Record how sure the zones of a run are."""
        self.person.require("assess")
        self.desk.add_confidence(incident_id, run_id, self.person.caller())

    def services(self) -> Json:
        """What the app bar says of services; ``lines`` lets it ask how the lines to other nodes stand."""
        return {"problems": self.troubles(), "lines": bool(self.house.settings.node_name)}

    def troubles(self) -> list[str]:
        """Codes of the services that do not work now."""
        found = []
        if not any(self.house.settings.networks_dir.glob("*")):
            found.append("service.roads")
        try:
            self.incidents()
        except OneMapError:
            found.append("service.record")
        if not self.ground.answers():
            found.append("service.layers")
        return found

    def _card(self, one: IncidentSummary, language: Language, *, with_clocks: bool) -> Json:
        grade = one.accident_grade
        badges: list[Json] = [
            {"tone": "b-line", "code": "badge.grade", "values": {"grade": say(f"grade.{grade}", language)}}
            if grade
            else {"tone": "b-line", "code": "badge.grade_open", "values": {}},
            {
                "tone": "b-line",
                "code": "badge.response",
                "values": {"level": say(f"response.{one.response_level}", language)},
            }
            if one.response_level
            else {"tone": "b-line", "code": "badge.response_none", "values": {}},
        ]
        if one.calls_for_help:
            badges.insert(0, {"tone": "b-danger", "code": "badge.help", "values": {"count": one.calls_for_help}})
        if one.run_id is None:
            badges.append({"tone": "b-warn", "code": "badge.run_none", "values": {}})
        elif one.run_is_stale:
            badges.append({"tone": "b-warn", "code": "badge.run_review", "values": {}})
        else:
            badges.append({"tone": "b-live", "code": "badge.run", "values": {}, "dot": True})
        card: Json = {
            "id": str(one.incident_id),
            "number": one.code,
            "title": title_in(one.title, language),
            "division": self.ground.division(one.division_code),
            "known_at": one.known_at.isoformat() if one.known_at else None,
            "status": one.status,
            "mode": one.mode,
            "badges": badges,
        }
        if with_clocks:
            card["clocks"] = chronicle.clocks_of(
                self.desk.situation(one.incident_id, caller=self.person.caller()), self.desk.reports.policies()
            )
        return card
