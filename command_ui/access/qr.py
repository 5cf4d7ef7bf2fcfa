"""How does a text become a picture a telephone reads? Drawn here: the secret in it must reach no other host."""

from markupsafe import escape

QUIET = 4
"""Empty modules around the picture, as ISO/IEC 18004 demands."""


def modules(text: str) -> list[list[bool]]:
    """Dark modules of the QR code of `text`, row by row, without the quiet zone; error correction M."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    size = code.getModuleCount()
    return [[bool(code.isDark(row, column)) for column in range(size)] for row in range(size)]


def svg(text: str, *, title: str) -> str:
    """QR code of `text` as an inline SVG without scripts or styles; dark on white whatever the theme."""
    rows = modules(text)
    edge = len(rows) + 2 * QUIET
    path = "".join(
        f"M{column + QUIET},{row + QUIET}h1v1h-1z"
        for row, line in enumerate(rows)
        for column, dark in enumerate(line)
        if dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {edge} {edge}" role="img" aria-label="{escape(title)}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0,0h{edge}v{edge}h-{edge}z"/>'
        f'<path fill="#000" d="{path}"/></svg>'
    )
