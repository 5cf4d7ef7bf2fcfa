"""How is the page of other nodes opened? What it shows it asks the interface for, again every few seconds."""

from command_ui.console.nodes_components import NodeRoom
from command_ui.console.part import Part
from command_ui.console.shell import ShellPage

TABS = ("out", "in", "foreign")


class NodesPage(ShellPage):
    """The page 上下级联网: lines, what goes out, what came in, incidents of other nodes."""

    code = "nodes"

    def build(self) -> tuple[Part, ...]:
        """Make the one part of the page."""
        tab = self.asked.get("tab", "in")
        self.view = NodeRoom(
            theme=self.state.theme,
            language=self.language,
            csrf_token=self.person.csrf_token,
            can_report=self.person.may("report"),
            tab=tab if tab in TABS else "in",
            **self.common,
        )
        return (self.view,)
