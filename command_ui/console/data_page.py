"""How do layers, imports and the quality of the registers come onto one page?"""

import asyncio
import json

from command_ui.basemaps import credits_for_page
from command_ui.console.act import Act, Json
from command_ui.console.data_components import DataRoom
from command_ui.console.part import Part
from command_ui.console.shell import ShellPage
from layers import catalogue, filters, styles
from layers.importing.fields import importable
from layers.importing.findings import RULES


class DataPage(ShellPage):
    """The data page 图层与底数."""

    code = "data"

    def build(self) -> tuple[Part, ...]:
        """Make the one part of the page."""
        self.view = DataRoom(
            theme=self.state.theme,
            language=self.language,
            symbology=json.loads(json.dumps(styles.as_json())),
            basemaps={"credits": credits_for_page(self.store.house.settings)},
            csrf_token=self.person.csrf_token,
            can_import=self.person.may("report"),
            importable=list(importable()),
            rules=list(RULES),
            columns=self._columns(),
            **self.common,
        )
        return (self.view,)

    def acts(self) -> dict[str, Act]:
        """Pull again: after an import, or when asked."""
        return {"refresh": self._refresh}

    async def load(self) -> None:
        """Pull the app bar and the layer tree."""
        ground = self.store.ground
        layers = await asyncio.to_thread(ground.layers, self.language)
        home = await asyncio.to_thread(ground.home)
        self.view.param.update(layers=layers, home=home)
        await self.pull_bar()

    async def respeak(self) -> None:
        """Titles were worded on the server."""
        self.view.columns = self._columns()
        await self.load()

    def _columns(self) -> dict[str, list[Json]]:
        at = 0 if self.language == "zh" else 1
        return {
            spec.key: [
                {"column": column, "title": titles[at]}
                for column, titles in filters.titles_of(spec).items()
                if column != "label"
            ]
            for spec in catalogue.LAYERS
            if spec.connected
        }

    async def _refresh(self, _message: Json) -> None:
        await self.load()
