"""
How do other programs read our data sets by the open standard? OGC API - Features (Part 1) and Tiles, read-only.

Our own small part and not tipg: that one brings a second driver with a pool of its own next to psycopg and has no place
where a request's caller is written into the transaction, which is what keeps one district out of another's rows; and it
publishes whatever its role may read, where we publish a closed list of views.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import AfterValidator
from starlette.responses import JSONResponse

from command_ui.access.roles import signed_in
from command_ui.api import shapes
from gis.database import Database
from gis.errors import InputError, MissingError
from layers import publishing
from layers.catalogue import LAYERS
from layers.publishing import DATASETS, DataSet

PREFIX = "/ogc"
DEFAULT_LIMIT, MOST = 100, 10_000
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
QUAD = "WebMercatorQuad"
QUAD_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
SCHEMA_REL = "http://www.opengis.net/def/rel/ogc/1.0/schema"
TILES_REL = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"

CONFORMS = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
)
_OWN = frozenset({"bbox", "datetime", "limit", "after", "f"})
_TILED = frozenset(layer.key for layer in LAYERS if layer.connected and layer.geometry != "none")

Key = Annotated[str, Path(max_length=64), AfterValidator(shapes.plain_line)]
Json = dict[str, Any]


def router(database: Database, describe: Callable[[Request], Json]) -> APIRouter:
    """Build the routes; `describe` gives the OpenAPI document of the server."""
    routes = APIRouter(prefix=PREFIX, tags=["ogc"])

    @routes.get("")
    def landing(request: Request) -> Json:
        """Say what is here."""
        base = _base(request)
        return {
            "title": "EGIS 应急管理一张图",
            "description": "Outbound data sets, in the reader's divisions and world.",
            "links": [
                _link(base, "self", "application/json", "This document"),
                _link(f"{base}/api", "service-desc", "application/vnd.oai.openapi+json;version=3.0", "The interface"),
                _link(f"{base}/conformance", "conformance", "application/json", "Conformance"),
                _link(f"{base}/collections", "data", "application/json", "Collections"),
            ],
        }

    @routes.get("/conformance")
    def conformance() -> Json:
        """List the classes of the standards we keep to."""
        return {"conformsTo": list(CONFORMS)}

    @routes.get("/api")
    def interface(request: Request) -> JSONResponse:
        """Give the OpenAPI document."""
        return JSONResponse(describe(request), media_type="application/vnd.oai.openapi+json;version=3.0")

    @routes.get("/collections")
    def collections(request: Request) -> Json:
        """List the data sets."""
        base = _base(request)
        with database.transaction(signed_in().caller()) as connection:
            found = [_collection(base, one, publishing.extent(connection, one.key)) for one in DATASETS.values()]
        return {
            "links": [_link(f"{base}/collections", "self", "application/json", "This document")],
            "collections": found,
        }

    @routes.get("/collections/{key}")
    def collection(request: Request, key: Key) -> Json:
        """Describe one data set."""
        one = publishing.dataset(key)
        with database.transaction(signed_in().caller()) as connection:
            return _collection(_base(request), one, publishing.extent(connection, key))

    @routes.get("/collections/{key}/schema")
    def schema(key: Key) -> JSONResponse:
        """Give the JSON Schema of one feature."""
        with database.transaction(signed_in().caller()) as connection:
            return JSONResponse(publishing.schema(connection, key), media_type="application/schema+json")

    @routes.get("/collections/{key}/items")
    def items(request: Request, key: Key) -> Response:
        """Give features: by box, time, column, page by page."""
        one = publishing.dataset(key)
        query = request.query_params
        with database.transaction(signed_in().caller()) as connection:
            columns = {column.name for column in publishing.properties(connection, key)}
            unknown = sorted(set(query) - _OWN - columns)
            if unknown:
                return _bad(f"unknown parameters {', '.join(unknown)}; columns are {', '.join(sorted(columns))}")
            try:
                bounds, (since, until) = _box(query.get("bbox")), _interval(query.get("datetime"))
                limit, after = (
                    _whole(query.get("limit"), DEFAULT_LIMIT, "limit"),
                    _whole(query.get("after"), 0, "after"),
                )
            except InputError as error:
                return _bad(str(error))
            page = publishing.items(
                connection,
                key,
                bounds=bounds,
                since=since,
                until=until,
                equal={name: query[name] for name in query if name in columns},
                limit=min(max(limit, 1), MOST),
                after=after,
            )
        base = f"{_base(request)}/collections/{one.key}"
        links = [
            _link(str(request.url), "self", "application/geo+json", "This page"),
            _link(base, "collection", "application/json", one.title_en),
        ]
        if page.after is not None:
            following = request.url.include_query_params(after=page.after)
            links.append(_link(str(following), "next", "application/geo+json", "Next page"))
        body = {
            "type": "FeatureCollection",
            "timeStamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "numberMatched": page.matched,
            "numberReturned": len(page.features),
            "features": page.features,
            "links": links,
        }
        return JSONResponse(body, media_type="application/geo+json")

    @routes.get("/collections/{key}/items/{feature_id}")
    def item(request: Request, key: Key, feature_id: Key) -> Response:
        """Give one feature."""
        with database.transaction(signed_in().caller()) as connection:
            page = publishing.items(connection, key, ids=(feature_id,), limit=1, count=False)
        if not page.features:
            raise MissingError(f"data set '{key}' has no feature '{feature_id}'")
        base = f"{_base(request)}/collections/{key}"
        links = [
            _link(f"{base}/items/{feature_id}", "self", "application/geo+json", "This feature"),
            _link(base, "collection", "application/json", key),
        ]
        return JSONResponse(page.features[0] | {"links": links}, media_type="application/geo+json")

    @routes.get("/collections/{key}/tiles")
    def tilesets(request: Request, key: Key) -> Json:
        """List the tile sets of a data set."""
        base = f"{_base(request)}/collections/{key}/tiles"
        return {
            "links": [_link(base, "self", "application/json", "Tile sets")],
            "tilesets": [_tileset(base, _tiled(key))],
        }

    @routes.get("/collections/{key}/tiles/{matrix}")
    def tileset(request: Request, key: Key, matrix: Key) -> Json:
        """Describe the one tile set a data set has."""
        if matrix != QUAD:
            raise MissingError(f"tiles are cut by {QUAD} only")
        return _tileset(f"{_base(request)}/collections/{key}/tiles", _tiled(key))

    @routes.get("/tileMatrixSets")
    def matrices(request: Request) -> Json:
        """List the tilings."""
        base = f"{_base(request)}/tileMatrixSets"
        return {
            "tileMatrixSets": [
                {"id": QUAD, "uri": QUAD_URI, "links": [_link(f"{base}/{QUAD}", "self", "application/json", QUAD)]}
            ]
        }

    @routes.get("/tileMatrixSets/{matrix}")
    def tiling(matrix: Key) -> Json:
        """Name the tiling by its registered address."""
        if matrix != QUAD:
            raise MissingError(f"tiles are cut by {QUAD} only")
        return {"id": QUAD, "uri": QUAD_URI, "title": "Google Maps Compatible for the World"}

    return routes


def _base(request: Request) -> str:
    return f"{request.base_url}".rstrip("/") + PREFIX


def _link(href: str, rel: str, kind: str, title: str) -> Json:
    return {"href": href, "rel": rel, "type": kind, "title": title}


def _collection(base: str, one: DataSet, box: publishing.Bounds | None) -> Json:
    own = f"{base}/collections/{one.key}"
    found: Json = {
        "id": one.key,
        "title": f"{one.title_zh} {one.title_en}",
        "description": f"{one.title_zh} · {one.owner}",
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            _link(own, "self", "application/json", one.title_en),
            _link(f"{own}/items", "items", "application/geo+json", one.title_en),
            _link(f"{own}/schema", SCHEMA_REL, "application/schema+json", "Schema"),
        ],
    }
    if box is not None:
        found["extent"] = {"spatial": {"bbox": [list(box)], "crs": CRS84}}
    if one.layer in _TILED:
        found["links"].append(_link(f"{own}/tiles", TILES_REL, "application/json", "Tiles"))
    return found


def _tiled(key: str) -> DataSet:
    one = publishing.dataset(key)
    if one.layer not in _TILED:
        raise MissingError(f"data set '{key}' has no tiles")
    return one


def _tileset(base: str, one: DataSet) -> Json:
    # The tiles of the map itself: one cache for both, one answer for both.
    template = f"{base.split(PREFIX)[0]}/tiles/{one.layer}/{{tileMatrix}}/{{tileCol}}/{{tileRow}}.mvt"
    return {
        "title": f"{one.title_zh} {one.title_en}",
        "dataType": "vector",
        "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
        "tileMatrixSetURI": QUAD_URI,
        "links": [
            _link(f"{base}/{QUAD}", "self", "application/json", QUAD),
            {"href": template, "rel": "item", "type": "application/vnd.mapbox-vector-tile", "templated": True},
        ],
    }


def _bad(sentence: str) -> JSONResponse:
    return JSONResponse({"code": "InvalidParameterValue", "description": sentence}, status_code=400)


def _whole(text: str | None, default: int, name: str) -> int:
    if text is None or text == "":
        return default
    # isdigit alone takes a raised two for a digit, and int() does not.
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise InputError(f"{name} is '{text}': a whole number from 0 is needed")
    return int(text)


def _box(text: str | None) -> publishing.Bounds | None:
    if not text:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(f"bbox is '{text}': four or six numbers are needed") from error
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != 4 or not all(-1e4 < number < 1e4 for number in numbers) or numbers[1] > numbers[3]:
        raise InputError(f"bbox is '{text}': west, south, east, north in degrees are needed")
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _interval(text: str | None) -> tuple[datetime | None, datetime | None]:
    if not text:
        return None, None
    parts = text.split("/")
    if len(parts) > 2:
        raise InputError(f"datetime is '{text}': a time, or two with a slash between, are needed")
    ends = [_moment(part) for part in parts]
    return (ends[0], ends[0]) if len(ends) == 1 else (ends[0], ends[1])


def _moment(text: str) -> datetime | None:
    if text in ("", ".."):
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"datetime '{text}' is not a time of RFC 3339") from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)
