"""Does every map of every page say whose it is and under which approval number, from the one table of settings?"""

import re
from pathlib import Path

import pytest

from command_ui.basemaps import credits_for_page
from command_ui.console import (
    analysis_components,
    data_components,
    drill_components,
    file_components,
    replay_components,
    wall_components,
)
from command_ui.console.part import Part
from command_ui.settings import load_settings

MODULES = (analysis_components, data_components, drill_components, file_components, replay_components, wall_components)


def _parts() -> list[type[Part]]:
    found = [one for module in MODULES for one in vars(module).values() if isinstance(one, type)]
    return [one for one in found if issubclass(one, Part) and one is not Part and "symbology" in one.param]


@pytest.mark.parametrize("part", _parts(), ids=lambda part: part.__name__)
def test_a_part_that_draws_a_map_is_told_whose_it_is(part: type[Part]) -> None:
    assert "basemaps" in part.param


def test_every_file_that_draws_the_base_map_says_its_credit(repository: Path) -> None:
    """`early.js` is gone as soon as the desk's own map is there, which has its foot."""
    drawing = [
        path
        for folder in ("command_ui/map/page", "command_ui/console/page")
        for path in sorted((repository / folder).glob("*.js"))
        if re.search(r"(?<!function )\bbaseMap\(", path.read_text(encoding="utf-8")) and path.name != "early.js"
    ]
    assert len(drawing) >= 6
    for path in drawing:
        # The small map of the dossier has its foot in the card around it.
        told = path.with_name("plantfile.js") if path.name == "sitemap.js" else path
        text = told.read_text(encoding="utf-8")
        assert re.search(r"ownGround\(|creditCorner\(|footer\(|ground\(map", text), path.name
    words = (repository / "command_ui/words").glob("*.py")
    said = [path.name for path in words if "审图号：（" in path.read_text(encoding="utf-8")]
    assert said == [], "a number, or that there is none, stands in no words of its own"


def test_the_number_that_is_set_is_the_one_that_is_told() -> None:
    own = credits_for_page(load_settings({"ONEMAP_OWN_MAP_APPROVAL": "演S（2026）1号"}))["own"]
    assert [one["approval"] for one in own] == ["演S（2026）1号"]
