"""Who may use which address? Every route stands here; one that does not is closed to everybody."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from command_ui.access.roles import Who


@dataclass(frozen=True, slots=True)
class Policy:
    """
    One declared address.

    Attributes
    ----------
    path
        As the router writes it; `{name}` stands for one part, `{name:path}` for the rest.
    methods
        What it answers; `WS` is a websocket.
    form
        Whether the route itself checks a token in the form body, because a page without JavaScript cannot send the
        header `X-CSRF-Token`. The Origin is checked all the same.
    limit_bytes
        The largest body taken; only what receives files allows more than a megabyte.
    export
        Whether its answer leaves the house as a file; each time is a line of the audit.
    own_line
        Whether the route writes its lines of the audit itself, together with what it changes.
    page_socket
        Whether a websocket is a page's own and must bring the token of its HTML; Origin and sign-in are checked anyway.
    """

    path: str
    methods: tuple[str, ...]
    who: Who
    form: bool = False
    limit_bytes: int = 1_000_000
    page_socket: bool = True
    export: bool = False
    own_line: bool = False

    @property
    def changes(self) -> bool:
        """Whether unsafe requests to it change something: no mere look, and no message of a device."""
        return self.who not in ("anyone", "someone", "look", "ingest") and not self.own_line


_GET = ("GET", "HEAD")

POLICIES: tuple[Policy, ...] = (
    # the door
    Policy("/healthz", _GET, "anyone"),
    Policy("/sign-in", ("GET", "HEAD", "POST"), "anyone", form=True),
    Policy("/sign-in/code", ("POST",), "anyone", form=True),
    Policy("/sign-in/password", ("POST",), "anyone", form=True),
    Policy("/sign-in/device", ("POST",), "anyone", form=True),
    Policy("/sign-in/outside", ("GET",), "anyone"),
    Policy("/sign-in/outside/back", ("GET",), "anyone"),
    Policy("/sign-in/outside/ended", ("POST",), "anyone", form=True),
    Policy("/sign-in/{step}", ("GET",), "anyone"),
    Policy("/sign-out", ("POST",), "someone", form=True),
    Policy("/set-up", ("GET", "POST"), "anyone", form=True),
    Policy("/account", ("GET",), "someone"),
    Policy("/account/password", ("POST",), "someone", form=True),
    Policy("/account/device", ("POST",), "someone", form=True),
    Policy("/account/elsewhere", ("POST",), "someone", form=True),
    # the three administrators
    Policy("/accounts", _GET, "see_accounts"),
    Policy("/accounts/ws", ("WS",), "see_accounts"),
    Policy("/audit", _GET, "audit"),
    Policy("/audit/ws", ("WS",), "audit"),
    Policy("/api/v1/accounts", _GET, "see_accounts"),
    Policy("/api/v1/accounts", ("POST",), "keep_accounts", own_line=True),
    Policy("/api/v1/accounts/sessions", _GET, "see_accounts"),
    Policy("/api/v1/accounts/sessions/{handle}", ("DELETE",), "see_accounts", own_line=True),
    Policy("/api/v1/accounts/rules", _GET, "see_accounts"),
    Policy("/api/v1/accounts/rules", ("PUT",), "grant", own_line=True),
    Policy("/api/v1/accounts/{name}/rights", ("PUT",), "grant", own_line=True),
    Policy("/api/v1/accounts/{name}/state", ("PUT",), "keep_accounts", own_line=True),
    Policy("/api/v1/accounts/{name}/reset", ("POST",), "keep_accounts", own_line=True),
    Policy("/api/v1/audit", _GET, "audit"),
    Policy("/api/v1/audit/counts", _GET, "audit"),
    Policy("/api/v1/audit/copy", _GET, "audit"),
    Policy("/api/v1/audit/verification", _GET, "audit"),
    Policy("/api/v1/audit/file", _GET, "audit", own_line=True),
    # program files without any data: our own and those of the libraries
    Policy("/assets/{name:path}", _GET, "anyone"),
    Policy("/static/{name:path}", _GET, "anyone"),
    Policy("/favicon.ico", _GET, "anyone"),
    # the console: its page, its websocket, the scripts of its components
    Policy("/", _GET, "look"),
    Policy("/ws", ("WS",), "look"),
    Policy("/analysis", _GET, "look"),
    Policy("/analysis/ws", ("WS",), "look"),
    Policy("/dossier", _GET, "look"),
    Policy("/dossier/ws", ("WS",), "look"),
    Policy("/dossier/{layer}/{feature_id}", _GET, "look"),
    Policy("/alarms", _GET, "look"),
    Policy("/alarms/ws", ("WS",), "look"),
    Policy("/data", _GET, "look"),
    Policy("/data/ws", ("WS",), "look"),
    Policy("/report", _GET, "look"),
    Policy("/report/ws", ("WS",), "look"),
    Policy("/plans", _GET, "look"),
    Policy("/plans/ws", ("WS",), "look"),
    Policy("/replay", _GET, "look"),
    Policy("/replay/ws", ("WS",), "look"),
    Policy("/nodes", _GET, "look"),
    Policy("/nodes/ws", ("WS",), "look"),
    Policy("/wall", _GET, "look"),
    Policy("/wall/ws", ("WS",), "look"),
    Policy("/drill", _GET, "look"),
    Policy("/drill/ws", ("WS",), "look"),
    Policy("/guide", _GET, "look"),
    Policy("/guide/ws", ("WS",), "look"),
    Policy("/field", _GET, "carry_out"),
    # its files hold no data: a kept page must be able to renew them before anybody signs in
    Policy("/field/{name}", _GET, "anyone"),
    Policy("/components/{name:path}", _GET, "someone"),
    # the line of a consultation: what the presenter shows, cut to the rights of whoever follows
    Policy("/consultations/{consultation_id}/line", ("WS",), "look", page_socket=False),
    # the line of an incident: what was recorded since, cut to the rights of whoever looks
    Policy("/incidents/{incident_id}/line", ("WS",), "look", page_socket=False),
    # tiles
    Policy("/tiles/base/{z}/{x}/{y}.mvt", _GET, "look"),
    Policy("/tiles/{layer}/{z}/{x}/{y}.mvt", _GET, "look"),
    Policy("/tiles/tianditu/{layer}/{matrix}/{z}/{x}/{y}", _GET, "look"),
    Policy("/tiles/tianditu/state", _GET, "look"),
    # the interface for programs
    Policy("/api/v1/openapi.json", _GET, "look"),
    Policy("/api/v1/session", ("GET", "HEAD", "DELETE"), "someone"),
    Policy("/api/v1/sessions", ("POST",), "anyone"),
    Policy("/api/v1/feed", ("GET",), "look"),
    Policy("/api/v1/observations", ("POST",), "ingest"),
    Policy("/api/v1/events", ("POST",), "ingest"),
    Policy("/api/v1/videos", ("POST",), "ingest"),
    Policy("/api/v1/incidents", _GET, "look"),
    Policy("/api/v1/incidents", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/situation", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/entries", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/entries", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}/entries/{seq}/correction", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}/kept-lines", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}/briefing", _GET, "look", export=True),
    Policy("/api/v1/incidents/{incident_id}/replay", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/replay/situation", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/replay/differences", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/replay/file", _GET, "look", export=True),
    Policy("/api/v1/incidents/{incident_id}/what-if", ("POST",), "assess"),
    Policy("/api/v1/incidents/{incident_id}/orders", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/orders", ("POST",), "order"),
    Policy("/api/v1/incidents/{incident_id}/orders/{order_id}", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/orders/{order_id}", ("PUT",), "order"),
    Policy("/api/v1/incidents/{incident_id}/orders/{order_id}/steps", ("POST",), "carry_out"),
    Policy("/api/v1/incidents/{incident_id}/orders/{order_id}/notes", ("POST",), "carry_out"),
    Policy("/api/v1/incidents/{incident_id}/orders/{order_id}/reviews", ("POST",), "order"),
    Policy("/api/v1/incidents/{incident_id}/messages", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/messages", ("POST",), "order"),
    Policy("/api/v1/incidents/{incident_id}/messages/{message_id}/again", ("POST",), "order"),
    Policy("/api/v1/incidents/{incident_id}/messages/{message_id}/answer", ("POST",), "order"),
    Policy("/api/v1/incidents/{incident_id}/people", _GET, "order"),
    Policy("/api/v1/incidents/{incident_id}/doubts", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/field-reports", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/field-reports", ("POST",), "carry_out"),
    Policy("/api/v1/incidents/{incident_id}/field-reports/{seq}/answer", ("POST",), "order"),
    Policy("/api/v1/incidents/{incident_id}/attachments", ("POST",), "carry_out", limit_bytes=11 * 1024 * 1024),
    Policy("/api/v1/incidents/{incident_id}/attachments/{sha256}", _GET, "look", export=True),
    Policy("/api/v1/incidents/{incident_id}/decisions", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/decisions", ("POST",), "decide"),
    Policy("/api/v1/incidents/{incident_id}/decisions/{decision_id}", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/decisions/{decision_id}/situation", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/decisions/{decision_id}/strike", ("POST",), "decide"),
    Policy("/api/v1/field", _GET, "carry_out"),
    Policy("/api/v1/incidents/{incident_id}/reports", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/reports", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}/reports/draft", ("GET", "HEAD"), "look"),
    Policy("/api/v1/incidents/{incident_id}/reports/draft", ("PUT", "DELETE"), "report"),
    Policy("/api/v1/incidents/{incident_id}/reports/draft/file", _GET, "look", export=True),
    Policy("/api/v1/incidents/{incident_id}/reports/{entry}", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/reports/{entry}/file", _GET, "look", export=True),
    Policy("/api/v1/incidents/{incident_id}/reports/{entry}/answers", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}/alert", _GET, "look"),
    Policy("/api/v1/alerts/check", ("POST",), "look"),
    Policy("/api/v1/bulletins", _GET, "look"),
    Policy("/api/v1/bulletins", ("POST",), "report"),
    Policy("/api/v1/bulletins/{issue_id}/file", _GET, "look", export=True),
    Policy("/api/v1/reporting-policies", _GET, "look"),
    Policy("/api/v1/kinds", _GET, "look"),
    Policy("/api/v1/alarms", _GET, "look"),
    Policy("/api/v1/alarms/{alarm_id}/acknowledgement", ("POST",), "report"),
    Policy("/api/v1/alarms/{alarm_id}/escalation", ("POST",), "report"),
    Policy("/api/v1/roll-calls", _GET, "look"),
    Policy("/api/v1/roll-calls", ("POST",), "report"),
    Policy("/api/v1/roll-calls/{number}/answer", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}/assessments", ("POST",), "assess"),
    Policy("/api/v1/incidents/{incident_id}/closures", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/closures", ("POST",), "close_roads"),
    Policy("/api/v1/incidents/{incident_id}/closures/{closure_id}", ("PATCH", "DELETE"), "close_roads"),
    Policy("/api/v1/incidents/{incident_id}/routes.gpx", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/routes.geojson", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/closing-points.csv", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/teams/{team_id}", ("POST", "DELETE"), "dispatch"),
    Policy("/api/v1/incidents/{incident_id}/teams/{team_id}/way", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/map", _GET, "look"),
    Policy("/api/v1/signs", _GET, "look"),
    Policy("/api/v1/signs/{code}.svg", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/marks", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/marks", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}/marks/file", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}/marks/{mark_id}", ("PATCH", "DELETE"), "report"),
    Policy("/api/v1/incidents/{incident_id}/marks/{mark_id}/restored", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}/marks.geojson", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/marks.kml", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/marks.svg", _GET, "look"),
    Policy("/api/v1/consultations", _GET, "look"),
    Policy("/api/v1/consultations/{room_id}/view", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/consultations", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/consultations", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}/consultations/{name}", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/consultations/{name}/calls", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}/consultations/{name}/answers", ("POST",), "report"),
    Policy("/api/v1/incidents/{incident_id}/consultations/{name}/presenter", ("PUT",), "look"),
    Policy("/api/v1/incidents/{incident_id}/consultations/{name}/lock", ("PUT",), "report"),
    Policy("/api/v1/incidents/{incident_id}/consultations/{name}/agenda", ("PUT",), "report"),
    Policy("/api/v1/incidents/{incident_id}/consultations/{name}/words", ("GET", "HEAD", "POST"), "look"),
    Policy("/api/v1/incidents/{incident_id}/consultations/{name}/conclusion", ("POST",), "report"),
    Policy("/api/v1/layers", _GET, "look"),
    Policy("/api/v1/layers/{layer}/count", _GET, "look"),
    Policy("/api/v1/layers/within", ("POST",), "look"),
    Policy("/api/v1/layers/{layer}/rows", _GET, "look"),
    Policy("/api/v1/layers/{layer}/export", _GET, "look", export=True),
    # what is masked everywhere: one row at a time, with a reason, and its own line of the audit
    Policy("/api/v1/personal-columns", _GET, "look"),
    Policy("/api/v1/layers/{layer}/{feature_id}/unmask", ("POST",), "unmask", own_line=True),
    Policy("/api/v1/incidents/{incident_id}/entries/{seq}/unmask", ("POST",), "unmask", own_line=True),
    Policy("/api/v1/incidents/{incident_id}/messages/{message_id}/unmask", ("POST",), "unmask", own_line=True),
    Policy("/api/v1/plans/{plan_id}/unmask", ("POST",), "unmask", own_line=True),
    Policy("/api/v1/quality", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/workplaces", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/hospitals", _GET, "look"),
    Policy("/api/v1/rectifications", _GET, "look"),
    Policy("/api/v1/rectifications", ("POST",), "report"),
    Policy("/api/v1/rectifications/{number}", _GET, "look"),
    Policy("/api/v1/rectifications/{number}/steps", ("POST",), "report"),
    Policy("/api/v1/uploads", ("POST",), "report", limit_bytes=200 * 1024 * 1024),
    Policy("/api/v1/uploads/{key}", _GET, "report"),
    Policy("/api/v1/uploads/{key}/preview", ("POST",), "report"),
    Policy("/api/v1/uploads/{key}/trial", ("POST",), "report"),
    Policy("/api/v1/uploads/{key}/import", ("POST",), "report"),
    Policy("/api/v1/uploads/{key}/report", _GET, "report"),
    Policy("/api/v1/imports", _GET, "report"),
    Policy("/api/v1/imports/{import_id}/undo", ("POST",), "report"),
    Policy("/api/v1/risk-runs", ("POST",), "report"),
    Policy("/api/v1/risk-runs/{key}", _GET, "report"),
    Policy("/api/v1/risk/{kind}/{feature_id}", _GET, "look"),
    Policy("/api/v1/layers/{layer}/{feature_id}", _GET, "look"),
    Policy("/api/v1/search", _GET, "look"),
    Policy("/api/v1/changes", _GET, "look"),
    Policy("/api/v1/changes/receipts", ("GET", "HEAD", "POST"), "look"),
    Policy("/ogc", _GET, "look"),
    Policy("/ogc/conformance", _GET, "look"),
    Policy("/ogc/api", _GET, "look"),
    Policy("/ogc/collections", _GET, "look"),
    Policy("/ogc/collections/{key}", _GET, "look"),
    Policy("/ogc/collections/{key}/schema", _GET, "look"),
    Policy("/ogc/collections/{key}/items", _GET, "look", export=True),
    Policy("/ogc/collections/{key}/items/{feature_id}", _GET, "look"),
    Policy("/ogc/collections/{key}/tiles", _GET, "look"),
    Policy("/ogc/collections/{key}/tiles/{matrix}", _GET, "look"),
    Policy("/ogc/tileMatrixSets", _GET, "look"),
    Policy("/ogc/tileMatrixSets/{matrix}", _GET, "look"),
    Policy("/api/v1/enterprises/{enterprise_id}/file", _GET, "look", export=True),
    Policy("/api/v1/hazard-sources/{unit_id}/working", _GET, "look"),
    Policy("/api/v1/hazard-sources/{unit_id}/ledger", _GET, "look"),
    Policy("/api/v1/chemical-flows", _GET, "look"),
    Policy("/api/v1/ledger/above-design", _GET, "look"),
    Policy("/api/v1/plans", _GET, "look"),
    Policy("/api/v1/plans", ("POST",), "report", limit_bytes=8 * 1024 * 1024),
    Policy("/api/v1/plans/trial", ("POST",), "report", limit_bytes=8 * 1024 * 1024),
    Policy("/api/v1/plans/{plan_id}", _GET, "look"),
    Policy("/api/v1/plans/{plan_id}/versions/{version}/paper", _GET, "look", export=True),
    Policy("/api/v1/plans/{plan_id}/versions/{version}/paper", ("POST",), "report", limit_bytes=50 * 1024 * 1024),
    Policy("/api/v1/incidents/{incident_id}/plans", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/plans/{plan_id}", ("POST",), "order"),
    Policy("/api/v1/cards", _GET, "look"),
    Policy("/api/v1/cards/{card_id}", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/cards/{card_id}", ("POST",), "report"),
    Policy("/api/v1/stock", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/supplies", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/supplies", ("POST",), "dispatch"),
    Policy("/api/v1/incidents/{incident_id}/supplies/{stock_id}", ("DELETE",), "dispatch"),
    Policy("/api/v1/incidents/{incident_id}/stand-down", ("POST",), "dispatch"),
    Policy("/api/v1/handovers", _GET, "look"),
    Policy("/api/v1/handovers", ("POST",), "report"),
    Policy("/api/v1/handovers/open-items", _GET, "look"),
    Policy("/api/v1/handovers/{handover_id}/takeover", ("POST",), "report"),
    Policy("/api/v1/drills", _GET, "look"),
    Policy("/api/v1/drills/{name}/msel", _GET, "direct"),
    Policy("/api/v1/drills/{name}/msel", ("POST",), "direct", limit_bytes=4 * 1024 * 1024 + 1024),
    Policy("/api/v1/exercises", _GET, "look"),
    Policy("/api/v1/exercises", ("POST",), "direct"),
    # who only plays is told by the route that the list opens with the end
    Policy("/api/v1/exercises/{exercise_id}", _GET, "look"),
    Policy("/api/v1/exercises/{exercise_id}/roles/{role}", _GET, "look"),
    Policy("/api/v1/exercises/{exercise_id}/msel", _GET, "look", export=True),
    Policy("/api/v1/exercises/{exercise_id}/after-action", _GET, "look", export=True),
    Policy("/api/v1/exercises/{exercise_id}/steps", ("POST",), "direct"),
    Policy("/api/v1/exercises/{exercise_id}/means", _GET, "direct"),
    Policy("/api/v1/exercises/{exercise_id}/injects", ("POST",), "direct"),
    Policy("/api/v1/exercises/{exercise_id}/injects/{inject}", ("PATCH",), "direct"),
    Policy("/api/v1/exercises/{exercise_id}/notes", ("POST",), "direct"),
    Policy("/api/v1/exercises/{exercise_id}/findings", ("POST",), "evaluate"),
    Policy("/api/v1/exercises/{exercise_id}/judgements", ("POST",), "evaluate"),
    Policy("/api/v1/exercises/{exercise_id}/ratings", ("POST",), "evaluate"),
    Policy("/api/v1/exercises/{exercise_id}/marks", ("POST",), "evaluate"),
    Policy("/api/v1/exercises/{exercise_id}/withdrawals", ("POST",), "evaluate"),
    Policy("/api/v1/exercises/{exercise_id}/incidents", ("POST",), "direct"),
    Policy("/api/v1/exercises/{exercise_id}/export", _GET, "look"),
    Policy("/api/v1/drills/check", ("POST",), "direct"),
    Policy("/api/v1/substances", _GET, "look"),
    Policy("/api/v1/substances/{name}", _GET, "look"),
    # other nodes: what they hand in is signed with the key of a neighbour and looked at by `api.node_door` itself
    Policy("/api/v1/nodes/messages", ("POST",), "anyone", limit_bytes=14 * 1024 * 1024),
    Policy("/api/v1/nodes/heads", ("POST",), "anyone"),
    Policy("/api/v1/nodes", _GET, "look"),
    Policy("/api/v1/nodes/state", _GET, "look"),
    Policy("/api/v1/nodes/outbox", _GET, "look"),
    Policy("/api/v1/nodes/outbox/{row_id}/retry", ("POST",), "report"),
    Policy("/api/v1/nodes/inbox", _GET, "look"),
    Policy("/api/v1/nodes/inbox/{origin}/{incident_id}/{message_id}", _GET, "look"),
    Policy("/api/v1/nodes/inbox/{origin}/{incident_id}/{message_id}/document", _GET, "look"),
    Policy("/api/v1/nodes/inbox/{origin}/{incident_id}/{message_id}/acknowledgement", ("POST",), "report"),
    Policy("/api/v1/nodes/incidents", _GET, "look"),
    Policy("/api/v1/nodes/incidents/{origin}/{incident_id}/entries", _GET, "look"),
    Policy("/api/v1/incidents/{incident_id}/passing", ("POST",), "report"),
)


@lru_cache(maxsize=1024)
def policy_for(method: str, path: str) -> Policy | None:
    """Find the policy of an address, or None when it is closed; `method` is `WS` for a websocket."""
    for pattern, policy in _patterns():
        if method in policy.methods and pattern.fullmatch(path):
            return policy
    return None


def methods_of(path: str) -> frozenset[str]:
    """Give every method declared for an address; empty when nobody declared it."""
    return frozenset(method for pattern, policy in _patterns() if pattern.fullmatch(path) for method in policy.methods)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Policy], ...]:
    return tuple((re.compile(_regex(policy.path)), policy) for policy in POLICIES)


def _regex(path: str) -> str:
    parts = re.split(r"(\{\w+(?::path)?\})", path)
    return "".join(
        (".*" if part.endswith(":path}") else "[^/]+") if part.startswith("{") else re.escape(part) for part in parts
    )
