"""Does the replay leave the house whole: its frames, nothing to load, and a stranger's words as words?"""

import json
import re
import time
import uuid
from typing import Any

import pytest

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\u2028"


@pytest.fixture(scope="module")
def file(served: Any) -> str:
    """The file of an incident that a stranger reported."""
    report = {"title": HOSTILE, "text": HOSTILE, "place": HOSTILE, "longitude": 118.71, "latitude": 31.41,
              "occurred_at": "2026-11-22T08:00:00+08:00", "division_code": "990102",
              "case": {"release": {"substance": "chlorine", "kind": "continuous", "rate_kg_s": 0.4, "duration_s": 600},
                       "weather": {"wind_speed_m_s": 2.8, "wind_from_deg": 225.0, "stability": "D"}}}  # fmt: skip
    key = lambda: {"idempotency-key": str(uuid.uuid4())}  # noqa: E731
    with served.sign_in() as client:
        at = f"/api/v1/incidents/{client.post('/api/v1/incidents', json=report, headers=key()).json()['incident_id']}"
        assert client.post(f"{at}/assessments", json={}, headers=key()).status_code == 201
        note = {"kind": "note", "payload": {"text": HOSTILE}}
        assert client.post(f"{at}/entries", json=note, headers=key()).status_code == 201
        # How sure the zones are comes to the record after the answer, sooner or later than what is asked for next.
        until = time.monotonic() + 240
        while "confidence_forecast" not in {one["kind"] for one in client.get(f"{at}/entries").json()["entries"]}:
            assert time.monotonic() < until, "the confidence of the zones never came"
            time.sleep(0.1)
        answer = client.get(f"{at}/replay/file", params={"language": "en"})
        assert answer.status_code == 200, answer.text[:300]
        assert re.search(r'attachment; filename="YL-\d{4}-\d{4}-replay-', answer.headers["content-disposition"])
        return answer.text


def data_of(html: str) -> Any:
    return json.loads(html.split('<script type="application/json" id="data">', 1)[1].split("</script>", 1)[0])


def test_every_entry_of_a_short_record_is_a_frame_and_shared_parts_stand_once(file: str) -> None:
    data = data_of(file)
    frames = data["frames"]
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1)) and len(frames) >= 6
    assert frames[0]["parts"]["zones"] != frames[-1]["parts"]["zones"]
    assert data["pool"][frames[0]["parts"]["zones"]] == []
    assert len(data["pool"][frames[-1]["parts"]["zones"]]) == 3
    assert len({frame["parts"]["zones"] for frame in frames}) == 2
    assert any(name == "Farthest reach" for name, _ in frames[-1]["facts"])


def test_it_asks_for_nothing_and_takes_words_as_words(file: str) -> None:
    assert not re.search(r"""(?:\bsrc|<link[^>]*\bhref)\s*=\s*["']?(?!data:)(?:https?:)?//""", file)
    assert "@import" not in file
    assert "<img src=x" not in file and "<script>alert" not in file
    assert file.count("</script>") == 3
    assert "REPLAY" in file


def test_a_long_record_is_thinned_and_keeps_its_ends() -> None:
    from datetime import UTC, datetime, timedelta

    from command_ui.briefing.replayed import MOST_FRAMES, chosen
    from scenarios.events import Entry

    start = datetime(2026, 11, 22, tzinfo=UTC)
    kinds = ["note" if n % 3 else "casualties_reported" for n in range(900)]
    entries = [
        Entry(uuid.UUID(int=1), n, kind, "x", None, start + timedelta(seconds=n), {}) for n, kind in enumerate(kinds, 1)
    ]
    kept = chosen(entries)
    assert len(kept) <= MOST_FRAMES and len(kept) > MOST_FRAMES // 2
    assert (kept[0].seq, kept[-1].seq) == (1, 900)
    assert [one.seq for one in kept] == sorted({one.seq for one in kept})
    assert chosen(entries[:50]) == entries[:50]
