"""Does every operation answer as the document of the interface says, whatever a program sends?"""

import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from command_ui.api import sessions as api_sessions
from scenarios import log
from scenarios.events import IncidentReported

EXAMPLES = int(os.environ.get("ONEMAP_EXAMPLES", "3"))
"""For each operation; `make fuzz` asks for 200."""
ONLY = re.compile(os.environ.get("ONEMAP_ONLY", ""))
"""Operations tried, such as ``POST .*/marks``; all unless somebody looks for a fault in one."""

LEFT_OUT = {
    "GET /api/v1/feed": "a stream that is meant never to end; tests/command_ui/test_api.py listens to it",
    "POST /api/v1/sessions": "wrong passwords close the door for this address; tests/command_ui/test_door.py knocks",
    "DELETE /api/v1/session": "signs the test itself out",
}
"""Operations not tried here, and why."""
TURNED_AWAY = -1
"""Under this number answers are counted that want a sign-in from one who has signed in."""
SIGNED = re.compile("POST /api/v1/nodes/(heads|messages)$")
"""Other nodes sign what they send: a person, whatever his rights, is asked who he is."""
ACCOUNT = "commander"


@pytest.fixture(scope="module")
def client(served: Any) -> Iterator[Any]:
    """A signed-in client with the most rights a person has."""
    name = ACCOUNT if ACCOUNT in served.passwords else "duty"
    with served.sign_in(name) as opened:
        yield opened


@pytest.fixture(scope="module")
def incident(served: Any, client: Any) -> str:
    """An open incident the account may see, so that addresses below it are there."""
    body = {"title": "演练", "longitude": 118.71, "latitude": 31.41, "occurred_at": datetime.now(UTC).isoformat(),
            "division_code": "990102"}  # fmt: skip
    answer = client.post("/api/v1/incidents", json=body, headers={"idempotency-key": str(uuid4())})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["incident_id"])


def tried(document: dict[str, Any]) -> list[tuple[str, Any]]:
    schema = schemathesis.openapi.from_dict(document)
    # Tokens made up for the declared ways in would be turned away at the door, and nothing behind it would be tried.
    schema.config.generation.update(with_security_parameters=False)
    found = []
    for result in schema.get_all_operations():
        operation = result.ok()
        label = f"{operation.method.upper()} {operation.path}"
        if operation.path.startswith("/api/v1/") and label not in LEFT_OUT and ONLY.search(label):
            found.append((label, operation))
    return found


def faults_of(
    label: str, operation: Any, served: Any, client: Any, incident: str, seen: Counter[int] | None = None
) -> list[str]:
    """What is wrong with the answers of one operation, in a line each; `seen` counts the answers by status."""
    faults: list[str] = []
    chance = random.Random(label)
    headers = dict(client.headers) | {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}

    @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=(Phase.generate,), derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        if "incident_id" in (case.path_parameters or {}) and chance.random() < 0.7:
            case.path_parameters["incident_id"] = incident
        response = case.call(base_url=served.origin, headers=headers, timeout=120)
        if seen is not None:
            seen[response.status_code] += 1
            seen[TURNED_AWAY] += response.status_code == 401 and not SIGNED.match(label)
        try:
            case.validate_response(
                response,
                checks=[not_a_server_error, status_code_conformance, content_type_conformance,
                        response_schema_conformance],
            )  # fmt: skip
        except (Failure, FailureGroup) as error:
            inside = error.exceptions if isinstance(error, FailureGroup) else [error]
            said = "; ".join(f"{type(one).__name__}: {str(one)[:300]}" for one in inside)
            faults.append(f"{label} -> {response.status_code}: {said} | {response.text[:200]}")

    run()
    return sorted(set(faults))


@pytest.mark.protection("20")
def test_answers_are_those_of_the_document(served: Any, client: Any, incident: str, told: Callable[..., None]) -> None:
    document = client.get("/api/v1/openapi.json").json()
    operations = tried(document)
    assert len(operations) > 40 or ONLY.pattern
    seen = Counter[int]()
    faults = [
        fault
        for label, operation in operations
        for fault in faults_of(label, operation, served, client, incident, seen)
    ]
    strangers = seen.pop(TURNED_AWAY)
    assert not strangers, f"{strangers} of {seen.total()} answers: sign in first; nothing behind the door was tried"
    which = f" ({ONLY.pattern})" if ONLY.pattern else ""
    told("S1", f"{len(operations)} operations of the interface{which}, {EXAMPLES} requests each, of its document",
         f"{len(faults)} answers with a fault of the server or outside the document; "
         f"answered: {', '.join(f'{count} x {status}' for status, count in sorted(seen.items()))}")  # fmt: skip
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:25])


def test_planted_an_answer_outside_its_document_is_found(
    served: Any, client: Any, incident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = client.get("/api/v1/openapi.json").json()
    who = "GET /api/v1/session"
    assert not faults_of(who, dict(tried(document))[who], served, client, incident)
    answer = document["paths"]["/api/v1/session"]["get"]["responses"]["200"]["content"]["application/json"]
    answer["schema"] = {"type": "object", "required": ["nobody ever says this"]}
    assert "JsonSchemaError" in "".join(faults_of(who, dict(tried(document))[who], served, client, incident))
    # A number nobody checked: the server fails on it.
    monkeypatch.setattr(api_sessions, "_shape", lambda _person: 1 // 0)
    assert "-> 500" in "".join(faults_of(who, dict(tried(document))[who], served, client, incident))


def test_what_is_left_out_is_there(client: Any) -> None:
    document = client.get("/api/v1/openapi.json").json()
    there = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert set(LEFT_OUT) <= there


def test_every_operation_names_its_refusals_and_the_shape_of_its_answer(client: Any) -> None:
    document = client.get("/api/v1/openapi.json").json()
    bare = []
    for path, methods in document["paths"].items():
        if not path.startswith("/api/v1/"):
            continue
        for method, operation in methods.items():
            label = f"{method.upper()} {path}"
            answers = operation["responses"]
            if not {"400", "401", "403", "404", "409", "413", "415", "422", "429", "503"} <= set(answers):
                bare.append(f"{label}: names {sorted(answers)} only")
            good = [answer for status, answer in answers.items() if status.startswith("2")]
            if not any("content" in answer for answer in good) and "204" not in answers:
                bare.append(f"{label}: does not say what a good answer holds")
            if not operation.get("description"):
                bare.append(f"{label}: does not say what it does")
    assert not bare, "\n".join(bare)


WITHOUT_KEY = {
    "POST /api/v1/sessions": "signing in twice gives two sessions, which is what was asked",
    "POST /api/v1/incidents/{incident_id}/kept-lines": "every line brings its own key",
    "POST /api/v1/observations": "every message is known by its sensor, number and moment",
    "POST /api/v1/events": "every message is known by its source and number",
    "POST /api/v1/videos": "every camera is known by its number",
    "POST /api/v1/changes/receipts": "saying twice what has arrived changes nothing",
    "POST /api/v1/uploads": "a file handed in twice is two uploads, each forgotten unless it is brought in",
    "POST /api/v1/uploads/{key}/preview": "reads only",
    "POST /api/v1/uploads/{key}/trial": "reads only",
    "POST /api/v1/uploads/{key}/import": "the key of the upload stands in the address; it is brought in once",
    "POST /api/v1/imports/{import_id}/undo": "an import that was undone is undone",
    "POST /api/v1/alarms/{alarm_id}/acknowledgement": "what was acknowledged stays as it is",
    "POST /api/v1/alarms/{alarm_id}/escalation": "what was escalated stays as it is",
    "POST /api/v1/roll-calls": "calling again is another attempt, with a number of its own",
    "POST /api/v1/roll-calls/{number}/answer": "the first answer of a call is the one that counts",
    "POST /api/v1/incidents/{incident_id}/attachments": "a file is known by its hash; the same one is kept once",
    "POST /api/v1/plans/trial": "reads only",
    "POST /api/v1/plans": "the same version of a plan is refused the second time",
    "POST /api/v1/plans/{plan_id}/versions/{version}/paper": "the paper of a version is put in its place",
    "POST /api/v1/incidents/{incident_id}/plans/{plan_id}": "a plan adopted already is refused",
    "POST /api/v1/incidents/{incident_id}/cards/{card_id}": "citing a card again says the same once more",
    "POST /api/v1/handovers/{handover_id}/takeover": "what was taken over already is refused",
    "POST /api/v1/alerts/check": "reads only",
    "POST /api/v1/layers/within": "reads only",
    "POST /api/v1/risk-runs": "asking again while it goes on gives the one that goes on",
    "POST /api/v1/accounts": "a name that is taken is refused",
    "POST /api/v1/accounts/{name}/reset": "a password set again is another one, and only the last holds",
    "POST /api/v1/drills/check": "reads only",
    "POST /api/v1/drills/{name}/msel": "the folder of a drill is put in its place",
    "POST /api/v1/incidents/{incident_id}/what-if": "computes beside the record and keeps nothing",
    "POST /api/v1/nodes/heads": "a head is known by its incident and number",
    "POST /api/v1/nodes/messages": "every message brings the key it has in the record it comes from",
    "POST /api/v1/nodes/inbox/{origin}/{incident_id}/{message_id}/acknowledgement": "signing again changes nothing",
    "POST /api/v1/nodes/outbox/{row_id}/retry": "a row that waits already goes on waiting",
    "POST /api/v1/rectifications": "known by its layer, row and wording",
    "POST /api/v1/rectifications/{number}/steps": "a step that was taken is refused",
    "POST /api/v1/layers/{layer}/{feature_id}/unmask": "each look is a line of the audit by itself",
    "POST /api/v1/incidents/{incident_id}/entries/{seq}/unmask": "each look is a line of the audit by itself",
    "POST /api/v1/incidents/{incident_id}/messages/{message_id}/unmask": "each look is a line of the audit by itself",
    "POST /api/v1/plans/{plan_id}/unmask": "each look is a line of the audit by itself",
}
"""Writing operations that need no Idempotency-Key, and why."""


def test_every_writing_operation_takes_an_idempotency_key(client: Any) -> None:
    document = client.get("/api/v1/openapi.json").json()
    without = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            names = {one["name"].lower() for one in operation.get("parameters", [])}
            if method == "post" and path.startswith("/api/v1/") and "idempotency-key" not in names:
                without.add(f"POST {path}")
    assert without <= set(WITHOUT_KEY), "\n".join(sorted(without - set(WITHOUT_KEY)))


def test_the_log_of_the_incident_is_still_whole(served: Any, incident: str) -> None:
    """After all that was thrown at it."""
    from uuid import UUID

    from gis.database import Caller
    from scenarios import verify, verify_rows

    with served.house.database.transaction(Caller.system()) as connection:
        assert log.read(connection, UUID(incident), 0, 1)[0].kind == IncidentReported.code
    with verify_rows.database_rows(served.house.database.conninfo) as (heads, entries):
        found = verify.verify(heads, entries)
    assert found.ok, found.faults
