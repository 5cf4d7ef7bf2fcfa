"""How is somebody sent to the identity provider, and what does the answer say of them? (OpenID Connect Core 1.0)"""

import base64
import hmac
import json
import secrets
import ssl
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from command_ui.access import keys
from command_ui.access.openid_tokens import NotVouchedError, Tokens
from gis import safe_json
from gis.errors import InputError, UnavailableError

ATTEMPT_S = 600
"""How long somebody may take at the provider."""
LONGEST_ANSWER = 1_000_000
_METADATA_HOLDS_S = 3600.0
_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Registration:
    """
    What we and the provider know of each other.

    Attributes
    ----------
    issuer
        Address of the provider, compared letter by letter with what tokens say.
    client_secret
        Empty for a public client, which has PKCE alone.
    title
        Name of the provider as people know it.
    skew_s
        How far its clock may differ from ours.
    """

    issuer: str
    client_id: str
    client_secret: str = ""
    title: str = ""
    scopes: str = "openid profile"
    skew_s: int = 60

    def faults(self) -> list[str]:
        """Give every fault of it."""
        found = []
        if not is_safe(self.issuer) or urlsplit(self.issuer).query or urlsplit(self.issuer).fragment:
            found.append(f"ONEMAP_OIDC_ISSUER: '{self.issuer}' is no https address (http on this machine only)")
        if not self.client_id:
            found.append("ONEMAP_OIDC_CLIENT_ID: set the name this installation has at the identity provider")
        if "openid" not in self.scopes.split():
            found.append("ONEMAP_OIDC_SCOPES: 'openid' must be among them")
        return found


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that was begun; it lies sealed in the browser's cookie, so that nobody else can end it."""

    state: str
    nonce: str
    verifier: str
    next_path: str
    began_at: int

    def check(self, answer: Mapping[str, str]) -> None:
        """
        Pass if this answer belongs to this attempt and came in time.

        Raises
        ------
        NotVouchedError
            It does not.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), self.state.encode()):
            raise NotVouchedError("state")
        if time.time() > self.began_at + ATTEMPT_S:
            raise NotVouchedError("late")


@dataclass(frozen=True, slots=True)
class Shown:
    """Who the provider says somebody is: checked claims, its session, and the token to leave with."""

    claims: Mapping[str, Any]
    session: str
    id_token: str

    @property
    def subject(self) -> str:
        """Who it is at the provider, for good."""
        return str(self.claims["sub"])


class OpenIdProvider:
    """
    One identity provider. Blocks on its answers: call it in a thread.

    Addresses come from its own metadata, must be https or on this machine, and are never redirected from.

    Raises
    ------
    InputError
        Every fault of the registration.
    """

    def __init__(self, registration: Registration) -> None:
        if faults := registration.faults():
            raise InputError(faults)
        self.registration = registration
        self.tokens = Tokens(registration.issuer, registration.client_id, self._fetch_keys, skew_s=registration.skew_s)
        self._lock = threading.Lock()
        self._metadata: Mapping[str, Any] | None = None
        self._metadata_at = 0.0

    def begin(self, redirect_uri: str, next_path: str) -> tuple[str, Attempt]:
        """Give the address to send somebody to, and what must be known when they come back."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        attempt = Attempt(state, nonce, verifier, next_path, int(time.time()))
        address = prepare_grant_uri(
            self._endpoint("authorization_endpoint"),
            client_id=self.registration.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=self.registration.scopes,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return str(address), attempt

    def finish(self, attempt: Attempt, answer: Mapping[str, str], redirect_uri: str) -> Shown:
        """
        Exchange the code of the answer and check what comes back.

        Raises
        ------
        NotVouchedError
            Anything does not fit.
        UnavailableError
            The provider does not answer.
        """
        attempt.check(answer)
        named = answer.get("iss")
        promised = self._known().get("authorization_response_iss_parameter_supported") is True
        # RFC 9207: an answer of another provider must not reach this one's token endpoint.
        if (named is None and promised) or (named is not None and named != self.registration.issuer):
            raise NotVouchedError("issuer")
        if answer.get("error"):
            raise NotVouchedError("declined")
        if not answer.get("code"):
            raise NotVouchedError("code")
        given = self._exchange(answer["code"], attempt.verifier, redirect_uri)
        id_token, access_token = str(given.get("id_token", "")), str(given.get("access_token", ""))
        claims = self.tokens.identity(id_token, nonce=attempt.nonce, access_token=access_token)
        return Shown({**self._more(access_token, claims), **claims}, str(claims.get("sid", "")), id_token)

    def leave(self, id_token: str, to: str) -> str:
        """Address to sign out at the provider too (RP-Initiated Logout 1.0); empty when it has none."""
        if "end_session_endpoint" not in self._known():
            return ""
        from authlib.common.urls import add_params_to_uri

        hint = [("id_token_hint", id_token)] if id_token else []
        asked = [*hint, ("client_id", self.registration.client_id), ("post_logout_redirect_uri", to)]
        return str(add_params_to_uri(self._endpoint("end_session_endpoint"), asked))

    def _exchange(self, code: str, verifier: str, redirect_uri: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": redirect_uri,
            "client_id": self.registration.client_id,
        }
        headers = {}
        if self.registration.client_secret:
            taken = self._known().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            if "client_secret_basic" in taken:
                secret = self.registration.client_secret
                pair = f"{quote(self.registration.client_id, safe='')}:{quote(secret, safe='')}"
                headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
            else:
                form["client_secret"] = self.registration.client_secret
        status, given = self._ask("POST", self._endpoint("token_endpoint"), data=form, headers=headers)
        if status != 200:
            raise NotVouchedError("code")
        return given

    def _more(self, access_token: str, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """Claims of the userinfo endpoint, which must speak of the same subject (5.3.2)."""
        if not access_token or "userinfo_endpoint" not in self._known():
            return {}
        headers = {"authorization": f"Bearer {access_token}"}
        status, more = self._ask("GET", self._endpoint("userinfo_endpoint"), headers=headers)
        if status != 200 or more.get("sub") != claims["sub"]:
            raise NotVouchedError("userinfo")
        return more

    def _known(self) -> Mapping[str, Any]:
        """Read the provider's metadata (Discovery 1.0), asked for once an hour."""
        with self._lock:
            if self._metadata is None or time.monotonic() - self._metadata_at > _METADATA_HOLDS_S:
                address = f"{self.registration.issuer.rstrip('/')}/.well-known/openid-configuration"
                status, found = self._ask("GET", address)
                if status != 200 or found.get("issuer") != self.registration.issuer:
                    raise UnavailableError("the identity provider's metadata are missing or name another issuer")
                self._metadata, self._metadata_at = found, time.monotonic()
            return self._metadata

    def _endpoint(self, name: str) -> str:
        address = str(self._known().get(name, ""))
        if not is_safe(address):
            raise UnavailableError(f"the identity provider gives no safe address as {name}")
        return address

    def _fetch_keys(self) -> Mapping[str, Any]:
        status, found = self._ask("GET", self._endpoint("jwks_uri"))
        if status != 200:
            raise UnavailableError("the identity provider does not give its keys")
        return found

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """The system's trust store, or what SSL_CERT_FILE names."""
        return ssl.create_default_context()

    def _ask(self, method: str, address: str, **more: Any) -> tuple[int, Mapping[str, Any]]:
        headers = {"accept": "application/json", **more.pop("headers", {})}
        # Neither redirects nor proxies of the environment: only the address that was named is asked.
        client = httpx.Client(timeout=_PATIENCE_S, follow_redirects=False, verify=self._trust, trust_env=False)
        try:
            with client, client.stream(method, address, headers=headers, **more) as answer:
                body = b""
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > LONGEST_ANSWER:
                        raise UnavailableError("the identity provider's answer is too long")
                status = answer.status_code
            found = safe_json.read(body, "answer of the identity provider") if body else {}
        except (httpx.HTTPError, httpx.InvalidURL, InputError) as error:
            raise UnavailableError("the identity provider does not answer as it should") from error
        if status >= 500 or not isinstance(found, dict):
            raise UnavailableError("the identity provider does not answer as it should")
        return status, found


def is_safe(address: str) -> bool:
    """Tell whether an address is https, or http on this very machine."""
    parts = urlsplit(address)
    own = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    return bool(parts.hostname) and parts.username is None and (parts.scheme == "https" or own)


def sealed(key: bytes, purpose: str, kept: Attempt | Mapping[str, str]) -> str:
    """Encrypt what the browser keeps for us in a cookie."""
    plain = json.dumps(asdict(kept) if isinstance(kept, Attempt) else dict(kept)).encode()
    nonce = secrets.token_bytes(12)
    body = AESGCM(keys.derived(key, "outside")).encrypt(nonce, zlib.compress(plain), purpose.encode())
    return base64.urlsafe_b64encode(nonce + body).decode().rstrip("=")


def unsealed(key: bytes, purpose: str, cookie: str) -> dict[str, Any]:
    """Decrypt it; empty when it is not ours or for another purpose."""
    try:
        raw = base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
        plain = AESGCM(keys.derived(key, "outside")).decrypt(raw[:12], raw[12:], purpose.encode())
    except (InvalidTag, ValueError):
        return {}
    found = json.loads(zlib.decompress(plain))
    return found if isinstance(found, dict) else {}
