"""What do the chapters of the guide say? Markdown files as trees of plain values; the page makes no markup of text."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from command_ui.server import assets
from command_ui.words import Language

FOLDER = Path(__file__).parent
Piece = str | list[Any]
"""A text, or ``[tag, attributes, *pieces]``."""

_TAGS = {
    "paragraph": "p",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "strong": "strong",
    "code_inline": "code",
    "blockquote": "blockquote",
    "table": "table",
    "thead": "thead",
    "tbody": "tbody",
    "tr": "tr",
    "th": "th",
    "td": "td",
    "hardbreak": "br",
    "link": "a",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One file ``<language>/<number>-<code>.md``: its title is the first heading, `pieces` what stands below."""

    code: str
    title: str
    pieces: tuple[Piece, ...]


def chapters(language: Language) -> tuple[Chapter, ...]:
    """
    Every chapter in one language, in the order of their numbers.

    Raises
    ------
    ValueError
        A file has no heading, or uses something the page cannot draw.
    """
    return tuple(_read(path, path.stat().st_mtime_ns) for path in sorted((FOLDER / language).glob("*.md")))


@cache
def _read(path: Path, _changed_ns: int) -> Chapter:
    # Raw HTML stays text: what the page draws are the tags named above and nothing else.
    tree = SyntaxTreeNode(MarkdownIt("commonmark", {"html": False}).enable("table").parse(path.read_text("utf-8")))
    first, *rest = tree.children
    if first.type != "heading":
        raise ValueError(f"{path.name}: begin with the title of the chapter")
    return Chapter(path.stem.partition("-")[2], _plain(first), tuple(_piece(node, path) for node in rest))


def _plain(node: SyntaxTreeNode) -> str:
    return "".join(child.content if child.type in ("text", "code_inline") else _plain(child) for child in node.children)


def _piece(node: SyntaxTreeNode, path: Path) -> Piece:
    if node.type == "text":
        return node.content
    if node.type == "softbreak":
        # Chinese lines are joined without a blank.
        return "" if path.parent.name == "zh" else " "
    if node.type == "heading":
        return [node.tag, {}, *_within(node, path)]
    if node.type == "image":
        return ["img", {"src": assets.address(str(node.attrs["src"])), "alt": _plain(node), "loading": "lazy"}]
    if node.type == "inline":
        return ["span", {}, *_within(node, path)]
    if node.type not in _TAGS:
        raise ValueError(f"{path.name}: the guide draws no {node.type}")
    attributes = {"href": str(node.attrs["href"])} if node.type == "link" else {}
    inside = [node.content] if node.type == "code_inline" else _within(node, path)
    return [_TAGS[node.type], attributes, *inside]


def _within(node: SyntaxTreeNode, path: Path) -> list[Piece]:
    pieces: list[Piece] = []
    for child in node.children:
        pieces.extend(_within(child, path) if child.type == "inline" else [_piece(child, path)])
    return pieces
