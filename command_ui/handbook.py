"""Which tables of CONTRIBUTING.md are written from the code, and do they still say what the code says?"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HANDBOOK = Path(__file__).parent.parent / "CONTRIBUTING.md"


def tables() -> Mapping[str, str]:
    """Name of a marked table -> its Markdown: settings, commands, layers, events."""
    return {"settings": _settings(), "commands": _commands(), "layers": _layers(), "events": _events()}


def renewed(text: str) -> str:
    """Return `text` with everything between ``<!-- begin NAME -->`` and ``<!-- end NAME -->`` written anew."""
    for name, table in tables().items():
        pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        text = pattern.sub(lambda found, table=table: f"{found[1]}{table}{found[2]}", text)  # type: ignore[misc]
    return text


def commands() -> Iterator[tuple[str, Any]]:
    """Every command a person can type, with its click object: ``onemap db migrate`` and so on."""
    from typer.main import get_command

    from command_ui.cli.main import app

    def walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        children = getattr(command, "commands", None)
        if children is None:
            yield name, command
            return
        for key in sorted(children):
            yield from walk(f"{name} {key}", children[key])

    yield from walk("onemap", get_command(app))


def first_sentence(command: Any) -> str:
    """First paragraph of a command's help, on one line."""
    return " ".join((command.help or "").strip().split("\n\n")[0].split())


def example(command: Any) -> str:
    """Return what a command's help gives after ``Example:``; empty when it gives none."""
    found = re.search(r"Example:\s*(.+?)(?:\n\s*\n|$)", command.help or "", re.DOTALL)
    return " ".join(found[1].split()) if found else ""


def _settings() -> str:
    from command_ui.settings import Settings, listing, load_settings

    lines = ["| variable | when not set | 含义 | meaning |", "|---|---|---|---|"]
    defaults = load_settings(environment={})
    for line in listing(defaults, environment={}):
        # The data folder is given relative to the sources, wherever they lie.
        shown = "`data/` beside the sources" if line.variable == "ONEMAP_DATA_DIR" else f"`{line.value}`"
        shown = "–" if not line.value else shown
        lines.append(f"| `{line.variable}` | {shown} | {line.meaning_zh} | {line.meaning_en} |")
    assert len(lines) == len(Settings.model_fields) + 2
    return "\n".join(lines) + "\n"


def _commands() -> str:
    lines = ["| command | what it does | example |", "|---|---|---|"]
    lines += [f"| `{name}` | {first_sentence(command)} | `{example(command)}` |" for name, command in commands()]
    return "\n".join(lines) + "\n"


def _layers() -> str:
    from layers.catalogue import GROUPS, LAYERS

    lines = ["| layer | 名称 | name | group | connected |", "|---|---|---|---|---|"]
    for layer in LAYERS:
        connected = "adapter 镜像" if layer.mirrored else "yes" if layer.connected else "未接入 not yet"
        lines.append(
            f"| `{layer.key}` | {layer.title_zh} | {layer.title_en} | {GROUPS[layer.group][1]} | {connected} |"
        )
    return "\n".join(lines) + "\n"


def _events() -> str:
    from scenarios.events import KINDS

    lines = ["| event | lane | needs `expected_seq` | what it records |", "|---|---|---|---|"]
    for kind in sorted(KINDS, key=lambda kind: kind.code):
        summary = " ".join((kind.__doc__ or "").strip().split("\n\n")[0].split())
        lines.append(f"| `{kind.code}` | {kind.lane} | {'yes' if kind.changes_state else 'no'} | {summary} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    HANDBOOK.write_text(renewed(HANDBOOK.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stderr.write(f"{HANDBOOK.name} renewed\n")
