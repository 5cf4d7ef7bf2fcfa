"""What does the replay page draw of an incident at a moment? Read through a door that cannot write, as it was known."""

from bisect import bisect_right
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from command_ui.console import chronicle, scene, scene_marks, scene_orders, scene_roads
from command_ui.console.record_rows import Rows
from command_ui.console.store import Store
from command_ui.words.titles import both
from layers import moments
from layers.catalogue import LAYERS
from scenarios.replay.comparing import Line, compare, facts
from scenarios.situation import Situation

if TYPE_CHECKING:
    from command_ui.access.roles import SignedIn
    from command_ui.bootstrap import House
    from scenarios.replay.branch import Branch
    from scenarios.replay.desk import ReplayDesk

Json = dict[str, Any]

LATEST = 12
"""Entries handed out with a moment, the newest last."""
DRAWN = ("hazard_source", "rescue_team", "shelter", "protection_target", "alarm")
"""Layers the replay draws, as known at the moment; what bears on an incident."""
TEAMS = 12
"""Teams of a run that may be left out in a what-if, the quickest first."""


class Look:
    """One incident looked back at by one person; its functions block and are run in threads."""

    def __init__(self, house: "House", replay: "ReplayDesk", person: "SignedIn") -> None:
        self.replay = replay
        self.person = person
        self.store = Store(replace(house, database=replay.database), replay, person)
        self.code = ""
        self._first_at = datetime.now(UTC)
        self._layer_moments: list[datetime] = []

    def incidents(self) -> list[Json]:
        """Incidents that can be looked back at, open ones first."""
        return [
            {
                "id": str(one.incident_id),
                "code": one.code,
                "title": both(one.title),
                "status": one.status,
                "known_at": one.known_at.isoformat() if one.known_at else None,
            }
            for one in self.store.incidents()
        ]

    def open(self, incident_id: UUID) -> Json:
        """From when to when it can be looked at, and when the layers changed meanwhile."""
        span = self.replay.span(incident_id, self.person.caller())
        self.code, self._first_at = span.head.code, span.first_at
        with self.replay.database.transaction(self.person.caller()) as connection:
            self._layer_moments = moments.changes(connection, DRAWN, span.first_at, span.last_at)
        return {
            "incident": str(incident_id),
            "code": span.head.code,
            "total": span.head.seq,
            "from_ms": _ms(span.first_at),
            "until_ms": _ms(span.last_at),
        }

    def whole(self, incident_id: UUID) -> list[Json]:
        """Make every moment quick to find, and give the dots of the entries, those of a crowd together."""
        self.replay.warm(incident_id, self.person.caller())
        rows = Rows()
        for kind, recorded_at in self.replay.outline(incident_id, self.person.caller()):
            # An entry stands where we learnt of it, not where it happened: before that nobody knew.
            rows.add(kind, recorded_at)
        return rows.dots(None, None, "all")

    def at(self, incident_id: UUID, moment: datetime | None, seq: int | None) -> tuple[Situation, datetime]:
        """Situation at a moment or after an entry, and the moment that is."""
        known = self.replay.at(incident_id, self.person.caller(), moment=moment, seq=seq)
        shown_at = moment or known.updated_at
        assert shown_at is not None or known.seq == 0
        return known, shown_at or self.replay.span(incident_id, self.person.caller()).first_at

    def drawn(self, known: Situation, moment: datetime, *, state: str = "replay") -> Json:
        """The situation as the page draws it: scene, latest entries, facts, and since when the layers were so."""
        shown: Json = {
            "ms": _ms(moment),
            "seq": known.seq,
            "state": state,
            "scene": self._scene(known, moment, state) if known.incident_id else None,
            "entries": [chronicle.row_of(entry, {old for old, _ in known.struck}) for entry in known.entries[-LATEST:]],
            "facts": [plain(line) for line in facts(known)],
            "layers_at": self._layers_at(moment),
        }
        return shown

    def compared(self, *situations: Situation) -> list[Json]:
        """What differs between situations."""
        return [plain(line) for line in compare(*situations)]

    def branch(self, branch: "Branch") -> Json:
        """A branch as the page draws it, with its lines beside what happened."""
        return self.drawn(branch.imagined, branch.moment, state="sim") | {
            "lines": [plain(line) for line in branch.lines],
            "seconds": round(branch.seconds, 1),
        }

    def imaginable(self, known: Situation) -> Json | None:
        """What of the situation a what-if may change, with the values it has now; None while no release is known."""
        if known.case is None:
            return None
        release = known.case.get("release") or {}
        numbers = {name: value for name, value in release.items() if isinstance(value, int | float)}
        features = known.routes.routes.get("features", []) if known.routes is not None else []
        teams = [one["properties"] for one in features if one["properties"].get("status") == "ok"]
        teams.sort(key=lambda one: float(one.get("travel_time_s") or 1e9))
        weather = known.case.get("weather") or {}
        return {
            "wind_from_deg": weather.get("wind_from_deg"),
            "wind_speed_m_s": weather.get("wind_speed_m_s"),
            "release": {name: value for name, value in numbers.items() if not isinstance(value, bool)},
            "closures": [
                {"id": one.closure_id, "number": one.number, "name": one.name}
                for one in known.closures
                if one.lifted_seq is None
            ],
            "teams": [
                {"id": str(one.get("id")), "name": one.get("name"), "travel_time_s": one.get("travel_time_s")}
                for one in teams[:TEAMS]
            ],
            "occurred_at": known.occurred_at.isoformat() if known.occurred_at else None,
        }

    def _scene(self, known: Situation, moment: datetime, state: str) -> Json:
        drawn = scene.scene_of(
            known,
            code=self.code,
            division=self.store.ground.division(known.division_code),
            mode=self.person.mode,
            moment=moment,
            can_run=False,
            can_note=False,
        )
        if "run" in drawn and state == "sim":
            drawn["run"]["state"] = "sim"
        drawn["orders"] = scene_orders.orders_of(known, self.replay, self.person, moment)
        drawn |= scene_roads.roads_of(known, moment, can_close=False, can_send=False)
        return drawn | scene_marks.marks_of(known, moment, can_draw=False)

    def _layers_at(self, moment: datetime) -> str:
        """Latest moment by `moment` at which a drawn layer changed: between two of them every tile is the same."""
        place = bisect_right(self._layer_moments, moment)
        return (self._layer_moments[place - 1] if place else self._first_at).isoformat()


def layer_keys() -> list[str]:
    """Layers the replay draws that can be drawn as they were known."""
    known = {spec.key for spec in LAYERS}
    return [key for key in DRAWN if key in known and moments.is_kept(key)]


def plain(line: Line) -> Json:
    """One line of a comparison for the browser."""
    return asdict(line) | {"values": list(line.values), "differs": line.differs}


def _ms(moment: datetime) -> float:
    return moment.timestamp() * 1000.0
