"""Is every command of the screen there for programs, and every command of the interface on the screen?"""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

COMMANDS: dict[str, tuple[str, ...]] = {
    "submit": ("POST /api/v1/incidents",),
    "revise_submit": ("POST /api/v1/incidents/{incident_id}/entries",),
    "assess": ("POST /api/v1/incidents/{incident_id}/assessments",),
    "confidence": ("POST /api/v1/incidents/{incident_id}/assessments",),  # follows every run by itself
    "search": ("GET /api/v1/search",),
    "dossier": ("GET /api/v1/layers/{layer}/{feature_id}",),
    "open_file": ("GET /api/v1/enterprises/{enterprise_id}/file",),
    "open": ("GET /api/v1/incidents/{incident_id}/situation",),
    "moment": ("GET /api/v1/incidents/{incident_id}/situation",),
    "rows": ("GET /api/v1/incidents/{incident_id}/entries",),
    "within": ("POST /api/v1/layers/within",),
    "alarm_acknowledge": ("POST /api/v1/alarms/{alarm_id}/acknowledgement",),
    "alarm_escalate": ("POST /api/v1/alarms/{alarm_id}/escalation",),
    "alarm_incident": ("POST /api/v1/incidents",),  # the alarm stands in the report
    "alarm_link": ("POST /api/v1/incidents/{incident_id}/entries",),
    "call": ("POST /api/v1/roll-calls",),
    "alarm_page.answered": ("POST /api/v1/roll-calls/{number}/answer",),
    "closure": ("POST /api/v1/incidents/{incident_id}/closures",),
    "closure_move": ("PATCH /api/v1/incidents/{incident_id}/closures/{closure_id}",),
    "closure_lift": ("DELETE /api/v1/incidents/{incident_id}/closures/{closure_id}",),
    "closure_again": ("POST /api/v1/incidents/{incident_id}/closures",),
    "team_take": ("POST /api/v1/incidents/{incident_id}/teams/{team_id}",),
    "team_back": ("DELETE /api/v1/incidents/{incident_id}/teams/{team_id}",),
    "stock_take": ("POST /api/v1/incidents/{incident_id}/supplies",),
    "stock_back": ("DELETE /api/v1/incidents/{incident_id}/supplies/{stock_id}",),
    "stock_stand_down": ("POST /api/v1/incidents/{incident_id}/stand-down",),
    "team_way": ("GET /api/v1/incidents/{incident_id}/teams/{team_id}/way",),
    "replay_open": ("GET /api/v1/incidents/{incident_id}/replay",),
    "replay_seek": ("GET /api/v1/incidents/{incident_id}/replay/situation",),
    "replay_beside": ("GET /api/v1/incidents/{incident_id}/replay/differences",),
    "what_if_branch": ("POST /api/v1/incidents/{incident_id}/what-if",),
    "mark": ("POST /api/v1/incidents/{incident_id}/marks",),
    "mark_change": ("PATCH /api/v1/incidents/{incident_id}/marks/{mark_id}",),
    "mark_remove": ("DELETE /api/v1/incidents/{incident_id}/marks/{mark_id}",),
    "mark_restore": ("POST /api/v1/incidents/{incident_id}/marks/{mark_id}/restored",),
    "mark_file": ("POST /api/v1/incidents/{incident_id}/marks/file",),
    "order_new": ("POST /api/v1/incidents/{incident_id}/orders",),
    "order_step": ("POST /api/v1/incidents/{incident_id}/orders/{order_id}/steps",),
    "order_note": ("POST /api/v1/incidents/{incident_id}/orders/{order_id}/notes",),
    "order_review": ("POST /api/v1/incidents/{incident_id}/orders/{order_id}/reviews",),
    "order_rewrite": ("PUT /api/v1/incidents/{incident_id}/orders/{order_id}",),
    "message_send": ("POST /api/v1/incidents/{incident_id}/messages",),
    "message_again": ("POST /api/v1/incidents/{incident_id}/messages/{message_id}/again",),
    "message_heard": ("POST /api/v1/incidents/{incident_id}/messages/{message_id}/answer",),
    "field_answer": ("POST /api/v1/incidents/{incident_id}/field-reports/{seq}/answer",),
    "decision_new": ("POST /api/v1/incidents/{incident_id}/decisions",),
    "decision_strike": ("POST /api/v1/incidents/{incident_id}/decisions/{decision_id}/strike",),
    "casualties": ("POST /api/v1/incidents/{incident_id}/entries",),
    "evacuated": ("POST /api/v1/incidents/{incident_id}/entries",),
    "grade": ("POST /api/v1/incidents/{incident_id}/entries",),
    "response": ("POST /api/v1/incidents/{incident_id}/entries",),
    "incident_close": ("POST /api/v1/incidents/{incident_id}/entries",),
    "team_arrived": ("POST /api/v1/incidents/{incident_id}/entries",),
    "correct": ("POST /api/v1/incidents/{incident_id}/entries/{seq}/correction",),
    "plans_match": ("GET /api/v1/incidents/{incident_id}/plans",),
    "plan_adopt": ("POST /api/v1/incidents/{incident_id}/plans/{plan_id}",),
    "unmask": (
        "POST /api/v1/layers/{layer}/{feature_id}/unmask",
        "POST /api/v1/incidents/{incident_id}/entries/{seq}/unmask",
        "POST /api/v1/plans/{plan_id}/unmask",
        "POST /api/v1/incidents/{incident_id}/messages/{message_id}/unmask",
    ),
    "card_cite": ("POST /api/v1/incidents/{incident_id}/cards/{card_id}",),
    "save": ("PUT /api/v1/incidents/{incident_id}/reports/draft",),
    "drop": ("DELETE /api/v1/incidents/{incident_id}/reports/draft",),
    "send": ("POST /api/v1/incidents/{incident_id}/reports", "POST /api/v1/bulletins"),
    "consult_open": ("POST /api/v1/incidents/{incident_id}/consultations",),
    "consult_call": ("POST /api/v1/incidents/{incident_id}/consultations/{name}/calls",),
    "consult_answer": ("POST /api/v1/incidents/{incident_id}/consultations/{name}/answers",),
    "consult_present": ("PUT /api/v1/incidents/{incident_id}/consultations/{name}/presenter",),
    "consult_lock": ("PUT /api/v1/incidents/{incident_id}/consultations/{name}/lock",),
    "consult_item": ("PUT /api/v1/incidents/{incident_id}/consultations/{name}/agenda",),
    "consult_say": ("POST /api/v1/incidents/{incident_id}/consultations/{name}/words",),
    "consult_end": ("POST /api/v1/incidents/{incident_id}/consultations/{name}/conclusion",),
    "consult_keep": ("PATCH /api/v1/incidents/{incident_id}/marks/{mark_id}",),
    "consult_look": ("GET /api/v1/consultations",),
    "consult_join": ("GET /api/v1/consultations/{room_id}/view",),  # the line itself is a websocket
    "report_page.answered": ("POST /api/v1/incidents/{incident_id}/reports/{entry}/answers",),
}
"""Act of a page -> what a program does instead."""

KINDS_ON_SCREEN = {
    "note": "the log keeps lines and hands them in",
    "casualties_reported": "casualties",
    "case_changed": "revise_submit",
    "grade_confirmed": "grade",
    "response_level_set": "response",
    "incident_closed": "incident_close",
    "report_sent": "send",
    "team_arrived": "team_arrived",
    "evacuation_counted": "evacuated",
    "alarm_linked": "alarm_link",
}
"""Kind of entry a program may append -> the act of a page that writes it."""

VIEW = {
    "theme", "language", "refresh", "report", "report_here", "pick", "close", "choose", "cut", "layer_choice", "dots",
    "revise", "revise_close",
    "step", "views.keep", "views.drop", "coverage", "closures_ready", "closures_due", "road_at", "mark_sketch",
    "mark_sketch_drop", "mark_keep", "consult_seats", "consult_left", "line", "form_kept", "form_restore",
}  # fmt: skip
"""Acts that record nothing: what one person looks at, fills in or keeps for himself."""

ON_SCREEN_ONLY = {
    "threat": "a look at what would reach one place, computed from the zones any program can read",
    "frames": "the moments of the same cloud, drawn one after the other",
    "what_if": "plans beside the chosen one, computed from it and not recorded",
    "left_dose": "a dose along one way, computed from the zones any program can read",
}
"""Acts whose answer a program gets in another form, and why that is enough."""

PROGRAMS_ONLY = {
    "POST /api/v1/sessions": "a person signs in at the door",
    "DELETE /api/v1/session": "a person signs out at the door",
    "POST /api/v1/observations": "gateways of sensors",
    "POST /api/v1/events": "gateways of sensors",
    "POST /api/v1/videos": "gateways of cameras",
    "POST /api/v1/nodes/messages": "other nodes hand in what they report or order, signed with their key",
    "POST /api/v1/nodes/heads": "other nodes show where their records stand",
    "POST /api/v1/changes/receipts": "systems that keep a copy of our data sets",
    "POST /api/v1/incidents/{incident_id}/field-reports": "the field page hands reports in from its own queue",
    "POST /api/v1/drills/check": "the shelf checks every folder by itself",
    "POST /api/v1/exercises/{exercise_id}/incidents": "what is reported near the scene joins by itself",
}
"""Writing operations no page sends, and why."""


@pytest.fixture(scope="module")
def acts(repository: Path) -> set[str]:
    """Every act of every page; one that two pages understand differently carries the page's name."""
    found: dict[str, set[str]] = {"theme": {"shell"}, "language": {"shell"}}
    for path in sorted((repository / "command_ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "acts":
                for part in ast.walk(node):
                    if isinstance(part, ast.Dict):
                        for key in part.keys:
                            if isinstance(key, ast.Constant):
                                found.setdefault(str(key.value), set()).add(path.stem)
    named = {name.partition(".")[2] for name in COMMANDS if "_page." in name}
    return {f"{page}.{act}" if act in named else act for act, pages in found.items() for page in pages}


@pytest.fixture(scope="module")
def operations(served: Any) -> set[str]:
    """Method and address of every operation of the document."""
    with served.sign_in() as client:
        document = client.get("/api/v1/openapi.json").json()
    return {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}


@pytest.fixture(scope="module")
def fetched(repository: Path) -> list[re.Pattern[str]]:
    """Addresses the scripts of the pages ask for themselves, as patterns of the document's addresses."""
    folders = [path for path in (repository / "command_ui").rglob("page") if "node_modules" not in path.parts]
    scripts = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.js"))
    asked = re.findall(r"[`\"'](/api/v1/[^`\"']*)", scripts)
    return [
        re.compile("".join(r"[^/]+" if part.startswith("${") else re.escape(part)
                           for part in re.split(r"(\$\{[^}]*\}?)", address.partition("?")[0])))
        for address in asked
    ]  # fmt: skip


def test_every_command_of_the_screen_is_there_for_programs(acts: set[str], operations: set[str]) -> None:
    known = set(COMMANDS) | VIEW | set(ON_SCREEN_ONLY)
    assert acts <= known, f"say what a program does instead of {sorted(acts - known)}"
    missing = {act: wanted for act, wanted in COMMANDS.items() if not set(wanted) <= operations}
    assert not missing


def test_every_command_of_the_interface_is_on_the_screen(operations: set[str], fetched: list[re.Pattern[str]]) -> None:
    sent = {operation for wanted in COMMANDS.values() for operation in wanted}
    lost = []
    for operation in sorted(operations):
        method, _, path = operation.partition(" ")
        if method == "GET" or not path.startswith("/api/v1/") or operation in sent or operation in PROGRAMS_ONLY:
            continue
        if not any(pattern.fullmatch(path) for pattern in fetched):
            lost.append(operation)
    assert not lost, f"no page sends {lost}: give it a place on the screen, or say why programs alone need it"


def test_every_kind_a_program_may_append_is_written_on_the_screen(acts: set[str]) -> None:
    from command_ui.api.entries import RIGHT_FOR

    assert set(KINDS_ON_SCREEN) == {kind.code for kind in RIGHT_FOR}
    assert {act for act in KINDS_ON_SCREEN.values() if " " not in act} <= acts


def test_no_excuse_outlives_its_reason(acts: set[str], operations: set[str]) -> None:
    assert set(PROGRAMS_ONLY) <= operations
    assert set(ON_SCREEN_ONLY) <= acts
    assert {name for name in COMMANDS if name not in acts} == set()
    assert acts >= VIEW
