"""Is a title the house made of an alarm said in the reader's language, and one that a person wrote left alone?"""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from command_ui.api.nodes import Foreign
from command_ui.reports.wording import sentence
from command_ui.words.titles import both, heading_in, place_in, title_in
from scenarios.reports.forms import Line


@pytest.mark.parametrize(
    ("kept", "english"),
    [
        ("查岗未应答 演练储运二库", "演练储运二库: roll-call not answered"),
        ("网关离线 演练园区网关", "Gateway silent: 演练园区网关"),
        ("测点离线 20 个", "20 points silent"),
        ("测点离线 AT-2065", "Point silent: AT-2065"),
        ("视频离线 2 路", "2 cameras silent"),
        ("电话接报", "Reported by telephone"),
        ("可燃气 12 %LEL", "Combustible 12 %LEL"),
        ("演练涂料厂 可燃气 12.5 %LEL", "演练涂料厂 Combustible 12.5 %LEL"),
        ("演练化工一厂 压力 1e+03 kPa", "演练化工一厂 Pressure 1e+03 kPa"),
        ("液氯库东侧 Cl₂ 18.4 ppm", "液氯库东侧 Cl₂ 18.4 ppm"),
    ],
)
def test_a_title_reads_in_either_language_and_comes_back(kept: str, english: str) -> None:
    assert title_in(kept, "en") == english
    assert title_in(english, "zh") == kept
    assert title_in(kept, "zh") == kept
    assert both(kept) == (kept if kept == english else {"zh": kept, "en": english})
    assert both(english) == both(kept)


@pytest.mark.parametrize(
    "words", ["火焰报警", "压力容器泄漏", "演练化工一厂氯气泄漏", "Pressure vessel leaks", "", "查岗未应答"]
)
def test_what_a_person_or_a_device_wrote_stays(words: str) -> None:
    assert title_in(words, "en") == title_in(words, "zh") == both(words) == words


def test_the_place_below_it_too() -> None:
    assert place_in("100****3976 · 第 2 次", "en") == "100****3976 · attempt 2"
    assert place_in("211 个测点 · 园区", "en") == "211 points · 园区"
    assert place_in("演练园区网关 · AT-2001 等", "en") == "演练园区网关 · AT-2001 and others"
    assert place_in("AT-1203 · 液氯库东侧", "en") == "AT-1203 · 液氯库东侧"


def test_a_report_names_the_incident_in_its_own_language_and_leaves_what_a_person_wrote() -> None:
    said = Line("title", {"title": "查岗未应答 演练储运二库"}, (1,))
    assert sentence(said, "en") == "演练储运二库: roll-call not answered"
    assert sentence(said, "zh") == "查岗未应答 演练储运二库"
    assert sentence(Line("plain", {"text": "查岗未应答 演练储运二库"}, (2,)), "en") == "查岗未应答 演练储运二库"


def test_a_message_between_nodes_is_named_for_either_reader() -> None:
    """What came is a title with a name of a report behind it, or a title alone; the title as told stays beside."""
    told = heading_in("演练化工一厂 压力 12 kPa · 事故快报（首报）", "en")
    assert told == "演练化工一厂 Pressure 12 kPa · 事故快报（首报）"
    assert heading_in("演练储运二库: roll-call not answered", "zh") == "查岗未应答 演练储运二库"
    assert heading_in("甲厂 · 乙罐泄漏", "en") == "甲厂 · 乙罐泄漏"
    foreign = Foreign(
        origin="city", origin_title="市", incident_id=uuid.uuid4(), mode="drill", entries=1,
        about={"title": "查岗未应答 演练储运二库"}, updated_at=datetime.now(UTC),
    ).model_dump()  # fmt: skip
    assert foreign["about"]["title"] == foreign["titles"]["zh"] == "查岗未应答 演练储运二库"
    assert foreign["titles"]["en"] == "演练储运二库: roll-call not answered"


def test_pages_say_it_and_the_record_keeps_it(served: Any) -> None:
    title = "查岗未应答 演练储运二库"
    report = {"title": title, "longitude": 118.71, "latitude": 31.41, "occurred_at": "2026-11-22T08:00:00+08:00",
              "division_code": "990102"}  # fmt: skip
    with served.sign_in() as client:
        made = client.post("/api/v1/incidents", json=report, headers={"idempotency-key": str(uuid.uuid4())}).json()
        base = f"/api/v1/incidents/{made['incident_id']}"
        asked = {"form": "incident", "channel": "written"}
        drafts = {
            language: client.get(f"{base}/reports/draft", params={**asked, "language": language}).json()
            for language in ("zh", "en")
        }
        entries = client.get(f"{base}/entries").json()
    assert title in drafts["zh"]["title"]
    assert "演练储运二库: roll-call not answered" in drafts["en"]["title"] and title not in str(drafts["en"])
    assert title in str(entries) and "roll-call" not in str(entries)


def test_the_interface_and_the_phone_get_both_and_what_was_recorded(served: Any) -> None:
    title, english = "测点离线 20 个", "20 points silent"
    place, in_english = "20 个测点 · 演练化工园区", "20 points · 演练化工园区"
    report = {"title": title, "longitude": 118.71, "latitude": 31.41, "occurred_at": "2026-11-22T08:00:00+08:00",
              "division_code": "990102", "place": place}  # fmt: skip
    order = {"unit_id": "DW-001", "unit_name": "演练化工园区救援站", "text": "查看网关", "issue": True}
    with served.sign_in() as client, served.sign_in("field") as team:

        def key() -> dict[str, str]:
            return {"idempotency-key": str(uuid.uuid4())}

        made = client.post("/api/v1/incidents", json=report, headers=key()).json()["incident_id"]
        assert client.post(f"/api/v1/incidents/{made}/orders", json=order, headers=key()).status_code == 201
        told = [
            next(one for one in client.get("/api/v1/incidents").json()["incidents"] if one["incident_id"] == made),
            client.get(f"/api/v1/incidents/{made}").json(),
            client.get(f"/api/v1/incidents/{made}/situation").json(),
            next(one for one in team.get("/api/v1/field").json()["incidents"] if one["incident_id"] == made),
        ]
    for one in told:
        assert one["title"] == one["titles"]["zh"] == title and one["titles"]["en"] == english
        assert one["place_text"] == one["place_texts"]["zh"] == place and one["place_texts"]["en"] == in_english
