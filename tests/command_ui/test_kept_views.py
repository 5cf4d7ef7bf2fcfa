"""Are views of the map kept for the person, bounded, and never lost with a damaged file?"""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from command_ui.console.preferences import Preferences
from command_ui.console.views_desk import LONGEST_NAME, MOST, ViewsDesk
from gis.errors import InputError

LINK = "1~118.71240~31.40870~13.50~own~w"


def page(folder: Path, name: str = "duty") -> Any:
    return SimpleNamespace(
        map=SimpleNamespace(views=[]), preferences=Preferences(folder), person=SimpleNamespace(name=name)
    )


def keep(desk: ViewsDesk, name: str, link: str = LINK) -> None:
    asyncio.run(desk.keep({"name": name, "link": link}))


def test_views_come_back_to_the_same_person_and_to_nobody_else(tmp_path: Path) -> None:
    first = page(tmp_path)
    first.preferences.keep("duty", theme="light")
    keep(ViewsDesk(first), " 园区全景 ")
    assert first.map.views == [{"name": "园区全景", "link": LINK}]
    again, other = page(tmp_path), page(tmp_path, "commander")
    ViewsDesk(again), ViewsDesk(other)
    assert again.map.views == first.map.views and other.map.views == []
    assert again.preferences.of("duty")["theme"] == "light", "other choices stay"


def test_a_view_of_the_same_name_is_replaced_and_one_can_be_dropped(tmp_path: Path) -> None:
    opened = page(tmp_path)
    desk = ViewsDesk(opened)
    keep(desk, "江边")
    keep(desk, "江边", "1~118.00000~31.00000~9.00~img~c")
    assert [one["link"] for one in opened.map.views] == ["1~118.00000~31.00000~9.00~img~c"]
    asyncio.run(desk.drop({"name": "江边"}))
    assert opened.map.views == []


@pytest.mark.parametrize(("name", "link"), [("", LINK), ("长" * (LONGEST_NAME + 1), LINK), ("x", ""), ("x", "1" * 200)])
def test_what_is_no_view_is_refused(tmp_path: Path, name: str, link: str) -> None:
    with pytest.raises(InputError, match="needs a name"):
        keep(ViewsDesk(page(tmp_path)), name, link)


def test_there_is_a_bound_and_a_damaged_file_counts_as_none(tmp_path: Path) -> None:
    opened = page(tmp_path)
    desk = ViewsDesk(opened)
    for number in range(MOST):
        keep(desk, f"视图{number}")
    with pytest.raises(InputError, match="remove one first"):
        keep(desk, "再一个")
    opened.preferences.keep("duty", views="{not json")
    ViewsDesk(opened)
    assert opened.map.views == []
