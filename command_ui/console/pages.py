"""Which pages does the console have, and which of them may this person open?"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from command_ui.access.policies import policy_for

if TYPE_CHECKING:
    from command_ui.access.roles import SignedIn


@dataclass(frozen=True, slots=True)
class Page:
    """
    One page behind the app bar's menu.

    Attributes
    ----------
    code
        Name of the page; its words are ``page.<code>`` (title) and ``page.<code>.hint`` (one line).
    path
        Address below the origin. It needs two policies: ``GET path`` and ``WS path/ws``.
    icon
        Name of a picture in ``page/icons.js``.
    made_by
        ``module:Class`` of a `command_ui.console.shell.ShellPage`; imported when the page is first opened.
    bundles
        Names of the JavaScript bundles it is drawn from, announced to the browser early.
    in_menu
        Whether the menu lists it; pages reached from a row (a dossier) do not stand there.
    """

    code: str
    path: str
    icon: str
    made_by: str
    bundles: tuple[str, ...] = ("console",)
    in_menu: bool = True

    def opened_by(self) -> Any:
        """Class that makes this page."""
        module, _, name = self.made_by.partition(":")
        return getattr(import_module(module), name)


PAGES: tuple[Page, ...] = (
    Page("map", "/", "globe", "command_ui.console.desk_page:DeskPage", bundles=("console", "consult")),
    Page("dossier", "/dossier", "document", "command_ui.console.file_page:FilePage", bundles=("console", "plantfile")),
    Page("alarms", "/alarms", "bell", "command_ui.console.alarm_page:AlarmPage", bundles=("console", "alarms")),
    Page("data", "/data", "layers", "command_ui.console.data_page:DataPage", bundles=("console", "dataroom")),
    Page(
        "analysis",
        "/analysis",
        "range",
        "command_ui.console.analysis_page:AnalysisPage",
        bundles=("console", "analysis"),
    ),
    Page("report", "/report", "report", "command_ui.console.report_page:ReportPage", bundles=("console", "report")),
    Page("plans", "/plans", "table", "command_ui.console.plans_page:PlansPage", bundles=("console", "planroom")),
    Page("drill", "/drill", "flag", "command_ui.console.drill_page:DrillPage", bundles=("console", "drill")),
    Page("replay", "/replay", "replay", "command_ui.console.replay_page:ReplayPage", bundles=("console", "replay")),
    Page("nodes", "/nodes", "link", "command_ui.console.nodes_page:NodesPage", bundles=("console", "noderoom")),
    Page("wall", "/wall", "wall", "command_ui.console.wall_page:WallPage", bundles=("console", "wall")),
    Page(
        "accounts",
        "/accounts",
        "people",
        "command_ui.console.accounts_page:AccountsPage",
        bundles=("console", "accounts"),
    ),
    Page("audit", "/audit", "document", "command_ui.console.accounts_page:AuditPage", bundles=("console", "accounts")),
    Page("guide", "/guide", "book", "command_ui.console.guide_page:GuidePage", bundles=("console", "guide")),
)
"""In the order of the menu."""


def page_of(code: str) -> Page:
    """Give the page with this code; KeyError when there is none."""
    return {page.code: page for page in PAGES}[code]


def menu_for(person: "SignedIn") -> list[dict[str, str]]:
    """List the pages this person may open, as the app bar draws them."""
    found = []
    for page in PAGES:
        policy = policy_for("GET", page.path)
        if page.in_menu and policy and policy.who != "anyone" and person.admits(policy.who):
            found.append({"code": page.code, "path": page.path, "icon": page.icon})
    return found
