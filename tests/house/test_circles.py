"""Do two files ever need one another? Arrows between modules run one way, also those inside functions and for types."""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

import networkx as nx

ROOMS = ("gis", "layers", "scenarios", "routing", "plume", "command_ui", "tianditu")


def modules_of(root: Path) -> dict[str, str]:
    """Dotted name -> source of every module of the rooms."""
    found = {}
    for room in ROOMS:
        for path in (root / room).rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text("utf-8")
    return found


def circles_of(modules: Mapping[str, str]) -> list[list[str]]:
    """Groups of modules each of which leads to every other by its imports."""
    graph = nx.DiGraph()
    for name, source in modules.items():
        for other in _imported(ast.parse(source), modules):
            if other != name:
                graph.add_edge(name, other)
    return sorted(sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1)


def _imported(tree: ast.Module, modules: Mapping[str, str]) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules else node.module


def test_no_two_modules_need_one_another(repository: Path) -> None:
    modules = modules_of(repository)
    assert len(modules) > 500
    assert circles_of(modules) == []


def test_planted_circles_are_found() -> None:
    inside = {
        "plume.a": "def work():\n    from plume import b\n",
        "plume.b": "if TYPE_CHECKING:\n    from plume.c import C\n",
        "plume.c": "import plume.a\n",
        "plume.d": "from plume.a import work\n",
    }
    assert circles_of(inside) == [["plume.a", "plume.b", "plume.c"]]
    assert circles_of({"plume.a": "from plume import b", "plume.b": "import json"}) == []
