"""How is the analysis page fed? A choice comes in, one count goes out; what is shown is what was counted."""

import asyncio
import json
from typing import Any, cast

from command_ui.basemaps import credits_for_page
from command_ui.console.act import Act, Json
from command_ui.console.analysis_components import AnalysisBoard
from command_ui.console.fault_words import worded
from command_ui.console.part import Part
from command_ui.console.shell import ShellPage
from command_ui.words import say
from gis.errors import OneMapError
from layers import analysis, codes, styles
from layers.analysis import Cut, Subject
from layers.catalogue import LAYERS

CITY_ZOOM = 10.6


class AnalysisPage(ShellPage):
    """The analysis page 统计分析."""

    code = "analysis"

    def build(self) -> tuple[Part, ...]:
        """Make the one part of the page."""
        self.cut, self.resolution, self._asked = Cut(), 7, 0
        self.view = AnalysisBoard(
            theme=self.state.theme,
            language=self.language,
            symbology=json.loads(json.dumps(styles.as_json())),
            basemaps={"credits": credits_for_page(self.store.house.settings)},
            **self.common,
        )
        return (self.view,)

    def acts(self) -> dict[str, Act]:
        """Choose something else, or try again."""
        return {"cut": self._cut, "refresh": self._refresh}

    async def load(self) -> None:
        """Pull the app bar, where the map opens, and the first count."""
        await self.pull_bar()
        home = await asyncio.to_thread(self.store.ground.home)
        self.view.home = {"centre": list(home["centre"]), "zoom": CITY_ZOOM}
        await self.respeak()

    async def respeak(self) -> None:
        """Names of codes are worded on the server."""
        self.view.choices = await asyncio.to_thread(self._choices)
        await self.pull()

    async def pull(self) -> None:
        """Count what is chosen; only the newest choice is drawn."""
        self._asked += 1
        mine = self._asked
        self.view.param.update(busy=True, cut=self._plain(), fault="")
        try:
            found = await asyncio.to_thread(self._analyse, self.cut, self.resolution)
        except OneMapError as error:
            self.view.param.update(busy=False, fault=worded(error, self.language))
            return
        if mine == self._asked:
            self.view.param.update(result=found, busy=False)

    def _analyse(self, cut: Cut, resolution: int) -> Json:
        import h3

        with self.store.house.database.transaction(self.person.caller()) as connection:
            found = analysis.analyse(connection, cut, resolution)
        return {
            "resolution": found.resolution,
            "total": found.total,
            "unplaced": found.unplaced,
            "untimed": found.untimed,
            "undated": found.undated,
            "few": found.few,
            "few_cells": found.few_cells,
            "least": {"rows": analysis.SMALL_N, "cells": analysis.LEAST_CELLS},
            "cells": [
                {
                    "id": cell,
                    "count": number,
                    "score": round(score, 2),
                    "class": kind,
                    "ring": [[x, y] for y, x in h3.cell_to_boundary(cell)],
                }
                for cell, number, score, kind in found.cells
            ],
            "groups": [
                {"code": code, "name": self._name(code), "count": number} for code, number in found.groups.items()
            ],
            "months": [{"month": month, "kinds": kinds} for month, kinds in found.months.items()],
            "kinds": {kind: self._name(kind) for kinds in found.months.values() for kind in kinds},
            "sector_months": [{"month": month, "kinds": kinds} for month, kinds in found.sector_months.items()],
            "sectors": {code: self._name(code) for kinds in found.sector_months.values() for code in kinds},
            "matrix": [list(row) for row in found.matrix],
        }

    def _choices(self) -> Json:
        at = 0 if self.language == "zh" else 1
        with self.store.house.database.transaction(self.person.caller()) as connection:
            counties = analysis.counties(connection)
        kinds = ["alarm", *(name for name, _ in analysis.EVENTS)]
        return {
            "sector": [[code, pair[at]] for code, pair in codes.SECTORS.items()],
            "size_class": [[code, pair[at]] for code, pair in codes.SIZE_CLASSES.items()],
            "kind": [[code, self._name(code)] for code in kinds],
            "county": [[code[:6], name] for code, name in counties],
            "resolution": list(analysis.RESOLUTIONS),
        }

    def _name(self, code: str) -> str:
        at = 0 if self.language == "zh" else 1
        if code in codes.SECTORS:
            return codes.SECTORS[code][at]
        for spec in LAYERS:
            if spec.key == code and code != "alarm":
                return (spec.title_zh, spec.title_en)[at]
        return say(f"analysis.group.{code}", self.language)

    def _plain(self) -> Json:
        one = self.cut
        return {
            "subject": one.subject, "sector": one.sector, "size_class": one.size_class, "kind": one.kind,
            "county": one.county, "resolution": self.resolution,
        }  # fmt: skip

    async def _cut(self, message: Json) -> None:
        def word(name: str) -> str:
            return str(message.get(name) or "")

        subject = cast(Subject, word("subject") or "enterprise")
        self.cut = Cut(subject, word("sector"), word("size_class"), word("about"), word("county"))
        self.resolution = int(message.get("resolution") or 7)
        await self.pull()

    async def _refresh(self, _message: Any) -> None:
        await self.pull()
