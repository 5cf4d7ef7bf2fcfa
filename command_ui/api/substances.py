"""Which substances does the house know?"""

from fastapi import APIRouter
from pydantic import BaseModel

from command_ui.api.reading import StrictRoute
from gis.errors import InputError, MissingError
from plume import substances


class Substance(BaseModel):
    """A substance by its names and numbers; any of them may stand in a case."""

    key: str
    name_zh: str
    aliases: list[str]
    cas: str
    un: str
    molar_mass_kg_mol: float
    source: str
    trust: str


def router() -> APIRouter:
    """Build the routes of substances."""
    routes = APIRouter(prefix="/substances", route_class=StrictRoute, tags=["substances"])

    @routes.get("")
    def every() -> list[Substance]:
        """List all substances."""
        return [_shape(one) for one in substances.known()]

    @routes.get("/{name}")
    def one(name: str) -> Substance:
        """Find a substance by English or Chinese name, alias, CAS or UN number."""
        try:
            return _shape(substances.find(name))
        except InputError as error:
            raise MissingError(str(error)) from error

    return routes


def _shape(one: substances.Substance) -> Substance:
    return Substance(
        key=one.key,
        name_zh=one.name_zh,
        aliases=list(one.aliases),
        cas=one.cas,
        un=one.un,
        molar_mass_kg_mol=one.molar_mass_kg_mol,
        source=one.source,
        trust=one.trust,
    )
