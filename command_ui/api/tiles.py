"""How does a layer reach the map as tiles, drawn once and sent many times?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Path, Query
from pydantic import AfterValidator, AwareDatetime, Field
from sqlalchemy import Connection, text
from starlette.responses import Response

from command_ui.api import shapes
from command_ui.api.tile_grids import GridSource
from command_ui.api.tile_store import Ahead, Block, Source, Tile, TileStore
from gis.database import Caller, Database
from gis.errors import MissingError
from layers import base_tiles, catalogue, filters, register_stamp, tile_address, tiles, touched
from layers.catalogue import LAYERS
from layers.store import Then
from layers.tile_grid import Grid

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
BASE = "base"
"""Layer name the base map is kept under; no layer of the catalogue may have it."""
DRAWN_AT_ONCE = 8
"""Tiles that may be drawn at the same time; they wait for each other and for nobody else's work."""

Zoom = Annotated[int, Path(ge=0, le=tile_address.MAX_ZOOM)]
Place = Annotated[int, Path(ge=0, lt=2**tile_address.MAX_ZOOM)]
Condition = Annotated[str, Field(max_length=filters.LONGEST), AfterValidator(shapes.plain_line)]

_DRAWN = frozenset(layer.key for layer in LAYERS if layer.connected and layer.geometry != "none")


def store_of(database: Database) -> TileStore:
    """Build the store of all tiles."""
    grids = GridSource(_wants_grid, tiles.grid_of, tiles.grid_renewed)
    return TileStore(database, Source(_draw, _version, _edge, _register, touched.mark, _since, grids, _stamp))


def ahead_of(database: Database, store: TileStore) -> Ahead:
    """Build what draws the base map and the layers a map opens with before anybody asks."""
    # What changes with every reading would be drawn for nothing.
    steady = [layer for layer in LAYERS if layer.key in _DRAWN and layer.geometry == "point" and layer.table != "tag"]
    first = [layer.key for layer in steady if layer.visible]
    others = [layer.key for layer in steady if layer.key not in (*first, "enterprise")]
    return Ahead(database, store, lambda: _callers(database), [BASE, *first, "enterprise"], _extent, others)


def router(store: TileStore) -> APIRouter:
    """Build the routes of tiles. A layer is a name of the catalogue, never an address or a path."""
    routes = APIRouter(prefix="/tiles", include_in_schema=False)
    hands = CapacityLimiter(DRAWN_AT_ONCE)

    @routes.api_route("/{layer}/{z}/{x}/{y}.mvt", methods=["GET", "HEAD"])
    async def tile(
        layer: str,
        z: Zoom,
        x: Place,
        y: Place,
        known_at: Annotated[AwareDatetime | None, Query()] = None,
        only: Annotated[list[Condition] | None, Query(max_length=filters.MOST_CONDITIONS + 1)] = None,
        if_none_match: Annotated[str, Header(alias="If-None-Match")] = "",
    ) -> Response:
        if x >= 2**z or y >= 2**z or (layer != BASE and layer not in _DRAWN):
            raise MissingError("there is no such tile")
        asked = (_filtered(layer, only or ()), z, x, y, None if layer == BASE else known_at)
        # A thread for what lies in memory would cost many times the tile, and wait behind everybody else's threads.
        held = store.at_hand(*asked)
        found: Tile = held if held is not None else await to_thread.run_sync(store.tile, *asked, limiter=hands)
        # What was known at a moment that has passed will never be anything else.
        age = "max-age=5, stale-while-revalidate=60" if known_at is None else "max-age=3600"
        headers = {"etag": found.etag, "cache-control": f"private, {age}"}
        if found.etag in {part.strip().removeprefix("W/") for part in if_none_match.split(",")}:
            return Response(status_code=304, headers=headers)
        return Response(found.packed, media_type=MEDIA_TYPE, headers=headers | {"content-encoding": "gzip"})

    return routes


def _filtered(layer: str, only: Sequence[str]) -> str:
    """Name the tiles of a layer are kept under: its key, and in further lines its filter; no filter that cannot be."""
    if layer == BASE or not only:
        return layer
    filters.meets(catalogue.layer(layer), filters.read_filter(only))
    return "\n".join([layer, *only])


def _key(name: str) -> str:
    return name.split("\n", 1)[0]


def _draw(
    connection: Connection, layer: str, z: int, x: int, y: int, edge: int, known_at: datetime | None = None,
    grid: Grid | None = None,
) -> Block:  # fmt: skip
    if layer != BASE:
        then = None if known_at is None else Then.shown(known_at)
        key, *only = layer.split("\n")
        return tiles.block(connection, key, z, x, y, edge, then, filters.read_filter(only) if only else None, grid)
    places = [(x + column, y + row) for column in range(edge) for row in range(edge)]
    return {place: base_tiles.base_tile(connection, z, *place) for place in places}


def _version(connection: Connection, layer: str) -> str:
    return base_tiles.base_version(connection) if layer == BASE else tiles.version(connection, _key(layer))


def _stamp(connection: Connection, layer: str) -> str:
    return "" if layer == BASE else register_stamp.stamp(connection, _key(layer))


def _since(connection: Connection, layer: str, mark: str) -> Sequence[tuple[float, float]] | None:
    return None if layer == BASE else touched.since(connection, _key(layer), mark)


def _edge(layer: str, z: int, version: str) -> int:
    return 1 if layer == BASE else tiles.block_edge(_key(layer), z, tiles.rows_of(version))


def _wants_grid(layer: str, z: int, version: str) -> bool:
    # A grid knows no filter, so the name is a key here.
    return layer != BASE and "\n" not in layer and tiles.wants_grid(layer, z, tiles.rows_of(version))


def _register(layer: str) -> str:
    return BASE if layer == BASE else catalogue.layer(_key(layer)).table


def _extent(connection: Connection, layer: str) -> tuple[float, float, float, float] | None:
    return base_tiles.base_extent(connection) if layer == BASE else tiles.extent(connection, layer)


def _callers(database: Database) -> Sequence[Caller]:
    """For each range of divisions and world among the accounts, widest first, one who sees it."""
    with database.transaction(Caller.system()) as connection:
        rows = connection.execute(_RANGES).all()
    return [Caller("tiles", row.division_from, row.division_to, row.mode, row.clearance) for row in rows]


_RANGES = text(
    "SELECT DISTINCT division_from, division_to, mode, clearance FROM access.account"
    " WHERE role NOT IN ('pending', 'system_admin', 'security_admin', 'audit_admin')"
    " ORDER BY division_from, division_to DESC, mode, clearance DESC LIMIT 4"
)
