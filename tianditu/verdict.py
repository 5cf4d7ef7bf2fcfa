"""What did the tile server really answer: a picture, or one of its many ways of saying no?"""

import hashlib
from dataclasses import dataclass
from typing import Literal

from gis import safe_json
from gis.errors import InputError

State = Literal[
    "ok",
    "no_key",
    "bad_key",
    "wrong_key_kind",
    "not_listed",
    "too_fast",
    "not_a_tile",
    "placeholder",
    "cut_off",
    "not_found",
    "broken",
    "refused",
    "timeout",
    "offline",
]
"""``timeout`` and ``offline`` are what no answer at all means; the others are read from an answer."""

PictureKind = Literal["png", "jpeg", "webp"]

MEDIA_TYPES: dict[PictureKind, str] = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_TAIL_BYTES = 64
"""Some encoders write a few bytes after the end mark."""

KNOWN_PLACEHOLDERS = frozenset({("vec", 103), ("img", 4769)})
"""Layer and length of the constant pictures sent in place of a tile (one source each; others are learned by digest)."""

# Present codes and the former ones that are still met (one source each for most of them).
_KEY_CODES: dict[int, State] = {
    301001: "bad_key",
    1: "bad_key",
    308011: "bad_key",
    301012: "wrong_key_kind",
    301013: "wrong_key_kind",
    12: "wrong_key_kind",
    18: "wrong_key_kind",
    7: "not_listed",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What an answer means.

    Attributes
    ----------
    state
        Code for the badge on the map and for the administrator's sentence in ``command_ui.words``.
    cacheable
        Only a real picture may be kept.
    detail
        The server's own words, shortened; never an address, never a key.
    picture
        How the picture is coded; None when it is none.
    """

    state: State
    cacheable: bool
    detail: str = ""
    picture: PictureKind | None = None


def judge(
    status: int, body: bytes, *, layer: str = "", placeholders: frozenset[str] = frozenset(), key: str = ""
) -> Verdict:
    """
    Judge a tile answer by status and magic bytes; the Content-Type header is not to be trusted.

    Parameters
    ----------
    status
        HTTP status.
    body
        The whole body.
    layer
        Id of the layer asked for; some placeholders are known by layer and length.
    placeholders
        `digest` of pictures the server sends in place of a tile, as `tianditu.check` learned them.
    key
        The key that was sent, to be struck out of whatever the server repeats.
    """
    if status == 200:
        return _picture(body, layer, placeholders, key)
    if status == 418:
        return Verdict("no_key", cacheable=False)
    if status == 429:
        return Verdict("too_fast", cacheable=False, detail=_message(body, key))
    if status == 404:
        return Verdict("not_found", cacheable=False)
    if status >= 500:
        return Verdict("broken", cacheable=False, detail=f"HTTP {status}")
    return Verdict(_KEY_CODES.get(_code(body), "refused"), cacheable=False, detail=_message(body, key))


def picture_kind(body: bytes) -> PictureKind | None:
    """Coding of a picture by its first bytes; None when it is none that a browser draws as a tile."""
    if body.startswith(_PNG):
        return "png"
    if body.startswith(_JPEG):
        return "jpeg"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "webp"
    return None


def is_whole(body: bytes) -> bool:
    """Whether a picture reaches its own end mark: a proxy on the way may cut a body and correct its length."""
    kind = picture_kind(body)
    if kind == "png":
        return b"IEND" in body[-_TAIL_BYTES:]
    if kind == "jpeg":
        return b"\xff\xd9" in body[-_TAIL_BYTES:]
    return kind == "webp" and len(body) >= 8 + int.from_bytes(body[4:8], "little")


def digest(body: bytes) -> str:
    """Fingerprint a picture is recognised by: SHA-256 in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def _picture(body: bytes, layer: str, placeholders: frozenset[str], key: str) -> Verdict:
    kind = picture_kind(body)
    if kind is None:
        return Verdict("not_a_tile", cacheable=False, detail=_message(body, key))
    if not is_whole(body):
        return Verdict("cut_off", cacheable=False, detail=f"{len(body)} bytes")
    if (layer, len(body)) in KNOWN_PLACEHOLDERS or (placeholders and digest(body) in placeholders):
        return Verdict("placeholder", cacheable=False, detail=f"{len(body)} bytes")
    return Verdict("ok", cacheable=True, picture=kind)


def _reply(body: bytes) -> dict[str, object]:
    try:
        value = safe_json.read(body, "reply")
    except InputError:
        return {}
    return value if isinstance(value, dict) else {}


def _code(body: bytes) -> int:
    try:
        return int(str(_reply(body).get("code", 0)))
    except ValueError:
        return 0


def _message(body: bytes, key: str) -> str:
    reply = _reply(body)
    said = str(reply.get("msg") or reply.get("message") or "")
    return (said.replace(key, "***") if key else said)[:80]
