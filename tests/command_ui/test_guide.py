"""Is the guide whole in both languages, and does nothing of it become markup?"""

from pathlib import Path
from typing import Any

import pytest

from command_ui.guide import chapters as guide
from command_ui.server import assets
from command_ui.words import Language

LANGUAGES: tuple[Language, Language] = ("zh", "en")


def pieces_of(piece: guide.Piece) -> list[Any]:
    """Every element of a tree."""
    return [] if isinstance(piece, str) else [piece, *(found for one in piece[2:] for found in pieces_of(one))]


def test_both_languages_have_the_same_chapters_and_the_same_pictures() -> None:
    told = [guide.chapters(language) for language in LANGUAGES]
    assert [one.code for one in told[0]] == [one.code for one in told[1]]
    assert len(told[0]) >= 8
    pictures = [
        [found[1]["src"] for one in book for piece in one.pieces for found in pieces_of(piece) if found[0] == "img"]
        for book in told
    ]
    assert pictures[0] == pictures[1]
    for source in pictures[0]:
        assert assets.find(source.removeprefix("/assets/").partition("?")[0]), f"{source} is not there"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chapter_begins_with_its_title_and_says_something(language: Language) -> None:
    for one in guide.chapters(language):
        assert one.title
        assert len(one.pieces) >= 1, one.code


def test_raw_markup_in_a_chapter_stays_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "01-x.md").write_text("# 题\n\n<img src=x onerror=alert(1)> **重**\n", encoding="utf-8")
    monkeypatch.setattr(guide, "FOLDER", tmp_path)
    (chapter,) = guide.chapters("zh")
    (paragraph,) = chapter.pieces
    assert [found[0] for found in pieces_of(paragraph)] == ["p", "strong"], "one element only: the bold word"
    assert paragraph[2] == "<img src=x onerror=alert(1)> "


def test_a_file_without_a_title_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "01-x.md").write_text("only text\n", encoding="utf-8")
    monkeypatch.setattr(guide, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"01-x\.md: begin with the title"):
        guide.chapters("en")
