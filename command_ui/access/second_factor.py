"""Does this code of six digits come from the device of that account, just now and for the first time?"""

import base64
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from command_ui.access import keys, passwords
from gis.errors import UnavailableError

STEP_S = 30
DIGITS = 6
DRIFT_STEPS = 1
"""Codes of the step before and after are taken too: clocks of telephones are not exact (RFC 6238 section 5.2)."""
SECRET_BYTES = 20
RECOVERY_CODES = 10


def code_at(secret: bytes, step: int, *, digits: int = DIGITS, algorithm: str = "sha1") -> str:
    """
    Code of a time step: HOTP (RFC 4226 section 5.3) with the step as counter, as RFC 6238 section 4 has it.

    Examples
    --------
    The second row of RFC 6238 appendix B, time 1111111109 s:

    >>> code_at(b"12345678901234567890", 1111111109 // 30, digits=8)
    '07081804'
    """
    digest = hmac.digest(secret, struct.pack(">Q", step), algorithm)
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def accepted_step(secret: bytes, code: str, now_s: float, last_step: int) -> int | None:
    """
    Give the time step a code belongs to, or None when it fits none that is later than `last_step`.

    All allowed steps are compared in constant time, so that the answer does not tell which one nearly fitted.
    """
    digits = "".join(code.split())
    present = int(now_s) // STEP_S
    found = None
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), digits.encode()) and step > last_step:
            found = step
    return found


def new_secret() -> bytes:
    """Make a secret of 160 random bits, the length RFC 4226 recommends."""
    return secrets.token_bytes(SECRET_BYTES)


def spelled(secret: bytes) -> str:
    """Spell a secret as it is typed into a device: Base32 in groups of four."""
    plain = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def address_of(secret: bytes, name: str, issuer: str = "EGIS") -> str:
    """Give the address a device reads from the picture: otpauth://totp/…"""
    plain = base64.b32encode(secret).decode().rstrip("=")
    label = f"{quote(issuer)}:{quote(name)}"
    return f"otpauth://totp/{label}?secret={plain}&issuer={quote(issuer)}&digits={DIGITS}&period={STEP_S}"


def seal(key: bytes, account: str, secret: bytes) -> bytes:
    """Encrypt a secret for the row of one account; it cannot be moved to another row."""
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(keys.derived(key, "second-factor")).encrypt(nonce, secret, account.encode())


def unseal(key: bytes, account: str, sealed: bytes) -> bytes:
    """
    Decrypt the secret of an account.

    Raises
    ------
    UnavailableError
        It was sealed with another key: the installation's key file was lost or exchanged.
    """
    try:
        return AESGCM(keys.derived(key, "second-factor")).decrypt(sealed[:12], sealed[12:], account.encode())
    except InvalidTag as error:
        raise UnavailableError(
            "the second factor cannot be read with this installation's key; restore keys/installation.key, or have the "
            "account reset"
        ) from error


def new_recovery_codes() -> list[str]:
    """Make the codes that stand in for a lost device, 79 bits each, shown once."""
    return [passwords.invent() for _ in range(RECOVERY_CODES)]


def recovery_digest(code: str) -> bytes:
    """Hash of a recovery code as it is kept; a code of 79 random bits needs no slow hash."""
    return hashlib.sha256("".join(code.lower().replace("-", " ").split()).encode()).digest()
