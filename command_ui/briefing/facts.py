"""What does the sheet say beside its map? The figures of the desk in sentences and tables, every text escaped."""

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import Any

from command_ui.words import Language, say
from command_ui.words.trust import marked
from gis.clock import DUTY_ZONE

Json = dict[str, Any]

SHELTERS = 12
ROUTES = 8


def clock(iso: str | datetime | None, pattern: str = "%m-%d %H:%M") -> str:
    """Write a moment in the zone of the duty room; a dash where there is none."""
    if iso is None or iso == "":
        return "—"
    moment = iso if isinstance(iso, datetime) else datetime.fromisoformat(iso)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(DUTY_ZONE).strftime(pattern)


def whole(value: Any) -> str:
    """Write a count with its thousands, or a dash."""
    return "—" if value is None else f"{round(float(value)):,}"


def far(metres: Any) -> str:
    """Write a distance, or a dash."""
    if metres is None:
        return "—"
    return f"{float(metres):.0f} m" if float(metres) < 1000 else f"{float(metres) / 1000:.2f} km"


def zone_name(zone: Json, language: Language) -> str:
    """Name of a zone, with the mark of a level nobody has verified."""
    return marked(str(zone["name"]), zone.get("trust"), language)


def facts(scene: Json, language: Language) -> str:
    """Sections of the left column as HTML; what a person typed is escaped."""
    parts = [_reported(scene, language)]
    if "run" in scene:
        parts += [_people(scene, language), _targets(scene, language), _routes(scene, language)]
        parts += [_shelters(scene, language), _basis(scene, language)]
    else:
        parts.append(f"<p class='none'>{escape(say('run.none', language))}</p>")
    return "".join(part for part in parts if part)


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _reported(scene: Json, language: Language) -> str:
    one = scene["incident"]
    weather = one.get("weather") or {}
    rows = [
        (say("overview.place", language), one.get("place")),
        (say("overview.division", language), one.get("division")),
        (say("overview.occurred", language), clock(one.get("occurred_at"), "%Y-%m-%d %H:%M")),
        (say("overview.known", language), clock(one.get("known_at"), "%Y-%m-%d %H:%M")),
        (say("overview.text", language), one.get("text")),
        (
            say("overview.wind", language),
            f"{weather['wind_from_deg']:.0f}° · {weather['wind_speed_m_s']:g} m/s"
            if weather.get("wind_from_deg") is not None
            else None,
        ),
    ]
    body = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in rows if value)
    return _section(say("overview.report", language), f"<dl>{body}</dl>")


def _people(scene: Json, language: Language) -> str:
    exposure = scene.get("exposure")
    if not exposure:
        return _section(say("people.title", language), f"<p class='none'>{escape(say('people.none', language))}</p>")
    zones = {zone["level"]: zone for zone in scene.get("zones", [])}
    rows = [
        (
            zone_name(zones[band["level"]], language) if band["level"] in zones else str(band["level"]),
            f"{zones[band['level']]['threshold']:g} {zones[band['level']]['unit']}" if band["level"] in zones else "—",
            far(zones.get(band["level"], {}).get("reach_m")),
            whole(band["day"]),
            whole(band["night"]),
        )
        for band in sorted(exposure["bands"], key=lambda band: -int(band["level"]))
    ]
    rows.append((say("people.total", language), "", "", whole(exposure["total_day"]), whole(exposure["total_night"])))
    heads = [say(f"people.{name}", language) for name in ("band", "threshold", "reach", "day", "night")]
    return _section(say("people.title", language), _table(heads, rows))


def _targets(scene: Json, language: Language) -> str:
    found = (scene.get("exposure") or {}).get("facilities", [])
    if not found:
        return ""
    heads = [say(f"targets.{name}", language) for name in ("name", "distance", "people", "arrival")]
    rows = [
        (one["name"], far(one.get("distance_m")), whole(one.get("people")), clock(one.get("arrival_at"), "%H:%M:%S"))
        for one in found
    ]
    return _section(say("targets.title", language, count=len(found)), _table(heads, rows))


def _routes(scene: Json, language: Language) -> str:
    found = [one for one in scene.get("routes", []) if one.get("status") == "ok"][:ROUTES]
    if not found:
        return _section(say("rescue.title", language), f"<p class='none'>{escape(say('rescue.none', language))}</p>")
    heads = ["", say("targets.name", language), say("targets.distance", language), say("brief.minutes", language)]
    rows = [
        (str(one["rank"]), one["name"], far(one["length_m"]), f"{max(1, round(one['travel_time_s'] / 60))}")
        for one in found
    ]
    return _section(say("rescue.title", language), _table(heads, rows))


def _shelters(scene: Json, language: Language) -> str:
    plan = scene.get("evacuation")
    if not plan:
        return ""
    used = [one for one in plan["shelters"] if one.get("assigned")]
    rows = [(str(one["name"]), whole(one["assigned"]), whole(one["capacity"])) for one in used[:SHELTERS]]
    heads = [say("targets.name", language), say("brief.placed", language), say("brief.capacity", language)]
    said = say("shelter.sum", language, people=whole(plan["people"]), assigned=whole(plan["assigned"]))
    left = plan.get("left_over_people")
    warning = f"<p class='left'>{escape(say('left.people', language, people=whole(left)))}</p>" if left else ""
    rest = used[SHELTERS:]
    more = (
        say("shelter.more", language, count=len(rest), people=whole(sum(int(one["assigned"]) for one in rest)))
        if rest
        else ""
    )
    return _section(
        say("shelter.title", language),
        f"<p>{escape(said)}</p>{_table(heads, rows) if rows else ''}<p class='t3'>{escape(more)}</p>{warning}",
    )


def _basis(scene: Json, language: Language) -> str:
    basis, run = scene.get("basis"), scene["run"]
    if not basis:
        return ""
    inputs = " · ".join(say(one["code"], language, **one["values"]) for one in basis["inputs"])
    limits = [say(f"note.{one['code']}", language, **one.get("values", {})) for one in basis["notes"]]
    if basis.get("unverified"):
        limits.append(say("brief.unverified", language))
    body = (
        f"<dl><dt>{escape(say('basis.model', language))}</dt>"
        f"<dd>{escape(say('model.' + basis['model'], language))} {escape(str(basis['version']))}</dd>"
        f"<dt>{escape(say('brief.inputs', language))}</dt><dd>{escape(inputs)}</dd>"
        f"<dt>{escape(say('brief.run', language))}</dt>"
        f"<dd>{escape(run['short'])} · {escape(clock(run['at']))}</dd></dl>"
        f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in limits)}</ul>"
        f"<p class='mono'>{escape(basis['fingerprint'])}</p>"
    )
    return _section(say("basis.title", language), body)
