"""What did the latest assessment find, in sentences of a report? Every one carries the entry of its run."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from scenarios.reports.book import Book, moment, term
from scenarios.reports.forms import Line
from scenarios.situation import Run

TARGETS = 8


def furthest_m(payload: Mapping[str, Any]) -> float | None:
    """Reach of the widest zone of a run, metres; None where there are no zones."""
    features = (payload.get("zones") or {}).get("features", [])
    found = [float(one["properties"]["reach_m"]) for one in features if one["properties"].get("reach_m") is not None]
    return max(found, default=None)


def impact(book: Book) -> list[Line]:
    """Zones, people by band, sensitive targets, roads inside the zones, the evacuation proposed."""
    run = book.situation.run
    if run is None or run.hazard is None:
        return []
    doubt = [Line("run_doubted", {"entry": run.stale_since}, (run.stale_since,))] if run.stale_since else []
    closed = []
    if run.routes is not None and run.routes.closed_count:
        at = book.of_run("routes_proposed", run.routes.run_id)
        closed.append(Line("closed_by_zones", {"count": run.routes.closed_count}, at))
    return [*doubt, *size(book), *_people(book, run), *_targets(book, run), *closed, *evacuation(book)]


def size(book: Book) -> list[Line]:
    """One sentence a zone: level, value, reach."""
    run = book.situation.run
    if run is None or run.hazard is None:
        return []
    at = _hazard(book, run)
    zones = [one["properties"] for one in run.hazard.zones.get("features", [])]
    zones.sort(key=lambda one: -int(one.get("level", 0)))
    return [
        Line(
            "zone_unverified" if one.get("trust") == "unverified" else "zone",
            {
                "name": one.get("level_name", ""), "threshold": one.get("threshold"), "unit": one.get("unit", ""),
                "reach_m": one.get("reach_m"),
            },
            at,
        )
        for one in zones
        if one.get("reach_m") is not None
    ]  # fmt: skip


def _people(book: Book, run: Run) -> list[Line]:
    if run.exposure is None or run.exposure.bands is None:
        return [Line("people_none", {}, ())] if run.exposure is not None else []
    at = book.of_run("exposure_assessed", run.exposure.run_id)
    bands = run.exposure.bands
    total = Line(
        "people",
        {"day": sum(int(one["people_day"]) for one in bands), "night": sum(int(one["people_night"]) for one in bands)},
        at,
    )
    return [
        total,
        *(
            Line("band", {"name": one["level_name"], "day": one["people_day"], "night": one["people_night"]}, at)
            for one in bands
        ),
    ]


def _targets(book: Book, run: Run) -> list[Line]:
    if run.exposure is None or not run.exposure.facilities:
        return []
    at = book.of_run("exposure_assessed", run.exposure.run_id)
    found = sorted(run.exposure.facilities, key=lambda one: float(one.get("distance_m") or 0))
    lines = [
        Line(
            "target",
            {"name": one["name"], "people": one.get("people"), "distance_m": one.get("distance_m"),
             "zone": one.get("level_name", "")},
            at,
        )
        for one in found[:TARGETS]
    ]  # fmt: skip
    if len(found) > TARGETS:
        lines.append(Line("targets_more", {"count": len(found) - TARGETS}, at))
    return lines


def weather(book: Book) -> list[Line]:
    """Weather of the case believed now."""
    said = book.situation.weather
    if not said or said.get("wind_from_deg") is None:
        return []
    at = (book.situation.case_seq,) if book.situation.case_seq else ()
    values = {"from_deg": said["wind_from_deg"], "speed_m_s": said["wind_speed_m_s"]}
    lines = [Line("wind", values, at)]
    if said.get("temperature_c") is not None:
        values = {"temperature_c": said["temperature_c"], "stability": said.get("stability", "—")}
        lines.append(Line("air", values, at))
    return lines


def materials(book: Book) -> list[Line]:
    """What leaks, and how much of it."""
    known = book.situation
    release = (known.case or {}).get("release")
    if not release:
        return []
    at = (known.case_seq,) if known.case_seq else ()
    run = known.run
    substance: Any = release.get("substance", "")
    if run is not None and run.hazard is not None and run.hazard.summary.get("substance_zh"):
        substance = {"zh": run.hazard.summary["substance_zh"], "en": str(substance)}
    lines = [Line("substance", {"name": substance}, at)]
    if release.get("rate_kg_s") is not None and release.get("duration_s") is not None:
        lines.append(Line("rate", {"rate_kg_s": release["rate_kg_s"], "duration_s": release["duration_s"]}, at))
    elif release.get("mass_kg") is not None:
        lines.append(Line("mass", {"mass_kg": release["mass_kg"]}, at))
    return lines


def life_safety(book: Book) -> list[Line]:
    """People in the zones, those who leave, those left over."""
    run = book.situation.run
    if run is None:
        return []
    return [*_people(book, run)[:1], *evacuation(book)]


def evacuation(book: Book) -> list[Line]:
    """Proposed evacuation: people, places given, people left over."""
    run = book.situation.run
    plan = run.evacuation if run is not None else None
    if plan is None or plan.people is None:
        return []
    at = book.of_run("evacuation_proposed", plan.run_id)
    used = sum(1 for one in plan.shelters if one.get("assigned"))
    lines = [Line("evacuation", {"people": plan.people, "assigned": plan.assigned or 0, "shelters": used}, at)]
    if plan.totals.get("clearance_90_s"):
        lines.append(Line("clearance", {"seconds": plan.totals["clearance_90_s"]}, at))
    left = sum(int(one.get("people") or 0) for one in plan.left_over)
    return [*lines, Line("left_over", {"people": left}, at)] if left else lines


def projection(book: Book) -> list[Line]:
    """How sure the zones are, and when the cloud reaches whom."""
    run, start = book.situation.run, book.situation.occurred_at
    if run is None:
        return []
    lines = []
    if run.confidence is not None and run.confidence.reach_m:
        at = book.of_run("confidence_forecast", run.confidence.run_id)
        for name, reach in run.confidence.reach_m.items():
            lines.append(Line("sure", {"name": name, "low_m": reach["p10"], "high_m": reach["p90"]}, at))
    if start is not None and run.exposure is not None:
        at = book.of_run("exposure_assessed", run.exposure.run_id)
        coming = [one for one in run.exposure.facilities or () if one.get("arrival_s") is not None]
        for one in sorted(coming, key=lambda one: float(one["arrival_s"]))[:TARGETS]:
            when = start + timedelta(seconds=round(float(one["arrival_s"])))
            lines.append(Line("arrival", {"name": one["name"], "at": moment(when)}, (*at, *_first(book))))
    return lines


def needs(book: Book) -> list[Line]:
    """What is still lacking: people without a place, targets without data."""
    run, lines = book.situation.run, list[Line]()
    if run is None:
        return lines
    plan = run.evacuation
    if plan is not None:
        at = book.of_run("evacuation_proposed", plan.run_id)
        lines += [
            Line(
                "need_place",
                {"block": one.get("name") or one.get("block_id", ""), "people": one.get("people")},
                at,
            )
            for one in plan.left_over
            if one.get("people")
        ]
    if run.routes is not None:
        at = book.of_run("routes_proposed", run.routes.run_id)
        blocked = [one["properties"] for one in run.routes.routes.get("features", [])]
        lines += [Line("need_way", {"name": one["name"]}, at) for one in blocked if one.get("status") != "ok"][:6]
    return lines


def remarks(book: Book) -> list[Line]:
    """Model, run and the limits of what was computed."""
    run = book.situation.run
    if run is None or run.hazard is None:
        return []
    at = _hazard(book, run)
    model = str(run.hazard.summary.get("model", ""))
    lines = [
        Line(
            "model",
            {"model": term(f"model.{model}"), "version": str(run.hazard.provenance.get("version", "")),
             "run": run.run_id, "at": moment(run.recorded_at)},
            at,
        )
    ]  # fmt: skip
    lines += [Line("note_of_model", {"note": term(f"note.{note}")}, at) for note in run.hazard.notes]
    return lines


def _hazard(book: Book, run: Run) -> tuple[int, ...]:
    assert run.hazard is not None
    return book.of_run("hazard_forecast", run.hazard.run_id)


def _first(book: Book) -> tuple[int, ...]:
    return tuple(entry.seq for entry in book.every("incident_reported"))[:1]
