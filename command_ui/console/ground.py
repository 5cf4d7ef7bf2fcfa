"""What does the page show of the ground: layers, weather, search, dossiers? Codes become words here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from command_ui.console.risk_content import SAID, risk_content
from command_ui.shown import number_of, shown_value
from command_ui.words import Language, say
from gis.crs import LonLat
from gis.database import Caller, Database
from gis.errors import InputError, MissingError, OneMapError
from layers import codes, moments, store, unseen
from layers.catalogue import GROUPS, LAYERS, layer
from layers.layer_spec import LayerSpec
from layers.search import Hit

Json = dict[str, Any]

CHINA = {"centre": [105.0, 35.0], "zoom": 5.0}
CITY_ZOOM = 12.0
HITS = 12
FEEDS = ("enterprise", "hazard_source", "tag_gas", "camera", "weather_observation", "population_cell")
"""Layers whose state stands in the queue; all others are in the layer tree."""
ALARMS = 12
WORKED_OUT = "risk_contour"
"""Layer without a source: somebody has to have it worked out."""
_LAYER_OF_SCENE = {"facilities": "protection_target", "shelters": "shelter", "teams": "rescue_team"}
_HOLDS = ("substance", "cas_number", "un_number", "stock_t", "design_max_t")
"""What of a hazard source the source wizard starts from."""
_MONO = frozenset({"uscc", "cas_number", "un_number"})


class Ground:
    """Reads of the layers as the person signed in sees them."""

    def __init__(self, database: Database, caller: Caller) -> None:
        self._database = database
        self._caller = caller
        self._divisions: dict[str, str] = {}

    def answers(self) -> bool:
        """Whether the layers can be read."""
        try:
            with self._database.transaction(self._caller) as connection:
                store.counts(connection)
        except OneMapError:
            return False
        return True

    def home(self) -> Json:
        """Where the map opens when there is no incident: amid the hazard sources of the jurisdiction."""
        with self._database.transaction(self._caller) as connection:
            sources = store.hazard_sources(connection)
        name = self.division(self._caller.division_from)
        if sources.empty:
            return CHINA | {"name": name}
        west, south, east, north = (float(edge) for edge in sources.total_bounds)
        centre, extent = [(west + east) / 2, (south + north) / 2], [west, south, east, north]
        return {"centre": centre, "zoom": CITY_ZOOM, "name": name, "extent": extent}

    def division(self, code: str) -> str:
        """Name of a division, or its code where none is known."""
        if code and code not in self._divisions:
            try:
                with self._database.transaction(self._caller) as connection:
                    self._divisions[code] = store.dossier(connection, "division", code).title
            except MissingError:
                self._divisions[code] = ""
        return self._divisions.get(code, "") if code else ""

    def layers(self, language: Language) -> list[Json]:
        """Entries of the layer tree with count, state and age; what is not connected says so."""
        with self._database.transaction(self._caller) as connection:
            feeds = {feed.layer: feed for feed in store.feeds(connection, datetime.now(UTC))}
            closed = unseen.some(connection)
        at = 0 if language == "zh" else 1
        return [
            {
                "key": spec.key,
                "title": (spec.title_zh, spec.title_en)[at],
                "group": spec.group,
                "group_title": GROUPS[spec.group][at],
                "owner": spec.owner,
                "source": spec.source,
                "geometry": spec.geometry,
                "symbol": spec.symbol,
                "symbol_column": spec.symbol_column,
                "symbol_of": dict(spec.symbol_of),
                "min_zoom": spec.min_zoom,
                "label_zoom": spec.label_zoom,
                "cadence_s": spec.cadence_s,
                "audience": spec.audience,
                "licence": spec.licence,
                "kept": moments.is_kept(spec.key),
                "visible": spec.visible,
                "connected": feeds[spec.key].state != "not_connected",
                "count": feeds[spec.key].rows if feeds[spec.key].state != "not_connected" else None,
                "answering": feeds[spec.key].answering if feeds[spec.key].state != "not_connected" else None,
                "state": _state(spec, feeds[spec.key].state),
                "as_of": _iso(feeds[spec.key].newest),
                "unseen": closed and spec.key in unseen.LAYERS,
            }
            for spec in LAYERS
        ]

    def first_known(self) -> datetime | None:
        """When the first rows of the ground were known: before that the map has nothing to show."""
        with self._database.transaction(self._caller) as connection:
            return moments.first(connection, "enterprise")

    def feeds(self, layers: list[Json]) -> list[Json]:
        """Lines of 数据接入: some layers by their key, with how many of their sources answer."""
        by_key = {one["key"]: one for one in layers}
        return [
            {
                "code": key,
                "name": by_key[key]["title"],
                "count": by_key[key]["count"],
                "answering": by_key[key]["answering"],
                "state": by_key[key]["state"],
                "source": by_key[key]["source"],
            }
            for key in FEEDS
            if key in by_key
        ]

    def weather(self, longitude: float, latitude: float) -> Json | None:
        """Latest observation near a place."""
        with self._database.transaction(self._caller) as connection:
            found = store.weather(connection, longitude, latitude)
        if found is None:
            return None
        names = ("wind_from_deg", "wind_speed_m_s", "temperature_c", "relative_humidity")
        return {name: number_of(found.get(name)) for name in names} | {
            "stability": found.get("stability"),
            "as_of": _iso(found.get("observed_at")),
            "source": found.get("station_name"),
            "state": found.get("mode") if found.get("mode") in ("drill", "sim") else "live",
        }

    def risk(self) -> dict[int, int]:
        """Enterprises by four-colour level, 1 (重大) to 4 (低)."""
        with self._database.transaction(self._caller) as connection:
            return store.risk_counts(connection)

    def alarms(self) -> list[Json]:
        """Latest alarms of the person's world."""
        with self._database.transaction(self._caller) as connection:
            frame = store.alarms(connection, self._caller.mode, ALARMS)
        return [
            {
                "id": str(row.id),
                "title": str(row.title),
                "place": row.place,
                "severity": int(row.severity or 0),
                "state": row.state,
                "at": _iso(row.occurred_at),
                "longitude": float(row.geometry.x),
                "latitude": float(row.geometry.y),
            }
            for row in frame.itertuples()
        ]

    def search(self, text: str, language: Language, near: list[float] | None = None) -> list[Json]:
        """Hits for the search box, holders of a substance near the map's middle first; nonsense finds nothing."""
        place = LonLat(float(near[0]), float(near[1])) if near and len(near) == 2 else None
        try:
            with self._database.transaction(self._caller) as connection:
                hits = store.search(connection, text, HITS, place)
        except InputError:
            return []
        return [
            {
                "layer": hit.layer,
                "id": hit.id,
                "name": hit.name,
                "layer_title": _title(hit.layer, language) if hit.layer else say("search.coordinate", language),
                "detail": _found(hit, language),
                "longitude": hit.longitude,
                "latitude": hit.latitude,
            }
            for hit in hits
        ]

    def dossier(self, key: str, row: str, language: Language) -> Json:
        """
        Give the card of one row.

        Raises
        ------
        MissingError
            No such layer or row.
        """
        key = _LAYER_OF_SCENE.get(key, key)
        with self._database.transaction(self._caller) as connection:
            found = store.dossier(connection, key, row)
            risk = risk_content(connection, key, row, language)
        at = 0 if language == "zh" else 1
        raw = {field.column: field.value for field in found.fields}
        fields = [
            {
                "title": (field.title_zh, field.title_en)[at],
                "value": shown_value(key, field.column, field.value, language),
                "mono": field.column in _MONO,
                "personal": field.column if field.personal and field.value else "",
            }
            for field in found.fields
            if field.column != "name" and not (risk and field.column in SAID)
        ]
        for unit in found.units:
            title = say("dossier.unit", language, name=unit["name"])
            fields.append({"title": title, "value": _unit(unit, language), "mono": False})
        where = " / ".join([*found.division_names, *([found.zone_name] if found.zone_name else [])])
        fields.append({"title": say("overview.division", language), "value": where, "mono": False})
        # Where rows are hidden, the nearest of those that may be seen is not the nearest.
        if found.nearest_target and not (risk and risk["seen"] != "whole"):
            name, metres = found.nearest_target
            said = f"{name} {metres / 1000:.1f} km"
            fields.append({"title": say("dossier.nearest", language), "value": said, "mono": False})
        if found.units and not raw.get("substance"):
            raw |= {name: found.units[0].get(name) for name in _HOLDS}
        return {
            "layer": key,
            "id": found.id,
            "name": found.title,
            "enterprise_name": raw.get("enterprise_name"),
            "layer_title": _title(key, language),
            "badges": [say(f"check.{name}", language) for name, passed in found.checks.items() if not passed],
            "state": found.mode if found.mode in ("drill", "sim") else "live",
            "fields": fields,
            "source": risk["source"] if risk else found.source_system,
            "as_of": _iso(found.as_of),
            "longitude": found.longitude,
            "latitude": found.latitude,
            "raw": {name: raw.get(name) for name in _HOLDS},
            "risk": risk,
        }


def _title(key: str, language: Language) -> str:
    spec = layer(key)
    return spec.title_zh if language == "zh" else spec.title_en


def _found(hit: Hit, language: Language) -> str:
    """What tells one hit from another; of a holder its substance, stock and distance."""
    if hit.matched != "holds":
        return shown_value(hit.layer, "kind", hit.detail, language)
    far = f" · {hit.distance_m / 1000:.1f} km" if hit.distance_m is not None else ""
    return f"{hit.detail} {hit.stock_t:g} t{far}"


def _unit(unit: Mapping[str, Any], language: Language) -> str:
    level = codes.HAZARD_LEVELS.get(unit.get("hazard_level") or 0, ("—", "—"))[0 if language == "zh" else 1]
    stock = say("dossier.stock", language, stock=f"{unit['stock_t']:g}", design=f"{unit['design_max_t']:g}")
    return f"{unit['substance']} {stock} · {level}"


def _state(spec: LayerSpec, state: str) -> str:
    """Tell a source that was never connected from one without rows, and from what nobody has worked out yet."""
    if state == "empty":
        return "undone" if spec.key == WORKED_OUT else "empty"
    return "none" if state == "not_connected" else state


def _iso(when: Any) -> str | None:
    return when.isoformat() if isinstance(when, datetime) else None
