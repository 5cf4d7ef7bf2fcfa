"""How does a program find what is on the ground?"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, BaseModel, TypeAdapter

from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from gis.crs import LonLat
from gis.database import Database
from gis.provenance import Mode
from layers import dossier, search, store
from layers.catalogue import LAYERS


class Layer(BaseModel):
    """One layer of the catalogue; `connected` false means 未接入, and then there is no `count`."""

    key: str
    title_zh: str
    title_en: str
    group: str
    owner: str
    source: str
    geometry: str
    connected: bool
    audience: str
    licence: str
    count: int | None
    tiles: str | None


class Hit(BaseModel):
    """One thing found; `layer` and `id` lead to its dossier, and are empty for a bare coordinate."""

    layer: str
    id: str
    name: str
    detail: str
    longitude: float
    latitude: float
    matched: str
    distance_m: float | None = None
    stock_t: float | None = None


class Dossier(BaseModel):
    """Everything about one row of a layer; every field carries its source and its age."""

    layer: str
    id: str
    title: str
    longitude: float
    latitude: float
    division_code: str
    division_names: list[str]
    zone_name: str
    source_system: str
    as_of: datetime
    ingested_at: datetime
    label: str
    mode: Mode
    fields: list[shapes.Json]
    checks: dict[str, bool]
    units: list[shapes.Json]
    tags: list[shapes.Json]
    cameras: list[shapes.Json]
    nearest_target: tuple[str, float] | None


Name = Annotated[str, Path(max_length=64), AfterValidator(shapes.plain_line)]


def router(database: Database) -> APIRouter:
    """Build the routes of the catalogue, the search and the dossier."""
    routes = APIRouter(route_class=StrictRoute, tags=["layers"])

    @routes.get("/layers")
    def catalogue() -> list[Layer]:
        """List the layers, those not connected yet included, with the number of rows your divisions hold."""
        with database.transaction(signed_in().caller()) as connection:
            counts = store.counts(connection)
        return [
            Layer(
                key=layer.key,
                title_zh=layer.title_zh,
                title_en=layer.title_en,
                group=layer.group,
                owner=layer.owner,
                source=layer.source,
                geometry=layer.geometry,
                connected=layer.key in counts,
                audience=layer.audience,
                licence=layer.licence,
                count=counts.get(layer.key),
                tiles=f"/tiles/{layer.key}/{{z}}/{{x}}/{{y}}.mvt" if layer.geometry != "none" else None,
            )
            for layer in LAYERS
        ]

    @routes.get("/layers/{layer}/{feature_id}")
    def one(layer: Name, feature_id: Name) -> Dossier:
        """Give the dossier of one row."""
        with database.transaction(signed_in().caller()) as connection:
            found = dossier.dossier(connection, layer, feature_id)
        return Dossier.model_validate(_DOSSIER.dump_python(found, mode="json"))

    @routes.get("/search")
    def find(
        q: Annotated[str, Query(min_length=1, max_length=search.LONGEST), AfterValidator(shapes.plain_line)],
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
        longitude: Annotated[float | None, Query(ge=-180, le=180)] = None,
        latitude: Annotated[float | None, Query(ge=-90, le=90)] = None,
        within_m: Annotated[float, Query(gt=0, le=100_000)] = 5000,
    ) -> list[Hit]:
        """
        Search names, pinyin, credit codes, addresses, divisions, coordinates and dangerous substances.

        With a place, a substance lists who holds it within `within_m` metres, the nearest first.
        """
        near = None if longitude is None or latitude is None else LonLat(longitude, latitude)
        with database.transaction(signed_in().caller()) as connection:
            return [Hit(**_plain(hit)) for hit in search.search(connection, q, limit, near, within_m)]

    return routes


_DOSSIER = TypeAdapter(dossier.Dossier)
_HIT = TypeAdapter(search.Hit)


def _plain(hit: search.Hit) -> dict[str, Any]:
    plain: dict[str, Any] = _HIT.dump_python(hit)
    return plain
