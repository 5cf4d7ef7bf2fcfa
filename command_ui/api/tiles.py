"""How does a layer reach the map as tiles, drawn once and sent many times?"""

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header, Path
from sqlalchemy import Connection
from starlette.responses import Response

from command_ui.access.roles import signed_in
from gis.database import Database
from gis.errors import MissingError
from layers import tiles
from layers.catalogue import LAYERS

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
BASE = "base"
"""Layer name the base map is kept under; no layer of the catalogue may have it."""

_FRESH_S = 3.0
"""How long a layer's version is believed without asking again: an edit shows on every map after this."""

_KEPT_BYTES = 128 * 1024 * 1024

Key = tuple[str, str, str, str, str, int, int, int]
Draw = Callable[[Connection, str, int, int, int], bytes]


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile as it is sent."""

    etag: str
    packed: bytes


class TileStore:
    """
    Tiles drawn by PostGIS, kept packed in memory by layer version and jurisdiction.

    What one division may see never answers the request of another: its range is part of the key. Two requests for the
    same missing tile draw it once.
    """

    def __init__(
        self, database: Database, draw: Draw, version: Callable[[Connection, str], str], kept_bytes: int = _KEPT_BYTES
    ) -> None:
        self._database = database
        self._draw = draw
        self._version = version
        self._kept_bytes = kept_bytes
        self._tiles: OrderedDict[Key, Tile] = OrderedDict()
        self._versions: dict[tuple[str, str, str, str], tuple[float, str]] = {}
        self._size = 0
        self._lock = threading.Lock()
        self._drawing: dict[Key, threading.Lock] = {}

    def tile(self, layer: str, z: int, x: int, y: int) -> Tile:
        """Give a tile for who is signed in; blocks on the database."""
        caller = signed_in().caller()
        scope = (layer, caller.mode, caller.division_from, caller.division_to)
        key: Key = (*scope, self._version_of(scope), z, x, y)
        held = self._held(key)
        if held is not None:
            return held
        with self._lock:
            turn = self._drawing.setdefault(key, threading.Lock())
        with turn:
            held = self._held(key)
            if held is None:
                with self._database.transaction(caller) as connection:
                    body = self._draw(connection, layer, z, x, y)
                # mtime=0: the same tile gives the same bytes, hence the same ETag in every process.
                held = Tile(f'"{hashlib.sha256(body).hexdigest()[:32]}"', gzip.compress(body, 6, mtime=0))
                self._keep(key, held)
        with self._lock:
            self._drawing.pop(key, None)
        return held

    def __len__(self) -> int:
        """Tiles held."""
        return len(self._tiles)

    def _version_of(self, scope: tuple[str, str, str, str]) -> str:
        read_at, version = self._versions.get(scope, (-1e9, ""))
        if time.monotonic() - read_at > _FRESH_S:
            with self._database.transaction(signed_in().caller()) as connection:
                version = self._version(connection, scope[0])
            self._versions[scope] = (time.monotonic(), version)
        return version

    def _held(self, key: Key) -> Tile | None:
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
            return tile

    def _keep(self, key: Key, tile: Tile) -> None:
        with self._lock:
            self._tiles[key] = tile
            self._size += len(tile.packed)
            while self._size > self._kept_bytes and len(self._tiles) > 1:
                _, oldest = self._tiles.popitem(last=False)
                self._size -= len(oldest.packed)


Zoom = Annotated[int, Path(ge=0, le=tiles.MAX_ZOOM)]
Place = Annotated[int, Path(ge=0, lt=2**tiles.MAX_ZOOM)]

_DRAWN = frozenset(layer.key for layer in LAYERS if layer.connected and layer.geometry != "none")


def router(database: Database) -> APIRouter:
    """Build the routes of tiles. A layer is a name of the catalogue, never an address or a path."""
    routes = APIRouter(prefix="/tiles", include_in_schema=False)
    store = TileStore(database, _draw, _version)

    @routes.api_route("/{layer}/{z}/{x}/{y}.mvt", methods=["GET", "HEAD"])
    def tile(
        layer: str, z: Zoom, x: Place, y: Place, if_none_match: Annotated[str, Header(alias="If-None-Match")] = ""
    ) -> Response:
        if x >= 2**z or y >= 2**z or (layer != BASE and layer not in _DRAWN):
            raise MissingError("there is no such tile")
        found = store.tile(layer, z, x, y)
        headers = {"etag": found.etag, "cache-control": "private, max-age=5, stale-while-revalidate=60"}
        if found.etag in {part.strip().removeprefix("W/") for part in if_none_match.split(",")}:
            return Response(status_code=304, headers=headers)
        return Response(found.packed, media_type=MEDIA_TYPE, headers=headers | {"content-encoding": "gzip"})

    return routes


def _draw(connection: Connection, layer: str, z: int, x: int, y: int) -> bytes:
    return tiles.base_tile(connection, z, x, y) if layer == BASE else tiles.tile(connection, layer, z, x, y)


def _version(connection: Connection, layer: str) -> str:
    return tiles.base_version(connection) if layer == BASE else tiles.version(connection, layer)
