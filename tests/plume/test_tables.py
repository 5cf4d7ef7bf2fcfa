"""Do the committed tables hold what the reference tables hold, status included?"""

import csv
from pathlib import Path
from typing import get_args

import pytest

from gis.errors import InputError, MissingError
from gis.provenance import Trust
from plume import criteria, probit, substances

STATUS = {"2": "two_sources", "1": "one_source", "u": "unverified", "d": "derived", "s": "sources_differ"}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def status_of(text: str) -> str:
    if "unverified AEGL" in text:
        return "unverified"
    return STATUS[text[0].lower()]


def test_aegl_cell_by_cell(shared_data: Path) -> None:
    ours = {(row["cas"], row["level"], row["minutes"]): row for row in substances.read_table("aegl.csv")}
    reference = rows_of(shared_data / "plume" / "aegl.csv")
    assert len(ours) == len(reference)
    for row in reference:
        cell = ours[row["cas"], row["level"], row["minutes"]]
        assert cell["ppm"] == (row["ppm"] or row["note"]), row
        assert cell["status"] == status_of(row["status"]), row


def test_other_criteria_cell_by_cell(shared_data: Path) -> None:
    ours = {(row["cas"], row["criterion"], row["level"]): row for row in substances.read_table("criteria.csv")}
    count = 0
    for row in rows_of(shared_data / "plume" / "toxic_flammable_criteria.csv"):
        cells = {
            **{("ERPG", str(i)): (row[f"erpg{i}"], row["erpg_status"]) for i in (1, 2, 3)},
            **{("PAC", str(i)): (row[f"pac{i}"], row["pac_status"]) for i in (1, 2, 3)},
            ("IDLH", "1"): (row["idlh_ppm"], row["idlh_status"]),
            ("IDLH_ALT", "1"): (row["idlh_alt"], row["idlh_status"]),
            **{
                (f"{edge}_{name.upper()}", "1"): (row[f"{column}_{name}"], row["flammable_status"])
                for name in ("iec", "nfpa", "cameo")
                for edge, column in (("LEL", "lfl"), ("UEL", "ufl"))
            },
            **{("HJ169", str(i)): (row[f"hj169_H1_endpoint{i}_mg_m3_derived"], row["hj169_status"]) for i in (1, 2)},
        }
        for (criterion, level), (value, status) in cells.items():
            cell = ours.get((row["cas"], criterion, level))
            assert (cell is None) == (value == ""), (row["substance"], criterion, level)
            if cell:
                count += 1
                assert float(cell["value"]) == float(value)
                contradicted = (row["cas"], criterion, level) == ("7664-41-7", "PAC", "2")
                assert cell["status"] == ("sources_differ" if contradicted else status_of(status)), (row, criterion)
    assert count == len(ours)


def test_probits_cell_by_cell(shared_data: Path) -> None:
    for row in rows_of(shared_data / "plume" / "probits.csv"):
        if not row["kind"].startswith("toxic fatality "):
            continue
        ours = probit.need(substances.find(row["kind"].removeprefix("toxic fatality ")))
        assert (ours.a, ours.b, ours.n) == (float(row["a_or_formula"]), float(row["b"]), float(row["n"]))
        assert ours.trust == "unverified"


def test_molar_masses_agree_with_the_reference(shared_data: Path) -> None:
    for row in rows_of(shared_data / "plume" / "toxic_flammable_criteria.csv"):
        assert substances.find(row["cas"]).molar_mass_kg_mol * 1000 == pytest.approx(float(row["mw"]), rel=1e-3)


def test_every_status_is_a_trust_code_and_every_row_has_a_source() -> None:
    for name in ("substances.csv", "aegl.csv", "criteria.csv", "probits.csv"):
        for row in substances.read_table(name):
            assert row["status"] in get_args(Trust), row
            assert row["source"], row


@pytest.mark.parametrize(
    "text", ["chlorine", "Chlorine ", "氯", "液氯", "7782-50-5", "1017", "UN1017", "un 1017", "Cl2"]
)
def test_one_substance_answers_to_many_names(text: str) -> None:
    assert substances.find(text).cas == "7782-50-5"


def test_names_belong_to_one_substance_each() -> None:
    names = [name.lower() for one in substances.known() for name in (*one.names, one.cas, one.un)]
    assert len(names) == len(set(names))


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="nearest: ammonia"):
        substances.find("amonia")


def test_a_set_of_levels_holds_one_duration_that_follows_the_exposure() -> None:
    """plume.md 7, line 24: deepsafety mixed 10-min values into a 60-min set."""
    chlorine = substances.find("chlorine")
    for averaging_s, minutes, third in ((600, 10, 50.0), (1800, 30, 28.0), (3600, 60, 20.0), (28_800, 480, 7.1)):
        rows = criteria.levels_of("AEGL", chlorine, averaging_s).rows
        assert {row.minutes for row in rows} == {minutes}
        assert rows[0].value == third


def test_a_missing_level_is_missing_and_said() -> None:
    levels = criteria.levels_of("AEGL", substances.find("phosgene"), 3600)
    assert [row.level for row in levels.rows] == [3, 2]
    assert "level_missing:AEGL-1" in levels.notes
    with pytest.raises(InputError, match="no AEGL value for methane; use PAC"):
        criteria.levels_of("AEGL", substances.find("methane"), 3600)


def test_an_unverified_level_says_so() -> None:
    levels = criteria.levels_of("AEGL", substances.find("hydrogen chloride"), 3600)
    assert {row.trust for row in levels.rows} == {"unverified"}
    assert "level_unverified:AEGL-3" in levels.notes


def test_the_contradicted_ammonia_pac_is_withheld() -> None:
    levels = criteria.levels_of("PAC", substances.find("ammonia"), 3600)
    assert [row.level for row in levels.rows] == [3, 1]
    assert "level_withheld:PAC-2" in levels.notes


def test_own_levels_are_ranked_by_concentration() -> None:
    levels = criteria.own_levels([("low", 1.0, "ppm"), ("high", 100.0, "mg/m3"), ("mid", 0.00001, "fraction")], 0.0709)
    assert [(row.name, row.level) for row in levels.rows] == [("high", 3), ("mid", 2), ("low", 1)]
    assert criteria.own_levels([("X-2", 5.0, "ppm")], 0.07).rows[0].level == 2


def test_no_probit_is_an_answer_not_a_guess() -> None:
    with pytest.raises(MissingError, match="toxic probit"):
        probit.need(substances.find("benzene"))


def test_probit_of_five_is_half() -> None:
    assert float(probit.share_of(5.0)) == pytest.approx(0.5)
    assert float(probit.share_of(7.33)) == pytest.approx(0.99, abs=1e-3)
    assert float(probit.fatality(0.0, probit.need(substances.find("chlorine")))) == 0.0
