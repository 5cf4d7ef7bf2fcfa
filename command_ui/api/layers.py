"""How does a program find what is on the ground?"""

from fastapi import APIRouter

from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from gis.database import Database
from layers import store
from layers.catalogue import LAYERS


def router(database: Database) -> APIRouter:
    """Build the routes of the catalogue, the search and the dossier."""
    routes = APIRouter(route_class=StrictRoute, tags=["layers"])

    @routes.get("/layers")
    def catalogue() -> list[shapes.Layer]:
        """List the layers, those not connected yet included, with the rows your divisions hold."""
        with database.transaction(signed_in().caller()) as connection:
            counts = store.counts(connection)
        return [
            shapes.Layer(
                key=layer.key,
                title_zh=layer.title_zh,
                title_en=layer.title_en,
                group=layer.group,
                owner=layer.owner,
                source=layer.source,
                geometry=layer.geometry,
                connected=layer.connected,
                audience=layer.audience,
                count=counts.get(layer.key),
                tiles=f"/tiles/{layer.key}/{{z}}/{{x}}/{{y}}.mvt" if layer.connected else None,
            )
            for layer in LAYERS
        ]

    return routes
