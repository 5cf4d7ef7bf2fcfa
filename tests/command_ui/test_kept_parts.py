"""Is what a page is drawn from sent once, named by its content, and asked for before the libraries have run?"""

import json
import re
from typing import Any

import pytest

from command_ui import bundle, words
from command_ui.console.pages import PAGES
from command_ui.server import assets, made


@pytest.fixture(scope="module")
def manifest() -> dict[str, list[str]]:
    bundle.build()
    return dict(json.loads(bundle.MANIFEST.read_text(encoding="utf-8")))


def test_every_bundle_of_a_page_leads_to_its_parts(manifest: dict[str, list[str]]) -> None:
    for name in {name for page in PAGES for name in page.bundles}:
        leads = (bundle.PARTS.parent / f"{name}.bundle.js").read_text(encoding="utf-8")
        assert f"/assets/parts/{manifest[name][0]}" in leads
        for part in manifest[name]:
            assert assets.find(assets.PARTS + part) is not None, part


def test_the_map_library_is_built_once(manifest: dict[str, list[str]]) -> None:
    drawn_with_a_map = [set(manifest[name]) for name in ("console", "wall", "analysis", "dataroom", "plantfile")]
    shared = set.intersection(*drawn_with_a_map)
    weight = sum((bundle.PARTS / name).stat().st_size for name in shared)
    assert weight > max((bundle.PARTS / manifest[name][0]).stat().st_size for name in ("wall", "dataroom", "plantfile"))


def test_parts_and_words_are_kept_for_a_year(served: Any, manifest: dict[str, list[str]]) -> None:
    addresses = [f"/assets/parts/{manifest['console'][0]}", assets.address("kept.zh.js"), assets.address("kept.en.js")]
    with served.client() as client:
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert answer.headers["content-type"].startswith("text/javascript")
            assert "immutable" in answer.headers["cache-control"], address
        assert client.get("/assets/parts/nothing.js").status_code in (401, 404)


def test_page_asks_for_its_parts_and_lets_the_libraries_wait(served: Any, manifest: dict[str, list[str]]) -> None:
    with served.sign_in() as client:
        page = client.get("/", headers={"accept": "text/html"}).text
    early = re.findall(r'<link rel="modulepreload" href="/assets/parts/([^"]+)">', page)
    assert set(early) == {*manifest["console"], *manifest["consult"]}, "what the desk is made of, and nothing else"
    libraries = re.findall(r'<script[^>]+src="static/[^>]+>', page)
    assert len(libraries) >= 3
    assert all(" defer " in one for one in libraries)
    assert "Bokeh.set_log_level" not in page
    assert all(text not in page for text in ("services.good", "window.onemapKept ="))
    assert len(page) < 20_000


@pytest.mark.parametrize("language", ["zh", "en"])
def test_kept_script_holds_the_words_of_its_language(language: Any) -> None:
    text = made.content(made.name_for(language)).decode()
    first, told = text.strip().split("\n")
    kept = json.loads(first.removeprefix("window.onemapKept = "))
    assert kept["words"] == words.texts(language)
    assert kept["symbology"]["zones"]
    assert kept["signs"]["signs"]
    assert told.startswith("dispatchEvent(")
