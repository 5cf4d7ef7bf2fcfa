"""How does a file come in, and how do rows go out, over the interface for programs?"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from anyio import open_file
from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from pydantic import AfterValidator, BaseModel, Field
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from command_ui import data_report
from command_ui.access import unmasking
from command_ui.access.roles import SignedIn, signed_in
from command_ui.api import shapes
from command_ui.api.personal import Reason, trace_of
from command_ui.api.reading import StrictRoute
from command_ui.data_jobs import DataJobs, Remembered, Upload
from command_ui.shown import coded
from gis.database import Database
from gis.datum import Datum
from gis.errors import InputError, RefusedError
from layers import catalogue, exporting, filters, personal, quality
from layers.importing import history, intake
from layers.importing.fields import fields_of, importable
from layers.importing.findings import RULES
from layers.importing.quality import STALE_DAYS
from layers.importing.trial import Wishes
from layers.rows import Then

Language = Literal["zh", "en"]
SHOWN = 300
"""Reasons an answer carries; the report has them all."""
SAMPLE_ROWS = 5
QUALITY_FRESH_S = 300.0

_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind.partition(";")[0]: {} for kind in exporting.MEDIA_TYPES.values()}}
}
Key = Annotated[str, InPath(pattern=r"^[0-9a-f]{32}$")]
LayerName = Annotated[str, InPath(max_length=64), AfterValidator(shapes.plain_line)]


class Chosen(shapes.Shape):
    """How a file is to be understood; a header paired with an empty column is not used."""

    layer: Annotated[str, Field(max_length=64), AfterValidator(shapes.plain_line)]
    mapping: dict[shapes.Line, shapes.Line] = Field(default_factory=dict, max_length=200)
    datum: Datum | None = None
    accept: list[shapes.Line] = Field(default_factory=list, max_length=len(RULES))
    stale_days: Annotated[int, Field(ge=1, le=36500)] = STALE_DAYS
    language: Language = "zh"


class Layered(BaseModel):
    """A count and what it counts; `titles` names the columns of the filter in both languages."""

    layer: str
    count: int
    titles: dict[str, tuple[str, str]]


def router(database: Database, jobs: DataJobs) -> APIRouter:
    """Build the routes of imports, exports and the quality of the registers."""
    routes = APIRouter(tags=["data"])
    strict = APIRouter(route_class=StrictRoute, tags=["data"])
    good = Remembered(QUALITY_FRESH_S)

    @routes.post("/uploads")
    async def hand_in(
        request: Request,
        name: Annotated[str, Query(min_length=1, max_length=200), AfterValidator(shapes.plain_line)],
        layer: Annotated[str, Query(max_length=64), AfterValidator(shapes.plain_line)] = "enterprise",
        language: Language = "zh",
    ) -> dict[str, Any]:
        """Take a file as the body, as it comes; the answer shows how its headers were understood."""
        person = signed_in()
        upload = jobs.new(name, person)
        try:
            async with await open_file(upload.path, "wb") as target:
                async for piece in request.stream():
                    await target.write(piece)
            return await run_in_threadpool(_preview, upload, layer, {}, language)
        except BaseException:
            jobs.forget(upload)
            raise

    @strict.post("/uploads/{key}/preview")
    def preview(key: Key, chosen: Chosen) -> dict[str, Any]:
        """Match the headers of a file again, with another layer or mapping."""
        return _preview(jobs.of(key, signed_in()), chosen.layer, chosen.mapping, chosen.language)

    @strict.post("/uploads/{key}/trial", status_code=202)
    def trial(key: Key, chosen: Chosen) -> dict[str, Any]:
        """Examine a file against the register and write nothing; ask `GET /uploads/{key}` how far it is."""
        person = signed_in()
        upload = jobs.of(key, person)
        jobs.examine(upload, chosen.layer, _wishes(chosen), person)
        return _state(upload, chosen.language)

    @strict.post("/uploads/{key}/import", status_code=202)
    def bring_in(key: Key, chosen: Chosen) -> dict[str, Any]:
        """Examine a file and write its good rows, keeping the bad ones aside."""
        person = signed_in()
        upload = jobs.of(key, person)
        good.forget()
        jobs.examine(upload, chosen.layer, _wishes(chosen), person, write=True)
        return _state(upload, chosen.language)

    @routes.get("/uploads/{key}")
    def state(key: Key, language: Language = "zh") -> dict[str, Any]:
        """Tell how far a file is, and what was found."""
        upload = jobs.of(key, signed_in())
        if upload.state == "imported":
            good.forget()
        return _state(upload, language)

    @routes.get("/uploads/{key}/report", response_class=FileResponse, responses={200: {"content": {"text/csv": {}}}})
    def report(key: Key, language: Language = "zh") -> FileResponse:
        """Give every reason against every row as a CSV."""
        upload = jobs.of(key, signed_in())
        if upload.trial is None:
            raise InputError("this file was not examined yet")
        path = _scratch(".csv")
        data_report.write(path, upload.trial.told(), upload.layer, language)
        return _sent(path, "text/csv; charset=utf-8", f"{upload.layer}-report.csv", {})

    @routes.get("/imports")
    def imports(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[dict[str, Any]]:
        """List imports, the latest first."""
        with database.transaction(signed_in().caller()) as connection:
            return history.imports(connection, limit)

    @strict.post("/imports/{import_id}/undo")
    def undo(import_id: UUID) -> dict[str, int]:
        """Take an import back."""
        caller = signed_in().caller()
        good.forget()
        with database.transaction(caller) as connection:
            return {"closed": intake.undo(connection, import_id, caller)}

    @routes.get("/quality")
    def standing(
        layer: Annotated[str, Query(max_length=64)] = "",
        rule: Annotated[str, Query(max_length=40)] = "",
        language: Language = "zh",
    ) -> dict[str, Any]:
        """
        Give the score of every layer and every defect with its place, reason and owner.

        While `examining`, the rows in the registers are being looked through anew: ask again for the scores.
        """
        caller = signed_in().caller()
        if rule and rule not in RULES:
            raise InputError(f"there is no rule '{rule}'; choose from {', '.join(RULES)}")
        if layer:
            fields_of(layer)
        scope = (caller.mode, caller.division_from, caller.division_to)

        def examined() -> dict[str, list[dict[str, Any]]]:
            with database.transaction(caller) as connection:
                return {
                    key: quality.standing_defects(connection, key, caller, datetime.now(UTC)) for key in importable()
                }

        # Examining sixty thousand rows takes seconds and is done beside; what is kept aside is read anew each time.
        kept, examining = good.get(scope, examined)
        found = kept or {}
        with database.transaction(caller) as connection:
            scores = quality.scores(connection, found)
            listed = quality.defects(connection, found, layer, rule)
        return {
            "scores": [
                {
                    "layer": one.layer,
                    "rows": one.rows,
                    "defective": one.defective,
                    "aside": one.aside,
                    "score": one.score,
                }
                for one in scores
            ],
            "defects": [_worded(one, language) for one in listed],
            "examining": examining,
        }

    @routes.get("/layers/{layer}/count")
    def count(layer: LayerName, wanted: Annotated[Wanted, Query()]) -> Layered:
        """Count the rows a filter shows."""
        meant = wanted.filter()
        with database.transaction(_may_read(layer).caller()) as connection:
            found = exporting.count(connection, layer, meant, wanted.then())
        titles = filters.titles_of(catalogue.layer(layer))
        return Layered(layer=layer, count=found, titles={one.column: titles[one.column] for one in meant.conditions})

    @routes.get("/layers/{layer}/rows")
    def rows(
        layer: LayerName, wanted: Annotated[Wanted, Query()], limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        language: Language = "zh",
    ) -> dict[str, Any]:  # fmt: skip
        """List rows a filter shows."""
        with database.transaction(_may_read(layer).caller()) as connection:
            frame = exporting.rows(connection, layer, wanted.filter(), wanted.then(), limit)
        table = exporting.table(frame, catalogue.layer(layer), language, coded(layer, language))
        return {
            "columns": list(map(str, table.columns)),
            "rows": table.astype(object).where(table.notna(), None).to_numpy(object).tolist(),
        }

    @routes.get("/layers/{layer}/export", response_class=FileResponse, responses=_FILES)
    def export(
        request: Request,
        layer: LayerName,
        wanted: Annotated[Wanted, Query()],
        kind: Annotated[exporting.Format, Query(alias="format")] = "csv",
        language: Language = "zh",
        reason: Reason = "",
    ) -> FileResponse:
        """
        Give the rows a filter shows as a file; `X-Row-Count` says how many.

        Names and numbers are masked. With a `reason`, and the right, they are not; the audit then holds how many rows.
        """
        person = _may_read(layer)
        with database.transaction(unmasking.allowed(person, reason) if reason else person.caller()) as connection:
            frame = exporting.rows(connection, layer, wanted.filter(), wanted.then())
            if reason:
                masked = personal.columns_of(catalogue.layer(layer))
                said = {"rows": len(frame), "format": kind, "where": wanted.where, "columns": list(masked)}
                unmasking.note(connection, person, f"export {layer}", reason, trace_of(request), said)
        path = _scratch(f".{kind}")
        exporting.write(frame, layer, path, kind, language, coded(layer, language))
        return _sent(path, exporting.MEDIA_TYPES[kind], f"{layer}.{kind}", {"x-row-count": str(len(frame))})

    routes.include_router(strict)
    return routes


class Wanted(BaseModel):
    """A filter in an address: conditions such as `people>=100`, a rectangle, a part of the name, a moment."""

    where: list[Annotated[str, Field(max_length=filters.LONGEST), AfterValidator(shapes.plain_line)]] = Field(
        default_factory=list, max_length=filters.MOST_CONDITIONS
    )
    bounds: Annotated[str, Field(max_length=120)] = ""
    name: Annotated[str, Field(max_length=80), AfterValidator(shapes.plain_line)] = ""
    known_at: datetime | None = None

    def filter(self) -> filters.Filter:
        """The filter meant."""
        box: tuple[float, float, float, float] | None = None
        if self.bounds:
            try:
                west, south, east, north = (float(part) for part in self.bounds.split(","))
            except ValueError as error:
                raise InputError(f"bounds '{self.bounds}' is not west,south,east,north") from error
            box = west, south, east, north
        return filters.Filter(filters.read_conditions(self.where), box, self.name)

    def then(self) -> Then | None:
        """The moment meant; None is now."""
        return Then.at(self.known_at) if self.known_at else None


def _may_read(layer: str) -> SignedIn:
    """Whoever is signed in, if the layer's label lets the role take its rows out of the house."""
    person = signed_in()
    if catalogue.layer(layer).audience == "restricted" and not person.may("report"):
        raise RefusedError(f"the role '{person.role}' may not take out layer '{layer}'; ask an operator or commander")
    return person


def _wishes(chosen: Chosen) -> Wishes:
    unknown = [rule for rule in chosen.accept if rule not in RULES]
    if unknown:
        raise InputError([f"there is no rule '{rule}'" for rule in unknown])
    return Wishes(dict(chosen.mapping), chosen.datum, frozenset(chosen.accept), chosen.stale_days)


def _preview(upload: Upload, layer: str, mapping: dict[str, str], language: Language) -> dict[str, Any]:
    sheet, mapped = intake.look(upload.path, layer, upload.name, mapping)
    at = 0 if language == "zh" else 1
    placed = sheet.places is not None
    return {
        "key": upload.key,
        "name": upload.name,
        "layer": layer,
        "layers": [
            {"key": key, "title": (catalogue.layer(key).title_zh, catalogue.layer(key).title_en)[at]}
            for key in importable()
        ],
        "format": sheet.format,
        "encoding": sheet.encoding,
        "rows": len(sheet.table),
        "headers": sheet.headers,
        "sample": sheet.table.head(SAMPLE_ROWS).to_numpy(object).tolist(),
        "matches": {match.header: {"column": match.column, "how": match.how} for match in mapped.matches},
        "absent": [(one.title_zh, one.title_en)[at] for one in mapped.absent],
        "fields": [
            {"column": one.column, "title": (one.title_zh, one.title_en)[at], "needed": one.needed}
            for one in fields_of(layer)
            if not (placed and one.kind == "degrees")
        ],
        "says_datum": sheet.says_datum,
    }


def _state(upload: Upload, language: Language) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "key": upload.key, "name": upload.name, "state": upload.state, "step": upload.step, "share": upload.share,
        "layer": upload.layer,
    }  # fmt: skip
    if upload.fault is not None:
        answer["faults"] = list(upload.fault.faults) if isinstance(upload.fault, InputError) else [str(upload.fault)]
    if upload.state in ("examined", "imported") and upload.trial is not None:
        trial = upload.trial
        told = trial.told()
        answer["trial"] = {
            "rows": trial.rows,
            "good": trial.rows - int(trial.aside.sum()),
            "aside": int(trial.aside.sum()),
            "new": trial.new,
            "known": trial.known,
            "counts": trial.findings.counts(),
            "reasons": len(told),
            "told": [_worded({**one, "layer": trial.layer}, language) for one in told[:SHOWN]],
        }
    if upload.done is not None:
        done = upload.done
        answer["done"] = {
            "import_id": str(done.import_id), "added": done.added, "changed": done.changed,
            "unchanged": done.unchanged, "aside": done.aside, "repeated": done.repeated,
        }  # fmt: skip
    return answer


def _worded(one: dict[str, Any], language: Language) -> dict[str, Any]:
    """A defect with its sentences."""
    reasons = one.get("reasons") or [one]
    return {**one, "said": [data_report.reason(reason, one["layer"], language) for reason in reasons]}


def _scratch(ending: str) -> Path:
    with tempfile.NamedTemporaryFile(prefix="onemap-", suffix=ending, delete=False) as made:
        return Path(made.name)


def _sent(path: Path, media_type: str, name: str, headers: dict[str, str]) -> FileResponse:
    return FileResponse(
        path,
        media_type=media_type,
        filename=name,
        headers=headers,
        background=BackgroundTask(path.unlink, missing_ok=True),
    )
