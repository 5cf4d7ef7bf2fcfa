"""Does a level nobody has verified say so on every sheet: briefing, print, report, its map, and the alert?"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from shapely.geometry import box, mapping

from command_ui.console.theme import colours
from command_ui.mapprint import subjects
from command_ui.mapprint.page_frame import PageFrame
from command_ui.mapprint.pen import Pen
from command_ui.mapprint.subjects import Sheet
from command_ui.reports import picture, warning
from command_ui.reports.fonts import faces
from command_ui.reports.paper import compose_fields
from command_ui.words import Language, say
from command_ui.words.trust import marked
from gis.crs import LonLat
from gis.errors import UnavailableError
from scenarios.events import Entry, Event, HazardForecast, IncidentReported, payload_of
from scenarios.reports.filling import fill
from scenarios.situation import Situation, situation_at

AT = datetime(2026, 11, 24, 6, tzinfo=UTC)
LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
ZONES = [
    {"level": 3, "name": "PAC-3", "threshold": 100.0, "unit": "ppm", "reach_m": 300.0, "trust": "unverified",
     "geometry": mapping(box(118.700, 31.400, 118.703, 31.403)), "label_at": [118.7015, 31.4015]},
    {"level": 2, "name": "PAC-2", "threshold": 22.0, "unit": "ppm", "reach_m": 900.0, "trust": "one_source",
     "geometry": mapping(box(118.700, 31.400, 118.709, 31.409)), "label_at": [118.708, 31.408]},
]  # fmt: skip
SCENE: dict[str, Any] = {
    "incident": {"longitude": 118.7, "latitude": 31.4, "title": "演练", "place": "演练园区", "number": "YL-1"},
    "zones": ZONES,
}


@pytest.fixture(scope="module")
def known() -> Situation:
    """An incident with the zones as the log holds them."""
    features = [
        {"type": "Feature", "geometry": one["geometry"],
         "properties": {**{key: one[key] for key in ("level", "threshold", "unit", "reach_m", "trust")},
                        "level_name": one["name"]}}
        for one in ZONES
    ]  # fmt: skip
    events: tuple[Event, ...] = (
        IncidentReported("演练泄漏", 118.7, 31.4, AT, AT, "alarm", "演练园区", "990102", "hazmat_leak", "演练", "", {}),
        HazardForecast(
            run_id="R-1", status="ok", seconds=0.1, provenance={"version": "1"}, case={},
            zones={"type": "FeatureCollection", "features": features}, envelope=None,
            summary={"model": "dense", "substance_zh": "演练物质"}, notes=(),
        ),
    )  # fmt: skip
    return situation_at(
        Entry(UUID(int=3), n, one.code, "演练", None, AT + timedelta(minutes=n), payload_of(one), (), "", f"{n:064x}")
        for n, one in enumerate(events, 1)
    )


def only_the_first(texts: list[str], language: Language) -> bool:
    """The mark stands behind PAC-3 and nowhere behind PAC-2."""
    mark = say("trust.unverified", language)
    high, low = ([one for one in texts if name in one] for name in ("PAC-3", "PAC-2"))
    return bool(high and low) and all(mark in one for one in high) and not any(mark in one for one in low)


@LANGUAGES
def test_a_name_is_marked_only_where_it_is_unverified(language: Language) -> None:
    assert marked("PAC-3", "unverified", language) == f"PAC-3 ({say('trust.unverified', language)})"
    for trust in ("one_source", "two_sources", "measured", "derived", None):
        assert marked("PAC-3", trust, language) == "PAC-3"


@LANGUAGES
def test_the_printed_map_marks_legend_and_label(language: Language) -> None:
    frame = PageFrame("A4", LonLat(118.705, 31.405), 25_000)
    sheet = Sheet(Pen(frame.size_pt, None, frozenset(), "演练"), frame, colours("light"), language)
    subjects.draw(sheet, SCENE)
    assert only_the_first(list(sheet.legend), language)
    assert only_the_first([text for _, text, *_ in sheet.words], language)


@LANGUAGES
def test_the_map_of_a_report_marks_its_legend(language: Language) -> None:
    try:
        found = faces()
    except UnavailableError as none:
        pytest.skip(str(none))
    page = picture._Page(SCENE, found, language)
    page.zones()
    assert only_the_first(list(page.legend), language)


@LANGUAGES
def test_the_report_says_it_in_its_sentence(known: Situation, language: Language) -> None:
    fields = compose_fields(fill(known, "incident", "first", None), {}, language, None)
    lines = [line for field in fields for line in field.text.splitlines()]
    assert only_the_first([line for line in lines if "PAC-" in line], language)


@LANGUAGES
def test_the_alert_says_it_in_the_name_of_its_area(known: Situation, language: Language) -> None:
    assert only_the_first([area.description for area in warning._areas(known, language)], language)
