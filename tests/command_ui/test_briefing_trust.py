"""Does a level nobody has verified say so on the sheet for people outside, and are its limits said in words?"""

import pytest

from command_ui.briefing.facts import facts
from command_ui.words import Language, say

SCENE = {
    "incident": {"place": "演练化工一厂", "weather": {}},
    "run": {"short": "R-1", "at": "2026-11-22T09:30:00+08:00"},
    "zones": [
        {"level": 3, "name": "AEGL-3", "threshold": 100.0, "unit": "ppm", "reach_m": 300.0, "trust": "unverified"},
        {"level": 2, "name": "AEGL-2", "threshold": 22.0, "unit": "ppm", "reach_m": 900.0, "trust": "one_source"},
    ],
    "exposure": {
        "bands": [{"level": 3, "day": 10, "night": 20}, {"level": 2, "day": 30, "night": 40}],
        "total_day": 40,
        "total_night": 60,
    },
    "basis": {
        "model": "dense",
        "version": "1",
        "inputs": [],
        "notes": [{"code": "level_withheld", "values": {"value": "PAC-2"}}, {"code": "no_terrain", "values": {}}],
        "fingerprint": "ab",
        "unverified": True,
    },
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_unverified_level_and_the_limits_are_said_in_words(language: Language) -> None:
    html = facts(SCENE, language)
    mark = say("trust.unverified", language)
    assert f"AEGL-3 ({mark})" in html
    assert f"AEGL-2 ({mark})" not in html
    assert say("brief.unverified", language) in html
    assert say("note.no_terrain", language) in html and ">no_terrain<" not in html
    assert say("note.level_withheld", language, value="PAC-2") in html
