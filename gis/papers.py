"""Is a photograph or a paper what its first bytes say, can it be opened, and does it do nothing by itself?"""

import struct
from pathlib import Path

from gis.errors import InputError
from gis.reader import Reader

LARGEST_PIXELS = 120_000_000
"""A telephone's largest picture has 108 million; a browser that opens a bomb of pixels dies of it."""
MOST_PAGES = 5_000
_HARMFUL = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!"
"""The file every scanner for harmful programs must find (EICAR, 2003); ours is a door for a real one behind it."""
_PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_BOXED = frozenset({"image/heic", "video/mp4"})
_LONGEST_FRAMES = 1_000


def examine(content: bytes, media_type: str) -> None:
    """
    Look into what somebody handed in, in a process of its own; nothing of it is kept or changed.

    Parameters
    ----------
    media_type
        What the first bytes say it is: JPEG, PNG, WebP, HEIC, MP4 or PDF.

    Raises
    ------
    InputError
        It cannot be opened, is far too large once unpacked, is locked, or would run something on its reader's machine.
    """
    _examined(content, media_type)


def _examine(path: Path, media_type: str) -> bool:
    content = path.read_bytes()
    if _HARMFUL in content:
        raise InputError("the file holds a harmful program: it was not kept")
    if media_type in _PICTURES:
        _picture(path, _PICTURES[media_type])
    elif media_type in _BOXED:
        _boxes(content)
    elif media_type == "application/pdf":
        _paper(content)
    else:
        raise InputError(f"files of the kind {media_type} are not taken")
    return True


def _picture(path: Path, kind: str) -> None:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # we say it ourselves, in a sentence
    try:
        with Image.open(path, formats=[kind]) as picture:
            width, height = picture.size
            frames = getattr(picture, "n_frames", 1)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, TypeError, struct.error) as error:
        raise InputError(f"the {kind} picture is damaged and cannot be opened; take or export it again") from error
    if width * height > LARGEST_PIXELS or frames > _LONGEST_FRAMES:
        raise InputError(f"the picture has {width} x {height} points; at most {LARGEST_PIXELS:,} are taken")


def _boxes(content: bytes) -> None:
    """Walk the outermost boxes of ISO/IEC 14496-12: each says how long it is, and together they are the file."""
    at, seen = 0, 0
    while at < len(content):
        seen += 1
        if at + 8 > len(content) or seen > 10_000:
            raise InputError("the picture or film is cut off; hand it in again")
        length = struct.unpack(">I", content[at : at + 4])[0]
        if length == 1 and at + 16 <= len(content):
            length = struct.unpack(">Q", content[at + 8 : at + 16])[0]
        elif length == 0:
            length = len(content) - at
        if length < 8 or at + length > len(content):
            raise InputError("the picture or film is cut off; hand it in again")
        at += length


def _paper(content: bytes) -> None:
    import pypdfium2  # type: ignore[import-untyped]
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise InputError("the PDF is locked with a password: hand it in unlocked") from error
        raise InputError("the PDF is damaged and cannot be opened; export it again") from error
    try:
        pages = len(document)
        if not 0 < pages <= MOST_PAGES:
            raise InputError(f"the PDF has {pages} pages; 1 to {MOST_PAGES} are taken")
        if raw.FPDFDoc_GetJavaScriptActionCount(document.raw) > 0:
            raise InputError("the PDF runs a program when it is opened; print it into a PDF without one")
        if raw.FPDFDoc_GetAttachmentCount(document.raw) > 0:
            raise InputError("the PDF carries other files inside; hand them in one by one")
    finally:
        document.close()
    # What PDFium does not count: an action at opening that starts a program or a script, written in the clear.
    for mark in (b"/Launch", b"/JavaScript", b"/EmbeddedFile", b"/RichMedia"):
        if mark in content:
            raise InputError("the PDF would start something when it is opened; print it into a PDF without it")


_examined = Reader(_examine, bool)
