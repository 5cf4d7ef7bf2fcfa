"""Does a click on a risk colour, and the interface, give the whole rule, working and state in both languages?"""

from typing import Any

import pytest
from sqlalchemy import text

from command_ui.console.ground import Ground
from command_ui.words import say
from command_ui.words.risk import RISK
from gis.database import Caller, Database
from layers import risk

DRILL = Caller("loader", "990100", "990200", "drill")


@pytest.fixture(scope="module")
def ground(database: Database) -> Ground:
    """The sample city as the duty desk sees it."""
    from layers.sample.city import generate
    from layers.sample.load import load

    with database.transaction(DRILL) as connection:
        load(connection, generate())
    return Ground(database, DRILL)


def test_the_legend_says_the_bounds_of_the_rule() -> None:
    for colour, least in risk.LEAST:
        bound = f"≥{least:g}" if least else "0"
        assert all(words.endswith(bound) for words in RISK[f"risk.level.{colour}"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_card_of_a_unit_says_rule_working_and_state(ground: Ground, language: Any) -> None:
    card = ground.dossier("risk_unit", "WX-001", language)
    why, english = card["risk"], language == "en"
    assert [step["bound"] for step in why["steps"]] == (
        ["≥ 100", "≥ 50", "≥ 10", "> 0", "S < 1"] if english else ["≥ 100", "≥ 50", "≥ 10", "＞ 0", "S ＜ 1"]
    )
    assert [step["word"] for step in why["steps"] if step["applies"]] == [
        "considerable · orange" if english else "较大 · 橙"
    ]
    told = " ".join(line["text"] for line in why["lines"])
    for wanted in ("40 t ÷ 5 t", "4 × 8", "2 × 32", "64 ≥ 50 →"):
        assert wanted in told, wanted
    assert {line["table"] for line in why["lines"]} >= {"1", "3", "5", "6"}
    said = " ".join(note["text"] for note in why["notes"])
    for wanted in ("GB 18218-2018", "one source, to be checked" if english else "单一来源，待核对", "演练数据"):
        assert wanted in said, wanted
    titles = {field["title"] for field in card["fields"]}
    assert not titles & {"分值", "Score", "四色风险", "Four-colour risk"}, "said once, in the explanation"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_card_of_an_enterprise_says_that_its_colour_is_the_registered_one(
    ground: Ground, database: Database, language: Any
) -> None:
    """And what it adds to its square and township, by the same weights as those cards."""
    with database.transaction(DRILL) as connection:
        rows = connection.execute(
            text(
                "SELECT DISTINCT ON (risk_level) id, risk_level FROM layers.enterprise"
                " WHERE superseded_at IS NULL AND valid_to IS NULL AND risk_level IS NOT NULL ORDER BY risk_level, id"
            )
        ).all()
    assert {level for _, level in rows} == {1, 2, 3, 4}
    for row_id, level in rows:
        card = ground.dossier("four_colour", row_id, language)
        why = card["risk"]
        (holds,) = [step for step in why["steps"] if step["applies"]]
        assert holds["colour"] == why["colour"] == level and holds["word"] == why["word"] and len(why["steps"]) == 5
        (counts,) = why["lines"]
        weight = dict(risk.WEIGHTS).get(level)
        nothing = "不计入" in counts["text"] or "Adds nothing" in counts["text"]
        assert nothing is (weight is None) and (weight is None or f" {weight}" in counts["text"])
        assert not {field["title"] for field in card["fields"]} & {"四色风险", "Four-colour risk"}


def test_the_card_of_an_area_names_and_links_what_it_counts(ground: Ground, database: Database) -> None:
    with database.transaction(DRILL) as connection:
        for kind in ("grid", "township"):
            found = next(one for one in risk.coloured(connection, kind) if not one.working.startswith("ΣR 0 "))
            why = ground.dossier(f"risk_{kind}", found.id, "zh")["risk"]
            added = sum(float(part["adds"]) for part in why["units"] + why["firms"])
            assert added == pytest.approx(found.score) and len(why["steps"]) == 5
            for part in (why["units"][0], why["firms"][0]):
                assert ground.dossier(part["layer"], part["id"], "zh")["name"] == part["name"], "it leads somewhere"
        bare = next(one for one in risk.coloured(connection, "township") if one.score == 0)
    why = ground.dossier("risk_township", bare.id, "zh")["risk"]
    assert (why["colour"], why["word"], why["units"], why["firms"]) == (None, "不着色", [], [])
    assert "没有重大危险源单元" in why["lines"][0]["text"]
    assert ground.dossier("hazard_source", "WX-001", "zh")["risk"] is None


def test_what_nobody_has_worked_out_is_not_called_unconnected(ground: Ground) -> None:
    layers = {one["key"]: one for one in ground.layers("zh")}
    assert layers["risk_contour"]["state"] == "undone" and layers["risk_contour"]["connected"]
    assert layers["earthquake"]["state"] == "none" and not layers["earthquake"]["connected"]
    assert say("state.undone", "zh") == "尚未计算" and "计算个人风险" in say("drawer.undone", "zh")
    assert say("data.risk.start", "zh") in say("drawer.undone", "zh"), "the hint names the button as it is"


def test_only_who_may_not_see_everything_has_the_hatch_in_his_legend(database: Database, ground: Ground) -> None:
    county = Ground(database, Caller("county", "990102", "990103", "drill"))
    told = [{one["key"] for one in each.layers("zh") if one["unseen"]} for each in (ground, county)]
    assert told == [set(), {"risk_grid", "risk_township"}]


def test_a_county_hears_that_a_neighbours_blank_is_not_known(database: Database, ground: Ground) -> None:
    county = Ground(database, Caller("county", "990102", "990103", "drill"))
    with database.transaction(DRILL) as connection:
        red = next(one for one in risk.coloured(connection, "township") if one.id.startswith("990105"))
    card = county.dossier("risk_township", red.id, "zh")
    why = card["risk"]
    assert "最近防护目标" not in {field["title"] for field in card["fields"]}, "the nearest may be one it cannot see"
    assert (why["word"], why["score"], why["lines"]) == ("不可见", "", [])
    assert why["notes"][0]["warn"] and "不表示无风险" in why["notes"][0]["text"]


def test_the_interface_says_the_same(served: Any, ground: Ground) -> None:
    with served.sign_in() as client:
        told = client.get("/api/v1/risk/unit/WX-001").json()
        assert (told["rule"], told["score"], told["colour"], told["agrees"]) == ("onemap-risk-1", 64.0, 2, True)
        card = ground.dossier("risk_unit", "WX-001", "en")["risk"]
        assert [line["text_en"] for line in told["lines"]] == [line["text"] for line in card["lines"]]
        assert [step["value"] for step in told["steps"]] == [100, 50, 10, 0, 1]
        assert client.get("/api/v1/risk/unit/nothing").status_code == 404
        assert client.get("/api/v1/risk/street/x").status_code == 422
