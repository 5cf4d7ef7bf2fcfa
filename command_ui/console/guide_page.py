"""How is the program used? The guide, open beside the desk in a window of its own."""

from command_ui.console.act import Act, Json
from command_ui.console.guide_components import Guide
from command_ui.console.part import Part
from command_ui.console.shell import ShellPage
from command_ui.guide.chapters import chapters


class GuidePage(ShellPage):
    """The guide 使用说明."""

    code = "guide"

    def build(self) -> tuple[Part, ...]:
        """Make the one part of the page."""
        self.view = Guide(theme=self.state.theme, language=self.language, chapters=self._chapters(), **self.common)
        return (self.view,)

    def acts(self) -> dict[str, Act]:
        """The book lies with the reader: nothing is asked of the server."""
        return {}

    async def respeak(self) -> None:
        """Give the chapters in the language chosen now."""
        self.view.param.update(language=self.language, chapters=self._chapters())

    def repaint(self) -> None:
        """Follow the theme."""
        self.view.theme = self.state.theme

    def _chapters(self) -> list[Json]:
        return [{"code": one.code, "title": one.title, "pieces": list(one.pieces)} for one in chapters(self.language)]
