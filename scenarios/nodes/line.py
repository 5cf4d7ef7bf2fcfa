"""How does a text get to another node, and what did it answer? One POST, signed both ways, never redirected."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from gis import safe_json
from gis.errors import InputError, OneMapError
from scenarios.nodes import signing
from scenarios.nodes.neighbours import Neighbour, Own

MESSAGES = "/api/v1/nodes/messages"
HEADS = "/api/v1/nodes/heads"
LONGEST_ANSWER = 1_000_000
_BUSY = frozenset({408, 425, 429})


class LineError(OneMapError):
    """
    The neighbour cannot be reached, or what answers there is not the neighbour: nothing it was handed is at fault.

    Attributes
    ----------
    trouble
        Code of what is wrong: ``no_answer``, ``key``, ``clock``, ``away`` (it has no database), ``stranger``.
    """

    code = "line"

    def __init__(self, trouble: str, said: str) -> None:
        self.trouble = trouble
        super().__init__(said)


class BusyError(OneMapError):
    """The neighbour is there and cannot take this now."""

    code = "busy"


class RefusedThereError(OneMapError):
    """The neighbour looked at this and refuses it; sending it again would change nothing."""

    code = "refused_there"


@dataclass(frozen=True, slots=True)
class Answer:
    """What it said, and how far its clock is ahead of ours: read in the middle of the round trip."""

    body: Mapping[str, Any]
    clock_off_s: float


class Line:
    """The line to one neighbour. Keeps its connection; used by one thread at a time."""

    def __init__(self, own: Own, to: Neighbour, *, timeout_s: float = 8.0) -> None:
        self._own = own
        self.to = to
        self.clock_off_s = 0.0
        # No proxy of the environment, no redirect: the address is that of the administrator and nothing else.
        self._client = httpx.Client(timeout=httpx.Timeout(timeout_s, connect=min(4.0, timeout_s)), trust_env=False,
                                    follow_redirects=False)  # fmt: skip

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """
        Send a body; the answer is the neighbour's own, proved by the key.

        Raises
        ------
        LineError
            No answer, or not the neighbour's.
        BusyError
            It asks us to come again.
        RefusedThereError
            It refuses this very body, with its reason.
        """
        content = json.dumps(body, ensure_ascii=False).encode()
        answer = self._send(path, content)
        if answer.status == 401 and answer.clock is not None:
            # Its clock judges the age of a signature: sign once more by its clock before calling the key wrong.
            self.clock_off_s = answer.clock_off_s
            answer = self._send(path, content)
        self.clock_off_s = answer.clock_off_s if answer.clock is not None else self.clock_off_s
        return self._judged(answer)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _send(self, path: str, content: bytes) -> "_Raw":
        key = self.to.key.get_secret_value()
        authorization, nonce = signing.header(
            key, self._own.name, self.to.name, path, content, clock_off_s=self.clock_off_s
        )
        began = datetime.now(UTC)
        headers = {"authorization": authorization, "content-type": "application/json", "accept": "application/json"}
        try:
            with self._client.stream("POST", self.to.address + path, content=content, headers=headers) as reply:
                parts, size = [], 0
                for part in reply.iter_bytes():
                    size += len(part)
                    if size > LONGEST_ANSWER:
                        raise LineError("stranger", f"'{self.to.name}' answers more than a node would")
                    parts.append(part)
                said = b"".join(parts)
        except (httpx.HTTPError, httpx.StreamError, OSError, ValueError) as error:
            raise LineError("no_answer", f"'{self.to.name}' does not answer: {type(error).__name__}") from error
        middle = began + (datetime.now(UTC) - began) / 2
        clock = _moment(reply.headers.get(signing.CLOCK_HEADER))
        proved = signing.answer_fits(key, nonce, reply.status_code, said, reply.headers.get(signing.ANSWER_HEADER, ""))
        return _Raw(reply.status_code, said, proved, clock, (clock - middle).total_seconds() if clock else 0.0)

    def _judged(self, raw: "_Raw") -> Answer:
        name = self.to.name
        if raw.status in (401, 403) and not raw.proved:
            trouble = "clock" if abs(raw.clock_off_s) > signing.WINDOW_S else "key"
            raise LineError(trouble, f"'{name}' does not know us by this key, or the key differs")
        if raw.status in (502, 503, 504):
            raise LineError("away", f"'{name}' cannot take anything now ({raw.status})")
        if raw.status in _BUSY or raw.status >= 500:
            raise BusyError(f"'{name}' answered {raw.status}")
        body = _json(raw.body)
        if not raw.proved or body is None:
            raise LineError("stranger", f"what answers at the address of '{name}' is not that node ({raw.status})")
        if raw.status >= 400:
            raise RefusedThereError(str(body.get("message") or f"refused with {raw.status}")[:500])
        return Answer(body, raw.clock_off_s)


@dataclass(frozen=True, slots=True)
class _Raw:
    status: int
    body: bytes
    proved: bool
    clock: datetime | None
    clock_off_s: float


def _json(content: bytes) -> dict[str, Any] | None:
    try:
        body = safe_json.read(content, "answer")
    except InputError:
        return None
    return body if isinstance(body, dict) else None


def _moment(said: str | None) -> datetime | None:
    try:
        when = datetime.fromisoformat(said or "")
    except ValueError:
        return None
    return when if when.tzinfo is not None else None
