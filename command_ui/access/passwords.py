"""Is this the right password, at a cost that makes guessing slow and without telling who exists?"""

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = threading.BoundedSemaphore(2)
"""Each verification takes 19 MiB and one core for about 0.1 s; more at a time would starve the map."""

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that a person reading aloud confuses with another."""


@cache
def _hasher() -> PasswordHasher:
    # OWASP password storage cheat sheet, argon2id: m=19456 (19 MiB), t=2, p=1.
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobody() -> str:
    return digest(secrets.token_urlsafe(16))


def digest(password: str) -> str:
    """Hash a password with argon2id, a fresh salt included."""
    with _AT_ONCE:
        return _hasher().hash(password)


def verify(password: str, password_hash: str | None) -> bool:
    """
    Compare a password with its hash; `None` stands for an unknown name and costs the same time.

    Blocks up to some 0.2 s: call it in a thread, never in the event loop.
    """
    known = password_hash is not None
    wanted = password_hash if password_hash is not None else _nobody()
    with _AT_ONCE:
        try:
            return _hasher().verify(wanted, password) and known
        except (VerificationError, InvalidHashError):
            return False


def needs_new_digest(password_hash: str) -> bool:
    """Tell whether the hash was made with weaker settings than today's."""
    return _hasher().check_needs_rehash(password_hash)


def invent() -> str:
    """Make a password of four groups of four letters, 79 bits, that can be read out over the phone."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
