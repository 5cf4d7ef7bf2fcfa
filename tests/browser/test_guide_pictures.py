"""The pictures of the guide: taken from the running program, never drawn. `make guide` takes them anew."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.pictures

QUALITY = 78
SETTLED_MS = 2500


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    """Where the guide looks for its pictures."""
    return repository / "command_ui" / "guide" / "pictures"


@pytest.fixture
def take(opened: "Page", folder: Path) -> Callable[[str], None]:
    """Keep the page as it stands, as WebP."""

    def shoot(name: str) -> None:
        opened.wait_for_timeout(SETTLED_MS)
        with Image.open(io.BytesIO(opened.screenshot())) as picture:
            picture.convert("RGB").save(folder / f"{name}.webp", quality=QUALITY, method=6)

    return shoot


def test_the_desk(desk: "Page", folder: Path, take: Callable[[str], None]) -> None:
    desk.wait_for_timeout(SETTLED_MS)
    with Image.open(io.BytesIO(desk.screenshot())) as picture:
        # The picture of the README: 256 colours are a third of the weight and nobody sees the difference.
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(folder / "console.png", optimize=True)
    desk.keyboard.press("f")
    desk.wait_for_selector(".player:not([hidden])", timeout=30_000)
    take("zones")
    desk.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("key", "shown", "name"), [("b", ".closures", "roads"), ("p", ".plot", "marks"), ("s", ".within", "within")]
)
def test_a_tool(desk: "Page", take: Callable[[str], None], key: str, shown: str, name: str) -> None:
    desk.keyboard.press(key)
    desk.wait_for_selector(f"{shown}:not([hidden])", timeout=10_000)
    take(name)
    desk.keyboard.press("Escape")


@pytest.mark.parametrize(("tab", "name"), [("3", "plans"), ("4", "orders"), ("5", "log")])
def test_a_tab(desk: "Page", take: Callable[[str], None], tab: str, name: str) -> None:
    desk.keyboard.press(tab)
    take(name)
    desk.keyboard.press("2")


@pytest.mark.parametrize("path", ["report", "alarms", "data", "dossier", "analysis", "wall"])
def test_a_page(opened: "Page", city: tuple[str, dict[str, str]], take: Callable[[str], None], path: str) -> None:
    opened.goto(f"{city[0]}/{path}")
    opened.wait_for_selector("main > *", timeout=30_000)
    take(path)
