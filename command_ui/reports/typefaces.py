"""How do fonts travel inside a DOCX? Cut to the characters used and masked with a key (ECMA-376 part 4, 15.2.13)."""

from typing import Any
from uuid import UUID, uuid5

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from lxml import etree

from command_ui.reports.fonts import Face, cut

_KEYS = UUID("7d7f0c0e-4a53-5b0e-8a58-3f0f5d3c9c11")
_FONT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/font"
_MASKED = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def embed(document: Any, wanted: dict[str, Face]) -> None:
    """
    Put fonts into a document, each holding only the characters the document uses.

    Parameters
    ----------
    wanted
        Name the document asks for -> font file.

    Raises
    ------
    UnavailableError
        A font cannot be used.
    """
    used = frozenset(character for character in _texts(document) if character.isprintable())
    table = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    tree = etree.fromstring(table.blob, etree.XMLParser(resolve_entities=False, no_network=True))
    for number, (name, face) in enumerate(wanted.items(), 1):
        key = uuid5(_KEYS, f"{name}:{number}")
        uri = PackURI(f"/word/fonts/font{number}.odttf")
        part = Part(uri, _MASKED, masked(cut(face, used), key), document.part.package)
        relation = table.relate_to(part, _FONT)
        entry = etree.SubElement(tree, f"{{{_W}}}font", {f"{{{_W}}}name": name})
        etree.SubElement(
            entry, f"{{{_W}}}embedRegular",
            {f"{{{_R}}}id": relation, f"{{{_W}}}fontKey": f"{{{str(key).upper()}}}", f"{{{_W}}}subsetted": "1"},
        )  # fmt: skip
    table._blob = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)  # noqa: SLF001
    settings = document.settings.element
    for name in ("w:embedTrueTypeFonts", "w:saveSubsetFonts"):
        if settings.find(qn(name)) is None:
            settings.insert(0 if name == "w:embedTrueTypeFonts" else 1, OxmlElement(name))


def masked(font: bytes, key: UUID) -> bytes:
    """Mask the first 32 bytes with the key read backwards; masking twice gives the font back."""
    mask = key.bytes[::-1]
    head = bytes(byte ^ mask[at % 16] for at, byte in enumerate(font[:32]))
    return head + font[32:]


def _texts(document: Any) -> str:
    section = document.sections[0]
    roots = (document.element, section.header._element, section.footer._element)  # noqa: SLF001
    return "".join(text for root in roots for text in root.itertext()) + "0123456789"
