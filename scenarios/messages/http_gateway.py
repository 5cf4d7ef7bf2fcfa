"""How are messages handed to a gateway over HTTP? Two addresses below the operator's own, never redirected."""

from urllib.parse import urlsplit
from uuid import UUID

import httpx

from gis.errors import InputError
from scenarios.messages.answers import outcome_of
from scenarios.messages.gateway import (
    GatewayDownError,
    GatewayRefusedError,
    GatewayUnknownError,
    Outcome,
    Outgoing,
)

LONGEST_ANSWER = 64 * 1024
_NOT_ITS_FAULT = frozenset({401, 403, 408, 425, 429})
"""A key of ours that does not fit, or a gateway that is busy: the message itself is sound and waits."""


class HttpGateway:
    """
    A gateway at an address of the settings.

    ``POST <address>/messages`` with ``Idempotency-Key`` hands a message over, ``GET <address>/messages/<key>`` asks how
    it stands; both answer ``{"state", "reason", "text", "duration_s", "retry", "at"}``.

    Parameters
    ----------
    address
        From the operator's settings, never from a page or a message.
    token
        Sent as bearer token; empty = none.
    """

    def __init__(self, address: str, token: str = "", *, timeout_s: float = 8.0) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise InputError("the address of the gateway is no plain http or https address")
        self.address = address.rstrip("/")
        headers = {"accept": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        # No proxy of the environment, no redirect: telephone numbers go where the operator said and nowhere else.
        self._client = httpx.Client(
            timeout=httpx.Timeout(timeout_s, connect=min(4.0, timeout_s)), trust_env=False, follow_redirects=False,
            headers=headers,
        )  # fmt: skip

    def hand_over(self, message: Outgoing) -> Outcome:
        """Give it a message under its key."""
        body = {"key": str(message.key), "kind": message.kind, "to": message.to, "name": message.name,
                "text": message.text}  # fmt: skip
        status, content = self._asked("POST", "/messages", body, str(message.key))
        if 400 <= status < 500 and status not in _NOT_ITS_FAULT:
            raise GatewayRefusedError(f"the gateway refuses it ({status})")
        return self._outcome(status, content)

    def look(self, key: UUID) -> Outcome:
        """Ask how a message stands."""
        status, content = self._asked("GET", f"/messages/{key}", None, "")
        if status == 404:
            raise GatewayUnknownError("the gateway does not know this message")
        return self._outcome(status, content)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _asked(self, method: str, path: str, body: dict[str, str] | None, key: str) -> tuple[int, bytes]:
        headers = {"idempotency-key": key} if key else {}
        try:
            with self._client.stream(method, self.address + path, json=body, headers=headers) as reply:
                parts, size = [], 0
                for part in reply.iter_bytes():
                    size += len(part)
                    if size > LONGEST_ANSWER:
                        raise GatewayDownError("what answers is no gateway: it says more than a gateway would")
                    parts.append(part)
                return reply.status_code, b"".join(parts)
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise GatewayDownError(f"the gateway does not answer: {type(error).__name__}") from error

    @staticmethod
    def _outcome(status: int, content: bytes) -> Outcome:
        if not 200 <= status < 300:
            raise GatewayDownError(f"the gateway cannot take it now ({status})")
        return outcome_of(content)
