"""Who may do what a message of a page asks for? Every kind stands here; one that does not is refused."""

from collections.abc import Mapping
from functools import cache

from command_ui.access import audit
from command_ui.access.repeats import Repeats
from command_ui.access.roles import SignedIn, Who
from gis.database import Caller, Database
from gis.errors import RefusedError

KINDS: Mapping[Who, tuple[str, ...]] = {
    "someone": (
        "language", "theme",
    ),
    "look": (
        "choose", "close", "closures_due", "closures_ready", "consult_join", "consult_left", "consult_look",
        "consult_present", "consult_say", "consult_seats", "coverage", "cut", "dossier", "dots", "form_kept",
        "form_restore", "frames", "layer_choice", "left_dose", "line", "mark_keep", "mark_sketch", "mark_sketch_drop",
        "moment", "open", "open_file", "pick", "plans_match", "refresh", "replay_beside", "replay_open", "replay_seek",
        "report", "report_here", "road_at", "rows", "revise_close", "search", "step", "team_way", "threat",
        "views.drop", "views.keep", "what_if", "within",
    ),
    "assess": (
        "assess", "confidence", "what_if_branch",
    ),
    "carry_out": (
        "order_note", "order_step",
    ),
    "close_roads": (
        "closure", "closure_again", "closure_lift", "closure_move",
    ),
    "decide": (
        "decision_new", "decision_strike", "incident_close",
    ),
    "dispatch": (
        "stock_back", "stock_stand_down", "stock_take", "team_back", "team_take",
    ),
    "order": (
        "field_answer", "message_again", "message_heard", "message_send", "order_new", "order_review", "order_rewrite",
        "plan_adopt",
    ),
    "unmask": (
        "unmask",
    ),
    "report": (
        "alarm_acknowledge", "alarm_escalate", "alarm_incident", "alarm_link", "answered", "call", "card_cite",
        "casualties", "correct", "evacuated", "team_arrived",
        "consult_answer", "consult_call", "consult_end", "consult_item", "consult_keep", "consult_lock",
        "consult_open", "drop", "grade", "mark", "mark_change", "mark_file", "mark_remove", "mark_restore",
        "response", "revise", "revise_submit", "save", "send", "submit",
    ),
}  # fmt: skip
"""Right -> kinds of messages that need it; what a command does is checked once more inside it."""

QUIET: frozenset[Who] = frozenset({"someone", "look", "unmask"})
"""Rights that change nothing, and the one that writes its own line: no further one in the audit."""


def who_may(kind: str) -> Who | None:
    """Give the right a kind of message needs; None when nobody declared it, and then nobody may."""
    return _rights().get(kind)


def admit(kind: str, person: SignedIn) -> None:
    """
    Pass if a person may send this kind of message.

    Raises
    ------
    RefusedError
        The kind has no declared right, or the role does not hold it.
    """
    who = who_may(kind)
    if who is None:
        raise RefusedError(f"the message '{kind}' has no declared right; name it in command_ui/access/acts.py")
    if not person.admits(who):
        raise RefusedError(f"the role '{person.role}' may not send '{kind}'")


def note(database: Database, kind: str, person: SignedIn) -> None:
    """Write down a message that changed something."""
    if who_may(kind) not in QUIET:
        with database.transaction(Caller.system()) as connection:
            audit.write(connection, "act", actor=person.name, role=person.role, on=kind)


class Denials:
    """Writes down what the person behind a page may not do; the same again within minutes is counted, not repeated."""

    def __init__(self, database: Database, person: SignedIn) -> None:
        self._database = database
        self._person = person
        self._repeats = Repeats("many kinds at once")

    def note(self, kind: str) -> None:
        """Take note of a message that was refused. Blocks on the database: call it in a thread."""
        lines = [(counted, {"times": times}) for counted, times in self._repeats.due()]
        if (new := self._repeats.note(kind)) is not None:
            lines.append((new, {}))
        if lines:
            with self._database.transaction(Caller.system()) as connection:
                for on, detail in lines:
                    audit.write(
                        connection, "denied", "refused", actor=self._person.name, role=self._person.role, on=on,
                        detail=detail,
                    )  # fmt: skip


@cache
def _rights() -> Mapping[str, Who]:
    return {kind: who for who, kinds in KINDS.items() for kind in kinds}
