"""How is XML from outside read without harm? No DOCTYPE, no entities, nothing fetched, a bound on size and depth."""

from xml.etree import ElementTree as ET
from xml.parsers import expat

from gis.errors import InputError

DEEPEST = 64
MOST_ELEMENTS = 50_000


def parse(content: bytes, what: str) -> ET.Element:
    """
    Root of a document.

    Parameters
    ----------
    what
        What the file should be, for the sentence of a fault: ``KML``.

    Raises
    ------
    InputError
        It is not XML, it declares a document type or entities, or it is too deep or too long.
    """
    builder = ET.TreeBuilder()
    reader = expat.ParserCreate(namespace_separator="}")
    depth = count = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > DEEPEST or count > MOST_ELEMENTS:
            raise InputError(f"this {what} file is nested too deep or holds too much: take it apart")
        builder.start(_named(name), {_named(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_named(name))

    def refuse(*_: object) -> None:
        raise InputError(f"this {what} file declares a document type (DOCTYPE); remove the declaration and try again")

    reader.StartDoctypeDeclHandler = refuse
    reader.EntityDeclHandler = refuse
    reader.StartElementHandler = begin
    reader.EndElementHandler = end
    reader.CharacterDataHandler = builder.data
    reader.buffer_text = True
    try:
        reader.Parse(content, True)
    except expat.ExpatError as error:
        raise InputError(f"this is not {what}: {expat.errors.messages[error.code]} in line {error.lineno}") from error
    return builder.close()


def _named(name: str) -> str:
    """Expat's ``uri}tag`` in the way ElementTree writes it."""
    return "{" + name if "}" in name else name
