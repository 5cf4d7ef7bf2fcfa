"""Which situation goes on paper, with what beneath it? Loaded as the caller, drawn, and checked: nothing may lack."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import geopandas as gpd
import shapely
from shapely.geometry import shape

from command_ui.basemaps import OWN, Credit, approval_line
from command_ui.console import scene_marks, scene_roads
from command_ui.console.scene import scene_of
from command_ui.console.theme import colours
from command_ui.mapprint import ground, subjects
from command_ui.mapprint.backdrop import Backdrop, Fetch
from command_ui.mapprint.page_frame import Box, PageFrame, fitting_scale
from command_ui.mapprint.pen import Pen
from command_ui.mapprint.subjects import Sheet
from command_ui.mapprint.surround import Imprint, surround, watermark
from command_ui.reports.fonts import Faces, faces
from command_ui.words import Language, say
from command_ui.words.titles import title_in
from gis.clock import DUTY_ZONE
from gis.crs import LonLat
from gis.database import Caller
from gis.errors import InputError, MissingError, UnavailableError
from layers import exporting, store, unseen
from layers.catalogue import layer
from layers.filters import read_filter
from layers.surroundings import around
from scenarios import log
from scenarios.desk import Desk

Json = dict[str, Any]
Form = Literal["pdf", "png"]
NEAR_DEG = 0.02
MOST_POINTS = 100_000
"""Points of one layer on one sheet; beyond this the sheet is refused and says which layer."""
DPI = 200
_STOREYS = {"area": 0, "line": 1, "point": 2}


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What is wanted.

    Attributes
    ----------
    scale
        Denominator, or None for the largest usual scale at which the situation fits.
    centre
        Middle of the map, or None for the middle of the situation.
    layers
        Keys of the catalogue that are switched on; each must be on the sheet.
    only
        Filters of some of them: key -> conditions as `filters.read_filter` takes them.
    opacity
        How strongly some of them are drawn: key -> 0 to 1; the others fully.
    base
        ``own``, or the national base map to lie beneath: ``vec``, ``img``, ``ter``, …
    credits
        Whose each base map is, as `basemaps.credits_of` has it for the screen too.
    """

    form: Form = "pdf"
    paper: str = "A4"
    scale: int | None = None
    centre: LonLat | None = None
    layers: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    opacity: Mapping[str, float] = field(default_factory=dict)
    language: Language = "zh"
    dpi: int = DPI
    base: str = OWN
    credits: Mapping[str, tuple[Credit, ...]] = field(default_factory=dict)


def make(
    desk: Desk,
    incident_id: UUID,
    caller: Caller,
    wish: Wish,
    *,
    author: str,
    font: Path | None = None,
    fetch: Fetch | None = None,
) -> tuple[str, bytes]:
    """
    Print an incident as it is known now, in the `font` given or the best found on this machine.

    Parameters
    ----------
    fetch
        Gives the national base map of `wish.base`; without it only our own ground can be printed.

    Returns
    -------
    name, content
        A file name (number and time, ASCII) and the PDF or PNG.

    Raises
    ------
    InputError
        No such paper, scale or layer, or a layer with too many points for the sheet.
    MissingError
        No such incident, or one of another division or world.
    UnavailableError
        The database is away, this machine has no Chinese font, or something visible did not get onto the sheet.
    """
    _checked(wish)
    made_at = datetime.now(UTC)
    known = desk.situation(incident_id, caller=caller)
    with desk.database.transaction(caller) as connection:
        head = log.head(connection, incident_id)
        if head.mode != caller.mode:
            raise MissingError(f"there is no incident {incident_id}")
        scene = scene_of(known, code=head.code, division="", mode=head.mode, moment=None, can_run=False, can_note=False)
        scene |= scene_roads.roads_of(known, None, can_close=False, can_send=False)
        scene |= scene_marks.marks_of(known, None, can_draw=False)
        frame = _frame(scene, wish)
        areas, lines, source = around(connection, frame.bounds, detail=13 if frame.scale <= 30_000 else 12)
        rows, met = {}, {}
        closed = unseen.townships(connection, frame.bounds) if unseen.LAYERS & set(wish.layers) else None
        for key in wish.layers:
            wanted = replace(read_filter(wish.only.get(key, ())), bounds=frame.bounds)
            if exporting.count(connection, key, wanted) > MOST_POINTS:
                raise InputError(
                    f"layers: '{key}' has more than {MOST_POINTS} rows on this sheet; choose a larger scale"
                )
            rows[key] = exporting.rows(connection, key, wanted)
            if key in wish.only:
                met[key] = exporting.count(connection, key, replace(wanted, bounds=None))
        state = store.world(connection)
    back = None
    if wish.base != OWN:
        if fetch is None:
            raise InputError(f"base: '{wish.base}' can be printed by the server only; here it is {OWN}")
        back = fetch(wish.base, frame)
    imprint = _imprint(
        scene, wish, back, head_hash=known.head_hash, seq=known.seq, made_at=made_at, author=author, source=source
    )
    found = faces(font)
    base = (areas, lines, back)
    first = _draw(scene, frame, base, rows, met, closed, imprint, wish, None, frozenset())
    sheet = _draw(scene, frame, base, rows, met, closed, imprint, wish, found, frozenset(first.pen.characters))
    lacking(sheet, scene, wish.layers, base=wish.base)
    pdf = sheet.pen.done()
    name = f"{head.code}-map-{frame.scale}-{made_at:%Y%m%dT%H%M%SZ}-{state}.{wish.form}"
    return name, pdf if wish.form == "pdf" else as_png(pdf, wish.dpi)


def lacking(sheet: Sheet, scene: Json, keys: Sequence[str], *, base: str = OWN) -> None:
    """
    Pass if everything visible was drawn.

    Raises
    ------
    UnavailableError
        Something was not; it is named.
    """
    wanted = subjects.expected_of(scene) | {f"layer-{key}" for key in keys} | {"ground"}
    wanted |= {f"ground-{base}"} if base != OWN else set()
    missing = sorted(wanted - sheet.signed)
    if missing:
        raise UnavailableError(f"the print would lack {', '.join(missing)}; it is not given out: report this")


def as_png(pdf: bytes, dpi: int) -> bytes:
    """The page as a picture of so many dots an inch."""
    import pypdfium2  # type: ignore[import-untyped]

    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(scale=dpi / 72).to_pil()
    finally:
        document.close()
    out = io.BytesIO()
    picture.convert("RGB").save(out, "PNG", dpi=(dpi, dpi), optimize=True)
    return out.getvalue()


def _checked(wish: Wish) -> None:
    faults = []
    for key in wish.layers:
        try:
            spec = layer(key)
        except MissingError:
            faults.append(f"layers: there is no layer '{key}'")
            continue
        if not spec.connected or spec.geometry == "none":
            faults.append(f"layers: '{key}' has nothing that could be drawn")
    faults += [f"only: '{key}' is filtered but not printed" for key in wish.only if key not in wish.layers]
    faults += [f"opacity: '{key}' has a strength but is not printed" for key in wish.opacity if key not in wish.layers]
    faults += [
        f"opacity: {one:g} of '{key}'; between 0 and 1" for key, one in wish.opacity.items() if not 0 <= one <= 1
    ]
    if not 72 <= wish.dpi <= 400:
        faults.append(f"dpi: {wish.dpi}; between 72 and 400")
    if faults:
        raise InputError(faults)


def _frame(scene: Json, wish: Wish) -> PageFrame:
    west, south, east, north = _bounds(scene)
    centre = wish.centre or LonLat((west + east) / 2, (south + north) / 2)
    return PageFrame(wish.paper, centre, wish.scale or fitting_scale(wish.paper, (west, south, east, north)))


def _bounds(scene: Json) -> Box:
    drawn = [shape(zone["geometry"]) for zone in scene.get("zones", [])]
    drawn += [shape(one["geometry"]) for one in (*scene.get("closures", []), *scene.get("marks", []))]
    one = scene["incident"]
    longitude, latitude = one["longitude"] or 0.0, one["latitude"] or 0.0
    near = (longitude - NEAR_DEG, latitude - NEAR_DEG, longitude + NEAR_DEG, latitude + NEAR_DEG)
    if not drawn:
        return near
    west, south, east, north = (float(part) for part in shapely.total_bounds(drawn))
    return min(west, longitude), min(south, latitude), max(east, longitude), max(north, latitude)


def _draw(
    scene: Json, frame: PageFrame, base: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Backdrop | None],
    rows: dict[str, gpd.GeoDataFrame], met: dict[str, int], closed: gpd.GeoDataFrame | None,
    imprint: Imprint, wish: Wish, found: Faces | None, characters: frozenset[str],
) -> Sheet:  # fmt: skip
    pen = Pen(frame.size_pt, found, characters, imprint.title)
    sheet = Sheet(pen, frame, colours("light"), wish.language)
    pen.begin_map(frame.map_box)
    areas, lines, back = base
    ground.draw_base(sheet, areas, lines)
    if back is None or back.missing == back.tiles:
        ground.draw_names(sheet, areas)
    if back is not None:
        ground.draw_backdrop(sheet, back)
    # As on the screen: surfaces lie lowest, whatever the order they were asked in, and a unit's risk upon its sign.
    for key, frame_rows in sorted(
        rows.items(), key=lambda one: (_STOREYS[layer(one[0]).geometry], one[0] == "risk_unit")
    ):
        spec = layer(key)
        title = spec.title_en if wish.language == "en" else spec.title_zh
        ground.draw_layer(
            sheet, key, frame_rows, title, wish.opacity.get(key, 1.0), met.get(key),
            closed if key in unseen.LAYERS else None,
        )  # fmt: skip
    subjects.draw(sheet, scene)
    watermark(sheet, imprint.world)
    pen.end_map()
    surround(sheet, imprint)
    return sheet


def _imprint(
    scene: Json,
    wish: Wish,
    back: Backdrop | None,
    *,
    head_hash: str,
    seq: int,
    made_at: datetime,
    author: str,
    source: str,
) -> Imprint:
    one, language = scene["incident"], wish.language
    run = scene.get("run")
    known = (
        f"{say('print.run', language, run=run['short'], time=_clock(run['at']))}" if run else say("run.none", language)
    )
    return Imprint(
        title=title_in(one["title"], language),
        number=one["number"],
        made=say("print.made", language, time=_clock(made_at)),
        situation=" · ".join(part for part in (one.get("place") or "", known) if part),
        basis=" · ".join(_basis(scene, language)),
        author=say("print.author", language, name=author),
        ground=_ground(wish, back, source or say("print.ground.none", language)),
        approval=approval_line(_beneath(back), wish.credits, language),
        record=say("print.record", language, seq=seq, hash=head_hash[:32]),
        world=say(f"mode.{one['mode']}.mark", language),
    )


def _basis(scene: Json, language: Language) -> list[str]:
    """What the zones rest on and whom they reach: a sheet is read without the screen."""
    said = []
    for each in (scene.get("basis") or {}).get("inputs", []):
        code = "print.wind" if each["code"] == "basis.wind" else str(each["code"])
        values = {
            name: value.get(language) if isinstance(value, dict) else value for name, value in each["values"].items()
        }
        words = say(code, language, **values)
        said += [] if words == code or code.startswith("release.") else [words]
    reached = scene.get("exposure") or {}
    if reached.get("total_day") is not None and reached.get("total_night") is not None:
        day, night = f"{reached['total_day']:,}", f"{reached['total_night']:,}"
        said.append(say("print.reached", language, day=day, night=night))
    return said


def _beneath(back: Backdrop | None) -> list[str]:
    """Which base maps lie on the sheet: ours too where tiles are missing, and ours alone where all are."""
    if back is None or back.missing == back.tiles:
        return [OWN]
    return [back.choice, OWN] if back.missing else [back.choice]


def _ground(wish: Wish, back: Backdrop | None, source: str) -> str:
    """What lies beneath, and what of it is missing."""
    own = say("print.ground", wish.language, source=source)
    if back is None:
        return own
    title = say(f"basemap.{back.choice}", wish.language)
    if back.missing == back.tiles:
        return say("print.ground.away", wish.language, title=title, own=own)
    sources = say("basemap.join", wish.language).join(
        dict.fromkeys(one.source for one in wish.credits.get(back.choice, ()))
    )
    said = say("print.ground.national", wish.language, title=title, source=sources, level=back.level)
    if not back.missing:
        return said
    return f"{said} {say('print.ground.holes', wish.language, missing=back.missing, tiles=back.tiles)}"


def _clock(when: str | datetime) -> str:
    moment = when if isinstance(when, datetime) else datetime.fromisoformat(when)
    return f"{moment.astimezone(DUTY_ZONE):%Y-%m-%d %H:%M:%S}"
