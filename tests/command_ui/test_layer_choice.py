"""Does a person's choice of layers stay theirs, over pages and sign-ins, and is nonsense left out?"""

import asyncio
from pathlib import Path

from command_ui.console.layer_choice import LayerChoice
from command_ui.console.preferences import Preferences


def test_a_choice_is_kept_for_one_person_beside_the_others(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    duty, other = LayerChoice(kept, "duty"), LayerChoice(kept, "other")
    asyncio.run(duty.acts()["layer_choice"]({"changes": {"shelter": {"shown": True, "opacity": 0.4}}}))
    asyncio.run(duty.acts()["layer_choice"]({"changes": {"camera": {"shown": False, "opacity": 1}}}))
    kept.keep("duty", theme="light")
    assert LayerChoice(Preferences(tmp_path), "duty").read() == {
        "shelter": {"shown": True, "opacity": 0.4},
        "camera": {"shown": False, "opacity": 1.0},
    }
    assert other.read() == {}


def test_what_names_no_layer_or_is_out_of_range_is_left_out(tmp_path: Path) -> None:
    choice = LayerChoice(Preferences(tmp_path), "duty")
    odd = {
        "nothing": {"shown": True, "opacity": 1},
        "shelter": {"shown": "yes", "opacity": 1},
        "camera": {"shown": True, "opacity": 7},
        "store": [],
        "equipment": {"shown": True, "opacity": True},
        "expert": {"shown": True},
    }
    asyncio.run(choice.acts()["layer_choice"]({"changes": odd}))
    asyncio.run(choice.acts()["layer_choice"]({"changes": "x"}))
    assert choice.read() == {"expert": {"shown": True, "opacity": 1.0}}


def test_the_filter_of_a_layer_is_kept_where_the_layer_can_be_asked_for_it(tmp_path: Path) -> None:
    choice = LayerChoice(Preferences(tmp_path), "duty")
    shown = {"shown": True, "opacity": 1.0}
    said = {
        "enterprise": ["people>=100", "*化工"],
        "shelter": ["nothing=1"],
        "camera": "status=live",
        "rescue_team": ["duty_phone=13800000000"],
        "store": ["*a", "*b"],
        "equipment": [],
    }
    changes = {key: {**shown, "only": only} for key, only in said.items()}
    asyncio.run(choice.acts()["layer_choice"]({"changes": changes}))
    assert choice.read() == {**dict.fromkeys(said, shown), "enterprise": {**shown, "only": ["people>=100", "*化工"]}}
    asyncio.run(choice.acts()["layer_choice"]({"changes": {"enterprise": {**shown, "only": []}}}))
    assert choice.read()["enterprise"] == shown
