"""Which tiles are drawn already, for whom, and what is drawn before anybody asks?"""

import gzip
import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from command_ui.access.roles import signed_in
from command_ui.api.tile_grids import Grids, GridSource, Scope
from gis.database import Caller, Database
from gis.errors import UnavailableError

_log = logging.getLogger("onemap.tiles")

FRESH_S = 3.0
"""How long a register's version is believed without asking again: an edit shows on every map after this."""
_KEPT_BYTES = 128 * 1024 * 1024
_PACKED = 4
"""Level of gzip: a third of the time of level 6 for two per cent more bytes (a tile of 320 kB: 4 ms, 108 kB)."""
_AHEAD_ZOOMS = range(4, 15)
_AHEAD_EDGE = 4
_AGAIN_S = 60.0
"""A register that keeps changing is drawn ahead no more often than this."""

Key = tuple[Scope, str, int, int, int]
Block = Mapping[tuple[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Source:
    """
    Where tiles come from; every function gets a connection in the name of who asks.

    Attributes
    ----------
    draw
        ``(connection, layer, z, x, y, edge)`` -> bodies of `edge` columns and rows of tiles from ``x, y`` on; for a
        moment of the past it comes last. ``grid=`` is given where there is one.
    version
        ``(connection, layer)`` -> text that changes whenever the layer's rows do.
    edge
        ``(layer, z, version)`` -> how many columns and rows to draw when one of them is asked for.
    register
        Layer -> name of what its version is of; layers of one register share it.
    mark, since
        ``(connection)`` -> text that stands for this moment; ``(connection, layer, mark)`` -> places, 0 to 1 from the
        west and the north, where the register changed since, or None where everything may have.
    grids
        Where a crowded layer's points lie, so that a tile of it need not read them.
    stamp
        ``(connection, layer)`` -> text that costs little and changes whenever the version may; empty: none.
    """

    draw: Callable[..., Block]
    version: Callable[[Connection, str], str]
    edge: Callable[[str, int, str], int] = lambda _layer, _z, _version: 1
    register: Callable[[str], str] = lambda layer: layer
    mark: Callable[[Connection], str] = lambda _connection: ""
    since: Callable[[Connection, str, str], Sequence[tuple[float, float]] | None] = lambda *_: None
    grids: GridSource = field(default_factory=GridSource)
    stamp: Callable[[Connection, str], str] = lambda _connection, _layer: ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile as it is sent."""

    etag: str
    packed: bytes


class TileStore:
    """
    Tiles drawn by PostGIS, kept packed in memory by version of their register and jurisdiction.

    What one division may see never answers the request of another: its range is part of the key. Two requests for the
    same missing tile draw it once.
    """

    def __init__(self, database: Database, source: Source, kept_bytes: int = _KEPT_BYTES) -> None:
        self._database = database
        self._source = source
        self._kept_bytes = kept_bytes
        self._tiles: OrderedDict[Key, Tile] = OrderedDict()
        self._versions: dict[Scope, tuple[float, str]] = {}
        self._marks: dict[Scope, str] = {}
        self._stamps: dict[Scope, str] = {}
        self._asking: dict[Scope, threading.Lock] = {}
        self._size = 0
        self._lock = threading.Lock()
        self._grids = Grids(database, source.grids)
        self._drawing: dict[tuple[Key, int], threading.Lock] = {}
        self.at_work = 0
        """Requests that wait for PostGIS just now."""

    def tile(self, layer: str, z: int, x: int, y: int, known_at: datetime | None = None) -> Tile:
        """Give a tile for who is signed in, as it is or as it was known at a moment; blocks on the database."""
        caller = signed_in().caller()
        known_at = _past(known_at)
        key = self._key(caller, layer, z, x, y, known_at)
        held = self._held(key)
        if held is not None:
            return held
        with self._lock:
            self.at_work += 1
        try:
            return self._drawn(caller, key, self._source.edge(layer, z, key[1]), known_at)
        finally:
            with self._lock:
                self.at_work -= 1

    def at_hand(self, layer: str, z: int, x: int, y: int, known_at: datetime | None = None) -> Tile | None:
        """
        Give a tile for who is signed in where that needs nobody to be asked, else None; never blocks.

        It is what `tile` would give: of a version that is due to be asked for again only while somebody asks.
        """
        caller = signed_in().caller()
        if (then := _past(known_at)) is not None:
            return self._held(self._key(caller, layer, z, x, y, then))
        register = _scope(caller, self._source.register(layer))
        read_at, version = self._versions.get(register, (-1e9, ""))
        if time.monotonic() - read_at > FRESH_S:
            asking = self._asking.get(register)
            if version == "" or asking is None or not asking.locked():
                return None
        return self._held((_scope(caller, layer), version, z, x, y))

    def draw_ahead(self, caller: Caller, layer: str, z: int, x: int, y: int, edge: int) -> bool:
        """Draw a block of tiles for `caller` before anybody asks; False when it was there."""
        edge = min(edge, 1 << z)
        x, y = x - x % edge, y - y % edge
        scope, version, *_ = self._key(caller, layer, z, x, y)
        keys = [(scope, version, z, x + at, y + row) for at in range(edge) for row in range(edge)]
        if all(self._held(key) is not None for key in keys):
            return False
        self._drawn(caller, keys[0], edge)
        return True

    def read_ahead(self, caller: Caller, layer: str) -> bool:
        """Read where the points of a crowded layer lie for `caller` before anybody asks; whether it is crowded."""
        return self._grids.of(caller, _scope(caller, layer), self.version_of(caller, layer), 0) is not None

    def version_of(self, caller: Caller, layer: str) -> str:
        """
        Version of the layer's register, believed for a few seconds.

        One request asks PostGIS anew; meanwhile the others go on with what they know.
        """
        # What a caller may see decides what a version counts, so each range and label has its own.
        register = _scope(caller, self._source.register(layer))
        read_at, version = self._versions.get(register, (-1e9, ""))
        if time.monotonic() - read_at <= FRESH_S:
            return version
        with self._lock:
            turn = self._asking.setdefault(register, threading.Lock())
        if not turn.acquire(blocking=version == ""):
            return version
        try:
            read_at, version = self._versions.get(register, (-1e9, ""))
            if time.monotonic() - read_at > FRESH_S:
                before, began = version, time.monotonic()
                with self._database.transaction(caller) as connection:
                    mark = self._source.mark(connection)
                    # Before the version, which is asked for only where something may have changed.
                    stamp = self._source.stamp(connection, layer)
                    if before == "" or stamp == "" or stamp != self._stamps.get(register):
                        version = self._source.version(connection, layer)
                    if before not in ("", version):
                        touched = self._source.since(connection, layer, self._marks[register])
                        self._carry(register, before, version, touched)
                        self._grids.carry(connection, self._reader_of(register), before, version, touched)
                # The mark before the version: what is told of twice is drawn twice, nothing is missed.
                self._marks[register] = mark
                self._stamps[register] = stamp
                self._versions[register] = (began, version)
                self._drop(register, before, version)
            return version
        finally:
            turn.release()

    def __len__(self) -> int:
        """Tiles held."""
        return len(self._tiles)

    def _key(self, caller: Caller, layer: str, z: int, x: int, y: int, known_at: datetime | None = None) -> Key:
        scope = _scope(caller, layer)
        version = (
            self.version_of(caller, layer) if known_at is None else f"known {known_at.astimezone(UTC).isoformat()}"
        )
        return scope, version, z, x, y

    def _drawn(self, caller: Caller, key: Key, edge: int, known_at: datetime | None = None) -> Tile:
        """Draw the block a tile lies in, once however many ask; keep all of it."""
        scope, version, z, x, y = key
        edge, then = min(edge, 1 << z), () if known_at is None else (known_at,)
        first: Key = (scope, version, z, x - x % edge, y - y % edge)
        with self._lock:
            turn = self._drawing.setdefault((first, edge), threading.Lock())
        with turn:
            held = self._held(key)
            if held is None:
                # Read before the transaction that draws: nobody holds one connection while he waits for another.
                grid = None if then else self._grids.of(caller, scope, version, z)
                counted = {} if grid is None else {"grid": grid}
                with self._database.transaction(caller) as connection:
                    bodies = self._source.draw(connection, scope[0], z, first[3], first[4], edge, *then, **counted)
                for place, body in bodies.items():
                    # mtime=0: the same tile gives the same bytes, hence the same ETag in every process.
                    tile = Tile(f'"{hashlib.sha256(body).hexdigest()[:32]}"', gzip.compress(body, _PACKED, mtime=0))
                    self._keep((scope, version, z, *place), tile)
                    if place == (x, y):
                        held = tile
        with self._lock:
            self._drawing.pop((first, edge), None)
        assert held is not None
        return held

    def _carry(self, register: Scope, before: str, version: str, touched: Sequence[tuple[float, float]] | None) -> None:
        """Keep under the new version what the register's change did not touch."""
        if touched is None:
            return
        with self._lock:
            kept = self._of(register, before)
        drawn_anew: dict[int, set[tuple[int, int]]] = {}
        for key in kept:
            z, x, y = key[2:]
            if z not in drawn_anew:
                drawn_anew[z] = {(int(east * (1 << z)), int(south * (1 << z))) for east, south in touched}
            tile = None if (x, y) in drawn_anew[z] else self._held(key)
            if tile is not None:
                self._keep((key[0], version, z, x, y), tile)

    def _drop(self, register: Scope, before: str, version: str) -> None:
        """Forget the tiles of a version nobody will ask for again."""
        if before not in ("", version):
            with self._lock:
                for key in self._of(register, before):
                    self._size -= len(self._tiles.pop(key).packed)

    def _of(self, register: Scope, version: str) -> list[Key]:
        reads = self._reader_of(register)
        return [key for key in self._tiles if key[1] == version and reads(key[0])]

    def _reader_of(self, register: Scope) -> Callable[[Scope], bool]:
        """Whether a layer reads this register, in the same name."""
        return lambda scope: scope[1:] == register[1:] and self._source.register(scope[0]) == register[0]

    def _held(self, key: Key) -> Tile | None:
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
            return tile

    def _keep(self, key: Key, tile: Tile) -> None:
        with self._lock:
            before = self._tiles.pop(key, None)
            self._tiles[key] = tile
            self._size += len(tile.packed) - (len(before.packed) if before else 0)
            while self._size > self._kept_bytes and len(self._tiles) > 1:
                _, oldest = self._tiles.popitem(last=False)
                self._size -= len(oldest.packed)


def _past(known_at: datetime | None) -> datetime | None:
    """The moment asked for; None where it is the present, which can still change: only the past is kept for good."""
    is_present = known_at is None or known_at > datetime.now(UTC) - timedelta(seconds=FRESH_S)
    return None if is_present else known_at


def _scope(caller: Caller, name: str) -> Scope:
    """Layer or register with all that decides what of it a caller may see."""
    return (name, caller.mode, caller.division_from, caller.division_to, caller.clearance)


Extent = Callable[[Connection, str], tuple[float, float, float, float] | None]


class Ahead:
    """
    Draws what a first look at the city asks for, from the whole country down to streets, before anybody does.

    It works on one thread, rests as long as it worked, and stands back while a request waits for PostGIS.

    Parameters
    ----------
    callers
        For whom: ranges of divisions and worlds that occur among the accounts.
    layers
        Which, the ones seen first at the front.
    extent
        ``(connection, layer)`` -> west, north, east, south on the pyramid, 0 to 1.
    others
        Layers that are off at first: the places of those that are crowded are read once, so that whoever switches one
        on need not wait for that.
    """

    def __init__(
        self, database: Database, store: TileStore, callers: Callable[[], Sequence[Caller]], layers: Sequence[str],
        extent: Extent, others: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._database = database
        self._store = store
        self._callers = callers
        self._layers = layers
        self._extent = extent
        self._others = others
        self._read: set[Scope] = set()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._done: dict[Scope, tuple[str, float]] = {}

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread = threading.Thread(target=self._run, name="onemap-tiles", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the block that is being drawn."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(30)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                callers = self._callers()
                for caller in callers:
                    self.look(caller)
                for caller in callers:
                    self.read(caller)
            except UnavailableError as error:
                _log.warning("tiles are not drawn ahead just now: %s", error)
            self._stopping.wait(FRESH_S * 2)

    def look(self, caller: Caller) -> int:
        """Draw what is new for `caller`; return the number of blocks drawn."""
        drawn = 0
        stale = [layer for layer in self._layers if self._is_due(caller, layer)]
        # Zoom by zoom: what many look at first stands first.
        for z in _AHEAD_ZOOMS:
            for layer in stale:
                drawn += sum(self._draw(caller, layer, z, x, y) for x, y in self._blocks(caller, layer, z))
        for layer in stale:
            if not self._stopping.is_set():
                scope = _scope(caller, layer)
                self._done[scope] = (self._store.version_of(caller, layer), time.monotonic())
        return drawn

    def read(self, caller: Caller) -> None:
        """Read the places of crowded layers nobody has looked at yet, once for `caller`."""
        for layer in self._others:
            scope = _scope(caller, layer)
            if scope in self._read:
                continue
            while self._store.at_work and not self._stopping.wait(0.05):
                pass
            if self._stopping.is_set():
                return
            began = time.monotonic()
            self._store.read_ahead(caller, layer)
            self._read.add(scope)
            self._stopping.wait(time.monotonic() - began)

    def _is_due(self, caller: Caller, layer: str) -> bool:
        version, at = self._done.get(_scope(caller, layer), ("", -1e9))
        return self._store.version_of(caller, layer) != version and time.monotonic() - at > _AGAIN_S

    def _blocks(self, caller: Caller, layer: str, z: int) -> Iterator[tuple[int, int]]:
        with self._database.transaction(caller) as connection:
            found = self._extent(connection, layer)
        if found is not None:
            west, north, east, south = (min(int(edge * (1 << z)), (1 << z) - 1) for edge in found)
            for x in range(west - west % _AHEAD_EDGE, east + 1, _AHEAD_EDGE):
                for y in range(north - north % _AHEAD_EDGE, south + 1, _AHEAD_EDGE):
                    yield x, y

    def _draw(self, caller: Caller, layer: str, z: int, x: int, y: int) -> bool:
        while self._store.at_work and not self._stopping.wait(0.05):
            pass
        if self._stopping.is_set():
            return False
        began = time.monotonic()
        drawn = self._store.draw_ahead(caller, layer, z, x, y, _AHEAD_EDGE)
        if drawn:
            self._stopping.wait(time.monotonic() - began)
        return drawn
