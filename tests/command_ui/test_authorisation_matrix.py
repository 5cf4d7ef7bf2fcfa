"""S2: is every cell of role x route, role x message and role x division as declared?"""

import ast
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import text

from command_ui.access import accounts, acts
from command_ui.access.policies import POLICIES, Policy, policy_for
from command_ui.access.roles import RIGHTS, Right, Role, SignedIn
from gis.database import Caller, Database
from gis.errors import RefusedError

ROLES: tuple[Role, ...] = tuple(role for role in get_args(Role) if role != "device")
RANGES = {
    "own": ("990102", "990103"),
    "sibling": ("990103", "990104"),
    "parent": ("990100", "990200"),
    "other": ("370000", "380000"),
}
INTO_NOTHING = {"handle": "0190a5a0-0000-7000-8000-00000000ffff", "incident_id": "0190a5a0-0000-7000-8000-00000000ffff"}


def person(role: Role) -> SignedIn:
    return SignedIn(f"m-{role}", "演练", role, "990100", "990200", "drill", "handle", "token")


def declared(policy: Policy, role: Role) -> bool:
    """The table written a second time: a route is open to a role that holds its right."""
    return policy.who in ("anyone", "someone") or policy.who in RIGHTS[role]


@pytest.fixture(scope="module")
def tokens(served: Any, database: Database) -> dict[str, str]:
    """A bearer token of every role and, of operators, of every range."""
    found = {}
    with database.transaction(Caller.system()) as connection:
        for role in ROLES:
            new = accounts.NewAccount(
                f"m-{role}", "演练", role, "990100", "990200", "drill", unit_id="DW-001", person=f"M-{role}",
                clearance="public" if role == "enterprise" else "restricted",
            )  # fmt: skip
            accounts.make(connection, new, "correct-horse-battery")
        for name, (low, high) in RANGES.items():
            new = accounts.NewAccount(f"r-{name}", "演练", "operator", low, high, "drill")
            accounts.make(connection, new, "correct-horse-battery")
        rows = connection.execute(text("SELECT id, name FROM access.account WHERE name ~ '^[mr]-'")).all()
    for row in rows:
        found[row.name] = served.app.state.sessions.open(row.id, "127.0.0.1").token
    return found


def test_every_right_is_held_and_every_role_is_known() -> None:
    assert set(RIGHTS) == set(get_args(Role))
    assert set(get_args(Right)) == set().union(*RIGHTS.values())


@pytest.mark.protection("05", "09")
@pytest.mark.parametrize("role", ROLES)
def test_every_cell_of_role_and_route(served: Any, tokens: dict[str, str], role: Role) -> None:
    wrong = []
    with served.client() as client:
        client.headers["authorization"] = f"Bearer {tokens[f'm-{role}']}"
        for policy in POLICIES:
            # What ends the session or starts a stream is driven elsewhere.
            if policy.who == "anyone" or "feed" in policy.path or policy.path in ("/sign-out", "/account/elsewhere"):
                continue
            path = re.sub(r"\{(\w+)(:path)?\}", lambda found: INTO_NOTHING.get(found[1], "0"), policy.path)
            if policy_for(policy.methods[0], path) is not policy:
                continue  # another, more general line answers this address
            for method in set(policy.methods) - {"WS", "HEAD"}:
                if (method, path) == ("DELETE", "/api/v1/session") or (
                    declared(policy, role) and not path.startswith("/api")
                ):
                    continue
                if declared(policy, role) and method != "GET":
                    continue  # let in; what it does then is its own tests' concern
                status = client.request(method, path).status_code
                if (status == 403) == declared(policy, role) and not (declared(policy, role) and "node" in path):
                    wrong.append((method, path, status))
    assert not wrong


def test_planted_without_the_check_of_rights_the_matrix_turns_red(
    served: Any, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SignedIn, "admits", lambda _self, _who: True)
    with pytest.raises(AssertionError):
        test_every_cell_of_role_and_route(served, tokens, "wall")


def test_a_check_taken_away_turns_a_cell_red(monkeypatch: pytest.MonkeyPatch) -> None:
    # The planted fault: a role that silently holds one right more differs from what is declared here by hand.
    by_hand = {
        "viewer": {"look"},
        "wall": {"look"},
        "pending": set(),
        "audit_admin": {"audit"},
        "system_admin": {"see_accounts", "keep_accounts"},
        "security_admin": {"see_accounts", "grant"},
    }
    assert {role: set(RIGHTS[role]) for role in by_hand} == by_hand
    monkeypatch.setitem(RIGHTS, "viewer", frozenset({"look", "order"}))
    assert {role: set(RIGHTS[role]) for role in by_hand} != by_hand


def test_the_three_administrators_hold_nothing_in_common_that_changes() -> None:
    three = [RIGHTS[role] - {"see_accounts"} for role in ("system_admin", "security_admin", "audit_admin")]
    assert all(not one & other for one in three for other in three if one is not other)
    assert all("look" not in one for one in three)


def kinds(repository: Path) -> set[str]:
    """Every kind of message any page understands, from the source."""
    found = {"theme", "language"}
    for path in sorted((repository / "command_ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "acts":
                tables = [part for part in ast.walk(node) if isinstance(part, ast.Dict)]
                found |= {str(key.value) for one in tables for key in one.keys if isinstance(key, ast.Constant)}
    return found


@pytest.mark.protection("09")
def test_every_message_of_every_page_has_a_declared_right(repository: Path) -> None:
    undeclared = {kind for kind in kinds(repository) if acts.who_may(kind) is None}
    assert not undeclared, f"declare {sorted(undeclared)} in command_ui/access/acts.py"
    assert {kind for named in acts.KINDS.values() for kind in named} <= kinds(repository), "a declared message is gone"


def test_every_cell_of_role_and_message(repository: Path) -> None:
    for kind in kinds(repository):
        who = acts.who_may(kind)
        assert who is not None
        for role in ROLES:
            if who == "someone" or who in RIGHTS[role]:
                acts.admit(kind, person(role))
            else:
                with pytest.raises(RefusedError):
                    acts.admit(kind, person(role))
    with pytest.raises(RefusedError, match="no declared right"):
        acts.admit("planted", person("commander"))


REPORT = {
    "title": "演练",
    "longitude": 118.7,
    "latitude": 31.4,
    "occurred_at": "2026-11-24T14:00:00+08:00",
    "division_code": "990102",
}


def test_every_cell_of_range_and_incident(served: Any, tokens: dict[str, str]) -> None:
    import uuid

    def client(name: str) -> Any:
        made = served.client()
        made.headers["authorization"] = f"Bearer {tokens[f'r-{name}']}"
        return made

    with client("own") as own:
        made = own.post("/api/v1/incidents", json=REPORT, headers={"idempotency-key": str(uuid.uuid4())})
        assert made.status_code == 201, made.text
        number = made.json()["incident_id"] if "incident_id" in made.json() else made.json()["incident"]["incident_id"]
    for name in RANGES:
        sees = name in ("own", "parent")
        with client(name) as visitor:
            listed = [one["incident_id"] for one in visitor.get("/api/v1/incidents").json()["incidents"]]
            assert (number in listed) is sees, name
            for path in ("", "/situation", "/entries", "/orders", "/reports", "/briefing"):
                answer = visitor.get(f"/api/v1/incidents/{number}{path}")
                assert (answer.status_code == 404) is not sees, (name, path, answer.status_code)
                if not sees:
                    # Not yours looks exactly like not there, but for the number of the request.
                    missing = visitor.get(f"/api/v1/incidents/{INTO_NOTHING['incident_id']}{path}")
                    assert {**answer.json(), "request_id": ""} == {**missing.json(), "request_id": ""}
