"""Does the next desk of a jurisdiction know where to open, and nobody else?"""

import json
from pathlib import Path

import pytest

from command_ui.access.roles import SignedIn
from command_ui.console.first_look import FirstLook
from command_ui.console.preferences import Preferences

HOME = {"centre": [118.71, 31.41], "zoom": 12.0, "name": "演练市"}
ZONES = [
    {"geometry": {"type": "Polygon", "coordinates": [[[118.7, 31.4], [118.74, 31.4], [118.74, 31.45], [118.7, 31.4]]]}},
    {"geometry": {"type": "MultiPolygon", "coordinates": [[[[118.69, 31.41], [118.7, 31.42], [118.7, 31.41]]]]}},
    {"geometry": None},
]  # fmt: skip


def person(name: str = "one", division: str = "990100", to: str = "990200") -> SignedIn:
    return SignedIn(name, name, "operator", division, to, "drill", "h", "t")


def test_what_one_desk_drew_is_where_the_next_one_opens(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    assert FirstLook(kept, person()).read("dark") == ""
    FirstLook(kept, person()).keep(HOME, {"zones": ZONES})
    look = json.loads(FirstLook(kept, person("another")).read("light"))
    assert look == {"centre": [118.71, 31.41], "zoom": 12.0, "extent": [118.69, 31.4, 118.74, 31.45], "theme": "light"}
    assert FirstLook(kept, person("elsewhere", "990102", "990103")).read("dark") == ""


def test_without_zones_the_desk_opens_at_home(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    look = FirstLook(kept, person())
    look.keep(HOME, {"incident": {"id": "one"}, "zones": ZONES})
    look.keep(HOME, None)
    assert "extent" not in json.loads(FirstLook(kept, person()).read("dark"))


@pytest.mark.parametrize("written", ["", "{", "[]", '{"centre": [1, 2]}', '{"centre": ["</script>", 2], "zoom": 3}'])
def test_what_is_no_place_is_not_put_into_the_page(tmp_path: Path, written: str) -> None:
    kept = Preferences(tmp_path)
    kept.keep("first look 990100 990200 drill", look=written)
    assert FirstLook(kept, person()).read("dark") == ""
