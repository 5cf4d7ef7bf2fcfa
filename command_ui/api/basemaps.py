"""How does a tile of a national base map reach the page without its key?"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path
from starlette.responses import JSONResponse, Response

from gis.errors import MissingError, OutOfRangeError
from tianditu.grids import HIGHEST_LEVEL, TileIndex
from tianditu.proxy import NoTileError, TileProxy, as_json

_FRESH_S = 3600
_STAND_IN_S = 60
"""A picture from a package or past its expiry is asked for again soon: the server may be back."""

LayerId = Annotated[str, Path(pattern=r"^[a-z][a-z-]{1,15}$")]
Level = Annotated[int, Path(ge=0, le=HIGHEST_LEVEL)]
Place = Annotated[int, Path(ge=0, lt=2**HIGHEST_LEVEL)]


def router(proxy: TileProxy) -> APIRouter:
    """Build the routes of national tiles. A layer is an id of the catalogue, never an address."""
    routes = APIRouter(prefix="/tiles/tianditu", include_in_schema=False)

    @routes.api_route("/state", methods=["GET", "HEAD"])
    def state() -> list[dict[str, Any]]:
        return as_json(proxy.states())

    @routes.api_route("/{layer}/{matrix}/{z}/{x}/{y}", methods=["GET", "HEAD"])
    async def tile(
        layer: LayerId,
        matrix: Literal["w", "c"],
        z: Level,
        x: Place,
        y: Place,
        if_none_match: Annotated[str, Header(alias="If-None-Match")] = "",
    ) -> Response:
        try:
            found = await proxy.tile(layer, TileIndex(matrix, z, x, y))
        except OutOfRangeError as error:
            raise MissingError("there is no such tile") from error
        except NoTileError as error:
            return _no_tile(error)
        standing_in = found.origin in ("old", "package")
        age = _STAND_IN_S if standing_in else min(_FRESH_S, max(_STAND_IN_S, round(found.fresh_s)))
        headers = {"etag": found.etag, "cache-control": f"private, max-age={age}", "x-tile-origin": found.origin}
        if found.etag in {part.strip().removeprefix("W/") for part in if_none_match.split(",")}:
            return Response(status_code=304, headers=headers)
        return Response(found.picture, media_type=found.media_type, headers=headers)

    return routes


def _no_tile(error: NoTileError) -> Response:
    """404 only for "there is no such tile", which a map never asks for again; 503 for "not now"."""
    headers = {"cache-control": "no-store"}
    if error.retry_s is None:
        return JSONResponse({"code": "not_found", "state": error.state}, status_code=404, headers=headers)
    headers["retry-after"] = str(round(error.retry_s))
    return JSONResponse({"code": "unavailable", "state": error.state}, status_code=503, headers=headers)
