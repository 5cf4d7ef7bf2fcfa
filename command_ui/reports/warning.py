"""Which alert follows from a situation? Zones as areas, what people are to do, in the words of the house."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shapely.geometry import shape

from command_ui.reports.desk import Papers
from command_ui.reports.wording import date_time
from command_ui.words import say
from command_ui.words.titles import place_in, title_in
from command_ui.words.trust import marked
from gis.crs import LonLat
from gis.database import Caller
from gis.errors import InputError, MissingError
from gis.provenance import Mode
from scenarios import log
from scenarios.exchange import envelope
from scenarios.exchange.alert import Alert, Area, Circle, Info, MessageType, Response, status_in
from scenarios.situation import Situation

LASTS = timedelta(hours=2)
NEAR_KM = 0.3
"""Radius of the area of an incident nobody has assessed yet."""
_FINE_DEG = 0.0001


def alert(
    papers: Papers, incident_id: UUID, caller: Caller, *, message_type: MessageType = "Alert", references: str = "",
    instruction: str = "", now: datetime | None = None,
) -> tuple[Alert, Mode]:  # fmt: skip
    """
    Alert of an incident as it is known now, and the world it belongs to.

    Parameters
    ----------
    references
        For an update or a cancellation: the message meant, as sender,identifier,sent.

    Raises
    ------
    MissingError
        No such incident in the caller's range and world.
    InputError
        The incident has no place yet.
    """
    with papers.desk.database.transaction(caller) as connection:
        head = log.head(connection, incident_id)
        if head.mode != caller.mode:
            raise MissingError(f"there is no incident {incident_id}")
        known = papers.desk.fold(connection, incident_id)
    if known.place is None:
        raise InputError("this incident has no place yet: an alert needs one")
    sent = now or datetime.now(UTC)
    division = known.division_code or head.division_code
    city = papers.division_name(division, caller) or division
    made = Alert(
        identifier=f"{head.code}-{known.seq:05d}-{sent:%Y%m%dT%H%M%SZ}",
        sender=f"egis.{division}",
        sent=sent,
        status=status_in(head.mode),
        message_type=message_type,
        scope="Public",
        references=references,
        incidents=head.code,
        note=say("cap.drill_note") if head.mode != "live" else "",
        info=tuple(_info(known, head.code, city, language, sent, instruction) for language in ("zh", "en")),
    )
    return made, head.mode


def _info(known: Situation, code: str, city: str, language: Any, sent: datetime, instruction: str) -> Info:
    cancelled = known.status == "closed"
    run = known.run
    toxic = run is not None and run.hazard is not None
    responses: tuple[Response, ...] = ("AllClear",) if cancelled else ("Shelter", "Evacuate", "Avoid") if toxic else (
        "Avoid", "Monitor")  # fmt: skip
    kind, place = "toxic" if toxic else "other", place_in(known.place_text, language) or city
    said = instruction or say(f"cap.instruction.{kind}", language)
    parameters = [("incident", code), ("entry", str(known.seq)), ("record_hash", known.head_hash)]
    if run is not None:
        parameters.append(("run", run.run_id))
    title = title_in(known.title, language)
    occurred = date_time(known.occurred_at or sent, language, full=True)
    return Info(
        language="zh-CN" if language == "zh" else "en-US",
        event=title,
        categories=("CBRNE", "Safety") if toxic else ("Safety",),
        responses=responses,
        urgency="Past" if cancelled else "Immediate",
        severity="Severe" if toxic else "Moderate",
        certainty="Observed",
        effective=sent,
        expires=sent + LASTS,
        sender_name=say("app.centre", language, city=city),
        headline=say("cap.headline", language, title=title, place=place),
        description=say(f"cap.description.{kind}", language, occurred=occurred, place=place, title=title),
        instruction=said,
        parameters=tuple(parameters),
        areas=tuple(_areas(known, language)),
    )


def _areas(known: Situation, language: Any) -> Iterable[Area]:
    run = known.run
    where = place_in(known.place_text, language) or title_in(known.title, language)
    code = (("GB/T 2260", known.division_code),) if known.division_code else ()
    features = run.hazard.zones.get("features", []) if run is not None and run.hazard is not None else []
    for feature in sorted(features, key=lambda one: -int(one["properties"].get("level", 0))):
        said = feature["properties"]
        level = marked(str(said.get("level_name", "")), said.get("trust"), language)
        name = f"{level} {said.get('threshold', '')} {said.get('unit', '')}".strip()
        rings = tuple(_rings(feature["geometry"]))
        if rings:
            yield Area(say("cap.zone", language, name=name, place=where), rings, geocodes=code)
    if not features and known.place is not None:
        described = say("cap.near", language, place=where)
        yield Area(described, circles=(Circle(known.place, NEAR_KM),), geocodes=code)


def _rings(geometry: Any) -> Iterable[tuple[LonLat, ...]]:
    """Outer rings, closed: CAP has no holes, and who stands in one is better warned than not."""
    drawn = shape(geometry)
    for part in getattr(drawn, "geoms", [drawn]):
        if part.geom_type == "Polygon" and not part.is_empty:
            ring = part.exterior.simplify(_FINE_DEG).coords
            yield tuple(LonLat(round(x, 6), round(y, 6)) for x, y, *_ in ring)


def enveloped(made: Alert, mode: Mode) -> bytes:
    """
    Put an alert into an EDXL-DE envelope, as it goes to another level of government.

    Raises
    ------
    InputError
        The alert breaks a rule of CAP.
    """
    kind: envelope.Kind = "Report" if made.message_type == "Alert" else "Update"
    around = envelope.Envelope(
        f"{made.sender}_{made.identifier}", made.sender, made.sent, made.sent + LASTS, made.status, kind,
        description=made.info[0].headline if made.info else "", alert=made,
    )  # fmt: skip
    return envelope.write(around, mode)
