"""How does a value nobody has verified say so, wherever its name stands?"""

from command_ui.words.speaking import Language, say


def marked(name: str, trust: object, language: Language) -> str:
    """Name of a level or value, with the mark 未核实 behind it where its `trust` is "unverified"."""
    return f"{name} ({say('trust.unverified', language)})" if trust == "unverified" else name
