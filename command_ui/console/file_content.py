"""What does the dossier page show? The file of an enterprise in words and numbers, every value with source and age."""

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

from command_ui.api.hazards import working_json
from command_ui.shown import shown_value
from command_ui.words import Language, say
from gis.database import Caller, Database
from gis.errors import InputError
from layers import codes, enterprise_file
from layers.catalogue import LAYERS, layer
from layers.enterprise_file import EnterpriseFile
from plume import substances

Json = dict[str, Any]

FRESH = timedelta(days=365)
_SHOWN = ("uscc", "industry", "size_class", "people", "on_shift", "safety_head", "duty_phone", "sectors", "risk_level")
_TABS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # Tab -> registers it is filled from; process plant has no source at all yet.
    ("process", ()),
    ("plans", ("plan",)),
    ("checks", ("inspection", "hidden_danger", "enforcement", "problem", "licence", "evaluation", "standardisation")),
)


def content(database: Database, caller: Caller, enterprise_id: str, language: Language) -> Json:
    """
    Everything the page draws about one enterprise.

    Raises
    ------
    MissingError
        No such enterprise in the caller's world.
    """
    with database.transaction(caller) as connection:
        found = enterprise_file.read(connection, enterprise_id)
    one = found.dossier
    at = 0 if language == "zh" else 1
    raw = {field.column: field.value for field in one.fields}
    tags = [_tag(tag, language) for tag in one.tags]
    return {
        "id": one.id,
        "layer": "enterprise",
        "name": one.title,
        "longitude": one.longitude,
        "latitude": one.latitude,
        "divisions": [*one.division_names, *([one.zone_name] if one.zone_name else [])],
        "address": str(raw.get("address") or ""),
        "hazard_level": _of(codes.HAZARD_LEVELS, raw.get("hazard_level"), at),
        "risk_level": _of(codes.RISK_LEVELS, raw.get("risk_level"), at),
        "risk_code": raw.get("risk_level"),
        "state": one.mode if one.mode in ("drill", "sim") else "live",
        "source": one.source_system,
        "as_of": one.as_of.isoformat(),
        "facts": [
            {
                "title": (field.title_zh, field.title_en)[at],
                "value": shown_value("enterprise", field.column, field.value, language),
                "mono": field.column == "uscc",
                "personal": field.column if field.personal and field.value else "",
                "source": field.source_system,
                "as_of": field.as_of.isoformat(),
            }
            for field in one.fields
            if field.column in _SHOWN
        ],
        "checks": _checks(found, language),
        "units": _units(found, at),
        "workings": [_working(working, at) for working in found.workings],
        "ledgers": [_ledger(balance, language) for balance in found.balances],
        "flows": [
            {
                "outgoing": flow["outgoing"],
                "other": flow["to_name"] if flow["outgoing"] else flow["from_name"],
                "substance": substance_name(flow["substance"], language),
                "quantity_t": float(flow["quantity_t"]),
                "day": flow["moved_on"].isoformat(),
            }
            for flow in found.flows
        ],
        "around": [_target(target, at) for target in found.around],
        "around_m": enterprise_file.AROUND_M,
        "tags": tags,
        "cameras": [
            {"name": camera["name"], "state": camera["status"], "range_m": float(camera["range_m"])}
            for camera in one.cameras
        ],
        "tabs": {tab: _registers(found, keys, language) for tab, keys in _TABS},
        "versions": [dict(version) for version in found.versions],
        "read_at": datetime.now(UTC).isoformat(),
    }


def starting_points(database: Database, caller: Caller, language: Language, limit: int = 40) -> list[Json]:
    """Enterprises that hold major-hazard units, the worst first: where a person begins who asked for no file."""
    from layers import store

    with database.transaction(caller) as connection:
        units = store.hazard_sources(connection)
    at = 0 if language == "zh" else 1
    worst: dict[str, Json] = {}
    for row in units.sort_values(["hazard_level", "r_value"], ascending=[True, False], na_position="last").itertuples():
        worst.setdefault(
            str(row.enterprise_id),
            {
                "id": str(row.enterprise_id),
                "name": str(row.enterprise_name),
                "substance": substance_name(row.substance, language),
                "level": _of(codes.HAZARD_LEVELS, row.hazard_level, at),
                "r": float(row.r_value),
            },
        )
    return list(worst.values())[:limit]


def substance_name(registered: object, language: Language) -> str:
    """Name a substance for the reader: as registered in Chinese, by the English name of one we know in English."""
    if language != "zh":
        with contextlib.suppress(InputError):
            return substances.find(str(registered)).key
    return str(registered)


def _checks(found: EnterpriseFile, language: Language) -> list[Json]:
    one = found.dossier
    named = dict(one.checks)
    if found.balances:
        named["balanced"] = all(balance.balanced for balance in found.balances)
        named["stock_below_design"] = not any(balance.over_design for balance in found.balances)
    if found.workings:
        named["level_agrees"] = all(working.agrees for working in found.workings)
    newest = max((datetime.fromisoformat(version["as_of"]) for version in found.versions), default=one.as_of)
    named["fresh"] = datetime.now(UTC) - newest < FRESH
    return [
        {"code": name, "title": say(f"file.check.{name}", language), "passed": bool(passed)}
        for name, passed in named.items()
    ]


def _units(found: EnterpriseFile, at: int) -> list[Json]:
    by_unit = {working.id: working for working in found.workings}
    stocks = {balance.hazard_source_id: balance for balance in found.balances}
    rows = []
    for unit in found.dossier.units:
        working = by_unit.get(unit["id"])
        balance = stocks.get(unit["id"])
        rows.append(
            {
                "id": unit["id"],
                "name": unit["name"],
                "substance": substance_name(unit["substance"], "zh" if at == 0 else "en"),
                "un": unit["un_number"],
                "design_max_t": float(unit["design_max_t"]),
                "stock_t": float(balance.stock_t) if balance else float(unit["stock_t"]),
                "over_design": bool(balance and balance.over_design) or unit["stock_t"] > unit["design_max_t"],
                "threshold_t": float(working.result.lines[0].threshold_t) if working else None,
                "r": float(working.result.r) if working else None,
                "level": _of(codes.HAZARD_LEVELS, working.result.level if working else unit["hazard_level"], at),
                "agrees": working.agrees if working else None,
            }
        )
    return rows


def _working(working: Any, at: int) -> Json:
    plain = working_json(working)
    return {
        "id": plain["id"],
        "name": plain["name"],
        "alpha": plain["alpha"],
        "people": plain["people_within_500m"],
        "assumed_m": plain["boundary_assumed_m"],
        "agrees": plain["agrees"],
        "registered": _of(codes.HAZARD_LEVELS, plain["registered_level"], at),
        "level": _of(codes.HAZARD_LEVELS, plain["level"], at),
        "people_source": plain["people_source"],
        "people_as_of": plain["people_as_of"].isoformat() if plain["people_as_of"] else None,
        "steps": [
            {
                "text": step["text_zh" if at == 0 else "text_en"],
                "table": step["table"],
                "trust": step["trust"],
            }
            for step in plain["steps"]
        ],
    }


def _ledger(balance: Any, language: Language) -> Json:
    return {
        "id": balance.hazard_source_id,
        "name": balance.name,
        "substance": substance_name(balance.substance, language),
        "design_max_t": float(balance.design_max_t),
        "stock_t": float(balance.stock_t),
        "balanced": balance.balanced,
        "over_design": balance.over_design,
        "days": [
            {
                "day": day.day.isoformat(),
                "opening_t": None if day.opening_t is None else float(day.opening_t),
                "in_t": float(day.in_t),
                "out_t": float(day.out_t),
                "stock_t": float(day.stock_t),
                "imbalance_t": None if day.imbalance_t is None else float(day.imbalance_t),
                "over_design": day.over_design,
            }
            for day in balance.days
        ],
    }


def _target(target: Json, at: int) -> Json:
    kind = codes.TARGET_KINDS.get(target["kind"], (target["kind"], target["kind"]))[at]
    return {
        "id": target["id"],
        "name": target["name"],
        "kind": kind,
        "people": int(target["people"]),
        "distance_m": float(target["distance_m"]),
        "source": target["source_system"],
        "as_of": target["as_of"].isoformat(),
    }


def _tag(tag: Json, language: Language) -> Json:
    return {
        "name": tag["name"],
        "place": tag["place"],
        "value": tag["last_value"],
        "unit": tag["unit"],
        "at": tag["last_at"].isoformat() if tag["last_at"] else None,
        "state": tag["status"],
        "state_text": say(f"state.{tag['status']}", language),
        "high": bool(tag["threshold"] is not None and (tag["last_value"] or 0) >= tag["threshold"]),
    }


def _registers(found: EnterpriseFile, keys: tuple[str, ...], language: Language) -> list[Json]:
    """Registers of a tab that exist in the catalogue; one that never delivered has no rows at all, not none."""
    known = {spec.key for spec in LAYERS}
    at = 0 if language == "zh" else 1
    groups = []
    for key in keys:
        if key not in known:
            continue
        spec = layer(key)
        rows = found.mirrored.get(key)
        groups.append(
            {
                "key": key,
                "title": (spec.title_zh, spec.title_en)[at],
                "owner": spec.owner,
                "rows": None
                if rows is None
                else [
                    {
                        "id": row["id"],
                        "name": row["name"],
                        "kind": row["kind"],
                        "state": row["state"],
                        "due": row["due_on"].isoformat() if row["due_on"] else None,
                        "source": row["source_system"],
                        "as_of": row["as_of"].isoformat(),
                    }
                    for row in rows
                ],
            }
        )
    return groups


def _of(table: Any, code: Any, at: int) -> str:
    try:
        pair = table.get(int(code))
    except (TypeError, ValueError):
        return ""
    return str(pair[at]) if pair else ""
