"""How does a program draw on the map, and take what is drawn away?"""

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from command_ui.access.roles import signed_in
from command_ui.api import answers, shapes
from command_ui.api.reading import IdempotencyKey, StrictRoute
from command_ui.plotting import geojson, kml, svg
from command_ui.plotting.apart import handed_in
from gis.database import Caller
from gis.errors import MissingError
from layers.signs.catalogue import EDITION, TRUST, signs
from scenarios.desk import Desk
from scenarios.marks.drawn import LONGEST_LABEL, LONGEST_TEXT, DrawMark
from scenarios.marks.events import Standing
from scenarios.marks.fold import Mark

Json = dict[str, Any]
Seen = Annotated[int, Query(ge=0, le=2**53, description="Number of the last entry you saw")]
Label = Annotated[str, Field(max_length=LONGEST_LABEL), AfterValidator(shapes.plain_line)]


class SignOut(BaseModel):
    """A sign of the standard; its drawing is our own."""

    code: str
    zh: str
    en: str
    label: str
    kind: Literal["point", "line", "area"]
    subtypes: list[str]


class SignTable(BaseModel):
    """Every sign, the edition of the standard, and what may be believed of table and drawings."""

    edition: str
    trust: dict[str, str]
    signs: list[SignOut]


class NewMark(shapes.Shape):
    """
    A mark: the code of a sign, and a Point, LineString or Polygon as that sign is drawn.

    `standing` is `kept` (part of the map) or `shown` (for the moment). `order_id` names the order the mark plots.
    """

    symbol: Annotated[str, Field(max_length=6)]
    geometry: Json
    label: Label = ""
    subtype: Label = ""
    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    rotation_deg: Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)] = 0.0
    opacity: Annotated[float, Field(ge=0.1, le=1)] = 1.0
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    order_id: Annotated[str, Field(max_length=80), AfterValidator(shapes.plain_line)] = ""
    standing: Standing = "kept"


class ChangedMark(NewMark):
    """The whole mark as it is from here on; `expected_seq` is the number of the last entry you saw."""

    expected_seq: Annotated[int, Field(ge=0, le=2**53)]


class MarkOut(BaseModel):
    """A mark as it is now; `removed_seq` is null while it is on the map."""

    mark_id: str
    number: int
    version: int
    symbol: str
    geometry: Json
    label: str
    subtype: str
    text: str
    rotation_deg: float
    opacity: float
    valid_from: AwareDatetime | None
    valid_until: AwareDatetime | None
    order_id: str
    standing: Standing
    author: str
    placed_at: AwareDatetime
    changed_by: str
    changed_at: AwareDatetime
    seq: int
    removed_seq: int | None


class MarkReceipt(BaseModel):
    """The mark that was drawn or touched, and the receipt of its entry."""

    mark_id: str
    receipt: shapes.Receipt


class MarkFile(shapes.Shape):
    """A file of marks: its name ends in .geojson, .kml or .svg. On `trial` nothing is recorded."""

    name: Annotated[str, Field(max_length=200), AfterValidator(shapes.plain_line)]
    content: Annotated[str, Field(max_length=900_000)]
    trial: bool = True


class MarkFileRead(BaseModel):
    """What was found: marks that can be taken, every fault with the number of its mark, and the ids once recorded."""

    good: int
    faults: list[str]
    mark_ids: list[str]


def router(desk: Desk) -> APIRouter:
    """Build the routes of signs and marks."""
    routes = APIRouter(route_class=StrictRoute, tags=["marks"])
    conflict: dict[int | str, dict[str, Any]] = {409: {"model": shapes.Problem}}

    def seen(incident_id: UUID) -> Caller:
        caller = signed_in().caller()
        with desk.database.transaction(caller) as connection:
            answers.seen(connection, incident_id, caller)
        return caller

    @routes.get("/signs")
    def every_sign() -> SignTable:
        """List the signs of GB/T 35649-2017 that can be drawn."""
        fields = SignOut.model_fields
        listed = [SignOut(**{name: getattr(one, name) for name in fields}) for one in signs().values()]
        return SignTable(edition=EDITION, trust=dict(TRUST), signs=listed)

    @routes.get("/signs/{code}.svg", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}})
    def sign_picture(code: str) -> Response:
        """Give our drawing of a point sign, with the label the standard sets into its frame."""
        sign = signs().get(code)
        if sign is None or sign.kind != "point":
            raise MissingError(f"there is no point sign {code}; GET /api/v1/signs lists them")
        return Response(svg.sign_svg(code, label=sign.label, size=64), media_type="image/svg+xml")

    @routes.get("/incidents/{incident_id}/marks")
    def every(incident_id: UUID) -> list[MarkOut]:
        """List the marks ever drawn in this incident; `removed_seq` is null while one is on the map."""
        known = desk.situation(incident_id, caller=seen(incident_id))
        return [_mark(one) for one in known.marks]

    @routes.post("/incidents/{incident_id}/marks", status_code=201)
    def draw(incident_id: UUID, body: NewMark, key: IdempotencyKey) -> MarkReceipt:
        """Draw a mark."""
        mark_id, receipt = desk.marks.draw(incident_id, DrawMark(**body.model_dump()), seen(incident_id), key=key)
        return MarkReceipt(mark_id=mark_id, receipt=answers.receipt(receipt))

    @routes.patch("/incidents/{incident_id}/marks/{mark_id}", responses=conflict)
    def change(incident_id: UUID, mark_id: str, body: ChangedMark, key: IdempotencyKey) -> MarkReceipt:
        """Change a mark; 409 when somebody changed it since `expected_seq`."""
        said = DrawMark(**body.model_dump(exclude={"expected_seq"}))
        caller = seen(incident_id)
        receipt = desk.marks.change(incident_id, mark_id, said, caller, seen_seq=body.expected_seq, key=key)
        return MarkReceipt(mark_id=mark_id, receipt=answers.receipt(receipt))

    @routes.delete("/incidents/{incident_id}/marks/{mark_id}", responses=conflict)
    def remove(incident_id: UUID, mark_id: str, key: IdempotencyKey, expected_seq: Seen) -> MarkReceipt:
        """Take a mark off the map; it can be restored."""
        receipt = desk.marks.remove(incident_id, mark_id, seen(incident_id), seen_seq=expected_seq, key=key)
        return MarkReceipt(mark_id=mark_id, receipt=answers.receipt(receipt))

    @routes.post("/incidents/{incident_id}/marks/{mark_id}/restored", status_code=201, responses=conflict)
    def restore(incident_id: UUID, mark_id: str, key: IdempotencyKey, expected_seq: Seen) -> MarkReceipt:
        """Put a removed mark back as it last was."""
        receipt = desk.marks.restore(incident_id, mark_id, seen(incident_id), seen_seq=expected_seq, key=key)
        return MarkReceipt(mark_id=mark_id, receipt=answers.receipt(receipt))

    def on_map(incident_id: UUID) -> tuple[str, list[Mark]]:
        known = desk.situation(incident_id, caller=seen(incident_id))
        return answers.mark(seen(incident_id).mode) + known.title, [
            one for one in known.marks if one.removed_seq is None
        ]

    def collection(title: str, marks: list[Mark]) -> str:
        mode = signed_in().mode
        whole = geojson.collection(marks) | {"name": title} | answers.marked(mode)
        return json.dumps(whole, ensure_ascii=False, indent=1)

    def file(kind: str, media: str, write: Callable[[str, list[Mark]], str]) -> None:
        @routes.get(
            f"/incidents/{{incident_id}}/marks.{kind}",
            name=f"marks_{kind}",
            response_class=Response,
            responses={200: {"content": {media: {}}}},
        )
        def export(incident_id: UUID) -> Response:
            title, marks = on_map(incident_id)
            name = f'attachment; filename="marks.{kind}"'
            return Response(write(title, marks), media_type=media, headers={"content-disposition": name})

        export.__doc__ = f"Take the marks on the map away as {kind}; they can be read back."

    file("geojson", "application/geo+json", collection)
    file("kml", "application/vnd.google-earth.kml+xml", lambda title, marks: kml.write(marks, title=title))
    file("svg", "image/svg+xml", lambda title, marks: svg.write(marks, title=title))

    @routes.post("/incidents/{incident_id}/marks/file", status_code=201)
    def take(incident_id: UUID, body: MarkFile, key: IdempotencyKey) -> MarkFileRead:
        """Read marks from a file; on `trial` (the default) only told what is in it, else the good ones are drawn."""
        caller = seen(incident_id)
        found = handed_in(body.name, body.content.encode())
        ids = [] if body.trial else desk.marks.draw_all(incident_id, found.marks, caller, key=key)
        return MarkFileRead(good=len(found.marks), faults=list(found.faults), mark_ids=ids)

    return routes


def _mark(one: Mark) -> MarkOut:
    return MarkOut(**{name: getattr(one, name) for name in MarkOut.model_fields})
