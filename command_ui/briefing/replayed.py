"""How does a replay leave the house? As one HTML file with its frames, its map and its player; no network needed."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any
from uuid import UUID

from command_ui.briefing.facts import clock, zone_name
from command_ui.briefing.library import leaflet
from command_ui.briefing.make import bounds_of, division_of
from command_ui.briefing.sheet import TARGET_SIGN, Ground, area_style, hatches, line_style, style_sheet
from command_ui.briefing.told import name_of, value_of
from command_ui.console.chronicle import group_of, row_of
from command_ui.console.scene import scene_of
from command_ui.console.scene_marks import marks_of
from command_ui.console.scene_roads import roads_of
from command_ui.console.theme import colours
from command_ui.words import Language, say
from gis.database import Caller
from layers.surroundings import around
from scenarios.events import Entry
from scenarios.replay.comparing import facts
from scenarios.replay.desk import ReplayDesk
from scenarios.situation import Situation

Json = dict[str, Any]

MOST_FRAMES = 120
"""Frames of one file; of a longer record those that change more than a line of text, evenly thinned."""
PLAYER = Path(__file__).with_name("player.js")
PARTS = ("zones", "envelope", "routes", "moves", "closed", "targets", "shelters", "closures", "marks")


def make(replay: ReplayDesk, incident_id: UUID, caller: Caller, *, language: Language, author: str) -> tuple[str, str]:
    """
    Write the replay of an incident up to now.

    Returns
    -------
    name, html
        A file name (number and time, ASCII), and the file.

    Raises
    ------
    MissingError
        No such incident, or one of another division or world.
    UnavailableError
        The database is away, or the map library was never bundled.
    """
    made_at = datetime.now(UTC)
    last = replay.at(incident_id, caller)
    head = replay.span(incident_id, caller).head
    pool: dict[str, Any] = {}
    frames = []
    with replay.database.transaction(caller) as connection:
        division = division_of(connection, last.division_code)
        for entry in chosen(last.entries):
            known = replay.at(incident_id, caller, seq=entry.seq)
            scene = _scene(known, entry.recorded_at, head.code, division, head.mode)
            frames.append(_frame(entry, known, scene, pool, language))
        areas, lines, source = around(connection, bounds_of(scene))
    html = _page(
        scene, frames, pool, Ground(areas, lines, source), last, language=language, author=author, made_at=made_at
    )
    return f"{head.code}-replay-{made_at:%Y%m%dT%H%M%SZ}.html", html


def chosen(entries: Sequence[Entry]) -> list[Entry]:
    """Entries that become frames: all of a short record; of a long one the weightier, thinned, with first and last."""
    if len(entries) <= MOST_FRAMES:
        return list(entries)
    heavy = [entry for entry in entries if group_of(entry.kind) != "note"] or list(entries)
    kept = {entries[0].seq: entries[0], entries[-1].seq: entries[-1]}
    step = max(1.0, len(heavy) / (MOST_FRAMES - len(kept)))
    for number in range(MOST_FRAMES - len(kept)):
        if int(number * step) < len(heavy):
            entry = heavy[int(number * step)]
            kept[entry.seq] = entry
    return [kept[seq] for seq in sorted(kept)]


def _scene(known: Situation, moment: datetime, code: str, division: str, mode: str) -> Json:
    drawn = scene_of(known, code=code, division=division, mode=mode, moment=moment, can_run=False, can_note=False)
    drawn |= roads_of(known, moment, can_close=False, can_send=False)
    return drawn | marks_of(known, moment, can_draw=False)


def _frame(entry: Entry, known: Situation, scene: Json, pool: dict[str, Any], language: Language) -> Json:
    """One frame: when, what was written, the facts, and where in the pool each part of its picture lies."""
    row = row_of(entry, frozenset())
    values = {name: value[language] if isinstance(value, dict) else value for name, value in row["values"].items()}
    said = say(row["code"], language, **values) if row["code"] else row["text"]
    kind = say(f"event.{entry.kind}", language)
    return {
        "at": clock(entry.recorded_at, "%Y-%m-%d %H:%M:%S"),
        "ms": round(entry.recorded_at.timestamp() * 1000),
        "seq": entry.seq,
        "said": f"{kind}：{said}" if said and said != kind else kind,
        "facts": [
            [name_of(line, language), value_of(line, line.values[0], language)]
            for line in facts(known)
            if line.values[0] is not None
        ],
        "parts": {name: _kept(part, pool) for name, part in _parts(scene, language).items()},
    }


def _kept(part: Any, pool: dict[str, Any]) -> str:
    """Key of a part of a picture; frames that show the same share it."""
    text = json.dumps(part, sort_keys=True, default=str)
    key = hashlib.sha256(text.encode()).hexdigest()[:12]
    pool.setdefault(key, part)
    return key


def _parts(scene: Json, language: Language) -> dict[str, Any]:
    """What is drawn of a scene, each with the text it is called by."""
    evacuation, closed = scene.get("evacuation") or {}, scene.get("closed") or {}
    return {
        "zones": [
            {"level": int(one["level"]), "geometry": one["geometry"], "text": zone_name(one, language)}
            for one in sorted(scene.get("zones", []), key=lambda one: int(one["level"]))
        ],
        "envelope": [one["geometry"] for one in scene.get("envelope", [])],
        "routes": [
            {"geometry": one["geometry"], "rank": one["rank"], "at": [one["latitude"], one["longitude"]],
             "text": f"{one['name']} · {max(1, round(one['travel_time_s'] / 60))} min"}
            for one in scene.get("routes", []) if one.get("drawn")
        ],
        "moves": [
            {"geometry": one["geometry"], "text": say("label.people", language, people=f"{int(one['people']):,}")}
            for one in evacuation.get("moves", [])
        ],
        "closed": [closed[part] for part in ("major", "minor") if closed.get(part)],
        "targets": [
            {"at": [one["latitude"], one["longitude"]], "sign": TARGET_SIGN.get(one["kind"], "·"),
             "text": f"{one['name']} · {int(one.get('people') or 0):,} · {clock(one.get('arrival_at'), '%H:%M')}"}
            for one in (scene.get("exposure") or {}).get("facilities", [])
        ],
        "shelters": [
            {"at": [one["latitude"], one["longitude"]], "out": bool(one.get("excluded")), "text": one["name"]}
            for one in evacuation.get("shelters", []) if one.get("shown") and one.get("longitude") is not None
        ],
        "closures": [
            {"geometry": one["geometry"], "text": one["name"] or say(f"closure.reason.{one['reason']}", language)}
            for one in scene.get("closures", [])
        ],
        "marks": [
            {"geometry": one["geometry"], "text": one["label"] or one["symbol"]}
            for one in scene.get("marks", []) if one["state"] == "on"
        ],
    }  # fmt: skip


def _page(
    scene: Json,
    frames: list[Json],
    pool: dict[str, Any],
    ground: Ground,
    last: Situation,
    *,
    language: Language,
    author: str,
    made_at: datetime,
) -> str:
    """The file; every text from outside goes in as JSON or escaped."""
    paint, one = colours("light"), scene["incident"]
    script, style = leaflet()
    data = {
        "frames": frames,
        "pool": pool,
        "place": [one["latitude"], one["longitude"]],
        "title": one["title"],
        "paint": {name: paint[name] for name in ("rescue", "evac", "closed", "sim", *_zone_tokens())},
        "ground": [
            [style_of(str(kind), paint), json.loads(geometry)]
            for frame, style_of in ((ground.areas, area_style), (ground.lines, line_style))
            for kind, geometry in _shapes(frame)
        ],
        "words": {name: say(f"replay.{name}", language) for name in ("play", "pause", "back", "forward", "speed")},
        "count": say("replay.entry", language, seq="{seq}", total="{total}"),
    }
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    written = written.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    made = say("brief.made", language, time=clock(made_at, "%Y-%m-%d %H:%M:%S"), author=author)
    foot = say("brief.foot", language, seq=last.seq, hash=last.head_hash, source=ground.source or "—")
    mark = say(f"mode.{one['mode']}.mark", language)
    water = "".join(f"<span>{escape(mark)}</span>" for _ in range(15)) if mark else ""
    title = f"{say('replay.word', language)} · {one['title']}"
    return f"""<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8"><title>{escape(title)}</title>
{style}{style_sheet(paint, one["mode"])}<style>{_own_style(paint)}</style></head><body>
<header><span class="mode {escape(one["mode"])}">{escape(say("mode." + one["mode"], language))}</span><div><h1>{escape(title)}</h1><p>{escape(str(one.get("number") or ""))} · {escape(made)}</p></div>
<div class="replay"><b>{escape(say("replay.word", language))}</b> <b id="when"></b> <span>{escape(say("replay.not_live", language))}</span></div></header>
<aside><section><h2 id="said"></h2><p id="count" class="t3"></p></section><section><table id="facts"></table></section></aside>
<div id="map" class="folium-map"></div>{hatches(paint)}
<nav><button id="back" type="button">◀</button><button id="play" type="button"></button><button id="forward" type="button">▶</button><select id="speed"></select><input id="bar" type="range" min="0" step="1"></nav>
<div class="water" aria-hidden="true">{water}</div><footer>{escape(foot)}</footer>
{script}<script type="application/json" id="data">{written}</script><script>{PLAYER.read_text(encoding="utf-8")}</script></body></html>"""  # noqa: E501 - a page


def _zone_tokens() -> list[str]:
    return [f"z{level}{part}" for level in (1, 2, 3) for part in ("", "l")]


def _shapes(frame: Any) -> list[tuple[Any, str]]:
    import shapely

    return list(zip(frame["kind"], shapely.to_geojson(frame.geometry.to_numpy()), strict=True)) if len(frame) else []


def _own_style(paint: dict[str, str]) -> str:
    return f"""
header .replay {{ margin-left: auto; padding: 8px 16px; border: 2px dashed {paint["sim"]}; border-radius: 6px; color: {paint["sim"]}; white-space: nowrap; }} header .replay b {{ font-size: 18px; }}
#map {{ bottom: 77px !important; outline: 3px dashed {paint["sim"]}; outline-offset: -3px; }} aside {{ bottom: 77px; }} #facts td {{ padding: 3px 0; }} #facts td:last-child {{ text-align: right; font-variant-numeric: tabular-nums; }}
nav {{ position: fixed; left: 0; right: 0; bottom: 29px; height: 48px; display: flex; gap: 8px; align-items: center; padding: 0 16px; background: {paint["surface"]}; border-top: 1px solid {paint["border"]}; z-index: 1300; }} nav input {{ flex: 1; }} nav button, nav select {{ font: inherit; min-width: 44px; height: 32px; }}
"""  # noqa: E501 - a style sheet
