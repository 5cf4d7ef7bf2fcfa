"""How is the file of an enterprise opened? By its number in the address, from the map, or by the page's own search."""

import asyncio
import json

from command_ui.basemaps import credits_for_page
from command_ui.console import file_content
from command_ui.console.act import Act, Json
from command_ui.console.fault_words import worded
from command_ui.console.file_components import EnterpriseFile
from command_ui.console.part import Part
from command_ui.console.shell import ShellPage
from command_ui.console.unmask_desk import UnmaskDesk
from gis.errors import OneMapError
from layers import enterprise_file, styles


class FilePage(ShellPage):
    """The dossier page 企业档案."""

    code = "dossier"

    def build(self) -> tuple[Part, ...]:
        """Make the one part of the page."""
        self.view = EnterpriseFile(
            theme=self.state.theme,
            language=self.language,
            symbology=json.loads(json.dumps(styles.as_json())),
            basemaps={"credits": credits_for_page(self.store.house.settings)},
            can_report=self.person.may("report"),
            wanted=self.asked.get("id", ""),
            **self.common,
        )
        self._layer = self.asked.get("layer", "enterprise")
        self.unmasking = UnmaskDesk(self, self.view)
        return (self.view,)

    def acts(self) -> dict[str, Act]:
        """Open another file, search, try again, see a name or a number."""
        acts: dict[str, Act] = {"open_file": self._open, "search": self._search, "refresh": self._refresh}
        return acts | self.unmasking.acts()

    async def load(self) -> None:
        """Pull the app bar and the file asked for, or where to begin."""
        await self.pull_bar()
        await self.pull()

    async def respeak(self) -> None:
        """Titles and codes were worded on the server."""
        await self.pull()

    async def pull(self) -> None:
        """Draw the file asked for."""
        database, caller = self.store.house.database, self.person.caller()
        try:
            if not self.view.wanted:
                choices = await asyncio.to_thread(file_content.starting_points, database, caller, self.language)
                self.view.param.update(file=None, choices=choices, fault="")
                return
            wanted = await asyncio.to_thread(self._owner, self._layer, self.view.wanted)
            found = await asyncio.to_thread(file_content.content, database, caller, wanted, self.language)
            self.view.param.update(file={**found, "may_unmask": self.person.may("unmask")}, fault="")
        except OneMapError as error:
            self.view.param.update(file=None, fault=worded(error, self.language))

    def _owner(self, layer: str, row: str) -> str:
        with self.store.house.database.transaction(self.person.caller()) as connection:
            return enterprise_file.enterprise_of(connection, layer, row)

    async def _open(self, message: Json) -> None:
        self._layer = str(message.get("layer") or "enterprise")
        self.view.param.update(wanted=str(message.get("id") or ""), file=None, fault="")
        await self.pull()

    async def _refresh(self, _message: Json) -> None:
        await self.pull()

    async def _search(self, message: Json) -> None:
        text = str(message.get("text", ""))
        hits = await asyncio.to_thread(self.store.ground.search, text, self.language)
        kept = [hit for hit in hits if hit["layer"] in ("enterprise", "hazard_source")]
        self.view.tell({"kind": "hits", "seq": message.get("seq"), "hits": kept})
