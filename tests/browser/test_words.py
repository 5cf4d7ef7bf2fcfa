"""Does every code the page says have a sentence in both languages?"""

import re
from pathlib import Path

from command_ui import words

SAID = re.compile(r"""say\(["']([a-z0-9_.]+)["']""")
OFFERED = re.compile(r"""(?:code|detail|due_code)["']?: ["']([a-z_]+\.[a-z0-9_.]+)["']""")


def _codes(repository: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for room in ("console", "map"):
        for path in (repository / "command_ui" / room).rglob("*"):
            if path.suffix in (".js", ".py") and "dist" not in path.parts:
                text = path.read_text(encoding="utf-8")
                found |= {code: path.name for pattern in (SAID, OFFERED) for code in pattern.findall(text)}
    return found


def test_every_code_has_words(repository: Path) -> None:
    known = words.texts("zh")
    assert {code: where for code, where in _codes(repository).items() if code not in known} == {}


def test_both_languages_name_the_same_values() -> None:
    chinese, english = words.texts("zh"), words.texts("en")
    assert chinese.keys() == english.keys()
    # a value may be left out in one language, but none may be asked for that the other does not know
    slots = {
        code: (set(re.findall(r"{(\w+)}", chinese[code])), set(re.findall(r"{(\w+)}", english[code])))
        for code in chinese
    }
    assert [code for code, (zh, en) in slots.items() if zh != en and code != "format.date"] == []
