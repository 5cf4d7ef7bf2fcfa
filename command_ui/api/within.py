"""How does a program ask what lies within an area?"""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from shapely.geometry import mapping

from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from gis.database import Database
from layers import within as inside


class Area(BaseModel):
    """An area, longitude first: a Polygon, or a Point or LineString with the distance around it that counts."""

    geometry: shapes.Json
    buffer_m: float = Field(default=0.0, ge=0.0, le=inside.FARTHEST_BUFFER_M, description="metres around it")
    layers: list[str] | None = Field(default=None, max_length=100, description="keys of layers; all when left out")


class Place(BaseModel):
    """One row of a layer, with a point on it."""

    id: str
    name: str | None
    longitude: float
    latitude: float


class LayerWithin(BaseModel):
    """What one layer has there: `count` is of all rows, `rows` are the first of them by name."""

    layer: str
    count: int
    rows: list[Place]


class Answer(BaseModel):
    """What lies within; `geometry` is the area that was asked about, the buffer included."""

    geometry: shapes.Json
    area_m2: float
    people_day: int
    people_night: int
    layers: list[LayerWithin]


def answered(found: inside.Within) -> dict[str, Any]:
    """Plain JSON of what was found."""
    return {
        "geometry": mapping(found.area),
        "area_m2": round(found.area_m2, 1),
        "people_day": found.people_day,
        "people_night": found.people_night,
        "layers": [
            {"layer": one.layer, "count": one.count, "rows": [dict(row) for row in one.rows]} for one in found.layers
        ],
    }


def router(database: Database) -> APIRouter:
    """Routes below ``/api/v1``."""
    routes = APIRouter(route_class=StrictRoute, tags=["layers"])

    @routes.post("/layers/within", response_model=Answer)
    def within(asked: Area) -> Any:
        """Count people and rows within an area drawn by hand. It only reads, and reads as the person may."""
        area = inside.area_of(asked.geometry, asked.buffer_m)
        with database.transaction(signed_in().caller()) as connection:
            return answered(inside.within(connection, area, asked.layers))

    return routes
