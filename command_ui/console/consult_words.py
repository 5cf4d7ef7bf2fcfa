"""How does an entry of a consultation read in the record? Codes and values, said in the language of the page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gis.clock import DUTY_ZONE

Json = dict[str, Any]


def sentence(kind: str, payload: Mapping[str, Any]) -> tuple[str, Json]:
    """Code of the sentence about one entry, and what stands in it."""
    code = f"entry.{kind}"
    match kind:
        case "consultation_opened":
            return code, {"topic": payload.get("topic", ""), "count": len(payload.get("seats") or ())}
        case "consultation_called":
            return code, {"count": len(payload.get("seat_ids") or ())}
        case "consultation_answered":
            name = payload.get("name") or payload.get("person") or payload.get("seat_id", "")
            return f"{code}.{payload.get('answer')}", {"name": name}
        case "consultation_presented":
            return code, {"name": payload.get("presenter_name", "")}
        case "consultation_frozen":
            return f"{code}.{'on' if payload.get('frozen') else 'off'}", {}
        case "consultation_shown":
            return _shown(code, payload.get("view") or {})
        case "consultation_moved":
            return code, {"number": int(payload.get("item") or 0) + 1}
        case "consultation_spoken":
            return f"{code}.raised" if payload.get("raised") else code, {"text": payload.get("text", "")}
        case "consultation_concluded":
            return code, {"text": payload.get("text") or "—"}
        case _:
            return "", {}


def _shown(code: str, view: Mapping[str, Any]) -> tuple[str, Json]:
    longitude, latitude = view.get("centre") or (0.0, 0.0)
    values: Json = {
        "longitude": f"{longitude:.4f}", "latitude": f"{latitude:.4f}", "zoom": f"{view.get('zoom') or 0:.0f}",
        "count": len(view.get("layers") or ()) + int(view.get("hidden") or 0),
    }  # fmt: skip
    if not view.get("moment"):
        return code, values
    moment = datetime.fromisoformat(str(view["moment"])).astimezone(DUTY_ZONE)
    return f"{code}.back", values | {"moment": f"{moment:%Y-%m-%d %H:%M:%S}"}
