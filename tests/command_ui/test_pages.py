"""Has every page of the console its words, its picture, its policies and its class?"""

import re
from pathlib import Path

import pytest

from command_ui.access.policies import policy_for
from command_ui.console.pages import PAGES, Page
from command_ui.console.part import Part
from command_ui.console.shell import ShellPage
from command_ui.words import texts

ICONS = (Path(__file__).parents[2] / "command_ui/console/page/icons.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_a_page_is_whole(page: Page) -> None:
    made_by = page.opened_by()
    assert issubclass(made_by, ShellPage)
    assert made_by.code == page.code
    assert policy_for("GET", page.path) is not None
    assert policy_for("WS", page.path.rstrip("/") + "/ws") is not None
    for language in ("zh", "en"):
        said = texts(language)
        assert said[f"page.{page.code}"]
        assert said[f"page.{page.code}.hint"]
    assert re.search(rf"^  {page.icon}: \[", ICONS, flags=re.MULTILINE)


def test_codes_and_paths_are_used_once() -> None:
    assert len({page.code for page in PAGES}) == len(PAGES)
    assert len({page.path for page in PAGES}) == len(PAGES)


def test_every_entry_script_draws_a_part() -> None:
    from command_ui.console import part

    for page in PAGES:
        page.opened_by()
    drawn = {Path(str(made._esm)).stem for made in _all_parts(Part) if not made.abstract}
    assert drawn <= part.ENTRIES
    assert all((part.PAGE / f"{name}.js").exists() or (part.MAP_PAGE / f"{name}.js").exists() for name in part.ENTRIES)


def _all_parts(kind: type) -> set[type]:
    below = set(kind.__subclasses__())
    return below.union(*(_all_parts(one) for one in below))
