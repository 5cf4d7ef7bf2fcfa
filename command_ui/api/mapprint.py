"""How does a program have the situation printed? As a vector PDF at a chosen scale, or the same page as PNG."""

from typing import Annotated, Literal, Protocol
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, Field

from command_ui.access.roles import signed_in
from command_ui.api import shapes
from command_ui.api.reading import StrictRoute
from command_ui.mapprint.asked import by_layer, shares
from gis.database import Caller
from gis.errors import InputError

Form = Literal["pdf", "png"]
Paper = Literal["A4", "A4-portrait", "A3", "A3-portrait", "A2"]
_MEDIA = {"pdf": "application/pdf", "png": "image/png"}


class Printer(Protocol):
    """Prints an incident: file name and content. Handed in, because the interface itself draws nothing."""

    def __call__(
        self, incident_id: UUID, caller: Caller, *, form: Form, paper: str, scale: int | None,
        centre: tuple[float, float] | None, layers: tuple[str, ...], language: Literal["zh", "en"], dpi: int,
        base: str, author: str, only: dict[str, tuple[str, ...]], opacity: dict[str, float],
    ) -> tuple[str, bytes]:  # fmt: skip
        """Give file name and content; see `command_ui.mapprint.make.make`."""
        ...


def router(print_map: Printer) -> APIRouter:
    """Build the route of the printed map."""
    routes = APIRouter(prefix="/incidents", route_class=StrictRoute, tags=["incidents"])
    media: dict[int | str, dict[str, object]] = {200: {"content": {one: {} for one in _MEDIA.values()}}}

    @routes.get("/{incident_id}/map", response_class=Response, responses=media)
    def printed(
        incident_id: UUID,
        form: Form = "pdf",
        paper: Paper = "A4",
        scale: Annotated[
            int | None, Query(ge=500, le=1_000_000, description="25000 for 1:25 000; fits if absent")
        ] = None,
        longitude: shapes.Longitude | None = None,
        latitude: shapes.Latitude | None = None,
        layers: Annotated[str, Query(max_length=800, description="Keys of layers, comma-separated")] = "",
        only: Annotated[
            list[Annotated[str, Field(max_length=260), AfterValidator(shapes.plain_line)]] | None,
            Query(max_length=60, description="Filters, each LAYER~CONDITION, such as enterprise~people>=100"),
        ] = None,
        opacity: Annotated[
            list[Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9_]+~(0|1|0?\.[0-9]{1,4})$")]] | None,
            Query(max_length=60, description="How strongly layers are drawn, each LAYER~SHARE, such as shelter~0.4"),
        ] = None,
        language: Literal["zh", "en"] = "zh",
        dpi: Annotated[int, Query(ge=72, le=400)] = 200,
        base: Annotated[
            str, Query(max_length=16, pattern="^[a-z-]+$", description="own, or a national base map: vec, img, ter, …")
        ] = "own",
    ) -> Response:
        """Print the situation with legend, time, author, scale and north; refused if anything visible would lack."""
        if (longitude is None) != (latitude is None):
            raise InputError("longitude, latitude: give both or none")
        person = signed_in()
        name, content = print_map(
            incident_id, person.caller(), form=form, paper=paper, scale=scale,
            centre=(longitude, latitude) if longitude is not None and latitude is not None else None,
            layers=tuple(dict.fromkeys(part for part in layers.split(",") if part)), language=language, dpi=dpi,
            base=base, author=person.display_name, only=by_layer(only or []),
            opacity=shares(opacity or []),
        )  # fmt: skip
        return Response(
            content, media_type=_MEDIA[form], headers={"content-disposition": f'attachment; filename="{name}"'}
        )

    return routes
