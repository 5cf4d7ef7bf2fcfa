"""Was this token signed by the provider we know, for us, and is it still good?"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    InvalidKeyIdError,
    JoseError,
    MissingClaimError,
    UnsupportedAlgorithmError,
)
from joserfc.jwk import KeySet

from gis.errors import RefusedError, UnavailableError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a private key; never `none`, and never HS*, where a public key could be passed off as the secret."""
LONGEST_TOKEN = 32_000
_KEYS_HOLD_S = 300.0
"""A key withdrawn by the provider is believed this long at most."""
_KEYS_AGAIN_S = 10.0
"""An unknown key makes us ask for the keys anew, but strangers must not make us ask all day."""
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_HOLDS_S = 120


class NotVouchedError(RefusedError):
    """
    What came back from outside does not prove who somebody is.

    Attributes
    ----------
    why
        Code of the fault, for the audit; the person is told only that it did not work.
    """

    def __init__(self, why: str, *, subject: str = "") -> None:
        super().__init__("the identity provider's answer does not hold; begin the sign-in again")
        self.why = why
        self.subject = subject


class Tokens:
    """
    Verifies tokens of one provider. Blocks when keys must be asked for: call it in a thread.

    Parameters
    ----------
    fetch_keys
        Gives the provider's JSON Web Key Set (RFC 7517).
    skew_s
        How far the provider's clock may differ from ours.
    """

    def __init__(
        self, issuer: str, client_id: str, fetch_keys: Callable[[], Mapping[str, Any]], *, skew_s: int = 60
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._fetch_keys = fetch_keys
        self._skew_s = skew_s
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched_at = 0.0

    def identity(self, token: str, *, nonce: str, access_token: str) -> dict[str, Any]:
        """
        Claims of an ID token (OpenID Connect Core 1.0, 3.1.3.7).

        Raises
        ------
        NotVouchedError
            Signature, issuer, audience, time, nonce or hash do not fit.
        """
        # Imported here: the library takes its time, and most commands sign nobody in.
        from authlib.oidc.core import CodeIDToken

        header, claims = self._decoded(token)
        expected: Any = {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": self._client_id},
        }
        told = {"nonce": nonce, "client_id": self._client_id, "access_token": access_token}
        checked = CodeIDToken(claims, header, options=expected, params=told)
        with _named():
            checked.validate(leeway=self._skew_s)
        if not isinstance(claims["sub"], str) or not 1 <= len(claims["sub"]) <= 255:
            raise NotVouchedError("sub")
        return claims

    def farewell(self, token: str) -> tuple[str, str, str]:
        """
        Subject, session and number of a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6).

        Raises
        ------
        NotVouchedError
            It is none, or not for us.
        """
        _, claims = self._decoded(token)
        wanted = jwt.JWTClaimsRegistry(
            leeway=self._skew_s,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            iat={"essential": True},
            jti={"essential": True},
            events={"essential": True},
        )
        with _named():
            wanted.validate(claims)
        events = claims["events"]
        if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict):
            raise NotVouchedError("events")
        if "nonce" in claims:
            raise NotVouchedError("nonce")  # an ID token passed off as a farewell
        if claims["iat"] < time.time() - _LOGOUT_HOLDS_S - self._skew_s:
            raise NotVouchedError("expired")
        subject, session = str(claims.get("sub", "")), str(claims.get("sid", ""))
        if not subject and not session:
            raise NotVouchedError("sub")
        return subject, session, str(claims["jti"])

    def _decoded(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        if len(token) > LONGEST_TOKEN:
            raise NotVouchedError("token")
        with _named():
            try:
                decoded = jwt.decode(token, self._known(), algorithms=ALGORITHMS)
            except (InvalidKeyIdError, BadSignatureError):
                # The provider may have changed its keys since we asked.
                decoded = jwt.decode(token, self._known(again=True), algorithms=ALGORITHMS)
        return dict(decoded.header), decoded.claims

    def _known(self, *, again: bool = False) -> KeySet:
        with self._lock:
            age = time.monotonic() - self._fetched_at
            if self._keys is None or age > (_KEYS_AGAIN_S if again else _KEYS_HOLD_S):
                written: Any = self._fetch_keys()
                try:
                    self._keys = KeySet.import_key_set(written)
                except (JoseError, KeyError, TypeError, ValueError) as error:
                    raise UnavailableError("the identity provider gives keys that cannot be read") from error
                self._fetched_at = time.monotonic()
            return self._keys


@contextmanager
def _named() -> Iterator[None]:
    """Turn the library's errors into ours, with the code of the fault."""
    try:
        yield
    except JoseError as error:
        raise NotVouchedError(_code(error)) from error
    except (KeyError, TypeError, ValueError) as error:
        raise NotVouchedError("token") from error


def _code(error: JoseError) -> str:
    if isinstance(error, ExpiredTokenError):
        return "expired"
    if isinstance(error, ClaimError):
        return f"{error.claim} missing" if isinstance(error, MissingClaimError) else str(error.claim)
    if isinstance(error, UnsupportedAlgorithmError):
        return "algorithm"
    if isinstance(error, InvalidKeyIdError):
        return "key"
    return "signature" if isinstance(error, BadSignatureError) else "token"
