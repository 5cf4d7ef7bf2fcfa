"""Can the situation be handed to people outside, as one file that asks nobody for anything?"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest

from command_ui.briefing import Ground, brief
from gis.crs import GEOGRAPHIC

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = "</script><img src=x onerror=alert(1)>`${alert(2)}`{{7*7}}"


@pytest.fixture(scope="module")
def file(opened: "Page", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The briefing as the button of the desk saves it."""
    with opened.expect_download(timeout=180_000) as waiting:
        opened.locator(".tools button[aria-label^='下载态势简报']").click()
    saved = tmp_path_factory.mktemp("briefing") / waiting.value.suggested_filename
    waiting.value.save_as(saved)
    return saved


def test_the_file_is_named_by_code_and_time(file: Path) -> None:
    assert re.fullmatch(r"YL-\d{4}-\d{4}-\d{8}T\d{6}Z\.html", file.name)


def test_it_opens_without_a_network_and_says_what_the_desk_says(
    file: Path, browser: "Browser", opened: "Page", repository: Path, come_true: Callable[[Callable[[], Any]], Any]
) -> None:
    asked: list[str] = []
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_selector(".leaflet-overlay-pane path.zone-1")
    (repository / "artefacts").mkdir(exist_ok=True)
    page.screenshot(path=repository / "artefacts" / "briefing.png")
    assert [one for one in asked if not one.startswith(("data:", "blob:"))] == [file.as_uri()]
    assert wrong == []
    come_true(lambda: page.locator(".leaflet-overlay-pane path[class*=zone-]").count() == 3)
    come_true(lambda: page.locator(".mark.team").count() >= 3)
    come_true(lambda: page.locator(".water span").count() > 0)
    total = opened.locator("table.people tr").last.locator("b").last.inner_text()
    assert total in page.locator("aside").inner_text()
    context.close()


def test_every_address_in_the_file_is_a_name_space(file: Path) -> None:
    # what stands in comments of the library is read by nobody; what an element or a style would fetch is
    text = file.read_text(encoding="utf-8")
    elements = re.findall(r"(?:\bsrc|<link[^>]*\bhref)\s*=\s*[\"']?(?!data:)[^\s>]+", text)
    loaded = elements + re.findall(r"url\((?!#|data:)[^)]*\)|@import", text)
    assert [one for one in loaded if "http" in one or "//" in one] == []


def test_words_of_a_stranger_stay_words(browser: "Browser", tmp_path: Path, file: Path) -> None:
    assert file.exists()  # the library is bundled
    nothing = gpd.GeoDataFrame({"kind": []}, geometry=[], crs=GEOGRAPHIC)
    square = {"type": "Polygon", "coordinates": [[[118, 31], [118.01, 31], [118.01, 31.01], [118, 31.01], [118, 31]]]}
    zone = {"level": 1, "name": HOSTILE, "threshold": 1, "unit": "ppm", "reach_m": 900, "geometry": square,
            "label_at": [118.0, 31.0]}  # fmt: skip
    target = {"name": HOSTILE, "kind": "school", "people": 1, "longitude": 118.006, "latitude": 31.006, "distance_m": 1}
    scene = {
        "incident": {"title": HOSTILE, "text": HOSTILE, "place": HOSTILE, "mode": "drill", "number": HOSTILE,
                     "longitude": 118.0, "latitude": 31.0},
        "run": {"short": "R-1", "at": "2026-11-22T08:00:00+00:00"},
        "zones": [zone],
        "exposure": {"bands": [], "total_day": 1, "total_night": 1, "facilities": [target]},
    }  # fmt: skip
    from datetime import UTC, datetime

    html = brief(scene, ground=Ground(nothing, nothing, HOSTILE), language="zh", author=HOSTILE,
                 made_at=datetime(2026, 11, 22, tzinfo=UTC), head_hash="00", seq=1)  # fmt: skip
    saved = tmp_path / "hostile.html"
    saved.write_text(html, encoding="utf-8")
    page = browser.new_page()
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(saved.as_uri())
    page.wait_for_selector(".leaflet-overlay-pane path")
    page.hover(".mark.target")
    page.wait_for_timeout(500)
    assert said == []
    assert page.locator("img[src=x]").count() == 0
    assert page.evaluate("() => document.querySelector('h1').textContent") == HOSTILE
    assert json.dumps("49") not in html
    page.close()
