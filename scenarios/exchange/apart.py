"""Which alert did a stranger hand in? CAP or an envelope around it, read behind limits in a process of its own."""

from pathlib import Path

from gis import safe_xml
from gis.reader import Reader
from scenarios.exchange import cap, envelope
from scenarios.exchange.alert import Alert


def handed_in(content: bytes) -> tuple[str, Alert | None]:
    """
    Read a CAP message, or an envelope and the alert in it; which of the two, and the alert.

    Raises
    ------
    InputError
        It is neither, or unsound, or reading it takes more memory or time than an alert needs.
    """
    return _message(content, "message")


def _read(path: Path, name: str) -> tuple[str, Alert | None]:
    content = path.read_bytes()
    root = safe_xml.read(content, name)
    if root.tag.startswith(f"{{{envelope.NAMESPACE}}}"):
        return "EDXL-DE 2.0", envelope.read(content).alert
    return "CAP 1.2", cap.read(content)


_message = Reader(_read, tuple[str, Alert | None])
