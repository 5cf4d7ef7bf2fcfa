"""Which widgets of others may come to a page long after it was opened, and how does its browser know them?"""

from typing import Any

import panel_material_ui
from bokeh.core.has_props import _default_resolver
from bokeh.model import DataModel, Model
from panel_material_ui import AutocompleteInput, Column, Row, Select, TextInput

__all__ = ["Column", "FreeInput", "Row", "Select", "TextInput"]


class FreeInput(AutocompleteInput):
    """A field with suggestions that keeps what was typed beside them; the library's own empties itself at Enter."""

    def _process_param_change(self, msg: dict[str, Any]) -> dict[str, Any]:
        # For a moment the library takes a value it does not list for none; the browser hears that and says it back.
        free = {"value": msg["value"]} if "value" in msg and msg["value"] not in self.values else {}
        told: dict[str, Any] = super()._process_param_change({k: v for k, v in msg.items() if k not in free})
        return told | free


def _forget_the_rest() -> None:
    """
    Leave the definitions of what we never show out of every page.

    A browser is told what a model is once, with the document it gets when it is opened; Panel tells a page that is
    open already of a class only where that page is the first of the process to show it, and every other open page
    cannot resolve the type. Hence this module is imported before the first document is made (`command_ui.console.app`)
    and nothing else imports the library. Its more than a hundred definitions would then be part of every page.
    """
    shown = {one._data_model for one in (FreeInput, Column, Row, Select, TextInput)}  # noqa: SLF001
    for one in vars(panel_material_ui).values():
        model = getattr(one, "_data_model", None)
        if (
            isinstance(model, type)
            and issubclass(model, DataModel)
            and model not in shown
            and Model.model_class_reverse_map.get(model.__qualified_model__) is model
        ):
            _default_resolver.remove(model)  # type: ignore[attr-defined]


_forget_the_rest()
