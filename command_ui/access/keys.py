"""Which secret does this installation sign with, and where does it lie?"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path


def installation_key(folder: Path) -> bytes:
    """
    Read the installation's key of 256 bits from `folder`, making it at the first call, readable by its owner only.

    Several processes may call at once: only one creates the file, the others read it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "installation.key"
    draft = folder / f".installation.key.{os.getpid()}.{secrets.token_hex(4)}"
    if not path.is_file():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(draft, path)  # fails if another process was first, and never shows half a file
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return bytes.fromhex(path.read_text("ascii").strip())


def derived(key: bytes, purpose: str) -> bytes:
    """Make an independent key for one purpose out of the installation's key."""
    return hmac.digest(key, f"onemap:{purpose}".encode(), hashlib.sha256)


def form_token(key: bytes, cookie: str) -> str:
    """Give the token of a form that goes with a cookie; a foreign page knows neither."""
    return hmac.new(derived(key, "form"), cookie.encode(), hashlib.sha256).hexdigest()


def form_fits(key: bytes, cookie: str, token: str) -> bool:
    """Tell whether a form's token goes with the cookie sent along."""
    return bool(cookie) and hmac.compare_digest(form_token(key, cookie).encode(), token.encode())
