"""What did the tile server really answer: a picture, or one of its many ways of saying no?"""

import json
from dataclasses import dataclass
from typing import Literal

State = Literal[
    "ok",
    "no_key",
    "bad_key",
    "wrong_key_kind",
    "not_listed",
    "too_fast",
    "not_a_tile",
    "not_found",
    "broken",
    "refused",
]

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
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
    """

    state: State
    cacheable: bool
    detail: str = ""


def judge(status: int, body: bytes) -> Verdict:
    """
    Judge a tile answer by status and magic bytes; the Content-Type header is not to be trusted.

    Parameters
    ----------
    status
        HTTP status.
    body
        The whole body, or at least its first kilobyte.
    """
    if status == 200:
        if body.startswith((_PNG, _JPEG)):
            return Verdict("ok", cacheable=True)
        return Verdict("not_a_tile", cacheable=False, detail=_message(body))
    if status == 418:
        return Verdict("no_key", cacheable=False)
    if status == 429:
        return Verdict("too_fast", cacheable=False)
    if status == 404:
        return Verdict("not_found", cacheable=False)
    if status >= 500:
        return Verdict("broken", cacheable=False, detail=f"HTTP {status}")
    return Verdict(_KEY_CODES.get(_code(body), "refused"), cacheable=False, detail=_message(body))


def _reply(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, UnicodeDecodeError):
        return {}
    return value if isinstance(value, dict) else {}


def _code(body: bytes) -> int:
    try:
        return int(str(_reply(body).get("code", 0)))
    except ValueError:
        return 0


def _message(body: bytes) -> str:
    reply = _reply(body)
    return str(reply.get("msg") or reply.get("message") or "")[:80]
