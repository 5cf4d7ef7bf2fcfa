"""Which picture does the page get for a tile, whatever its publisher is doing just now?"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from gis.errors import UnavailableError
from tianditu.catalogue import NODES, BaseMap, NodeId, offered
from tianditu.configuration import Configuration
from tianditu.grids import TileIndex
from tianditu.hosts import HostHealth
from tianditu.keys import KeyHealth, KeyRing
from tianditu.packages.library import Library
from tianditu.tilecache import Kept, TileCache
from tianditu.upstream import Got, Upstream
from tianditu.verdict import MEDIA_TYPES, PictureKind, State, Verdict, digest, picture_kind

Origin = Literal["live", "cache", "old", "package"]
"""``cache``: looked at before and fresh; ``old``: past its expiry, given because nothing better answers."""

PLACEHOLDERS_FILE = "placeholders.json"
ABSENT_KEPT_S = 60.0
_ABSENT_AT_MOST = 20_000
_RETRY_LEAST_S, _RETRY_MOST_S = 2.0, 60.0

_log = logging.getLogger("onemap.tianditu")


class NoTileError(UnavailableError):
    """
    Nobody has this tile now; the page draws its own map there.

    Attributes
    ----------
    state
        Why its publisher gave none.
    retry_s
        When to ask again; None when there is no such tile at all.
    """

    def __init__(self, state: State, retry_s: float | None) -> None:
        self.state = state
        self.retry_s = retry_s
        super().__init__(f"no picture for this tile ({state}); the map's own ground stays in its place")


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture as it is sent."""

    picture: bytes
    kind: PictureKind
    origin: Origin
    fresh_s: float

    @property
    def media_type(self) -> str:
        """Media type by its first bytes."""
        return MEDIA_TYPES[self.kind]

    @property
    def etag(self) -> str:
        """Fingerprint for conditional requests."""
        return f'"{digest(self.picture)[:32]}"'


@dataclass(frozen=True, slots=True)
class NodeState:
    """
    How a publisher answers, for the badge on the map.

    Attributes
    ----------
    state
        None before anybody was asked.
    packages
        Ids of the offline packages that stand in for it.
    """

    node: NodeId
    title_zh: str
    title_en: str
    state: State | None
    since: str | None
    hosts: tuple[HostHealth, ...]
    keys: tuple[KeyHealth, ...]
    layers: tuple[str, ...]
    packages: tuple[str, ...]


class TileProxy:
    """
    Tiles in the order live, cache, package; one request upstream however many pages ask.

    All coroutines run on one event loop. A page never waits longer than ``patience_s``; what comes later is kept for
    the next time.
    """

    def __init__(self, configuration: Configuration, clock: Callable[[], float] = time.monotonic) -> None:
        self.configuration = configuration
        self.library = Library(configuration.folder / "packages")
        self.cache = TileCache(configuration.folder / "tiles.sqlite", configuration.cache_bytes, configuration.fresh_s)
        self.keys = KeyRing(configuration.keys, clock)
        self._clock = clock
        self._upstream = Upstream(configuration, self.keys, self._tell, read_placeholders(configuration.folder), clock)
        self._asked: dict[tuple[str, TileIndex], asyncio.Task[Got]] = {}
        self._absent: dict[tuple[str, TileIndex], float] = {}
        self._listeners: dict[int, Callable[[], object]] = {}
        self._next_listener = 0

    async def tile(self, layer: str, index: TileIndex, *, patience_s: float | None = None) -> Tile:
        """
        Give one tile.

        Parameters
        ----------
        patience_s
            How long the publisher is waited for; None = as long as a page does.

        Raises
        ------
        MissingError, OutOfRangeError
            No such base map, or outside what it covers: nobody is asked.
        NoTileError
            Nobody has it now.
        """
        base_map = offered(layer, index)
        kept = await asyncio.to_thread(self._kept, layer, index)
        if kept is not None and kept.fresh:
            return Tile(kept.picture, kept.kind, "cache", self.configuration.fresh_s - kept.age_s)
        got = await self._live(base_map, index, self.configuration.patience_s if patience_s is None else patience_s)
        if got.picture:
            kind = picture_kind(got.picture)
            assert kind is not None
            return Tile(got.picture, kind, "live", self.configuration.fresh_s)
        if kept is not None:
            return Tile(kept.picture, kept.kind, "old", 0.0)
        packed = await asyncio.to_thread(self.library.tile, layer, index)
        if packed is not None:
            kind = picture_kind(packed)
            assert kind is not None
            return Tile(packed, kind, "package", 0.0)
        if got.verdict.state in ("not_found", "placeholder"):
            raise NoTileError(got.verdict.state, None)
        raise NoTileError(got.verdict.state, min(max(got.retry_s, _RETRY_LEAST_S), _RETRY_MOST_S))

    def states(self) -> tuple[NodeState, ...]:
        """How every publisher that may be asked answers; for the page, so without any secret."""
        packages = self.library.packages()
        found = []
        for node in dict.fromkeys(base_map.node for base_map in self.configuration.base_maps()):
            layers = tuple(one.id for one in self.configuration.base_maps() if one.node == node)
            standing = self._upstream.standing(node)
            found.append(
                NodeState(
                    node,
                    NODES[node].title_zh,
                    NODES[node].title_en,
                    self._state_now(node),
                    standing.since.isoformat() if standing.since else None,
                    self._upstream.hosts(node),
                    self.keys.health() if node == "national" else (),
                    layers,
                    tuple(one.id for one in packages if one.layer in layers),
                )
            )
        return tuple(found)

    def listen(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call `callback` whenever the state of a publisher changes; returns what ends that."""
        number = self._next_listener
        self._next_listener += 1
        self._listeners[number] = callback
        return lambda: self._listeners.pop(number, None) and None

    async def close(self) -> None:
        """End what is under way and close connections and files."""
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._upstream.close()
        self.cache.close()
        self.library.close()

    def _kept(self, layer: str, index: TileIndex) -> Kept | None:
        try:
            return self.cache.get(layer, index)
        except UnavailableError as error:
            _log.warning("%s", error)
            return None

    async def _live(self, base_map: BaseMap, index: TileIndex, patience_s: float) -> Got:
        key = (base_map.id, index)
        if not self.configuration.may_ask(base_map):
            return Got(Verdict("not_found", cacheable=False))
        absent_until = self._absent.get(key, 0.0)
        if absent_until > self._clock():
            return Got(Verdict("not_found", cacheable=False))
        task = self._asked.get(key)
        if task is None:
            task = asyncio.create_task(self._ask(base_map, index))
            self._asked[key] = task
            task.add_done_callback(lambda _done: self._asked.pop(key, None))
        # Shielded: a page that goes away, or stops waiting, must not take the tile from the others.
        done, _ = await asyncio.wait({task}, timeout=patience_s)
        if not done:
            self._upstream.overrun(base_map.node)
            return Got(Verdict("timeout", cacheable=False), retry_s=_RETRY_LEAST_S)
        return task.result()

    async def _ask(self, base_map: BaseMap, index: TileIndex) -> Got:
        # Between a page's look into the cache and its question the answer to another page's may have come.
        kept = await asyncio.to_thread(self._kept, base_map.id, index)
        if kept is not None and kept.fresh:
            return Got(Verdict("ok", cacheable=True, picture=kept.kind), kept.picture)
        got = await self._upstream.fetch(base_map, index)
        if got.verdict.cacheable:
            try:
                await asyncio.to_thread(self.cache.keep, base_map.id, index, got.picture)
            except UnavailableError as error:
                _log.warning("%s", error)
        elif got.verdict.state in ("not_found", "placeholder"):
            if len(self._absent) >= _ABSENT_AT_MOST:
                self._absent.clear()
            self._absent[base_map.id, index] = self._clock() + ABSENT_KEPT_S
        return got

    def _state_now(self, node: NodeId) -> State | None:
        if self.configuration.needs_key(node) and not len(self.keys):
            return "no_key"
        return self._upstream.standing(node).state

    def _tell(self) -> None:
        for callback in tuple(self._listeners.values()):
            callback()


def as_json(states: Sequence[NodeState]) -> list[dict[str, object]]:
    """States as plain values."""
    plain: list[dict[str, object]] = json.loads(json.dumps([asdict(state) for state in states], default=str))
    return plain


def read_placeholders(folder: Path) -> frozenset[str]:
    """Digests of pictures that stand in place of a tile, as the last check learned them."""
    try:
        read = json.loads((folder / PLACEHOLDERS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    return frozenset(map(str, read)) if isinstance(read, list) else frozenset()


def keep_placeholders(folder: Path, digests: frozenset[str]) -> None:
    """Add digests to those learned before; whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / PLACEHOLDERS_FILE
    half = file.with_suffix(".part")
    half.write_text(json.dumps(sorted(read_placeholders(folder) | digests), indent=1), encoding="utf-8")
    half.replace(file)
