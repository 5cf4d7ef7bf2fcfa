"""Does every message a script sends reach an act, and is every act sent by some script?"""

import ast
import re
from pathlib import Path

import pytest

_SENT = re.compile(r"(?:send_msg|\bsend)\((?P<rest>.*)")
_KIND = re.compile(r'\bkind: "(?P<kind>[a-z][a-z0-9_.]*)"')
_OVERWRITTEN = re.compile(r"\{\s*kind:\s*[^{}]*?,\s*\.\.\.")


@pytest.fixture(scope="module")
def scripts(repository: Path) -> dict[str, str]:
    """Every script of the pages by its name."""
    folders = (path for path in (repository / "command_ui").rglob("page") if "node_modules" not in path.parts)
    return {path.name: path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.js"))}


@pytest.fixture(scope="module")
def acts(repository: Path) -> dict[str, str]:
    """Act -> the module in which it stands, read from what every function named `acts` returns."""
    found: dict[str, str] = {"theme": "shell.py", "language": "shell.py"}
    for path in sorted((repository / "command_ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "acts":
                for part in ast.walk(node):
                    if isinstance(part, ast.Dict):
                        found |= {
                            str(key.value): path.name
                            for key in part.keys
                            if isinstance(key, ast.Constant) and key.value
                        }
    return found


def test_every_message_sent_reaches_an_act(scripts: dict[str, str], acts: dict[str, str]) -> None:
    lost = []
    for name, script in scripts.items():
        for number, line in enumerate(script.splitlines(), 1):
            sent = _SENT.search(line)
            if sent is None:
                continue
            lost += [
                f"{name}, line {number}: no act takes '{kind}'"
                for kind in _KIND.findall(sent["rest"].split("}, ", 1)[0])
                if kind not in acts
            ]
    assert not lost, "\n".join(lost)


def test_every_act_is_sent_by_some_script(scripts: dict[str, str], acts: dict[str, str]) -> None:
    everything = "\n".join(scripts.values())
    idle = [f"{where}: nobody sends '{act}'" for act, where in acts.items() if f'"{act}"' not in everything]
    assert not idle, "\n".join(idle)


def test_nothing_spread_into_a_message_can_change_its_kind(scripts: dict[str, str]) -> None:
    """`{kind: "mark", ...state}` sends the kind of `state`, if it has one: what is spread comes first."""
    wrong = [
        f"{name}, line {number}: {line.strip()[:100]}"
        for name, script in scripts.items()
        for number, line in enumerate(script.splitlines(), 1)
        if _OVERWRITTEN.search(line)
    ]
    assert not wrong, "\n".join(wrong)
