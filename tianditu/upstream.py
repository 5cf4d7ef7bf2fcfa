"""How is one tile got from its publisher: which server, which key, how often, how long?"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from tianditu.catalogue import BaseMap, NodeId, tile_address
from tianditu.configuration import Configuration
from tianditu.grids import TileIndex
from tianditu.hosts import Circuit, HostHealth, Standing
from tianditu.keys import KeyRing
from tianditu.verdict import State, Verdict, judge

AT_ONCE_PER_HOST = 4
"""Requests in flight to one server; more bring 429."""
BACK_OFF_S = 0.2
LARGEST_TILE_BYTES = 2_000_000
_WORTH_ANOTHER_TRY: frozenset[State] = frozenset({"timeout", "offline", "broken", "cut_off", "not_a_tile"})
_KEY_TROUBLE: frozenset[State] = frozenset({"bad_key", "wrong_key_kind", "not_listed", "too_fast", "refused"})


@dataclass(frozen=True, slots=True)
class Got:
    """What came of asking: the verdict and, when it is good, the picture."""

    verdict: Verdict
    picture: bytes = b""
    retry_s: float = 0.0


class Upstream:
    """
    Door to the publishers. All of it runs on one event loop; build it once and `close` it there.

    Parameters
    ----------
    changed
        Called whenever the state of a publisher or server becomes another one.
    placeholders
        Digests of pictures that stand in place of a tile.
    """

    def __init__(
        self,
        configuration: Configuration,
        keys: KeyRing,
        changed: Callable[[], None],
        placeholders: frozenset[str] = frozenset(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._configuration = configuration
        self._keys = keys
        self._changed = changed
        self._placeholders = placeholders
        self._client: httpx.AsyncClient | None = None
        self._no_keys = KeyRing()
        nodes = {base_map.node for base_map in configuration.base_maps()}
        self._circuits: dict[str, Circuit] = {
            host: Circuit(host, clock) for node in nodes for host in configuration.hosts_of(node)
        }
        self._standing: dict[NodeId, Standing] = {node: Standing() for node in nodes}
        self._doors: dict[str, asyncio.Semaphore] = {}

    async def fetch(self, base_map: BaseMap, index: TileIndex) -> Got:
        """Ask for one tile, several times where that helps; never raises for what a server did."""
        got = Got(Verdict("offline", cacheable=False))
        avoided: set[str] = set()
        for attempt in range(self._configuration.attempts):
            held_back = self._held_back(base_map.node)
            if held_back is not None:
                return held_back if attempt == 0 else got
            host = self._choose(base_map.node, index, avoided)
            if host is None:
                return Got(got.verdict if attempt else self._circuit_verdict(base_map.node), retry_s=self.retry_s())
            got = await self._once(base_map, index, host)
            state = got.verdict.state
            if state in _WORTH_ANOTHER_TRY:
                avoided.add(host)
                if attempt + 1 < self._configuration.attempts:
                    # Jitter keeps the tiles of one screen from coming back all at the same moment.
                    await asyncio.sleep(BACK_OFF_S * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311
            elif state not in _KEY_TROUBLE:
                return got
        return got

    def standing(self, node: NodeId) -> Standing:
        """How a publisher as a whole answers."""
        return self._standing[node]

    def hosts(self, node: NodeId) -> tuple[HostHealth, ...]:
        """State of every server of a publisher."""
        return tuple(self._circuits[host].health() for host in self._configuration.hosts_of(node))

    def is_held_back(self, node: NodeId) -> bool:
        """Whether nothing would be asked now: no usable key, or every server rests."""
        if self._held_back(node) is not None:
            return True
        return all(self._circuits[host].is_open() for host in self._configuration.hosts_of(node))

    def overrun(self, node: NodeId) -> None:
        """Say that a page stopped waiting for a tile: the first sign that a publisher is gone."""
        if self._standing[node].tell("timeout"):
            self._changed()

    def retry_s(self) -> float:
        """Seconds until some server may be asked again."""
        waits = [circuit.retry_s() for circuit in self._circuits.values()]
        return min(waits, default=0.0)

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    def _held_back(self, node: NodeId) -> Got | None:
        """Refusal that needs no request: there is no key that may be sent."""
        keys = self._keys_for(node)
        if not self._configuration.needs_key(node) and not len(keys):
            return None
        trouble = keys.trouble()
        if trouble is None:
            return None
        state, wait_s = trouble
        if self._standing[node].tell(state):
            self._changed()
        return Got(Verdict(state, cacheable=False), retry_s=wait_s)

    def _keys_for(self, node: NodeId) -> KeyRing:
        """Keys for a publisher: the national ones are nobody else's business."""
        return self._keys if node == "national" else self._no_keys

    def _choose(self, node: NodeId, index: TileIndex, avoided: set[str]) -> str | None:
        """Server for a tile: always the same one while it is well, so that its own cache helps; else the next."""
        hosts = self._configuration.hosts_of(node)
        start = (index.column + index.row) % len(hosts)
        order = [hosts[(start + step) % len(hosts)] for step in range(len(hosts))]
        order.sort(key=lambda host: host in avoided)
        return next((host for host in order if self._circuits[host].allows()), None)

    def _circuit_verdict(self, node: NodeId) -> Verdict:
        return Verdict(self._standing[node].state or "offline", cacheable=False)

    async def _once(self, base_map: BaseMap, index: TileIndex, host: str) -> Got:
        circuit, keys = self._circuits[host], self._keys_for(base_map.node)
        door = self._doors.setdefault(host, asyncio.Semaphore(AT_ONCE_PER_HOST))
        async with door:
            key = keys.take()
            if key is None and len(keys):
                # While this tile waited at the door, the last key was sent to rest; without one the firewall answers.
                circuit.cancel()
                return self._held_back(base_map.node) or Got(Verdict("too_fast", cacheable=False))
            secret = key.secret.get_secret_value() if key else None
            try:
                status, body = await self._get(tile_address(base_map.id, index, host, secret))
                verdict = judge(status, body, layer=base_map.id, placeholders=self._placeholders, key=secret or "")
            except asyncio.CancelledError:
                circuit.cancel()
                raise
            # Never the text of these errors: httpx writes the address into it, and the address carries the key.
            except (TimeoutError, httpx.TimeoutException):
                status, body, verdict = 0, b"", Verdict("timeout", cacheable=False)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.DecodingError) as error:
                status, body, verdict = 0, b"", Verdict("cut_off", cacheable=False, detail=type(error).__name__)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                status, body, verdict = 0, b"", Verdict("offline", cacheable=False, detail=type(error).__name__)
        keys.tell(key, verdict.state)
        told = circuit.tell(verdict.state, verdict.detail)
        # While another key can be sent, one key's trouble is not the publisher's.
        spared = verdict.state in _KEY_TROUBLE and keys.trouble() is None and len(keys) > 1
        if (not spared and self._standing[base_map.node].tell(verdict.state)) or told:
            self._changed()
        picture = body if verdict.state == "ok" else b""
        return Got(verdict, picture, circuit.retry_s())

    async def _get(self, address: str) -> tuple[int, bytes]:
        if self._client is None:
            quiet()
            self._client = httpx.AsyncClient(
                headers={"user-agent": self._configuration.user_agent, "accept": "image/png,image/jpeg,*/*;q=0.5"},
                timeout=httpx.Timeout(self._configuration.answer_s, connect=self._configuration.connect_s),
                # A redirect could lead anywhere, with the key in its address.
                follow_redirects=False,
                trust_env=True,
            )
        parts, length = list[bytes](), 0
        # The time-outs of httpx are per read: a server that drips a byte a second would never end.
        async with asyncio.timeout(self._configuration.answer_s), self._client.stream("GET", address) as answer:
            async for part in answer.aiter_bytes():
                parts.append(part)
                length += len(part)
                if length > LARGEST_TILE_BYTES:
                    break
            return answer.status_code, b"".join(parts)


def quiet() -> None:
    """Keep httpx from writing addresses with keys into anybody's log; a second call does nothing."""
    logging.getLogger("httpx").addFilter(_says_no_key)


def _says_no_key(record: logging.LogRecord) -> bool:
    """Drop the line httpx writes for every request: it holds the whole address."""
    return "tk=" not in record.getMessage()
