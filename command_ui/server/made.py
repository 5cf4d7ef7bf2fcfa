"""What does every page need that is written in Python: the words of its language, symbols, signs?"""

import hashlib
import json
from functools import cache
from typing import get_args

from command_ui.words import Language, texts
from layers import styles
from layers.signs import catalogue as signs

NAMES: frozenset[str] = frozenset(f"kept.{language}.js" for language in get_args(Language))
"""Names below `/assets/`: one script a language, which browsers keep for a year by the hash in its address."""


def name_for(language: Language) -> str:
    """Give the name of the script in this language."""
    return f"kept.{language}.js"


@cache
def content(name: str) -> bytes:
    """
    Give a script that puts down the words of one language and what layers and signs look like.

    Sent with every page they were most of what it weighs, and each session held a copy of its own.
    """
    language: Language = "en" if name == name_for("en") else "zh"
    kept = {"words": texts(language), "symbology": styles.as_json(), "signs": signs.as_json()}
    written = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    return f"window.onemapKept = {written}\ndispatchEvent(new Event('onemap-kept'))\n".encode()


@cache
def digest(name: str) -> str:
    """Give the hash the address of a script carries."""
    return hashlib.sha256(content(name)).hexdigest()[:16]
