"""What stands in the form of a report that it did not propose itself?"""

from typing import Any

from command_ui.console.intake import IntakeForm

Json = dict[str, Any]

LONGEST = 400
"""Characters of one field that come back."""
_SOURCE = "source."


def answers(form: IntakeForm) -> Json:
    """Everything that stands in the form, by the name of its field."""
    found = {name: _said(field) for name, field in form.fields.items()}
    found["substance"] = form.substance_text
    found |= {f"{_SOURCE}{key}": _said(field) for key, field in form.source.fields.items()}
    if (reason := getattr(form, "reason", None)) is not None:
        found["reason"] = _said(reason)
    return found


def _said(field: Any) -> Any:
    """What stands in a field; of one still typed into, what is typed by now."""
    return getattr(field, "value_input", "") or field.value


def labels(form: IntakeForm) -> Json:
    """Name of every field of text by its label: the browser keeps what is typed where no line carries it to us."""
    named = form.fields | {f"{_SOURCE}{key}": field for key, field in form.source.fields.items()}
    if (reason := getattr(form, "reason", None)) is not None:
        named["reason"] = reason
    return {str(field.label): name for name, field in named.items() if hasattr(field, "value_input") and field.label}


def begin(form: IntakeForm) -> None:
    """From here on what differs was typed."""
    form.begun = answers(form)


def typed(form: IntakeForm) -> Json:
    """What stands otherwise in the form than it began, without what a weather station said since."""
    return {
        name: value
        for name, value in answers(form).items()
        if value != form.begun.get(name) and value != form.prefilled.get(name)
    }


def fill(form: IntakeForm, values: Json) -> None:
    """Take up values that came back from a browser; what a field cannot hold is left out."""
    # The kind first: it decides which questions there are.
    for name in sorted(values, key=lambda one: one != "kind"):
        field = _field(form, name)
        if field is None:
            continue
        value, options = values[name], getattr(field, "options", None)
        if isinstance(options, dict) and name != "substance":
            if value in options.values():
                field.value = value
        elif isinstance(value, str):
            field.value = value[:LONGEST]


def _field(form: IntakeForm, name: str) -> Any:
    if name == "reason":
        return getattr(form, "reason", None)
    if name.startswith(_SOURCE):
        return form.source.fields.get(name.removeprefix(_SOURCE))
    return form.fields.get(name)
