"""How do values come out of a stranger's file? Read behind the limits of `gis.sandbox`, handed over as checked JSON."""

import json
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from gis import errors
from gis.errors import InputError, MissingError, OneMapError
from gis.sandbox import own_folder, preloaded, run_apart

LONGEST_ANSWER = 64 * 1024 * 1024
"""Bytes of what was read; nobody reads more of it here, whatever the other process wrote."""

HALF_A_CHARACTER = "it holds half a character (a lone surrogate); write that text again and save it as UTF-8"
"""JSON and YAML can spell what no text may hold, and what cannot be stored or sent on."""


def whole_characters(text: str) -> str:
    """The same text; halves of characters are shown as question marks, for it goes out in an answer."""
    return text.encode("utf-8", errors="replace").decode()


class Reader[T]:
    """
    One kind of file and the shape of what it says; called with a file, it gives the values.

    Parameters
    ----------
    read
        A function of a module: path of the file, its name for sentences -> values. It runs in a process of its own.
    form
        Type of the values, as pydantic checks it; the other process is believed nothing that does not fit it.

    Examples
    --------
    >>> def _read(path: Path, name: str) -> Plan: ...
    >>> plan_in_file = Reader(_read, Plan)
    """

    def __init__(self, read: Callable[[Path, str], T], form: Any) -> None:
        self._read, self._form = read, form
        preloaded(read.__module__)

    def __call__(self, content: bytes | Path, name: str) -> T:
        """
        Read a file: its content, or where it lies.

        Raises
        ------
        InputError
            What the reading function says is wrong, or it took too much memory or time, or died.
        MissingError
            As the reading function says.
        """
        said = name.replace("\\", "/").rpartition("/")[2] or "the file"
        with own_folder() as folder:
            if isinstance(content, Path):
                path = content.absolute()
            else:
                path = folder / "handed-in"
                path.write_bytes(content)
            run_apart(partial(_work, self._read, self._form, path, name), folder, said, preload=__name__)
            return self._taken(folder / "told.json", said)

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self._form)

    def _taken(self, told: Path, said: str) -> T:
        try:
            if told.stat().st_size > LONGEST_ANSWER:
                raise InputError(f"{said}: what it says is larger than {LONGEST_ANSWER >> 20} MB; split the file")
            content = told.read_bytes()
            if content.startswith(b"!"):
                fault = json.loads(content[1:])
                raise _error(str(fault["error"]), [whole_characters(str(one)) for one in fault["texts"]])
            return self._adapter.validate_json(content[1:])
        except (OSError, KeyError, TypeError, ValueError, ValidationError) as error:
            raise InputError(f"{said}: it could not be read") from error


def _work(read: Callable[[Path, str], Any], form: Any, path: Path, name: str, folder: Path) -> None:
    """Read, behind the limits, and leave the answer: ``!`` and a fault, or ``=`` and the values."""
    try:
        values = read(path, name)
    except OneMapError as error:
        texts = list(error.faults) if isinstance(error, InputError) else [str(error)]
        answer = b"!" + json.dumps({"error": type(error).__name__, "texts": texts}).encode()
    else:
        try:
            answer = b"=" + TypeAdapter(form).dump_json(values)
        except (UnicodeError, PydanticSerializationError):
            answer = b"!" + json.dumps({"error": "InputError", "texts": [f"{name}: {HALF_A_CHARACTER}"]}).encode()
    (folder / "told.json").write_bytes(answer)


def _error(name: str, texts: list[str]) -> OneMapError:
    kind = getattr(errors, name, InputError)
    return MissingError("; ".join(texts)) if kind is MissingError else InputError(texts)
