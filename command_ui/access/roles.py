"""Who is signed in, and what may the role do?"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Literal

from gis.database import Caller
from gis.errors import RefusedError
from gis.provenance import Mode

Role = Literal[
    "operator", "commander", "expert", "viewer", "wall", "machine", "device", "field", "enterprise", "controller",
    "evaluator", "system_admin", "security_admin", "audit_admin", "pending",
]  # fmt: skip
Right = Literal[
    "look", "report", "assess", "close_roads", "dispatch", "order", "carry_out", "decide", "ingest", "direct",
    "evaluate", "see_accounts", "keep_accounts", "grant", "audit", "unmask",
]  # fmt: skip
Label = Literal["public", "internal", "restricted"]
Who = Literal["anyone", "someone"] | Right
"""`anyone` needs no sign-in, `someone` any person or program signed in; a right needs a role that holds it."""

RIGHTS: Mapping[Role, frozenset[Right]] = {
    # 值班员: reports, notes, runs, closed roads, teams, orders; writes down by telephone what the field says
    "operator": frozenset({"look", "report", "assess", "close_roads", "dispatch", "order", "carry_out", "unmask"}),
    # 值班领导 / 指挥长: grade, level, decision, end
    "commander": frozenset(
        {"look", "report", "assess", "close_roads", "dispatch", "order", "carry_out", "decide", "unmask"}
    ),
    # 专家: checks and reruns, never orders; in drills he may direct and judge, for he plays no part in them
    "expert": frozenset({"look", "assess"}),
    "viewer": frozenset({"look"}),  # 成员单位
    "wall": frozenset({"look"}),  # 值守大屏
    "machine": frozenset({"look", "report", "close_roads"}),  # another system, such as that of the traffic police
    "field": frozenset({"look", "carry_out"}),  # 现场队伍: the orders of its own team, and words from the scene
    "device": frozenset({"ingest"}),  # a gateway of sensors: hands in messages and sees nothing
    "enterprise": frozenset({"look"}),  # 企业/园区值班: what is labelled public
    "controller": frozenset({"look", "direct"}),  # 导调员: runs the drill, touches nothing live
    "evaluator": frozenset({"look", "evaluate"}),  # 评估员: watches and rates
    # 三员: one keeps the accounts, one gives the rights, one reads what both did; none of them sees the map
    "system_admin": frozenset({"see_accounts", "keep_accounts"}),
    "security_admin": frozenset({"see_accounts", "grant"}),
    "audit_admin": frozenset({"audit"}),
    "pending": frozenset(),  # 待授权: made by the system administrator, not yet given anything
}
"""What each role may do."""

ADMINISTRATORS: frozenset[Role] = frozenset({"system_admin", "security_admin", "audit_admin"})
"""三员: never the same person; the database holds it by an index over the person's number."""
TWO_FACTORS: frozenset[Role] = frozenset({"commander", *ADMINISTRATORS})
"""Who never comes in by a password alone, but for the sample city's accounts."""
HOME: Mapping[Role, str] = {
    "field": "/field",
    "system_admin": "/accounts",
    "security_admin": "/accounts",
    "audit_admin": "/audit",
    "pending": "/account",
}
"""Page a role comes to after the sign-in when it asked for none; everybody else comes to the map."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """
    A person or machine behind one sign-in.

    Attributes
    ----------
    handle
        Public name of the session; worth nothing without the cookie.
    csrf_token
        What a page must send back in `X-CSRF-Token` with every unsafe request.
    unit_id
        Response team the account stands for; empty for everybody who is not at the scene.
    clearance
        Highest label of rows the account may see.
    by_cookie
        Whether this request was let in by the cookie (then CSRF rules hold) and not by a bearer token.
    """

    name: str
    display_name: str
    role: Role
    division_from: str
    division_to: str
    mode: Mode
    handle: str
    csrf_token: str
    by_cookie: bool = True
    unit_id: str = ""
    clearance: Label = "restricted"

    def caller(self) -> Caller:
        """Give the identity under which every transaction of this person runs."""
        in_cell = self.may("direct") or self.may("evaluate")
        return Caller(self.name, self.division_from, self.division_to, self.mode, self.clearance, sees_sealed=in_cell)

    def may(self, right: Right) -> bool:
        """Tell whether the role has a right."""
        return right in RIGHTS[self.role]

    def admits(self, who: Who) -> bool:
        """Tell whether something declared for `who` is open to this person."""
        return who == "anyone" or (self.role != "device" if who == "someone" else self.may(who))

    def require(self, right: Right) -> None:
        """
        Pass if the role has a right.

        Raises
        ------
        RefusedError
            It has not.
        """
        if not self.may(right):
            raise RefusedError(f"the role '{self.role}' may not {right}; ask an operator or commander")

    def by_bearer(self) -> "SignedIn":
        """Give the same person, let in by a bearer token."""
        return replace(self, by_cookie=False)


current: ContextVar[SignedIn | None] = ContextVar("onemap_signed_in", default=None)
"""Set by the guard for the time of one request, or of one websocket with all its callbacks."""


def signed_in() -> SignedIn:
    """
    Give who stands behind the present request or page callback.

    Raises
    ------
    RefusedError
        Nobody does.
    """
    person = current.get()
    if person is None:
        raise RefusedError("nobody is signed in here; sign in first")
    return person
