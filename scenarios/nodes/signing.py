"""Did this request, and the answer to it, really come from the node with that key? HMAC-SHA-256 over both."""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

SCHEME = "OneMap-Node"
ANSWER_HEADER = "x-onemap-answer"
CLOCK_HEADER = "x-onemap-clock"
WINDOW_S = 300.0
"""How old a signature may be. What is repeated within it does no harm: a message is taken once by its key."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What stands in an Authorization header: who, when by its clock, once, over which body."""

    name: str
    at_s: float
    nonce: str
    body_sha256: str
    signature: str


def header(key: str, name: str, receiver: str, path: str, body: bytes, *, clock_off_s: float = 0.0) -> tuple[str, str]:
    """
    Sign a POST; return the Authorization header and its nonce.

    Parameters
    ----------
    clock_off_s
        How far the receiver's clock is ahead of ours: it judges by its own.
    """
    nonce, at = secrets.token_hex(16), f"{time.time() + clock_off_s:.3f}"
    digest = hashlib.sha256(body).hexdigest()
    signature = _mac(key, "request", name, receiver, path, at, nonce, digest)
    return f"{SCHEME} {name}:{at}:{nonce}:{digest}:{signature}", nonce


def read(authorization: str) -> Signed | None:
    """Take an Authorization header apart; None when it is not one of ours."""
    scheme, _, rest = authorization.partition(" ")
    parts = rest.strip().split(":")
    if scheme != SCHEME or len(parts) != 5 or len(rest) > 400:
        return None
    try:
        return Signed(parts[0], float(parts[1]), parts[2], parts[3], parts[4])
    except ValueError:
        return None


def fits(signed: Signed, key: str, receiver: str, path: str, authorization: str) -> bool:
    """Tell whether the signature is that of the key; the time is another question, see `is_fresh`."""
    at = authorization.split(":")[1]
    wanted = _mac(key, "request", signed.name, receiver, path, at, signed.nonce, signed.body_sha256)
    return hmac.compare_digest(wanted.encode(), signed.signature.encode())


def is_fresh(signed: Signed, now_s: float) -> bool:
    """Tell whether it was signed within the window."""
    return abs(now_s - signed.at_s) <= WINDOW_S


def answer(key: str, nonce: str, status: int, body: bytes) -> str:
    """Sign an answer, so that nobody on the way can say "received" in another's place."""
    return _mac(key, "answer", nonce, str(status), hashlib.sha256(body).hexdigest())


def answer_fits(key: str, nonce: str, status: int, body: bytes, signature: str) -> bool:
    """Tell whether an answer is that of the node we asked."""
    return hmac.compare_digest(answer(key, nonce, status, body).encode(), signature.encode())


def _mac(key: str, *parts: str) -> str:
    said = "\n".join(("onemap.node.1", *parts))
    return hmac.new(key.encode(), said.encode(), hashlib.sha256).hexdigest()
