"""Is this XML safe to read at all? No document type, no entities, no network, a limit to its size."""

from typing import Any

from lxml import etree

from gis.errors import InputError

LIMIT = 1_000_000
"""Bytes of one message; an alert with its areas is a few kilobytes."""
_XML_CODINGS = ("", "utf-8", "us-ascii", "ascii")


def read(content: bytes, what: str) -> Any:
    """
    Root element of a message or file.

    Parameters
    ----------
    what
        What it is called in sentences about it: ``CAP message``, ``KML file``.

    Raises
    ------
    InputError
        Too large, not XML, not UTF-8, or with a DOCTYPE; nothing of it was followed or fetched.
    """
    if len(content) > LIMIT:
        raise InputError(f"{what}: {len(content)} bytes; it may hold at most {LIMIT}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{what}: not UTF-8 (byte {error.start}); write it in UTF-8") from error
    # Looked for in the text itself, before any parser sees it.
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise InputError(f"{what}: has a DOCTYPE or an entity; such XML is refused, remove the declaration")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_pis=True, remove_comments=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise InputError(f"{what}: not well-formed XML, line {line} column {column}") from error
    except ValueError as error:  # an encoding declared that is not the one it is in
        raise InputError(f"{what}: cannot be read as XML ({error})") from error
    tree = root.getroottree().docinfo
    if tree.doctype or (tree.encoding or "").lower() not in _XML_CODINGS:
        raise InputError(f"{what}: has a DOCTYPE, or says that it is in {tree.encoding} and is not")
    return root
