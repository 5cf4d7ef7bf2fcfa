"""How do the design tokens become CSS variables and a Material theme? Only tokens.json names a colour."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("tokens.json")


@cache
def tokens() -> dict[str, Any]:
    """Everything in tokens.json."""
    read: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return read


def colours(theme: str) -> dict[str, str]:
    """Colour name -> ``#RRGGBB`` for ``dark`` or ``light``."""
    named: dict[str, str] = tokens()["color"][theme]
    return named


def css_variables() -> str:
    """Both themes as CSS custom properties on the document element, so that every shadow root inherits them."""
    sheets = []
    for theme, selector in (("dark", ":root"), ("light", ':root[data-theme="light"]')):
        lines = [f"--om-{name}:{value}" for name, value in colours(theme).items()]
        elevation = tokens()["elevation"][theme]
        lines += [f"--om-shadow1:{elevation['1']}", f"--om-shadow2:{elevation['2']}", f"color-scheme:{theme}"]
        sheets.append(f"{selector}{{{';'.join(lines)}}}")
    return "\n".join(sheets)


def material_theme() -> dict[str, Any]:
    """Theme of the stock Material widgets, per mode, in the shape panel-material-ui takes."""
    family = ", ".join(f"'{name}'" if " " in name else name for name in tokens()["font"]["family"])
    return {theme: _material(theme, family) for theme in ("dark", "light")}


def _material(theme: str, family: str) -> dict[str, Any]:
    named, radius = colours(theme), tokens()["radius"]
    return {
        "palette": {
            "mode": theme,
            "primary": {"main": named["primaryFill"] if theme == "light" else named["primary"]},
            "error": {"main": named["danger"]},
            "warning": {"main": named["warn"]},
            "success": {"main": named["ok"]},
            "background": {"default": named["surface"], "paper": named["overlay"]},
            "text": {"primary": named["text"], "secondary": named["text2"], "disabled": named["text3"]},
            "divider": named["border"],
        },
        "shape": {"borderRadius": radius["control"]},
        "typography": {"fontFamily": family, "fontSize": tokens()["font"]["size"]["body"]},
        "components": {
            "MuiOutlinedInput": {
                # One height for what is typed and what is chosen: they stand side by side in a row.
                "styleOverrides": {"root": {"minHeight": 38}, "notchedOutline": {"borderColor": named["borderStrong"]}},
            },
        },
    }
