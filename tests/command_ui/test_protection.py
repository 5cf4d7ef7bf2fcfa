"""Does the table of the protection scheme say what the tests say, and nothing more?"""

import ast

import pytest

from command_ui import protection


@pytest.mark.parametrize("language", sorted(protection.CHAPTERS))
def test_the_chapter_is_what_the_marks_say(language: str) -> None:
    written = protection.CHAPTERS[language].read_text(encoding="utf-8")
    assert written == protection.chapter(language), "run `python -m command_ui.protection`"


def test_every_mark_names_a_control_and_every_feature_has_a_test() -> None:
    tests = protection.shown_by()
    assert set(tests) <= set(protection.CONTROLS)
    claimed = {number for number, (_, feature, _) in protection.CONTROLS.items() if feature}
    assert claimed <= set(tests), "a feature is claimed that no test shows"


def test_a_claim_without_its_test_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    # The planted fault: a control claimed by hand that no test is marked with.
    shown = protection.shown_by()
    bare = next(number for number in protection.CONTROLS if number not in shown)
    planted = {**protection.CONTROLS, bare: ("恶意代码防范", "查杀", "")}
    monkeypatch.setattr(protection, "CONTROLS", planted)
    claimed = {number for number, (_, feature, _) in protection.CONTROLS.items() if feature}
    assert not claimed <= set(shown)


@pytest.mark.parametrize(
    ("extra", "counted"), [("", ["01"]), ("@pytest.mark.skip", []), ("@pytest.mark.xfail(x=1)", [])]
)
def test_a_test_that_does_not_run_shows_nothing(extra: str, counted: list[str]) -> None:
    (node,) = ast.parse(f'{extra}\n@pytest.mark.protection("01")\ndef test_x(): pass').body
    assert isinstance(node, ast.FunctionDef)
    assert list(protection._marks(node)) == counted
