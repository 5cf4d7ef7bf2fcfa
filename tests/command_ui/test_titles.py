"""Is a title the house made of an alarm said in the reader's language, and one that a person wrote left alone?"""

import pytest

from command_ui.words.titles import both, place_in, title_in


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
