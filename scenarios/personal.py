"""Which texts of an entry are a person's? They are masked where an entry leaves the record."""

from collections.abc import Mapping
from typing import Any

from gis.masking import Keys, in_json
from scenarios.event import Json

FIELDS: Mapping[str, Keys] = {
    # 报告人、12350 举报人: who called
    "incident_reported": {"reported_by": "party", "text": "words", "title": "words", "place": "words"},
    "closure_reported": {"reported_by": "party", "text": "words"},
    "field_reported": {"text": "words"},
    "field_answered": {"text": "words"},
    "note": {"text": "words"},
    "correction": {"text": "words", "reason": "words"},
    "message_put": {"text": "words"},
    "message_moved": {"text": "words", "reason": "words"},
    # 联系人及电话 of a report, and who received it
    "report_sent": {"contact": "party", "text": "words", "fields": {"*": "words"}},
    "report_answered": {"answered_by": "party", "text": "words"},
    "consultation_spoken": {"text": "words"},
    "consultation_answered": {"text": "words"},
    "consultation_concluded": {"text": "words"},
}
"""Kind of entry -> its personal texts; ``reported_by`` names a post or a person, ``words`` may hold a number."""

OPEN: Mapping[str, str] = {
    "actor": "履职账号：谁记录、谁决策须可追责 who recorded or decided answers for it",
    "signer": "签发人以职务署名 the signature under an official paper",
    "person": "参会人员以职务到会 who sits at a consultation in office",
    "presenter_name": "参会人员以职务到会 who sits at a consultation in office",
    "unit_name": "队伍名称，不是个人 a team, not a person",
    "order_*": "令的接收人必须能拨通电话 whoever carries out an order must be able to call",
    "decision_recorded": "决策依据须原样留存 what a decision rested on stands as it was",
}
"""What looks personal and is shown, with the reason."""


def veiled(kind: str, payload: Json) -> Json:
    """
    Give the payload as it may be shown to anybody; the record itself holds it as it was said.

    Examples
    --------
    >>> veiled("note", {"text": "请拨 13812345678"})
    {'text': '请拨 138****5678'}
    """
    keys = FIELDS.get(kind)
    if keys is None:
        return payload
    # Only the first level is named: a case or an alarm inside an entry has keys of its own.
    masked: dict[str, Any] = {name: in_json({name: payload[name]}, keys)[name] for name in keys if name in payload}
    return {**payload, **masked}
